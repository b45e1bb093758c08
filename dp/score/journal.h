/* SPDX-License-Identifier: Apache-2.0 */
/* The journal of a job, OUTPUT.journal: what is done, so that a job that died goes on from there.
 */
#ifndef NEURON_SCORE_JOURNAL_H
#define NEURON_SCORE_JOURNAL_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "neuron/status.h"
#include "score/output_set.h"
#include "score/row_set.h"

/*
 * A text file that only grows, one record a line, each with a checksum of its own at its end (the
 * low 32 bits of XXH3 of what stands before it, in hex): a line that a death cut off, or a disk
 * damaged, is skipped. The first lines are the version, the size and the fingerprint of the job.
 * docs/score-journal.md tells what each line promises.
 *
 *   neuron-score journal 1 #........
 *   rows 100000 2 #........                          rows and outputs of the job
 *   is model: resnet.neff 51f0... #........
 *   lease 4096 512 3 #........                       rows, rank: begun; not synced
 *   copy 4096 512 4 #........                        begun, while another rank has them, too
 *   back 4096 512 3 #........                        a lease that the rank gave back
 *   bad 4100 run 2 0 reason... #........             row, stage, attempts, input: filled in
 *   done 4096 512 3 0123456789abcdef:00000000 ... #........   rows, rank, sums: on disk
 *   seal 0123456789abcdef #........                  all rows are done, outputs are complete; the
 *                                                    XXH3 of a csv or jsonl file, else 0
 *   end #........                                    outputs are in place
 *
 * One process at a time has it open for writing, by a lock that the kernel drops with the process,
 * and also when the process closes any other descriptor of the file: who has it open, opens it no
 * second time. `done` stands there only when the rows are on disk. One thread at a time.
 */
struct neuron_journal;

/* Where a row failed. */
enum neuron_bad_stage {
    NEURON_BAD_READ = 0, /* the input held no numbers there */
    NEURON_BAD_RUN = 1,  /* a run with it failed */
    NEURON_BAD_NAN = 2,  /* its results hold a NaN */
    NEURON_BAD_TIME = 3, /* its run took too long */
    NEURON_BAD_CRASH = 4 /* it killed the process that ran it */
};

/* A row that was given up. */
struct neuron_row_failure {
    uint64_t row;
    enum neuron_bad_stage stage;
    uint32_t attempts;
    uint32_t input; /* of the model, where the stage is reading; else 0 */
    char reason[160];
};

/* A piece that is on disk. `sums` has one an output, and is the journal's. */
struct neuron_journal_piece {
    struct neuron_row_range rows;
    uint32_t rank;
    const struct neuron_piece_sum *sums;
};

/* What an unfinished or finished job has come to. */
enum neuron_journal_state {
    NEURON_JOURNAL_ABSENT = 0, /* there was none */
    NEURON_JOURNAL_OPEN = 1,   /* rows are missing */
    NEURON_JOURNAL_SEALED = 2, /* only the renames are missing */
    NEURON_JOURNAL_ENDED = 3   /* all is done */
};

/* What was read. Everything is the journal's. */
struct neuron_journal_contents {
    enum neuron_journal_state state;
    const char *fingerprint; /* its lines, as neuron_job_fingerprint_text() */
    uint64_t rows;
    uint32_t output_count;
    const struct neuron_journal_piece *pieces; /* disjoint, ascending; those of the file that were
                                                  not overlapped by an earlier one */
    size_t piece_count;
    const struct neuron_row_failure *failures; /* ascending, each row once, in rows that are done,
                                                  behind the last lease of the row */
    size_t failure_count;
    const struct neuron_row_range *lost; /* leases that never ended: disjoint, ascending, cut where
                                            leases began or ended; without rows that are done */
    const uint32_t *lost_counts;         /* how many of these leases each row of it was in */
    size_t lost_count;
    uint64_t text_sum;    /* of the csv or jsonl file, once the job is sealed; 0 for none */
    size_t skipped_lines; /* damaged, and left out */
};

