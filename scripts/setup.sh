# Functions for ./run and ./check: bring what is missing, once, and say plainly what cannot be brought.
# shellcheck shell=bash
# shellcheck disable=SC2034  # read by ./run and ./check

BASE_PACKAGES=(ca-certificates)
DOCUMENT_PACKAGES=(libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fontconfig fonts-noto-cjk)
TEST_PACKAGES=(postgresql redis-server chromium poppler-utils qpdf softhsm2 libnss3-tools)
LINT_PACKAGES=(shellcheck)

INSTALLED_SOMETHING=no

say() { printf '%s\n' "$*"; }
die() { printf '%s\n' "$*" >&2; exit 1; }

# One set-up at a time in this folder: ./run beside ./check would install into the same .venv. The lock is the open
# file 9, which must not reach what outlives the set-up, such as a service that apt-get starts.
begin_setup() {
  [ -w . ] || return 0
  exec 9>>.setup.lock
  flock --nonblock 9 && return 0
  say "Another ./run or ./check is setting up in this folder; waiting for it …"
  flock 9
}

end_setup() { exec 9>&-; }

# ensure_python PACKAGE …: a Python new enough. Where there is none, everything missing is named at once.
ensure_python() {
  command -v python3 >/dev/null || ensure_packages python3 "$@"
  python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    die "Python 3.11 or newer is needed and python3 is $(python3 --version 2>&1). Debian 12 and Ubuntu 24.04 bring it."
}

# The packages of the arguments that are not installed, and the one without which there is no virtual environment.
missing_packages() {
  local name
  python3 -c 'import ensurepip, venv' 2>/dev/null || printf 'python3-venv\n'
  for name in "$@"; do
    dpkg-query -W -f '${Status}\n' "$name" 2>/dev/null | grep -qx 'install ok installed' || printf '%s\n' "$name"
  done
}

as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi
}

may_install() { [ "$(id -u)" -eq 0 ] || sudo -n true 2>/dev/null; }

ensure_packages() {
  local missing log
  command -v dpkg-query >/dev/null || die "This needs Debian or Ubuntu. Elsewhere install by hand what provides: $*"
  mapfile -t missing < <(missing_packages "$@")
  [ "${#missing[@]}" -eq 0 ] && return 0
  may_install || die "These Debian packages are missing, and this account may not install them: ${missing[*]}
Run this as root, then start again:
  apt-get update && apt-get install --no-install-recommends ${missing[*]}"
  say "Installing ${missing[*]} …"
  INSTALLED_SOMETHING=yes
  log=$(mktemp)
  if ! install_packages "${missing[@]}" >"$log" 2>&1 9>&-; then
    tail -n 5 "$log" >&2
    rm -f "$log"
    die "apt-get could not install: ${missing[*]}
What it said stands above. Check the network and the package sources (apt-get update), then run this again."
  fi
  rm -f "$log"
}

# An installation that was cut off is finished first; another one that is running (a new machine updates itself) is
# waited for. Old package lists may do, so that a failing source alone is no reason to give up.
install_packages() {
  as_root dpkg --configure -a
  as_root apt-get update -q
  as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -q --no-install-recommends -o DPkg::Lock::Timeout=300 "$@"
}

# A virtual environment that is whole: made to the end, for this Python and in this folder.
venv_works() {
  [ ! -e .venv/.installing ] && .venv/bin/python -c 'import pip' 2>/dev/null &&
    head -n 2 .venv/bin/pip 2>/dev/null | grep -qF "$PWD/.venv/bin/python"
}

# ensure_requirements FILE: install it into .venv unless this very file is installed already. While that is under way
# .venv/.installing is there: what it leaves behind when it is cut off is thrown away and made again.
ensure_requirements() {
  local file=$1 stamp wanted
  wanted=$(sha256sum "$file")
  stamp=.venv/.installed-$file
  venv_works && [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ] && return 0
  [ -w . ] || die "The folder $PWD cannot be written by this account, and what ./run needs is not installed in it yet.
Run this as its owner, or in a clone of your own."
  ensure_room 1500
  venv_works || make_venv
  say "Installing Python packages from $file …"
  INSTALLED_SOMETHING=yes
  touch .venv/.installing
  if ! .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-input -r "$file" >.venv/pip.log 2>&1; then
    sed '/Retrying/d' .venv/pip.log | tail -n 5 >&2
    die "pip could not install $file. What it said stands above. Check the network and run this again."
  fi
  printf '%s\n' "$wanted" >"$stamp"
  # What ./check needs holds what the site needs; a test says so.
  sha256sum requirements.txt >.venv/.installed-requirements.txt
  rm .venv/.installing
}

ensure_room() {
  local free
  free=$(df -Pm . | awk 'NR == 2 { print $4 }')
  [ "$free" -ge "$1" ] || die "Only $free MB are free in $PWD; $1 MB are needed for the Python packages. Make room first."
}

make_venv() {
  rm -rf .venv
  python3 -m venv .venv || die "python3 -m venv could not make $PWD/.venv; what it said stands above."
}

# A catalogue is compiled when it is newer than what was compiled of it.
compile_translations() {
  local catalogue
  for catalogue in maturity/translations/*/LC_MESSAGES/messages.po; do
    [ "${catalogue%.po}.mo" -nt "$catalogue" ] && continue
    .venv/bin/pybabel -q compile -i "$catalogue" -o "$catalogue.new" ||
      die "$catalogue could not be compiled; what pybabel said stands above."
    mv "$catalogue.new" "${catalogue%.po}.mo"
  done
}
