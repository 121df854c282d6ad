#!/bin/sh
# Runs a command on a PostgreSQL server of its own, whose address becomes the last argument. The server keeps what it
# acknowledges, as one in service does, and listens on a socket alone.
# Usage: with-postgresql.sh COMMAND [ARGUMENT...]
set -eu
programs=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
folder=$(mktemp -d)
# PostgreSQL refuses to run as root.
as=''
if [ "$(id -u)" = 0 ]; then
    chown postgres "$folder"
    as='setpriv --reuid postgres --regid postgres --clear-groups --'
fi
server=''
stop() {
    [ -z "$server" ] || { kill -INT "$server" && wait "$server"; } 2>/dev/null || true
    rm -rf "$folder"
}
trap stop EXIT
trap 'exit 130' INT TERM
$as "$programs/initdb" --pgdata "$folder/data" --username postgres --auth trust --locale=C --encoding=UTF8 >"$folder/log" ||
    { cat "$folder/log" >&2; exit 1; }
$as "$programs/postgres" -D "$folder/data" -k "$folder" -c listen_addresses= >"$folder/log" 2>&1 &
server=$!
tries=0
until "$programs/pg_isready" -q -h "$folder"; do
    tries=$((tries + 1))
    [ $tries -lt 300 ] && kill -0 "$server" 2>/dev/null || { cat "$folder/log" >&2; exit 1; }
    sleep 0.1
done
"$@" "postgresql:///postgres?host=$folder&user=postgres"
