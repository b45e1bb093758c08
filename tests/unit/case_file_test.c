/* SPDX-License-Identifier: Apache-2.0 */
/* Folders of conformance cases that read, and those that do not. */
#include "case_file.h"

#include <stdio.h>
#include <string.h>

#include "check.h"
#include "test_folder.h"

static void
write_file(const struct test_folder *folder, const char *name, const void *bytes, size_t size_bytes)
{
    char path[TEST_PATH_BYTES];
    FILE *file = fopen(test_folder_path(folder, name, path), "wbe");

    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size_bytes, file), size_bytes);
    assert_int_equal(fclose(file), 0);
}

/* Reads a folder that holds this text as case.txt, and 24 bytes as t.bin. */
static enum neuron_status
read_text(const char *text, struct case_file *file, struct neuron_error *error)
{
    const float elements[] = {1, 2, 3, 4, 5, 6};
    struct test_folder folder;

    test_folder_create(&folder);
    write_file(&folder, "case.txt", text, strlen(text));
    write_file(&folder, "t.bin", elements, sizeof(elements));
    enum neuron_status status = case_file_read(folder.path, file, error);
    test_folder_destroy(&folder);
    return status;
}

static void
a_case_has_its_tensors_and_tolerances(void **unused)
{
    struct case_file file = {0};
    struct neuron_error error = {0};

    (void)unused;
    assert_ok(read_text("rtol 0.5\natol 0.25\nl2 0.125\n"
                        "input float32 2,3 t.bin a b\noutput int64 3 t.bin y\n",
                        &file, &error),
              &error);
    assert_int_equal(file.input_count, 1);
    assert_int_equal(file.output_count, 1);
    assert_string_equal(file.inputs[0].spec.name, "a b");
    assert_int_equal(file.inputs[0].spec.shape.rank, 2);
    assert_int_equal(file.inputs[0].spec.shape.dims[1], 3);
    assert_true(((const float *)file.inputs[0].bytes)[5] == 6.0F);
    assert_int_equal(file.outputs[0].spec.shape.type, NEURON_INT64);
    assert_true(file.tolerance.relative == 0.5);
    assert_true(file.tolerance.absolute == 0.25);
    assert_true(file.tolerance.l2 == 0.125);
    case_file_close(&file);
}

static void
a_scalar_and_a_tensor_without_elements_are_read(void **unused)
{
    struct test_folder folder;
    struct case_file file = {0};
    struct neuron_error error = {0};
    const char *text = "input float64 - one.bin x\noutput bool 3,0 none.bin y\n";
    const double one = 1;

    (void)unused;
    test_folder_create(&folder);
    write_file(&folder, "case.txt", text, strlen(text));
    write_file(&folder, "one.bin", &one, sizeof(one));
    write_file(&folder, "none.bin", "", 0);
    assert_ok(case_file_read(folder.path, &file, &error), &error);
    assert_int_equal(file.inputs[0].spec.shape.rank, 0);
    assert_int_equal(file.outputs[0].spec.shape.dims[1], 0);
    case_file_close(&file);
    test_folder_destroy(&folder);
}

static void
a_case_that_does_not_hold_together_is_refused(void **unused)
{
    static const char *const texts[] = {
        "input float32 2,2 t.bin x\n",               /* a file that is too long */
        "input float32 2,4 t.bin x\n",               /* and one that is too short */
        "input float31 2,3 t.bin x\n",               /* no type */
        "input float32 2;3 t.bin x\n",               /* no dimensions */
        "input float32 2,-3 t.bin x\n",              /* a negative one */
        "input float32 1,1,1,1,1,1,1,2,3 t.bin x\n", /* too many */
        "import float32 2,3 t.bin x\n",              /* no role */
    };

    (void)unused;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i += 1) {
        struct case_file file = {0};
        struct neuron_error error = {0};

        assert_status(NEURON_INVALID_SYNTAX, read_text(texts[i], &file, &error), &error);
        case_file_close(&file);
    }
}

static void
a_folder_without_a_file_is_refused_by_its_name(void **unused)
{
    struct case_file file = {0};
    struct neuron_error error = {0};

    (void)unused;
    assert_status(NEURON_SYSTEM, read_text("output int64 3 absent.bin y\n", &file, &error), &error);
    assert_contains(error.text, "absent.bin: No such file");
    case_file_close(&file);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_case_has_its_tensors_and_tolerances),
        cmocka_unit_test(a_scalar_and_a_tensor_without_elements_are_read),
        cmocka_unit_test(a_case_that_does_not_hold_together_is_refused),
        cmocka_unit_test(a_folder_without_a_file_is_refused_by_its_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
