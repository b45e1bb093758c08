/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <stdio.h>
#include <string.h>

#include "neuron/npy.h"

enum { FILE_LIMIT_BYTES = 70000 };

static const unsigned char magic_and_version[] = {0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0};

/* Puts a file together from a dict and a number of payload bytes; returns its size. */
static size_t
make_file(unsigned char *file, const char *dict, size_t payload_bytes)
{
    size_t length = strlen(dict);

    memset(file, 0, FILE_LIMIT_BYTES);
    memcpy(file, magic_and_version, sizeof(magic_and_version));
    file[8] = (unsigned char)(length & 0xFF);
    file[9] = (unsigned char)(length >> 8);
    for (size_t i = 0; i < length; i += 1) {
        file[10 + i] = (unsigned char)dict[i];
    }
    return 10 + length + payload_bytes;
}

static enum neuron_status
parse(const char *dict, size_t payload_bytes, struct neuron_npy_description *description,
      struct neuron_error *error)
{
    static unsigned char file[FILE_LIMIT_BYTES];

    return neuron_npy_parse(file, make_file(file, dict, payload_bytes), description, error);
}

/* A dict that is refused, and what the reason must speak of. */
struct refusal {
    const char *dict;
    enum neuron_status status;
    const char *reason;
};

static void
assert_refused(const struct refusal *refusals, size_t count)
{
    for (size_t i = 0; i < count; i += 1) {
        struct neuron_npy_description description = {.payload_size_bytes = 77};
        struct neuron_error error = {0};

        assert_status(refusals[i].status, parse(refusals[i].dict, 24, &description, &error),
                      &error);
        assert_contains(error.text, refusals[i].reason);
        assert_int_equal(description.payload_size_bytes, 77);
    }
}

static void
a_file_of_numpy_is_read(void **state)
{
    struct neuron_npy_description found = {0};
    struct neuron_error error = {0};

    (void)state;
    assert_ok(parse("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }      \n", 24,
                    &found, &error),
              &error);
    assert_int_equal(found.shape.type, NEURON_FLOAT32);
    assert_int_equal(found.shape.rank, 2);
    assert_int_equal(found.shape.dims[0], 2);
    assert_int_equal(found.shape.dims[1], 3);
    assert_int_equal(found.payload_size_bytes, 24);
}

static void
every_spelling_of_the_dict_is_read(void **state)
{
    static const char *const dicts[] = {
        "{\"shape\":(2,3),\"descr\":\"<f4\",\"fortran_order\":False}",
        "  {'fortran_order' : False ,\t'shape' : ( 2L , 3L , ) , 'descr' : '<f4'} \n\n",
        "{'descr':'<i8','fortran_order':True,'shape':(3,),}",
        "{'descr':'<i8','fortran_order':True,'shape':(1,3,1),}",
        "{'descr':'|u1','fortran_order':False,'shape':(24,)}",
        "{'descr':'<b1','fortran_order':False,'shape':(24,1)}",
        "{'descr':'<f2','fortran_order':False,'shape':(1,1,1,1,1,1,1,12)}",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(dicts) / sizeof(dicts[0]); i += 1) {
        struct neuron_npy_description found = {0};
        struct neuron_error error = {0};

        assert_ok(parse(dicts[i], 24, &found, &error), &error);
        assert_int_equal(found.payload_size_bytes, 24);
    }
}

static void
an_empty_tuple_is_one_element(void **state)
{
    struct neuron_npy_description found = {0};
    struct neuron_error error = {0};

    (void)state;
    assert_ok(parse("{'descr':'<f8','fortran_order':False,'shape':()}", 8, &found, &error), &error);
    assert_int_equal(found.shape.rank, 0);
    assert_int_equal(found.payload_size_bytes, 8);
}

