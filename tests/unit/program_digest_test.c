/* SPDX-License-Identifier: Apache-2.0 */
#include "program_digest.h"

#include <string.h>

#include "check.h"

/* A program that tests change in one place. */
struct sample {
    struct neuron_custom_tensor inputs[2];
    struct neuron_custom_tensor output;
    struct neuron_custom_program program;
};

static struct sample *
create_sample(void **state)
{
    static struct sample sample;

    sample = (struct sample){
        .inputs = {{.spec = {.name = "x",
                             .shape = {.type = NEURON_FLOAT32, .rank = 2, .dims = {0, 16}}}},
                   {.spec = {.name = "w", .shape = {.type = NEURON_INT32, .rank = 1, .dims = {4}}},
                    .is_shared = true}},
        .output = {.spec = {.name = "y",
                            .shape = {.type = NEURON_FLOAT32, .rank = 2, .dims = {0, 16}}}},
        .program = {.version = NEURON_CUSTOM_PROGRAM_VERSION,
                    .name = "sample",
                    .inputs = sample.inputs,
                    .outputs = &sample.output,
                    .input_count = 2,
                    .output_count = 1,
                    .row_limit = 8}};
    *state = &sample;
    return &sample;
}

static int
set_up(void **state)
{
    (void)create_sample(state);
    return 0;
}

/* Fails the test unless a sample has another digest now, and makes it what it was. */
static void
check_change(void **state, uint64_t before)
{
    struct sample *sample = *state;

    assert_true(neuron_program_digest(&sample->program) != before);
    (void)create_sample(state);
    assert_true(neuron_program_digest(&sample->program) == before);
}

static void
whatever_the_layout_of_rows_depends_on_changes_it(void **state)
{
    struct sample *sample = *state;
    uint64_t before = neuron_program_digest(&sample->program);

    sample->inputs[0].spec.shape.dims[1] = 8;
    check_change(state, before);
    sample->inputs[1].spec.shape.type = NEURON_FLOAT32;
    check_change(state, before);
    sample->inputs[1].is_shared = false;
    check_change(state, before);
    sample->output.spec.shape.rank = 1;
    check_change(state, before);
    sample->output.spec.name[0] = 'z';
    check_change(state, before);
    sample->program.row_limit = 0;
    check_change(state, before);
    sample->program.input_count = 1;
    check_change(state, before);
}

static void
the_same_bytes_in_other_places_change_it(void **state)
{
    struct sample *sample = *state;
    uint64_t before = neuron_program_digest(&sample->program);

    /* The sizes of all tensors together are as before. */
    sample->inputs[0].spec.shape.dims[1] = 8;
    sample->output.spec.shape.dims[1] = 24;
    check_change(state, before);
}

static void
what_means_nothing_does_not_change_it(void **state)
{
    struct sample *sample = *state;
    uint64_t before = neuron_program_digest(&sample->program);

    sample->program.name = "another";
    sample->program.config = "set";
    memset(sample->inputs[0].spec.name + 2, 'x', 8);
    assert_true(neuron_program_digest(&sample->program) == before);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(whatever_the_layout_of_rows_depends_on_changes_it, set_up),
        cmocka_unit_test_setup(the_same_bytes_in_other_places_change_it, set_up),
        cmocka_unit_test_setup(what_means_nothing_does_not_change_it, set_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
