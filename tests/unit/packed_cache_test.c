/* SPDX-License-Identifier: Apache-2.0 */
/* Packed weights on the disk: who makes the same plan again maps them, and nothing else is taken.
 */
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "check.h"
#include "tensor_text.h"
#include "test_folder.h"

#include "compiler/auto_cast.h"
#include "engine/plan_body.h"
#include "engine/program.h"
#include "engine/single_thread.h"
#include "neuron/trace.h"

enum { ROWS = 3, DEPTH = 512, COLUMNS = 640 /* 1.3 MB */, FEW = 16 };

struct bench {
    struct test_folder folder;
    char cache[TEST_PATH_BYTES]; /* a folder that is not there yet */
    struct neuron_tensor_view input;
};

static enum neuron_status
record(struct neuron_trace *trace, const struct neuron_value *inputs, struct neuron_value *outputs,
       void *user)
{
    struct neuron_tensor_view weights = {.type = NEURON_FLOAT32, .rank = 2};

    memcpy(weights.shape, user, 2 * sizeof(int64_t));
    allocate_tensor(&weights);
    fill_tensor(&weights, 7);
    outputs[0] = neuron_matmul(trace, inputs[0], neuron_constant(trace, &weights));
    free_tensor(&weights);
    return neuron_trace_status(trace);
}

/* A product with weights of so many columns, which is known by a byte. */
static struct neuron_graph *
make_graph(const struct bench *bench, int64_t columns, unsigned char identity)
{
    int64_t dims[2] = {DEPTH, columns};
    const struct neuron_trace_signature signature = {
        .example_inputs = &bench->input, .input_count = 1, .output_count = 1};
    struct neuron_graph *graph = NULL;
    struct neuron_error error;

    assert_ok(neuron_trace(record, &signature, dims, &graph, &error), &error);
    graph->has_identity = true;
    memset(graph->identity, identity, sizeof(graph->identity));
    return graph;
}

static struct neuron_plan *
make_plan(const struct bench *bench, const struct neuron_graph *graph)
{
    const struct neuron_packed_place place = {.folder = bench->cache, .identity = graph->identity};
    struct neuron_plan *plan = NULL;
    struct neuron_error error;

    assert_ok(neuron_plan_create_cached(graph, NULL, &place, &plan, &error), &error);
    return plan;
}

/* Says how much of its weights a plan holds in memory of its own. */
static size_t
owned_bytes(const struct neuron_plan *plan)
{
    size_t bytes = 0;

    for (uint32_t i = 0; i < plan->storage_count; i += 1) {
        bytes += plan->storages[i].owned == NULL ? 0 : plan->storages[i].owned_bytes;
    }
    return bytes;
}

/* Runs a plan, and fails the test unless it gives what a plan without a place gives. */
static void
check_plan(const struct bench *bench, const struct neuron_graph *graph,
           const struct neuron_plan *plan)
{
    struct neuron_tensor_view results[2] = {
        {.type = NEURON_FLOAT32, .rank = 2, .shape = {ROWS, graph->outputs[0].spec.shape.dims[1]}}};
    struct neuron_plan *plain = NULL;
    struct neuron_program *program = NULL;
    struct neuron_error error;
    int threads = neuron_engine_use_single_thread();

    assert_ok(neuron_plan_create(graph, NULL, &plain, &error), &error);
    results[1] = results[0];
    for (int i = 0; i < 2; i += 1) {
        allocate_tensor(&results[i]);
        assert_ok(neuron_program_create(i == 0 ? plan : plain, NULL, &program, &error), &error);
        assert_ok(neuron_program_run(program, &bench->input.data, &results[i].data, 0, &error),
                  &error);
        neuron_program_destroy(program);
    }
    assert_memory_equal(results[0].data, results[1].data,
                        tensor_element_count(&results[0]) * sizeof(float));
    neuron_engine_restore_threads(threads);
    free_tensor(&results[0]);
    free_tensor(&results[1]);
    neuron_plan_destroy(plain);
}

static int
setup(void **state)
{
    struct bench *bench = calloc(1, sizeof(*bench));

    assert_non_null(bench);
    test_folder_create(&bench->folder);
    test_folder_path(&bench->folder, "a/b", bench->cache);
    bench->input =
        (struct neuron_tensor_view){.type = NEURON_FLOAT32, .rank = 2, .shape = {ROWS, DEPTH}};
    allocate_tensor(&bench->input);
    fill_tensor(&bench->input, 3);
    *state = bench;
    return 0;
}

static int
teardown(void **state)
{
    struct bench *bench = *state;

    free_tensor(&bench->input);
    test_folder_destroy(&bench->folder);
    free(bench);
    return 0;
}

