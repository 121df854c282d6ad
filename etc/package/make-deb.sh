#!/bin/sh
# Makes a Debian package of what `make install` has put into a directory.
# Usage: etc/package/make-deb.sh STAGE VERSION OUTPUT-DIRECTORY
set -eu
stage=$1
version=$2
output=$3
here=$(dirname "$0")
install -d "$stage/DEBIAN" "$output"

# The packages of the libraries that the programs load, apart from those that they bring along.
libraries() {
    for program in "$stage"/usr/bin/tf-*; do
        ldd "$program" | sed -n 's/.*=> \(\/[^ ]*\) .*/\1/p'
    done | grep -v /lib/ticketflower/ | sort -u
}
packages=$(for library in $(libraries); do
    # Where /lib is a link to /usr/lib, a package may know its file by either name.
    dpkg-query -S "$library" 2>/dev/null || dpkg-query -S "/usr$library" 2>/dev/null || dpkg-query -S "${library#/usr}"
done | cut -d: -f1 | sort -u)
depends=$(for package in $packages; do printf '%s, ' "$package"; done)

cat >"$stage/DEBIAN/control" <<TEXT
Package: ticketflower
Version: $version
Section: web
Priority: optional
Architecture: $(dpkg --print-architecture)
Maintainer: TicketFlower <root@localhost>
Depends: ${depends}redis-server (>= 5:6), graphviz, fonts-dejavu-core, tar
Recommends: systemd
Suggests: prometheus, zstd
Installed-Size: $(du -sk --exclude=DEBIAN "$stage" | cut -f1)
Description: tickets and workflows for companies, in two small programs
 tf-daemon watches definitions, runs workflows and fills the workers' queues in
 Redis; tf-web serves pages and a REST API. SQLite keeps the record.
TEXT
echo /etc/ticketflower/ticketflower.json >"$stage/DEBIAN/conffiles"
for script in postinst prerm postrm; do install -m 0755 "$here/$script" "$stage/DEBIAN/$script"; done
(cd "$stage" && find . -type f ! -path './DEBIAN/*' ! -path './etc/*' -printf '%P\0' | sort -z | xargs -0 md5sum) \
    >"$stage/DEBIAN/md5sums"
file=$output/ticketflower_${version}_$(dpkg --print-architecture).deb
# Fast rather than a little smaller.
dpkg-deb --build --root-owner-group -Zxz -z2 "$stage" "$file"
