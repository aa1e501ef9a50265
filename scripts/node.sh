#!/bin/sh
# Checks that Node is there and new enough for the console and for the tests in
# a browser: of what is missing it says one sentence.
set -e
fail() {
	echo "the web console needs Node 20.19 or later with npm, and $1; install it, or build the program without its console: make program" >&2
	exit 1
}
command -v node >/dev/null 2>&1 || fail "there is no node here"
command -v npm >/dev/null 2>&1 || fail "there is no npm here"
version=$(node -p process.versions.node 2>/dev/null) || fail "the node here does not run"
major=${version%%.*}
rest=${version#*.}
if [ "$major" -lt 20 ] || { [ "$major" -eq 20 ] && [ "${rest%%.*}" -lt 19 ]; }; then
	fail "this is Node $version"
fi
