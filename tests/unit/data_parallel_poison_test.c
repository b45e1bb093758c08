/* SPDX-License-Identifier: Apache-2.0 */
/* Custom programs in processes: rows at which these die are reported, and all others are done. */
#include "check.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "neuron/custom_program.h"
#include "neuron/data_parallel.h"
#include "neuron/data_parallel_call.h"

#include "custom_trouble.h"
#include "own_children.h"
#include "test_runtime.h"

enum { CORES = 4, ROW_LIMIT = 400, CHUNK_ROWS = 4, UNTOUCHED = -7, HANG_LIMIT_MS = 300 };

/* What a test runs. */
struct poison_bench {
    struct test_runtime owner;
    struct neuron_custom_library *library;
    struct neuron_data_parallel *parallel;
    float x[ROW_LIMIT];
    float y[ROW_LIMIT];
    int32_t order;
};

static int
prepare(void **state)
{
    static struct poison_bench bench;

    bench = (struct poison_bench){.parallel = NULL};
    test_runtime_create(&bench.owner, "pack:1 core:4 pu:1", CORES);
    *state = &bench;
    return 0;
}

static int
clean_up(void **state)
{
    struct poison_bench *bench = *state;
    pid_t child = 0;

    neuron_data_parallel_destroy(bench->parallel);
    neuron_custom_library_close(bench->library);
    test_runtime_destroy(&bench->owner);
    return list_children(getpid(), &child, 1) == 0 ? 0 : 1;
}

/* Opens the library that makes trouble, and makes an object of it. */
static void
make_with(struct poison_bench *bench, const char *config,
          const struct neuron_data_parallel_options *options)
{
    struct neuron_error error = {0};

    assert_ok(neuron_custom_library_open(CUSTOM_TROUBLE, config, &bench->library, &error), &error);
    assert_ok(neuron_data_parallel_create_custom(bench->owner.runtime,
                                                 neuron_custom_library_program(bench->library),
                                                 options, &bench->parallel, &error),
              &error);
}

static void
make(struct poison_bench *bench, const char *config)
{
    const struct neuron_data_parallel_options options = {.isolation = NEURON_ISOLATION_PROCESS,
                                                         .split_size = CHUNK_ROWS};

    make_with(bench, config, &options);
}

/* Good rows, and outputs that nobody has written to. */
static void
fill(struct poison_bench *bench)
{
    for (int i = 0; i < ROW_LIMIT; i += 1) {
        bench->x[i] = (float)(i + 1);
        bench->y[i] = UNTOUCHED;
    }
}

static enum neuron_status
run(struct poison_bench *bench, int64_t rows, struct neuron_error *error)
{
    const struct neuron_tensor_view inputs[] = {
        {.type = NEURON_FLOAT32, .rank = 1, .shape = {rows}, .data = bench->x},
        {.type = NEURON_INT32, .rank = 1, .shape = {1}, .data = &bench->order}};
    const struct neuron_tensor_view output = {
        .type = NEURON_FLOAT32, .rank = 1, .shape = {rows}, .data = bench->y};

    return neuron_data_parallel_run(bench->parallel, inputs, 2, &output, 1, error);
}

/* All rows are right but those of some chunks, which nobody has written to. */
static void
check_rows(const struct poison_bench *bench, int64_t rows, const int64_t *lost, uint32_t lost_count)
{
    for (int64_t row = 0; row < rows; row += 1) {
        bool is_lost = false;

        for (uint32_t i = 0; i < lost_count; i += 1) {
            is_lost = is_lost || row / CHUNK_ROWS == lost[i];
        }
        assert_true(bench->y[row] == (is_lost ? (float)UNTOUCHED : 2.0F * (float)(row + 1)));
    }
}

/* The object still does what it is for. */
static void
assert_still_works(struct poison_bench *bench)
{
    struct neuron_error error = {0};

    fill(bench);
    assert_ok(run(bench, ROW_LIMIT, &error), &error);
    check_rows(bench, ROW_LIMIT, NULL, 0);
}

static void
good_rows_are_right_however_they_are_cut(void **state)
{
    static const uint32_t splits[] = {0, 1, 7, 1000};
    struct poison_bench *bench = *state;
    struct neuron_error error = {0};

    make(bench, NULL);
    assert_int_equal(neuron_data_parallel_core_count(bench->parallel), CORES);
    assert_int_equal(neuron_data_parallel_replica_count(bench->parallel), CORES);
    for (size_t i = 0; i < sizeof(splits) / sizeof(splits[0]); i += 1) {
        neuron_data_parallel_set_split_size(bench->parallel, splits[i]);
        assert_still_works(bench);
        fill(bench);
        assert_ok(run(bench, 1, &error), &error);
        check_rows(bench, 1, NULL, 0);
        assert_true(bench->y[1] == UNTOUCHED);
    }
}

