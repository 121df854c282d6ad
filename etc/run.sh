#!/bin/sh
# Starts both programs on the demo data and stops them together. Usage: etc/run.sh DIRECTORY-OF-BINARIES
set -eu
bin=$1
cd "$(dirname "$0")/.."
mkdir -p var
chmod 700 var

# A store that has somebody in it is continued; tf-web demo refuses it, and says so only here.
if "$bin/tf-web" demo >/dev/null 2>&1; then echo "The demo data is filled in."; fi

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
    exit 0
}
trap stop INT TERM

address=http://localhost:${TF_HTTP_BIND:-127.0.0.1:8080}
address=http://localhost:${address##*:}
tries=0
until "$bin/tf-daemon" status --log-level error >/dev/null 2>&1; do
    kill -0 $web 2>/dev/null && kill -0 $daemon 2>/dev/null || { echo "A program did not start; see above."; stop; }
    tries=$((tries + 1))
    [ $tries -lt 50 ] || break
    sleep 0.2
done

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
while kill -0 $web 2>/dev/null && kill -0 $daemon 2>/dev/null; do sleep 1 & wait $! || true; done
echo "A program ended by itself; stopping the other."
stop
