#!/bin/sh
# Starts both programs on the demo data and stops them together. Usage: etc/run.sh DIRECTORY-OF-BINARIES
# Exit status: 0 stopped by Ctrl-C or SIGTERM, 1 a program is missing, did not start or ended by itself, 2 wrong usage.
set -eu
if [ $# -ne 1 ]; then
    echo "Usage: etc/run.sh DIRECTORY-OF-BINARIES, such as .build/debug" >&2
    exit 2
fi
for program in tf-daemon tf-web; do
    if [ ! -x "$1/$program" ]; then
        echo "There is no $program in $1; build it with: swift build" >&2
        exit 1
    fi
done
bin=$(cd "$1" && pwd)
cd "$(dirname "$0")/.."
data=${TF_DATA:-var}
mkdir -p "$data"
chmod 700 "$data"

# A store that has somebody in it is continued, which tf-web demo refuses. Whatever else it could not do is told.
if told=$("$bin/tf-web" demo 2>&1); then
    case $told in
        *"There are no tickets"*)
            printf '%s\n' "The demo's people are filled in. There are no tickets${told##*There are no tickets}" ;;
        *) echo "The demo data is filled in." ;;
    esac
else
    case $told in
        *"has companies or users already"*) ;;
        *) printf '%s\n' "$told" >&2 ;;
    esac
fi

"$bin/tf-daemon" --log-level warning &
daemon=$!
"$bin/tf-web" --log-level warning &
web=$!
stop() {
    trap '' INT TERM
    kill -TERM $web $daemon 2>/dev/null || true
    wait $web 2>/dev/null || true
    wait $daemon 2>/dev/null || true
    echo "Stopped."
    exit "$1"
}
trap 'stop 0' INT TERM

run() { kill -0 $web 2>/dev/null && kill -0 $daemon 2>/dev/null; }

# Whether our tf-web listens: what answers at the address may be another program.
listens() {
    for descriptor in /proc/$web/fd/*; do
        socket=$(readlink "$descriptor" 2>/dev/null) || continue
        case $socket in
            socket:*)
                inode=${socket#socket:?}
                # The state 0A is LISTEN; the tenth column is the socket's inode.
                if cat /proc/net/tcp /proc/net/tcp6 2>/dev/null |
                    awk -v inode="${inode%?}" '$4 == "0A" && $10 == inode { found = 1 } END { exit !found }'
                then
                    return 0
                fi
                ;;
        esac
    done
    return 1
}

address=http://localhost:${TF_HTTP_BIND:-127.0.0.1:8080}
address=http://localhost:${address##*:}
tries=0
until listens && "$bin/tf-daemon" status --log-level error >/dev/null 2>&1; do
    tries=$((tries + 1))
    if ! run; then break; fi
    # A daemon that has something to complain about serves all the same; without pages there is no site.
    if [ $tries -ge 50 ] && listens; then break; fi
    if [ $tries -ge 300 ]; then break; fi
    sleep 0.2
done
if ! run || ! listens; then
    echo "A program did not start; see above." >&2
    stop 1
fi

cat <<TEXT

TicketFlower runs at  ${TF_BASE_URL:-$address}

Everybody's password is  try-ticketflower
  uma    submits tickets for acme          bob, carol   approve access and purchases
  dave, erin  set up access, buy           fay          finance
  tom    ticket admin of acme              wanda        workflow creator
  gus    submits tickets for globex        otto, olga   repair        gina  ticket admin
  ada    administers the site

Definitions are watched in  ${TF_DEFINITIONS:-workflows}/<company>/; Ctrl-C stops all.
TEXT
while run; do sleep 1 & wait $! || true; done
echo "A program ended by itself; stopping the other." >&2
stop 1
