/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "custom_program.h"

/* What the program below is to do, and what was done with it. One test at a time uses it. */
struct script {
    enum neuron_status create_status;
    enum neuron_status run_status;
    const char *text;     /* that a failing function writes; NULL for none */
    uint64_t wait_end_ns; /* run() returns no sooner */
    int creations;
    int runs;
    int destructions;
    const char *config;
    struct neuron_custom_place place;
    void *instance; /* that run() or destroy() got last */
    struct neuron_tensor_view inputs[2];
    struct neuron_tensor_view output;
};

static struct script script;

static uint64_t
read_clock_ns(void)
{
    struct timespec now = {0};

    assert_int_equal(clock_gettime(CLOCK_MONOTONIC, &now), 0);
    return (uint64_t)now.tv_sec * 1000000000U + (uint64_t)now.tv_nsec;
}

static void
write_text(struct neuron_error *error)
{
    assert_int_equal(error->text[0], '\0');
    if (script.text != NULL) {
        (void)snprintf(error->text, sizeof(error->text), "%s", script.text);
    }
}

static enum neuron_status
create_scripted(const char *config, const struct neuron_custom_place *place, void **instance,
                struct neuron_error *error)
{
    script.creations += 1;
    script.config = config;
    script.place = *place;
    *instance = &script;
    write_text(error);
    return script.create_status;
}

static enum neuron_status
run_scripted(void *instance, const struct neuron_tensor_view *inputs,
             const struct neuron_tensor_view *outputs, struct neuron_error *error)
{
    script.runs += 1;
    script.instance = instance;
    script.inputs[0] = inputs[0];
    script.inputs[1] = inputs[1];
    script.output = outputs[0];
    while (script.wait_end_ns != 0 && read_clock_ns() <= script.wait_end_ns) {
    }
    write_text(error);
    return script.run_status;
}

static void
destroy_scripted(void *instance)
{
    script.destructions += 1;
    script.instance = instance;
}

static const struct neuron_custom_tensor scripted_inputs[2] = {
    {.spec = {"rows", {NEURON_FLOAT32, 2, {0, 3}}}},
    {.spec = {"table", {NEURON_INT64, 1, {5}}}, .is_shared = true},
};
static const struct neuron_custom_tensor scripted_output = {
    .spec = {"scores", {NEURON_FLOAT64, 1, {0}}}};
static const struct neuron_custom_program scripted = {.version = NEURON_CUSTOM_PROGRAM_VERSION,
                                                      .name = "scripted",
                                                      .inputs = scripted_inputs,
                                                      .outputs = &scripted_output,
                                                      .input_count = 2,
                                                      .output_count = 1,
                                                      .create = create_scripted,
                                                      .run = run_scripted,
                                                      .destroy = destroy_scripted,
                                                      .config = "as it is"};
static const struct neuron_custom_place place = {.nc = 1, .core = 5};

/* Makes an instance that may run up to eight rows. */
static void
create_chunk(const struct neuron_custom_program *program, struct neuron_chunk_program *chunk)
{
    struct neuron_error error = {0};

    script = (struct script){.creations = 0};
    assert_ok(neuron_custom_chunk_program_create(program, &place, NULL, 8, chunk, &error), &error);
}

/* Runs some rows, of memory that nobody reads. */
static enum neuron_status
run_chunk(const struct neuron_chunk_program *chunk, int64_t rows, uint64_t deadline_ns,
          struct neuron_error *error)
{
    static float memory[3][24];
    void *const inputs[2] = {memory[0], memory[1]};
    void *const outputs[1] = {memory[2]};
    const struct neuron_chunk_run run = {
        .inputs = inputs, .outputs = outputs, .rows = rows, .deadline_ns = deadline_ns};

    enum neuron_status status = chunk->ops->run(chunk->state, &run, error);

    if (script.runs > 0) {
        assert_ptr_equal(script.inputs[0].data, memory[0]);
        assert_ptr_equal(script.inputs[1].data, memory[1]);
        assert_ptr_equal(script.output.data, memory[2]);
    }
    return status;
}

static void
create_gets_config_and_place(void **state)
{
    struct neuron_chunk_program chunk = {.ops = NULL};

    (void)state;
    create_chunk(&scripted, &chunk);
    assert_int_equal(script.creations, 1);
    assert_ptr_equal(script.config, scripted.config);
    assert_int_equal(script.place.nc, 1);
    assert_int_equal(script.place.core, 5);
    assert_non_null(chunk.ops->run);
    assert_null(chunk.ops->submit);
    assert_false(chunk.is_padded);
    assert_null(chunk.buffers);
    chunk.ops->destroy(chunk.state);
    assert_int_equal(script.destructions, 1);
    assert_ptr_equal(script.instance, &script);
}

static void
a_run_gets_its_rows_and_shared_inputs_whole(void **state)
{
    struct neuron_chunk_program chunk = {.ops = NULL};
    struct neuron_error error = {0};

    (void)state;
    create_chunk(&scripted, &chunk);
    for (int64_t rows = 8; rows >= 1; rows -= 1) {
        assert_ok(run_chunk(&chunk, rows, 0, &error), &error);
        assert_ptr_equal(script.instance, &script);
        assert_int_equal(script.inputs[0].type, NEURON_FLOAT32);
        assert_int_equal(script.inputs[0].rank, 2);
        assert_int_equal(script.inputs[0].shape[0], rows);
        assert_int_equal(script.inputs[0].shape[1], 3);
        assert_int_equal(script.inputs[1].type, NEURON_INT64);
        assert_int_equal(script.inputs[1].shape[0], 5);
        assert_int_equal(script.output.type, NEURON_FLOAT64);
        assert_int_equal(script.output.rank, 1);
        assert_int_equal(script.output.shape[0], rows);
    }
    assert_int_equal(script.runs, 8);
    chunk.ops->destroy(chunk.state);
}

