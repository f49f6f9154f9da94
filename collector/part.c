// SPDX-License-Identifier: BSD-2-Clause
/*
 * The table of parts, and the look into the kernel's type information.
 */
#include "collector/part.h"

#include "collector/kernel_types.h"
#include "schemas/event.h"

#include <stdio.h>
#include <string.h>

#define ALL      (~0u)
#define ON(mech) (1u << IPCT_MECH_##mech)
#define MEMORY   (ON(SYSV_SHM) | ON(POSIX_SHM) | ON(MEMFD) | ON(MMAP_FILE) | ON(MMAP_ANON))

const struct part parts[] = {
	{.program = "on_sys_enter",
	 .purpose = "system call entry (tp_btf/sys_enter)",
	 .mechanisms = ALL},
	{.program = "on_sys_exit",
	 .purpose = "system call return (tp_btf/sys_exit)",
	 .mechanisms = ALL},
	{.program = "on_switch",
	 .purpose = "time off CPU (tp_btf/sched_switch)",
	 .mechanisms = ALL},
	{.program = "on_waking",
	 .purpose = "who wakes whom (tp_btf/sched_waking)",
	 .mechanisms = ALL},
	{.program = "on_fork",
	 .purpose = "following children (tp_btf/sched_process_fork)",
	 .mechanisms = ALL},
	{.program = "on_exec",
	 .purpose = "following programs (tp_btf/sched_process_exec)",
	 .mechanisms = ALL},
	{.program = "on_exit",
	 .purpose = "ends of processes (tp_btf/sched_process_exit)",
	 .mechanisms = ALL},
	{.program = "on_end",
	 .purpose = "calls that never returned (iter/task)",
	 .mechanisms = ALL},
	{.program = "on_alloc",
	 .purpose = "messages that are sent (raw_tp/kmalloc)",
	 .mechanisms = ON(POSIX_MQ) | ON(SYSV_MQ),
	 .tracepoint = "kmalloc",
	 .since = "2.6.29",
	 .without = "which message of a queue was received (queues have calls but no messages)"},
	{.program = "on_free",
	 .purpose = "messages that are received (raw_tp/kfree)",
	 .mechanisms = ON(POSIX_MQ) | ON(SYSV_MQ),
	 .tracepoint = "kfree",
	 .since = "2.6.29",
	 .without = "which message of a queue was received (queues have calls but no messages)"},
	{.program = "on_signal",
	 .purpose = "signals that are sent (tp_btf/signal_generate)",
	 .mechanisms = ON(SIGNAL),
	 .tracepoint = "signal_generate",
	 .since = "3.4"},
	{.program = "on_signal_deliver",
	 .purpose = "signals that arrive (tp_btf/signal_deliver)",
	 .mechanisms = ON(SIGNAL),
	 .tracepoint = "signal_deliver",
	 .since = "2.6.35",
	 .without = "when a signal arrives, and from whom"},
	{.program = "on_packet",
	 .purpose = "datagrams that leave (tp_btf/net_dev_queue)",
	 .mechanisms = ON(UDP),
	 .tracepoint = "net_dev_queue",
	 .since = "2.6.32",
	 .without = "who sent a UDP datagram"},
	{.program = "on_received",
	 .purpose = "each message of recvmmsg (tp_btf/sock_recv_length)",
	 .mechanisms = ON(UDP),
	 .tracepoint = "sock_recv_length",
	 .since = "6.3",
	 .without = "who sent UDP datagrams that recvmmsg took"},
	{.program = "on_tcp_state",
	 .purpose = "connections that are made (tp_btf/inet_sock_set_state)",
	 .mechanisms = ON(TCP),
	 .tracepoint = "inet_sock_set_state",
	 .since = "4.16"},
	{.program = "on_tcp_send",
	 .purpose = "TCP sends in their order (tp_btf/tcp_sendmsg_locked)",
	 .mechanisms = ON(TCP),
	 .tracepoint = "tcp_sendmsg_locked",
	 .since = "6.16",
	 .without = "which of several TCP sends at once came first"},
	{.program = "on_copy",
	 .purpose = "what is taken from sockets (tp_btf/skb_copy_datagram_iovec)",
	 .mechanisms = ON(UNIX_DGRAM) | ON(UNIX_SEQPACKET) | ON(TCP),
	 .tracepoint = "skb_copy_datagram_iovec",
	 .since = "2.6.32",
	 .without = "who sent a datagram"},
	{.program = "on_data_ready",
	 .purpose = "where messages go (tp_btf/sk_data_ready)",
	 .mechanisms = ON(UNIX_STREAM) | ON(UNIX_DGRAM) | ON(UNIX_SEQPACKET) | ON(UDP),
	 .tracepoint = "sk_data_ready",
	 .since = "6.2",
	 .without = "to whom a datagram goes that names its destination"},
	{.program = "on_fault",
	 .purpose = "first touches of shared memory (raw_tp/page_fault_user, page_fault_kernel)",
	 .mechanisms = MEMORY,
	 .tracepoint = "page_fault_user",
	 .helper = "find_vma",
	 .since = "5.17",
	 .without = "first touches of shared memory"},
	{.purpose = "the mapping at an address (bpf_find_vma)",
	 .mechanisms = ON(FUTEX) | ON(MMAP_ANON),
	 .helper = "find_vma",
	 .since = "5.17"},
	{0},
};

bool part_optional(const struct part *part)
{
	return part->mechanisms != ALL;
}

/* tp_btf programs are typed by it: include/trace/bpf_probe.h */
static bool tracepoint_known(const char *name)
{
	char type[128];

	snprintf(type, sizeof(type), "btf_trace_%s", name);
	return btf__find_by_name_kind(kernel_types(), type, BTF_KIND_TYPEDEF) > 0;
}

/* Is there a BPF_FUNC_<name> in enum bpf_func_id? */
static bool helper_known(const char *name)
{
	const struct btf *types = kernel_types();
	int id = btf__find_by_name_kind(types, "bpf_func_id", BTF_KIND_ENUM);
	const struct btf_type *type = id > 0 ? btf__type_by_id(types, id) : NULL;
	char value[128];

	snprintf(value, sizeof(value), "BPF_FUNC_%s", name);
	for (int i = 0; type && i < btf_vlen(type); i++)
		if (!strcmp(btf__name_by_offset(types, btf_enum(type)[i].name_off), value))
			return true;
	return false;
}

bool part_casts(void)
{
	return kernel_types() &&
	       btf__find_by_name_kind(kernel_types(), "bpf_rdonly_cast", BTF_KIND_FUNC) > 0;
}

bool part_known(const struct part *part)
{
	if ((!part->tracepoint && !part->helper) || !kernel_types())
		return true;
	return (!part->tracepoint || tracepoint_known(part->tracepoint)) &&
	       (!part->helper || helper_known(part->helper));
}

void part_lacks(const struct part *part, char *out, size_t size)
{
	bool helper = !part->tracepoint ||
		      (part->helper && kernel_types() && tracepoint_known(part->tracepoint));

	snprintf(out, size, "this kernel has no %s %s (%s and later do)",
		 helper ? "BPF helper" : "tracepoint", helper ? part->helper : part->tracepoint,
		 part->since);
}
