// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
/* The least that a tracer of system calls adds: a program at each call's start and end, both empty.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

SEC("tp_btf/sys_enter")
int on_sys_enter(void *args)
{
	return 0;
}

SEC("tp_btf/sys_exit")
int on_sys_exit(void *args)
{
	return 0;
}
