/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <string.h>

#include "neff/neff_header.h"

static struct neuron_neff_header
sample_header(void)
{
    struct neuron_neff_header header = {
        .version_major = NEURON_NEFF_VERSION_MAJOR,
        .version_minor = NEURON_NEFF_VERSION_MINOR,
        .core_count = 1,
        .file_bytes = 0x1122334455667000,
        .graph = {.offset = 1024, .size_bytes = 3000},
        .weights = {.offset = 4096, .size_bytes = 0x1122334455666000},
        .name = "resnet50",
        .build = "neuron 0.1.0",
    };

    memset(header.graph.checksum.bytes, 0xAB, sizeof(header.graph.checksum.bytes));
    memset(header.weights.checksum.bytes, 0xCD, sizeof(header.weights.checksum.bytes));
    memset(header.uuid.bytes, 0xEF, sizeof(header.uuid.bytes));
    return header;
}

static void
expect_refusal(const struct neuron_neff_header *header, enum neuron_status status, const char *text)
{
    unsigned char bytes[NEURON_NEFF_HEADER_BYTES];
    struct neuron_neff_header decoded = {.core_count = 77};
    struct neuron_error error;

    neuron_neff_header_encode(header, bytes);
    assert_status(status, neuron_neff_header_decode(bytes, &decoded, &error), &error);
    assert_contains(error.text, text);
    assert_int_equal(decoded.core_count, 77);
}

/* The checksum of a header whose bytes were changed by hand. */
static void
seal(unsigned char *bytes)
{
    const size_t covered = NEURON_NEFF_HEADER_BYTES - NEURON_NEFF_CHECKSUM_BYTES;
    struct neuron_neff_checksum checksum = neuron_neff_checksum_of(bytes, covered);

    memcpy(bytes + covered, checksum.bytes, sizeof(checksum.bytes));
}

static void
decode_gives_back_what_was_encoded(void **state)
{
    struct neuron_neff_header header = sample_header();
    struct neuron_neff_header decoded = {0};
    unsigned char bytes[NEURON_NEFF_HEADER_BYTES];
    struct neuron_error error;

    (void)state;
    neuron_neff_header_encode(&header, bytes);
    assert_ok(neuron_neff_header_decode(bytes, &decoded, &error), &error);
    assert_memory_equal(&header, &decoded, sizeof(header));
}

static void
numbers_are_little_endian_at_fixed_places(void **state)
{
    static const unsigned char start[] = {
        0x89, 'N', 'E', 'F', 'F', '\r', '\n', 0x1A, 2, 0,    0,    0,    0,    0,    0,    0,
        0,    4,   0,   0,   1,   0,    0,    0,    0, 0x70, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11};
    struct neuron_neff_header header = sample_header();
    unsigned char bytes[NEURON_NEFF_HEADER_BYTES];

    (void)state;
    neuron_neff_header_encode(&header, bytes);
    assert_memory_equal(bytes, start, sizeof(start));
    assert_string_equal((const char *)bytes + 128, "resnet50");
    assert_string_equal((const char *)bytes + 384, "neuron 0.1.0");
}

static void
a_newer_minor_version_is_read(void **state)
{
    struct neuron_neff_header header = sample_header();
    struct neuron_neff_header decoded = {0};
    unsigned char bytes[NEURON_NEFF_HEADER_BYTES];
    struct neuron_error error;

    (void)state;
    header.version_minor = 7;
    neuron_neff_header_encode(&header, bytes);
    assert_ok(neuron_neff_header_decode(bytes, &decoded, &error), &error);
    assert_int_equal(decoded.version_minor, 7);
}

static void
a_newer_major_version_is_refused_with_both_versions(void **state)
{
    struct neuron_neff_header header = sample_header();

    (void)state;
    header.version_major = 3;
    expect_refusal(&header, NEURON_UNSUPPORTED_MODEL,
                   "was written by a newer version: file 3.0, this program reads up to 2.x");
}

static void
an_older_major_version_is_refused_with_both_versions(void **state)
{
    struct neuron_neff_header header = sample_header();

    (void)state;
    header.version_major = 1;
    expect_refusal(&header, NEURON_UNSUPPORTED_MODEL,
                   "was written by an older version: file 1.0, this program reads 2.x");
}

static void
a_version_that_never_was_is_damage(void **state)
{
    struct neuron_neff_header header = sample_header();

    (void)state;
    header.version_major = 0;
    expect_refusal(&header, NEURON_DAMAGED_MODEL, "there is no version 0.0");
}

static void
an_unknown_feature_is_refused(void **state)
{
    struct neuron_neff_header header = sample_header();

    (void)state;
    header.features = 0x10;
    expect_refusal(&header, NEURON_UNSUPPORTED_MODEL, "features 0x10");
}

static void
a_model_for_no_or_too_many_cores_is_refused(void **state)
{
    struct neuron_neff_header header = sample_header();

    (void)state;
    header.core_count = 0;
    expect_refusal(&header, NEURON_UNSUPPORTED_MODEL, "compiled for 0 cores");
    header.core_count = 65;
    expect_refusal(&header, NEURON_UNSUPPORTED_MODEL, "compiled for 65 cores");
}

