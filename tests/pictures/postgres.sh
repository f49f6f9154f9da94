#!/bin/sh
# postgres.sh COMMAND [ARG...]: runs COMMAND beside a PostgreSQL server on a UNIX socket in the current
# folder, whose database is in data/, and ends the server.
set -eu

export PGHOST="$PWD" PGUSER=bench PGDATABASE=postgres LC_ALL=C
postgres -D data -k "$PWD" -c listen_addresses= -c fsync=off >postgres.log 2>&1 &
server=$!
trap 'kill -INT $server; wait $server' EXIT
until pg_isready --quiet; do
	kill -0 $server
	sleep 0.1
done
"$@"
