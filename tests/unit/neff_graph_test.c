/* SPDX-License-Identifier: Apache-2.0 */
/* Graph sections whose checksum would be right, and that no compiler wrote. */
#include "check.h"

#include <stdlib.h>
#include <string.h>

#include "graph/weight.h"
#include "neff/neff_graph.h"
#include "sample_graph.h"

enum { WEIGHTS_ROOM = 1 << 16 };

static unsigned char weights[WEIGHTS_ROOM] __attribute__((aligned(64)));

/* A graph, and what stands in its sections. */
struct section_bench {
    struct neuron_graph *graph;
    uint64_t *offsets;
    uint64_t weights_bytes;
    struct neuron_neff_placed_graph placed;
};

static int
make_bench(void **state)
{
    static struct section_bench bench;
    struct neuron_error error;

    bench.graph = sample_graph();
    bench.offsets = calloc(bench.graph->value_count, sizeof(*bench.offsets));
    assert_non_null(bench.offsets);
    bench.placed = (struct neuron_neff_placed_graph){bench.graph, bench.offsets};
    assert_ok(neuron_neff_place_constants(&bench.placed, 1, &bench.weights_bytes, &error), &error);
    assert_true(bench.weights_bytes <= WEIGHTS_ROOM);
    *state = &bench;
    return 0;
}

static int
free_bench(void **state)
{
    struct section_bench *bench = *state;

    neuron_graph_destroy(bench->graph);
    free(bench->offsets);
    return 0;
}

static enum neuron_status
encode_and_decode(const struct section_bench *bench, struct neuron_error *error)
{
    struct neuron_neff_sections sections = {.weights = weights,
                                            .weights_bytes = (size_t)bench->weights_bytes};
    struct neuron_graph *decoded = NULL;
    struct neuron_neff_bytes bytes = {0};

    assert_ok(neuron_neff_graph_encode(&bench->placed, NULL, 0, &bytes, error), error);
    sections.graph = bytes.bytes;
    sections.graph_bytes = bytes.size_bytes;
    enum neuron_status status = neuron_neff_graph_decode(&sections, &decoded, error);
    assert_int_equal(status == NEURON_OK, decoded != NULL);
    neuron_graph_destroy(decoded);
    free(bytes.bytes);
    return status;
}

static void
expect_damage(const struct section_bench *bench, const char *text)
{
    struct neuron_error error;

    assert_status(NEURON_DAMAGED_MODEL, encode_and_decode(bench, &error), &error);
    assert_contains(error.text, text);
}

static void
expect_unsupported(const struct section_bench *bench, const char *text)
{
    struct neuron_error error;

    assert_status(NEURON_UNSUPPORTED_MODEL, encode_and_decode(bench, &error), &error);
    assert_contains(error.text, text);
}

static uint32_t
find_constant(const struct neuron_graph *graph)
{
    uint32_t i = 0;

    while (graph->values[i].origin != NEURON_VALUE_CONSTANT) {
        i += 1;
    }
    return i;
}

static void
a_graph_as_it_was_encoded_is_decoded(void **state)
{
    struct neuron_error error;

    assert_ok(encode_and_decode(*state, &error), &error);
}

/* Cuts the graph where the test says. */
static void
cut(const struct section_bench *bench, uint32_t stage_count, uint32_t first_end, uint32_t last_end)
{
    struct neuron_core_split *split = &bench->graph->split;

    *split = (struct neuron_core_split){.kind = NEURON_SPLIT_KIND_PIPELINE,
                                        .core_count = stage_count,
                                        .stage_ends = {first_end, last_end}};
}

static void
stages_are_decoded_as_they_were_encoded(void **state)
{
    const struct section_bench *bench = *state;
    uint32_t last = bench->graph->node_count;
    struct neuron_error error;

    cut(bench, 2, 1, last);
    assert_ok(encode_and_decode(bench, &error), &error);
    cut(bench, 2, last - 1, last);
    assert_ok(encode_and_decode(bench, &error), &error);
    bench->graph->split =
        (struct neuron_core_split){.kind = NEURON_SPLIT_KIND_WIDE, .core_count = 64};
    assert_ok(encode_and_decode(bench, &error), &error);
}

static void
stages_that_do_not_hold_all_nodes_are_refused(void **state)
{
    const struct section_bench *bench = *state;
    uint32_t last = bench->graph->node_count;

    cut(bench, 2, 1, last - 1);
    expect_damage(bench, "its 2 stages end at node");
    cut(bench, 2, 1, last + 1);
    expect_damage(bench, "stage 2 is nodes 1 up to");
    cut(bench, 2, 0, last);
    expect_damage(bench, "stage 1 is nodes 0 up to 0");
    cut(bench, 2, last, last);
    expect_damage(bench, "stage 2 is nodes");
    cut(bench, 2, UINT32_MAX, last);
    expect_damage(bench, "stage 1 is nodes 0 up to 4294967295");
}

