/* SPDX-License-Identifier: Apache-2.0 */
/* Models written as NEFF files again: from files, from graphs, with other weights. */
#include "neuron/model.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "neuron/model_weights.h"

#include "check.h"
#include "model_bench.h"
#include "random_network.h"
#include "staged_model.h"
#include "traced_model.h"
#include "weighed_model.h"

/* Writes a model, and loads what was written. The caller destroys the copy. */
static struct neuron_model *
write_and_load(const struct neuron_model *model)
{
    struct neuron_model *copy = NULL;
    struct neuron_error error = {0};
    char path[64] = "";
    int file = memfd_create("model", MFD_CLOEXEC);

    assert_ok(neuron_model_write(model, file, &error), &error);
    (void)snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
    assert_ok(neuron_model_load(path, &copy, &error), &error);
    assert_int_equal(close(file), 0);
    assert_string_equal(neuron_model_name(copy), neuron_model_name(model));
    return copy;
}

static void
a_model_from_a_file_is_written_as_it_was(void **state)
{
    struct neuron_model *model = load_dense_model();
    struct neuron_model *copy = write_and_load(model);

    (void)state;
    assert_memory_equal(neuron_model_identity(copy), neuron_model_identity(model),
                        NEURON_MODEL_IDENTITY_BYTES);
    neuron_model_destroy(copy);
    neuron_model_destroy(model);
}

static void
a_model_from_a_graph_is_written(void **state)
{
    struct recipe recipe = {.seed = 5};
    struct staged_model staged = {0};

    (void)state;
    staged_model_create(&staged, random_network_trace(&recipe), 3, 5);
    struct neuron_model *copy = write_and_load(staged.model);
    assert_int_equal(neuron_model_core_count(copy), neuron_model_core_count(staged.model));
    neuron_model_destroy(copy);
    staged_model_destroy(&staged);
}

/* Gives a model other weights, and fails the test unless the written one has them. */
static void
check_other_weights(const struct model_bench *bench, bool is_apart)
{
    struct weighed_numbers numbers[2];
    struct neuron_model *given = NULL;
    struct neuron_error error = {0};
    char path[TEST_PATH_BYTES];

    weighed_fill(&numbers[0], 1);
    weighed_fill(&numbers[1], 2);
    struct neuron_model *model = weighed_load(bench, &numbers[0], is_apart);
    if (!is_apart) {
        /* What was folded is no weight any more. */
        struct neuron_model *copy = write_and_load(model);

        weighed_check(bench, copy, &numbers[0]);
        neuron_model_destroy(copy);
        neuron_model_destroy(model);
        return;
    }
    weighed_save(bench, &numbers[1], "w.npz", path);
    assert_ok(neuron_model_replace_weights(model, path, &given, &error), &error);
    struct neuron_model *copy = write_and_load(given);
    neuron_model_destroy(given);
    neuron_model_destroy(model);
    assert_ok(neuron_model_check_weights(copy, &error), &error);
    weighed_check(bench, copy, &numbers[1]);
    neuron_model_destroy(copy);
}

static void
a_model_is_written_with_the_weights_that_it_was_given(void **state)
{
    check_other_weights(*state, true);
    check_other_weights(*state, false);
}

static void
a_model_without_weights_is_written_without(void **state)
{
    struct weighed_numbers numbers;
    struct neuron_error error = {0};

    weighed_fill(&numbers, 1);
    struct neuron_model *model = weighed_load(*state, &numbers, true);
    struct neuron_model *copy = write_and_load(model);
    assert_status(NEURON_INVALID_ARGUMENT, neuron_model_check_weights(copy, &error), &error);
    neuron_model_destroy(copy);
    neuron_model_destroy(model);
}

static void
a_file_that_cannot_be_written_is_said(void **state)
{
    struct recipe recipe = {.seed = 5};
    struct staged_model staged = {0};
    struct neuron_model *model = load_dense_model();
    struct neuron_error error = {0};
    int file = open("/dev/null", O_RDONLY | O_CLOEXEC);

    (void)state;
    staged_model_create(&staged, random_network_trace(&recipe), 2, 5);
    assert_status(NEURON_SYSTEM, neuron_model_write(model, file, &error), &error);
    assert_contains(error.text, "the copy of a model");
    assert_status(NEURON_SYSTEM, neuron_model_write(staged.model, file, &error), &error);
    assert_int_equal(close(file), 0);
    neuron_model_destroy(model);
    staged_model_destroy(&staged);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_model_from_a_file_is_written_as_it_was),
        cmocka_unit_test(a_model_from_a_graph_is_written),
        cmocka_unit_test_setup_teardown(a_model_is_written_with_the_weights_that_it_was_given,
                                        model_bench_setup, model_bench_teardown),
        cmocka_unit_test_setup_teardown(a_model_without_weights_is_written_without,
                                        model_bench_setup, model_bench_teardown),
        cmocka_unit_test(a_file_that_cannot_be_written_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
