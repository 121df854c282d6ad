#!/bin/bash
# What a request costs: the web process's CPU time for it, as a multiple of the same process's /healthz in the same run.
# Usage: etc/bench/pages.sh DIRECTORY-OF-BINARIES [REQUESTS-A-ROW [CLOSED-TICKETS]]
set -euo pipefail
bin=$(realpath "$1")
requests=${2:-400}
closed=${3:-5000}
work=$(mktemp -d)
port=$((20000 + RANDOM % 20000))
address=http://localhost:$port
export TF_DATA=$work/var TF_DEFINITIONS=$work/workflows TF_HTTP_BIND=127.0.0.1:$port TF_LOG_LEVEL=error
trap 'kill $(jobs -p) 2>/dev/null; wait; rm -rf "$work"' EXIT

password="a bench password"
"$bin/tf-web" company add acme --name Acme >/dev/null
person() { "$bin/tf-web" user add "$1" --name "$1" --member acme "${@:2}" --password-stdin <<<"$password" >/dev/null; }
person uma --role user
person tom --role ticket_admin
person wim --role task_worker
cat >"$work/workflows/acme/thing.ticket.yaml" <<'YAML'
name: Thing
description: Something to do.
title: "${ .form.what }"
body:
  - { type: input, id: what, attributes: { label: What }, validations: { required: true } }
  - { type: textarea, id: why, attributes: { label: Why } }
  - { type: dropdown, id: where, attributes: { label: Where, options: [Here, There, Elsewhere] } }
YAML
"$bin/tf-daemon" & daemon=$!
"$bin/tf-web" & web=$!
until curl -sf "$address/healthz" >/dev/null && "$bin/tf-daemon" status >/dev/null 2>&1; do sleep 0.2; done
sleep 2

token() {
    curl -s -H 'Content-Type: application/json' -d "{\"login\":\"$1\",\"password\":\"$password\"}" \
        "$address/api/v1/auth/token" | sed 's/.*"access_token":"\([^"]*\)".*/\1/'
}
csrf() { sed -n 's/.*name="_csrf" value="\([^"]*\)".*/\1/p' | head -n 1; }
sign_in() {
    local jar=$work/$1
    local form=$(curl -s -c "$jar" "$address/login" | tr '>' '\n' | csrf)
    curl -s -b "$jar" -c "$jar" -o /dev/null -H "Origin: $address" --data-urlencode "_csrf=$form" \
        --data-urlencode "login=$1" --data-urlencode "password=$password" "$address/login"
}
for login in uma tom wim; do sign_in $login; done
token=$(token uma)
admin=$(token tom)
submission='{"type":"thing","form":{"what":"A thing to do","why":"It has to be done","where":"Here"}}'
# The fragment is never sent: it makes curl repeat a request.
curl -s -o /dev/null -H "Authorization: Bearer $token" -H 'Content-Type: application/json' -d "$submission" \
    "$address/api/v1/companies/acme/tickets#[1-30]"
until [ "$(redis-cli -s "$TF_DATA/redis.sock" HGET 'tf:{acme}:stat' assigned)" = 30 ]; do sleep 0.1; done

# A company that has worked for a while: 50 workers who share the tasks of many tickets that are done.
kill $daemon && wait $daemon || true
python3 - "$TF_DATA/store.db" "$closed" <<'PYTHON'
import sqlite3, sys
store = sqlite3.connect(sys.argv[1], timeout=60)
def copies(table, condition, count, **changed):
    names = [column[1] for column in store.execute(f"PRAGMA table_info({table})")]
    row = dict(zip(names, store.execute(f"SELECT * FROM {table} WHERE {condition}").fetchone()))
    rows = [{**row, **{name: value(n) for name, value in changed.items()}} for n in range(count)]
    marks = ", ".join(":" + name for name in names)
    store.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)
