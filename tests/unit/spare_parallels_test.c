/* SPDX-License-Identifier: Apache-2.0 */
/* Other ways to run the rows of a rank: on one core, or in processes. */
#include "check.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "environment_variable.h"
#include "neuron/data_parallel_call.h"
#include "neuron/data_parallel_report.h"
#include "own_children.h"
#include "score/spare_parallels.h"
#include "weighed_model.h"

enum { CHILD_LIMIT = 16 };

static struct neuron_error error;

struct spare_bench {
    struct model_bench *bench;
    char path[TEST_PATH_BYTES];
    struct neuron_score_options options;
    struct neuron_scored_program *program;
    struct neuron_data_parallel_options parallel_options;
    struct neuron_spare_parallels *spares;
};

static struct spare_bench spare;

/* Loads a model for so many cores; the options of the rank's object may be changed before. */
static void
open_spares(struct model_bench *bench, uint32_t core_count)
{
    const struct neuron_compiler_options compiler = {.core_count = core_count,
                                                     .split = NEURON_SPLIT_WIDE};
    struct weighed_numbers numbers;

    weighed_fill(&numbers, 1);
    neuron_model_destroy(weighed_load_with(bench, &numbers, &compiler));
    spare.bench = bench;
    spare.options = (struct neuron_score_options){
        .model_path = test_folder_path(&bench->folder, "m.neff", spare.path)};
    assert_ok(neuron_scored_program_load(&spare.options, &spare.program, &error), &error);
    assert_ok(neuron_spare_parallels_create(spare.program, bench->runtime, &spare.parallel_options,
                                            &spare.spares, &error),
              &error);
}

static void
close_spares(void)
{
    neuron_spare_parallels_destroy(spare.spares);
    neuron_scored_program_destroy(spare.program);
    spare = (struct spare_bench){.bench = NULL};
}

/* Asks for one on a core beside another; says which core it has. */
static uint32_t
core_beside(uint32_t avoid)
{
    struct neuron_data_parallel *parallel = NULL;
    struct neuron_data_parallel *again = NULL;
    struct neuron_data_parallel_report *report = NULL;

    assert_ok(neuron_spare_parallels_single(spare.spares, avoid, &parallel, &error), &error);
    assert_ok(neuron_spare_parallels_single(spare.spares, avoid, &again, &error), &error);
    assert_ptr_equal(parallel, again);
    assert_int_equal(neuron_data_parallel_replica_count(parallel), 1);
    assert_ok(neuron_data_parallel_report_create(parallel, &report, &error), &error);
    float x[WEIGHED_ROWS * WEIGHED_INPUTS] = {0};
    float y[WEIGHED_ROWS * WEIGHED_OUTPUTS] = {0};
    const struct neuron_tensor_view input = {NEURON_FLOAT32, 2, {WEIGHED_ROWS, WEIGHED_INPUTS}, x};
    const struct neuron_tensor_view output = {
        NEURON_FLOAT32, 2, {WEIGHED_ROWS, WEIGHED_OUTPUTS}, y};
    const struct neuron_batch_tensors tensors = {&input, &output, 1, 1};
    const struct neuron_data_parallel_call_options options = {.report = report};
    assert_ok(neuron_data_parallel_run_with(parallel, &tensors, &options, &error), &error);
    uint32_t nc = neuron_data_parallel_report_share(report, 0)->nc;
    neuron_data_parallel_report_destroy(report);
    return nc;
}

static void
a_single_core_is_another_than_the_one_to_avoid(void **state)
{
    open_spares(*state, 0);
    assert_int_equal(core_beside(0), 1);
    assert_int_equal(core_beside(1), 0);
    assert_int_equal(core_beside(UINT32_MAX), 0);
    close_spares();
}

