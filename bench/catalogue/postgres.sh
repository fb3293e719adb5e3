#!/bin/sh
# Runs a command with a throw-away PostgreSQL, whose address it finds in
# BEVIS_POSTGRES:
#
#	bench/catalogue/postgres.sh go test ./catalogue/store/postgres
#
# The server listens on a socket in a temporary folder only, and goes with the
# command, by an unprivileged user. Without PostgreSQL it is installed where
# apt can; where it cannot, this says so and ends with 77.
set -eu

find_bin() {
	for d in "$(pg_config --bindir 2>/dev/null || true)" /usr/lib/postgresql/*/bin /usr/local/pgsql/bin /opt/homebrew/opt/postgresql*/bin; do
		if [ -x "$d/initdb" ] && [ -x "$d/postgres" ]; then
			echo "$d"
			return
		fi
	done
}

bin=$(find_bin)
if [ -z "$bin" ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
	apt-get install -y --no-install-recommends postgresql >/dev/null 2>&1 || true
	bin=$(find_bin)
fi
if [ -z "$bin" ]; then
	echo "SKIP postgres: there is no PostgreSQL" >&2
	exit 77
fi

# PostgreSQL refuses to run as root.
as() { "$@"; }
folder=$(mktemp -d /tmp/bevis-pg.XXXXXX)
if [ "$(id -u)" = 0 ]; then
	user=postgres
	id "$user" >/dev/null 2>&1 || user=nobody
	chown "$user" "$folder"
	as() { setpriv --reuid "$user" --regid "$(id -g "$user")" --clear-groups -- "$@"; }
fi
stop() {
	as "$bin/pg_ctl" -D "$folder/data" -m immediate stop >/dev/null 2>&1 || true
	rm -rf "$folder"
}
trap stop EXIT
trap 'exit 130' INT TERM

here=$PWD
cd "$folder"
as "$bin/initdb" -D "$folder/data" -U bevis -A trust -E UTF8 --locale=C --no-sync >"$folder/log" 2>&1 || { cat "$folder/log" >&2; exit 1; }
as "$bin/pg_ctl" -D "$folder/data" -l "$folder/data/log" -w -o "-c listen_addresses='' -c unix_socket_directories='$folder' -c fsync=off" start >/dev/null || { cat "$folder/data/log" >&2; exit 1; }
cd "$here"
BEVIS_POSTGRES="host=$folder user=bevis dbname=postgres"
export BEVIS_POSTGRES
"$@"
