/* SPDX-License-Identifier: Apache-2.0 */
/* Tensors: where their memory is, whose it is, and how long it stays. */
#include "nrt_bench.h"

#include <stdlib.h>
#include <string.h>

#include "nrt_models.h"

enum { HOST_LIMIT = 4 * 1024 * 1024 };

static size_t
used_bytes(uint32_t vnc)
{
    nrt_vnc_memory_stats_t stats = {.bytes_used = 0};

    assert_nrt_ok(nrt_get_vnc_memory_stats(vnc, &stats, sizeof(stats), NULL));
    return stats.bytes_used;
}

static nrt_tensor_t *
tensor_of(nrt_tensor_placement_t placement, size_t size)
{
    nrt_tensor_t *tensor = NULL;

    assert_nrt_ok(nrt_tensor_allocate(placement, 0, size, "t", &tensor));
    assert_non_null(tensor);
    return tensor;
}

static void
a_new_tensor_is_zeros(void **state)
{
    static const nrt_tensor_placement_t placements[] = {NRT_TENSOR_PLACEMENT_DEVICE,
                                                        NRT_TENSOR_PLACEMENT_HOST};

    (void)state;
    for (size_t i = 0; i < sizeof(placements) / sizeof(placements[0]); i += 1) {
        static const char zeros[1000];
        char bytes[1000] = "not zero";
        nrt_tensor_t *tensor = tensor_of(placements[i], sizeof(bytes));

        assert_int_equal(nrt_tensor_get_size(tensor), sizeof(bytes));
        assert_nrt_ok(nrt_tensor_read(tensor, bytes, 0, sizeof(bytes)));
        assert_memory_equal(bytes, zeros, sizeof(bytes));
        nrt_tensor_free(&tensor);
        assert_null(tensor);
    }
}

static void
a_tensor_near_a_core_is_charged_to_its_device(void **state)
{
    size_t before = used_bytes(1);

    (void)state;
    nrt_tensor_t *tensor = tensor_of(NRT_TENSOR_PLACEMENT_DEVICE, 100000);
    assert_true(used_bytes(1) >= before + 100000);
    nrt_tensor_free(&tensor);
    assert_int_equal(used_bytes(1), before);
    tensor = tensor_of(NRT_TENSOR_PLACEMENT_HOST, 100000);
    assert_int_equal(used_bytes(1), before);
    nrt_tensor_free(&tensor);
}

static void
memory_that_is_used_up_is_a_resource(void **state)
{
    nrt_tensor_t *tensor = NULL;
    nrt_vnc_memory_stats_t stats = {.bytes_used = 0};

    assert_nrt_ok(nrt_get_vnc_memory_stats(0, &stats, sizeof(stats), NULL));
    assert_true(stats.bytes_limit > 0);
    assert_nrt(NRT_RESOURCE, nrt_tensor_allocate(NRT_TENSOR_PLACEMENT_DEVICE, 0,
                                                 stats.bytes_limit + 1, "large", &tensor));
    assert_nrt(NRT_RESOURCE,
               nrt_tensor_allocate(NRT_TENSOR_PLACEMENT_DEVICE, 0, SIZE_MAX, "huge", &tensor));
    assert_logged(*state, "TDRV:nrt_tensor_allocate");
    assert_nrt(NRT_RESOURCE,
               nrt_tensor_allocate(NRT_TENSOR_PLACEMENT_HOST, 0, HOST_LIMIT + 1, "host", &tensor));
    assert_null(tensor);
    tensor = tensor_of(NRT_TENSOR_PLACEMENT_HOST, HOST_LIMIT);
    nrt_tensor_free(&tensor);
}

static void
a_tensor_needs_a_core_of_the_process(void **state)
{
    nrt_tensor_t *tensor = NULL;

    assert_nrt(NRT_INVALID, nrt_tensor_allocate(NRT_TENSOR_PLACEMENT_DEVICE, 4, 8, "t", &tensor));
    assert_logged(*state, "there is no vnc 4; the process owns vnc 0 to 3");
    assert_nrt(NRT_INVALID, nrt_tensor_allocate(NRT_TENSOR_PLACEMENT_DEVICE, -1, 8, "t", &tensor));
    assert_nrt(NRT_INVALID, nrt_tensor_allocate(NRT_TENSOR_PLACEMENT_VIRTUAL, 0, 8, "t", &tensor));
    assert_nrt(NRT_INVALID, nrt_tensor_allocate((nrt_tensor_placement_t)9, 0, 8, "t", &tensor));
    assert_null(tensor);
    assert_nrt_ok(nrt_tensor_allocate(NRT_TENSOR_PLACEMENT_HOST, -1, 8, NULL, &tensor));
    nrt_tensor_free(&tensor);
}

