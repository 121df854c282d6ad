#!/bin/sh
# Installs programs so that they start on a machine without the Swift toolchain: stripped, in PREFIX/bin, and beside
# them in PREFIX/lib/ticketflower those of the toolchain's libraries that they load. Shared libraries rather than the
# static ones: both programs use the same pages of memory, and the build is the one that was tested.
# Usage: etc/install-programs.sh DIRECTORY-OF-BINARIES PREFIX PROGRAM...
set -eu
built=$1
prefix=$2
shift 2
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
mkdir "$stage/bin" "$stage/lib"

for program; do
    # The toolchain's own directory: what the linker wrote down beside the program's.
    toolchain=$(readelf -d "$built/$program" | sed -n 's/.*R[UN]*PATH.*\[\(.*\)\]/\1/p' | tr : '\n' | grep '^/') || {
        echo "$built/$program does not say where the toolchain's libraries are" >&2
        exit 1
    }
    cp "$built/$program" "$stage/bin"
    ldd "$built/$program" | while read -r name _ path _; do
        for directory in $toolchain; do
            case $path in "$directory"/*) cp "$path" "$stage/lib/$name" ;; esac
        done
    done
    strip "$stage/bin/$program"
    patchelf --set-rpath '$ORIGIN/../lib/ticketflower' "$stage/bin/$program"
done
# They find each other in the directory that they lie in.
for library in "$stage"/lib/*; do
    strip --strip-unneeded "$library"
    patchelf --set-rpath '$ORIGIN' "$library"
done

install -d "$prefix/bin" "$prefix/lib/ticketflower"
# Those of an older toolchain go; what runs keeps the ones that it has open.
rm -f "$prefix/lib/ticketflower/"*.so
install -m 0644 "$stage"/lib/* "$prefix/lib/ticketflower"
install "$stage"/bin/* "$prefix/bin"
