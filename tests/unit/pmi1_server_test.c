/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"
#include "pmi1_server.h"
#include "pmi1_store.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { RANKS = 2, ANSWER_BYTES = 512 };

static void
say(const struct neuron_pmi1_server *server, uint32_t rank, const char *text)
{
    int end = neuron_pmi1_server_rank_end(server, rank);

    assert_int_equal(send(end, text, strlen(text), 0), strlen(text));
}

/* What a rank has been answered; "" for nothing. */
static const char *
hear(const struct neuron_pmi1_server *server, uint32_t rank, char answer[ANSWER_BYTES])
{
    int end = neuron_pmi1_server_rank_end(server, rank);
    ssize_t length = recv(end, answer, ANSWER_BYTES - 1, MSG_DONTWAIT);

    answer[length < 0 ? 0 : length] = '\0';
    return answer;
}

static int
create_server(void **state)
{
    struct neuron_error error = {0};
    struct neuron_pmi1_server *server = NULL;

    assert_ok(neuron_pmi1_server_create(RANKS, &server, &error), &error);
    *state = server;
    return 0;
}

static int
destroy_server(void **state)
{
    neuron_pmi1_server_destroy(*state);
    return 0;
}

static void
ranks_come_and_go(void **state)
{
    struct neuron_pmi1_server *server = *state;
    struct neuron_mpi_event event = {0};
    char answer[ANSWER_BYTES] = "";

    assert_false(neuron_pmi1_server_next(server, &event));
    say(server, 1, "cmd=init pmi_version=1 pmi_subversion=1\ncmd=finalize\ncmd=abort exitcode=7\n");
    assert_true(neuron_pmi1_server_next(server, &event));
    assert_int_equal(event.kind, NEURON_MPI_CONNECTED);
    assert_int_equal(event.rank, 1);
    assert_true(neuron_pmi1_server_next(server, &event));
    assert_int_equal(event.kind, NEURON_MPI_FINALIZED);
    assert_true(neuron_pmi1_server_next(server, &event));
    assert_int_equal(event.kind, NEURON_MPI_ABORTED);
    assert_int_equal(event.code, 7);
    assert_false(neuron_pmi1_server_next(server, &event));
    assert_contains(hear(server, 1, answer), "cmd=finalize_ack rc=0\n");
}

static void
values_go_from_rank_to_rank(void **state)
{
    struct neuron_pmi1_server *server = *state;
    struct neuron_mpi_event event = {0};
    char answer[ANSWER_BYTES] = "";

    say(server, 0, "cmd=put kvsname=neuronrun key=k value=v\n");
    say(server, 1, "cmd=get kvsname=neuronrun key=PMI_process_mapping\n");
    assert_false(neuron_pmi1_server_next(server, &event));
    assert_string_equal(hear(server, 0, answer), "cmd=put_result rc=0 msg=success\n");
    assert_contains(hear(server, 1, answer), "value=(vector,(0,1,2))\n");
    say(server, 1, "cmd=get kvsname=neuronrun key=k\n");
    say(server, 0, "cmd=put kvsname=neuronrun key=k value=w\n");
    assert_false(neuron_pmi1_server_next(server, &event));
    assert_contains(hear(server, 1, answer), "value=v\n");
    assert_contains(hear(server, 0, answer), "rc=-1");
}

static void
a_barrier_opens_for_all_at_once(void **state)
{
    struct neuron_pmi1_server *server = *state;
    struct neuron_mpi_event event = {0};
    char answer[ANSWER_BYTES] = "";

    for (int i = 0; i < 2; i += 1) {
        say(server, 0, "cmd=barr");
        assert_false(neuron_pmi1_server_next(server, &event));
        say(server, 0, "ier_in\n");
        assert_false(neuron_pmi1_server_next(server, &event));
        assert_string_equal(hear(server, 0, answer), "");
        say(server, 1, "cmd=barrier_in\n");
        assert_false(neuron_pmi1_server_next(server, &event));
        assert_string_equal(hear(server, 0, answer), "cmd=barrier_out rc=0\n");
        assert_string_equal(hear(server, 1, answer), "cmd=barrier_out rc=0\n");
    }
}

static void
a_rank_that_sends_nonsense_is_told_of_and_left_alone(void **state)
{
    struct neuron_pmi1_server *server = *state;
    struct neuron_mpi_event event = {0};
    char nonsense[4096] = "";

    say(server, 0, "GET / HTTP/1.1\n");
    assert_true(neuron_pmi1_server_next(server, &event));
    assert_int_equal(event.kind, NEURON_MPI_SAID);
    assert_contains(event.text, "rank 0 sends what is no PMI-1 request");
    memset(nonsense, 'x', sizeof(nonsense) - 1);
    say(server, 1, nonsense);
    assert_true(neuron_pmi1_server_next(server, &event));
    assert_int_equal(event.rank, 1);
    assert_false(neuron_pmi1_server_next(server, &event));
}

static void
a_spawn_is_refused_and_its_lines_mean_nothing_elsewhere(void **state)
{
    struct neuron_pmi1_server *server = *state;
    struct neuron_mpi_event event = {0};
    char answer[ANSWER_BYTES] = "";

    say(server, 0, "mcmd=spawn\nnprocs=1\nexecname=child\nendcmd\ncmd=get_appnum\n");
    assert_false(neuron_pmi1_server_next(server, &event));
    assert_contains(hear(server, 0, answer), "cmd=spawn_result rc=-1 ");
    assert_contains(answer, "cmd=appnum appnum=0\n");
    say(server, 1, "nprocs=1\n");
    assert_true(neuron_pmi1_server_next(server, &event));
    assert_int_equal(event.kind, NEURON_MPI_SAID);
}

static void
a_store_has_a_limit(void **state)
{
    struct neuron_pmi1_store store = {.limit = 500};
    char key[16] = "";

    (void)state;
    assert_null(neuron_pmi1_store_get(&store, "k0"));
    for (int i = 0; i < 500; i += 1) {
        (void)snprintf(key, sizeof(key), "k%d", i);
        assert_true(neuron_pmi1_store_put(&store, key, key + 1));
    }
    assert_false(neuron_pmi1_store_put(&store, "more", "1"));
    assert_string_equal(neuron_pmi1_store_get(&store, "k499"), "499");
    assert_null(neuron_pmi1_store_get(&store, "k500"));
    neuron_pmi1_store_clear(&store);
    assert_null(neuron_pmi1_store_get(&store, "k499"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(ranks_come_and_go, create_server, destroy_server),
        cmocka_unit_test_setup_teardown(values_go_from_rank_to_rank, create_server, destroy_server),
        cmocka_unit_test_setup_teardown(a_barrier_opens_for_all_at_once, create_server,
                                        destroy_server),
        cmocka_unit_test_setup_teardown(a_rank_that_sends_nonsense_is_told_of_and_left_alone,
                                        create_server, destroy_server),
        cmocka_unit_test_setup_teardown(a_spawn_is_refused_and_its_lines_mean_nothing_elsewhere,
                                        create_server, destroy_server),
        cmocka_unit_test(a_store_has_a_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
