// SPDX-License-Identifier: BSD-2-Clause
/*
 * The stack of the probes. Kernels before 6.13 refuse a chain of calls whose frames, each rounded
 * up to 32 bytes, have more than 512 bytes together, or that is more than eight functions long
 * (kernel/bpf/verifier.c: check_max_stack_depth); newer ones say nothing. So the chains are
 * followed here, from the object file as it was compiled.
 */
#include <elf.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#define STACK_MAX  512
#define FRAMES_MAX 8
#define ROUND      32
#define CALLS_MAX  64

struct function {
	const char *name;
	int section;
	uint64_t begin, end; /* bytes, in the section */
	int frame;
	int calls[CALLS_MAX], call_count; /* of functions, by their place in the array */
	int depth, frames;                /* of the deepest chain from here; 0: not known yet */
	int next;                         /* in that chain; -1: it ends here */
};

struct object {
	const char *data;
	const Elf64_Ehdr *head;
	const Elf64_Shdr *sections;
	const Elf64_Sym *symbols;
	size_t symbol_count;
	const char *names;
	struct function *functions;
	int count;
};

static void object_map(struct object *o, const char *path)
{
	struct stat st;
	int fd = open(path, O_RDONLY);

	assert_true(fd >= 0 && !fstat(fd, &st));
	o->data = mmap(NULL, st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	assert_ptr_not_equal(o->data, MAP_FAILED);
	close(fd);
	o->head = (const void *)o->data;
	o->sections = (const void *)(o->data + o->head->e_shoff);
	for (int i = 0; i < o->head->e_shnum; i++) {
		const Elf64_Shdr *s = &o->sections[i];

		if (s->sh_type != SHT_SYMTAB)
			continue;
		o->symbols = (const void *)(o->data + s->sh_offset);
		o->symbol_count = s->sh_size / sizeof(*o->symbols);
		o->names = o->data + o->sections[s->sh_link].sh_offset;
	}
	assert_non_null(o->symbols);
}

static void functions_list(struct object *o)
{
	o->functions = calloc(o->symbol_count, sizeof(*o->functions));
	assert_non_null(o->functions);
	for (size_t i = 0; i < o->symbol_count; i++) {
		const Elf64_Sym *s = &o->symbols[i];

		if (ELF64_ST_TYPE(s->st_info) == STT_FUNC)
			o->functions[o->count++] = (struct function){
				.name = o->names + s->st_name,
				.section = s->st_shndx,
				.begin = s->st_value,
				.end = s->st_value + s->st_size,
				.next = -1,
			};
	}
}

static int function_at(const struct object *o, int section, uint64_t offset)
{
	for (int i = 0; i < o->count; i++)
		if (o->functions[i].section == section && o->functions[i].begin == offset)
			return i;
	return -1;
}

/* The symbol that the instruction at an offset of a section is relocated by; NULL: it is not. */
static const Elf64_Sym *relocation(const struct object *o, int section, uint64_t offset)
{
	for (int i = 0; i < o->head->e_shnum; i++) {
		const Elf64_Shdr *s = &o->sections[i];
		const Elf64_Rel *r = (const void *)(o->data + s->sh_offset);

		if (s->sh_type != SHT_REL || (int)s->sh_info != section)
			continue;
		for (size_t n = 0; n < s->sh_size / sizeof(*r); n++)
			if (r[n].r_offset == offset)
				return &o->symbols[ELF64_R_SYM(r[n].r_info)];
	}
	return NULL;
}

/* The function that an instruction calls, or gives to a helper to be called; -1: it does neither.
 */
static int callee(const struct object *o, const struct function *f, const struct bpf_insn *insn,
		  uint64_t offset)
{
	bool call = insn->code == (BPF_JMP | BPF_CALL) && insn->src_reg == BPF_PSEUDO_CALL;
	const Elf64_Sym *to;

	if (!call && insn->code != (BPF_LD | BPF_IMM | BPF_DW))
		return -1;
	to = relocation(o, f->section, offset);
	if (!to)
		return call ? function_at(o, f->section, offset + (insn->imm + 1) * 8) : -1;
	if (ELF64_ST_TYPE(to->st_info) == STT_FUNC)
		return function_at(o, to->st_shndx, to->st_value);
	if (ELF64_ST_TYPE(to->st_info) != STT_SECTION)
		return -1;
	return function_at(o, to->st_shndx, call ? (insn->imm + 1) * 8 : insn->imm);
}

/* How far below the frame pointer an instruction reaches, or a pointer that is made of it. */
static int reach(const struct bpf_insn *insn)
{
	int class = BPF_CLASS(insn->code);

	if ((class == BPF_LDX && insn->src_reg == BPF_REG_10) ||
	    ((class == BPF_STX || class == BPF_ST) && insn->dst_reg == BPF_REG_10))
		return -insn->off;
	if (insn[0].code == (BPF_ALU64 | BPF_MOV | BPF_X) && insn[0].src_reg == BPF_REG_10 &&
	    insn[1].code == (BPF_ALU64 | BPF_ADD | BPF_K) && insn[1].dst_reg == insn[0].dst_reg)
		return -insn[1].imm;
	return 0;
}

static void function_read(struct object *o, struct function *f)
{
	const char *code = o->data + o->sections[f->section].sh_offset;

	for (uint64_t at = f->begin; at < f->end; at += sizeof(struct bpf_insn)) {
		const struct bpf_insn *insn = (const void *)(code + at);
		int called = callee(o, f, insn, at), bytes = reach(insn);

		if (bytes > f->frame)
			f->frame = bytes;
		if (called < 0)
			continue;
		assert_in_range(f->call_count, 0, CALLS_MAX - 1);
		f->calls[f->call_count++] = called;
	}
}

/* Of a program that calls no function again from inside it, as the verifier sees to. */
static void function_follow(struct object *o, struct function *f)
{
	if (f->depth)
		return;
	for (int i = 0; i < f->call_count; i++) {
		struct function *to = &o->functions[f->calls[i]];

		function_follow(o, to);
		if (to->depth > f->depth) {
			f->depth = to->depth;
			f->next = f->calls[i];
		}
		if (to->frames > f->frames)
			f->frames = to->frames;
	}
	f->depth += ((f->frame ? f->frame : 1) + ROUND - 1) / ROUND * ROUND;
	f->frames++;
}

/* By depth: a longer chain with smaller frames is another one. */
static void chain_print(const struct object *o, const struct function *f)
{
	print_message("%d bytes, %d frames:", f->depth, f->frames);
	for (; f; f = f->next < 0 ? NULL : &o->functions[f->next])
		print_message(" %s %d", f->name, f->frame);
	print_message("\n");
}

static void test_chains(void **state)
{
	struct object o = {0};
	const struct function *most = NULL;
	bool callback = false;

	object_map(&o, IPCT_BPF_OBJECT);
	functions_list(&o);
	for (int i = 0; i < o.count; i++)
		function_read(&o, &o.functions[i]);
	for (int i = 0; i < o.count; i++) {
		struct function *f = &o.functions[i];

		function_follow(&o, f);
		if (!most || f->depth > most->depth)
			most = f;
		if (f->depth > STACK_MAX || f->frames > FRAMES_MAX)
			chain_print(&o, f);
		/* the object was read right: calls and callbacks are there */
		if (!strcmp(f->name, "path_write"))
			callback = f->frames == 2;
	}
	assert_true(callback);
	assert_non_null(most);
	chain_print(&o, most);
	assert_in_range(most->frames, 3, FRAMES_MAX);
	for (int i = 0; i < o.count; i++) {
		assert_in_range(o.functions[i].depth, ROUND, STACK_MAX);
		assert_in_range(o.functions[i].frames, 1, FRAMES_MAX);
	}
	free(o.functions);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_chains)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
