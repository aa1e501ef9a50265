#!/bin/sh
# Runs a command with --store and the URL of a PostgreSQL server added to it:
# ADVOCATE_TEST_POSTGRES if that is set, else a cluster made for it, which
# syncs each commit, is reached by a socket in its own folder (in TMPDIR, where
# the database must find room), and is removed with that folder afterwards.
# PGSETTINGS adds settings, separated by semicolons.
#
#   sh scripts/benchpostgres.sh bin/advocate bench --advocates 100000
set -eu
if [ -n "${ADVOCATE_TEST_POSTGRES:-}" ]; then
	exec "$@" --store "$ADVOCATE_TEST_POSTGRES"
fi

bin=""
for d in "$(pg_config --bindir 2>/dev/null || true)" $(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -rV) \
	/usr/local/pgsql/bin /opt/homebrew/opt/postgresql/bin /usr/local/opt/postgresql/bin "$(dirname "$(command -v initdb || echo /)")"; do
	if [ -x "$d/initdb" ] && [ -x "$d/postgres" ]; then
		bin=$d
		break
	fi
done
if [ -z "$bin" ]; then
	echo "no PostgreSQL found: run \"sh scripts/postgres.sh\", or set ADVOCATE_TEST_POSTGRES to the URL of a server on which databases may be created" >&2
	exit 1
fi

# PostgreSQL cannot be run by root.
who=""
if [ "$(id -u)" = 0 ]; then
	for u in postgres nobody; do
		if id "$u" >/dev/null 2>&1; then
			who=$u
			break
		fi
	done
	if [ -z "$who" ]; then
		echo "PostgreSQL cannot be run by root, and there is neither a user \"postgres\" nor \"nobody\"" >&2
		exit 1
	fi
fi
dir=$(mktemp -d "${TMPDIR:-/tmp}/advocate-bench-pg-XXXXXX")
as() {
	if [ -n "$who" ]; then
		(cd "$dir" && su -s /bin/sh "$who" -c "$1")
	else
		(cd "$dir" && sh -c "$1")
	fi
}
end() {
	code=$?
	trap - EXIT INT TERM HUP
	as "'$bin/pg_ctl' -D '$dir/data' -m immediate stop >/dev/null 2>&1" || true
	rm -rf "$dir"
	exit "$code"
}
trap end EXIT
trap 'exit 130' INT TERM HUP
if [ -n "$who" ]; then chown "$who" "$dir"; fi

as "LC_ALL=C '$bin/initdb' -D '$dir/data' -U advocate -A trust -E UTF8 --locale=C --no-sync" >"$dir/log" 2>&1 || {
	cat "$dir/log" >&2
	exit 1
}
# A quarter of the memory, as a server of one's own would have; 1 GB where the
# machine does not tell.
buffers=$(awk '/^MemTotal:/ {mb = int($2 / 4096); print (mb > 8192 ? 8192 : mb) "MB"}' /proc/meminfo 2>/dev/null || true)
zip=on
if as "'$bin/pg_config' --configure" 2>/dev/null | grep -q with-lz4 && [ "$("$bin/postgres" -V | sed 's/[^0-9]*\([0-9]*\).*/\1/')" -ge 15 ]; then zip=lz4; fi
{
	echo "listen_addresses = ''"
	echo "unix_socket_directories = '$dir'"
	echo "unix_socket_permissions = 0777"
	echo "max_connections = 200"
	echo "shared_buffers = '${buffers:-1GB}'"
	echo "max_wal_size = '8GB'"
	echo "checkpoint_timeout = '15min'"
	echo "wal_compression = $zip"
	echo "log_min_messages = warning"
	echo "${PGSETTINGS:-}" | tr ';' '\n'
} >>"$dir/data/postgresql.conf"
as "'$bin/pg_ctl' -D '$dir/data' -l '$dir/server.log' -w start" >"$dir/log" 2>&1 || {
	cat "$dir/log" "$dir/server.log" >&2
	exit 1
}
chmod 755 "$dir"
"$@" --store "postgres:///postgres?host=$dir&user=advocate&sslmode=disable"
