#!/bin/bash
# Makes docs/ticket.png anew: the ticket page of a running demo, with its workflow half done.
# Usage: docs/pictures.sh [DIRECTORY-OF-BINARIES], after `make build`. Needs what Debian has as chromium, pngquant, curl, jq and python3.
set -euo pipefail
cd "$(dirname "$0")/.."
bin=$(realpath "${1:-.build/debug}")
chromium=$(command -v chromium || command -v chromium-browser || command -v google-chrome) ||
    { echo "no Chromium is installed; on Debian: apt-get install chromium" >&2; exit 1; }
work=$(mktemp -d)
programs=()
trap 'for pid in "${programs[@]}"; do kill "$pid" 2>/dev/null || true; done; wait; rm -rf "$work"' EXIT

# A demo of its own, on a free port: nothing of a site that runs here is touched.
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
export TF_DATA=$work/var TF_DEFINITIONS=$work/workflows TF_HTTP_BIND=127.0.0.1:$port TF_LOG_LEVEL=error
export TF_BASE_URL=http://localhost:$port
cp -R workflows "$work/workflows"
"$bin/tf-web" demo --without-tickets >/dev/null
"$bin/tf-daemon" & programs+=($!)
"$bin/tf-web" & programs+=($!)
site=http://localhost:$port

# Tries a command until it succeeds, for half a minute at most.
wait_for() {
    for _ in $(seq 150); do if "$@" >/dev/null 2>&1; then return; fi; sleep 0.2; done
    echo "this did not come: $*" >&2
    exit 1
}

# api LOGIN METHOD PATH [BODY]: one operation on the company acme, as that person.
api() {
    local token
    token=$(curl -sf -H 'Content-Type: application/json' "$site/api/v1/auth/token" \
        -d "{\"login\":\"$1\",\"password\":\"try-ticketflower\"}" | jq -r .access_token)
    curl -sf -X "$2" -H "Authorization: Bearer $token" -H 'Content-Type: application/json' ${4:+-d "$4"} \
        "$site/api/v1/companies/acme$3"
}
has_task() { api "$1" GET "/tasks?assignee=me" | jq -e '.items | length > 0'; }

wait_for curl -sf "$site/healthz"
wait_for "$bin/tf-daemon" status
wait_for api uma POST /tickets '{"type": "access-request", "form": {"system": "Wiki", "role": "editor",
    "reason": "I take over the handbook from Ms. Winter on Monday.", "rules": ["policy"]}}'
wait_for has_task bob
task=$(api bob GET "/tasks?assignee=me" | jq '.items[0].id')
api bob POST "/tasks/$task/completion" '{"outcome": "approve", "form": {"comment": "Welcome to the handbook."}}' >/dev/null
api uma POST /tickets/1/comments '{"text": "Thank you. From Monday on will do."}' >/dev/null
wait_for has_task dave

# The page as uma's browser gets it. Chromium then draws the file, with styles and script from the site.
jar=$work/cookies
token() { sed -n 's/.*name="_csrf" value="\([^"]*\)".*/\1/p' | head -n 1; }
csrf=$(curl -sf -c "$jar" "$site/login" | token)
curl -sf -o /dev/null -b "$jar" -c "$jar" -H "Origin: $site" --data-urlencode "_csrf=$csrf" \
    -d "login=uma&password=try-ticketflower" "$site/login"
curl -sf -b "$jar" "$site/c/acme/tickets/1" | sed "s|<head>|<head><base href=\"$site/\">|" >"$work/ticket.html"
"$chromium" --headless --no-sandbox --disable-gpu --hide-scrollbars --user-data-dir="$work/profile" \
    --virtual-time-budget=2000 --window-size=1000,1420 --screenshot="$work/ticket.png" "file://$work/ticket.html" \
    2>"$work/chromium.log" || { cat "$work/chromium.log" >&2; exit 1; }
pngquant --force --strip --output docs/ticket.png "$work/ticket.png"
ls -l docs/ticket.png
