// SPDX-License-Identifier: BSD-2-Clause
/*
 * New System V objects; see sysv.h.
 */
#include "workloads/sysv.h"

#include <sys/ipc.h>
#include <unistd.h>

#define IPCT_KEY_TRIES 1000

int sysv_create(struct peer *peer, enum ipct_mechanism mechanism, unsigned index,
		int (*get)(key_t key, int flags, size_t size), size_t size, int *key)
{
	long id = -EEXIST;

	for (unsigned i = 0; id == -EEXIST && i < IPCT_KEY_TRIES; i++) {
		/* "IW", the process, the object; never 0, which is IPC_PRIVATE */
		*key = (int)(0x49570000 + ((unsigned)getpid() << 8) + index + i * 0x10001);
		id = peer_call_on(peer, mechanism, IPCT_ROLE_CREATE,
				  get(*key, IPC_CREAT | IPC_EXCL | 0600, size));
	}
	return (int)id;
}
