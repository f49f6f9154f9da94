// SPDX-License-Identifier: BSD-2-Clause
/*
 * The memory of another process: the sender writes into the receiver's, or the receiver reads from
 * the sender's. Neither call tells the other side, so they hand the turn over by bells in shared
 * anonymous memory, on futexes or spinning. What is shared there is who has a message where.
 */
#include "workloads/harness.h"
#include "workloads/mapping.h"
#include "workloads/ring.h"

#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/uio.h>
#include <unistd.h>

enum { VM_WRITE = BELL_FUTEX, VM_READ = BELL_FUTEX + IPCT_BELL_MASK + 1 };

/* In the slot of a sender: where its message is. */
struct place {
	pid_t pid;
	void *address;
};

/* One buffer at a time: a ring of 2^0 slots. */
static int vm_make(struct peer *supervisor, struct channel *channel)
{
	size_t size = ring_size(channel, sizeof(struct place), 0);
	int err = anon_make(supervisor, channel, size);

	return err ? err : ring_make(supervisor, channel, channel->memory, sizeof(struct place), 0);
}

static bool end_owns_memory(const struct end *end)
{
	bool reads = peer_options(end->peer)->variant->kind == VM_READ;

	return end->side == (reads ? SIDE_SEND : SIDE_RECV);
}

/* Private memory for the messages of each sender, or of this one; its places are told. */
static int vm_open(struct end *end)
{
	size_t size = peer_options(end->peer)->size;
	unsigned first = end->side == SIDE_SEND ? ring_lane(end) : 0;
	unsigned count = end->side == SIDE_SEND ? 1 : end->channel->users[SIDE_SEND];
	unsigned char *memory;

	end->state = end->channel->memory;
	if (!end_owns_memory(end))
		return 0;
	memory = mmap(NULL, count * size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		      0);
	if (memory == MAP_FAILED)
		return -errno;
	/* Where only a debugger may do this, everyone is allowed; it fails where that is unknown.
	 */
	prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY);
	for (unsigned i = 0; i < count; i++) {
		struct place place = {getpid(), memory + i * size};

		memcpy(ring_slot(end->state, first + i), &place, sizeof(place));
	}
	return 0;
}

static int vm_abandon(struct peer *peer, struct channel *channel)
{
	return anon_unmap(peer, channel);
}

/* Private memory lives until the process ends, as the others' calls may need it. */
static int vm_close(struct end *end)
{
	return end_is_last_here(end) ? vm_abandon(end->peer, end->channel) : 0;
}

/* All bytes in one call, or an error. */
static int vm_moved(struct end *end, long n, size_t len_bytes)
{
	if (n < 0)
		return (int)n;
	if ((size_t)n < len_bytes)
		return peer_explain(end->peer, EFAULT, "only %ld of %zu bytes were copied", n,
				    len_bytes);
	peer_message(end->peer, IPCT_MECH_PROCESS_VM, 1, (uint64_t)n);
	return 0;
}

static ssize_t vm_send(struct end *end, const void *buf, size_t len_bytes)
{
	struct iovec here = {(void *)buf, len_bytes}, there;
	struct place place;
	int err;
	void *slot = ring_fill_begin(end, &err);

	if (!slot)
		return err;
	memcpy(&place, slot, sizeof(place));
	there = (struct iovec){place.address, len_bytes};
	if (end_owns_memory(end))
		memcpy(place.address, buf, len_bytes);
	else
		err = vm_moved(end,
			       peer_call(end->peer, IPCT_ROLE_SEND,
					 process_vm_writev(place.pid, &here, 1, &there, 1, 0)),
			       len_bytes);
	if (!err)
		err = ring_fill_end(end);
	return err ? err : (ssize_t)len_bytes;
}

static ssize_t vm_recv(struct end *end, void *buf, size_t len_bytes)
{
	size_t size = peer_options(end->peer)->size;
	struct iovec here = {buf, size}, there;
	struct lane *lane = NULL;
	struct place place;
	int err;
	void *slot = ring_take_begin(end, &lane, &err);

	if (!slot)
		return err;
	memcpy(&place, slot, sizeof(place));
	there = (struct iovec){place.address, size};
	if (end_owns_memory(end))
		memcpy(buf, place.address, size);
	else
		err = vm_moved(end,
			       peer_call(end->peer, IPCT_ROLE_RECV,
					 process_vm_readv(place.pid, &here, 1, &there, 1, 0)),
			       size);
	if (!err)
		err = ring_take_end(end, lane);
	return err ? err : (ssize_t)size;
}

static const struct variant vm_variants[] = {
	{.name = "write",
	 .doc = "the sender calls process_vm_writev",
	 .kind = VM_WRITE,
	 .counts_itself = true,
	 .send = vm_send,
	 .recv = vm_recv},
	{.name = "read",
	 .doc = "the receiver calls process_vm_readv",
	 .kind = VM_READ,
	 .counts_itself = true,
	 .send = vm_send,
	 .recv = vm_recv},
	{.name = NULL},
};

const struct mechanism process_vm_mechanism = {
	.id = IPCT_MECH_PROCESS_VM,
	.name = "process_vm",
	.variants = vm_variants,
	.waits = IPCT_WAITS_BLOCK | IPCT_WAITS_SPIN,
	.is_whole = true,
	.is_endless = true,
	.messages = MESSAGES_COUNTED,
	.make = vm_make,
	.destroy = bells_destroy,
	.abandon = vm_abandon,
	.open = vm_open,
	.close = vm_close,
};
