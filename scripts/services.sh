# A PostgreSQL cluster and a Redis server of our own for ./check: in a temporary folder, on free ports, gone afterwards.
# shellcheck shell=bash

SERVICES=""
POSTGRES_URL=""
REDIS_URL_FOR_TESTS=""
REDIS_PID=""

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

# PostgreSQL refuses to run as root; its own account is there with the package.
as_postgres() {
  if [ "$(id -u)" -eq 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi
}

start_services() {
  local port bin
  SERVICES=$(mktemp -d)
  chmod 755 "$SERVICES"
  bin=$(find /usr/lib/postgresql -maxdepth 2 -name bin | sort -V | tail -n 1)
  port=$(free_port)
  mkdir "$SERVICES/pg"
  [ "$(id -u)" -eq 0 ] && chown postgres "$SERVICES/pg"
  (cd / && as_postgres "$bin/initdb" -D "$SERVICES/pg/data" -U maturity -A trust -E UTF8 --locale=C.UTF-8 >/dev/null) || return 1
  (cd / && as_postgres "$bin/pg_ctl" -s -w -D "$SERVICES/pg/data" -l "$SERVICES/pg/log" \
    -o "-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off" start) || return 1
  POSTGRES_URL="postgresql+psycopg://maturity@127.0.0.1:$port/postgres"
  port=$(free_port)
  redis-server --port "$port" --bind 127.0.0.1 --save "" --dir "$SERVICES" >"$SERVICES/redis.log" 2>&1 &
  REDIS_PID=$!
  REDIS_URL_FOR_TESTS="redis://127.0.0.1:$port/0"
}

stop_services() {
  local bin
  [ -n "$REDIS_PID" ] && kill "$REDIS_PID" 2>/dev/null
  if [ -n "$SERVICES" ] && [ -d "$SERVICES/pg/data" ]; then
    bin=$(find /usr/lib/postgresql -maxdepth 2 -name bin | sort -V | tail -n 1)
    (cd / && as_postgres "$bin/pg_ctl" -s -m immediate -D "$SERVICES/pg/data" stop >/dev/null 2>&1)
  fi
  [ -n "$SERVICES" ] && rm -rf "$SERVICES"
}
