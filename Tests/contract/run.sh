#!/bin/sh
# Runs schemathesis over the served OpenAPI document in four roles: user, worker, ticket admin, admin.
# Usage: run.sh BINARIES [PORT]; the site is a demo of its own that goes afterwards. SITE=http://localhost:8080: a demo that
# runs already, and is changed.
set -eu
bin=$1
port=${2:-8390}
here=$(dirname "$0")
work=$(mktemp -d)
web='' daemon=''
trap 'kill $web $daemon 2>/dev/null || true; rm -rf "$work"' EXIT
url=${SITE:-http://localhost:$port}
if [ -z "${SITE:-}" ]; then
    export TF_DATA="$work/var" TF_DEFINITIONS="$work/workflows" TF_HTTP_BIND="127.0.0.1:$port" TF_LOG_LEVEL=warning
    cp -r "$here/../../workflows" "$work/workflows"
    "$bin/tf-web" demo >/dev/null
    "$bin/tf-daemon" >"$work/daemon.log" 2>&1 & daemon=$!
    "$bin/tf-web" >"$work/web.log" 2>&1 & web=$!
fi
for _ in $(seq 100); do curl -fs "$url/healthz" >/dev/null && break; sleep 0.1; done

[ -x .build/contract/bin/st ] || { python3 -m venv .build/contract && .build/contract/bin/pip install -q schemathesis; }

token() {
    curl -s "$url/api/v1/auth/token" -H 'Content-Type: application/json' \
        -d "{\"login\":\"$1\",\"password\":\"try-ticketflower\"}" | sed 's/.*"access_token":"\([^"]*\)".*/\1/'
}
for _ in 1 2; do
    curl -s "$url/api/v1/companies/acme/tickets" -H "Authorization: Bearer $(token uma)" \
        -H 'Content-Type: application/json' -d '{"type":"access-request","form":{"system":"CRM","role":"reader","reason":"x","rules":["policy"]}}' >/dev/null
done

failed=0
for who in uma dave tom ada; do
    echo "== $who"
    # Signing in and out and changing accounts would end the token's own session.
    .build/contract/bin/st --config-file "$here/schemathesis.toml" run "$url/api/openapi.json" \
        -H "Authorization: Bearer $(token $who)" --checks all --max-examples "${EXAMPLES:-30}" \
        --phases examples,coverage,fuzzing --exclude-operation-id signOut --exclude-operation-id signIn \
        --exclude-operation-id leaseJobs --exclude-operation-id changeUser --continue-on-failure --warnings off \
        --request-timeout 20 >"$work/$who.log" 2>&1 || { failed=1; cat "$work/$who.log"; }
    tail -n 2 "$work/$who.log"
done
exit $failed