static void
an_array_without_elements_has_no_payload(void **state)
{
    struct neuron_npy_description found = {0};
    struct neuron_error error = {0};

    (void)state;
    assert_ok(parse("{'descr':'<f8','fortran_order':False,'shape':(0,3)}", 0, &found, &error),
              &error);
    assert_int_equal(found.shape.dims[0], 0);
    assert_int_equal(found.payload_size_bytes, 0);
}

static void
versions_2_and_3_have_a_longer_length(void **state)
{
    static const char dict[] = "{'descr':'<f4','fortran_order':False,'shape':(6,)}";
    unsigned char file[256] = "\x93NUMPY\x02\x00";
    struct neuron_npy_description found = {0};
    struct neuron_error error = {0};

    (void)state;
    file[8] = sizeof(dict) - 1;
    memcpy(file + 12, dict, sizeof(dict) - 1);
    for (unsigned char major = 2; major <= 3; major += 1) {
        file[6] = major;
        assert_ok(neuron_npy_parse(file, 12 + sizeof(dict) - 1 + 24, &found, &error), &error);
        assert_int_equal(found.payload_offset_bytes, 12 + sizeof(dict) - 1);
    }
}

static void
other_files_and_versions_are_refused(void **state)
{
    static unsigned char file[FILE_LIMIT_BYTES];
    struct neuron_npy_description found = {0};
    struct neuron_error error = {0};
    size_t size = make_file(file, "{'descr':'<f4','fortran_order':False,'shape':(6,)}", 24);

    (void)state;
    assert_status(NEURON_INVALID_SYNTAX, neuron_npy_parse(NULL, 0, &found, &error), &error);
    assert_contains(error.text, "empty");
    assert_status(NEURON_INVALID_SYNTAX, neuron_npy_parse("PK\3\4.....", 9, &found, &error),
                  &error);
    assert_contains(error.text, "not an npy file");
    file[6] = 4;
    assert_status(NEURON_INVALID_ARGUMENT, neuron_npy_parse(file, size, &found, &error), &error);
    assert_contains(error.text, "version 4.0");
    file[6] = 1;
    file[7] = 1;
    assert_status(NEURON_INVALID_ARGUMENT, neuron_npy_parse(file, size, &found, &error), &error);
}

static void
a_file_cut_anywhere_is_refused(void **state)
{
    static unsigned char file[FILE_LIMIT_BYTES];
    size_t size = make_file(file, "{'descr':'<f4','fortran_order':False,'shape':(6,)}", 24);

    (void)state;
    for (size_t length = 0; length < size; length += 1) {
        struct neuron_npy_description found = {0};
        struct neuron_error error = {0};

        assert_status(NEURON_INVALID_SYNTAX, neuron_npy_parse(file, length, &found, &error),
                      &error);
    }
}

static void
a_file_that_is_too_long_is_refused(void **state)
{
    struct neuron_npy_description found = {0};
    struct neuron_error error = {0};

    (void)state;
    assert_status(NEURON_INVALID_SYNTAX,
                  parse("{'descr':'<f4','fortran_order':False,'shape':(6,)}", 25, &found, &error),
                  &error);
    assert_contains(error.text, "holds 25 bytes");
    assert_contains(error.text, "takes 24");
}

static void
a_header_beyond_the_limit_is_refused(void **state)
{
    unsigned char file[64] = "\x93NUMPY\x02\x00\x01\x00\x01\x00";
    struct neuron_npy_description found = {0};
    struct neuron_error error = {0};

    (void)state;
    assert_status(NEURON_INVALID_SYNTAX, neuron_npy_parse(file, 1 << 20, &found, &error), &error);
    assert_contains(error.text, "65537 bytes");
}

