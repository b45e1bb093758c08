/* SPDX-License-Identifier: Apache-2.0 */
#include "rank_table.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum neuron_status
neuron_rank_table_create(uint32_t rank_count, struct neuron_rank_table **table,
                         struct neuron_error *error)
{
    struct neuron_rank_table *created = calloc(1, sizeof(*created));

    if (created == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for %u ranks", rank_count);
    }
    created->failures[0] = -1;
    created->failures[1] = -1;
    created->ended = epoll_create1(EPOLL_CLOEXEC);
    created->ranks = calloc(rank_count, sizeof(*created->ranks));
    if (created->ranks == NULL || created->ended < 0 ||
        pipe2(created->failures, O_CLOEXEC | O_NONBLOCK) != 0) {
        neuron_rank_table_destroy(created);
        return NEURON_FAIL(error, NEURON_SYSTEM, "cannot set up a job of %u ranks: %s", rank_count,
                           strerrordesc_np(errno));
    }
    created->rank_count = rank_count;
    for (uint32_t i = 0; i < rank_count; i += 1) {
        created->ranks[i].watch = -1;
    }
    *table = created;
    return NEURON_OK;
}

enum neuron_status
neuron_rank_table_start(struct neuron_rank_table *table, struct neuron_process_start *start,
                        char *cores, uint64_t now_ms, struct neuron_error *error)
{
    struct neuron_rank *rank = &table->ranks[start->rank];
    struct epoll_event event = {.events = EPOLLIN, .data.u32 = start->rank};

    free(rank->cores);
    *rank = (struct neuron_rank){.watch = -1};
    start->failures = table->failures[1];
    enum neuron_status status = neuron_process_start(start, &rank->process, &rank->watch, error);
    if (status != NEURON_OK) {
        return status;
    }
    if (epoll_ctl(table->ended, EPOLL_CTL_ADD, rank->watch, &event) != 0) {
        int reason = errno;

        (void)kill(rank->process, SIGKILL);
        (void)close(rank->watch);
        rank->watch = -1;
        return NEURON_FAIL(error, NEURON_SYSTEM, "cannot watch the process of rank %u: %s",
                           start->rank, strerrordesc_np(reason));
    }
    rank->cores = cores;
    rank->started_ms = now_ms;
    table->running_count += 1;
    return NEURON_OK;
}

/* A child writes before it ends, so what a reaped rank has to tell is in the pipe. */
static void
read_failures(struct neuron_rank_table *table)
{
    struct neuron_process_failure failure = {0};

    while (read(table->failures[0], &failure, sizeof(failure)) == (ssize_t)sizeof(failure)) {
        if (failure.rank < table->rank_count) {
            table->ranks[failure.rank].failure = failure;
        }
    }
}

struct neuron_rank *
neuron_rank_table_next_ended(struct neuron_rank_table *table, uint64_t now_ms)
{
    struct epoll_event event = {0};

    if (table->running_count == 0 || epoll_wait(table->ended, &event, 1, 0) != 1) {
        return NULL;
    }
    struct neuron_rank *rank = &table->ranks[event.data.u32];
    while (wait4(rank->process, &rank->wait_status, 0, &rank->usage) < 0 && errno == EINTR) {
    }
    /* A child that is between fork and exec may still hold the descriptor: closing is not enough.
     */
    (void)epoll_ctl(table->ended, EPOLL_CTL_DEL, rank->watch, NULL);
    (void)close(rank->watch);
    rank->watch = -1;
    rank->ended_ms = now_ms;
    table->running_count -= 1;
    read_failures(table);
    return rank;
}

void
neuron_rank_table_signal(const struct neuron_rank_table *table, int signal_number)
{
    for (uint32_t i = 0; i < table->rank_count; i += 1) {
        if (table->ranks[i].watch >= 0) {
            (void)kill(-table->ranks[i].process, signal_number);
        }
    }
}

bool
neuron_rank_table_has(pid_t process, const void *table)
{
    const struct neuron_rank_table *ranks = table;

    for (uint32_t i = 0; i < ranks->rank_count; i += 1) {
        if (ranks->ranks[i].watch >= 0 && ranks->ranks[i].process == process) {
            return true;
        }
    }
    return false;
}

void
neuron_rank_table_destroy(struct neuron_rank_table *table)
{
    if (table == NULL) {
        return;
    }
    for (uint32_t i = 0; i < table->rank_count; i += 1) {
        if (table->ranks[i].watch >= 0) {
            (void)close(table->ranks[i].watch);
        }
        free(table->ranks[i].cores);
    }
    for (int i = 0; i < 2; i += 1) {
        if (table->failures[i] >= 0) {
            (void)close(table->failures[i]);
        }
    }
    if (table->ended >= 0) {
        (void)close(table->ended);
    }
    free(table->ranks);
    free(table);
}