static void
stages_of_no_or_too_many_cores_are_refused(void **state)
{
    const struct section_bench *bench = *state;

    cut(bench, 0, 0, 0);
    expect_damage(bench, "it is spread over 0 cores");
    cut(bench, 1, bench->graph->node_count, 0);
    expect_damage(bench, "it is spread over 1 cores");
    bench->graph->split.kind = NEURON_SPLIT_KIND_NONE;
    expect_damage(bench, "it is for one core, and spread over 1");
    bench->graph->split.kind = NEURON_SPLIT_KIND_WIDE;
    expect_damage(bench, "it is spread over 1 cores");
    bench->graph->split.core_count = 65;
    expect_unsupported(bench, "is compiled for 65 cores");
}

static void
another_way_to_use_cores_is_refused(void **state)
{
    const struct section_bench *bench = *state;

    cut(bench, 2, 1, bench->graph->node_count);
    bench->graph->split.kind = (enum neuron_split_kind)77;
    expect_unsupported(bench, "in way 77");
}

static void
a_result_of_another_shape_is_refused_with_both(void **state)
{
    const struct section_bench *bench = *state;

    bench->graph->values[bench->graph->nodes[0].output].shape.dims[2] += 1;
    expect_damage(bench, "node 0 (conv) gives float32[2,6,4,7], and the file says "
                         "float32[2,6,5,7]");
}

static void
a_node_that_reads_what_comes_later_is_refused(void **state)
{
    const struct section_bench *bench = *state;

    bench->graph->nodes[1].inputs[0] = bench->graph->nodes[4].output;
    expect_damage(bench, "node 1 reads value");
}

static void
a_node_that_reads_itself_is_refused(void **state)
{
    const struct section_bench *bench = *state;

    bench->graph->nodes[1].inputs[0] = bench->graph->nodes[1].output;
    expect_damage(bench, "which is not computed yet");
}

static void
a_node_with_attributes_that_do_not_fit_is_refused(void **state)
{
    const struct section_bench *bench = *state;

    bench->graph->nodes[0].attributes.groups = 3;
    expect_damage(bench, "node 0: conv: float32[2,4,9,8]");
}

static void
a_node_without_inputs_is_refused(void **state)
{
    const struct section_bench *bench = *state;

    bench->graph->nodes[2].input_count = 0;
    expect_damage(bench, "node 2 has 0 inputs");
}

static void
operators_and_types_to_come_are_not_supported(void **state)
{
    const struct section_bench *bench = *state;
    uint32_t constant = find_constant(bench->graph);
    enum neuron_operator kind = bench->graph->nodes[0].kind;

    bench->graph->nodes[0].kind = NEURON_OPERATOR_END;
    expect_unsupported(bench, "node 0 has operator 121, and this program knows those up to 120");
    bench->graph->nodes[0].kind = kind;
    bench->graph->nodes[0].attributes.activation = NEURON_OPERATOR_END;
    expect_unsupported(bench, "node 0 has operator 121");
    bench->graph->values[constant].shape.type = (enum neuron_type)40;
    expect_unsupported(bench, "has type 40");
    bench->graph->values[constant].shape.type = NEURON_NO_TYPE;
    expect_unsupported(bench, "has type 0");
}

static void
a_constant_outside_the_weights_is_refused(void **state)
{
    struct section_bench *bench = *state;
    uint32_t constant = find_constant(bench->graph);

    bench->weights_bytes -= 1;
    expect_damage(bench, "lies outside the");
    bench->weights_bytes += 1;
    bench->offsets[constant] = UINT64_MAX - 63;
    expect_damage(bench, "lies outside the");
    bench->offsets[constant] = (bench->weights_bytes + 63) / 64 * 64 + 64;
    expect_damage(bench, "lies outside the");
}

static void
a_constant_that_is_not_aligned_is_refused(void **state)
{
    const struct section_bench *bench = *state;

    bench->offsets[find_constant(bench->graph)] += 4;
    expect_damage(bench, "is not aligned");
}

