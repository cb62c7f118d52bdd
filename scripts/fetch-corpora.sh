#!/bin/sh
# Fetches the collections of odd and broken pictures that the decoder tests read, into .build-corpora/ (ignored by
# git) or the folder named by the first argument: PngSuite, as Debian ships it with the source of Go 1.19, and
# the test images of Pillow, from its source distribution on PyPI. Needs apt-get (its package lists, no root) and pip.
set -eu

pillow_version=10.4.0
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
target=${1:-$root/.build-corpora}
mkdir -p "$target"
target=$(CDPATH='' cd -- "$target" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# apt drops its rights to a user of its own, who must be able to write here.
chmod 755 "$work"

if [ ! -d "$target/pngsuite" ]; then
    mkdir "$work/go"
    (cd "$work/go" && apt-get -qq -o APT::Sandbox::User=root download golang-1.19-src)
    dpkg-deb -x "$work"/go/golang-1.19-src_*.deb "$work/go/tree"
    mv "$work/go/tree/usr/share/go-1.19/src/image/png/testdata/pngsuite" "$target/pngsuite"
fi

if [ ! -d "$target/pillow" ]; then
    mkdir "$work/pillow"
    python3 -m pip download --quiet --disable-pip-version-check --no-deps --no-binary :all: \
        --dest "$work/pillow" "pillow==$pillow_version"
    tar -xzf "$work/pillow/pillow-$pillow_version.tar.gz" -C "$work/pillow"
    mv "$work/pillow/pillow-$pillow_version/Tests/images" "$target/pillow"
fi

for collection in pngsuite pillow; do
    echo "$target/$collection: $(find "$target/$collection" -type f | wc -l) files"
done
