/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <string.h>

#include "rank_environment.h"

/* Rank 1 of 4 with two cores. */
static struct neuron_rank_environment *
make(char *const *inherited, const char *const *assignments, uint32_t assignment_count)
{
    const struct neuron_rank_environment_request request = {
        .inherited = inherited,
        .assignments = assignments,
        .assignment_count = assignment_count,
        .rank = 1,
        .rank_count = 4,
        .core_count = 2,
        .cores = "2-3",
        .lease = "42:0",
        .job_id = "42-7",
        .key = "00ff",
        .port = 4711,
        .restart_count = 2,
    };
    struct neuron_rank_environment *environment = NULL;
    struct neuron_error error = {0};

    assert_ok(neuron_rank_environment_create(&request, &environment, &error), &error);
    return environment;
}

static int
count_entries(const struct neuron_rank_environment *environment, const char *name)
{
    size_t length = strlen(name);
    int count = 0;

    for (size_t i = 0; environment->entries[i] != NULL; i += 1) {
        const char *entry = environment->entries[i];

        count += strncmp(entry, name, length) == 0 && entry[length] == '=' ? 1 : 0;
    }
    return count;
}

/* Fails unless the variable is there once, with this value. */
static void
check_value(const struct neuron_rank_environment *environment, const char *name, const char *value)
{
    size_t length = strlen(name);

    assert_int_equal(count_entries(environment, name), 1);
    for (size_t i = 0; environment->entries[i] != NULL; i += 1) {
        const char *entry = environment->entries[i];

        if (strncmp(entry, name, length) == 0 && entry[length] == '=') {
            assert_string_equal(entry + length + 1, value);
        }
    }
}

static void
a_rank_knows_its_place(void **state)
{
    char *const inherited[] = {NULL};
    struct neuron_rank_environment *environment = make(inherited, NULL, 0);

    (void)state;
    check_value(environment, "NEURON_RT_VISIBLE_CORES", "2-3");
    check_value(environment, "NEURONRUN_LEASE", "42:0");
    check_value(environment, "NEURONRUN_JOBID", "42-7");
    check_value(environment, "NEURONRUN_KEY", "00ff");
    check_value(environment, "MASTER_PORT", "4711");
    check_value(environment, "NEURON_RESTART_COUNT", "2");
    check_value(environment, "NEURONRUN_CORES", "2-3");
    check_value(environment, "RANK", "1");
    check_value(environment, "WORLD_SIZE", "4");
    check_value(environment, "OMPI_COMM_WORLD_RANK", "1");
    check_value(environment, "PMI_SIZE", "4");
    check_value(environment, "NODE_RANK", "0");
    check_value(environment, "MASTER_ADDR", "127.0.0.1");
    check_value(environment, "OMP_NUM_THREADS", "2");
    neuron_rank_environment_destroy(environment);
}

static void
what_is_inherited_goes_on(void **state)
{
    char path[] = "PATH=/bin";
    char empty[] = "EMPTY=";
    char *const inherited[] = {path, empty, NULL};
    struct neuron_rank_environment *environment = make(inherited, NULL, 0);

    (void)state;
    check_value(environment, "PATH", "/bin");
    check_value(environment, "EMPTY", "");
    neuron_rank_environment_destroy(environment);
}

static void
what_the_user_chose_is_kept(void **state)
{
    char threads[] = "OMP_NUM_THREADS=7";
    char *const inherited[] = {threads, NULL};
    const char *const assignments[] = {"MASTER_ADDR=there"};
    struct neuron_rank_environment *environment = make(inherited, assignments, 1);

    (void)state;
    check_value(environment, "OMP_NUM_THREADS", "7");
    check_value(environment, "MASTER_ADDR", "there");
    neuron_rank_environment_destroy(environment);
}

static void
an_assignment_replaces_what_is_inherited(void **state)
{
    char old[] = "A=old";
    char threads[] = "OMP_NUM_THREADS=7";
    char *const inherited[] = {old, threads, NULL};
    const char *const assignments[] = {"A=first", "OMP_NUM_THREADS=3", "A=last", "B"};
    struct neuron_rank_environment *environment = make(inherited, assignments, 4);

    (void)state;
    check_value(environment, "A", "last");
    check_value(environment, "OMP_NUM_THREADS", "3");
    assert_int_equal(count_entries(environment, "B"), 0);
    neuron_rank_environment_destroy(environment);
}

static void
a_bare_name_leaves_the_variable_as_it_is(void **state)
{
    char old[] = "A=old";
    char *const inherited[] = {old, NULL};
    const char *const assignments[] = {"A"};
    struct neuron_rank_environment *environment = make(inherited, assignments, 1);

    (void)state;
    check_value(environment, "A", "old");
    neuron_rank_environment_destroy(environment);
}

static void
another_launcher_is_not_heard(void **state)
{
    char cores[] = "NEURON_RT_VISIBLE_CORES=0-7";
    char count[] = "NEURON_RT_NUM_CORES=8";
    char rank[] = "NEURONRUN_RANK=9";
    char server[] = "PMIX_SERVER_URI21=x";
    char pmi[] = "PMI_FD=5";
    char mpi[] = "OMPI_COMM_WORLD_SIZE=99";
    char *const inherited[] = {cores, count, rank, server, pmi, mpi, NULL};
    struct neuron_rank_environment *environment = make(inherited, NULL, 0);

    (void)state;
    check_value(environment, "NEURON_RT_VISIBLE_CORES", "2-3");
    check_value(environment, "NEURONRUN_RANK", "1");
    check_value(environment, "OMPI_COMM_WORLD_SIZE", "4");
    assert_int_equal(count_entries(environment, "NEURON_RT_NUM_CORES"), 0);
    assert_int_equal(count_entries(environment, "PMIX_SERVER_URI21"), 0);
    assert_int_equal(count_entries(environment, "PMI_FD"), 0);
    neuron_rank_environment_destroy(environment);
}

