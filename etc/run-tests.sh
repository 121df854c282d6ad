#!/bin/sh
# Runs the tests that were built, with a temporary directory of their own that goes afterwards, and fails when they left
# something in it. As many tests at a time as there are cores: what waits for a program is not kept waiting by a hundred
# others. Usage: etc/run-tests.sh ARGUMENTS-OF-SWIFT-TEST...
set -eu
directory=$(mktemp -d "${TMPDIR:-/tmp}/tf.XXXXXX")
log=$(mktemp "${TMPDIR:-/tmp}/tf-tests.XXXXXX")
trap 'rm -rf "$directory" "$log"' EXIT
# Open as the system's own: some tests ask what another account can read in it.
chmod 755 "$directory"

TMPDIR=$directory SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH=$(nproc) \
    swift test --skip-build --disable-xctest "$@" >"$log" 2>&1 &
tests=$!
trap 'kill $tests; exit 130' INT TERM
# Not through a pipe: a program that a crashed test left behind would keep that open.
tail -n +1 -f --pid=$tests "$log"
status=0
wait $tests || status=$?

if [ $status != 0 ]; then
    # Once more, behind a crash's long trace, for whoever sees only the end.
    {
        echo "What went wrong:"
        # A whole page in a line would leave no room for the others.
        grep -E '(Fatal error|Assertion failed|Precondition failed)|^✘' "$log" | cut -c 1-400 | head -n 60
        echo "What had begun and not ended:"
        awk '/^◇ Test case / { next }
             /^◇ Test .* started\.$/ { sub(/^◇ /, ""); sub(/ started\.$/, ""); begun[$0] = 1 }
             /^(✔|✘) Test .* (passed|failed) after/ {
                 sub(/^(✔|✘) /, ""); sub(/ (passed|failed) after.*/, ""); delete begun[$0]
             }
             END { for (name in begun) print "    " name }' "$log" | head -n 40
    } >&2
    # Where a check with made-up input crashed, this is how to come back to it.
    for seed in "$directory"/fuzz-*.seed; do
        [ ! -e "$seed" ] || echo "last seed of $(basename "$seed" .seed): $(tail -n 1 "$seed")" >&2
    done
    exit $status
fi
# Those of `swift test` itself are left out.
left=$(find "$directory" -mindepth 1 -maxdepth 1 ! -name 'TemporaryDirectory.*' ! -name '*.lock' ! -name 'fuzz-*.seed')
[ -z "$left" ] || { echo "the tests left in their temporary directory:"; find $left | head -n 40; exit 1; } >&2
