// SPDX-License-Identifier: BSD-2-Clause
/*
 * Signals to the receiver's process. Real-time signals queue, and carry the message's 8 bytes as
 * their value; standard ones merge, so there is never more than one under way, and they are
 * counted only. All processes have the signals blocked from the start.
 */
#include "workloads/harness.h"

#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#define IPCT_SIGNAL_WINDOW 64 /* RLIMIT_SIGPENDING is for all processes of the user */

enum { SIGNAL_QUEUE, SIGNAL_FD, SIGNAL_HANDLER };

static volatile sig_atomic_t caught;

static int signal_kind(const struct peer *peer)
{
	return peer_options(peer)->variant->kind;
}

static int signal_number(const struct peer *peer, const struct channel *channel)
{
	if (signal_kind(peer) == SIGNAL_HANDLER)
		return SIGUSR1;
	return SIGRTMIN + (int)channel->index % (SIGRTMAX - SIGRTMIN);
}

static void signal_set(const struct end *end, sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, signal_number(end->peer, end->channel));
}

static unsigned signal_window(const struct options *options, const struct channel *channel)
{
	return options->variant->kind == SIGNAL_HANDLER ? 1 : IPCT_SIGNAL_WINDOW;
}

static int signal_make(struct peer *supervisor, struct channel *channel)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, signal_number(supervisor, channel));
	return sigprocmask(SIG_BLOCK, &set, NULL) ? -errno : 0;
}

static void signal_catch(int number)
{
	caught++;
}

static int signal_open(struct end *end)
{
	struct sigaction action = {.sa_handler = signal_catch};
	sigset_t set;

	if (end->side == SIDE_SEND)
		return 0;
	end->channel->shared->receiver = getpid();
	if (signal_kind(end->peer) == SIGNAL_HANDLER)
		return sigaction(SIGUSR1, &action, NULL) ? -errno : 0;
	if (signal_kind(end->peer) != SIGNAL_FD)
		return 0;
	signal_set(end, &set);
	end->fd = (int)peer_call(end->peer, IPCT_ROLE_CREATE, signalfd(-1, &set, SFD_CLOEXEC));
	return end->fd < 0 ? end->fd : 0;
}

static int signal_close(struct end *end)
{
	return end->fd < 0 ? 0 : peer_close_fd(end->peer, end->fd);
}

static ssize_t signal_queue(struct end *end, const void *buf, size_t len_bytes)
{
	union sigval value;
	long err;

	memcpy(&value, buf, sizeof(value));
	err = peer_call(end->peer, IPCT_ROLE_WAKE,
			sigqueue(end->channel->shared->receiver,
				 signal_number(end->peer, end->channel), value));
	return err ? err : (ssize_t)len_bytes;
}

static ssize_t signal_kill(struct end *end, const void *buf, size_t count)
{
	long err =
		peer_call(end->peer, IPCT_ROLE_WAKE, kill(end->channel->shared->receiver, SIGUSR1));

	return err ? err : 1;
}

/* The value that came with a signal from our sender; others are not for us. */
static ssize_t signal_value(struct end *end, union sigval value, int code, void *buf)
{
	if (code != SI_QUEUE)
		return peer_explain(end->peer, EBADMSG, "a signal that nobody queued");
	peer_message(end->peer, IPCT_MECH_SIGNAL, 1, 0);
	memcpy(buf, &value, sizeof(value));
	return sizeof(value);
}

static ssize_t signal_wait(struct end *end, void *buf, size_t len_bytes)
{
	bool spins = peer_options(end->peer)->wait == WAIT_SPIN;
	const struct timespec none = {0};
	siginfo_t info;
	sigset_t set;
	long number;

	signal_set(end, &set);
	number = peer_call(end->peer, IPCT_ROLE_WAIT,
			   sigtimedwait(&set, &info, spins ? &none : NULL));
	return number < 0 ? number : signal_value(end, info.si_value, info.si_code, buf);
}

/* Of the 128 bytes that a read of a signalfd gives, none came from the sender. */
static ssize_t signal_read(struct end *end, void *buf, size_t len_bytes)
{
	struct signalfd_siginfo info;
	union sigval value;
	ssize_t n;

	peer_op(end->peer, IPCT_MECH_SIGNAL, IPCT_ROLE_RECV);
	n = read(end->fd, &info, sizeof(info));
	n = n < 0 ? -errno : n;
	peer_op_end(end->peer, IPCT_MECH_SIGNAL, IPCT_ROLE_RECV, 0);
	if (n < 0)
		return n;
	value.sival_ptr = (void *)info.ssi_ptr;
	return signal_value(end, value, info.ssi_code, buf);
}

/* The delivery to the handler is what counts; there is no call that waits for it by number. */
static ssize_t signal_suspend(struct end *end, void *buf, size_t count)
{
	sigset_t set;

	sigprocmask(SIG_BLOCK, NULL, &set);
	sigdelset(&set, SIGUSR1);
	while (!caught)
		sigsuspend(&set);
	if (caught > 1)
		return peer_explain(end->peer, EBADMSG, "two signals where one was sent");
	caught = 0;
	peer_op(end->peer, IPCT_MECH_SIGNAL, IPCT_ROLE_WAIT);
	peer_op_end(end->peer, IPCT_MECH_SIGNAL, IPCT_ROLE_WAIT, 0);
	peer_message(end->peer, IPCT_MECH_SIGNAL, 1, 0);
	return 1;
}

static const struct variant signal_variants[] = {
	{.name = "plain",
	 .doc = "sigqueue of real-time signals, sigwaitinfo",
	 .kind = SIGNAL_QUEUE,
	 .waits = IPCT_WAITS_BLOCK | IPCT_WAITS_SPIN,
	 .counts_itself = true,
	 .send = signal_queue,
	 .recv = signal_wait},
	{.name = "signalfd",
	 .doc = "sigqueue of real-time signals, read from a signalfd",
	 .kind = SIGNAL_FD,
	 .waits = IPCT_WAITS_ALL,
	 .counts_itself = true,
	 .send = signal_queue,
	 .recv = signal_read},
	{.name = "handler",
	 .doc = "kill with SIGUSR1, one at a time, and a handler",
	 .kind = SIGNAL_HANDLER,
	 .waits = IPCT_WAITS_BLOCK,
	 .is_bare = true,
	 .counts_itself = true,
	 .send = signal_kill,
	 .recv = signal_suspend},
	{.name = NULL},
};

const struct mechanism signal_mechanism = {
	.id = IPCT_MECH_SIGNAL,
	.name = "signal",
	.variants = signal_variants,
	.waits = IPCT_WAITS_BLOCK,
	.atomic_bytes = SIZE_MAX,
	.size = sizeof(union sigval),
	.size_is = "a signal carries a value of 8 bytes, or nothing",
	.is_endless = true,
	.between_processes = true,
	.messages = MESSAGES_COUNTED,
	.window = signal_window,
	.make = signal_make,
	.open = signal_open,
	.close = signal_close,
};