count, first = int(sys.argv[2]), 1_000_000
done = 1_700_000_000_000
workers = 50
copies("account", "login = 'wim'", workers, id=lambda n: first + n, login=lambda n: f"worker{n}")
copies("account_role", "account_id = (SELECT id FROM account WHERE login = 'wim')", workers,
       account_id=lambda n: first + n)
copies("membership", "account_id = (SELECT id FROM account WHERE login = 'wim')", workers,
       account_id=lambda n: first + n)
copies("ticket", "number = 1", count, id=lambda n: first + n, number=lambda n: first + n, state=lambda n: "closed",
       created_at_ms=lambda n: done + n, updated_at_ms=lambda n: done + n, closed_at_ms=lambda n: done + n)
copies("instance", "ticket_id = 1", count, id=lambda n: first + n, ticket_id=lambda n: first + n,
       status=lambda n: "completed", wake_at_ms=lambda n: None)
copies("task", "ticket_id = 1", count, id=lambda n: first + n, ticket_id=lambda n: first + n,
       instance_id=lambda n: first + n, assignee_id=lambda n: first + n % workers,
       state=lambda n: "completed", finished_at_ms=lambda n: done + n)
wim = store.execute("SELECT id FROM account WHERE login = 'wim'").fetchone()[0]
store.execute("UPDATE task SET assignee_id = ? WHERE assignee_id = ?", (wim, first))
store.execute("ANALYZE")
store.commit()
PYTHON
"$bin/tf-daemon" &

# Ticks of CPU time, user and system (proc_pid_stat(5)).
ticks() { sed 's/.*) //' "/proc/$web/stat" | awk '{ print $12 + $13 }'; }
# A row: its name, its status, what curl sends. One curl, one connection, one request after the other.
row() {
    local name=$1 status=$2
    shift 2
    local got=$(curl -s -o /dev/null -w '%{http_code}' "${@//@N@/1}")
    [ "$got" = "$status" ] || { echo "$name: $got instead of $status" >&2; exit 1; }
    local before=$(ticks)
    curl -s -o /dev/null "${@//@N@/[1-$requests]}"
    local used=$(($(ticks) - before))
    [ "$name" != /healthz ] || health=$used
    awk -v n="$name" -v u="$used" -v h="$health" -v r="$requests" -v t="$(getconf CLK_TCK)" 'BEGIN {
        printf "%-34s %6.2f ms  %5.1f x /healthz\n", n, 1000 * u / t / r, u / h }'
}
page() { row "$2" 200 -b "$work/$1" "$address$3#@N@"; }
api() { row "$1" 200 -H "Authorization: Bearer $admin" "$address/api/v1/companies/acme$2"; }
health=1
# So many as it takes for ticks of 10 ms to say something.
base=$requests
requests=$((base * 10))
row /healthz 200 "$address/healthz#@N@"
health=$(awk -v h="$health" 'BEGIN { print h / 10 }')
requests=$base
page uma "form page" /c/acme/tickets/new/thing
form=$(curl -s -b "$work/uma" "$address/c/acme/tickets/new/thing" | tr '>' '\n' | csrf)
row "form page, 422" 422 -b "$work/uma" -H "Origin: $address" --data-urlencode "_csrf=$form" -d "f.why=because" \
    "$address/c/acme/tickets/new/thing#@N@"
page wim "My tasks" /c/acme/my/tasks
page uma "My tickets" /c/acme/my/tickets
page tom "Tickets" /c/acme/tickets
page tom "Tasks" /c/acme/tasks
page uma "ticket page" /c/acme/tickets/1
page wim "task page" /c/acme/tasks/1
api "REST list of 50" "/tickets?limit=50#@N@"
api "REST one ticket" "/tickets/1#@N@"
row "submitting over REST" 201 -H "Authorization: Bearer $token" -H 'Content-Type: application/json' -d "$submission" \
    "$address/api/v1/companies/acme/tickets#@N@"
