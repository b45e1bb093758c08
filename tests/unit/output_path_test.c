/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "score/output_path.h"

static void
the_part_file_stands_beside_the_output(void **state)
{
    char *part = NULL;
    struct neuron_error error = {0};

    (void)state;
    assert_ok(neuron_output_path_name_part("some/y.npy", &part, &error), &error);
    assert_string_equal(part, "some/y.npy.part");
    free(part);
}

static void
names_of_no_file_are_refused(void **state)
{
    static const char *const names[] = {"", "folder/", "/"};

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i += 1) {
        char *part = NULL;
        struct neuron_error error = {0};

        assert_status(NEURON_INVALID_ARGUMENT,
                      neuron_output_path_name_part(names[i], &part, &error), &error);
        assert_contains(error.text, "names no file");
        assert_null(part);
    }
}

static void
an_earlier_output_may_be_replaced_and_an_absent_one_made(void **state)
{
    char path[] = "/tmp/output_path_test.XXXXXX";
    const struct stat input = {0};
    struct neuron_error error = {0};
    int file = mkstemp(path);

    (void)state;
    assert_true(file >= 0);
    assert_ok(neuron_output_path_check(path, &input, "the input", &error), &error);
    (void)close(file);
    assert_int_equal(unlink(path), 0);
    assert_ok(neuron_output_path_check(path, &input, "the input", &error), &error);
}

static void
folders_and_devices_are_refused(void **state)
{
    const struct stat input = {0};
    struct neuron_error error = {0};

    (void)state;
    assert_status(NEURON_INVALID_ARGUMENT,
                  neuron_output_path_check("/tmp", &input, "the input", &error), &error);
    assert_contains(error.text, "is a folder");
    assert_status(NEURON_INVALID_ARGUMENT,
                  neuron_output_path_check("/dev/null", &input, "the input", &error), &error);
    assert_contains(error.text, "no regular file");
}

static void
the_input_is_not_replaced_by_any_of_its_names(void **state)
{
    char path[] = "/tmp/output_path_test.XXXXXX";
    char link_path[64] = "";
    struct stat input = {0};
    struct neuron_error error = {0};
    int file = mkstemp(path);

    (void)state;
    assert_true(file >= 0);
    assert_int_equal(fstat(file, &input), 0);
    (void)snprintf(link_path, sizeof(link_path), "%s.link", path);
    assert_int_equal(link(path, link_path), 0);
    assert_status(NEURON_INVALID_ARGUMENT,
                  neuron_output_path_check(path, &input, "the input", &error), &error);
    assert_contains(error.text, "would replace the input");
    assert_status(NEURON_INVALID_ARGUMENT,
                  neuron_output_path_check(link_path, &input, "the input", &error), &error);
    (void)close(file);
    assert_int_equal(unlink(link_path), 0);
    assert_int_equal(unlink(path), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_part_file_stands_beside_the_output),
        cmocka_unit_test(names_of_no_file_are_refused),
        cmocka_unit_test(an_earlier_output_may_be_replaced_and_an_absent_one_made),
        cmocka_unit_test(folders_and_devices_are_refused),
        cmocka_unit_test(the_input_is_not_replaced_by_any_of_its_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