static void
what_is_no_dict_is_refused(void **state)
{
    static const struct refusal refusals[] = {
        {"", NEURON_INVALID_SYNTAX, "no Python dict"},
        {"('descr', '<f4')", NEURON_INVALID_SYNTAX, "no Python dict"},
        {"{'descr':'<f4','fortran_order':False,'shape':(6,)", NEURON_INVALID_SYNTAX, "no Python"},
        {"{'descr':'<f4','fortran_order':False,'shape':(6,)} x", NEURON_INVALID_SYNTAX, "no Pyt"},
        {"{'descr':'<f4' 'fortran_order':False,'shape':(6,)}", NEURON_INVALID_SYNTAX, "no Python"},
        {"{'descr':'<f4',,'fortran_order':False,'shape':(6,)}", NEURON_INVALID_SYNTAX, "no Pyth"},
        {"{descr:'<f4','fortran_order':False,'shape':(6,)}", NEURON_INVALID_SYNTAX, "no Python"},
        {"{'descr:'<f4','fortran_order':False,'shape':(6,)}", NEURON_INVALID_SYNTAX, "no Python"},
        {"{'descr' '<f4','fortran_order':False,'shape':(6,)}", NEURON_INVALID_SYNTAX, "no Python"},
        {"{'de\\x73cr':'<f4','fortran_order':False,'shape':(6,)}", NEURON_INVALID_SYNTAX, "no P"},
    };

    (void)state;
    assert_refused(refusals, sizeof(refusals) / sizeof(refusals[0]));
}

static void
keys_are_exactly_the_three(void **state)
{
    static const struct refusal refusals[] = {
        {"{}", NEURON_INVALID_SYNTAX, "'descr' is missing"},
        {"{'descr':'<f4','shape':(6,)}", NEURON_INVALID_SYNTAX, "'fortran_order' is missing"},
        {"{'descr':'<f4','fortran_order':False}", NEURON_INVALID_SYNTAX, "'shape' is missing"},
        {"{'descr':'<f4','descr':'<f4','fortran_order':False,'shape':(6,)}", NEURON_INVALID_SYNTAX,
         "'descr' stands there twice"},
        {"{'descr':'<f4','fortran_order':False,'shape':(6,),'x':1}", NEURON_INVALID_SYNTAX,
         "unknown key 'x'"},
        {"{'descr':'<f4','fortran_order':0,'shape':(6,)}", NEURON_INVALID_SYNTAX, "neither True"},
        {"{'descr':'<f4','fortran_order':Falsehood,'shape':(6,)}", NEURON_INVALID_SYNTAX,
         "neither True"},
    };

    (void)state;
    assert_refused(refusals, sizeof(refusals) / sizeof(refusals[0]));
}

static void
types_that_models_lack_are_refused_by_name(void **state)
{
    static const struct refusal refusals[] = {
        {"{'descr':'|O','fortran_order':False,'shape':(3,)}", NEURON_INVALID_ARGUMENT, "objects"},
        {"{'descr':[('a','<f4')],'fortran_order':False,'shape':(6,)}", NEURON_INVALID_ARGUMENT,
         "structured"},
        {"{'descr':('<f4',(2,)),'fortran_order':False,'shape':(3,)}", NEURON_INVALID_ARGUMENT,
         "structured"},
        {"{'descr':'>f4','fortran_order':False,'shape':(6,)}", NEURON_INVALID_ARGUMENT,
         "'>f4' is not little endian"},
        {"{'descr':'|f4','fortran_order':False,'shape':(6,)}", NEURON_INVALID_ARGUMENT, "'|f4'"},
        {"{'descr':'<c8','fortran_order':False,'shape':(3,)}", NEURON_INVALID_ARGUMENT, "'<c8'"},
        {"{'descr':'<u2','fortran_order':False,'shape':(12,)}", NEURON_INVALID_ARGUMENT, "'<u2'"},
        {"{'descr':'<f16','fortran_order':False,'shape':(3,)}", NEURON_INVALID_ARGUMENT, "'<f16'"},
        {"{'descr':'<U5','fortran_order':False,'shape':(6,)}", NEURON_INVALID_ARGUMENT, "'<U5'"},
        {"{'descr':'','fortran_order':False,'shape':(6,)}", NEURON_INVALID_ARGUMENT, "''"},
        {"{'descr':4,'fortran_order':False,'shape':(6,)}", NEURON_INVALID_SYNTAX, "no string"},
    };

    (void)state;
    assert_refused(refusals, sizeof(refusals) / sizeof(refusals[0]));
}

