/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <stdlib.h>
#include <string.h>

#include "score/lease_message.h"

static struct neuron_piece_sum sums[] = {{0x0123456789ABCDEF, 0x89ABCDEF}, {1, 2}};
static struct neuron_row_failure failures[] = {
    {.row = 4100, .stage = NEURON_BAD_CRASH, .attempts = 2, .input = 1, .reason = "killed"}};
static struct neuron_lease_span spans[] = {
    {.nc = 1, .core = 9, .begin_ns = 10, .end_ns = 30, .rows = 512}};

#define COUNTERS                              \
    {                                         \
        1, 2, 3, 4, 5, 6, 7, 8, 9, UINT64_MAX \
    }

/* One message of every kind, each field of the kind different from 0. */
static const struct neuron_lease_message samples[] = {
    {.kind = NEURON_LEASE_HELLO,
     .rank = 3,
     .world_size = 8,
     .digest = UINT64_MAX,
     .round_rows = 16,
     .core_count = 2,
     .pid = 4242,
     .start_ticks = 77,
     .start_ns = 88,
     .host = "node-7",
     .cores = "4-5"},
    {.kind = NEURON_LEASE_ASK, .rank = 3, .wanted = 2, .running_rows = 9, .counters = COUNTERS},
    {.kind = NEURON_LEASE_DONE,
     .rank = 3,
     .counters = COUNTERS,
     .end = {.id = 5, .busy_ns = 6, .nc = 7},
     .rows = {.first = 4096, .count = 512},
     .sum_count = 2,
     .sums = sums,
     .failure_count = 1,
     .failures = failures,
     .span_count = 1,
     .spans = spans,
     .chunk_ns = 11,
     .audit_differs = true},
    {.kind = NEURON_LEASE_FAIL,
     .rank = 3,
     .score_end = NEURON_SCORE_BROKEN,
     .status = NEURON_SYSTEM,
     .text = "disk"},
    {.kind = NEURON_LEASE_BYE, .rank = 3, .counters = COUNTERS},
    {.kind = NEURON_LEASE_WELCOME},
    {.kind = NEURON_LEASE_GIVE,
     .lease = {.id = 9,
               .kind = NEURON_LEASE_SUSPECT,
               .rows = {.first = 1, .count = 2},
               .rank = 3,
               .is_copy = true,
               .avoid_nc = UINT32_MAX}},
    {.kind = NEURON_LEASE_DRY},
    {.kind = NEURON_LEASE_DROP, .lease = {.id = 9, .rows = {.first = 1, .count = 2}}},
    {.kind = NEURON_LEASE_STOP,
     .score_end = NEURON_SCORE_INTERRUPTED,
     .done_rows = 12,
     .text = "stopped"},
};

enum { SAMPLE_COUNT = sizeof(samples) / sizeof(samples[0]) };

/* The bytes of a sample, which the caller frees. */
static unsigned char *
encode(const struct neuron_lease_message *message, size_t *size_bytes)
{
    struct neuron_error error = {0};
    unsigned char *bytes = NULL;

    assert_ok(neuron_lease_message_encode(message, &bytes, size_bytes, &error), &error);
    return bytes;
}

static void
assert_same_lists(const struct neuron_lease_message *left, const struct neuron_lease_message *right)
{
    assert_int_equal(left->sum_count, right->sum_count);
    assert_int_equal(left->failure_count, right->failure_count);
    assert_int_equal(left->span_count, right->span_count);
    for (uint32_t i = 0; i < left->sum_count; i += 1) {
        assert_int_equal(left->sums[i].xxh3, right->sums[i].xxh3);
        assert_int_equal(left->sums[i].crc32, right->sums[i].crc32);
    }
    for (uint32_t i = 0; i < left->failure_count; i += 1) {
        assert_memory_equal(&left->failures[i], &right->failures[i], sizeof(left->failures[i]));
    }
    for (uint32_t i = 0; i < left->span_count; i += 1) {
        assert_memory_equal(&left->spans[i], &right->spans[i], sizeof(left->spans[i]));
    }
}

static void
assert_same(const struct neuron_lease_message *left, const struct neuron_lease_message *right)
{
    assert_int_equal(left->kind, right->kind);
    assert_int_equal(left->rank, right->rank);
    assert_int_equal(left->digest, right->digest);
    assert_int_equal(left->start_ns, right->start_ns);
    assert_string_equal(left->host, right->host);
    assert_string_equal(left->cores, right->cores);
    assert_int_equal(left->wanted, right->wanted);
    assert_memory_equal(&left->counters, &right->counters, sizeof(left->counters));
    assert_int_equal(left->end.id, right->end.id);
    assert_int_equal(left->end.nc, right->end.nc);
    assert_int_equal(left->rows.first, right->rows.first);
    assert_int_equal(left->rows.count, right->rows.count);
    assert_int_equal(left->audit_differs, right->audit_differs);
    assert_int_equal(left->lease.id, right->lease.id);
    assert_int_equal(left->lease.kind, right->lease.kind);
    assert_int_equal(left->lease.avoid_nc, right->lease.avoid_nc);
    assert_int_equal(left->score_end, right->score_end);
    assert_int_equal(left->status, right->status);
    assert_int_equal(left->done_rows, right->done_rows);
    assert_string_equal(left->text, right->text);
    assert_same_lists(left, right);
}

