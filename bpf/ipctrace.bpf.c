// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
/*
 * The probes: programs, each a thin wrapper around what the headers beside this file do.
 * Threads that are not traced cost a load or two: they have no task storage.
 */
#include "process.h"
#include "call.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

SEC("tp_btf/sys_enter")
int BPF_PROG(on_sys_enter, struct pt_regs *regs, long nr)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct thread *t;

	if (task->thread_info.status & TS_COMPAT) {
		if (thread_of(task) && !stopped_ns)
			ledger_count(IPCT_MECH_NONE, IPCT_COUNT_COMPAT);
		return 0;
	}
	if (!call_has_row(nr))
		return 0;
	t = thread_of(task);
	if (t && !stopped_ns)
		call_begin(t, task, regs, nr);
	return 0;
}

SEC("tp_btf/sys_exit")
int BPF_PROG(on_sys_exit, struct pt_regs *regs, long result)
{
	struct task_struct *task;
	struct thread *t;

	if (!call_has_row(regs->orig_ax))
		return 0;
	task = bpf_get_current_task_btf();
	t = thread_of(task);
	if (t && !stopped_ns)
		call_end(t, result);
	return 0;
}

SEC("tp_btf/sched_switch")
int BPF_PROG(on_switch, bool preempt, struct task_struct *prev, struct task_struct *next)
{
	struct thread *t = thread_of(prev);

	if (t) {
		call_leaves(t, prev, preempt);
		if (!preempt && t->state == CALL_RUNNING)
			call_sleeps(t);
	}
	t = thread_of(next);
	if (!t)
		return 0;
	t->on_ns = bpf_ktime_get_ns();
	t->cpu_ns = next->se.sum_exec_runtime;
	if (t->off_ns && t->state == CALL_RUNNING) {
		call_slept(t, t->on_ns, bpf_get_smp_processor_id());
		window_resume(t);
	} else if (t->off_ns) {
		t->away_ns += t->on_ns - t->off_ns;
		t->off_ns = 0;
	}
	return 0;
}

/* In the waker's context, or that of an interrupt over it. */
SEC("tp_btf/sched_waking")
int BPF_PROG(on_waking, struct task_struct *task)
{
	struct task_struct *waker = bpf_get_current_task_btf();
	struct thread *woken = thread_of(task), *t;
	bool interrupt;

	if (!woken || woken->state != CALL_RUNNING)
		return 0;
	t = thread_of(waker);
	interrupt = in_interrupt(waker, ctx);
	call_woken(woken, waker, t, interrupt);
	if (!t || t->state != CALL_RUNNING || interrupt)
		t = NULL;
	family_wakes(t, woken, task);
	return 0;
}

/*
 * x86: a touch of memory, by the program itself or, page_fault_kernel, by the kernel in one of its
 * calls. A raw tracepoint, as such a program can be attached to both (loader_attach).
 */
SEC("raw_tp/page_fault_user")
int on_fault(struct bpf_raw_tracepoint_args *ctx)
{
	if (!stopped_ns)
		page_fault(ctx->args[0], ctx->args[2]); /* the address, and an error code */
	return 0;
}

/* In the receiver's context: `len` bytes of what it has taken, or peeked at, are copied to it. */
SEC("tp_btf/skb_copy_datagram_iovec")
int BPF_PROG(on_copy, struct sk_buff *skb, int len)
{
	struct thread *t = thread_of(bpf_get_current_task_btf());

	if (t && t->state == CALL_RUNNING && !stopped_ns)
		family_copies(t, skb, len);
	return 0;
}

/* In the sender's context, which holds the lock of `sk`: some of `msg` is about to be copied. */
SEC("tp_btf/tcp_sendmsg_locked")
int BPF_PROG(on_tcp_send, struct sock *sk, struct msghdr *msg)
{
	struct thread *t = thread_of(bpf_get_current_task_btf());
	struct sock *plain;

	if (!t || t->state != CALL_RUNNING || stopped_ns)
		return 0;
	if (!bpf_probe_read_kernel(&plain, sizeof(plain), &sk))
		family_sends(t, plain, msg->msg_iter.count);
	return 0;
}

/* In the sender's context: something lies in the queue of `sk`. */
SEC("tp_btf/sk_data_ready")
int BPF_PROG(on_data_ready, struct sock *sk)
{
	struct thread *t = thread_of(bpf_get_current_task_btf());
	struct sock *plain; /* global functions take no typed pointer */

	if (!deliveries_seen) /* a store each time would take the line from all other CPUs */
		deliveries_seen = true;
	if (stopped_ns || bpf_probe_read_kernel(&plain, sizeof(plain), &sk))
		return 0;
	if (sk->sk_protocol == IPPROTO_UDP && sk->sk_type == SOCK_DGRAM)
		udp_ready((__u64)plain);
	else if (t && t->state == CALL_RUNNING)
		family_delivered(t, plain);
	return 0;
}