/* Runs rows of which some make trouble; those of the first chunk are reported. */
static void
check_poison(struct poison_bench *bench, int32_t order, const char *end)
{
    static const int64_t chunks[] = {7, 40};
    struct neuron_error error = {0};

    fill(bench);
    bench->x[30] = (float)(TROUBLE_ROW + order);
    assert_status(NEURON_PEER_LOST, run(bench, ROW_LIMIT, &error), &error);
    assert_contains(error.text, "chunk 7 (rows 28-31) on nc:");
    assert_contains(error.text, "these rows are poison");
    assert_contains(error.text, end);
    check_rows(bench, ROW_LIMIT, chunks, 1);
    bench->x[162] = (float)(TROUBLE_ROW + order);
    assert_status(NEURON_PEER_LOST, run(bench, ROW_LIMIT, &error), &error);
    assert_contains(error.text, "chunk 7 (rows 28-31) on nc:");
    bench->x[30] = 31.0F;
    assert_status(NEURON_PEER_LOST, run(bench, ROW_LIMIT, &error), &error);
    assert_contains(error.text, "chunk 40 (rows 160-163) on nc:");
    assert_still_works(bench);
}

static void
rows_that_kill_twice_are_poison(void **state)
{
    struct poison_bench *bench = *state;

    make(bench, NULL);
    check_poison(bench, TROUBLE_ABORT, "was killed by SIGUSR1");
    check_poison(bench, TROUBLE_EXIT, "exited with status 7");
}

static void
rows_that_hang_twice_are_poison(void **state)
{
    const struct neuron_data_parallel_options options = {.isolation = NEURON_ISOLATION_PROCESS,
                                                         .split_size = CHUNK_ROWS,
                                                         .hang_limit_ms = HANG_LIMIT_MS};
    struct poison_bench *bench = *state;

    make_with(bench, NULL, &options);
    check_poison(bench, TROUBLE_HANG, "it gave no answer for 300 ms");
}

static void
one_core_alone_finds_the_poison(void **state)
{
    static const char *const ids[] = {"nc:3"};
    const struct neuron_data_parallel_options options = {.isolation = NEURON_ISOLATION_PROCESS,
                                                         .device_ids = ids,
                                                         .device_id_count = 1,
                                                         .split_size = CHUNK_ROWS};
    struct poison_bench *bench = *state;

    make_with(bench, NULL, &options);
    check_poison(bench, TROUBLE_ABORT, "was killed by SIGUSR1");
}

static void
two_poisonous_chunks_leave_the_others_right(void **state)
{
    static const int64_t chunks[] = {0, 99};
    struct poison_bench *bench = *state;
    struct neuron_error error = {0};

    make(bench, NULL);
    fill(bench);
    bench->x[0] = (float)(TROUBLE_ROW + TROUBLE_ABORT);
    bench->x[ROW_LIMIT - 1] = (float)(TROUBLE_ROW + TROUBLE_EXIT);
    assert_status(NEURON_PEER_LOST, run(bench, ROW_LIMIT, &error), &error);
    assert_contains(error.text, "chunk 0 (rows 0-3) on nc:");
    check_rows(bench, ROW_LIMIT, chunks, 2);
}

static void
a_process_that_dies_in_a_run_costs_nothing(void **state)
{
    struct poison_bench *bench = *state;
    struct neuron_error error = {0};
    char path[TEST_PATH_BYTES] = "";

    (void)test_folder_path(&bench->owner.folder, "once", path);
    make(bench, path);
    for (int i = 0; i < 5; i += 1) {
        int file = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);

        assert_true(file >= 0);
        assert_int_equal(close(file), 0);
        fill(bench);
        bench->x[30] = (float)(TROUBLE_ROW + TROUBLE_ONCE);
        assert_ok(run(bench, ROW_LIMIT, &error), &error);
        assert_int_equal(access(path, F_OK), -1); /* one has died */
        assert_true(bench->y[30] == 2.0F * (float)(TROUBLE_ROW + TROUBLE_ONCE));
        bench->y[30] = 62.0F;
        check_rows(bench, ROW_LIMIT, NULL, 0);
    }
}

static void
a_failure_that_the_program_returns_is_no_poison(void **state)
{
    struct poison_bench *bench = *state;
    struct neuron_error error = {0};

    make(bench, NULL);
    fill(bench);
    bench->x[30] = (float)(TROUBLE_ROW + TROUBLE_REFUSE);
    assert_status(NEURON_UNSUPPORTED_MODEL, run(bench, ROW_LIMIT, &error), &error);
    assert_contains(error.text, "chunk 7 (rows 28-31) on nc:");
    assert_contains(error.text, "these rows are not liked");
    assert_null(strstr(error.text, "poison"));
    assert_still_works(bench);
}