static void
a_constant_without_bytes_has_a_name(void **state)
{
    const struct section_bench *bench = *state;
    struct neuron_graph *graph = bench->graph;
    uint32_t constant = find_constant(graph);
    struct neuron_error error;

    assert_ok(neuron_weight_name(graph, constant, "w", &error), &error);
    assert_ok(encode_and_decode(bench, &error), &error);
    assert_int_equal(neuron_weight_mark_all(graph), 1);
    assert_ok(encode_and_decode(bench, &error), &error);
    neuron_weight_fix(graph, constant);
    expect_damage(bench, "has no bytes, and no name");
}

static void
names_of_weights_are_unique_and_those_of_constants(void **state)
{
    const struct section_bench *bench = *state;
    struct neuron_graph *graph = bench->graph;
    uint32_t constant = find_constant(graph);
    uint32_t output = graph->nodes[0].output;
    struct neuron_error error;

    assert_ok(neuron_weight_name(graph, output, "w", &error), &error);
    expect_damage(bench, "the weight w is value");
    assert_ok(neuron_weight_name(graph, constant, "w", &error), &error);
    expect_damage(bench, "two weights are named w");
    neuron_weight_fix(graph, output);
    graph->values[constant].name[0] = '\0';
    expect_damage(bench, "a weight has a name of no");
}

static void
dimensions_that_no_tensor_has_are_refused(void **state)
{
    const struct section_bench *bench = *state;
    struct neuron_tensor_shape *shape = &bench->graph->values[0].shape;

    shape->dims[0] = -1;
    expect_damage(bench, "value 0 has a negative or a huge dimension");
    shape->dims[0] = INT64_MAX;
    shape->dims[1] = INT64_MAX;
    expect_damage(bench, "value 0 has a negative or a huge dimension");
}

static void
names_that_do_not_tell_apart_are_refused(void **state)
{
    const struct section_bench *bench = *state;

    bench->graph->inputs[0].spec.name[0] = '\0';
    expect_damage(bench, "a name of no or more than 255 bytes");
    memcpy(bench->graph->inputs[0].spec.name, "extra", sizeof("extra"));
    expect_damage(bench, "two inputs or outputs are named extra");
}

static void
inputs_that_are_none_are_refused(void **state)
{
    const struct section_bench *bench = *state;
    uint32_t first = bench->graph->inputs[0].value;

    bench->graph->inputs[0].value = bench->graph->inputs[1].value;
    expect_damage(bench, "the input extra is none of the graph, or there twice");
    bench->graph->inputs[0].value = bench->graph->nodes[0].output;
    expect_damage(bench, "the input image is none of the graph");
    bench->graph->inputs[0].value = first;
    bench->graph->input_count = 1;
    expect_damage(bench, "2 values are inputs, and 1 inputs have a name");
}

static void
a_graph_without_outputs_is_refused(void **state)
{
    const struct section_bench *bench = *state;

    bench->graph->output_count = 0;
    expect_damage(bench, "it has 2 inputs and 0 outputs");
}

static void
a_graph_above_the_limits_is_not_encoded(void **state)
{
    const struct section_bench *bench = *state;
    struct neuron_error error;
    struct neuron_neff_bytes bytes = {0};
    uint32_t input_count = bench->graph->input_count;

    bench->graph->input_count = NEURON_NEFF_PORT_LIMIT + 1;
    assert_status(NEURON_INVALID_ARGUMENT,
                  neuron_neff_graph_encode(&bench->placed, NULL, 0, &bytes, &error), &error);
    assert_contains(error.text, "4097 inputs");
    bench->graph->input_count = input_count;
    uint32_t node_inputs = bench->graph->nodes[1].input_count;
    bench->graph->nodes[1].input_count = NEURON_NEFF_NODE_INPUT_LIMIT + 1;
    assert_status(NEURON_INVALID_ARGUMENT,
                  neuron_neff_graph_encode(&bench->placed, NULL, 0, &bytes, &error), &error);
    assert_contains(error.text, "has 4097 inputs");
    assert_null(bytes.bytes);
    bench->graph->nodes[1].input_count = node_inputs;
}

/* Bytes of the message itself. */
static void
expect_bytes_refused(const unsigned char *bytes, size_t size_bytes, const char *text)
{
    const struct neuron_neff_sections sections = {
        .graph = bytes, .graph_bytes = size_bytes, .weights = weights, .weights_bytes = 64};
    struct neuron_graph *graph = NULL;
    struct neuron_error error;

    assert_status(NEURON_DAMAGED_MODEL, neuron_neff_graph_decode(&sections, &graph, &error),
                  &error);
    assert_contains(error.text, text);
    assert_null(graph);
}

