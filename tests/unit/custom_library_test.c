/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "neuron/custom_program.h"

#include "custom_library.h"
#include "test_folder.h"

/* Fails unless opening is refused with a text that has this part, and leaves nothing. */
static void
assert_refused(const char *path, const char *config, enum neuron_status status, const char *text)
{
    struct neuron_custom_library *library = NULL;
    struct neuron_error error = {0};

    assert_status(status, neuron_custom_library_open(path, config, &library, &error), &error);
    assert_null(library);
    assert_contains(error.text, text);
    assert_status(status, neuron_custom_library_open(path, config, &library, NULL), NULL);
}

static void
a_library_is_opened_with_its_program(void **state)
{
    struct neuron_custom_library *library = NULL;
    struct neuron_error error = {0};

    (void)state;
    assert_ok(neuron_custom_library_open(CUSTOM_SCALE, "3", &library, &error), &error);
    const struct neuron_custom_program *program = neuron_custom_library_program(library);
    assert_string_equal(program->name, "scale");
    assert_int_equal(program->input_count, 2);
    assert_int_equal(program->output_count, 1);
    assert_string_equal(program->inputs[0].spec.name, "x");
    assert_int_equal(program->inputs[0].spec.shape.dims[1], 3);
    assert_true(program->inputs[1].is_shared);
    assert_int_equal(program->outputs[0].spec.shape.dims[1], 3);
    assert_string_equal(program->config, "3");
    assert_ptr_equal(program->library, library);
    assert_ok(neuron_custom_program_check(program, &error), &error);
    neuron_custom_library_close(library);
}

static void
its_function_runs(void **state)
{
    float x[4] = {1, 2, 3, 4};
    float bias[2] = {10, 20};
    float y[4] = {0};
    const struct neuron_tensor_view inputs[2] = {{NEURON_FLOAT32, 2, {2, 2}, x},
                                                 {NEURON_FLOAT32, 1, {2}, bias}};
    const struct neuron_tensor_view output = {NEURON_FLOAT32, 2, {2, 2}, y};
    struct neuron_custom_library *library = NULL;
    struct neuron_error error = {0};

    (void)state;
    assert_ok(neuron_custom_library_open(CUSTOM_SCALE, "2", &library, &error), &error);
    assert_ok(neuron_custom_library_program(library)->run(NULL, inputs, &output, &error), &error);
    assert_true(y[0] == 12 && y[1] == 24 && y[2] == 16 && y[3] == 28);
    neuron_custom_library_close(library);
}

static void
a_library_opened_twice_has_two_programs(void **state)
{
    struct neuron_custom_library *narrow = NULL;
    struct neuron_custom_library *wide = NULL;
    struct neuron_error error = {0};

    (void)state;
    assert_ok(neuron_custom_library_open(CUSTOM_SCALE, "3", &narrow, &error), &error);
    assert_ok(neuron_custom_library_open(CUSTOM_SCALE, "500", &wide, &error), &error);
    assert_int_equal(neuron_custom_library_program(narrow)->inputs[0].spec.shape.dims[1], 3);
    assert_int_equal(neuron_custom_library_program(wide)->inputs[0].spec.shape.dims[1], 500);
    assert_string_equal(neuron_custom_library_program(narrow)->config, "3");
    neuron_custom_library_close(narrow);
    assert_string_equal(neuron_custom_library_program(wide)->name, "scale");
    neuron_custom_library_close(wide);
}

static void
path_and_config_are_copied(void **state)
{
    char *path = strdup(CUSTOM_SCALE);
    char *config = strdup("7");
    struct neuron_custom_library *library = NULL;
    struct neuron_error error = {0};

    (void)state;
    assert_true(path != NULL && config != NULL);
    assert_ok(neuron_custom_library_open(path, config, &library, &error), &error);
    free(path);
    free(config);
    assert_string_equal(neuron_custom_library_config(library), "7");
    assert_string_equal(neuron_custom_library_program(library)->config, "7");
    neuron_custom_library_close(library);
}

/* Leaves the test in a folder with a link to the library, beside one. Returns where it was. */
static char *
enter_link_folder(const struct test_folder *folder)
{
    char *before = getcwd(NULL, 0);

    assert_non_null(before);
    assert_int_equal(chdir(folder->path), 0);
    assert_int_equal(symlink(CUSTOM_SCALE, "link.so"), 0);
    return before;
}