static void
a_deadline_ends_a_call_whose_rows_hang(void **state)
{
    const struct neuron_data_parallel_options options = {.isolation = NEURON_ISOLATION_PROCESS,
                                                         .split_size = CHUNK_ROWS};
    const struct neuron_data_parallel_call_options soon = {.deadline_ms = 200};
    struct poison_bench *bench = *state;
    struct neuron_data_parallel_call *call = NULL;
    struct neuron_error error = {0};

    make_with(bench, NULL, &options);
    fill(bench);
    bench->x[30] = (float)(TROUBLE_ROW + TROUBLE_HANG);
    const struct neuron_tensor_view inputs[] = {
        {.type = NEURON_FLOAT32, .rank = 1, .shape = {ROW_LIMIT}, .data = bench->x},
        {.type = NEURON_INT32, .rank = 1, .shape = {1}, .data = &bench->order}};
    const struct neuron_tensor_view output = {
        .type = NEURON_FLOAT32, .rank = 1, .shape = {ROW_LIMIT}, .data = bench->y};
    const struct neuron_batch_tensors tensors = {
        .inputs = inputs, .outputs = &output, .input_count = 2, .output_count = 1};
    assert_ok(neuron_data_parallel_submit(bench->parallel, &tensors, &soon, &call, &error), &error);
    assert_status(NEURON_TIMED_OUT, neuron_data_parallel_wait(call, &error), &error);
    assert_still_works(bench);
}

static void
what_cannot_be_in_another_process_is_refused(void **state)
{
    const struct neuron_data_parallel_options options = {.isolation = NEURON_ISOLATION_PROCESS};
    struct poison_bench *bench = *state;
    struct neuron_error error = {0};

    make(bench, NULL);
    struct neuron_custom_program own = *neuron_custom_library_program(bench->library);
    struct neuron_data_parallel *parallel = NULL;
    own.library = NULL;
    assert_status(
        NEURON_INVALID_ARGUMENT,
        neuron_data_parallel_create_custom(bench->owner.runtime, &own, &options, &parallel, &error),
        &error);
    assert_contains(error.text, "trouble is part of this one");
    assert_null(parallel);
}

static void
a_create_that_fails_in_the_processes_says_why(void **state)
{
    static const char *const configs[] = {"refuse", "abort"};
    static const char *const texts[] = {"no instance of this is made", "was killed by SIGUSR1"};
    const struct neuron_data_parallel_options options = {.isolation = NEURON_ISOLATION_PROCESS};
    struct poison_bench *bench = *state;
    pid_t child = 0;

    for (size_t i = 0; i < sizeof(configs) / sizeof(configs[0]); i += 1) {
        struct neuron_custom_library *library = NULL;
        struct neuron_data_parallel *parallel = NULL;
        struct neuron_error error = {0};

        assert_ok(neuron_custom_library_open(CUSTOM_TROUBLE, configs[i], &library, &error), &error);
        assert_int_not_equal(neuron_data_parallel_create_custom(
                                 bench->owner.runtime, neuron_custom_library_program(library),
                                 &options, &parallel, &error),
                             NEURON_OK);
        assert_contains(error.text, texts[i]);
        assert_null(parallel);
        assert_int_equal(list_children(getpid(), &child, 1), 0);
        neuron_custom_library_close(library);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(good_rows_are_right_however_they_are_cut, prepare,
                                        clean_up),
        cmocka_unit_test_setup_teardown(rows_that_kill_twice_are_poison, prepare, clean_up),
        cmocka_unit_test_setup_teardown(rows_that_hang_twice_are_poison, prepare, clean_up),
        cmocka_unit_test_setup_teardown(one_core_alone_finds_the_poison, prepare, clean_up),
        cmocka_unit_test_setup_teardown(two_poisonous_chunks_leave_the_others_right, prepare,
                                        clean_up),
        cmocka_unit_test_setup_teardown(a_process_that_dies_in_a_run_costs_nothing, prepare,
                                        clean_up),
        cmocka_unit_test_setup_teardown(a_failure_that_the_program_returns_is_no_poison, prepare,
                                        clean_up),
        cmocka_unit_test_setup_teardown(a_deadline_ends_a_call_whose_rows_hang, prepare, clean_up),
        cmocka_unit_test_setup_teardown(what_cannot_be_in_another_process_is_refused, prepare,
                                        clean_up),
        cmocka_unit_test_setup_teardown(a_create_that_fails_in_the_processes_says_why, prepare,
                                        clean_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
