/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <stdlib.h>
#include <string.h>

#include "neuron/custom_program.h"

/* A program that passes, and what it points to: each test spoils something. */
struct sample {
    struct neuron_custom_tensor inputs[2];
    struct neuron_custom_tensor output;
    struct neuron_custom_program program;
};

static enum neuron_status
run_nothing(void *instance, const struct neuron_tensor_view *inputs,
            const struct neuron_tensor_view *outputs, struct neuron_error *error)
{
    (void)instance;
    (void)inputs;
    (void)outputs;
    (void)error;
    return NEURON_OK;
}

static void
destroy_nothing(void *instance)
{
    (void)instance;
}

static void
fill_sample(struct sample *sample)
{
    *sample =
        (struct sample){.inputs = {{.spec = {"rows", {NEURON_FLOAT32, 3, {0, 3, 4}}}},
                                   {.spec = {"table", {NEURON_INT64, 1, {5}}}, .is_shared = true}},
                        .output = {.spec = {"scores", {NEURON_FLOAT64, 1, {0}}}},
                        .program = {.version = NEURON_CUSTOM_PROGRAM_VERSION,
                                    .name = "sample",
                                    .input_count = 2,
                                    .output_count = 1,
                                    .run = run_nothing}};
    sample->program.inputs = sample->inputs;
    sample->program.outputs = &sample->output;
}

/* Fails unless the program is refused with exactly this text. */
static void
assert_refused(const struct neuron_custom_program *program, const char *text)
{
    struct neuron_error error = {0};

    assert_status(NEURON_UNSUPPORTED_MODEL, neuron_custom_program_check(program, &error), &error);
    assert_string_equal(error.text, text);
    assert_status(NEURON_UNSUPPORTED_MODEL, neuron_custom_program_check(program, NULL), NULL);
}

static void
a_whole_program_passes(void **state)
{
    struct neuron_error error = {0};
    struct sample sample;

    (void)state;
    fill_sample(&sample);
    assert_ok(neuron_custom_program_check(&sample.program, &error), &error);
    sample.program.row_limit = UINT32_MAX;
    assert_ok(neuron_custom_program_check(&sample.program, NULL), NULL);
}

static void
every_type_and_rank_passes(void **state)
{
    struct neuron_error error = {0};
    struct sample sample;

    (void)state;
    fill_sample(&sample);
    for (int type = NEURON_FLOAT32; type <= NEURON_BOOL; type += 1) {
        sample.inputs[0].spec.shape.type = (enum neuron_type)type;
        assert_ok(neuron_custom_program_check(&sample.program, &error), &error);
    }
    sample.inputs[0].spec.shape.dims[0] = 0;
    for (uint32_t rank = 1; rank <= NEURON_RANK_LIMIT; rank += 1) {
        sample.inputs[0].spec.shape = (struct neuron_tensor_shape){NEURON_INT8, rank, {0}};
        for (uint32_t i = 1; i < rank; i += 1) {
            sample.inputs[0].spec.shape.dims[i] = 2;
        }
        assert_ok(neuron_custom_program_check(&sample.program, &error), &error);
    }
    sample.inputs[1].spec.shape = (struct neuron_tensor_shape){NEURON_FLOAT32, 0, {0}};
    assert_ok(neuron_custom_program_check(&sample.program, &error), &error);
}

static void
no_program_is_refused(void **state)
{
    (void)state;
    assert_refused(NULL, "the custom program is NULL: there is none");
}

static void
another_version_is_refused_before_anything_is_read(void **state)
{
    /* AddressSanitizer sees a read of what is not there. */
    static const uint32_t versions[] = {0, NEURON_CUSTOM_PROGRAM_VERSION + 1, UINT32_MAX};

    (void)state;
    for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]); i += 1) {
        uint32_t *version = malloc(sizeof(*version));
        struct neuron_error error = {0};

        assert_non_null(version);
        *version = versions[i];
        assert_status(NEURON_UNSUPPORTED_MODEL,
                      neuron_custom_program_check((const void *)version, &error), &error);
        assert_contains(error.text, ", not 1: compile it with the headers of this version");
        free(version);
    }
}

static void
a_program_needs_a_name(void **state)
{
    static const char text[] = "the custom program's name must have 1 to 255 bytes";
    char name[NEURON_NAME_LIMIT_BYTES + 1] = "";
    struct sample sample;

    (void)state;
    fill_sample(&sample);
    sample.program.name = NULL;
    assert_refused(&sample.program, text);
    sample.program.name = name;
    assert_refused(&sample.program, text);
    memset(name, 'n', NEURON_NAME_LIMIT_BYTES);
    assert_refused(&sample.program, text);
    name[NEURON_NAME_LIMIT_BYTES - 1] = '\0';
    assert_ok(neuron_custom_program_check(&sample.program, NULL), NULL);
}

static void
a_program_needs_its_functions(void **state)
{
    struct sample sample;

    (void)state;
    fill_sample(&sample);
    sample.program.run = NULL;
    assert_refused(&sample.program, "custom program \"sample\" has no run()");
    sample.program.run = run_nothing;
    sample.program.destroy = destroy_nothing;
    assert_refused(&sample.program, "custom program \"sample\" has a destroy(), but no create() "
                                    "that makes what it destroys");
}

