# The recordings that pictures are made of. Each is a function that leaves NAME.db in the current folder;
# `record` is `ipctrace record` with its common options. Sourced by make.

# shellcheck disable=SC2154 # here: the folder of make
recording_redis() {
	cp "$here/../bench/redis.sh" .
	record -o redis.db -- sh redis.sh 40000
}

recording_pipeline() {
	record -o pipeline.db -- sh -c 'tar c /usr/share/doc | gzip | sha256sum'
}

# 20 groups of 20: 400 processes, each sender to each receiver of its group.
recording_messaging() {
	record -o messaging.db -- perf bench sched messaging -g 10 -l 100
}

# A server of its own on a UNIX socket, in a folder of the user that it runs as: PostgreSQL refuses root.
recording_postgres() {
	local user=nobody PATH=$PATH folder=$PWD/postgres

	PATH=$(printf '%s:' /usr/lib/postgresql/*/bin)$PATH
	mkdir "$folder"
	chown "$user" "$folder"
	as_user() {
		(cd "$folder" && setpriv --reuid "$user" --regid "$(id -g "$user")" --clear-groups \
			env HOME="$folder" LC_ALL=C "$@")
	}
	as_user initdb --auth=trust --username=bench --no-sync --pgdata=data
	cp "$here/postgres.sh" "$folder"
	as_user sh postgres.sh pgbench --initialize --quiet
	(cd "$folder" && record -u "$user" -o "$OLDPWD/postgres.db" -- \
		sh postgres.sh pgbench --client 8 --jobs 2 --transactions 300)
	unset -f as_user
}
