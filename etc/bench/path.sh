#!/bin/bash
# Submissions and assignments per second, and idle memory, of the release build.
# Usage: etc/bench/path.sh DIRECTORY-OF-BINARIES [TICKETS]
set -euo pipefail
bin=$(realpath "$1")
tickets=${2:-1000}
work=$(mktemp -d)
port=$((20000 + RANDOM % 20000))
address=http://localhost:$port
export TF_DATA=$work/var TF_DEFINITIONS=$work/workflows TF_HTTP_BIND=127.0.0.1:$port TF_LOG_LEVEL=error
trap 'kill $(jobs -p) 2>/dev/null; wait; rm -rf "$work"' EXIT

"$bin/tf-web" company add acme --name Acme >/dev/null
"$bin/tf-web" user add uma --name Uma --role user --member acme --password-stdin <<<"a bench password" >/dev/null
"$bin/tf-web" user add tom --name Tom --role ticket_admin --member acme --password-stdin <<<"a bench password" >/dev/null
for n in 0 1 2 3 4 5 6 7 8 9; do
    "$bin/tf-web" user add "w$n" --name "Worker $n" --role task_worker --member acme --password-stdin \
        <<<"some long passphrase" >/dev/null
done
cat >"$work/workflows/acme/thing.ticket.yaml" <<'YAML'
name: Thing
description: Something to do.
title: "${ .form.what }"
body: [{ type: input, id: what, attributes: { label: What }, validations: { required: true } }]
YAML
"$bin/tf-daemon" & daemon=$!
"$bin/tf-web" & web=$!
until curl -sf "$address/healthz" >/dev/null && "$bin/tf-daemon" status >/dev/null; do sleep 0.2; done
sleep 3
memory() { awk '/^Rss/ { rss += $2 } /^Private_Dirty/ { dirty += $2 }
    END { printf "private dirty %.1f MB, RSS %.1f MB", dirty / 1024, rss / 1024 }' "/proc/$1/smaps_rollup"; }
echo "idle tf-daemon: $(memory $daemon)"
echo "idle tf-web:    $(memory $web)"

token() {
    curl -s -H 'Content-Type: application/json' -d "{\"login\":\"$1\",\"password\":\"a bench password\"}" \
        "$address/api/v1/auth/token" | sed 's/.*"access_token":"\([^"]*\)".*/\1/'
}
token=$(token uma)
# One curl process, so many requests at a time, connections kept: the same client for all figures.
seconds() {
    local start=$(date +%s.%N)
    curl -sZ --parallel-max "$1" -K - -o /dev/null
    awk -v a="$start" -v b="$(date +%s.%N)" 'BEGIN { print b - a }'
}
submissions() {
    for n in $(seq "$tickets"); do
        [ "$n" = 1 ] || echo next
        printf 'url = "%s"\nheader = "Authorization: Bearer %s"\nheader = "Content-Type: application/json"\noutput = "/dev/null"\n' \
            "$address/api/v1/companies/acme/tickets" "$token"
        printf 'data = "{\\"type\\":\\"thing\\",\\"form\\":{\\"what\\":\\"thing %s\\"}}"\n' "$n"
    done
}
# The largest size of the write-ahead log, looked for 20 times a second.
watch_log() {
    local size largest=0
    while sleep 0.05; do
        size=$(stat -c %s "$TF_DATA/store.db-wal" 2>/dev/null || echo 0)
        [ "$size" -le "$largest" ] || { largest=$size; echo "$largest" >"$work/log"; }
    done
}
watch_log &
hello=$(for n in $(seq "$tickets"); do echo "url = \"$address/healthz\""; echo 'output = "/dev/null"'; done | seconds 8)
awk -v n="$tickets" -v h="$hello" 'BEGIN { printf "hello:          %.0f requests/s with 8 connections\n", n / h }'
sent=0
for connections in 1 8 32; do
    submit=$(submissions | seconds $connections)
    sent=$((sent + tickets))
    start=$(date +%s.%N)
    until [ "$(redis-cli -s "$TF_DATA/redis.sock" HGET 'tf:{acme}:stat' assigned)" = "$sent" ]; do sleep 0.05; done
    lag=$(awk -v a="$start" -v b="$(date +%s.%N)" 'BEGIN { print b - a }')
    awk -v c=$connections -v n="$tickets" -v h="$hello" -v s="$submit" -v l="$lag" 'BEGIN {
        printf "submitted:      %.0f tickets/s over REST with %d connections, %.2f of hello;", n / s, c, h / s
        printf " all in their lists %.2f s after the last answer, %.0f tickets/s\n", l, n / (s + l) }'
done
awk -v b="$(cat "$work/log")" 'BEGIN { printf "log:            %.1f MiB at its largest\n", b / 1048576 }'
admin=$(token tom)
reads() {
    for n in $(seq "$tickets"); do
        printf 'url = "%s"\nheader = "Authorization: Bearer %s"\noutput = "/dev/null"\n' "$address/api/v1/companies/acme/$1" "$admin"
        [ "$n" = "$tickets" ] || echo next
    done | seconds 8
}
for path in tasks tickets tickets/1; do
    awk -v n="$tickets" -v h="$hello" -v s="$(reads "$path")" -v p="$path" 'BEGIN {
        printf "%-15s %.0f requests/s over REST, %.2f of hello\n", "GET " p ":", n / s, h / s }'
done
lengths=$(for n in 0 1 2 3 4 5 6 7 8 9; do redis-cli -s "$TF_DATA/redis.sock" LLEN "queue:acme.w$n"; done | sort -n | tr '\n' ' ')
echo "lists:          $lengths"
"$bin/tf-daemon" status >/dev/null && echo "drift:          0"
