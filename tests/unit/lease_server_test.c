/* SPDX-License-Identifier: Apache-2.0 */
/* The lease server's thread and ranks in threads, over a real channel: what ends a job, and who
   hears of it. */
#include "check.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "desk_bench.h"
#include "score/lease_link.h"
#include "score/lease_server.h"

enum { FAKE_RANKS = 2, LOOK_MS = 20, PATIENCE_MS = 20000 };

/* A rank that scores nothing, and says that it has. */
struct fake_rank {
    struct neuron_lease_link_plan plan;
    pthread_t thread;
    bool is_lazy;      /* keeps its leases */
    bool is_late;      /* comes when another one has left */
    bool is_connected; /* the rest is the thread's, until it is joined */
    uint64_t rows;
    enum neuron_score_end end;
    char text[NEURON_LEASE_TEXT_BYTES];
};

struct server_bench {
    struct desk_bench *desk;
    char path[TEST_PATH_BYTES];
    struct neuron_score_options options;
    struct neuron_score_report report;
    struct neuron_score_view view;
    struct neuron_lease_server_plan plan;
    struct neuron_lease_server *server;
    struct fake_rank ranks[FAKE_RANKS];
    pthread_mutex_t lock;
    pthread_cond_t changed;
    uint32_t together; /* ranks that begin together, so that nobody comes when all is over */
    uint32_t working;  /* ranks that have a lease, or had one */
    uint32_t gone;     /* ranks that have left */
};

static struct server_bench bench;
static volatile sig_atomic_t stop_signal;
static const volatile sig_atomic_t nobody_stops = 0; /* for ranks, which hear it of the server */
static struct neuron_error error;

static void
note_signal(int number)
{
    __atomic_store_n(&stop_signal, number, __ATOMIC_RELAXED);
}

static void
raise_count(uint32_t *count)
{
    (void)pthread_mutex_lock(&bench.lock);
    *count += 1;
    (void)pthread_cond_broadcast(&bench.changed);
    (void)pthread_mutex_unlock(&bench.lock);
}

static void
await_count(const uint32_t *count, uint32_t least)
{
    (void)pthread_mutex_lock(&bench.lock);
    while (*count < least) {
        (void)pthread_cond_wait(&bench.changed, &bench.lock);
    }
    (void)pthread_mutex_unlock(&bench.lock);
}

static enum neuron_status
ask(struct fake_rank *rank, struct neuron_lease_link *link, uint32_t wanted)
{
    const struct neuron_lease_message message = {
        .kind = NEURON_LEASE_ASK, .rank = rank->plan.hello.rank, .wanted = wanted};

    return neuron_lease_link_send(link, &message, NULL);
}

static enum neuron_status
take_lease(struct fake_rank *rank, struct neuron_lease_link *link, const struct neuron_lease *lease)
{
    if (rank->rows == 0) {
        raise_count(&bench.working);
        await_count(&bench.working, bench.together);
    }
    rank->rows += lease->rows.count;
    if (rank->is_lazy) {
        return NEURON_OK;
    }
    struct neuron_piece_sum sum = {.xxh3 = lease->rows.first};
    const struct neuron_lease_message done = {.kind = NEURON_LEASE_DONE,
                                              .rank = lease->rank,
                                              .end = {.id = lease->id, .busy_ns = 1000000},
                                              .rows = lease->rows,
                                              .sum_count = 1,
                                              .sums = &sum};
    enum neuron_status status = neuron_lease_link_send(link, &done, NULL);
    return status == NEURON_OK ? ask(rank, link, 1) : status;
}

