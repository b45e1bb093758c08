/* SPDX-License-Identifier: Apache-2.0 */
#include "desk_bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "neuron/clock.h"

struct desk_flushes desk_flushes;

static struct neuron_error error;
static struct neuron_piece_sum sum;

/* The linker makes the names.
   NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp,readability-identifier-naming)
 */
enum neuron_status
__real_neuron_journal_flush(struct neuron_journal *journal, enum neuron_journal_depth depth,
                            struct neuron_error *reason);
enum neuron_status
__wrap_neuron_journal_flush(struct neuron_journal *journal, enum neuron_journal_depth depth,
                            struct neuron_error *reason);

enum neuron_status
__wrap_neuron_journal_flush(struct neuron_journal *journal, enum neuron_journal_depth depth,
                            struct neuron_error *reason)
{
    desk_flushes.to_kernel += depth == NEURON_JOURNAL_TO_KERNEL ? 1 : 0;
    desk_flushes.to_disk += depth == NEURON_JOURNAL_TO_DISK ? 1 : 0;
    if (desk_flushes.fails || (desk_flushes.fails_to_disk && depth == NEURON_JOURNAL_TO_DISK)) {
        return NEURON_FAIL(reason, NEURON_SYSTEM, "no space left on device");
    }
    return __real_neuron_journal_flush(journal, depth, reason);
}
/* NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp,readability-identifier-naming)
 */

int
desk_bench_set_up(void **state)
{
    struct desk_bench *bench = calloc(1, sizeof(*bench));

    assert_non_null(bench);
    desk_flushes = (struct desk_flushes){.fails = false};
    test_folder_create(&bench->folder);
    (void)test_folder_path(&bench->folder, "scores.npy.journal", bench->journal_path);
    bench->options = (struct neuron_score_options){.end_row = UINT64_MAX,
                                                   .on_error = NEURON_ON_ERROR_SKIP,
                                                   .max_errors = UINT64_MAX,
                                                   .max_error_share = 1.0};
    bench->plan =
        (struct neuron_lease_desk_plan){.options = &bench->options,
                                        .rules = {.rows = DESK_ROWS,
                                                  .rank_count = DESK_RANKS,
                                                  .most_rows = DESK_LEASE_ROWS,
                                                  .least_ns = NEURON_NS_PER_S,
                                                  .most_ns = (uint64_t)10 * NEURON_NS_PER_S},
                                        .digest = 4711,
                                        .world_size = DESK_RANKS,
                                        .output_count = 1,
                                        .timeout_ms = DESK_TIMEOUT_MS};
    bench->now_ns = NEURON_NS_PER_S;
    *state = bench;
    return 0;
}

static void
close_desk(struct desk_bench *bench)
{
    neuron_lease_desk_destroy(bench->desk);
    neuron_journal_destroy(bench->journal);
    bench->desk = NULL;
    bench->journal = NULL;
}

int
desk_bench_tear_down(void **state)
{
    struct desk_bench *bench = *state;

    close_desk(bench);
    test_folder_destroy(&bench->folder);
    free(bench);
    return 0;
}

static void
open_desk(struct desk_bench *bench)
{
    bench->plan.journal = bench->journal;
    assert_ok(neuron_lease_desk_create(&bench->plan, &bench->desk, &error), &error);
}

void
desk_bench_start(struct desk_bench *bench)
{
    assert_ok(neuron_journal_open(bench->journal_path, NULL, &bench->journal, &error), &error);
    assert_ok(neuron_journal_begin(bench->journal, "model: m.neff 1\n", bench->plan.rules.rows,
                                   bench->plan.output_count, &error),
              &error);
    open_desk(bench);
}

void
desk_bench_restart(struct desk_bench *bench)
{
    close_desk(bench);
    assert_ok(neuron_journal_open(bench->journal_path, NULL, &bench->journal, &error), &error);
    open_desk(bench);
    for (uint32_t i = 0; i < DESK_RANKS; i += 1) {
        bench->life[i] += 1;
    }
}

struct neuron_lease_peer
desk_bench_peer(const struct desk_bench *bench, uint32_t rank)
{
    struct neuron_lease_peer peer = {.size_bytes = 5};

    memcpy(peer.name, "rank", 4);
    peer.name[4] = (unsigned char)(16 * bench->life[rank] + rank);
    return peer;
}

