/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "score/rank_identity.h"

static void
a_process_without_variables_is_a_job_of_its_own(void **state)
{
    char *const environment[] = {"HOME=/", NULL};
    struct neuron_rank_identity identity = {0};
    struct neuron_error error = {0};
    char pid[32] = "";

    (void)state;
    assert_ok(neuron_rank_identity_read(environment, &identity, &error), &error);
    assert_int_equal(identity.rank, 0);
    assert_int_equal(identity.world_size, 1);
    assert_true(identity.is_local);
    (void)snprintf(pid, sizeof(pid), "-%d-", (int)getpid());
    assert_contains(identity.job_id, pid);
}

static void
ranks_of_one_parent_are_one_job(void **state)
{
    char *const environment[] = {"RANK=2", "WORLD_SIZE=4", NULL};
    struct neuron_rank_identity identity = {0};
    struct neuron_error error = {0};
    char pid[32] = "";

    (void)state;
    assert_ok(neuron_rank_identity_read(environment, &identity, &error), &error);
    assert_int_equal(identity.rank, 2);
    assert_int_equal(identity.world_size, 4);
    (void)snprintf(pid, sizeof(pid), "-%d-", (int)getppid());
    assert_contains(identity.job_id, pid);
}

static void
the_launcher_names_the_job(void **state)
{
    char *const environment[] = {"NEURONRUN_JOBID=night-7", "RANK=0", "WORLD_SIZE=2", NULL};
    struct neuron_rank_identity identity = {0};
    struct neuron_error error = {0};

    (void)state;
    assert_ok(neuron_rank_identity_read(environment, &identity, &error), &error);
    assert_string_equal(identity.job_id, "night-7");
    assert_true(identity.is_local);
    assert_null(identity.key);
}

static void
ranks_on_other_hosts_and_the_key_are_told(void **state)
{
    char *const here[] = {"RANK=0", "WORLD_SIZE=4", "LOCAL_WORLD_SIZE=4", NULL};
    char *const both[] = {"RANK=0", "WORLD_SIZE=4", "LOCAL_WORLD_SIZE=2", "NEURONRUN_KEY=ab", NULL};
    char *const mpi[] = {"OMPI_COMM_WORLD_RANK=0", "OMPI_COMM_WORLD_SIZE=4",
                         "OMPI_COMM_WORLD_LOCAL_SIZE=2", NULL};
    char *const wrong[] = {"RANK=0", "WORLD_SIZE=4", "LOCAL_WORLD_SIZE=no", NULL};
    struct neuron_rank_identity identity = {0};
    struct neuron_error error = {0};

    (void)state;
    assert_ok(neuron_rank_identity_read(here, &identity, &error), &error);
    assert_true(identity.is_local);
    assert_ok(neuron_rank_identity_read(both, &identity, &error), &error);
    assert_false(identity.is_local);
    assert_string_equal(identity.key, "ab");
    assert_ok(neuron_rank_identity_read(mpi, &identity, &error), &error);
    assert_false(identity.is_local);
    assert_status(NEURON_INVALID_SYNTAX, neuron_rank_identity_read(wrong, &identity, &error),
                  &error);
}

static void
open_mpi_counts_where_rank_is_not_set(void **state)
{
    char *const mpi[] = {"OMPI_COMM_WORLD_RANK=3", "OMPI_COMM_WORLD_SIZE=5", "RANK=1", NULL};
    char *const both[] = {"OMPI_COMM_WORLD_RANK=3", "OMPI_COMM_WORLD_SIZE=5", "RANK=1",
                          "WORLD_SIZE=2", NULL};
    struct neuron_rank_identity identity = {0};
    struct neuron_error error = {0};

    (void)state;
    assert_ok(neuron_rank_identity_read(mpi, &identity, &error), &error);
    assert_int_equal(identity.rank, 3);
    assert_int_equal(identity.world_size, 5);
    assert_ok(neuron_rank_identity_read(both, &identity, &error), &error);
    assert_int_equal(identity.rank, 1);
    assert_int_equal(identity.world_size, 2);
}

static void
half_a_pair_and_empty_values_count_as_unset(void **state)
{
    char *const environment[] = {"WORLD_SIZE=4", "OMPI_COMM_WORLD_RANK=", "OMPI_COMM_WORLD_SIZE=5",
                                 "NEURONRUN_JOBID=", NULL};
    struct neuron_rank_identity identity = {0};
    struct neuron_error error = {0};

    (void)state;
    assert_ok(neuron_rank_identity_read(environment, &identity, &error), &error);
    assert_int_equal(identity.world_size, 1);
    assert_true(identity.job_id[0] != '\0');
}

static void
bad_numbers_are_refused_with_their_variable(void **state)
{
    static const struct {
        char *rank;
        char *size;
        const char *reason;
    } cases[] = {
        {"RANK=x", "WORLD_SIZE=2", "RANK=x"},
        {"RANK=-1", "WORLD_SIZE=2", "RANK=-1"},
        {"RANK=2", "WORLD_SIZE=2", "RANK=2: must be a number from 0 to 1"},
        {"RANK=1 ", "WORLD_SIZE=2", "RANK=1 "},
        {"RANK=0", "WORLD_SIZE=0", "WORLD_SIZE=0"},
        {"RANK=0", "WORLD_SIZE=1000001", "WORLD_SIZE=1000001"},
        {"RANK=0", "WORLD_SIZE=99999999999999999999", "WORLD_SIZE=9999"},
        {"OMPI_COMM_WORLD_RANK=9", "OMPI_COMM_WORLD_SIZE=9", "OMPI_COMM_WORLD_RANK=9"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i += 1) {
        char *const environment[] = {cases[i].rank, cases[i].size, NULL};
        struct neuron_rank_identity identity = {.rank = 77};
        struct neuron_error error = {0};

        assert_status(NEURON_INVALID_SYNTAX,
                      neuron_rank_identity_read(environment, &identity, &error), &error);
        assert_contains(error.text, cases[i].reason);
        assert_int_equal(identity.rank, 77);
    }
}

static void
a_job_name_beyond_the_limit_is_refused(void **state)
{
    char name[256] = "NEURONRUN_JOBID=";
    char *const environment[] = {name, NULL};
    struct neuron_rank_identity identity = {0};
    struct neuron_error error = {0};

    (void)state;
    memset(name + 16, 'j', NEURON_JOB_ID_BYTES - 1);
    assert_ok(neuron_rank_identity_read(environment, &identity, &error), &error);
    name[16 + NEURON_JOB_ID_BYTES - 1] = 'j';
    assert_status(NEURON_INVALID_SYNTAX, neuron_rank_identity_read(environment, &identity, &error),
                  &error);
    assert_contains(error.text, "128 bytes");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_process_without_variables_is_a_job_of_its_own),
        cmocka_unit_test(ranks_of_one_parent_are_one_job),
        cmocka_unit_test(the_launcher_names_the_job),
        cmocka_unit_test(ranks_on_other_hosts_and_the_key_are_told),
        cmocka_unit_test(open_mpi_counts_where_rank_is_not_set),
        cmocka_unit_test(half_a_pair_and_empty_values_count_as_unset),
        cmocka_unit_test(bad_numbers_are_refused_with_their_variable),
        cmocka_unit_test(a_job_name_beyond_the_limit_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
