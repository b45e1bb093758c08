/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What this machine can do, and what a graph was compiled for. Also run with DNNL_MAX_CPU_ISA, by
 * which the same machine has less.
 */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/auto_cast.h"
#include "engine/machine.h"
#include "sample_graph.h"

static int
make_graph(void **state)
{
    *state = sample_graph();
    return 0;
}

static int
destroy_graph(void **state)
{
    neuron_graph_destroy(*state);
    return 0;
}

static void
the_environment_allows_fewer_instructions(void **state)
{
    static const struct {
        const char *isa;
        enum neuron_instructions most;
    } limits[] = {{"SSE41", NEURON_INSTRUCTIONS_GENERIC},
                  {"AVX2", NEURON_INSTRUCTIONS_AVX2},
                  {"AVX512_CORE", NEURON_INSTRUCTIONS_AVX512},
                  {"AVX512_CORE_VNNI", NEURON_INSTRUCTIONS_AVX512_VNNI}};
    /* One thread runs. NOLINTNEXTLINE(concurrency-mt-unsafe) */
    const char *isa = getenv("DNNL_MAX_CPU_ISA");
    enum neuron_instructions machine = neuron_machine_instructions();

    (void)state;
    assert_in_range(machine, NEURON_INSTRUCTIONS_GENERIC, NEURON_INSTRUCTIONS_END - 1);
    for (size_t i = 0; isa != NULL && i < sizeof(limits) / sizeof(limits[0]); i += 1) {
        if (strcmp(isa, limits[i].isa) == 0) {
            assert_true(machine <= limits[i].most);
        }
    }
}

static void
precisions_need_their_instructions(void **state)
{
    enum neuron_instructions machine = neuron_machine_instructions();

    (void)state;
    assert_true(neuron_machine_has_precision(NEURON_PRECISION_FLOAT32));
    assert_int_equal(neuron_machine_has_precision(NEURON_PRECISION_INT8),
                     machine >= NEURON_INSTRUCTIONS_AVX512_VNNI);
    assert_int_equal(neuron_machine_has_precision(NEURON_PRECISION_BFLOAT16),
                     machine >= NEURON_INSTRUCTIONS_AVX512_BF16);
    assert_false(neuron_machine_has_precision(NEURON_PRECISION_END));
}

static void
the_processor_is_named_with_its_instructions(void **state)
{
    char text[NEURON_PROCESSOR_LIMIT_BYTES] = "";
    char again[NEURON_PROCESSOR_LIMIT_BYTES] = "";
    char cut[8];

    (void)state;
    neuron_machine_name_processor(text, sizeof(text));
    neuron_machine_name_processor(again, sizeof(again));
    assert_string_equal(text, again);
    const char *last = strrchr(text, ' ');
    assert_non_null(last);
    assert_string_equal(last + 1, neuron_instructions_name(neuron_machine_instructions()));
    memset(cut, 'x', sizeof(cut));
    neuron_machine_name_processor(cut, sizeof(cut));
    assert_int_equal(strlen(cut), sizeof(cut) - 1);
    assert_memory_equal(cut, text, sizeof(cut) - 1);
}

static void
a_graph_without_a_target_fits_every_machine(void **state)
{
    struct neuron_error error;

    assert_ok(neuron_machine_check_graph(*state, &error), &error);
}

static void
a_graph_for_this_machine_or_a_lesser_one_fits(void **state)
{
    struct neuron_graph *graph = *state;
    struct neuron_error error;

    neuron_machine_name_processor(graph->target.processor, sizeof(graph->target.processor));
    for (int i = NEURON_INSTRUCTIONS_NONE; i <= (int)neuron_machine_instructions(); i += 1) {
        graph->target.instructions = (enum neuron_instructions)i;
        assert_ok(neuron_machine_check_graph(graph, &error), &error);
    }
}

static void
instructions_that_are_lacking_are_named(void **state)
{
    struct neuron_graph *graph = *state;
    struct neuron_error error;

    for (int i = (int)neuron_machine_instructions() + 1; i < NEURON_INSTRUCTIONS_END; i += 1) {
        graph->target.instructions = (enum neuron_instructions)i;
        assert_status(NEURON_UNSUPPORTED_MODEL, neuron_machine_check_graph(graph, &error), &error);
        assert_contains(error.text, neuron_instructions_name((enum neuron_instructions)i));
        assert_contains(error.text, neuron_instructions_name(neuron_machine_instructions()));
        assert_int_equal(neuron_machine_check_graph(graph, NULL), NEURON_UNSUPPORTED_MODEL);
    }
}

static void
precisions_that_are_lacking_are_named(void **state)
{
    static const enum neuron_auto_cast_type types[] = {NEURON_AUTO_CAST_BF16, NEURON_AUTO_CAST_FP16,
                                                       NEURON_AUTO_CAST_INT8};
    static const enum neuron_precision precisions[] = {
        NEURON_PRECISION_BFLOAT16, NEURON_PRECISION_FLOAT16, NEURON_PRECISION_INT8};

    for (int i = 0; i < 3; i += 1) {
        bool has_precision = neuron_machine_has_precision(precisions[i]);
        struct neuron_error error = {.text = ""};

        neuron_auto_cast(*state, NEURON_AUTO_CAST_MATMULT, types[i]);
        assert_status(has_precision ? NEURON_OK : NEURON_UNSUPPORTED_MODEL,
                      neuron_machine_check_graph(*state, &error), &error);
        if (!has_precision) {
            assert_contains(error.text, neuron_precision_name(precisions[i]));
            assert_contains(error.text, "float32");
        }
    }
}

static void
another_processor_than_the_measured_one_is_named(void **state)
{
    struct neuron_graph *graph = *state;
    struct neuron_error error;

    (void)snprintf(graph->target.processor, sizeof(graph->target.processor), "sparc Sun 4.2.0");
    assert_status(NEURON_UNSUPPORTED_MODEL, neuron_machine_check_graph(graph, &error), &error);
    assert_contains(error.text, "sparc Sun 4.2.0");
    memset(graph->target.processor, 'p', sizeof(graph->target.processor) - 1);
    graph->target.processor[sizeof(graph->target.processor) - 1] = '\0';
    assert_status(NEURON_UNSUPPORTED_MODEL, neuron_machine_check_graph(graph, &error), &error);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_environment_allows_fewer_instructions),
        cmocka_unit_test(precisions_need_their_instructions),
        cmocka_unit_test(the_processor_is_named_with_its_instructions),
        cmocka_unit_test_setup_teardown(a_graph_without_a_target_fits_every_machine, make_graph,
                                        destroy_graph),
        cmocka_unit_test_setup_teardown(a_graph_for_this_machine_or_a_lesser_one_fits, make_graph,
                                        destroy_graph),
        cmocka_unit_test_setup_teardown(instructions_that_are_lacking_are_named, make_graph,
                                        destroy_graph),
        cmocka_unit_test_setup_teardown(precisions_that_are_lacking_are_named, make_graph,
                                        destroy_graph),
        cmocka_unit_test_setup_teardown(another_processor_than_the_measured_one_is_named,
                                        make_graph, destroy_graph),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
