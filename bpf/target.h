/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * Processes as objects: the signals that one gets (mechanism signal), and its memory that others
 * read and write (process_vm). An object is a part of a process, so its key is that process: the
 * pid and the time at which it began, as pids are used again.
 */
#ifndef IPCT_TARGET_H
#define IPCT_TARGET_H

#include "object.h"
#include "process.h"

static __noinline int target_describe(struct ipct_object *o, const struct sighting *s)
{
	struct task_struct *leader = (struct task_struct *)s->source;

	if (!o)
		return 0;
	o->flags |= IPCT_OBJECT_OF_PROCESS;
	o->process = s->owner;
	if (leader) {
		o->ino = o->pid = task_pid_seen(leader);
		BPF_CORE_READ_STR_INTO(&o->text, leader, comm);
	} else {
		o->pid = s->key.ino;
	}
	return 0;
}

static __always_inline void target_sighting(struct sighting *s, __u32 mechanism,
					    struct task_struct *leader)
{
	__builtin_memset(s, 0, sizeof(*s));
	s->key.mechanism = mechanism;
	s->key.ino = BPF_CORE_READ(leader, tgid);
	s->key.instance = BPF_CORE_READ(leader, start_time);
	s->source = (__u64)leader;
}

#endif
