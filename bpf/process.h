/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * Following the program and its descendants: a process gets its number when it is forked, so that
 * a pid that is used again is another process, and each fork, exec and exit has its record.
 */
#ifndef IPCT_PROCESS_H
#define IPCT_PROCESS_H

#include "area.h"

/* A pid as the recorder's pid namespace has it; include/linux/pid.h: struct pid. 0: none. */
static __always_inline __u32 pid_seen(struct pid *pid)
{
	__u32 level = pid_level;
	__u32 nr = 0;

	if (!pid)
		return 0;
	bpf_probe_read_kernel(&nr, sizeof(nr),
			      (void *)pid + bpf_core_field_offset(struct pid, numbers) +
				      level * bpf_core_type_size(struct upid));
	return nr;
}

static __always_inline __u32 task_pid_seen(struct task_struct *task)
{
	return pid_seen(BPF_CORE_READ(task, thread_pid));
}

static __always_inline __u32 task_tgid_seen(struct task_struct *task)
{
	return task_pid_seen(BPF_CORE_READ(task, group_leader));
}

/* The numbers of traced processes, by pid as their own namespace and the recorder's have it. */
struct pid_key {
	__u64 namespace; /* address of a struct pid_namespace */
	__u32 pid;
	__u32 unused;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 65536);
	__type(key, struct pid_key);
	__type(value, __u32);
} pids SEC(".maps");

static __always_inline void pid_key_read(struct pid_key *key, struct pid *pid, __u32 level)
{
	struct upid *upid = (void *)pid + bpf_core_field_offset(struct pid, numbers) +
			    level * bpf_core_type_size(struct upid);

	__builtin_memset(key, 0, sizeof(*key));
	key->pid = BPF_CORE_READ(upid, nr);
	key->namespace = (__u64)BPF_CORE_READ(upid, ns);
}

/* Remember the number of a process that begins, or forget it. */
static __always_inline void process_number_put(struct task_struct *task, __u32 process, bool begins)
{
	struct pid *pid = BPF_CORE_READ(task, group_leader, thread_pid);
	__u32 levels[2] = {BPF_CORE_READ(pid, level), pid_level};
	struct pid_key key;

	for (int i = 0; i < 2; i++) {
		pid_key_read(&key, pid, levels[i]);
		if (begins)
			bpf_map_update_elem(&pids, &key, &process, BPF_ANY);
		else
			bpf_map_delete_elem(&pids, &key);
	}
}

/* The number of the process that the task calls `nr`; 0: not traced, or not in sight. */
static __always_inline __u32 process_by_pid(struct task_struct *task, __u32 nr)
{
	struct pid *pid = BPF_CORE_READ(task, thread_pid);
	struct pid_key key;
	__u32 *process;

	pid_key_read(&key, pid, BPF_CORE_READ(pid, level));
	key.pid = nr;
	process = bpf_map_lookup_elem(&pids, &key);
	return process ? *process : 0;
}

/* The id of the task's cgroup of version 2. 0: the kernel has no cgroups. */
static __always_inline __u64 task_cgroup(struct task_struct *task)
{
	if (!bpf_core_field_exists(task->cgroups))
		return 0;
	return BPF_CORE_READ(task, cgroups, dfl_cgrp, kn, id);
}

static __noinline int fork_announce(struct task_struct *task, struct task_struct *parent,
				    __u32 process, __u32 parent_process, __u32 flags)
{
	struct ipct_fork *f = note_reserve(IPCT_EV_FORK, sizeof(*f));

	if (!f)
		return 0;
	f->head.process = process;
	f->time_ns = bpf_ktime_get_ns();
	f->parent = parent_process;
	f->tgid = task_tgid_seen(task);
	f->parent_tgid = task_tgid_seen(parent);
	f->flags = flags;
	f->cgroup = task_cgroup(task);
	BPF_CORE_READ_STR_INTO(&f->comm, task, comm);
	note_submit(f);
	return 0;
}

