#!/bin/sh
# Installs all that belongs to the programs besides themselves: units, account, configuration, manual pages, completions,
# documents and examples. Usage: etc/package/install-extras.sh DIRECTORY-OF-BINARIES DESTDIR PREFIX VERSION
set -eu
built=$1
root=$2
prefix=$3
version=$4
cd "$(dirname "$0")/../.."
share=$root$prefix/share
doc=$share/doc/ticketflower

install -d "$root/lib/systemd/system" "$root/etc/ticketflower"
for unit in etc/systemd/*; do
    sed "s|/usr/local/bin|$prefix/bin|" "$unit" >"$root/lib/systemd/system/$(basename "$unit")"
    chmod 0644 "$root/lib/systemd/system/$(basename "$unit")"
done
install -D -m 0644 etc/sysusers.d/ticketflower.conf "$root/usr/lib/sysusers.d/ticketflower.conf"
install -D -m 0644 etc/tmpfiles.d/ticketflower.conf "$root/usr/lib/tmpfiles.d/ticketflower.conf"
test -e "$root/etc/ticketflower/ticketflower.json" ||
    install -m 0644 etc/ticketflower.json "$root/etc/ticketflower/ticketflower.json"

pages=$(mktemp -d)
trap 'rm -rf "$pages"' EXIT
install -d "$share/man/man1" "$share/bash-completion/completions" "$share/zsh/vendor-completions" \
    "$share/fish/vendor_completions.d"
for program in tf-daemon tf-web; do
    python3 etc/package/man-pages.py "$built/$program" "$pages" "$version"
    "$built/$program" --generate-completion-script bash >"$share/bash-completion/completions/$program"
    "$built/$program" --generate-completion-script zsh >"$share/zsh/vendor-completions/_$program"
    "$built/$program" --generate-completion-script fish >"$share/fish/vendor_completions.d/$program.fish"
done
for page in "$pages"/*.1; do
    gzip -9n <"$page" >"$share/man/man1/$(basename "$page").gz"
done
chmod 0644 "$share/man/man1"/tf-*.gz "$share/bash-completion/completions"/tf-* "$share/zsh/vendor-completions"/_tf-* \
    "$share/fish/vendor_completions.d"/tf-*

install -d "$doc/examples"
install -m 0644 README.md docs/*.md "$doc"
cp -R workflows etc/examples/. "$doc/examples"
for directory in prometheus grafana; do
    if [ -d "etc/$directory" ]; then cp -R "etc/$directory" "$doc/examples"; fi
done
find "$doc" -type d -exec chmod 0755 {} + -o -type f -exec chmod 0644 {} +
