#!/bin/sh
# Looks at every page of a demo of its own in headless Chromium, as every kind of person; main.py says what is checked.
# Usage: run.sh BINARIES [main.py's options]. Screenshots and the report stay in .build/browser. SITE=http://localhost:8080: a
# demo that runs already, and is changed.
set -eu
bin=$(realpath "$1")
shift
here=$(dirname "$(realpath "$0")")
cd "$here/../.."
out=$PWD/.build/browser
# Debian's Python, which has Debian's selenium.
python=${BROWSER_PYTHON:-/usr/bin/python3}

# axe-core as PyPI has it; only its script is wanted, so nothing that the package needs besides.
axe=.build/browser-axe
[ -d "$axe" ] || { python3 -m venv .build/browser-venv &&
    .build/browser-venv/bin/python -m pip install -q --no-deps --target "$axe" axe-playwright-python; }

work=$(mktemp -d)
export PYTHONDONTWRITEBYTECODE=1
web='' daemon=''
stop() {
    kill $web $daemon 2>/dev/null || true
    wait $web $daemon 2>/dev/null || true
    rm -rf "$work"
}
trap stop EXIT
trap 'exit 130' INT TERM
: >"$work/daemon.log" >"$work/web.log"
if [ -z "${SITE:-}" ]; then
    port=$("$python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
    export TF_DATA="$work/var" TF_DEFINITIONS="$work/workflows" TF_HTTP_BIND="127.0.0.1:$port" TF_LOG_LEVEL=warning
    export TF_BASE_URL="http://localhost:$port"
    cp -r workflows "$work/workflows"
    "$bin/tf-web" demo >/dev/null
    "$bin/tf-daemon" >"$work/daemon.log" 2>&1 & daemon=$!
    "$bin/tf-web" >"$work/web.log" 2>&1 & web=$!
    tries=0
    until curl -fs "$TF_BASE_URL/healthz" >/dev/null && "$bin/tf-daemon" status >/dev/null 2>&1; do
        tries=$((tries + 1))
        [ $tries -lt 300 ] || { cat "$work/daemon.log" "$work/web.log" >&2; exit 1; }
        sleep 0.1
    done
fi

status=0
"$bin/tf-web" routes >"$work/routes"
"$python" "$here/main.py" --site "${SITE:-$TF_BASE_URL}" --routes "$work/routes" --axe "$axe" --out "$out" "$@" || status=$?
# What the programs complained of belongs to the report; but the demo's supplier is nowhere, and a purchase that was
# approved meanwhile cannot be ordered there.
if grep -hv -e '^$' -e 'the host supplier.example is not known' "$work/web.log" "$work/daemon.log"; then
    echo "The programs wrote the lines above to their log."
    [ $status -ne 0 ] || status=1
fi
exit $status