static void
names_have_at_most_255_bytes(void **state)
{
    nrt_tensor_t *tensor = NULL;
    char name[257];

    (void)state;
    memset(name, 'n', sizeof(name));
    name[256] = '\0';
    assert_nrt(NRT_INVALID, nrt_tensor_allocate_empty(name, &tensor));
    assert_nrt(NRT_INVALID, nrt_tensor_allocate(NRT_TENSOR_PLACEMENT_HOST, 0, 1, name, &tensor));
    assert_null(tensor);
    name[255] = '\0';
    assert_nrt_ok(nrt_tensor_allocate_empty(name, &tensor));
    nrt_tensor_free(&tensor);
}

static void
an_empty_tensor_gets_its_memory_from_the_caller(void **state)
{
    float numbers[VECTOR_LENGTH] = {1.0F, 1.0F, 1.0F, 1.0F};
    nrt_tensor_t *tensor = NULL;
    char byte = 0;

    (void)state;
    assert_nrt_ok(nrt_tensor_allocate_empty(NULL, &tensor));
    assert_int_equal(nrt_tensor_get_size(tensor), 0);
    assert_null(nrt_tensor_get_va(tensor));
    assert_nrt(NRT_INVALID, nrt_tensor_read(tensor, &byte, 0, 0));
    assert_nrt(NRT_INVALID, nrt_tensor_memset(tensor, 0, 0, 0));
    assert_nrt_ok(nrt_tensor_attach_buffer(tensor, numbers, sizeof(numbers)));
    assert_int_equal(nrt_tensor_get_size(tensor), sizeof(numbers));
    assert_ptr_equal(nrt_tensor_get_va(tensor), numbers);
    assert_vector(tensor, 1.0F);
    assert_nrt_ok(nrt_tensor_memset(tensor, 0, 0, sizeof(numbers)));
    assert_true(numbers[3] == 0.0F);
    nrt_tensor_free(&tensor);
}

static void
attaching_a_buffer_frees_what_was_there(void **state)
{
    size_t before = used_bytes(0);
    char buffer[8] = "buffer";
    char read[8] = "";
    nrt_tensor_t *tensor = tensor_of(NRT_TENSOR_PLACEMENT_DEVICE, 4096);

    (void)state;
    assert_nrt_ok(nrt_tensor_attach_buffer(tensor, buffer, sizeof(buffer)));
    assert_int_equal(used_bytes(0), before);
    assert_int_equal(nrt_tensor_get_size(tensor), sizeof(buffer));
    assert_nrt(NRT_INVALID, nrt_tensor_attach_buffer(tensor, NULL, 4));
    assert_nrt_ok(nrt_tensor_read(tensor, read, 0, sizeof(read)));
    assert_string_equal(read, "buffer");
    assert_nrt_ok(nrt_tensor_attach_buffer(tensor, read, 4));
    assert_int_equal(nrt_tensor_get_size(tensor), 4);
    nrt_tensor_free(&tensor);
}

static void
a_slice_shares_the_memory_of_its_source(void **state)
{
    size_t before = used_bytes(0);
    nrt_tensor_t *source = tensor_of(NRT_TENSOR_PLACEMENT_DEVICE, 100);
    nrt_tensor_t *slice = NULL;
    nrt_tensor_t *part = NULL;
    char byte = 0;

    (void)state;
    assert_nrt_ok(nrt_tensor_allocate_slice(source, 10, 50, "slice", &slice));
    assert_nrt_ok(nrt_tensor_allocate_slice(slice, 20, 5, NULL, &part));
    assert_int_equal(nrt_tensor_get_size(part), 5);
    assert_ptr_equal(nrt_tensor_get_va(part), (char *)nrt_tensor_get_va(source) + 30);
    assert_nrt_ok(nrt_tensor_memset(source, 34, 7, 1));
    nrt_tensor_free(&source);
    nrt_tensor_free(&slice);
    assert_nrt_ok(nrt_tensor_read(part, &byte, 4, 1));
    assert_int_equal(byte, 7);
    assert_true(used_bytes(0) > before);
    nrt_tensor_free(&part);
    assert_int_equal(used_bytes(0), before);
}

