/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * process_vm_readv(2) and process_vm_writev(2): one call moves bytes from or to the memory of
 * another process, which makes no call itself. The object is that memory.
 */
#ifndef IPCT_PROCESS_VM_H
#define IPCT_PROCESS_VM_H

#include "target.h"

/* The shape PROCESS: the process that argument `fd` names, in the caller's pid namespace. */
__noinline int process_vm_begin(__u32 pid, __u32 role)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct thread *t = thread_of(task);
	struct sighting s = {.key.mechanism = IPCT_MECH_PROCESS_VM};
	struct leg *leg;

	if (!t)
		return 0;
	leg = &t->leg[0];
	leg_clear(leg);
	leg->mechanism = s.key.mechanism;
	leg->role = role;
	t->legs = 1;
	if ((__s32)pid <= 0) { /* no process has it: the call will fail, and has no object */
		ledger_count(leg->mechanism, IPCT_COUNT_SEEN);
		return 1;
	}
	s.key.ino = pid;
	s.owner = s.key.generation = process_by_pid(task, pid);
	leg->object = object_find(&s);
	t->legs = leg_seen(leg);
	if (!t->legs)
		return 0;
	return 1;
}

#endif
