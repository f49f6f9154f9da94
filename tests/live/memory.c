// SPDX-License-Identifier: BSD-2-Clause
/*
 * For the live tests: shared memory and futexes, in scenes whose tests know what must be seen.
 * `memory NAME` runs one of the scenes in the table at the end. Those that make a known number of
 * each call print it, as `syscall role count` lines.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PAGE 4096
#define RW   (PROT_READ | PROT_WRITE)

/* From 6.7 on, and not in every header. */
#define CALL_FUTEX_WAKE    454
#define CALL_FUTEX_WAIT    455
#define CALL_FUTEX_REQUEUE 456
#define WORD_U32           2 /* FUTEX2_SIZE_U32 */

static const char *self; /* path of this program */

static void need(int ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "memory: %s: %s\n", what, strerror(errno));
	exit(1);
}

#define NEED(x) need((x), #x)

static void did(const char *call, const char *role, int count)
{
	printf("%s %s %d\n", call, role, count);
}

/* Run `fn` in a child, to its end. */
static void in_child(void (*fn)(void *), void *arg)
{
	pid_t pid = fork();
	int status;

	NEED(pid >= 0);
	if (!pid) {
		fn(arg);
		_exit(0);
	}
	NEED(waitpid(pid, &status, 0) == pid && status == 0);
}

static void *map(int fd, int pages, int protection, long offset)
{
	void *p = mmap(NULL, (size_t)pages * PAGE, protection, MAP_SHARED, fd, offset);

	NEED(p != MAP_FAILED);
	return p;
}

static void *map_anon(int pages)
{
	void *p = mmap(NULL, (size_t)pages * PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	NEED(p != MAP_FAILED);
	return p;
}

/* Long enough for the other side to fall asleep, also on an emulated machine. */
static void nap(void)
{
	usleep(getenv("IPCT_SCALE") ? 200000 : 20000);
}

/* -- who creates, who maps, how -- */

static void posix_reader(void *name)
{
	int fd = shm_open(name, O_RDONLY, 0);
	volatile char *p = map(fd, 3, PROT_READ, 0);

	NEED(fd >= 0 && p[0] == 'x');
	NEED(!munmap((void *)p, 3 * PAGE) && !close(fd));
}

static void scene_posix(void)
{
	char name[] = "/ipctrace-memory";
	int fd = shm_open(name, O_CREAT | O_EXCL | O_RDWR, 0600);
	char *p;

	NEED(fd >= 0 && !ftruncate(fd, 3 * PAGE));
	NEED(shm_open(name, O_CREAT | O_EXCL | O_RDWR, 0600) < 0);
	NEED(shm_open("/ipctrace-memory-none", O_RDWR, 0) < 0);
	p = map(fd, 3, RW, 0);
	NEED(write(fd, "xyz", 3) == 3 && pread(fd, p + PAGE, 2, 0) == 2);
	in_child(posix_reader, name);
	NEED(!mprotect(p, PAGE, PROT_READ) && !msync(p, PAGE, MS_SYNC));
	NEED(!madvise(p, PAGE, MADV_WILLNEED) && !fallocate(fd, 0, 0, 5 * PAGE));
	NEED(!munmap(p, 3 * PAGE) && !close(fd));
	NEED(!shm_unlink(name) && shm_unlink(name) < 0);
	did("openat", "create", 1);
	did("openat", "open", 3); /* one by the child, two that fail */
	did("ftruncate", "control", 1);
	did("fallocate", "control", 1);
	did("mmap", "map", 2);
	did("write", "send", 1);
	did("pread64", "recv", 1);
	did("mprotect", "control", 1);
	did("msync", "control", 1);
	did("madvise", "control", 1);
	did("munmap", "unmap", 2);
	did("close", "close", 2);
	did("unlink", "control", 2);
}

static void sysv_reader(void *arg)
{
	int id = shmget(0x1b2c3d, 0, 0);
	volatile char *p = shmat(id, NULL, SHM_RDONLY);

	NEED(id >= 0 && p != (void *)-1 && p[0] == 'x' && !shmdt((void *)p));
}

static void scene_sysv(void)
{
	int id = shmget(0x1b2c3d, 3 * PAGE, IPC_CREAT | IPC_EXCL | 0600);
	char *p = shmat(id, NULL, 0);
	struct shmid_ds info;

	NEED(id >= 0 && p != (void *)-1);
	p[0] = 'x';
	NEED(!shmctl(id, IPC_STAT, &info) && info.shm_nattch == 1);
	in_child(sysv_reader, NULL);
	NEED(!shmctl(id, IPC_RMID, NULL));
	p[PAGE] = 'y'; /* it lives on until it is detached */
	NEED(!shmdt(p) && shmdt(p) < 0);
	NEED(shmget(0x1b2c3d, 0, 0) < 0);
	did("shmget", "create", 1);
	did("shmget", "open", 2);
	did("shmat", "map", 2);
	did("shmdt", "unmap", 3);
	did("shmctl", "control", 2);
}

static void memfd_reader(void *arg)
{
	volatile char *p = map(*(int *)arg, 2, PROT_READ, 0);

	NEED(p[PAGE] == 'x' && !munmap((void *)p, 2 * PAGE));
}

static void scene_memfd(void)
{
	int fd = memfd_create("a buffer", MFD_ALLOW_SEALING);
	char *p;

	NEED(fd >= 0 && !ftruncate(fd, 2 * PAGE));
	p = map(fd, 2, RW, 0);
	p[PAGE] = 'x';
	NEED(!munmap(p, 2 * PAGE));
	NEED(!fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE));
	NEED(mmap(NULL, PAGE, RW, MAP_SHARED, fd, 0) == MAP_FAILED && errno == EPERM);
	in_child(memfd_reader, &fd);
	NEED(!close(fd));
	did("memfd_create", "create", 1);
	did("ftruncate", "control", 1);
	did("fcntl", "control", 1);
	did("mmap", "map", 3);
	did("munmap", "unmap", 2);
	did("close", "close", 1);
}