static void
shapes_that_cannot_be_are_refused(void **state)
{
    static const struct refusal refusals[] = {
        {"{'descr':'<f4','fortran_order':False,'shape':(6)}", NEURON_INVALID_SYNTAX, "no tuple"},
        {"{'descr':'<f4','fortran_order':False,'shape':6}", NEURON_INVALID_SYNTAX, "no tuple"},
        {"{'descr':'<f4','fortran_order':False,'shape':[6]}", NEURON_INVALID_SYNTAX, "no tuple"},
        {"{'descr':'<f4','fortran_order':False,'shape':(6,,)}", NEURON_INVALID_SYNTAX, "no tuple"},
        {"{'descr':'<f4','fortran_order':False,'shape':(06,)}", NEURON_INVALID_SYNTAX, "no tuple"},
        {"{'descr':'<f4','fortran_order':False,'shape':(6.0,)}", NEURON_INVALID_SYNTAX, "no tup"},
        {"{'descr':'<f4','fortran_order':False,'shape':(-6,)}", NEURON_INVALID_SYNTAX,
         "dimension 0 is negative"},
        {"{'descr':'<f4','fortran_order':False,'shape':(1,9223372036854775808)}",
         NEURON_INVALID_SYNTAX, "dimension 1 is above 2^63"},
        {"{'descr':'<f4','fortran_order':False,'shape':(4294967296,4294967296)}",
         NEURON_INVALID_SYNTAX, "larger than any file"},
        {"{'descr':'<f4','fortran_order':False,'shape':(0,9223372036854775807)}",
         NEURON_INVALID_SYNTAX, "larger than any file"},
        {"{'descr':'<f4','fortran_order':False,'shape':(1,1,1,1,1,1,1,1,6)}",
         NEURON_INVALID_ARGUMENT, "more than 8 dimensions"},
        {"{'descr':'<f4','fortran_order':True,'shape':(2,3)}", NEURON_INVALID_ARGUMENT, "Fortran"},
    };

    (void)state;
    assert_refused(refusals, sizeof(refusals) / sizeof(refusals[0]));
}

static void
a_header_is_written_as_numpy_does(void **state)
{
    static const char expected[] =
        "\x93NUMPY\x01\x00\x76\x00{'descr': '<f4', 'fortran_order': False, 'shape': (20000, 10), }"
        "                                                     \n";
    struct neuron_tensor_shape shape = {.type = NEURON_FLOAT32, .rank = 2, .dims = {20000, 10}};
    char bytes[NEURON_NPY_WRITTEN_LIMIT_BYTES] = "";
    size_t size = 0;
    struct neuron_error error = {0};

    (void)state;
    assert_ok(neuron_npy_format(&shape, bytes, &size, &error), &error);
    assert_int_equal(size, sizeof(expected) - 1);
    assert_memory_equal(bytes, expected, size);
}

static void
assert_read_back(const struct neuron_tensor_shape *shape)
{
    char file[NEURON_NPY_WRITTEN_LIMIT_BYTES + 64] = "";
    struct neuron_npy_description found = {0};
    struct neuron_error error = {0};
    size_t size = 0;

    assert_ok(neuron_npy_format(shape, file, &size, &error), &error);
    assert_int_equal(size % 64, 0);
    size += neuron_tensor_shape_size_bytes(shape);
    assert_ok(neuron_npy_parse(file, size, &found, &error), &error);
    assert_true(neuron_tensor_shape_equals(&found.shape, shape));
}