static void
a_slice_lies_inside_of_its_source(void **state)
{
    nrt_tensor_t *source = tensor_of(NRT_TENSOR_PLACEMENT_HOST, 100);
    nrt_tensor_t *slice = NULL;
    nrt_tensor_t *empty = NULL;

    (void)state;
    assert_nrt(NRT_INVALID, nrt_tensor_allocate_slice(source, 0, 101, "s", &slice));
    assert_nrt(NRT_INVALID, nrt_tensor_allocate_slice(source, 101, 0, "s", &slice));
    assert_nrt(NRT_INVALID, nrt_tensor_allocate_slice(source, 1, SIZE_MAX, "s", &slice));
    assert_nrt(NRT_INVALID, nrt_tensor_allocate_slice(source, SIZE_MAX, 2, "s", &slice));
    assert_null(slice);
    assert_nrt_ok(nrt_tensor_allocate_slice(source, 100, 0, "s", &slice));
    nrt_tensor_free(&slice);
    assert_nrt_ok(nrt_tensor_allocate_slice(source, 60, 40, "s", &slice));
    assert_nrt(NRT_INVALID, nrt_tensor_memset(slice, 40, 0, 1));
    assert_nrt_ok(nrt_tensor_allocate_empty("e", &empty));
    nrt_tensor_free(&source);
    assert_nrt(NRT_INVALID, nrt_tensor_allocate_slice(empty, 0, 0, "s", &source));
    assert_null(source);
    nrt_tensor_free(&empty);
    nrt_tensor_free(&slice);
}

static void
a_slice_stays_with_the_memory_that_its_source_had(void **state)
{
    char first[8] = "first";
    char second[8] = "second";
    char read[8] = "";
    nrt_tensor_t *source = NULL;
    nrt_tensor_t *slice = NULL;

    (void)state;
    assert_nrt_ok(nrt_tensor_allocate_empty("source", &source));
    assert_nrt_ok(nrt_tensor_attach_buffer(source, first, sizeof(first)));
    assert_nrt_ok(nrt_tensor_allocate_slice(source, 0, sizeof(first), "slice", &slice));
    assert_nrt_ok(nrt_tensor_attach_buffer(source, second, sizeof(second)));
    assert_nrt_ok(nrt_tensor_read(slice, read, 0, sizeof(read)));
    assert_string_equal(read, "first");
    assert_nrt_ok(nrt_tensor_attach_buffer(slice, second, sizeof(second)));
    assert_nrt_ok(nrt_tensor_read(slice, read, 0, sizeof(read)));
    assert_string_equal(read, "second");
    nrt_tensor_free(&slice);
    nrt_tensor_free(&source);
}

static void
an_allocation_of_the_device_is_described(void **state)
{
    nrt_tensor_device_allocation_info_t described = {.size = 0};
    nrt_tensor_t *source = tensor_of(NRT_TENSOR_PLACEMENT_DEVICE, 100);
    nrt_tensor_t *host = tensor_of(NRT_TENSOR_PLACEMENT_HOST, 100);
    nrt_tensor_t *slice = NULL;

    (void)state;
    assert_nrt_ok(nrt_tensor_allocate_slice(source, 10, 20, NULL, &slice));
    assert_nrt_ok(nrt_tensor_get_device_allocation_info(slice, &described));
    assert_true(described.physical_address == (uint64_t)(uintptr_t)nrt_tensor_get_va(source));
    assert_int_equal(described.size, 100);
    assert_int_equal(described.hbm_index, 0);
    assert_nrt(NRT_INVALID, nrt_tensor_get_device_allocation_info(host, &described));
    nrt_tensor_free(&source);
    nrt_tensor_free(&slice);
    nrt_tensor_free(&host);
}

static void
memory_stats_know_their_cores_and_sizes(void **state)
{
    nrt_vnc_memory_stats_t stats = {.bytes_used = 5, .bytes_limit = 77};
    size_t written = 0;

    (void)state;
    assert_nrt(NRT_INVALID, nrt_get_vnc_memory_stats(4, &stats, sizeof(stats), &written));
    assert_int_equal(stats.bytes_used, 5);
    assert_nrt_ok(nrt_get_vnc_memory_stats(3, &stats, sizeof(size_t), &written));
    assert_int_equal(written, sizeof(size_t));
    assert_int_equal(stats.bytes_limit, 77);
    assert_nrt_ok(nrt_get_vnc_memory_stats(3, &stats, 1000, &written));
    assert_int_equal(written, sizeof(stats));
    assert_int_not_equal(stats.bytes_limit, 77);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_tensor_is_zeros),
        cmocka_unit_test(a_tensor_near_a_core_is_charged_to_its_device),
        cmocka_unit_test(memory_that_is_used_up_is_a_resource),
        cmocka_unit_test(a_tensor_needs_a_core_of_the_process),
        cmocka_unit_test(names_have_at_most_255_bytes),
        cmocka_unit_test(an_empty_tensor_gets_its_memory_from_the_caller),
        cmocka_unit_test(attaching_a_buffer_frees_what_was_there),
        cmocka_unit_test(a_slice_shares_the_memory_of_its_source),
        cmocka_unit_test(a_slice_lies_inside_of_its_source),
        cmocka_unit_test(a_slice_stays_with_the_memory_that_its_source_had),
        cmocka_unit_test(an_allocation_of_the_device_is_described),
        cmocka_unit_test(memory_stats_know_their_cores_and_sizes),
    };

    return cmocka_run_group_tests(tests, nrt_bench_setup, nrt_bench_teardown);
}
