# What the tests in a browser share. Bats loads this with `load driver`; tests/pictures/make does, too.

skip_file() {
	echo "skipped whole file: $1" >&3
	skip "$1"
}

# The browser's driver goes to the build folder, again only when its lock file changed.
driver_install() {
	local here=${BASH_SOURCE[0]%/*} folder=$IPCT_BIN/page-test
	if ! cmp -s "$here/package-lock.json" "$folder/installed"; then
		mkdir -p "$folder"
		cp "$here"/package*.json "$folder"
		(cd "$folder" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error) || return
		cp "$folder/package-lock.json" "$folder/installed"
	fi
}

# CHROMIUM, and what else is needed; or the whole file is skipped.
browser_find() {
	local word
	CHROMIUM=$(command -v chromium chromium-browser google-chrome | head -n 1)
	export CHROMIUM
	[ -n "$CHROMIUM" ] || skip_file "Chromium is not installed"
	for word in node npm sqlite3; do
		command -v "$word" >/dev/null || skip_file "$word is not installed"
	done
	driver_install
}
