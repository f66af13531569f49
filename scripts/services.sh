# A PostgreSQL cluster and a Redis server of our own for ./check: in a temporary folder, on free ports, gone afterwards.
# shellcheck shell=bash
# shellcheck disable=SC2034  # read by ./check

SERVICES=""
POSTGRES_URL=""
REDIS_URL_FOR_TESTS=""
REDIS_PID=""

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

# PostgreSQL refuses to run as root; its own account is there with the package.
as_postgres() {
  if [ "$(id -u)" -eq 0 ]; then (cd / && runuser -u postgres -- "$@"); else (cd / && "$@"); fi
}

postgres_program() { printf '%s/%s' "$(find /usr/lib/postgresql -maxdepth 2 -name bin | sort -V | tail -n 1)" "$1"; }

start_services() {
  SERVICES=$(mktemp -d) && chmod 755 "$SERVICES" && start_postgres "$(free_port)" && start_redis "$(free_port)"
}

start_postgres() {
  mkdir "$SERVICES/pg"
  [ "$(id -u)" -ne 0 ] || chown postgres "$SERVICES/pg"
  as_postgres "$(postgres_program initdb)" -D "$SERVICES/pg/data" -U maturity -A trust -E UTF8 --locale=C.UTF-8 \
    >/dev/null || return 1
  as_postgres "$(postgres_program pg_ctl)" -s -w -D "$SERVICES/pg/data" -l "$SERVICES/pg/log" \
    -o "-p $1 -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off" start || return 1
  POSTGRES_URL="postgresql+psycopg://maturity@127.0.0.1:$1/postgres"
}

start_redis() {
  redis-server --port "$1" --bind 127.0.0.1 --save "" --dir "$SERVICES" >"$SERVICES/redis.log" 2>&1 &
  REDIS_PID=$!
  REDIS_URL_FOR_TESTS="redis://127.0.0.1:$1/0"
  for _ in {1..100}; do
    [ "$(redis-cli -p "$1" ping 2>/dev/null)" = PONG ] && return 0
    sleep 0.1
  done
  cat "$SERVICES/redis.log" >&2
  return 1
}

stop_services() {
  [ -z "$REDIS_PID" ] || kill "$REDIS_PID" 2>/dev/null
  [ ! -d "$SERVICES/pg/data" ] ||
    as_postgres "$(postgres_program pg_ctl)" -s -m immediate -D "$SERVICES/pg/data" stop >/dev/null 2>&1
  [ -z "$SERVICES" ] || rm -rf "$SERVICES"
}
