#!/bin/sh
# Installs the official servers of the AT Protocol for the tests in
# internal/social/bluesky and e2e. One of their packages, better-sqlite3, is
# compiled here when no ready one can be had. Where that cannot be, it says so
# and the tests against the official server are left out, unless
# ADVOCATE_TEST_ALL asks for all of them.
set -e
cd "$(dirname "$0")/../e2e/bluesky"
[ -f node_modules/.installed ] && [ node_modules/.installed -nt package-lock.json ] && exit 0
without() {
	echo "the tests against the official Bluesky server are left out: $1" >&2
	rm -f node_modules/.installed
	[ -z "$ADVOCATE_TEST_ALL" ] || exit 1
	exit 0
}
command -v npm >/dev/null 2>&1 || without "there is no npm here"
# Debian keeps Node's headers where node-gyp does not look by itself.
if [ -z "$npm_config_nodedir" ] && [ -f /usr/include/node/node.h ]; then
	export npm_config_nodedir=/usr
fi
npm ci --no-audit --no-fund --loglevel=error || without "npm could not install them; better-sqlite3 needs Python, make, a C++ compiler and Node's headers (libnode-dev)"
[ -f node_modules/better-sqlite3/build/Release/better_sqlite3.node ] || npm rebuild better-sqlite3 --loglevel=error || true
node -e 'new (require("better-sqlite3"))(":memory:")' 2>/dev/null || without "better-sqlite3 does not work; it needs Python, make, a C++ compiler and Node's headers (libnode-dev)"
touch node_modules/.installed