static void
counts_without_tensors_are_refused(void **state)
{
    struct sample sample;

    (void)state;
    fill_sample(&sample);
    sample.program.input_count = 0;
    assert_refused(&sample.program, "custom program \"sample\": 0 inputs; it must have 1 to 1024");
    sample.program.input_count = NEURON_CUSTOM_TENSOR_LIMIT + 1;
    assert_refused(&sample.program,
                   "custom program \"sample\": 1025 inputs; it must have 1 to 1024");
    sample.program.input_count = 2;
    sample.program.inputs = NULL;
    assert_refused(&sample.program,
                   "custom program \"sample\": 2 inputs, but the array of them is NULL");
    fill_sample(&sample);
    sample.program.output_count = 0;
    assert_refused(&sample.program, "custom program \"sample\": 0 outputs; it must have 1 to 1024");
    sample.program.output_count = 1;
    sample.program.outputs = NULL;
    assert_refused(&sample.program,
                   "custom program \"sample\": 1 outputs, but the array of them is NULL");
}

static void
a_tensor_needs_a_name_that_ends(void **state)
{
    static const char text[] = "custom program \"sample\": the name of input 1 must have 1 to 255 "
                               "bytes, and an end";
    struct sample sample;

    (void)state;
    fill_sample(&sample);
    sample.inputs[1].spec.name[0] = '\0';
    assert_refused(&sample.program, text);
    memset(sample.inputs[1].spec.name, 'n', NEURON_NAME_LIMIT_BYTES);
    assert_refused(&sample.program, text);
    sample.inputs[1].spec.name[NEURON_NAME_LIMIT_BYTES - 1] = '\0';
    assert_ok(neuron_custom_program_check(&sample.program, NULL), NULL);
}

static void
unknown_types_and_ranks_are_refused(void **state)
{
    struct sample sample;

    (void)state;
    fill_sample(&sample);
    sample.output.spec.shape.type = NEURON_NO_TYPE;
    assert_refused(&sample.program,
                   "custom program \"sample\": output 0 \"scores\": 0 is no element type");
    sample.output.spec.shape.type = (enum neuron_type) - 3;
    assert_refused(&sample.program,
                   "custom program \"sample\": output 0 \"scores\": -3 is no element type");
    sample.output.spec.shape.type = NEURON_INT8;
    sample.output.spec.shape.rank = NEURON_RANK_LIMIT + 1;
    assert_refused(&sample.program,
                   "custom program \"sample\": output 0 \"scores\": rank 9; the most is 8");
    sample.output.spec.shape.rank = 0;
    assert_refused(&sample.program,
                   "custom program \"sample\": output 0 \"scores\": a scalar has no rows; give it "
                   "a dimension 0, or, for an input that all rows share, set is_shared");
}

static void
extents_are_checked(void **state)
{
    struct sample sample;

    (void)state;
    fill_sample(&sample);
    sample.inputs[0].spec.shape.dims[0] = 8;
    assert_refused(&sample.program,
                   "custom program \"sample\": input 0 \"rows\": dimension 0 is 8; leave it 0, for "
                   "any number of rows, or, for an input that all rows share, set is_shared");
    sample.inputs[0].spec.shape.dims[0] = 0;
    sample.inputs[0].spec.shape.dims[2] = 0;
    assert_refused(
        &sample.program,
        "custom program \"sample\": input 0 \"rows\": dimension 2 is 0; it must be at least 1");
    sample.inputs[0].spec.shape.dims[2] = INT64_MIN;
    assert_refused(&sample.program, "custom program \"sample\": input 0 \"rows\": dimension 2 is "
                                    "-9223372036854775808; it must be at least 1");
    sample.inputs[0].spec.shape.dims[2] = 4;
    sample.inputs[0].spec.shape.dims[7] = 1;
    assert_refused(
        &sample.program,
        "custom program \"sample\": input 0 \"rows\": dimension 7 is 1, but the rank is 3");
    sample.inputs[0].spec.shape.dims[7] = 0;
    sample.inputs[1].spec.shape.dims[0] = 0;
    assert_refused(
        &sample.program,
        "custom program \"sample\": input 1 \"table\": dimension 0 is 0; it must be at least 1");
}

static void
sizes_that_do_not_fit_are_refused(void **state)
{
    struct sample sample;

    (void)state;
    fill_sample(&sample);
    sample.inputs[0].spec.shape.dims[1] = INT64_C(1) << 60;
    assert_refused(&sample.program, "custom program \"sample\": input 0 \"rows\": a run may need "
                                    "float32[1,1152921504606846976,4]: more bytes than can be");
    sample.inputs[0].spec.shape.dims[1] = INT64_C(1) << 40;
    assert_ok(neuron_custom_program_check(&sample.program, NULL), NULL);
    sample.program.row_limit = 1U << 31;
    assert_refused(&sample.program, "custom program \"sample\": input 0 \"rows\": a run may need "
                                    "float32[2147483648,1099511627776,4]: more bytes than can be");
}

static void
shared_tensors_have_their_place(void **state)
{
    struct sample sample;

    (void)state;
    fill_sample(&sample);
    sample.output.is_shared = true;
    assert_refused(&sample.program, "custom program \"sample\": output 0 \"scores\": is_shared is "
                                    "for inputs; each row has results of its own");
    fill_sample(&sample);
    sample.inputs[0].is_shared = true;
    sample.inputs[0].spec.shape.dims[0] = 2;
    assert_refused(&sample.program, "custom program \"sample\": all rows share every input; one at "
                                    "least must have rows");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_whole_program_passes),
        cmocka_unit_test(every_type_and_rank_passes),
        cmocka_unit_test(no_program_is_refused),
        cmocka_unit_test(another_version_is_refused_before_anything_is_read),
        cmocka_unit_test(a_program_needs_a_name),
        cmocka_unit_test(a_program_needs_its_functions),
        cmocka_unit_test(counts_without_tensors_are_refused),
        cmocka_unit_test(a_tensor_needs_a_name_that_ends),
        cmocka_unit_test(unknown_types_and_ranks_are_refused),
        cmocka_unit_test(extents_are_checked),
        cmocka_unit_test(sizes_that_do_not_fit_are_refused),
        cmocka_unit_test(shared_tensors_have_their_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