struct neuron_lease_message
desk_bench_hello(const struct desk_bench *bench, uint32_t rank)
{
    struct neuron_lease_message hello = {.kind = NEURON_LEASE_HELLO,
                                         .rank = rank,
                                         .world_size = bench->plan.world_size,
                                         .digest = bench->plan.digest,
                                         .round_rows = DESK_LEASE_ROWS,
                                         .core_count = 2,
                                         .pid = 1000 + rank,
                                         .start_ticks = 77,
                                         .start_ns = 5,
                                         .cores = "0-1"};

    (void)snprintf(hello.host, sizeof(hello.host), "far away");
    return hello;
}

void
desk_bench_say(struct desk_bench *bench, uint32_t rank, const struct neuron_lease_message *message)
{
    const struct neuron_lease_peer peer = desk_bench_peer(bench, rank);

    assert_ok(neuron_lease_desk_take(bench->desk, &peer, message, bench->now_ns, &error), &error);
}

void
desk_bench_settle(struct desk_bench *bench)
{
    assert_ok(neuron_lease_desk_settle(bench->desk, &bench->answers, &bench->answer_count, &error),
              &error);
}

void
desk_bench_join(struct desk_bench *bench, uint32_t rank)
{
    const struct neuron_lease_message hello = desk_bench_hello(bench, rank);

    desk_bench_say(bench, rank, &hello);
    desk_bench_settle(bench);
    assert_int_equal(desk_bench_count(bench, rank, NEURON_LEASE_WELCOME), 1);
}

uint32_t
desk_bench_ask(struct desk_bench *bench, uint32_t rank, uint32_t wanted)
{
    const struct neuron_lease_message ask = {
        .kind = NEURON_LEASE_ASK, .rank = rank, .wanted = wanted};

    desk_bench_say(bench, rank, &ask);
    desk_bench_settle(bench);
    bench->given_count = 0;
    for (size_t i = 0; i < bench->answer_count; i += 1) {
        if (bench->answers[i].message.kind == NEURON_LEASE_GIVE) {
            assert_true(bench->given_count < DESK_GIVEN_LIMIT);
            bench->given[bench->given_count] = bench->answers[i].message.lease;
            bench->given_count += 1;
        }
    }
    return bench->given_count;
}

struct neuron_lease_message
desk_bench_done(const struct neuron_lease *lease)
{
    sum = (struct neuron_piece_sum){.xxh3 = UINT64_C(0xabc000) + lease->rows.first};
    return (struct neuron_lease_message){
        .kind = NEURON_LEASE_DONE,
        .rank = lease->rank,
        .end = {.id = lease->id, .busy_ns = (uint64_t)100 * NEURON_NS_PER_MS},
        .rows = lease->rows,
        .chunk_ns = (uint64_t)100 * NEURON_NS_PER_MS,
        .sum_count = 1,
        .sums = &sum};
}

void
desk_bench_finish(struct desk_bench *bench, const struct neuron_lease *lease)
{
    const struct neuron_lease_message done = desk_bench_done(lease);

    desk_bench_say(bench, lease->rank, &done);
    desk_bench_settle(bench);
}

uint64_t
desk_bench_work_off(struct desk_bench *bench, uint32_t rank)
{
    uint64_t rows = 0;

    while (!neuron_lease_desk_state(bench->desk)->is_over && desk_bench_ask(bench, rank, 1) == 1) {
        const struct neuron_lease lease = bench->given[0];

        rows += lease.kind == NEURON_LEASE_AUDIT ? 0 : lease.rows.count;
        desk_bench_finish(bench, &lease);
    }
    return rows;
}

size_t
desk_bench_count(const struct desk_bench *bench, uint32_t rank, enum neuron_lease_message_kind kind)
{
    const struct neuron_lease_peer peer = desk_bench_peer(bench, rank);
    size_t count = 0;

    for (size_t i = 0; i < bench->answer_count; i += 1) {
        const struct neuron_lease_answer *answer = &bench->answers[i];

        count += answer->message.kind == kind && answer->peer.size_bytes == peer.size_bytes &&
                         memcmp(answer->peer.name, peer.name, peer.size_bytes) == 0
                     ? 1
                     : 0;
    }
    return count;
}

bool
desk_bench_has_line(const struct desk_bench *bench, const char *line)
{
    FILE *file = fopen(bench->journal_path, "re");
    char text[512] = "";
    bool is_found = false;

    assert_non_null(file);
    while (!is_found && fgets(text, sizeof(text), file) != NULL) {
        is_found = strncmp(text, line, strlen(line)) == 0;
    }
    (void)fclose(file);
    return is_found;
}
