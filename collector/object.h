/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The objects of a recording: their names, lifetimes and sums. The kernel side numbers instances
 * (a FIFO that all had closed is a new instance when it is opened again); several instances can
 * be one object of the file, and each has a stream of bytes of its own.
 */
#ifndef IPCT_OBJECT_TRACK_H
#define IPCT_OBJECT_TRACK_H

#include <linux/types.h>
#include "collector/depth.h"
#include "collector/pair.h"
#include "collector/process.h"
#include "schemas/event.h"

/* What one process did with an object; sends and receives are those that moved bytes. */
struct user {
	struct process *process;
	int64_t sends, sent_bytes, recvs, received_bytes;
	int64_t first_ns, last_ns;
	/* of what is shared */
	bool shares;       /* it has edges to the others that share it */
	int maps;          /* parts that it has mapped */
	int64_t writes_ns; /* since when it could write there; UNKNOWN_NS: never */
	int64_t touch_reads, touch_writes;
	/* messages by label that have no other end so far; of mailboxes alone */
	int64_t lone_sends, lone_sent_bytes, lone_recvs, lone_received_bytes;
};

struct object {
	uint32_t id; /* object_id in the file */
	uint8_t mechanism;
	char *name;
	char *link; /* a second name (link(2)), or NULL */
	uint64_t ino;
	uint32_t dev, generation;
	int64_t created_ns, closed_ns; /* UNKNOWN_NS */
	int64_t capacity;
	int64_t largest; /* of shared memory: the most that `capacity` was; -1: not known */
	int64_t sends, sent_bytes, recvs, received_bytes, messages, paired_bytes;
	struct process *of;    /* the process that it is a part of, or NULL */
	uint32_t creator;      /* process_id of who made it; 0: not known */
	bool inherited;        /* was there before any traced call on it */
	bool generation_known; /* false: known by its path alone so far */
	bool outside;          /* an untraced process may hold an end */
	bool lasting;          /* it stays until it is removed, though no one holds it */
	bool removed, left_behind;
	bool dirty;
	bool retired;          /* nothing can come any more: see collector_retire.c */
	int open_fds;          /* of traced processes, and parts that they have mapped */
	unsigned sharers;      /* users that share */
	unsigned broken_opens; /* that a signal ended: the kernel has counted them all the same */
	struct user *users;    /* sorted by process id */
	size_t user_count, user_room;
	struct process *outside_reader, *outside_writer; /* NULL: not known */
	bool two_way;                                    /* two ends that both send */
	bool mailbox;                                    /* anyone may send to it */
	unsigned ends_used;                              /* by traced processes: 1 << which end */
	char *address[2];                                /* of the ends; NULL */
	uint32_t peer_pid; /* of the process at the other end; 0: not known */
	char peer_comm[IPCT_COMM_LEN];
	struct edge *edges, *last_edge; /* the store's: all of them, and the one used last */
	struct depth *depth[2];    /* by the end that receives, as streams; NULL: nothing moved */
	int64_t capacity_messages; /* 0: no such limit */
};

struct instance {
	uint32_t number; /* of the kernel side; 0: of calls that had no object */
	struct object *object;
	struct stream stream[2]; /* by the end that receives; [0] alone if there is one way */
	bool two_way;
	bool inherited;
	unsigned traced_opens_read, traced_opens_write; /* of a FIFO */
	unsigned opens_read, opens_write;               /* by anyone */
};

struct objects {
	struct instance **by_number; /* NULL where not yet seen */
	size_t room;
	struct instance *none[IPCT_MECH_COUNT]; /* of number 0 */
	struct object **all;                    /* in the order of their coming; owns them */
	size_t count, all_room;
	struct ipct_holder *holders; /* of objects that are yet to come */
	size_t holder_count;
};

/*
 * The instance with this number, made if its announcement was lost. Number 0 stands for the calls
 * on a mechanism that failed before they had an object. NULL: no memory.
 */
struct instance *instance_get(struct objects *os, uint32_t number, unsigned mechanism, int64_t ns);

/* The object that has this number so far, or NULL. */
struct object *instance_object(const struct objects *os, uint32_t number);

/* Its announcement: who it is and who else holds it. 0 or -ENOMEM. */
int instance_announce(struct objects *os, struct processes *ps, const struct ipct_object *a,
		      int64_t ns);

/*
 * The object at the path of `p`: a new one if the op made it, otherwise the one that is known by
 * its inode or its name, or else a new one that was there before. NULL: no memory.
 */
struct object *object_at_path(struct objects *os, const struct ipct_path_op *p, int64_t ns);

/* The call of `p` gave the object a further name, or took one from it (link, unlink). 0 or -ENOMEM.
 */
int object_renamed(struct object *o, const struct ipct_path_op *p);

/* What `p` did with the object so far, made if it is new. NULL: no memory. */
struct user *object_user(struct object *o, struct process *p);

/* An untraced process holds an end of an object, which may be yet to come. 0 or -ENOMEM. */
int objects_hold(struct objects *os, struct processes *ps, const struct ipct_holder *h);

/* Forget instance `number` of an object that nothing can come for any more. */
void instance_retire(struct objects *os, uint32_t number);

/* Free what is kept of an object beyond what it is called and its sums. */
void object_retire(struct object *o);

void objects_clear(struct objects *os);

#endif