static void
what_is_encoded_decodes_to_the_same(void **state)
{
    (void)state;
    for (size_t i = 0; i < SAMPLE_COUNT; i += 1) {
        struct neuron_lease_message decoded = {0};
        struct neuron_error error = {0};
        size_t size_bytes = 0;
        unsigned char *bytes = encode(&samples[i], &size_bytes);

        assert_ok(neuron_lease_message_decode(bytes, size_bytes, &decoded, &error), &error);
        assert_same(&samples[i], &decoded);
        neuron_lease_message_destroy(&decoded);
        free(bytes);
    }
}

static void
no_part_of_a_message_is_one(void **state)
{
    (void)state;
    for (size_t i = 0; i < SAMPLE_COUNT; i += 1) {
        size_t size_bytes = 0;
        unsigned char *bytes = encode(&samples[i], &size_bytes);

        for (size_t cut = 0; cut < size_bytes; cut += 1) {
            struct neuron_lease_message decoded = {0};
            unsigned char *part = malloc(cut + 1);

            assert_non_null(part);
            memcpy(part, bytes, cut);
            assert_status(NEURON_INVALID_SYNTAX,
                          neuron_lease_message_decode(part, cut, &decoded, NULL), NULL);
            assert_int_equal(decoded.kind, 0);
            free(part);
        }
        free(bytes);
    }
}

static void
bytes_behind_the_end_are_refused(void **state)
{
    struct neuron_lease_message decoded = {0};
    size_t size_bytes = 0;
    unsigned char *bytes = encode(&samples[0], &size_bytes);
    unsigned char *longer = calloc(1, size_bytes + 1);

    (void)state;
    assert_non_null(longer);
    memcpy(longer, bytes, size_bytes);
    assert_status(NEURON_INVALID_SYNTAX,
                  neuron_lease_message_decode(longer, size_bytes + 1, &decoded, NULL), NULL);
    free(longer);
    free(bytes);
}

static void
another_version_is_told(void **state)
{
    struct neuron_lease_message decoded = {0};
    struct neuron_error error = {0};
    size_t size_bytes = 0;
    unsigned char *bytes = encode(&samples[0], &size_bytes);

    (void)state;
    bytes[0] = 9;
    assert_status(NEURON_INVALID_SYNTAX,
                  neuron_lease_message_decode(bytes, size_bytes, &decoded, &error), &error);
    assert_non_null(strstr(error.text, "version 9"));
    free(bytes);
}

static void
rows_beyond_all_numbers_and_kinds_that_are_none_are_refused(void **state)
{
    struct neuron_lease_message message = samples[6];
    struct neuron_lease_message decoded = {0};
    size_t size_bytes = 0;

    (void)state;
    message.lease.rows = (struct neuron_row_range){.first = UINT64_MAX, .count = 2};
    unsigned char *bytes = encode(&message, &size_bytes);
    assert_status(NEURON_INVALID_SYNTAX,
                  neuron_lease_message_decode(bytes, size_bytes, &decoded, NULL), NULL);
    bytes[1] = 99;
    assert_status(NEURON_INVALID_SYNTAX,
                  neuron_lease_message_decode(bytes, size_bytes, &decoded, NULL), NULL);
    free(bytes);
}

static void
a_count_of_more_than_the_bytes_hold_asks_for_no_memory(void **state)
{
    /* DONE with its counters and fields, and then four billion failures. */
    struct neuron_lease_message message = {.kind = NEURON_LEASE_DONE};
    struct neuron_lease_message decoded = {0};
    size_t size_bytes = 0;
    unsigned char *bytes = encode(&message, &size_bytes);

    (void)state;
    memset(bytes + size_bytes - 8, 0xFF, 4);
    assert_status(NEURON_INVALID_SYNTAX,
                  neuron_lease_message_decode(bytes, size_bytes, &decoded, NULL), NULL);
    free(bytes);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_encoded_decodes_to_the_same),
        cmocka_unit_test(no_part_of_a_message_is_one),
        cmocka_unit_test(bytes_behind_the_end_are_refused),
        cmocka_unit_test(another_version_is_told),
        cmocka_unit_test(rows_beyond_all_numbers_and_kinds_that_are_none_are_refused),
        cmocka_unit_test(a_count_of_more_than_the_bytes_hold_asks_for_no_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