static void
a_name_without_an_end_is_refused(void **state)
{
    struct neuron_neff_header header = sample_header();
    unsigned char bytes[NEURON_NEFF_HEADER_BYTES];
    struct neuron_error error;

    (void)state;
    neuron_neff_header_encode(&header, bytes);
    memset(bytes + 128, 'x', NEURON_NAME_LIMIT_BYTES);
    seal(bytes);
    assert_status(NEURON_DAMAGED_MODEL, neuron_neff_header_decode(bytes, &header, &error), &error);
    assert_contains(error.text, "a text in its header has no end");
}

static void
another_size_of_the_header_is_refused(void **state)
{
    struct neuron_neff_header header = sample_header();
    unsigned char bytes[NEURON_NEFF_HEADER_BYTES];
    struct neuron_error error;

    (void)state;
    neuron_neff_header_encode(&header, bytes);
    bytes[17] = 8;
    seal(bytes);
    assert_status(NEURON_DAMAGED_MODEL, neuron_neff_header_decode(bytes, &header, &error), &error);
    assert_contains(error.text, "a header of 2048 bytes");
}

static void
every_changed_bit_is_noticed(void **state)
{
    struct neuron_neff_header header = sample_header();
    unsigned char bytes[NEURON_NEFF_HEADER_BYTES];

    (void)state;
    neuron_neff_header_encode(&header, bytes);
    for (size_t bit = 0; bit < sizeof(bytes) * 8; bit += 1) {
        bytes[bit / 8] ^= (unsigned char)(1U << bit % 8);
        assert_int_equal(neuron_neff_header_decode(bytes, &header, NULL), NEURON_DAMAGED_MODEL);
        bytes[bit / 8] ^= (unsigned char)(1U << bit % 8);
    }
}

static void
sizes_that_fit_the_file_pass(void **state)
{
    struct neuron_neff_header header = sample_header();
    struct neuron_error error;

    (void)state;
    assert_ok(neuron_neff_header_check_sizes(&header, header.file_bytes, &error), &error);
}

static void
a_file_of_another_length_is_refused_with_both_numbers(void **state)
{
    struct neuron_neff_header header = sample_header();
    struct neuron_error error;

    (void)state;
    header.file_bytes = 5000;
    assert_status(NEURON_DAMAGED_MODEL, neuron_neff_header_check_sizes(&header, 4999, &error),
                  &error);
    assert_contains(error.text, "it is 4999 bytes long and was written with 5000");
}

static void
expect_bad_sizes(const struct neuron_neff_header *header, const char *text)
{
    struct neuron_error error;

    assert_status(NEURON_DAMAGED_MODEL,
                  neuron_neff_header_check_sizes(header, header->file_bytes, &error), &error);
    assert_contains(error.text, text);
}

static void
sections_that_lie_elsewhere_are_refused(void **state)
{
    struct neuron_neff_header inside_header = sample_header();
    struct neuron_neff_header wrapped = sample_header();
    struct neuron_neff_header overlapping = sample_header();
    struct neuron_neff_header unaligned = sample_header();
    struct neuron_neff_header too_long = sample_header();
    struct neuron_neff_header too_short = sample_header();

    (void)state;
    inside_header.graph.offset = 1023;
    expect_bad_sizes(&inside_header, "its graph");
    wrapped.graph.size_bytes = UINT64_MAX - 100;
    expect_bad_sizes(&wrapped, "its graph");
    overlapping.graph.size_bytes = 4000;
    expect_bad_sizes(&overlapping, "its graph");
    unaligned.weights.offset += 64;
    unaligned.weights.size_bytes -= 64;
    expect_bad_sizes(&unaligned, "its weights");
    too_long.weights.size_bytes = UINT64_MAX - 100;
    expect_bad_sizes(&too_long, "its weights");
    too_short.weights.size_bytes -= 1;
    expect_bad_sizes(&too_short, "its weights");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decode_gives_back_what_was_encoded),
        cmocka_unit_test(numbers_are_little_endian_at_fixed_places),
        cmocka_unit_test(a_newer_minor_version_is_read),
        cmocka_unit_test(a_newer_major_version_is_refused_with_both_versions),
        cmocka_unit_test(an_older_major_version_is_refused_with_both_versions),
        cmocka_unit_test(a_version_that_never_was_is_damage),
        cmocka_unit_test(an_unknown_feature_is_refused),
        cmocka_unit_test(a_model_for_no_or_too_many_cores_is_refused),
        cmocka_unit_test(a_name_without_an_end_is_refused),
        cmocka_unit_test(another_size_of_the_header_is_refused),
        cmocka_unit_test(every_changed_bit_is_noticed),
        cmocka_unit_test(sizes_that_fit_the_file_pass),
        cmocka_unit_test(a_file_of_another_length_is_refused_with_both_numbers),
        cmocka_unit_test(sections_that_lie_elsewhere_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