static void
the_thread_count_of_an_enclosing_rank_is_replaced(void **state)
{
    char threads[] = "OMP_NUM_THREADS=8";
    char enclosing[] = "NEURONRUN_THREADS=8";
    char *const inherited[] = {threads, enclosing, NULL};
    struct neuron_rank_environment *environment = make(inherited, NULL, 0);

    (void)state;
    check_value(environment, "OMP_NUM_THREADS", "2");
    check_value(environment, "NEURONRUN_THREADS", "2");
    neuron_rank_environment_destroy(environment);
}

/* What becomes of inherited group sizes, and whether a rank has them. */
static void
check_group_sizes(const char *const *assignments, uint32_t assignment_count,
                  enum neuron_group_sizes_fate expected, const char *value)
{
    char groups[] = "NEURONCORE_GROUP_SIZES=2,4";
    char *const inherited[] = {groups, NULL};
    const struct neuron_rank_environment_request request = {
        .inherited = inherited, .assignments = assignments, .assignment_count = assignment_count};
    struct neuron_rank_environment *environment = make(inherited, assignments, assignment_count);

    assert_int_equal(neuron_rank_environment_group_sizes(&request), expected);
    if (value == NULL) {
        assert_int_equal(count_entries(environment, "NEURONCORE_GROUP_SIZES"), 0);
    } else {
        check_value(environment, "NEURONCORE_GROUP_SIZES", value);
    }
    neuron_rank_environment_destroy(environment);
}

static void
group_sizes_do_not_reach_a_rank_unless_the_user_says_so(void **state)
{
    const char *const other[] = {"NEURONCORE_GROUP_SIZE", "A=NEURONCORE_GROUP_SIZES"};
    const char *const bare[] = {"NEURONCORE_GROUP_SIZES"};
    const char *const assigned[] = {"NEURONCORE_GROUP_SIZES=1"};
    const char *const both[] = {"NEURONCORE_GROUP_SIZES=1", "NEURONCORE_GROUP_SIZES"};

    (void)state;
    check_group_sizes(NULL, 0, NEURON_GROUP_SIZES_REMOVED, NULL);
    check_group_sizes(other, 2, NEURON_GROUP_SIZES_REMOVED, NULL);
    check_group_sizes(bare, 1, NEURON_GROUP_SIZES_PASSED_ON, "2,4");
    check_group_sizes(assigned, 1, NEURON_GROUP_SIZES_PASSED_ON, "1");
    check_group_sizes(both, 2, NEURON_GROUP_SIZES_PASSED_ON, "1");
}

static void
group_sizes_that_are_empty_or_assigned_alone_are_nothing_to_speak_of(void **state)
{
    char empty[] = "NEURONCORE_GROUP_SIZES=";
    char *const inherited[] = {empty, NULL};
    char *const nothing[] = {NULL};
    const char *const assigned[] = {"NEURONCORE_GROUP_SIZES=1"};
    const struct neuron_rank_environment_request requests[] = {
        {.inherited = inherited},
        {.inherited = nothing, .assignments = assigned, .assignment_count = 1}};
    struct neuron_rank_environment *environment = make(nothing, assigned, 1);

    (void)state;
    assert_int_equal(neuron_rank_environment_group_sizes(&requests[0]), NEURON_GROUP_SIZES_ABSENT);
    assert_int_equal(neuron_rank_environment_group_sizes(&requests[1]), NEURON_GROUP_SIZES_ABSENT);
    check_value(environment, "NEURONCORE_GROUP_SIZES", "1");
    neuron_rank_environment_destroy(environment);
}

static void
similar_names_are_not_ours(void **state)
{
    (void)state;
    assert_true(neuron_rank_environment_is_own("RANK", 4));
    assert_true(neuron_rank_environment_is_own("NEURONRUN_X", 11));
    assert_false(neuron_rank_environment_is_own("RANKS", 5));
    assert_false(neuron_rank_environment_is_own("RAN", 3));
    assert_false(neuron_rank_environment_is_own("OMP_NUM_THREADS", 15));
    assert_false(neuron_rank_environment_is_own("NEURON_RT_LEASE_DIRECTORY", 25));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_rank_knows_its_place),
        cmocka_unit_test(what_is_inherited_goes_on),
        cmocka_unit_test(what_the_user_chose_is_kept),
        cmocka_unit_test(an_assignment_replaces_what_is_inherited),
        cmocka_unit_test(a_bare_name_leaves_the_variable_as_it_is),
        cmocka_unit_test(another_launcher_is_not_heard),
        cmocka_unit_test(the_thread_count_of_an_enclosing_rank_is_replaced),
        cmocka_unit_test(group_sizes_do_not_reach_a_rank_unless_the_user_says_so),
        cmocka_unit_test(group_sizes_that_are_empty_or_assigned_alone_are_nothing_to_speak_of),
        cmocka_unit_test(similar_names_are_not_ours),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
