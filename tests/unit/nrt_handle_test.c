/* SPDX-License-Identifier: Apache-2.0 */
/* Handles that are NULL, garbage, freed or of another kind: a status, never a crash. */
#include "nrt_bench.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "nrt_calls.h"
#include "nrt_models.h"

/* The first call that takes this handle; "none" where all say that it is none. */
static const char *
first_that_takes(void *handle)
{
    for (size_t i = 0; i < nrt_handle_call_count; i += 1) {
        NRT_STATUS status = nrt_handle_calls[i].call(handle);

        /* What is NULL, or no array of descriptions, is an invalid argument to some. */
        if (status != NRT_INVALID_HANDLE && status != NRT_INVALID) {
            return nrt_handle_calls[i].name;
        }
    }
    return "none";
}

/* Fails the test unless every call with this handle says that it is none. */
static void
expect_refusals(void *handle)
{
    assert_string_equal(first_that_takes(handle), "none");
    assert_int_equal(nrt_tensor_get_size(handle), 0);
    assert_null(nrt_tensor_get_va(handle));
}

static void
null_is_no_handle(void **state)
{
    nrt_tensor_t *tensor = NULL;
    nrt_tensor_set_t *set = NULL;

    (void)state;
    expect_refusals(NULL);
    nrt_tensor_free(NULL);
    nrt_tensor_free(&tensor);
    nrt_destroy_tensor_set(NULL);
    nrt_destroy_tensor_set(&set);
}

static void
garbage_is_no_handle(void **state)
{
    /* Memory that nobody may read: whoever looks at it crashes. */
    void *garbage = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    nrt_tensor_t *tensor = garbage;
    nrt_tensor_set_t *set = garbage;

    (void)state;
    assert_true(garbage != MAP_FAILED);
    expect_refusals(garbage);
    nrt_tensor_free(&tensor);
    assert_null(tensor);
    nrt_destroy_tensor_set(&set);
    assert_null(set);
    assert_int_equal(munmap(garbage, 4096), 0);
}

static void
a_freed_tensor_is_no_handle(void **state)
{
    nrt_tensor_t *tensor = vector_of(0, 1.0F);
    nrt_tensor_t *again = tensor;
    void *freed = tensor;

    (void)state;
    nrt_tensor_free(&tensor);
    assert_null(tensor);
    nrt_tensor_free(&again);
    expect_refusals(freed);
}

static void
a_destroyed_set_is_no_handle(void **state)
{
    nrt_tensor_set_t *set = NULL;

    (void)state;
    assert_nrt_ok(nrt_allocate_tensor_set(&set));
    nrt_tensor_set_t *again = set;
    void *destroyed = set;
    nrt_destroy_tensor_set(&set);
    assert_null(set);
    nrt_destroy_tensor_set(&again);
    expect_refusals(destroyed);
}

static void
an_unloaded_model_is_no_handle(void **state)
{
    nrt_model_t *model = load_neff(twice_neff(*state), -1, -1);

    assert_nrt_ok(nrt_unload(model));
    assert_nrt(NRT_INVALID_HANDLE, nrt_unload(model));
    assert_logged(*state, "NMGR:nrt_unload  no live model has this handle "
                          "status=NRT_INVALID_HANDLE");
    expect_refusals(model);
}

static void
a_handle_of_another_kind_is_none(void **state)
{
    nrt_model_t *model = load_neff(twice_neff(*state), -1, -1);
    nrt_tensor_t *tensor = vector_of(0, 1.0F);
    nrt_tensor_set_t *set = set_of("x", tensor);
    nrt_tensor_t *not_a_tensor = set;
    char byte = 0;

    assert_nrt(NRT_INVALID_HANDLE, nrt_unload((nrt_model_t *)(void *)tensor));
    assert_nrt(NRT_INVALID_HANDLE, nrt_tensor_read(set, &byte, 0, 1));
    assert_nrt(NRT_INVALID_HANDLE, nrt_add_tensor_to_tensor_set(tensor, "x", tensor));
    assert_nrt(NRT_INVALID_HANDLE,
               nrt_add_tensor_to_tensor_set(set, "x", (nrt_tensor_t *)(void *)model));
    assert_nrt(NRT_INVALID_HANDLE, nrt_execute(model, tensor, set));
    assert_nrt(NRT_INVALID_HANDLE, nrt_execute(model, set, model));
    nrt_tensor_free(&not_a_tensor);
    assert_nrt_ok(nrt_add_tensor_to_tensor_set(set, "y", tensor));
    assert_nrt_ok(nrt_unload(model));
    nrt_tensor_free(&tensor);
    nrt_destroy_tensor_set(&set);
}