static __noinline int exec_announce(struct task_struct *task, __u32 process)
{
	struct ipct_exec *e = note_reserve(IPCT_EV_EXEC, sizeof(*e));
	struct mm_struct *mm;
	struct file *exe;
	unsigned long start, len;

	if (!e)
		return 0;
	mm = BPF_CORE_READ(task, mm);
	e->head.process = process;
	e->time_ns = bpf_ktime_get_ns();
	e->tgid = task_tgid_seen(task);
	e->cgroup = task_cgroup(task);
	BPF_CORE_READ_STR_INTO(&e->comm, task, comm);
	e->exe.len = 0;
	exe = BPF_CORE_READ(mm, exe_file);
	if (exe)
		path_write(&e->exe, (__u64)&exe->f_path);
	start = BPF_CORE_READ(mm, arg_start);
	len = BPF_CORE_READ(mm, arg_end) - start;
	if (len > IPCT_ARGS_LEN)
		len = IPCT_ARGS_LEN;
	e->args_len = len;
	if (bpf_probe_read_user(e->args, len, (void *)start))
		e->args_len = 0;
	note_submit(e);
	return 0;
}

/*
 * CPU time of the current thread. The kernel's own sum is that of the last tick or switch: most of
 * a short life would be missing.
 */
static __always_inline __u64 thread_cpu_ns(const struct thread *t)
{
	return t->cpu_ns + bpf_ktime_get_ns() - t->on_ns;
}

/* What a thread has used, other than the last one of a process that ends. */
static __always_inline void cpu_announce(const struct thread *t, __u64 cpu_ns)
{
	struct ipct_cpu *c = note_reserve(IPCT_EV_CPU, sizeof(*c));

	if (!c)
		return;
	c->head.process = t->process;
	c->cpu_ns = cpu_ns;
	note_submit(c);
}

static __always_inline void exit_announce(const struct thread *t, struct task_struct *task,
					  __u64 cpu_ns)
{
	struct ipct_exit *e;

	process_number_put(task, t->process, false);
	e = note_reserve(IPCT_EV_EXIT, sizeof(*e));
	if (!e)
		return;
	e->head.process = t->process;
	e->time_ns = bpf_ktime_get_ns();
	e->tgid = task_tgid_seen(task);
	e->status = task->exit_code;
	if (BPF_CORE_READ(task, signal, flags) & SIGNAL_GROUP_EXIT)
		e->status = BPF_CORE_READ(task, signal, group_exit_code);
	e->cpu_ns = cpu_ns;
	note_submit(e);
}

/*
 * The current thread ends. Each tells its own CPU time: those of a process that is killed end in
 * any order, and what the kernel has of one that has gone may come later than the last one's end.
 */
static __always_inline void thread_end(struct thread *t, struct task_struct *task)
{
	t->ended = true;
	if (BPF_CORE_READ(task, signal, live.counter))
		cpu_announce(t, thread_cpu_ns(t));
	else
		exit_announce(t, task, thread_cpu_ns(t));
}

static __always_inline void thread_begin(struct thread *t, struct task_struct *task, __u32 process)
{
	t->process = process;
	t->tid = task_pid_seen(task);
}

/* The program itself: followed from its first exec on, so that no call before it is seen. */
static __always_inline void root_begin(struct task_struct *task)
{
	struct thread *t = thread_new(task);

	if (!t)
		return;
	pid_level = BPF_CORE_READ(task, thread_pid, level);
	thread_begin(t, task, __sync_fetch_and_add(&process_count, 1) + 1);
	t->on_ns = bpf_ktime_get_ns();
	t->cpu_ns = task->se.sum_exec_runtime;
	process_number_put(task, t->process, true);
	space_exec(task);
	fork_announce(task, BPF_CORE_READ(task, real_parent), t->process, 0, 0);
	exec_announce(task, t->process);
}

static __always_inline void child_begin(struct task_struct *parent, struct task_struct *child)
{
	struct thread *p = thread_of(parent);
	struct thread *c;

	if (!p)
		return;
	c = thread_new(child);
	if (!c)
		return;
	c->off_ns = bpf_ktime_get_ns(); /* it has yet to get a CPU */
	if (child->tgid == parent->tgid) {
		thread_begin(c, child, p->process);
		return;
	}
	thread_begin(c, child, __sync_fetch_and_add(&process_count, 1) + 1);
	process_number_put(child, c->process, true);
	space_fork(parent, child);
	fork_announce(child, parent, c->process, p->process,
		      (task_mm(child) == task_mm(parent) ? IPCT_FORK_SHARES_MEMORY : 0) |
			      (BPF_CORE_READ(child, files) == BPF_CORE_READ(parent, files)
				       ? IPCT_FORK_SHARES_FILES
				       : 0));
}

#endif
