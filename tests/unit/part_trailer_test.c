/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <string.h>

#include "score/part_trailer.h"

static const struct neuron_part_footer usual = {.world_size = 3,
                                                .rows = 20000,
                                                .payload_end_bytes = 800128,
                                                .start_ns = 1700000000123456789,
                                                .fingerprint = 0xFEDCBA9876543210,
                                                .job_id = "node7-4242-99"};

enum { USUAL_FILE_BYTES = 800128 + 3 * NEURON_PART_RECORD_BYTES + NEURON_PART_FOOTER_BYTES };

static void
a_footer_is_read_back(void **state)
{
    unsigned char bytes[NEURON_PART_FOOTER_BYTES];
    struct neuron_part_footer found = {0};

    (void)state;
    neuron_part_footer_encode(&usual, bytes);
    assert_true(neuron_part_footer_decode(bytes, USUAL_FILE_BYTES, &found));
    assert_int_equal(found.world_size, usual.world_size);
    assert_int_equal(found.rows, usual.rows);
    assert_int_equal(found.payload_end_bytes, usual.payload_end_bytes);
    assert_int_equal(found.start_ns, usual.start_ns);
    assert_int_equal(found.fingerprint, usual.fingerprint);
    assert_string_equal(found.job_id, usual.job_id);
}

static void
a_footer_of_another_file_size_is_none(void **state)
{
    unsigned char bytes[NEURON_PART_FOOTER_BYTES];
    struct neuron_part_footer found = {0};

    (void)state;
    neuron_part_footer_encode(&usual, bytes);
    assert_false(neuron_part_footer_decode(bytes, USUAL_FILE_BYTES - 1, &found));
    assert_false(neuron_part_footer_decode(bytes, USUAL_FILE_BYTES + 1, &found));
    assert_int_equal(found.rows, 0);
}

static void
a_damaged_footer_is_none(void **state)
{
    /* Magic, version, world size of nearly 2^32, payload end of nearly 2^64. */
    static const size_t positions[] = {0, 15, 16, 23, 39};

    (void)state;
    for (size_t i = 0; i < sizeof(positions) / sizeof(positions[0]); i += 1) {
        unsigned char bytes[NEURON_PART_FOOTER_BYTES];
        struct neuron_part_footer found = {0};

        neuron_part_footer_encode(&usual, bytes);
        bytes[positions[i]] = 0xFF;
        assert_false(neuron_part_footer_decode(bytes, USUAL_FILE_BYTES, &found));
    }
}

static void
a_footer_without_ranks_or_with_an_endless_name_is_none(void **state)
{
    struct neuron_part_footer empty = usual;
    unsigned char bytes[NEURON_PART_FOOTER_BYTES];
    struct neuron_part_footer found = {0};

    (void)state;
    empty.world_size = 0;
    neuron_part_footer_encode(&empty, bytes);
    assert_false(neuron_part_footer_decode(bytes, USUAL_FILE_BYTES, &found));
    neuron_part_footer_encode(&usual, bytes);
    memset(bytes + 56, 'x', NEURON_PART_FOOTER_BYTES - 56);
    assert_false(neuron_part_footer_decode(bytes, USUAL_FILE_BYTES, &found));
}

static void
a_record_is_read_back(void **state)
{
    (void)state;
    for (int i = NEURON_PART_WAITING; i <= NEURON_PART_DONE; i += 1) {
        struct neuron_part_record record = {.state = (enum neuron_part_state)i, .core_count = 1000};
        struct neuron_part_record found = {0};
        unsigned char bytes[NEURON_PART_RECORD_BYTES];

        neuron_part_record_encode(&record, bytes);
        assert_true(neuron_part_record_decode(bytes, &found));
        assert_int_equal(found.state, record.state);
        assert_int_equal(found.core_count, 1000);
    }
}

static void
zeros_are_a_rank_that_waits(void **state)
{
    const unsigned char bytes[NEURON_PART_RECORD_BYTES] = {0};
    struct neuron_part_record found = {.state = NEURON_PART_DONE, .core_count = 7};

    (void)state;
    assert_true(neuron_part_record_decode(bytes, &found));
    assert_int_equal(found.state, NEURON_PART_WAITING);
    assert_int_equal(found.core_count, 0);
}

static void
a_record_of_an_unknown_state_is_none(void **state)
{
    const unsigned char bytes[NEURON_PART_RECORD_BYTES] = {NEURON_PART_DONE + 1};
    struct neuron_part_record found = {0};

    (void)state;
    assert_false(neuron_part_record_decode(bytes, &found));
}

static void
a_file_that_no_disk_holds_has_no_size(void **state)
{
    uint64_t size = 0;

    (void)state;
    assert_true(neuron_part_file_size(0, 1, &size));
    assert_int_equal(size, NEURON_PART_RECORD_BYTES + NEURON_PART_FOOTER_BYTES);
    assert_false(neuron_part_file_size(UINT64_MAX, 1, &size));
    assert_false(neuron_part_file_size((uint64_t)1 << 60, 1, &size));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_footer_is_read_back),
        cmocka_unit_test(a_footer_of_another_file_size_is_none),
        cmocka_unit_test(a_damaged_footer_is_none),
        cmocka_unit_test(a_footer_without_ranks_or_with_an_endless_name_is_none),
        cmocka_unit_test(a_record_is_read_back),
        cmocka_unit_test(zeros_are_a_rank_that_waits),
        cmocka_unit_test(a_record_of_an_unknown_state_is_none),
        cmocka_unit_test(a_file_that_no_disk_holds_has_no_size),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