/* Until it is told to stop, or nothing goes any more. */
static void
work(struct fake_rank *rank, struct neuron_lease_link *link)
{
    enum neuron_status status = ask(rank, link, 1);

    for (int waited_ms = 0; status == NEURON_OK && waited_ms < PATIENCE_MS; waited_ms += LOOK_MS) {
        struct neuron_lease_message message = {0};

        if (!neuron_lease_link_receive(link, LOOK_MS, &message)) {
            status = ask(rank, link, rank->is_lazy ? 0 : 1);
        } else if (message.kind == NEURON_LEASE_GIVE) {
            status = take_lease(rank, link, &message.lease);
        } else if (message.kind == NEURON_LEASE_STOP) {
            const struct neuron_lease_message bye = {.kind = NEURON_LEASE_BYE,
                                                     .rank = rank->plan.hello.rank};

            rank->end = message.score_end;
            memcpy(rank->text, message.text, sizeof(rank->text));
            neuron_ignore(neuron_lease_link_send(link, &bye, NULL));
            status = NEURON_STOPPED;
        }
        neuron_lease_message_destroy(&message);
    }
}

static void *
run_rank(void *argument)
{
    struct fake_rank *rank = argument;
    struct neuron_lease_link *link = NULL;

    await_count(&bench.gone, rank->is_late ? 1 : 0);
    if (neuron_lease_link_open(&rank->plan, &link, NULL) == NEURON_OK) {
        rank->is_connected = true;
        work(rank, link);
    }
    neuron_lease_link_destroy(link);
    raise_count(&bench.gone);
    return NULL;
}

static int
set_up(void **state)
{
    bench = (struct server_bench){.options = {.is_quiet = true}, .together = FAKE_RANKS};
    stop_signal = 0;
    (void)pthread_mutex_init(&bench.lock, NULL);
    (void)pthread_cond_init(&bench.changed, NULL);
    (void)desk_bench_set_up(state);
    bench.desk = *state;
    bench.desk->plan.timeout_ms = PATIENCE_MS;
    bench.desk->plan.world_size = FAKE_RANKS;
    desk_bench_start(bench.desk);
    neuron_score_view_create(&bench.view, &bench.options, &bench.report);
    bench.plan = (struct neuron_lease_server_plan){
        .channel = {.path = test_folder_path(&bench.desk->folder, "y.npy.server", bench.path),
                    .job_id = "42-7",
                    .reach = NEURON_LEASE_ONE_HOST},
        .desk = bench.desk->desk,
        .view = &bench.view,
        .stop_signal = &stop_signal};
    return 0;
}

static int
tear_down(void **state)
{
    neuron_score_view_end(&bench.view);
    (void)pthread_cond_destroy(&bench.changed);
    (void)pthread_mutex_destroy(&bench.lock);
    return desk_bench_tear_down(state);
}

static void
start(bool is_lazy)
{
    assert_ok(neuron_lease_server_start(&bench.plan, &bench.server, &error), &error);
    for (uint32_t i = 0; i < FAKE_RANKS; i += 1) {
        struct fake_rank *rank = &bench.ranks[i];

        rank->is_lazy = is_lazy;
        rank->end = NEURON_SCORE_FAILED;
        rank->plan = (struct neuron_lease_link_plan){.channel = bench.plan.channel,
                                                     .hello = desk_bench_hello(bench.desk, i),
                                                     .timeout_ms = PATIENCE_MS,
                                                     .stop_signal = &nobody_stops};
        assert_int_equal(pthread_create(&rank->thread, NULL, run_rank, rank), 0);
    }
}

/* Waits for all, and fails unless all have heard of this end. Returns the rows of all leases. */
static uint64_t
finish(enum neuron_score_end end)
{
    uint64_t rows = 0;

    for (uint32_t i = 0; i < FAKE_RANKS; i += 1) {
        assert_int_equal(pthread_join(bench.ranks[i].thread, NULL), 0);
    }
    neuron_lease_server_join(bench.server);
    for (uint32_t i = 0; i < FAKE_RANKS; i += 1) {
        assert_true(bench.ranks[i].is_connected);
        assert_int_equal(bench.ranks[i].end, end);
        rows += bench.ranks[i].rows;
    }
    assert_int_equal(neuron_lease_desk_state(bench.desk->desk)->end, end);
    assert_int_equal(neuron_lease_desk_live_count(bench.desk->desk), 0);
    assert_int_equal(access(bench.path, F_OK), -1);
    return rows;
}

