#!/bin/sh
# Runs every fuzz target of the module for the given time each.
set -e
for pkg in $(go list ./...); do
	for f in $(go test -list '^Fuzz' "$pkg" 2>/dev/null | grep '^Fuzz' || true); do
		echo "== $pkg $f"
		go test -run '^$' -fuzz "^$f\$" -fuzztime "${1:-30s}" "$pkg"
	done
done
