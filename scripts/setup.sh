# Functions for ./run and ./check: bring what is missing, once, and say plainly what cannot be brought.
# shellcheck shell=bash

RUNTIME_PACKAGES=(libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fontconfig fonts-noto-cjk)
CHECK_PACKAGES=(postgresql redis-server chromium poppler-utils)

INSTALLED_SOMETHING=no

say() { printf '%s\n' "$*"; }
die() { printf '%s\n' "$*" >&2; exit 1; }

# The packages of the arguments that are not installed.
missing_packages() {
  local name
  for name in "$@"; do
    dpkg-query -W -f '${Status}' "$name" 2>/dev/null | grep -q 'ok installed' || printf '%s\n' "$name"
  done
}

as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"
  elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then sudo "$@"
  else return 100
  fi
}

ensure_packages() {
  local missing
  command -v dpkg-query >/dev/null || die "This needs Debian or Ubuntu. Elsewhere install by hand what provides: $*"
  mapfile -t missing < <(missing_packages "$@")
  [ "${#missing[@]}" -eq 0 ] && return 0
  if ! as_root true; then
    die "These packages are missing and this account may not install them: ${missing[*]}
Ask an administrator to run: apt-get install --no-install-recommends ${missing[*]}"
  fi
  say "Installing ${missing[*]} …"
  INSTALLED_SOMETHING=yes
  as_root apt-get update -qq || die "The package lists could not be fetched. Check the network and run this again."
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null ||
    die "apt-get could not install: ${missing[*]}"
}

ensure_python() {
  command -v python3 >/dev/null || ensure_packages python3
  python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    die "Python 3.11 or newer is needed; this is $(python3 --version)."
  python3 -c 'import ensurepip, venv' 2>/dev/null || ensure_packages python3-venv
}

# ensure_requirements FILE: install it into .venv unless this very file is installed already. The stamp is written
# last, so an interrupted installation is done again.
ensure_requirements() {
  local file=$1 stamp wanted
  wanted=$(sha256sum requirements*.txt | sha256sum | cut -c1-20)
  stamp=.venv/.installed-$(basename "$file")
  if [ ! -x .venv/bin/python ]; then
    rm -rf .venv
    python3 -m venv .venv
  fi
  [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ] && return 0
  say "Installing Python packages from $file …"
  INSTALLED_SOMETHING=yes
  if ! .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-input -r "$file" 2>.venv/pip.log; then
    tail -n 15 .venv/pip.log >&2
    die "pip could not install $file. Check the network and run this again."
  fi
  printf '%s' "$wanted" > "$stamp"
}

compile_translations() {
  local catalogue
  for catalogue in maturity/translations/*/LC_MESSAGES/messages.po; do
    [ -e "${catalogue%.po}.mo" ] && [ "${catalogue%.po}.mo" -nt "$catalogue" ] && continue
    .venv/bin/pybabel -q compile -d maturity/translations 2>/dev/null || die "The translations could not be compiled."
    return 0
  done
}
