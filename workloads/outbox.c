// SPDX-License-Identifier: BSD-2-Clause
/*
 * Making and sending messages; see outbox.h.
 */
#include "workloads/outbox.h"
#include "workloads/order.h"

#include <sys/mman.h>
#include <unistd.h>

static unsigned outbox_batch(const struct peer *peer)
{
	unsigned batch = peer->run->options->variant->batch;

	return batch ? batch : 1;
}

/* Where only headers are made: the rest must be memory of its own, and not the kernel's zeros. */
static void outbox_fill_once(struct outbox *out)
{
	struct content content = out->peer->run->content;

	content.header_only = false;
	for (unsigned i = 0; i < out->buffer_count * !out->peer->run->options->variant->is_bare;
	     i++)
		for (unsigned k = 0; k < outbox_batch(out->peer); k++)
			content_fill(&content, out->peer->sender, i,
				     out->buffers + i * out->stride_bytes + k * content.size);
}

int outbox_open(struct outbox *out, struct peer *peer)
{
	const struct variant *variant = peer->run->options->variant;
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t size = variant->is_bare ? 1 : peer->run->content.size * outbox_batch(peer);

	out->peer = peer;
	out->buffer_count = (variant->keeps + 1) * peer->end_count;
	out->stride_bytes = (size + page - 1) / page * page;
	out->buffers = mmap(NULL, out->stride_bytes * out->buffer_count, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (out->buffers != MAP_FAILED) {
		if (peer->run->content.header_only)
			outbox_fill_once(out);
		return 0;
	}
	out->buffers = NULL;
	return peer_complain(peer, ENOMEM, "no memory for messages");
}

/*
 * Pages that a pipe still refers to after vmsplice outlive the mapping, with their content; a
 * heap would write to them as soon as they are freed.
 */
void outbox_close(struct outbox *out)
{
	if (out->buffers)
		munmap(out->buffers, out->stride_bytes * out->buffer_count);
}

static unsigned char *outbox_buffer(struct outbox *out, uint64_t seq)
{
	return out->buffers + seq % out->buffer_count * out->stride_bytes;
}

void outbox_fill(struct outbox *out, uint64_t seq, unsigned count)
{
	const struct content *content = &out->peer->run->content;
	unsigned char *buf = outbox_buffer(out, seq);

	if (out->peer->run->options->variant->is_bare)
		return;
	for (unsigned i = 0; i < count; i++)
		content_fill(content, out->peer->sender, seq + i, buf + i * content->size);
}

int outbox_send(struct outbox *out, struct end *end, uint64_t seq, unsigned count)
{
	const struct run *run = out->peer->run;
	unsigned classes = run->options->variant->classes;
	size_t len = count * run->content.size, sent = 0;
	bool bare = run->options->variant->is_bare;
	unsigned char *buf = outbox_buffer(out, seq);

	window_enter(end->channel, count, run->options->wait == WAIT_SPIN);
	end->class = classes ? order_class(&run->content, seq, classes) : 0;
	while (sent < len) {
		ssize_t n = end_send(end, bare ? NULL : buf + sent, len - sent);

		if (n < 0)
			return (int)n;
		sent += (size_t)n;
	}
	out->peer->shared->sent = seq + count;
	return 0;
}
