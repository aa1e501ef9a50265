#!/bin/sh
# Fails when a committed generated file is not what the program writes now.
set -e
go generate ./...
if [ -n "$(git status --porcelain -- docs/reference internal/httpapi/openapi.json 2>/dev/null)" ]; then
	echo "generated files are stale; run make generate and commit:" >&2
	git status --short -- docs/reference internal/httpapi/openapi.json >&2
	exit 1
fi
