// SPDX-License-Identifier: BSD-2-Clause
/*
 * Doorbells of five kinds; see bell.h.
 */
#include "workloads/bell.h"
#include "workloads/harness.h"
#include "workloads/sysv.h"

#include <linux/futex.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/sem.h>
#include <sys/syscall.h>
#include <unistd.h>

#define IPCT_SPINS 256 /* before others get a chance to run, who may be waited for */

static enum bell_kind bell_kind(const struct peer *peer)
{
	const struct options *o = peer_options(peer);

	return o->wait == WAIT_SPIN ? BELL_SPIN
				    : (enum bell_kind)(o->variant->kind & IPCT_BELL_MASK);
}

static int sem_get(key_t key, int flags, size_t count)
{
	return semget(key, (int)count, flags);
}

static int sysv_bell_make(struct peer *supervisor, struct channel *channel, const struct bell *bell,
			  uint32_t count)
{
	union {
		int val;
	} value = {(int)bell->initial};

	if (!bell->number)
		channel->bell_id = sysv_create(supervisor, IPCT_MECH_SYSV_SEM, channel->index,
					       sem_get, count, &channel->bell_key);
	if (channel->bell_id < 0)
		return channel->bell_id;
	return (int)peer_call_on(supervisor, IPCT_MECH_SYSV_SEM, IPCT_ROLE_CONTROL,
				 semctl(channel->bell_id, (int)bell->number, SETVAL, value));
}

static int eventfd_bell_make(struct peer *supervisor, struct channel *channel,
			     const struct bell *bell, uint32_t count)
{
	long fd;

	if (!bell->number)
		channel->bell_fds = calloc(count, sizeof(*channel->bell_fds));
	if (!channel->bell_fds)
		return -ENOMEM;
	fd = peer_call_on(supervisor, IPCT_MECH_EVENTFD, IPCT_ROLE_CREATE,
			  eventfd(bell->initial, EFD_CLOEXEC | EFD_SEMAPHORE));
	if (fd < 0)
		return (int)fd;
	channel->bell_fds[channel->bell_count++] = (int)fd;
	return 0;
}

int bell_make(struct peer *supervisor, struct channel *channel, struct bell *bell, uint32_t number,
	      uint32_t count, uint32_t initial)
{
	*bell = (struct bell){.count = initial, .number = number, .initial = initial};
	switch (bell_kind(supervisor)) {
	case BELL_POSIX_SEM:
		return sem_init(&bell->sem, 1, initial) ? -errno : 0;
	case BELL_SYSV_SEM:
		return sysv_bell_make(supervisor, channel, bell, count);
	case BELL_EVENTFD:
		return eventfd_bell_make(supervisor, channel, bell, count);
	default:
		return 0;
	}
}

void bells_destroy(struct peer *supervisor, struct channel *channel)
{
	if (bell_kind(supervisor) == BELL_SYSV_SEM && channel->bell_id >= 0)
		peer_call_on(supervisor, IPCT_MECH_SYSV_SEM, IPCT_ROLE_CONTROL,
			     semctl(channel->bell_id, 0, IPC_RMID));
	free(channel->bell_fds);
	channel->bell_fds = NULL;
}

int bells_close(struct peer *peer, struct channel *channel)
{
	int err = 0;

	for (unsigned i = 0; !err && i < channel->bell_count; i++)
		err = (int)peer_call_on(peer, IPCT_MECH_EVENTFD, IPCT_ROLE_CLOSE,
					close(channel->bell_fds[i]));
	return err;
}

static bool bell_try(struct bell *bell)
{
	uint32_t now = atomic_load(&bell->count);

	while (now)
		if (atomic_compare_exchange_weak(&bell->count, &now, now - 1))
			return true;
	return false;
}

static long futex(_Atomic uint32_t *word, int op, uint32_t value)
{
	return syscall(SYS_futex, word, op, value, NULL, NULL, 0);
}

