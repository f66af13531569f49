#!/usr/bin/env bash
# Scan the running site with Wapiti, as nobody and signed in as a manufacturer: scripts/scan_site.sh [--minutes N] [--keep FOLDER]
# Starts a site of its own (production, TLS, small demonstration), scans it, holds every finding against
# scripts/scan_explained.json, and ends with 1 where one is not explained there. Takes about N minutes, 40 by default.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
. scripts/setup.sh
. scripts/services.sh

WAPITI=wapiti3==3.2.3
# Left out: log4shell, shellshock, spring4shell, wp_enum, cms and network_device are for other software; ssrf, takeover
# and the remote half of xxe need a machine outside that calls back; nikto, wapp and htp download their databases;
# buster guesses names of folders that a route table cannot have; ssl judges the certificate of the proxy.
MODULES=backup,cookieflags,crlf,csp,csrf,exec,file,htaccess,http_headers,https_redirect,ldap,methods,permanentxss,redirect,sql,timesql,upload,xss
MINUTES=40
KEEP=""
while [ $# -gt 0 ]; do
  case "$1" in
    --minutes) MINUTES=$2; shift 2 ;;
    --keep) KEEP=$2; shift 2 ;;
    *) die "usage: scripts/scan_site.sh [--minutes N] [--keep FOLDER]" ;;
  esac
done

WORK=$(mktemp -d)
STORE=$(mktemp -d -p /dev/shm 2>/dev/null || mktemp -d) # Wapiti gives up when its own database is slow
PIDS=()
# shellcheck disable=SC2317  # called by the trap
clean_up() {
  [ "${#PIDS[@]}" -eq 0 ] || kill "${PIDS[@]}" 2>/dev/null || true
  [ -z "$KEEP" ] || { mkdir -p "$KEEP" && cp -f "$WORK"/*.json "$WORK"/*.log "$KEEP"/ 2>/dev/null; } || true
  rm -rf "$WORK" "$STORE"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

SCANNER=${SCANNER:-$WORK/scanner}
if [ ! -x "$SCANNER/bin/wapiti" ]; then
  say "Installing $WAPITI …"
  python3 -m venv "$SCANNER"
  "$SCANNER/bin/python" -m pip install --quiet --disable-pip-version-check "$WAPITI"
fi

PORT=$(free_port)
SITE=https://localhost:$PORT
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -keyout "$WORK/key.pem" -out "$WORK/cert.pem" 2>/dev/null
export MATURITY_ENV=production MATURITY_DATA=$WORK/data DATABASE_URL=sqlite:///$WORK/data/maturity.db MATURITY_SITE_URL=$SITE
MATURITY_SECRET_KEY=$(openssl rand -hex 32) && MATURITY_PASSWORD_SALT=$(openssl rand -hex 32)
export MATURITY_SECRET_KEY MATURITY_PASSWORD_SALT
mkdir -p "$MATURITY_DATA"
{ .venv/bin/flask db upgrade && .venv/bin/flask seed --small --with-demonstration; } >"$WORK/site.log" 2>&1 ||
  { tail -n 20 "$WORK/site.log" >&2; die "The site could not be prepared; what was said stands above."; }
.venv/bin/gunicorn --config scripts/gunicorn_settings.py --certfile "$WORK/cert.pem" --keyfile "$WORK/key.pem" \
  --bind "127.0.0.1:$PORT" wsgi:app >>"$WORK/site.log" 2>&1 &
PIDS+=($!)
.venv/bin/flask worker >"$WORK/worker.log" 2>&1 &
PIDS+=($!)

COOKIE=$(.venv/bin/python scripts/scan_report.py sign-in "$SITE" "$WORK/cert.pem")
# One question stands for all: each has the same pages.
EXCLUDED=(-x "$SITE/sign-out*" -x "$SITE/static/*" -x "$SITE/account/devices/*")
for letter in {b..z}; do EXCLUDED+=(-x "$SITE/t/*/questions/$letter*" -x "$SITE/t/*/answers/$letter*"); done
ATTACK=$((MINUTES * 60 * 3 / 8 / 18 + 1))
CRAWL=$((MINUTES * 60 / 8))
# Wapiti's own database sometimes locks itself out; what it has found is kept, and another go goes on from there.
scan() {
  local name=$1 go
  shift
  say "Scanning as $name …"
  for go in 1 2 3 4; do
    if "$SCANNER/bin/wapiti" -u "$SITE/" --scope domain -m "$MODULES" -f json -o "$WORK/$name.json" -dr 1 \
      --store-session "$STORE/$name" --no-bugreport --verify-ssl 0 -v 1 -t 20 -d 8 -r lang --tasks 4 \
      --max-links-per-page 60 --max-files-per-dir 8 --max-parameters 40 --max-scan-time "$CRAWL" \
      --max-attack-time "$ATTACK" "${EXCLUDED[@]}" "$@" >"$WORK/$name-$go.log" 2>&1; then
      [ -s "$WORK/$name.json" ] && return 0
    fi
  done
  tail -n 20 "$WORK/$name-$go.log" >&2
  die "Wapiti did not end well; what it said stands above."
}
scan manufacturer -C "$COOKIE" -s "$SITE/home"
scan nobody

if grep -n "unexpected " "$WORK/site.log"; then say "The site answered a request of the scanner with an error of the program."; FAILED=1; fi
.venv/bin/python scripts/scan_report.py judge scripts/scan_explained.json "$WORK/manufacturer.json" "$WORK/nobody.json" || FAILED=1
exit "${FAILED:-0}"