static void
only_cores_of_the_rank_are_taken(void **state)
{
    static const char *const ids[2] = {"nc:1", "0"};

    spare.parallel_options =
        (struct neuron_data_parallel_options){.device_ids = ids, .device_id_count = 2};
    open_spares(*state, 0);
    assert_int_equal(core_beside(1), 0);
    assert_int_equal(core_beside(0), 1);
    close_spares();
    spare.parallel_options =
        (struct neuron_data_parallel_options){.device_ids = ids, .device_id_count = 1};
    open_spares(*state, 0);
    assert_int_equal(core_beside(1), 1); /* there is no other */
    assert_int_equal(core_beside(0), 1);
    close_spares();
}

static void
a_replica_of_all_cores_has_none_beside_it(void **state)
{
    open_spares(*state, 2);
    assert_int_equal(core_beside(0), 0);
    assert_int_equal(core_beside(UINT32_MAX), 0);
    close_spares();
}

static void
one_in_processes_is_made_once(void **state)
{
    struct model_bench *bench = *state;
    struct neuron_data_parallel *own = NULL;
    struct neuron_data_parallel *first = NULL;
    struct neuron_data_parallel *second = NULL;
    pid_t children[CHILD_LIMIT];

    open_spares(bench, 0);
    assert_ok(neuron_scored_program_place(spare.program, bench->runtime, NULL, &own, &error),
              &error);
    assert_int_equal(list_children(getpid(), children, CHILD_LIMIT), 0);
    assert_ok(neuron_spare_parallels_isolated(spare.spares, own, &first, &error), &error);
    assert_true(first != own);
    assert_int_equal(list_children(getpid(), children, CHILD_LIMIT), 2);
    assert_ok(neuron_spare_parallels_isolated(spare.spares, own, &second, &error), &error);
    assert_ptr_equal(first, second);
    neuron_data_parallel_destroy(own);
    close_spares();
    assert_int_equal(list_children(getpid(), children, CHILD_LIMIT), 0);
}

static void
without_its_program_the_ranks_own_must_do(void **state)
{
    struct model_bench *bench = *state;
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): one thread runs */
    const char *path = getenv("NEURON_EXECUTOR_PATH");
    char *saved = path == NULL ? NULL : strdup(path);
    struct neuron_data_parallel *own = NULL;
    struct neuron_data_parallel *parallel = NULL;

    open_spares(bench, 0);
    assert_ok(neuron_scored_program_place(spare.program, bench->runtime, NULL, &own, &error),
              &error);
    set_variable("NEURON_EXECUTOR_PATH", "/nowhere/neuron-executor");
    assert_ok(neuron_spare_parallels_isolated(spare.spares, own, &parallel, &error), &error);
    assert_ptr_equal(parallel, own);
    set_variable("NEURON_EXECUTOR_PATH", saved);
    free(saved);
    assert_ok(neuron_spare_parallels_isolated(spare.spares, own, &parallel, &error), &error);
    assert_ptr_equal(parallel, own);
    neuron_data_parallel_destroy(own);
    close_spares();
}

static void
nothing_is_made_unless_it_is_wanted(void **state)
{
    open_spares(*state, 0);
    close_spares();
    neuron_spare_parallels_destroy(NULL);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_single_core_is_another_than_the_one_to_avoid,
                                        model_bench_setup, model_bench_teardown),
        cmocka_unit_test_setup_teardown(only_cores_of_the_rank_are_taken, model_bench_setup,
                                        model_bench_teardown),
        cmocka_unit_test_setup_teardown(a_replica_of_all_cores_has_none_beside_it,
                                        model_bench_setup, model_bench_teardown),
        cmocka_unit_test_setup_teardown(one_in_processes_is_made_once, model_bench_setup,
                                        model_bench_teardown),
        cmocka_unit_test_setup_teardown(without_its_program_the_ranks_own_must_do,
                                        model_bench_setup, model_bench_teardown),
        cmocka_unit_test_setup_teardown(nothing_is_made_unless_it_is_wanted, model_bench_setup,
                                        model_bench_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