static void
two_ranks_share_all_rows(void **state)
{
    (void)state;
    start(false);
    assert_in_range(finish(NEURON_SCORE_COMPLETE), DESK_ROWS, 2 * DESK_ROWS); /* with copies */
    assert_int_equal(neuron_lease_desk_state(bench.desk->desk)->done_rows, DESK_ROWS);
    struct neuron_desk_books *books = neuron_lease_desk_books(bench.desk->desk);
    neuron_desk_books_sort(books);
    uint64_t next = 0;
    for (size_t i = 0; i < books->piece_count; i += 1) {
        assert_int_equal(books->pieces[i].rows.first, next);
        assert_int_equal(books->pieces[i].sums[0].xxh3, next);
        next += books->pieces[i].rows.count;
    }
    assert_int_equal(next, DESK_ROWS);
    assert_int_equal(bench.report.done_rows, DESK_ROWS);
}

static void
one_that_comes_when_all_is_done_hears_of_the_end(void **state)
{
    (void)state;
    bench.together = 1;
    bench.ranks[1].is_late = true;
    start(false);
    assert_int_equal(finish(NEURON_SCORE_COMPLETE), DESK_ROWS);
    assert_int_equal(bench.ranks[1].rows, 0);
}

static void
all_hear_that_the_rank_of_the_server_cannot_go_on(void **state)
{
    struct neuron_error reason = {0};

    (void)state;
    (void)snprintf(reason.text, sizeof(reason.text), "rank 0: no memory for rows");
    start(true);
    await_count(&bench.working, FAKE_RANKS);
    neuron_lease_server_abort(bench.server, NEURON_SCORE_BROKEN, &reason);
    (void)finish(NEURON_SCORE_BROKEN);
    assert_string_equal(bench.ranks[1].text, "rank 0: no memory for rows");
    /* What they gave back is not lost. */
    assert_true(desk_bench_has_line(bench.desk, "back 0 10 "));
    assert_true(desk_bench_has_line(bench.desk, "back 10 10 "));
}

static void
a_signal_interrupts_the_job(void **state)
{
    const struct sigaction action = {.sa_handler = note_signal};
    struct sigaction before = {.sa_handler = NULL};

    (void)state;
    assert_int_equal(sigaction(SIGUSR1, &action, &before), 0);
    start(true);
    await_count(&bench.working, FAKE_RANKS);
    assert_int_equal(raise(SIGUSR1), 0);
    (void)finish(NEURON_SCORE_INTERRUPTED);
    assert_int_equal(sigaction(SIGUSR1, &before, NULL), 0);
}

static void
a_journal_that_cannot_be_written_breaks_the_job(void **state)
{
    (void)state;
    desk_flushes.fails_to_disk = true;
    start(false);
    (void)finish(NEURON_SCORE_BROKEN);
    assert_contains(bench.ranks[0].text, "no space left");
    assert_false(desk_bench_has_line(bench.desk, "done "));
}

static void
a_server_that_cannot_listen_is_none(void **state)
{
    (void)state;
    bench.plan.channel.path = "/nowhere/y.npy.server";
    assert_status(NEURON_SYSTEM, neuron_lease_server_start(&bench.plan, &bench.server, &error),
                  &error);
    assert_null(bench.server);
    assert_contains(error.text, "/nowhere/");
    neuron_lease_server_join(NULL);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(two_ranks_share_all_rows, set_up, tear_down),
        cmocka_unit_test_setup_teardown(one_that_comes_when_all_is_done_hears_of_the_end, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(all_hear_that_the_rank_of_the_server_cannot_go_on, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_signal_interrupts_the_job, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_journal_that_cannot_be_written_breaks_the_job, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_server_that_cannot_listen_is_none, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
