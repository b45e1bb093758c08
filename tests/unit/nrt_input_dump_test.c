/* SPDX-License-Identifier: Apache-2.0 */
/* The inputs of a run that failed, as files. */
#include "nrt_bench.h"

#include <fcntl.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "nrt/input_dump.h"

#include "nrt_models.h"

/* Lets runs that give NaN fail, and their inputs be dumped where this says. */
static void
open_with_dumps(const char *status, const char *folder)
{
    nrt_close();
    set_variable("NEURON_RT_NUMERICAL_ERRORS_VERBOSITY", "critical");
    set_variable("NEURON_RT_DBG_DUMP_INPUTS_ON_ERR", status);
    set_variable("NEURON_RT_LOCAL_CORE_DUMP_DIRECTORY", folder);
    assert_nrt_ok(nrt_init(NRT_FRAMEWORK_TYPE_NO_FW, "", ""));
}

/* Runs 0 / 0, into the tensor that is the input, too. */
static void
divide_zeros(const struct nrt_bench *bench)
{
    nrt_model_t *model = load_neff(quotient_neff(bench), 0, -1);
    nrt_tensor_t *a = vector_of(0, 0.0F);
    nrt_tensor_t *b = vector_of(0, 0.0F);
    nrt_tensor_set_t *inputs = set_of("a", a);
    nrt_tensor_set_t *outputs = set_of("quotient", b);

    assert_nrt_ok(nrt_add_tensor_to_tensor_set(inputs, "b", b));
    assert_nrt(NRT_EXEC_COMPLETED_WITH_NUM_ERR, nrt_execute(model, inputs, outputs));
    nrt_tensor_free(&a);
    nrt_tensor_free(&b);
    nrt_destroy_tensor_set(&inputs);
    nrt_destroy_tensor_set(&outputs);
}

/* Says how many files match a pattern in the bench's folder; puts the first one into `path`. */
static size_t
count_matches(const struct nrt_bench *bench, const char *pattern, char *path)
{
    char whole[TEST_PATH_BYTES];
    glob_t found = {.gl_pathc = 0};
    test_folder_path(&bench->folder, pattern, whole);
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): one thread runs */
    int result = glob(whole, GLOB_PERIOD, NULL, &found);

    assert_true(result == 0 || result == GLOB_NOMATCH);
    size_t count = result == 0 ? found.gl_pathc : 0;
    if (count > 0) {
        assert_true(strlen(found.gl_pathv[0]) < TEST_PATH_BYTES);
        strncpy(path, found.gl_pathv[0], TEST_PATH_BYTES - 1);
    }
    globfree(&found);
    return count;
}

static size_t
read_file(const char *path, char *bytes, size_t limit_bytes)
{
    int file = open(path, O_RDONLY | O_CLOEXEC);

    assert_true(file >= 0);
    ssize_t size = read(file, bytes, limit_bytes);
    assert_true(size >= 0);
    assert_int_equal(close(file), 0);
    return (size_t)size;
}

static void
the_inputs_of_the_run_are_written(void **state)
{
    static const char zeros[VECTOR_BYTES];
    const struct nrt_bench *bench = *state;
    char path[TEST_PATH_BYTES] = "";
    char bytes[1000] = "";

    open_with_dumps("1003", bench->folder.path);
    divide_zeros(bench);
    assert_int_equal(count_matches(bench, "input_dump_????????_h_nn_*", path), 1);
    assert_logged(bench, path);
    assert_int_equal(count_matches(bench, "input_dump_*/input_1.bin", path), 1);
    assert_int_equal(read_file(path, bytes, sizeof(bytes)), VECTOR_BYTES);
    assert_memory_equal(bytes, zeros, VECTOR_BYTES);
    assert_int_equal(count_matches(bench, "input_dump_*/inputs.txt", path), 1);
    bytes[read_file(path, bytes, sizeof(bytes) - 1)] = '\0';
    assert_string_equal(bytes, "model quotient\n"
                               "status NRT_EXEC_COMPLETED_WITH_NUM_ERR\n"
                               "input_0.bin float32[4] 16 a\n"
                               "input_1.bin float32[4] 16 b\n");
    assert_int_equal(count_matches(bench, ".input_dump_*", path), 0);
}

static void
runs_of_another_status_are_not_dumped(void **state)
{
    const struct nrt_bench *bench = *state;
    char path[TEST_PATH_BYTES] = "";

    open_with_dumps("1004", bench->folder.path);
    divide_zeros(bench);
    open_with_dumps("0", bench->folder.path);
    divide_zeros(bench);
    assert_int_equal(count_matches(bench, "input_dump_*", path), 0);
}