/*
 * Opens the journal beside an output, makes it if it is not there, and locks it.
 *
 * path     "scores.npy.journal".
 * holder   receives, where another process holds it, its pid, or -1 for one of another host. May be
 *          NULL.
 * journal  receives a new object, which the caller destroys. Unchanged on failure.
 *
 * Returns NEURON_STOPPED when another process holds it; NEURON_INVALID_ARGUMENT for a file that is
 * no journal, or of another version; NEURON_SYSTEM. Never waits.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_journal_open(const char *path, pid_t *holder, struct neuron_journal **journal,
                    struct neuron_error *error);

/* Opens it for reading alone, without the lock. NEURON_SYSTEM also for one that is not there. */
NEURON_MUST_CHECK enum neuron_status
neuron_journal_read(const char *path, struct neuron_journal **journal, struct neuron_error *error);

/* What stood in the file when it was opened. Lives until it is begun, or destroyed. Where the first
 * lines are damaged, the fingerprint lacks them: it matches no job. */
const struct neuron_journal_contents *
neuron_journal_contents(const struct neuron_journal *journal);

/*
 * Starts the journal of a new job: an empty file takes the place of what was there (a new file,
 * made whole beside it, synced, locked, and renamed). The lock is held all the time.
 *
 * Returns NEURON_SYSTEM, or NEURON_INVALID_ARGUMENT for a line of the fingerprint above 1 MiB.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_journal_begin(struct neuron_journal *journal, const char *fingerprint, uint64_t rows,
                     uint32_t output_count, struct neuron_error *error);

/* Each adds a record, in memory: neuron_journal_flush() writes. NEURON_OUT_OF_MEMORY, or
 * NEURON_INVALID_ARGUMENT for more than 16,384 outputs. */
NEURON_MUST_CHECK enum neuron_status
neuron_journal_add_lease(struct neuron_journal *journal, struct neuron_row_range rows,
                         uint32_t rank, struct neuron_error *error);
/* A lease of rows that another rank has, too: it never counts as lost. */
NEURON_MUST_CHECK enum neuron_status
neuron_journal_add_copy(struct neuron_journal *journal, struct neuron_row_range rows, uint32_t rank,
                        struct neuron_error *error);
/* A lease that ended without its rows, and without a death: it does not count as lost. */
NEURON_MUST_CHECK enum neuron_status
neuron_journal_add_back(struct neuron_journal *journal, struct neuron_row_range rows, uint32_t rank,
                        struct neuron_error *error);
NEURON_MUST_CHECK enum neuron_status
neuron_journal_add_done(struct neuron_journal *journal, const struct neuron_journal_piece *piece,
                        struct neuron_error *error);
NEURON_MUST_CHECK enum neuron_status
neuron_journal_add_failure(struct neuron_journal *journal, const struct neuron_row_failure *failure,
                           struct neuron_error *error);
NEURON_MUST_CHECK enum neuron_status
neuron_journal_add_seal(struct neuron_journal *journal, uint64_t text_sum,
                        struct neuron_error *error);
NEURON_MUST_CHECK enum neuron_status
neuron_journal_add_end(struct neuron_journal *journal, struct neuron_error *error);

/* How far the lines go. */
enum neuron_journal_depth {
    NEURON_JOURNAL_TO_KERNEL = 0, /* they outlive this process */
    NEURON_JOURNAL_TO_DISK = 1    /* they outlive the power */
};

/*
 * Writes all records that were added, in one piece. After a failure they are kept, and what was
 * written half is cut off by the next one. Returns NEURON_SYSTEM. Blocks while the disk takes them.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_journal_flush(struct neuron_journal *journal, enum neuron_journal_depth depth,
                     struct neuron_error *error);

/* Removes the file, unless another has its name; of a job that came to nothing. */
void
neuron_journal_discard(struct neuron_journal *journal);

/* Closes it, which frees the lock; a file in which no job was begun goes away. Accepts NULL. */
void
neuron_journal_destroy(struct neuron_journal *journal);

#endif
