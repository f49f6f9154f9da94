// SPDX-License-Identifier: BSD-2-Clause
/*
 * The data block as it stands in the page: gzip, as base64. Most of it are names of columns and of
 * processes again and again, which takes a quarter to a sixth of the room then. By hand:
 * sed -n 's|.*id="trace">||p' PAGE | sed 's|</script>.*||' | base64 -d | gunzip
 */
#include "reporter/html.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define WINDOW_GZIP (MAX_WBITS + 16) /* for deflateInit2(): gzip's header instead of zlib's */

/* How many of `left` bytes one call of deflate() can be given. */
static uInt piece(size_t left)
{
	return left < 1u << 30 ? (uInt)left : 1u << 30;
}

/* Write `len` bytes as base64; all but the last call must have a multiple of three. */
static void base64_put(FILE *out, const unsigned char *data, size_t len)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	for (size_t i = 0; i < len; i += 3) {
		unsigned bits = data[i] << 16 | (i + 1 < len ? data[i + 1] << 8 : 0) |
				(i + 2 < len ? data[i + 2] : 0);

		fputc(digits[bits >> 18], out);
		fputc(digits[bits >> 12 & 63], out);
		fputc(i + 1 < len ? digits[bits >> 6 & 63] : '=', out);
		fputc(i + 2 < len ? digits[bits & 63] : '=', out);
	}
}

int html_packed_put(FILE *out, const char *data, size_t len)
{
	unsigned char buffer[3 * 8192];
	z_stream z = {.next_in = (Bytef *)data};
	int more = Z_OK;

	if (deflateInit2(&z, Z_BEST_COMPRESSION, Z_DEFLATED, WINDOW_GZIP, MAX_MEM_LEVEL,
			 Z_DEFAULT_STRATEGY) != Z_OK)
		return -ENOMEM;
	while (more != Z_STREAM_END) {
		z.next_out = buffer;
		z.avail_out = sizeof(buffer);
		while (more != Z_STREAM_END && z.avail_out) {
			if (!z.avail_in) {
				z.avail_in = piece(len);
				len -= z.avail_in;
			}
			more = deflate(&z, len ? Z_NO_FLUSH : Z_FINISH);
		}
		base64_put(out, buffer, sizeof(buffer) - z.avail_out);
	}
	deflateEnd(&z);
	return 0;
}
