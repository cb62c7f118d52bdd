#!/usr/bin/env bash
# Installs mastodon_mock (PyPI, MIT): a server of Mastodon's client API that the tests of plain servers run against.
set -euo pipefail
cd "$(dirname "$0")/.."
target=.build-tests/mastodon_mock
[ -x "$target/bin/mastodon_mock" ] && exit 0
rm -rf "$target"
python3 -m venv "$target"
"$target/bin/pip" install -q mastodon_mock==0.6.1
