// SPDX-License-Identifier: BSD-2-Clause
/*
 * System V semaphores: the supervisor makes them under free keys and removes them in the end; each
 * peer looks up the key. A message is one up and one down.
 */
#include "workloads/harness.h"
#include "workloads/sysv.h"

#include <sys/ipc.h>
#include <sys/sem.h>
#include <sys/syscall.h>
#include <unistd.h>

#define IPCT_SEM_WINDOW 1009 /* well below SEMVMX, 32767, the most that a semaphore counts */

enum { SEM_OP, SEM_TIMEDOP };

static int sem_get(key_t key, int flags, size_t size)
{
	return semget(key, (int)size, flags);
}

static int sem_make(struct peer *supervisor, struct channel *channel)
{
	channel->id = sysv_create(supervisor, IPCT_MECH_SYSV_SEM, channel->index, sem_get, 1,
				  &channel->key);
	if (channel->id == -ENOSPC)
		return peer_explain(supervisor, ENOSPC,
				    "there are as many semaphores as sysctl kernel.sem "
				    "(/proc/sys/kernel/sem) allows");
	return channel->id < 0 ? channel->id : 0;
}

static void sem_remove(struct peer *supervisor, struct channel *channel)
{
	peer_call(supervisor, IPCT_ROLE_CONTROL, semctl(channel->id, 0, IPC_RMID));
}

static int sem_look_up(struct end *end)
{
	long id = peer_call(end->peer, IPCT_ROLE_OPEN, semget(end->channel->key, 0, 0));

	return id < 0 ? (int)id : 0;
}

static int sem_leave(struct end *end)
{
	return 0;
}

static unsigned sem_window(const struct options *options, const struct channel *channel)
{
	return IPCT_SEM_WINDOW;
}

/* The system call itself: the C library makes semtimedop of semop. */
static long sem_call(const struct end *end, struct sembuf *op)
{
	const struct timespec timeout = {.tv_sec = 3600};

	if (peer_options(end->peer)->variant->kind == SEM_TIMEDOP)
		return semtimedop(end->channel->id, op, 1, &timeout);
	return syscall(SYS_semop, end->channel->id, op, 1);
}

static ssize_t sem_up(struct end *end, const void *buf, size_t count)
{
	struct sembuf op = {.sem_op = 1};
	long err = peer_call(end->peer, IPCT_ROLE_WAKE, sem_call(end, &op));

	return err ? err : 1;
}

static ssize_t sem_down(struct end *end, void *buf, size_t count)
{
	short flags = peer_options(end->peer)->wait == WAIT_SPIN ? IPC_NOWAIT : 0;
	struct sembuf op = {.sem_op = -1, .sem_flg = flags};
	long err = peer_call(end->peer, IPCT_ROLE_WAIT, sem_call(end, &op));

	if (err)
		return err;
	peer_message(end->peer, IPCT_MECH_SYSV_SEM, 1, 0);
	return 1;
}

static const struct variant sem_variants[] = {
	{.name = "plain",
	 .doc = "semop",
	 .kind = SEM_OP,
	 .is_bare = true,
	 .counts_itself = true,
	 .send = sem_up,
	 .recv = sem_down},
	{.name = "timed",
	 .doc = "semtimedop",
	 .kind = SEM_TIMEDOP,
	 .is_bare = true,
	 .counts_itself = true,
	 .send = sem_up,
	 .recv = sem_down},
	{.name = NULL},
};

const struct mechanism sysv_sem_mechanism = {
	.id = IPCT_MECH_SYSV_SEM,
	.name = "sysv_sem",
	.variants = sem_variants,
	.waits = IPCT_WAITS_BLOCK | IPCT_WAITS_SPIN,
	.atomic_bytes = SIZE_MAX,
	.size = 1,
	.size_is = "a semaphore carries nothing; a message is one up and one down",
	.is_endless = true,
	.messages = MESSAGES_COUNTED,
	.window = sem_window,
	.make = sem_make,
	.destroy = sem_remove,
	.open = sem_look_up,
	.close = sem_leave,
};