static void
what_is_written_is_read_back(void **state)
{
    static const enum neuron_type types[] = {NEURON_FLOAT32, NEURON_FLOAT64, NEURON_FLOAT16,
                                             NEURON_INT8,    NEURON_UINT8,   NEURON_INT32,
                                             NEURON_INT64,   NEURON_BOOL};

    (void)state;
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i += 1) {
        struct neuron_tensor_shape shape = {.type = types[i]};

        assert_read_back(&shape);
        for (uint32_t rank = 1; rank <= NEURON_RANK_LIMIT; rank += 1) {
            shape.rank = rank;
            shape.dims[rank - 1] = rank < 3 ? 2 : 1;
            assert_read_back(&shape);
        }
    }
}

static void
the_longest_shape_fits(void **state)
{
    struct neuron_tensor_shape shape = {.type = NEURON_FLOAT32, .rank = NEURON_RANK_LIMIT};
    char bytes[NEURON_NPY_WRITTEN_LIMIT_BYTES] = "";
    size_t size = 0;
    struct neuron_error error = {0};

    (void)state;
    for (int i = 0; i < NEURON_RANK_LIMIT; i += 1) {
        shape.dims[i] = INT64_MAX;
    }
    assert_ok(neuron_npy_format(&shape, bytes, &size, &error), &error);
    assert_int_equal(size % 64, 0);
    assert_int_equal(bytes[size - 1], '\n');
}

static void
bfloat16_is_written_as_bytes_and_not_read(void **state)
{
    static const struct refusal refusals[] = {
        {"{'descr': '<V2', 'fortran_order': False, 'shape': (12,), }\n", NEURON_INVALID_ARGUMENT,
         "'<V2', bytes without a meaning"},
    };
    struct neuron_tensor_shape shape = {.type = NEURON_BFLOAT16, .rank = 1, .dims = {12}};
    char bytes[NEURON_NPY_WRITTEN_LIMIT_BYTES] = "";
    size_t size = 0;
    struct neuron_error error = {0};

    (void)state;
    assert_ok(neuron_npy_format(&shape, bytes, &size, &error), &error);
    assert_contains(bytes + 10, "'descr': '<V2'");
    assert_refused(refusals, 1);
}

static void
what_is_no_type_is_not_written(void **state)
{
    struct neuron_tensor_shape shape = {.type = NEURON_NO_TYPE, .rank = 1, .dims = {3}};
    char bytes[NEURON_NPY_WRITTEN_LIMIT_BYTES] = "";
    size_t size = 0;
    struct neuron_error error = {0};

    (void)state;
    assert_status(NEURON_INVALID_ARGUMENT, neuron_npy_format(&shape, bytes, &size, &error), &error);
    assert_contains(error.text, "no type");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_of_numpy_is_read),
        cmocka_unit_test(every_spelling_of_the_dict_is_read),
        cmocka_unit_test(an_empty_tuple_is_one_element),
        cmocka_unit_test(an_array_without_elements_has_no_payload),
        cmocka_unit_test(versions_2_and_3_have_a_longer_length),
        cmocka_unit_test(other_files_and_versions_are_refused),
        cmocka_unit_test(a_file_cut_anywhere_is_refused),
        cmocka_unit_test(a_file_that_is_too_long_is_refused),
        cmocka_unit_test(a_header_beyond_the_limit_is_refused),
        cmocka_unit_test(what_is_no_dict_is_refused),
        cmocka_unit_test(keys_are_exactly_the_three),
        cmocka_unit_test(types_that_models_lack_are_refused_by_name),
        cmocka_unit_test(shapes_that_cannot_be_are_refused),
        cmocka_unit_test(a_header_is_written_as_numpy_does),
        cmocka_unit_test(what_is_written_is_read_back),
        cmocka_unit_test(the_longest_shape_fits),
        cmocka_unit_test(bfloat16_is_written_as_bytes_and_not_read),
        cmocka_unit_test(what_is_no_type_is_not_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