static void
outputs_that_are_null_are_invalid(void **state)
{
    nrt_model_t *model = load_neff(twice_neff(*state), -1, -1);
    struct neff neff = twice_neff(*state);
    nrt_tensor_t *tensor = vector_of(0, 1.0F);
    nrt_tensor_set_t *set = set_of("x", tensor);

    assert_nrt(NRT_INVALID, nrt_load(neff.bytes, neff.size_bytes, -1, -1, NULL));
    assert_nrt(NRT_INVALID, nrt_get_model_nc_count(model, NULL));
    assert_nrt(NRT_INVALID, nrt_get_model_vnc_count(model, NULL));
    assert_nrt(NRT_INVALID, nrt_get_model_instance_count(model, NULL));
    assert_nrt(NRT_INVALID, nrt_get_model_info(model, NULL, 4, NULL));
    assert_nrt(NRT_INVALID, nrt_get_model_tensor_info(model, NULL));
    assert_nrt(NRT_INVALID, nrt_allocate_tensor_set(NULL));
    assert_nrt(NRT_INVALID, nrt_get_tensor_from_tensor_set(set, "x", NULL));
    assert_nrt(NRT_INVALID, nrt_tensor_allocate(NRT_TENSOR_PLACEMENT_DEVICE, 0, 1, NULL, NULL));
    assert_nrt(NRT_INVALID, nrt_tensor_allocate_empty(NULL, NULL));
    assert_nrt(NRT_INVALID, nrt_tensor_allocate_slice(tensor, 0, 1, NULL, NULL));
    assert_nrt(NRT_INVALID, nrt_tensor_get_device_allocation_info(tensor, NULL));
    assert_nrt(NRT_INVALID, nrt_tensor_attach_buffer(tensor, NULL, 4));
    assert_nrt(NRT_INVALID, nrt_get_vnc_memory_stats(0, NULL, 0, NULL));
    assert_nrt(NRT_INVALID, nrt_tensor_check_output_completion(NULL, 0, 0));
    assert_nrt(NRT_INVALID, nrt_tensor_reset_output_completion(NULL));
    assert_nrt(NRT_INVALID, nrt_free_model_tensor_info(NULL));
    free(neff.bytes);
    nrt_tensor_free(&tensor);
    nrt_destroy_tensor_set(&set);
}

static void
inputs_that_are_null_are_invalid(void **state)
{
    nrt_tensor_t *tensor = vector_of(0, 1.0F);
    nrt_tensor_set_t *set = set_of("x", tensor);
    nrt_tensor_t *found = NULL;
    nrt_model_t *model = NULL;
    char byte = 0;

    (void)state;
    assert_nrt(NRT_INVALID, nrt_load(NULL, 4, -1, -1, &model));
    assert_nrt(NRT_INVALID, nrt_load(&byte, 0, -1, -1, &model));
    assert_nrt(NRT_INVALID, nrt_tensor_read(tensor, NULL, 0, 1));
    assert_nrt(NRT_INVALID, nrt_tensor_write(tensor, NULL, 0, 1));
    assert_nrt_ok(nrt_tensor_read(tensor, NULL, 0, 0));
    assert_nrt_ok(nrt_tensor_write(tensor, NULL, VECTOR_BYTES, 0));
    assert_nrt(NRT_INVALID, nrt_tensor_read_batch(NULL, 1, false));
    assert_nrt_ok(nrt_tensor_write_batch(NULL, 0, false));
    assert_nrt(NRT_INVALID, nrt_add_tensor_to_tensor_set(set, NULL, tensor));
    assert_nrt(NRT_INVALID, nrt_add_tensor_to_tensor_set(set, "", tensor));
    assert_nrt(NRT_INVALID, nrt_get_tensor_from_tensor_set(set, NULL, &found));
    assert_nrt(NRT_INVALID, nrt_memcpy_to_device(NULL, &byte, 1));
    assert_nrt(NRT_INVALID, nrt_memcpy_to_device(nrt_tensor_get_va(tensor), NULL, 1));
    assert_null(model);
    assert_null(found);
    nrt_tensor_free(&tensor);
    nrt_destroy_tensor_set(&set);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(null_is_no_handle),
        cmocka_unit_test(garbage_is_no_handle),
        cmocka_unit_test(a_freed_tensor_is_no_handle),
        cmocka_unit_test(a_destroyed_set_is_no_handle),
        cmocka_unit_test(an_unloaded_model_is_no_handle),
        cmocka_unit_test(a_handle_of_another_kind_is_none),
        cmocka_unit_test(outputs_that_are_null_are_invalid),
        cmocka_unit_test(inputs_that_are_null_are_invalid),
    };

    return cmocka_run_group_tests(tests, nrt_bench_setup, nrt_bench_teardown);
}
