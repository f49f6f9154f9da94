#!/bin/sh
# redis.sh REQUESTS: a server of its own on a UNIX socket in the current folder, REQUESTS of
# redis-benchmark to it, and its end. Prints what redis-benchmark measured, as CSV.
set -eu

redis-server --port 0 --unixsocket "$PWD/redis.sock" --save '' --appendonly no --dir "$PWD" >redis.log &
server=$!
trap 'kill $server; wait $server' EXIT
until [ -S redis.sock ] && redis-cli -s redis.sock ping >/dev/null 2>&1; do
	kill -0 $server
	sleep 0.02
done
redis-benchmark -s redis.sock -c 10 -t set -n "$1" --csv