static void
a_relative_path_becomes_that_of_the_file(void **state)
{
    struct test_folder folder = {.path = ""};
    struct neuron_custom_library *library = NULL;
    struct neuron_error error = {0};
    char *expected = realpath(CUSTOM_SCALE, NULL);

    (void)state;
    assert_non_null(expected);
    test_folder_create(&folder);
    char *before = enter_link_folder(&folder);

    assert_ok(neuron_custom_library_open("./link.so", "1", &library, &error), &error);
    assert_int_equal(chdir(before), 0);
    assert_string_equal(neuron_custom_library_path(library), expected);
    neuron_custom_library_close(library);
    free(before);
    free(expected);
    test_folder_destroy(&folder);
}

static void
what_cannot_be_loaded_is_refused(void **state)
{
    (void)state;
    assert_refused(NULL, NULL, NEURON_INVALID_ARGUMENT, "name a file");
    assert_refused("", NULL, NEURON_INVALID_ARGUMENT, "name a file");
    assert_refused("no/such/library.so", NULL, NEURON_SYSTEM,
                   "no/such/library.so: cannot be loaded: cannot open shared object file: No such "
                   "file or directory");
    assert_refused("libno_such_library.so", NULL, NEURON_SYSTEM,
                   "libno_such_library.so: cannot be loaded: cannot open");
    assert_refused("/", NULL, NEURON_SYSTEM, "/: cannot be loaded");
    assert_refused(__FILE__, NULL, NEURON_SYSTEM, "cannot be loaded");
    assert_refused("/proc/self/exe", NULL, NEURON_SYSTEM, "/proc/self/exe: cannot be loaded");
}

static void
a_library_without_the_function_is_refused(void **state)
{
    (void)state;
    assert_refused(CUSTOM_NOTHING, NULL, NEURON_UNSUPPORTED_MODEL,
                   ": defines no function neuron_custom_program()");
}

static void
a_program_that_is_not_whole_is_refused_with_the_path(void **state)
{
    (void)state;
    assert_refused(CUSTOM_FAULTY, "version", NEURON_UNSUPPORTED_MODEL,
                   ": the custom program is of version 7, not 1: compile it");
    assert_refused(CUSTOM_FAULTY, "run", NEURON_UNSUPPORTED_MODEL,
                   ": custom program \"faulty\" has no run()");
    assert_refused(CUSTOM_FAULTY, "type", NEURON_UNSUPPORTED_MODEL,
                   ": custom program \"faulty\": input 0 \"x\": 77 is no element type");
}

static void
what_the_function_says_is_passed_on(void **state)
{
    (void)state;
    assert_refused(CUSTOM_SCALE, "none", NEURON_INVALID_ARGUMENT,
                   ": \"none\" is no number of columns");
    assert_refused(CUSTOM_SCALE, NULL, NEURON_INVALID_ARGUMENT, ": \"\" is no number of columns");
    assert_refused(CUSTOM_FAULTY, "text", NEURON_UNSUPPORTED_MODEL, ": the licence has run out");
    assert_refused(CUSTOM_FAULTY, "silence", NEURON_UNSUPPORTED_MODEL,
                   ": neuron_custom_program() gave NEURON_UNSUPPORTED_MODEL, and no reason");
    assert_refused(CUSTOM_FAULTY, "status", NEURON_SYSTEM,
                   ": neuron_custom_program() gave 4711, which is no failure");
}

static void
closing_nothing_is_allowed(void **state)
{
    (void)state;
    neuron_custom_library_close(NULL);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_library_is_opened_with_its_program),
        cmocka_unit_test(its_function_runs),
        cmocka_unit_test(a_library_opened_twice_has_two_programs),
        cmocka_unit_test(path_and_config_are_copied),
        cmocka_unit_test(a_relative_path_becomes_that_of_the_file),
        cmocka_unit_test(what_cannot_be_loaded_is_refused),
        cmocka_unit_test(a_library_without_the_function_is_refused),
        cmocka_unit_test(a_program_that_is_not_whole_is_refused_with_the_path),
        cmocka_unit_test(what_the_function_says_is_passed_on),
        cmocka_unit_test(closing_nothing_is_allowed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
