// SPDX-License-Identifier: BSD-2-Clause
/*
 * Memory files without a name: the supervisor makes them; peers inherit the fd, or each is sent it
 * over a UNIX socket that they inherit.
 */
#include "workloads/harness.h"
#include "workloads/mapping.h"
#include "workloads/ring.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define MEMFD_PASSED (IPCT_BELL_MASK + 1) /* in a variant's kind */

#define MEMFD_BELL(bell, words)                                                                    \
	.name = bell, .doc = words, .counts_itself = true, .send = ring_send, .recv = ring_recv

static const struct variant memfd_variants[] = {
	{MEMFD_BELL("futex", "the fd is inherited; wait and wake by futex(2)"), .kind = BELL_FUTEX},
	{MEMFD_BELL("posix_sem", "sem_wait and sem_post, on a semaphore in the memory"),
	 .kind = BELL_POSIX_SEM, .uncounted = IPCT_MECH_FUTEX},
	{MEMFD_BELL("sysv_sem", "semop on a System V semaphore"), .kind = BELL_SYSV_SEM},
	{MEMFD_BELL("eventfd", "write and read on an eventfd"), .kind = BELL_EVENTFD},
	{MEMFD_BELL("passed", "as futex; the fd is sent over a UNIX socket, by SCM_RIGHTS"),
	 .kind = BELL_FUTEX | MEMFD_PASSED},
	{.name = NULL},
};

/* A message of one byte, with room for an fd. */
struct parcel {
	char byte;
	struct iovec iov;
	struct msghdr msg;
	union {
		struct cmsghdr head;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control;
};

static void parcel_init(struct parcel *parcel)
{
	memset(parcel, 0, sizeof(*parcel));
	parcel->iov = (struct iovec){&parcel->byte, 1};
	parcel->msg.msg_iov = &parcel->iov;
	parcel->msg.msg_iovlen = 1;
	parcel->msg.msg_control = &parcel->control;
	parcel->msg.msg_controllen = sizeof(parcel->control);
}

static bool is_passed(const struct peer *peer)
{
	return peer_options(peer)->variant->kind & MEMFD_PASSED;
}

static int socket_close_counted(struct peer *peer, int fd)
{
	return (int)peer_call_on(peer, IPCT_MECH_UNIX_STREAM, IPCT_ROLE_CLOSE, close(fd));
}

/* One copy for each end that will ask for it; then only they have it. */
static int memfd_pass(struct peer *supervisor, struct channel *channel)
{
	unsigned copies = channel->users[SIDE_RECV] + channel->users[SIDE_SEND];
	struct parcel parcel;
	int pair[2];
	long err;

	err = peer_call_on(supervisor, IPCT_MECH_UNIX_STREAM, IPCT_ROLE_CREATE,
			   socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair));
	if (err)
		return (int)err;
	parcel_init(&parcel);
	parcel.control.head = (struct cmsghdr){.cmsg_level = SOL_SOCKET,
					       .cmsg_type = SCM_RIGHTS,
					       .cmsg_len = CMSG_LEN(sizeof(int))};
	memcpy(CMSG_DATA(&parcel.control.head), &channel->fd[0], sizeof(int));
	for (unsigned i = 0; err >= 0 && i < copies; i++)
		err = peer_call_on(supervisor, IPCT_MECH_UNIX_STREAM, IPCT_ROLE_SEND,
				   sendmsg(pair[1], &parcel.msg, 0));
	if (err >= 0)
		err = socket_close_counted(supervisor, pair[1]);
	if (err >= 0)
		err = peer_close_fd(supervisor, channel->fd[0]);
	channel->fd[0] = -1;
	channel->fd[1] = pair[0];
	return err < 0 ? (int)err : 0;
}

static int memfd_make(struct peer *supervisor, struct channel *channel)
{
	long fd = peer_call(supervisor, IPCT_ROLE_CREATE,
			    memfd_create("ipctrace-workload", MFD_CLOEXEC));
	int err;

	if (fd < 0)
		return (int)fd;
	channel->fd[0] = (int)fd;
	err = mapping_prepare(supervisor, channel, (int)fd, true);
	if (!err && is_passed(supervisor))
		err = memfd_pass(supervisor, channel);
	if (err)
		bells_destroy(supervisor, channel);
	return err;
}

/* Take a copy of the fd from the socket. Returns it, or -errno. */
static int memfd_receive(struct end *end)
{
	struct parcel parcel;
	const struct cmsghdr *head;
	long n;
	int fd;

	parcel_init(&parcel);
	n = peer_call_on(end->peer, IPCT_MECH_UNIX_STREAM, IPCT_ROLE_RECV,
			 recvmsg(end->channel->fd[1], &parcel.msg, MSG_CMSG_CLOEXEC));
	if (n < 0)
		return (int)n;
	head = CMSG_FIRSTHDR(&parcel.msg);
	if (n != 1 || !head || head->cmsg_type != SCM_RIGHTS)
		return -EBADMSG;
	peer_message(end->peer, IPCT_MECH_UNIX_STREAM, 1, 1);
	memcpy(&fd, CMSG_DATA(head), sizeof(fd));
	return fd;
}

/* A copy that was passed is closed as soon as the memory is mapped. */
static int memfd_open(struct end *end)
{
	int fd = is_passed(end->peer) ? memfd_receive(end) : end->channel->fd[0], err;

	if (fd < 0)
		return fd;
	err = mapping_open(end, fd);
	return err || !is_passed(end->peer) ? err : peer_close_fd(end->peer, fd);
}

/* What a process inherited: the memory's fd or the socket's, and the bells. */
static int memfd_abandon(struct peer *peer, struct channel *channel)
{
	int err = bells_close(peer, channel);

	if (!err && channel->fd[0] >= 0)
		err = peer_close_fd(peer, channel->fd[0]);
	if (!err && channel->fd[1] >= 0)
		err = socket_close_counted(peer, channel->fd[1]);
	return err;
}

static int memfd_close(struct end *end)
{
	int err = mapping_close(end);

	return err || !end_is_last_here(end) ? err : memfd_abandon(end->peer, end->channel);
}

const struct mechanism memfd_mechanism = {
	.id = IPCT_MECH_MEMFD,
	.name = "memfd",
	.variants = memfd_variants,
	.waits = IPCT_WAITS_BLOCK | IPCT_WAITS_SPIN,
	.is_whole = true,
	.is_endless = true,
	.messages = MESSAGES_NONE,
	.make = memfd_make,
	.destroy = bells_destroy,
	.abandon = memfd_abandon,
	.open = memfd_open,
	.close = memfd_close,
};