static void
messages_with_parts_missing_are_refused(void **state)
{
    static const unsigned char garbage[] = {0xFF, 0xFF, 0xFF, 0xFF};
    static const unsigned char cut[] = {0x0A, 0x10, 0x08};
    /* Outputs are field 4, values field 1, nodes field 2; a length of 0 is an empty message. */
    static const unsigned char empty_output[] = {0x22, 0x00};
    static const unsigned char empty_value[] = {0x22, 0x00, 0x0A, 0x00};
    static const unsigned char empty_node[] = {0x22, 0x00, 0x12, 0x00};
    /* A computed value without a shape, and the node that computes it with no attributes. */
    static const unsigned char bare_node[] = {0x22, 0x00, 0x0A, 0x02, 0x10,
                                              0x02, 0x12, 0x02, 0x08, 0x01};
    static const unsigned char nine_dimensions[] = {
        0x22, 0x00, 0x0A, 0x0F, 0x0A, 0x0D, 0x08, 0x01, 0x12, 0x09, 1, 1, 1, 1, 1, 1, 1, 1, 1};

    (void)state;
    expect_bytes_refused(garbage, sizeof(garbage), "does not parse");
    expect_bytes_refused(cut, sizeof(cut), "does not parse");
    expect_bytes_refused(garbage, 0, "0 inputs and 0 outputs");
    expect_bytes_refused(empty_output, sizeof(empty_output), "a name of no");
    expect_bytes_refused(empty_value, sizeof(empty_value), "value 0 has no shape");
    expect_bytes_refused(empty_node, sizeof(empty_node), "1 nodes compute 0 values");
    expect_bytes_refused(bare_node, sizeof(bare_node), "node 0 has 0 inputs");
    expect_bytes_refused(nine_dimensions, sizeof(nine_dimensions), "more than 8 dimensions");
}

static void
a_section_above_the_limit_is_not_even_parsed(void **state)
{
    (void)state;
    expect_bytes_refused(weights, NEURON_NEFF_GRAPH_LIMIT_BYTES + 1, "above the limit");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_graph_as_it_was_encoded_is_decoded, make_bench,
                                        free_bench),
        cmocka_unit_test_setup_teardown(stages_are_decoded_as_they_were_encoded, make_bench,
                                        free_bench),
        cmocka_unit_test_setup_teardown(stages_that_do_not_hold_all_nodes_are_refused, make_bench,
                                        free_bench),
        cmocka_unit_test_setup_teardown(stages_of_no_or_too_many_cores_are_refused, make_bench,
                                        free_bench),
        cmocka_unit_test_setup_teardown(another_way_to_use_cores_is_refused, make_bench,
                                        free_bench),
        cmocka_unit_test_setup_teardown(a_result_of_another_shape_is_refused_with_both, make_bench,
                                        free_bench),
        cmocka_unit_test_setup_teardown(a_node_that_reads_what_comes_later_is_refused, make_bench,
                                        free_bench),
        cmocka_unit_test_setup_teardown(a_node_that_reads_itself_is_refused, make_bench,
                                        free_bench),
        cmocka_unit_test_setup_teardown(a_node_with_attributes_that_do_not_fit_is_refused,
                                        make_bench, free_bench),
        cmocka_unit_test_setup_teardown(a_node_without_inputs_is_refused, make_bench, free_bench),
        cmocka_unit_test_setup_teardown(operators_and_types_to_come_are_not_supported, make_bench,
                                        free_bench),
        cmocka_unit_test_setup_teardown(a_constant_outside_the_weights_is_refused, make_bench,
                                        free_bench),
        cmocka_unit_test_setup_teardown(a_constant_that_is_not_aligned_is_refused, make_bench,
                                        free_bench),
        cmocka_unit_test_setup_teardown(a_constant_without_bytes_has_a_name, make_bench,
                                        free_bench),
        cmocka_unit_test_setup_teardown(names_of_weights_are_unique_and_those_of_constants,
                                        make_bench, free_bench),
        cmocka_unit_test_setup_teardown(dimensions_that_no_tensor_has_are_refused, make_bench,
                                        free_bench),
        cmocka_unit_test_setup_teardown(names_that_do_not_tell_apart_are_refused, make_bench,
                                        free_bench),
        cmocka_unit_test_setup_teardown(inputs_that_are_none_are_refused, make_bench, free_bench),
        cmocka_unit_test_setup_teardown(a_graph_without_outputs_is_refused, make_bench, free_bench),
        cmocka_unit_test_setup_teardown(a_graph_above_the_limits_is_not_encoded, make_bench,
                                        free_bench),
        cmocka_unit_test(messages_with_parts_missing_are_refused),
        cmocka_unit_test(a_section_above_the_limit_is_not_even_parsed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