static void
a_status_without_a_meaning_is_ignored_and_logged(void **state)
{
    const struct nrt_bench *bench = *state;
    static const char *const values[] = {"NRT_TIMEOUT", "5x", "-5", "9999", "99999999999999999999"};
    char path[TEST_PATH_BYTES] = "";

    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i += 1) {
        open_with_dumps(values[i], bench->folder.path);
        divide_zeros(bench);
        assert_logged(bench, values[i]);
    }
    assert_int_equal(count_matches(bench, "input_dump_*", path), 0);
}

static void
a_dump_that_cannot_be_written_fails_no_call(void **state)
{
    const struct nrt_bench *bench = *state;
    char path[TEST_PATH_BYTES] = "";

    open_with_dumps("1003", "/no/such/folder");
    divide_zeros(bench);
    assert_logged(bench, " WARN KMGR:nrt_execute  cannot dump the inputs of this run to "
                         "/no/such/folder/input_dump_");
    assert_int_equal(count_matches(bench, "input_dump_*", path), 0);
}

static void
a_folder_that_cannot_be_written_to_is_said_at_once(void **state)
{
    const struct nrt_bench *bench = *state;

    open_with_dumps("1003", "/no/such/folder");
    assert_logged(bench, " WARN NRT:nrt_init  cannot write to "
                         "NEURON_RT_LOCAL_CORE_DUMP_DIRECTORY=/no/such/folder: No such file");
    forget_log(bench);
    open_with_dumps(NULL, "/no/such/folder");
    assert_not_logged(bench, "/no/such/folder");
}

static void
a_folder_that_is_too_long_is_ignored_and_logged(void **state)
{
    const struct nrt_bench *bench = *state;
    char folder[5000] = "";
    char path[TEST_PATH_BYTES] = "";

    memset(folder, 'x', sizeof(folder) - 1);
    open_with_dumps("1003", folder);
    assert_logged(bench, "... is too long, and no inputs are dumped");
    divide_zeros(bench);
    assert_int_equal(count_matches(bench, "input_dump_*", path), 0);
}

/* Says how often a text stands in the log. */
static int
count_logged(const struct nrt_bench *bench, const char *part)
{
    int count = 0;
    char *text = read_log(bench);

    for (const char *next = strstr(text, part); next != NULL; next = strstr(next + 1, part)) {
        count += 1;
    }
    free(text);
    return count;
}

static void
dumps_end_after_so_many_until_the_next_init(void **state)
{
    const struct nrt_bench *bench = *state;
    char path[TEST_PATH_BYTES] = "";

    open_with_dumps("1003", bench->folder.path);
    for (int i = 0; i < LIBNRT_DUMP_LIMIT; i += 1) {
        divide_zeros(bench);
    }
    assert_not_logged(bench, "no more inputs are dumped");
    for (int i = 0; i < 3; i += 1) {
        divide_zeros(bench);
    }
    assert_int_equal(count_matches(bench, "input_dump_*_h_nn_*", path), LIBNRT_DUMP_LIMIT);
    assert_int_equal(count_logged(bench, " WARN KMGR:nrt_execute  no more inputs are dumped"), 1);
    open_with_dumps("1003", bench->folder.path);
    divide_zeros(bench);
    assert_int_equal(count_matches(bench, "input_dump_*_h_nn_*", path), LIBNRT_DUMP_LIMIT + 1);
}

static void
dumps_go_to_the_working_folder(void **state)
{
    const struct nrt_bench *bench = *state;
    char path[TEST_PATH_BYTES] = "";
    char *before = getcwd(NULL, 0);

    assert_non_null(before);
    assert_int_equal(chdir(bench->folder.path), 0);
    open_with_dumps("1003", NULL);
    divide_zeros(bench);
    assert_int_equal(count_matches(bench, "input_dump_*_h_nn_*", path), 1);
    assert_int_equal(chdir(before), 0);
    free(before);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_inputs_of_the_run_are_written, nrt_bench_setup,
                                        nrt_bench_teardown),
        cmocka_unit_test_setup_teardown(runs_of_another_status_are_not_dumped, nrt_bench_setup,
                                        nrt_bench_teardown),
        cmocka_unit_test_setup_teardown(a_status_without_a_meaning_is_ignored_and_logged,
                                        nrt_bench_setup, nrt_bench_teardown),
        cmocka_unit_test_setup_teardown(a_dump_that_cannot_be_written_fails_no_call,
                                        nrt_bench_setup, nrt_bench_teardown),
        cmocka_unit_test_setup_teardown(a_folder_that_cannot_be_written_to_is_said_at_once,
                                        nrt_bench_setup, nrt_bench_teardown),
        cmocka_unit_test_setup_teardown(a_folder_that_is_too_long_is_ignored_and_logged,
                                        nrt_bench_setup, nrt_bench_teardown),
        cmocka_unit_test_setup_teardown(dumps_end_after_so_many_until_the_next_init,
                                        nrt_bench_setup, nrt_bench_teardown),
        cmocka_unit_test_setup_teardown(dumps_go_to_the_working_folder, nrt_bench_setup,
                                        nrt_bench_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