/* Only who finds nothing sleeps, and only who may sleep is woken. */
static int futex_bell_wait(struct end *end, struct bell *bell)
{
	while (!bell_try(bell)) {
		long err;

		atomic_store(&bell->waiters, 1);
		err = peer_call_on(end->peer, IPCT_MECH_FUTEX, IPCT_ROLE_WAIT,
				   futex(&bell->count, FUTEX_WAIT, 0));
		atomic_store(&bell->waiters, 0);
		if (err < 0 && err != -EAGAIN && err != -EINTR)
			return (int)err;
	}
	return 0;
}

static int futex_bell_post(struct end *end, struct bell *bell)
{
	long woken;

	atomic_fetch_add(&bell->count, 1);
	if (!atomic_exchange(&bell->waiters, 0))
		return 0;
	woken = peer_call_on(end->peer, IPCT_MECH_FUTEX, IPCT_ROLE_WAKE,
			     futex(&bell->count, FUTEX_WAKE, 1));
	if (woken > 0)
		peer_message(end->peer, IPCT_MECH_FUTEX, (uint64_t)woken, 0);
	return woken < 0 ? (int)woken : 0;
}

static void spin_bell_wait(struct bell *bell)
{
	for (unsigned spins = 1; !bell_try(bell); spins++) {
		__builtin_ia32_pause();
		if (spins % IPCT_SPINS == 0)
			sched_yield();
	}
}

static int sysv_bell_op(struct end *end, const struct bell *bell, short by)
{
	struct sembuf op = {.sem_num = (unsigned short)bell->number, .sem_op = by};
	enum ipct_role role = by < 0 ? IPCT_ROLE_WAIT : IPCT_ROLE_WAKE;
	long err;

	do
		err = peer_call_on(end->peer, IPCT_MECH_SYSV_SEM, role,
				   syscall(SYS_semop, end->channel->bell_id, &op, 1));
	while (err == -EINTR);
	return (int)err;
}

static int eventfd_bell_op(struct end *end, const struct bell *bell, enum ipct_role role)
{
	int fd = end->channel->bell_fds[bell->number];
	uint64_t value = 1;
	long n;

	do {
		if (role == IPCT_ROLE_SEND)
			n = peer_call_on(end->peer, IPCT_MECH_EVENTFD, IPCT_ROLE_SEND,
					 write(fd, &value, sizeof(value)));
		else
			n = peer_call_on(end->peer, IPCT_MECH_EVENTFD, IPCT_ROLE_RECV,
					 read(fd, &value, sizeof(value)));
	} while (n == -EINTR);
	return n < 0 ? (int)n : 0;
}

static int posix_bell_wait(struct bell *bell)
{
	int err;

	do
		err = sem_wait(&bell->sem) ? -errno : 0;
	while (err == -EINTR);
	return err;
}

/* What was taken is from somebody if it is beyond what the bell began with. */
static void bell_taken(struct end *end, struct bell *bell, enum ipct_mechanism mechanism)
{
	if (++bell->taken > bell->initial)
		peer_message(end->peer, mechanism, 1, 0);
}

int bell_wait(struct end *end, struct bell *bell)
{
	int err = 0;

	switch (bell_kind(end->peer)) {
	case BELL_FUTEX:
		return futex_bell_wait(end, bell);
	case BELL_POSIX_SEM:
		return posix_bell_wait(bell);
	case BELL_SYSV_SEM:
		err = sysv_bell_op(end, bell, -1);
		if (!err)
			bell_taken(end, bell, IPCT_MECH_SYSV_SEM);
		return err;
	case BELL_EVENTFD:
		err = eventfd_bell_op(end, bell, IPCT_ROLE_RECV);
		if (!err)
			bell_taken(end, bell, IPCT_MECH_EVENTFD);
		return err;
	case BELL_SPIN:
		spin_bell_wait(bell);
	}
	return err;
}

int bell_post(struct end *end, struct bell *bell)
{
	switch (bell_kind(end->peer)) {
	case BELL_FUTEX:
		return futex_bell_post(end, bell);
	case BELL_POSIX_SEM:
		return sem_post(&bell->sem) ? -errno : 0;
	case BELL_SYSV_SEM:
		return sysv_bell_op(end, bell, 1);
	case BELL_EVENTFD:
		return eventfd_bell_op(end, bell, IPCT_ROLE_SEND);
	case BELL_SPIN:
		atomic_fetch_add(&bell->count, 1);
	}
	return 0;
}