/* Makes a plan twice, of which the second finds what the first has packed; or not. */
static void
check_second_plan(const struct bench *bench, const struct neuron_graph *graph, bool finds)
{
    struct neuron_plan *first = make_plan(bench, graph);

    check_plan(bench, graph, first);
    neuron_plan_destroy(first);
    assert_int_equal(test_folder_file_count(&bench->folder), finds ? 1 : 0);
    struct neuron_plan *second = make_plan(bench, graph);
    assert_true((owned_bytes(second) == 0) == finds);
    check_plan(bench, graph, second);
    neuron_plan_destroy(second);
}

static void
a_second_plan_maps_what_the_first_has_packed(void **state)
{
    struct neuron_graph *graph = make_graph(*state, COLUMNS, 1);
    mode_t mask = umask(0); /* under which others might write to new files */

    check_second_plan(*state, graph, true);
    (void)umask(mask);
    neuron_graph_destroy(graph);
}

static void
weights_of_fewer_bits_are_kept_with_their_factors(void **state)
{
    struct neuron_graph *graph = make_graph(*state, (int64_t)COLUMNS * 4, 1);

    neuron_auto_cast(graph, NEURON_AUTO_CAST_MATMULT, NEURON_AUTO_CAST_INT8);
    check_second_plan(*state, graph, true);
    neuron_graph_destroy(graph);
}

static void
few_weights_are_not_worth_a_file(void **state)
{
    struct neuron_graph *graph = make_graph(*state, FEW, 1);

    check_second_plan(*state, graph, false);
    neuron_graph_destroy(graph);
}

static void
another_model_has_another_file(void **state)
{
    const struct bench *bench = *state;

    for (unsigned char identity = 1; identity <= 2; identity += 1) {
        struct neuron_graph *graph = make_graph(bench, COLUMNS, identity);

        neuron_plan_destroy(make_plan(bench, graph));
        assert_int_equal(test_folder_file_count(&bench->folder), identity);
        neuron_graph_destroy(graph);
    }
}

static void
a_damaged_file_is_none_and_is_written_anew(void **state)
{
    const struct bench *bench = *state;
    struct neuron_graph *graph = make_graph(bench, COLUMNS, 1);

    neuron_plan_destroy(make_plan(bench, graph));
    test_folder_overwrite_files(&bench->folder, "NEURONPK and then", 17);
    struct neuron_plan *plan = make_plan(bench, graph);
    check_plan(bench, graph, plan);
    neuron_plan_destroy(plan);
    plan = make_plan(bench, graph);
    assert_int_equal(owned_bytes(plan), 0);
    check_plan(bench, graph, plan);
    neuron_plan_destroy(plan);
    neuron_graph_destroy(graph);
}

static void
a_file_that_others_may_write_to_is_written_anew(void **state)
{
    const struct bench *bench = *state;
    struct neuron_graph *graph = make_graph(bench, COLUMNS, 1);
    char pattern[TEST_PATH_BYTES + 16] = "";
    glob_t found = {0};
    struct stat status = {0};

    neuron_plan_destroy(make_plan(bench, graph));
    (void)snprintf(pattern, sizeof(pattern), "%s/*.packed", bench->cache);
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): the test has one thread */
    assert_int_equal(glob(pattern, 0, NULL, &found), 0);
    assert_int_equal(chmod(found.gl_pathv[0], 0666), 0);
    neuron_plan_destroy(make_plan(bench, graph));
    assert_int_equal(stat(found.gl_pathv[0], &status), 0);
    assert_int_equal(status.st_mode & S_IWOTH, 0);
    globfree(&found);
    neuron_graph_destroy(graph);
}

static void
a_place_that_cannot_be_made_leaves_the_plan_as_it_is(void **state)
{
    struct bench *bench = *state;
    struct neuron_graph *graph = make_graph(bench, COLUMNS, 1);

    (void)snprintf(bench->cache, sizeof(bench->cache), "/dev/null/cache");
    struct neuron_plan *plan = make_plan(bench, graph);
    assert_true(owned_bytes(plan) > 0);
    check_plan(bench, graph, plan);
    neuron_plan_destroy(plan);
    assert_int_equal(test_folder_file_count(&bench->folder), 0);
    neuron_graph_destroy(graph);
}

static void
without_a_folder_nothing_is_kept(void **state)
{
    const struct neuron_packed_place none = {.folder = ""};

    (void)state;
    assert_null(neuron_packed_cache_open(NULL));
    assert_null(neuron_packed_cache_open(&none));
    assert_null(neuron_packed_cache_find(NULL, 0, 1, 1));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_second_plan_maps_what_the_first_has_packed, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(weights_of_fewer_bits_are_kept_with_their_factors, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(few_weights_are_not_worth_a_file, setup, teardown),
        cmocka_unit_test_setup_teardown(another_model_has_another_file, setup, teardown),
        cmocka_unit_test_setup_teardown(a_damaged_file_is_none_and_is_written_anew, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_file_that_others_may_write_to_is_written_anew, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_place_that_cannot_be_made_leaves_the_plan_as_it_is, setup,
                                        teardown),
        cmocka_unit_test(without_a_folder_nothing_is_kept),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
