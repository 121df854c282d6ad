#!/bin/sh
# A thin client of the REST API with curl and jq: submits a ticket and waits until it is closed.
#
#   LOGIN=uma PASSWORD=try-ticketflower ./client.sh http://localhost:8080 acme \
#       '{"type":"access-request","form":{"system":"CRM","role":"reader","reason":"New colleague","rules":["policy"]}}'
#
# Exit status: 0 closed, 1 ended otherwise, 2 refused or unreachable.
set -eu
site=$1 company=$2 ticket=$3
api="$site/api/v1"

# Prints the answer's body; a problem goes to standard error, with the field that it is about.
call() {
    answer=$(curl -sS -w '\n%{http_code}' -H 'Content-Type: application/json' "$@") || exit 2
    status=${answer##*
}
    body=${answer%
*}
    case $status in
        2*) printf '%s\n' "$body" ;;
        *)
            printf '%s\n' "$body" | jq -r '"\(.status) \(.title): \(.detail)", (.errors[]? | "  \(.field): \(.message)")' >&2
            exit 2
            ;;
    esac
}

tokens=$(call -d "$(jq -n --arg login "$LOGIN" --arg password "$PASSWORD" '{$login, $password}')" "$api/auth/token")
token=$(printf '%s' "$tokens" | jq -r .access_token)
# The same key again, after a lost answer, does not submit a second ticket.
key=$(date +%s)-$$
submitted=$(call -H "Authorization: Bearer $token" -H "Idempotency-Key: $key" -d "$ticket" \
    "$api/companies/$company/tickets")
number=$(printf '%s' "$submitted" | jq .number)
echo "ticket #$number: $site/c/$company/tickets/$number"

while :; do
    now=$(call -H "Authorization: Bearer $token" "$api/companies/$company/tickets/$number")
    state=$(printf '%s' "$now" | jq -r .state)
    printf '%s: %s\n' "$state" "$(printf '%s' "$now" | jq -r .status)"
    case $state in
        open) sleep "${WAIT:-10}" ;;
        closed) exit 0 ;;
        *) exit 1 ;;
    esac
done