/* In the sender's context, if it sends; all packets pass here. */
SEC("tp_btf/net_dev_queue")
int BPF_PROG(on_packet, struct sk_buff *skb)
{
	struct thread *t = thread_of(bpf_get_current_task_btf());
	struct sk_buff *plain;

	if (!t || t->state != CALL_RUNNING || stopped_ns)
		return 0;
	if (!bpf_probe_read_kernel(&plain, sizeof(plain), &skb))
		family_packet(t, plain);
	return 0;
}

/* In the receiver's context: a message of recvmmsg, or a whole receive. */
SEC("tp_btf/sock_recv_length")
int BPF_PROG(on_received, struct sock *sk, int len)
{
	struct thread *t = thread_of(bpf_get_current_task_btf());
	struct sock *plain;

	if (!t || t->state != CALL_RUNNING || stopped_ns)
		return 0;
	if (!bpf_probe_read_kernel(&plain, sizeof(plain), &sk))
		family_received(t, plain, len);
	return 0;
}

/* In the sender's context. `info` is a pointer, or 0: from a call, or 1: from the kernel. */
SEC("tp_btf/signal_generate")
int BPF_PROG(on_signal, int signal, struct kernel_siginfo *info, struct task_struct *task,
	     int group, int result)
{
	bool user = !info;

	if ((__u64)info > 1)
		user = signal_from_call(BPF_CORE_READ(info, si_code));
	if (!stopped_ns)
		signal_generated(task, signal, user, group, result);
	return 0;
}

SEC("tp_btf/signal_deliver")
int BPF_PROG(on_signal_deliver, int signal)
{
	if (!stopped_ns)
		signal_delivered(bpf_get_current_task_btf(), signal);
	return 0;
}

SEC("tp_btf/inet_sock_set_state")
int BPF_PROG(on_tcp_state, struct sock *sk, int before, int now)
{
	struct socket *socket;

	if (now != TCP_ESTABLISHED || stopped_ns)
		return 0;
	socket = BPF_CORE_READ(sk, sk_socket);
	if (socket) /* one that waits to be accepted has none */
		tcp_established((__u64)socket);
	return 0;
}

/*
 * Memory is allocated, and released, by anyone: include/trace/events/kmem.h. Raw tracepoints, as
 * 6.1's verifier does not let a typed one look at a pointer to void.
 */
SEC("raw_tp/kmalloc")
int on_alloc(struct bpf_raw_tracepoint_args *ctx)
{
	if (queues_used && !stopped_ns)
		queue_allocated(ctx->args[1], ctx->args[2]);
	return 0;
}

SEC("raw_tp/kfree")
int on_free(struct bpf_raw_tracepoint_args *ctx)
{
	if (queues_used && !stopped_ns)
		queue_released(ctx->args[1]);
	return 0;
}

SEC("tp_btf/sched_process_fork")
int BPF_PROG(on_fork, struct task_struct *parent, struct task_struct *child)
{
	if (!stopped_ns)
		child_begin(parent, child);
	return 0;
}

SEC("tp_btf/sched_process_exec")
int BPF_PROG(on_exec, struct task_struct *task)
{
	struct thread *t = thread_of(task);

	if (stopped_ns)
		return 0;
	if (!t) {
		if (bpf_task_storage_get(&roots, task, 0, 0))
			root_begin(task);
		return 0;
	}
	space_exec(task);
	t->tid = task_pid_seen(task); /* a thread that is not the leader takes its place */
	exec_announce(task, t->process);
	return 0;
}

SEC("tp_btf/sched_process_exit")
int BPF_PROG(on_exit, struct task_struct *task)
{
	struct thread *t = thread_of(task);

	if (!t || stopped_ns)
		return 0;
	call_abandon(t, task, bpf_ktime_get_ns(), true);
	thread_end(t, task);
	return 0;
}

/* Run once, after the others have stopped: the calls that never returned, and CPU time so far. */
SEC("iter/task")
int on_end(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;
	struct thread *t;

	if (!task)
		return 0;
	t = thread_of(task);
	if (!t || t->ended)
		return 0;
	call_abandon(t, task, stopped_ns, false);
	cpu_announce(t, task->se.sum_exec_runtime);
	return 0;
}
