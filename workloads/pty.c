// SPDX-License-Identifier: BSD-2-Clause
/*
 * Pseudo-terminals in raw mode: the supervisor opens both sides and peers inherit them. Which side
 * sends is up to the variant, and alternates between the two objects of pingpong.
 */
#include "workloads/fd_io.h"
#include "workloads/harness.h"

#include <asm/termbits.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { PTY_DOWN, PTY_UP };

static int pty_ioctl(struct peer *supervisor, int fd, unsigned long request, void *arg)
{
	return (int)peer_call(supervisor, IPCT_ROLE_CONTROL, ioctl(fd, request, arg));
}

/* Bytes pass as they are: no lines, no echo, no signals, no translation, eight bits. */
static int pty_make_raw(struct peer *supervisor, int slave)
{
	struct termios modes;
	int err = pty_ioctl(supervisor, slave, TCGETS, &modes);

	if (err)
		return err;
	modes.c_iflag = 0;
	modes.c_oflag = 0;
	modes.c_lflag = 0;
	modes.c_cflag = (modes.c_cflag & ~(tcflag_t)(CSIZE | PARENB)) | CS8;
	modes.c_cc[VMIN] = 1;
	modes.c_cc[VTIME] = 0;
	return pty_ioctl(supervisor, slave, TCSETS, &modes);
}

static int pty_open_slave(struct peer *supervisor, int master)
{
	int locked = 0, number;
	char path[32];
	int err = pty_ioctl(supervisor, master, TIOCSPTLCK, &locked);

	if (!err)
		err = pty_ioctl(supervisor, master, TIOCGPTN, &number);
	if (err)
		return err;
	snprintf(path, sizeof(path), "/dev/pts/%d", number);
	return (int)peer_call(supervisor, IPCT_ROLE_OPEN,
			      open(path, O_RDWR | O_NOCTTY | O_CLOEXEC));
}

static int pty_make(struct peer *supervisor, struct channel *channel)
{
	bool up = (peer_options(supervisor)->variant->kind == PTY_UP) != channel->index % 2;
	int master = (int)peer_call(supervisor, IPCT_ROLE_OPEN,
				    open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC));
	int slave;

	if (master < 0)
		return master;
	slave = pty_open_slave(supervisor, master);
	if (slave < 0)
		return slave;
	channel->fd[up ? SIDE_RECV : SIDE_SEND] = master;
	channel->fd[up ? SIDE_SEND : SIDE_RECV] = slave;
	return pty_make_raw(supervisor, slave);
}

static const struct variant pty_variants[] = {
	{.name = "plain",
	 .doc = "from master to slave; write and read",
	 .kind = PTY_DOWN,
	 .send = fd_write,
	 .recv = fd_read},
	{.name = "up",
	 .doc = "from slave to master; write and read",
	 .kind = PTY_UP,
	 .send = fd_write,
	 .recv = fd_read},
	{.name = "vector",
	 .doc = "from master to slave; writev and readv with three parts",
	 .kind = PTY_DOWN,
	 .send = fd_writev,
	 .recv = fd_readv},
	{.name = NULL},
};

const struct mechanism pty_mechanism = {
	.id = IPCT_MECH_PTY,
	.name = "pty",
	.variants = pty_variants,
	.waits = IPCT_WAITS_ALL,
	.atomic_bytes = 2048, /* the kernel copies a write in such chunks */
	.is_endless = true,
	.is_two_way = true,
	.make = pty_make,
	.disown = inherited_disown,
	.open = inherited_open,
	.close = inherited_close,
};
