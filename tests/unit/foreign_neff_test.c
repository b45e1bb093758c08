/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "neff/foreign_neff.h"
#include "neuron/model.h"
#include "test_folder.h"

enum { FILE_BYTES = 1024 + 512 };

static void
put_number(unsigned char *bytes, uint64_t number)
{
    for (uint32_t i = 0; i < 8; i += 1) {
        bytes[i] = (unsigned char)(number >> (8 * i) & 0xFF);
    }
}

/* A file as the compiler of the Neuron stack writes it: version 2.3, its archive in gzip. */
static void
make_foreign(unsigned char *bytes)
{
    static const char build[] = "2.0.21884.0%tools/develop@6c66f4b";
    static const char name[] = "graph";
    static const unsigned char gzip[] = {0x1F, 0x8B, 0x08};

    memset(bytes, 0, FILE_BYTES);
    put_number(bytes, 2);
    put_number(bytes + 8, 1024);
    put_number(bytes + 16, 512);
    put_number(bytes + 24, 2);
    put_number(bytes + 32, 3);
    memcpy(bytes + 40, build, sizeof(build));
    memset(bytes + 172, '0', 32);
    memset(bytes + 204, 0xA5, 16);
    memcpy(bytes + 220, name, sizeof(name));
    memcpy(bytes + 1024, gzip, sizeof(gzip));
}

static void
a_foreign_file_is_recognised_with_its_version(void **state)
{
    unsigned char bytes[FILE_BYTES];
    struct neuron_foreign_neff foreign = {0};

    (void)state;
    make_foreign(bytes);
    assert_true(neuron_foreign_neff_recognize(bytes, FILE_BYTES, &foreign));
    assert_int_equal(foreign.version_major, 2);
    assert_int_equal(foreign.version_minor, 3);
    put_number(bytes, 1);
    put_number(bytes + 24, 1);
    assert_true(neuron_foreign_neff_recognize(bytes, FILE_BYTES, &foreign));
    assert_int_equal(foreign.version_major, 1);
}

static void
a_file_that_differs_in_one_number_is_none(void **state)
{
    static const struct {
        size_t at;
        uint64_t number;
    } wrong[] = {{0, 0},    {0, 3},           {8, 1023},  {16, 0},
                 {16, 513}, {16, UINT64_MAX}, {24, 5000}, {32, 5000}};
    struct neuron_foreign_neff foreign = {.version_major = 77};
    unsigned char bytes[FILE_BYTES];

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i += 1) {
        make_foreign(bytes);
        put_number(bytes + wrong[i].at, wrong[i].number);
        assert_false(neuron_foreign_neff_recognize(bytes, FILE_BYTES, &foreign));
    }
    make_foreign(bytes);
    memset(bytes + 40, 'b', 128);
    assert_false(neuron_foreign_neff_recognize(bytes, FILE_BYTES, &foreign));
    make_foreign(bytes);
    bytes[221] = 1;
    assert_false(neuron_foreign_neff_recognize(bytes, FILE_BYTES, &foreign));
    make_foreign(bytes);
    assert_false(neuron_foreign_neff_recognize(bytes, 1024, &foreign));
    assert_int_equal(foreign.version_major, 77);
}

static void
expect_refusal(const struct neuron_error *error, const char *name)
{
    assert_contains(error->text, name);
    assert_contains(error->text, "is a NEFF of version 2.3 for NeuronCores");
    assert_contains(error->text, "compile the ONNX file anew with neuron-cc");
}

static void
a_foreign_file_is_not_loaded(void **state)
{
    unsigned char bytes[FILE_BYTES];
    struct neuron_model *model = NULL;
    struct neuron_error error = {0};
    char path[TEST_PATH_BYTES];

    make_foreign(bytes);
    FILE *file = fopen(test_folder_path(*state, "aws.neff", path), "wbe");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, sizeof(bytes), 1, file), 1);
    assert_int_equal(fclose(file), 0);
    assert_status(NEURON_UNSUPPORTED_MODEL, neuron_model_load(path, &model, &error), &error);
    expect_refusal(&error, "aws.neff");
    assert_status(NEURON_UNSUPPORTED_MODEL,
                  neuron_model_load_bytes(bytes, sizeof(bytes), &model, &error), &error);
    expect_refusal(&error, "the model in memory");
    assert_null(model);
}

static void
a_wrong_size_leads_no_further_than_to_the_header(void **state)
{
    /* On the heap, so that a sanitizer sees who reads behind it. */
    unsigned char *header = malloc(NEURON_FOREIGN_NEFF_HEADER_BYTES);
    unsigned char bytes[FILE_BYTES];
    struct neuron_model *model = NULL;
    struct neuron_error error = {0};

    (void)state;
    assert_non_null(header);
    make_foreign(bytes);
    memcpy(header, bytes, NEURON_FOREIGN_NEFF_HEADER_BYTES);
    assert_status(NEURON_UNSUPPORTED_MODEL,
                  neuron_model_load_bytes(header, sizeof(bytes), &model, &error), &error);
    expect_refusal(&error, "the model in memory");
    free(header);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_foreign_file_is_recognised_with_its_version),
        cmocka_unit_test(a_file_that_differs_in_one_number_is_none),
        cmocka_unit_test_setup_teardown(a_foreign_file_is_not_loaded, test_folder_setup,
                                        test_folder_teardown),
        cmocka_unit_test(a_wrong_size_leads_no_further_than_to_the_header),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
