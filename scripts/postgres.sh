#!/bin/sh
# Finds a PostgreSQL server's programs, or installs Debian's. Tests start
# clusters of their own with them, as an unprivileged user.
set -e
if [ -n "${ADVOCATE_TEST_POSTGRES:-}" ]; then exit 0; fi
for d in "$(pg_config --bindir 2>/dev/null || true)" /usr/lib/postgresql/*/bin /usr/local/pgsql/bin /opt/homebrew/opt/postgresql/bin /usr/local/opt/postgresql/bin; do
	if [ -x "$d/initdb" ] && [ -x "$d/postgres" ]; then exit 0; fi
done
if command -v initdb >/dev/null 2>&1; then exit 0; fi
if ! command -v apt-get >/dev/null 2>&1; then
	echo "no PostgreSQL found: install a server of version 14 or newer, or set ADVOCATE_TEST_POSTGRES to the URL of one on which databases may be created" >&2
	exit 1
fi
sudo=""
[ "$(id -u)" = 0 ] || sudo="sudo"
echo "installing PostgreSQL for the tests"
$sudo apt-get update -qq
# No cluster of Debian's own is wanted beside the tests'.
$sudo mkdir -p /etc/postgresql-common
if [ ! -e /etc/postgresql-common/createcluster.conf ]; then
	echo "create_main_cluster = false" | $sudo tee /etc/postgresql-common/createcluster.conf >/dev/null
fi
DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends postgresql >/dev/null
