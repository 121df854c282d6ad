#!/bin/bash
# Tries a package: what is in it, whether its programs run without the toolchain, and whether its units are shut tight.
# With --debootstrap, as root and with a Debian mirror, it is installed in a fresh Debian, started there and removed.
# Usage: etc/package/test-deb.sh PACKAGE.deb [--debootstrap]
set -euo pipefail
package=$(realpath "$1")
work=$(mktemp -d /tmp/test-deb.XXXXXX)
pids=()
finish() {
    for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
    wait
    if mountpoint -q "$work/root/proc"; then umount "$work/root/proc"; fi
    rm -rf "$work"
}
trap finish EXIT
said() { echo "ok: $*"; }
wrong() { echo "WRONG: $*" >&2; exit 1; }

dpkg-deb --extract "$package" "$work/tree"
dpkg-deb --control "$package" "$work/control"
bin=$work/tree/usr/bin

for file in etc/ticketflower/ticketflower.json lib/systemd/system/tf-{daemon,web,backup}.service \
    lib/systemd/system/tf-backup.timer usr/lib/sysusers.d/ticketflower.conf usr/lib/tmpfiles.d/ticketflower.conf \
    usr/share/man/man1/tf-{daemon,web}.1.gz usr/share/man/man1/tf-daemon-backup.1.gz \
    usr/share/bash-completion/completions/tf-daemon usr/share/doc/ticketflower/examples/workflows/acme; do
    [ -e "$work/tree/$file" ] || wrong "the package has no $file"
done
grep -qx /etc/ticketflower/ticketflower.json "$work/control/conffiles" || wrong "the configuration is no conffile"
said "all files are there"

# Without the toolchain in sight.
run() { env -i PATH=/usr/bin:/bin "$@"; }
for program in tf-daemon tf-web; do
    if run ldd "$bin/$program" | grep -q "not found"; then wrong "$program misses a library"; fi
    if readelf -d "$bin/$program" | grep -E 'R(UN)?PATH' | grep -qv 'ORIGIN'; then wrong "$program names another path"; fi
    if readelf -S "$bin/$program" | grep -q '\.debug_info'; then wrong "$program is not stripped"; fi
    run "$bin/$program" --help >/dev/null || wrong "$program does not run"
done
said "the programs run with the libraries that they bring along"

for page in "$work"/tree/usr/share/man/man1/*.gz; do
    # mandoc is stricter, groff is what man uses.
    warnings=$(zcat "$page" | groff -Kutf8 -man -Tutf8 -ww -z 2>&1 || true)
    [ -z "$warnings" ] || wrong "$(basename "$page"): $warnings"
done
bash -n "$work"/tree/usr/share/bash-completion/completions/tf-daemon
said "$(ls "$work"/tree/usr/share/man/man1 | wc -l) manual pages and the completions are in order"

for unit in "$work"/tree/lib/systemd/system/*.service; do
    level=$(systemd-analyze security --offline=true --no-pager "$unit" | sed -n 's/.*Overall exposure level.*: \([0-9.]*\) .*/\1/p')
    awk -v level="$level" 'BEGIN { exit !(level != "" && level <= 2.0) }' || wrong "$(basename "$unit") is exposed: $level"
    said "$(basename "$unit") has an exposure level of $level"
done

# The programs as the units start them, on a directory of their own.
port=${PORT:-18490}
start() {
    settings=(--data "$work/data" --definitions "$work/tree/usr/share/doc/ticketflower/examples/workflows"
        --http-bind "127.0.0.1:$port" --log-level warning)
    run "$bin/tf-web" demo --without-tickets "${settings[@]:0:4}" >/dev/null
    # Not by the function: its shell would be what is ended.
    env -i PATH=/usr/bin:/bin "$bin/tf-daemon" "${settings[@]}" & pids+=($!)
    env -i PATH=/usr/bin:/bin "$bin/tf-web" "${settings[@]}" & pids+=($!)
    for _ in $(seq 100); do
        if curl -sf "http://localhost:$port/healthz" >/dev/null &&
            run "$bin/tf-daemon" status "${settings[@]}" >/dev/null; then return; fi
        sleep 0.2
    done
    run "$bin/tf-daemon" status "${settings[@]}"
    wrong "they do not serve"
}
start
run "$bin/tf-daemon" backup "$work/backup" --data "$work/data" >/dev/null
run "$bin/tf-daemon" verify "$work/backup" >/dev/null
run "$bin/tf-daemon" doctor --data "$work/data" --definitions "$work/tree/usr/share/doc/ticketflower/examples/workflows"
said "they serve, are well, and are backed up"

[ "${2:-}" = --debootstrap ] || exit 0
[ "$(id -u)" = 0 ] || wrong "--debootstrap needs root"
debootstrap --variant=minbase --include=ca-certificates,systemd "${SUITE:-bookworm}" "$work/root" "${MIRROR:-http://deb.debian.org/debian}" >"$work/debootstrap.log" ||
    { tail "$work/debootstrap.log"; wrong "debootstrap failed"; }
cp "$package" "$work/root/ticketflower.deb"
mount -t proc proc "$work/root/proc"
# Nothing is started by the packages that it needs.
printf '#!/bin/sh\nexit 101\n' | install -m 0755 /dev/stdin "$work/root/usr/sbin/policy-rc.d"
chroot "$work/root" /bin/sh -ec '
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -q >/dev/null
    apt-get install -yq --no-install-recommends /ticketflower.deb curl >/dev/null
    id ticketflower
    cd /srv/ticketflower/workflows
    cp -R /usr/share/doc/ticketflower/examples/workflows/. .
    as() { setpriv --reuid ticketflower --regid ticketflower --init-groups "$@" --config /etc/ticketflower/ticketflower.json; }
    as tf-web demo --without-tickets >/dev/null
    as tf-daemon --http-bind 127.0.0.1:'"$((port + 1))"' & daemon=$!
    as tf-web --http-bind 127.0.0.1:'"$((port + 1))"' --base-url http://localhost:'"$((port + 1))"' & web=$!
    tries=0
    until curl -sf http://localhost:'"$((port + 1))"'/healthz >/dev/null && as tf-daemon status >/dev/null; do
        tries=$((tries + 1)); [ $tries -lt 100 ] || exit 1; sleep 0.2
    done
    as tf-daemon doctor
    kill $web $daemon; wait
    apt-get purge -yq ticketflower >/dev/null
    test ! -e /usr/bin/tf-daemon && test ! -e /etc/ticketflower/ticketflower.json && test -e /var/lib/ticketflower/store.db
' || wrong "it does not work in a fresh Debian"
said "installed, started, looked at and purged in a fresh Debian"