static void file_reader(void *arg)
{
	int fd = open("memory.file", O_RDONLY);
	volatile char *p = map(fd, 1, PROT_READ, 2 * PAGE);

	NEED(p[0] == 'x' && !munmap((void *)p, PAGE) && !close(fd));
}

/* The file is also mapped privately, read and written: that is not shared memory. */
static void scene_file(void)
{
	int fd = open("memory.file", O_CREAT | O_TRUNC | O_RDWR, 0600);
	char *p, *private;

	NEED(fd >= 0 && !ftruncate(fd, 4 * PAGE) && write(fd, "w", 1) == 1);
	private = mmap(NULL, 4 * PAGE, RW, MAP_PRIVATE, fd, 0);
	NEED(private != MAP_FAILED);
	private[0] = 'p';
	p = map(fd, 2, RW, PAGE);
	p[PAGE] = 'x';
	NEED(!msync(p, 2 * PAGE, MS_SYNC));
	NEED(!mprotect(private, PAGE, PROT_READ) && !munmap(private, 4 * PAGE));
	in_child(file_reader, NULL);
	NEED(!munmap(p, 2 * PAGE) && !close(fd) && !unlink("memory.file"));
	did("mmap", "map", 2);
	did("munmap", "unmap", 2);
	did("msync", "control", 1);
}

static void anon_child(void *p)
{
	*(char *)p = 'y';
}

static void scene_anon(void)
{
	char *p = map_anon(2);
	int zero = open("/dev/zero", O_RDWR);
	char *q = map(zero, 1, RW, 0);

	in_child(anon_child, p);
	in_child(anon_child, q);
	NEED(*p == 'y' && *q == 'y' && !munmap(p, 2 * PAGE));
	did("mmap", "map", 2);
	did("munmap", "unmap", 1);
}

/* -- parts of mappings -- */

static void parts_child(void *p)
{
	NEED(!munmap((char *)p + 9 * PAGE, PAGE));
}

/* Pages 0 to 9 of an object, which is 10 pages long. */
static void scene_parts(void)
{
	char *p = map_anon(10), *moved;

	NEED(!munmap(p + 2 * PAGE, PAGE));
	NEED(!mprotect(p + 4 * PAGE, PAGE, PROT_READ));
	NEED(!madvise(p + 6 * PAGE, PAGE, MADV_DONTFORK));
	in_child(parts_child, p);
	moved = mremap(p + 7 * PAGE, 3 * PAGE, 2 * PAGE, MREMAP_MAYMOVE);
	NEED(moved == p + 7 * PAGE);
	moved = mremap(p, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, p + 20 * PAGE);
	NEED(moved == p + 20 * PAGE);
	did("mmap", "map", 1);
	did("munmap", "unmap", 2);
	did("mprotect", "control", 1);
	did("madvise", "control", 1);
	did("mremap", "control", 2);
}

