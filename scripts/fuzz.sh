#!/bin/sh
# Runs every fuzz target of the module for the given time each. Assignments of
# their own, since a command that fails in a for or before a pipe ends nothing.
set -e
seen=0
packages=$(go list ./...)
for pkg in $packages; do
	listed=$(go test -list '^Fuzz' "$pkg") || { echo "$listed"; exit 1; }
	for f in $(echo "$listed" | grep '^Fuzz' || true); do
		echo "== $pkg $f"
		go test -run '^$' -fuzz "^$f\$" -fuzztime "${1:-30s}" "$pkg"
		seen=$((seen + 1))
	done
done
if [ "$seen" = 0 ]; then
	echo "no fuzz target was found" >&2
	exit 1
fi
