#!/usr/bin/env bats
# The layout of the page's flow graph, without a browser: bundled as for the page, run by Node.

@test "boxes never overlap, arrows begin and end at them, and graphs stay compact" {
	node "$BATS_TEST_DIRNAME/layout.mjs"
}