static void
the_smaller_limit_of_rows_holds(void **state)
{
    static const uint32_t limits[] = {0, 5, 8, 9, UINT32_MAX};
    static const int64_t run_rows[] = {8, 5, 8, 8, 8};
    struct neuron_custom_program program = scripted;

    (void)state;
    for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i += 1) {
        struct neuron_chunk_program chunk = {.ops = NULL};

        program.row_limit = limits[i];
        create_chunk(&program, &chunk);
        assert_int_equal(chunk.run_rows, run_rows[i]);
        chunk.ops->destroy(chunk.state);
    }
}

static void
a_program_may_have_run_alone(void **state)
{
    struct neuron_custom_program program = scripted;
    struct neuron_chunk_program chunk = {.ops = NULL};
    struct neuron_error error = {0};

    (void)state;
    program.create = NULL;
    program.destroy = NULL;
    create_chunk(&program, &chunk);
    script.instance = &script;
    assert_ok(run_chunk(&chunk, 4, 0, &error), &error);
    assert_null(script.instance);
    chunk.ops->destroy(chunk.state);
    assert_int_equal(script.creations, 0);
    assert_int_equal(script.destructions, 0);
}

static void
a_failing_create_leaves_nothing(void **state)
{
    struct neuron_chunk_program chunk = {.ops = NULL};
    struct neuron_error error = {0};

    (void)state;
    script = (struct script){.create_status = NEURON_OUT_OF_MEMORY, .text = "too large"};
    assert_status(NEURON_OUT_OF_MEMORY,
                  neuron_custom_chunk_program_create(&scripted, &place, NULL, 8, &chunk, &error),
                  &error);
    assert_string_equal(error.text, "custom program \"scripted\" on nc:1 (core 5): too large");
    assert_null(chunk.ops);
    script.text = NULL;
    script.create_status = (enum neuron_status)99;
    assert_status(NEURON_SYSTEM,
                  neuron_custom_chunk_program_create(&scripted, &place, NULL, 8, &chunk, &error),
                  &error);
    assert_string_equal(error.text, "custom program \"scripted\" on nc:1 (core 5): create() gave "
                                    "99, which is no failure");
    assert_int_equal(script.destructions, 0);
}

static void
a_failing_run_is_passed_on_and_the_next_one_runs(void **state)
{
    struct neuron_chunk_program chunk = {.ops = NULL};
    struct neuron_error error = {0};

    (void)state;
    create_chunk(&scripted, &chunk);
    script.run_status = NEURON_INVALID_ARGUMENT;
    script.text = "row 2 is too old";
    assert_status(NEURON_INVALID_ARGUMENT, run_chunk(&chunk, 4, 0, &error), &error);
    assert_string_equal(error.text, "custom program \"scripted\": row 2 is too old");
    script.text = NULL;
    assert_status(NEURON_INVALID_ARGUMENT, run_chunk(&chunk, 4, 0, &error), &error);
    assert_string_equal(error.text, "custom program \"scripted\": run() gave "
                                    "NEURON_INVALID_ARGUMENT, and no reason");
    script.run_status = (enum neuron_status) - 1;
    assert_status(NEURON_SYSTEM, run_chunk(&chunk, 4, 0, &error), &error);
    assert_int_equal(error.status, NEURON_SYSTEM);
    assert_status(NEURON_SYSTEM, run_chunk(&chunk, 4, 0, NULL), NULL);
    script.run_status = NEURON_OK;
    assert_ok(run_chunk(&chunk, 4, 0, &error), &error);
    chunk.ops->destroy(chunk.state);
}

static void
a_run_does_not_begin_behind_its_deadline(void **state)
{
    struct neuron_chunk_program chunk = {.ops = NULL};
    struct neuron_error error = {0};

    (void)state;
    create_chunk(&scripted, &chunk);
    assert_status(NEURON_TIMED_OUT, run_chunk(&chunk, 4, 1, &error), &error);
    assert_int_equal(script.runs, 0);
    assert_ok(run_chunk(&chunk, 4, UINT64_MAX, &error), &error);
    assert_int_equal(script.runs, 1);
    chunk.ops->destroy(chunk.state);
}

static void
a_run_that_ends_behind_its_deadline_is_late(void **state)
{
    enum { AHEAD_NS = 20000000, ATTEMPTS = 500 };
    struct neuron_chunk_program chunk = {.ops = NULL};
    struct neuron_error error = {0};

    (void)state;
    create_chunk(&scripted, &chunk);
    /* On a machine that is busy, the deadline may pass before the run begins. */
    for (int i = 0; i < ATTEMPTS && script.runs == 0; i += 1) {
        script.wait_end_ns = read_clock_ns() + AHEAD_NS;
        assert_status(NEURON_TIMED_OUT, run_chunk(&chunk, 4, script.wait_end_ns, &error), &error);
    }
    assert_int_equal(script.runs, 1);
    assert_contains(error.text, "ended behind the deadline");
    chunk.ops->destroy(chunk.state);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(create_gets_config_and_place),
        cmocka_unit_test(a_run_gets_its_rows_and_shared_inputs_whole),
        cmocka_unit_test(the_smaller_limit_of_rows_holds),
        cmocka_unit_test(a_program_may_have_run_alone),
        cmocka_unit_test(a_failing_create_leaves_nothing),
        cmocka_unit_test(a_failing_run_is_passed_on_and_the_next_one_runs),
        cmocka_unit_test(a_run_does_not_begin_behind_its_deadline),
        cmocka_unit_test(a_run_that_ends_behind_its_deadline_is_late),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