/*
 * One munmap over two objects, private memory and a hole; one that begins in private memory; a
 * private mapping in the place of a shared one.
 */
static void scene_ranges(void)
{
	char *p = mmap(NULL, 20 * PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	NEED(p != MAP_FAILED);
	for (int i = 1; i < 10; i += 3)
		NEED(mmap(p + (long)i * PAGE, PAGE, RW, MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED, -1,
			  0) != MAP_FAILED);
	NEED(!munmap(p + 2 * PAGE, PAGE));
	NEED(mmap(p + 7 * PAGE, PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) !=
	     MAP_FAILED);
	NEED(!munmap(p, 20 * PAGE));
	did("mmap", "map", 3);
	did("mmap", "unmap", 1);
	did("munmap", "unmap", 1);
}

/* -- lives of objects -- */

static void scene_exec(void)
{
	int fd = memfd_create("over exec", 0);
	char number[16], *p;

	NEED(fd >= 0 && !ftruncate(fd, PAGE));
	p = map(fd, 1, RW, 0);
	p[0] = 'x';
	map_anon(1);
	snprintf(number, sizeof(number), "%d", fd);
	fflush(stdout);
	execl(self, "memory", "after-exec", number, NULL);
	NEED(!"exec");
}

static void after_exec(const char *number)
{
	volatile char *p = map(atoi(number), 1, PROT_READ, 0);

	NEED(p[0] == 'x');
	nap();
}

/* A file that is removed and made again tends to get the same inode number. */
static void scene_inode_reuse(void)
{
	for (int i = 0; i < 5; i++) {
		int fd = open("memory.again", O_CREAT | O_EXCL | O_RDWR, 0600);

		NEED(fd >= 0 && !ftruncate(fd, PAGE));
		NEED(!munmap(map(fd, 1, RW, 0), PAGE) && !close(fd) && !unlink("memory.again"));
	}
}

/* A name that is used again is another object, and so is a key. */
static void scene_name_reuse(void)
{
	for (int i = 1; i <= 3; i++) {
		int fd = shm_open("/ipctrace-again", O_CREAT | O_RDWR, 0600);
		int id = shmget(0x1b2c3e, (size_t)i * PAGE, IPC_CREAT | 0600);

		NEED(fd >= 0 && !ftruncate(fd, i * PAGE) && !close(fd));
		NEED(!shm_unlink("/ipctrace-again"));
		NEED(id >= 0 && !shmctl(id, IPC_RMID, NULL));
	}
}

static void outlive_make(void *arg)
{
	int fd = shm_open("/ipctrace-outlive", O_CREAT | O_RDWR, 0600);

	NEED(fd >= 0 && !ftruncate(fd, PAGE));
	*(char *)map(fd, 1, RW, 0) = 'x';
}

static void outlive_use(void *arg)
{
	int fd = shm_open("/ipctrace-outlive", O_RDONLY, 0);

	NEED(fd >= 0 && *(volatile char *)map(fd, 1, PROT_READ, 0) == 'x');
}

/* Who wrote is gone when the first one reads, and when the second one does. */
static void scene_outlive(void)
{
	in_child(outlive_make, NULL);
	in_child(outlive_use, NULL);
	in_child(outlive_use, NULL);
	NEED(!shm_unlink("/ipctrace-outlive"));
}

/* Two segments are left behind: the test removes them. */
static void scene_left(void)
{
	int kept = shm_open("/ipctrace-left", O_CREAT | O_RDWR, 0600);
	int gone = shm_open("/ipctrace-gone", O_CREAT | O_RDWR, 0600);
	int id = shmget(0x1b2c3f, PAGE, IPC_CREAT | 0600);
	int id_gone = shmget(IPC_PRIVATE, PAGE, 0600);

	NEED(kept >= 0 && gone >= 0 && id >= 0 && id_gone >= 0);
	NEED(!shm_unlink("/ipctrace-gone"));
	NEED(shmat(id_gone, NULL, 0) != (void *)-1 && !shmctl(id_gone, IPC_RMID, NULL));
}

static void readonly_reader(void *path)
{
	int fd = open(path, O_RDONLY);

	NEED(fd >= 0 && *(volatile char *)map(fd, 1, PROT_READ, 0));
	nap();
}

/* Two that read the same and cannot write; and data that nobody has touched for long. */
static void scene_readonly(void)
{
	char path[] = "memory.read";
	int fd = open(path, O_CREAT | O_RDWR, 0600);

	NEED(fd >= 0 && write(fd, "x", 1) == 1 && !close(fd));
	readonly_reader(path);
	in_child(readonly_reader, path);
	readonly_reader("/proc/self/exe");
	NEED(!munmap(map(open("/proc/self/exe", O_RDONLY), 1, PROT_READ, 0), PAGE));
}

/* -- first touches -- */

static void touch_child(void *p)
{
	volatile char *v = p, c = 0;

	for (int i = 10; i < 15; i++)
		v[i * PAGE] = 'y';
	c += v[15 * PAGE];
}

/* 7 pages by write and 3 by read, some of them twice; the child 5 and 1; 2 in a system call. */
static void scene_touch(void)
{
	volatile char *p = map_anon(64), *private, c = 0;
	int fd = open("/dev/zero", O_RDONLY);

	for (int times = 0; times < 2; times++) {
		for (int i = 0; i < 7; i++)
			p[i * PAGE] = 'x';
		for (int i = 7; i < 10; i++)
			c += p[i * PAGE];
	}
	in_child(touch_child, (void *)p);
	NEED(read(fd, (void *)(p + 20 * PAGE), 2 * PAGE) == 2 * PAGE);
	private = mmap(NULL, 8 * PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	for (int i = 0; i < 8; i++)
	private[i * PAGE] = 'x';
}

/* -- futexes -- */

static long futex(void *word, int op, unsigned value, const struct timespec *timeout, void *word2,
		  unsigned value3)
{
	return syscall(SYS_futex, word, op, value, timeout, word2, value3);
}

static void word_wait(atomic_uint *word, unsigned until)
{
	unsigned now;

	while ((now = atomic_load(word)) < until)
		futex(word, FUTEX_WAIT, now, NULL, NULL, 0);
}

/* Each of five waits for its own word and wakes the next: 0 wakes 1 wakes 2 ... */
static void scene_chain(void)
{
	enum { LENGTH = 5, ROUNDS = 7 };
	atomic_uint *word = map_anon(1);
	int status;

	for (int i = 1; i < LENGTH; i++)
		if (!fork()) {
			for (unsigned round = 1; round <= ROUNDS; round++) {
				word_wait(&word[i], round);
				nap();
				atomic_store(&word[(i + 1) % LENGTH], round);
				futex(&word[(i + 1) % LENGTH], FUTEX_WAKE, 1, NULL, NULL, 0);
			}
			_exit(0);
		}
	for (unsigned round = 1; round <= ROUNDS; round++) {
		nap();
		atomic_store(&word[1], round);
		futex(&word[1], FUTEX_WAKE, 1, NULL, NULL, 0);
		word_wait(&word[0], round);
	}
	while (wait(&status) > 0)
		NEED(status == 0);
}

/* Waits once, on a word whose value is 0, and says how that ended. */
static void once(atomic_uint *word, int op, unsigned bits)
{
	struct timespec second = {2, 0};

	NEED(!futex(word, op, 0, op == FUTEX_WAIT ? &second : NULL, NULL, bits));
}

/* One call wakes five; then calls that wake nobody, and waits that nobody ends. */
static void scene_herd(void)
{
	struct timespec soon = {0, 1000000};
	atomic_uint *word = map_anon(1);
	int status;

	for (int i = 0; i < 5; i++)
		if (!fork()) {
			once(&word[3], FUTEX_WAIT, 0);
			_exit(0);
		}
	usleep(200000);
	NEED(futex(&word[3], FUTEX_WAKE, 100, NULL, NULL, 0) == 5);
	while (wait(&status) > 0)
		NEED(status == 0);
	for (int i = 0; i < 3; i++)
		NEED(!futex(&word[3], FUTEX_WAKE, 1, NULL, NULL, 0));
	NEED(futex(&word[3], FUTEX_WAIT, 0, &soon, NULL, 0) < 0 && errno == ETIMEDOUT);
	NEED(futex(&word[3], FUTEX_WAIT, 1, NULL, NULL, 0) < 0 && errno == EAGAIN);
	did("futex", "wait", 7);
	did("futex", "wake", 4);
}

/* Every other command: bitsets, two words, moves from word to word. */
static void scene_commands(void)
{
	atomic_uint *word = map_anon(1);
	int status;

	for (int i = 0; i < 4; i++)
		if (!fork()) {
			once(&word[i / 2], FUTEX_WAIT_BITSET, 1u << i);
			_exit(0);
		}
	usleep(200000);
	NEED(futex(&word[0], FUTEX_WAKE_BITSET, 9, NULL, NULL, 1) == 1);
	/* the second one goes over to word 5, the other two are woken by a call on two words */
	NEED(futex(&word[0], FUTEX_CMP_REQUEUE, 0, (void *)9, &word[5], 0) == 1);
	NEED(futex(&word[5], FUTEX_WAKE, 9, NULL, NULL, 0) == 1);
	NEED(futex(&word[9], FUTEX_WAKE_OP, 9, (void *)9, &word[1],
		   FUTEX_OP(FUTEX_OP_ADD, 1, FUTEX_OP_CMP_EQ, 0)) == 2);
	while (wait(&status) > 0)
		NEED(status == 0);
	did("futex", "wait", 4);
	did("futex", "wake", 4);
}

/* The calls of newer kernels; says which are there. */
static void scene_newer(void)
{
	struct waitv {
		__u64 value, address;
		__u32 flags, unused;
	};
	atomic_uint *word = map_anon(1), private = 0;
	int status;
	bool more = syscall(CALL_FUTEX_WAKE, word, 1, 1, WORD_U32) == 0;

	if (!fork()) {
		struct waitv v[2] = {
			{0, (__u64) & private, WORD_U32 | FUTEX_PRIVATE_FLAG, 0},
			{0, (__u64)&word[1], WORD_U32, 0},
		};

		NEED(syscall(SYS_futex_waitv, v, 2, 0, NULL, CLOCK_MONOTONIC) == 1);
		_exit(0);
	}
	usleep(200000);
	NEED(futex(&word[1], FUTEX_WAKE, 1, NULL, NULL, 0) == 1 && wait(&status) > 0 && !status);
	did("futex_waitv", "wait", 1);
	did("futex", "wake", 1);
	did("futex_wake", "wake", more ? 2 : 1);
	if (!more)
		return;
	if (!fork()) {
		NEED(!syscall(CALL_FUTEX_WAIT, &word[2], 0, 1, WORD_U32, NULL, 0));
		_exit(0);
	}
	usleep(200000);
	NEED(syscall(CALL_FUTEX_WAKE, &word[2], 1, 1, WORD_U32) == 1);
	NEED(syscall(CALL_FUTEX_WAKE, &private, 1, 1, WORD_U32 | FUTEX_PRIVATE_FLAG) == 0);
	NEED(wait(&status) > 0 && !status);
	did("futex_wait", "wait", 1);
}

/* A named and an unnamed semaphore, back and forth. */
static void scene_semaphores(void)
{
	sem_t *there = map_anon(1);
	sem_t *back = sem_open("/ipctrace-sem", O_CREAT | O_EXCL, 0600, 0);
	int status;

	NEED(back != SEM_FAILED && !sem_init(there, 1, 0));
	if (!fork()) {
		for (int i = 0; i < 11; i++) {
			NEED(!sem_wait(there));
			nap();
			NEED(!sem_post(back));
		}
		_exit(0);
	}
	for (int i = 0; i < 11; i++) {
		nap();
		NEED(!sem_post(there) && !sem_wait(back));
	}
	NEED(wait(&status) > 0 && !status);
	NEED(!sem_close(back) && !sem_unlink("/ipctrace-sem"));
}

struct monitor {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	int turn;
};

static void take_turns(struct monitor *m, int mine, int times)
{
	for (int i = 0; i < times; i++) {
		NEED(!pthread_mutex_lock(&m->lock));
		while (m->turn != mine)
			NEED(!pthread_cond_wait(&m->changed, &m->lock));
		m->turn = !mine;
		NEED(!pthread_cond_broadcast(&m->changed));
		NEED(!pthread_mutex_unlock(&m->lock));
	}
}

/* A mutex and a condition variable of two processes, in a segment with a name. */
static void scene_monitor(void)
{
	int fd = shm_open("/ipctrace-monitor", O_CREAT | O_EXCL | O_RDWR, 0600), status;
	pthread_mutexattr_t mutex;
	pthread_condattr_t cond;
	struct monitor *m;

	NEED(fd >= 0 && !ftruncate(fd, 2 * PAGE));
	m = (void *)((char *)map(fd, 2, RW, 0) + PAGE);
	pthread_mutexattr_init(&mutex);
	pthread_mutexattr_setpshared(&mutex, PTHREAD_PROCESS_SHARED);
	pthread_condattr_init(&cond);
	pthread_condattr_setpshared(&cond, PTHREAD_PROCESS_SHARED);
	NEED(!pthread_mutex_init(&m->lock, &mutex) && !pthread_cond_init(&m->changed, &cond));
	if (!fork()) {
		take_turns(m, 1, 101);
		_exit(0);
	}
	take_turns(m, 0, 101);
	NEED(wait(&status) > 0 && !status && !shm_unlink("/ipctrace-monitor"));
}

static pthread_mutex_t busy = PTHREAD_MUTEX_INITIALIZER;

static void *contend(void *arg)
{
	for (int i = 0; i < 20000; i++) {
		pthread_mutex_lock(&busy);
		pthread_mutex_unlock(&busy);
	}
	return NULL;
}

/* Threads of one process, with a mutex and joins; and a word in memory that is not shared. */
static void scene_private(void)
{
	unsigned *word = mmap(NULL, PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	pthread_t threads[4];

	map_anon(1);
	for (int i = 0; i < 4; i++)
		NEED(!pthread_create(&threads[i], NULL, contend, NULL));
	for (int i = 0; i < 4; i++)
		NEED(!pthread_join(threads[i], NULL));
	NEED(!futex(word, FUTEX_WAKE, 1, NULL, NULL, 0));
}

/* Does a touch of that byte end the process that makes it? */
static void dies(volatile char *p)
{
	pid_t pid = fork();
	int status;

	NEED(pid >= 0);
	if (!pid)
		_exit(*p);
	NEED(waitpid(pid, &status, 0) == pid && WIFSIGNALED(status) && WTERMSIG(status) == SIGBUS);
}

/* A buffer of a page, of which much more is mapped. */
static void scene_beyond(void)
{
	int fd = memfd_create("short", 0);
	char *p;

	NEED(fd >= 0 && !ftruncate(fd, PAGE));
	p = map(fd, 64, RW, 0);
	p[PAGE - 1] = 'x';
	dies(p + PAGE);
}

/* The same, but it grows into its mapping. */
static void scene_grows(void)
{
	int fd = memfd_create("grown", 0);
	char *p;

	NEED(fd >= 0 && !ftruncate(fd, PAGE));
	p = map(fd, 64, RW, 0);
	NEED(!fallocate(fd, 0, 0, 64 * PAGE));
	p[64 * PAGE - 1] = 'x';
	NEED(!ftruncate(fd, PAGE));
}

/* 101 buffers of so many bytes, each mapped. */
static void buffers(off_t bytes)
{
	for (int i = 0; i < 101; i++) {
		int fd = memfd_create("one of many", 0);
		char *p;

		NEED(fd >= 0 && !ftruncate(fd, bytes));
		p = map(fd, 1, RW, 0);
		p[0] = 'x';
		NEED(!close(fd));
	}
}

static void scene_slivers(void)
{
	buffers(61);
}

static void scene_pages(void)
{
	buffers(PAGE);
}

static const struct {
	const char *name;
	void (*run)(void);
} scenes[] = {
	{"posix", scene_posix},
	{"sysv", scene_sysv},
	{"memfd", scene_memfd},
	{"file", scene_file},
	{"anon", scene_anon},
	{"parts", scene_parts},
	{"ranges", scene_ranges},
	{"exec", scene_exec},
	{"inode-reuse", scene_inode_reuse},
	{"name-reuse", scene_name_reuse},
	{"outlive", scene_outlive},
	{"left", scene_left},
	{"readonly", scene_readonly},
	{"touch", scene_touch},
	{"chain", scene_chain},
	{"herd", scene_herd},
	{"commands", scene_commands},
	{"newer", scene_newer},
	{"semaphores", scene_semaphores},
	{"monitor", scene_monitor},
	{"private", scene_private},
	{"beyond", scene_beyond},
	{"grows", scene_grows},
	{"slivers", scene_slivers},
	{"pages", scene_pages},
};

int main(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : "";

	self = argv[0];
	if (!strcmp(name, "after-exec") && argc == 3) {
		after_exec(argv[2]);
		return 0;
	}
	for (size_t i = 0; i < sizeof(scenes) / sizeof(scenes[0]); i++)
		if (!strcmp(scenes[i].name, name)) {
			scenes[i].run();
			return 0;
		}
	fprintf(stderr, "memory: no scene '%s'\n", name);
	return 2;
}
