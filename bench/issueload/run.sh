#!/bin/sh
# Runs issueload against the throw-away PostgreSQL of bench/catalogue/postgres.sh,
# which it has stopped and started:
#
#	bench/catalogue/postgres.sh bench/issueload/run.sh -rate 500 -for 60s
#
# The server is first started anew with FSYNC (on), since the throw-away one does
# not wait for the disk. HOW is how it is stopped: immediate, as if it crashed, or
# fast.
set -eu
: "${BEVIS_POSTGRES:?run me by bench/catalogue/postgres.sh}"
folder=${BEVIS_POSTGRES#host=}
folder=${folder%% *}
for d in /usr/lib/postgresql/*/bin /usr/local/pgsql/bin /opt/homebrew/opt/postgresql*/bin; do
	[ -x "$d/pg_ctl" ] && bin=$d
done
as=
if [ "$(id -u)" = 0 ]; then
	user=$(stat -c %U "$folder")
	as="setpriv --reuid $user --regid $(id -g "$user") --clear-groups --"
fi
options="-c listen_addresses='' -c unix_socket_directories='$folder' -c fsync=${FSYNC:-on}"
stop="cd / && $as $bin/pg_ctl -D $folder/data -w -m ${HOW:-immediate} stop"
start="cd / && $as $bin/pg_ctl -D $folder/data -l $folder/data/log -w -o \"$options\" start"
sh -c "$stop" >/dev/null && sh -c "$start" >/dev/null
build=$(mktemp -d)
trap 'rm -rf "$build"' EXIT
go build -trimpath -o "$build/" ./cmd/bevis ./bench/issueload
"$build/issueload" -bevis "$build/bevis" -stop "$stop" -start "$start" "$@"
