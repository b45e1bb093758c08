/* SPDX-License-Identifier: Apache-2.0 */
/* Sets: names of tensors that somebody else owns. */
#include "nrt_bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nrt_models.h"

static nrt_tensor_set_t *
new_set(void)
{
    nrt_tensor_set_t *set = NULL;

    assert_nrt_ok(nrt_allocate_tensor_set(&set));
    assert_non_null(set);
    return set;
}

static void
a_set_finds_what_was_added(void **state)
{
    enum { COUNT = 100 };
    nrt_tensor_t *tensors[COUNT] = {NULL};
    nrt_tensor_set_t *set = new_set();
    char name[16];

    (void)state;
    for (int i = 0; i < COUNT; i += 1) {
        (void)snprintf(name, sizeof(name), "tensor %d", i);
        tensors[i] = vector_of(i % 4, 0.0F);
        assert_nrt_ok(nrt_add_tensor_to_tensor_set(set, name, tensors[i]));
    }
    for (int i = COUNT - 1; i >= 0; i -= 1) {
        nrt_tensor_t *found = NULL;

        (void)snprintf(name, sizeof(name), "tensor %d", i);
        assert_nrt_ok(nrt_get_tensor_from_tensor_set(set, name, &found));
        assert_ptr_equal(found, tensors[i]);
        nrt_tensor_free(&tensors[i]);
    }
    nrt_destroy_tensor_set(&set);
}

static void
an_unknown_name_is_a_failure(void **state)
{
    nrt_tensor_t *tensor = vector_of(0, 0.0F);
    nrt_tensor_t *found = tensor;
    nrt_tensor_set_t *set = new_set();

    assert_nrt(NRT_FAILURE, nrt_get_tensor_from_tensor_set(set, "x", &found));
    assert_nrt_ok(nrt_add_tensor_to_tensor_set(set, "x", tensor));
    assert_nrt(NRT_FAILURE, nrt_get_tensor_from_tensor_set(set, "X", &found));
    assert_logged(*state, "the set has no tensor X status=NRT_FAILURE");
    assert_ptr_equal(found, tensor);
    nrt_tensor_free(&tensor);
    nrt_destroy_tensor_set(&set);
}

static void
adding_a_name_again_replaces(void **state)
{
    nrt_tensor_t *first = vector_of(0, 1.0F);
    nrt_tensor_t *second = vector_of(0, 2.0F);
    nrt_tensor_t *found = NULL;
    nrt_tensor_set_t *set = set_of("x", first);

    (void)state;
    assert_nrt_ok(nrt_add_tensor_to_tensor_set(set, "x", second));
    assert_nrt_ok(nrt_get_tensor_from_tensor_set(set, "x", &found));
    assert_ptr_equal(found, second);
    nrt_tensor_free(&first);
    nrt_tensor_free(&second);
    nrt_destroy_tensor_set(&set);
}

static void
names_have_from_1_to_255_bytes(void **state)
{
    nrt_tensor_t *tensor = vector_of(0, 1.0F);
    nrt_tensor_t *found = NULL;
    nrt_tensor_set_t *set = new_set();
    char name[257];

    (void)state;
    memset(name, 'n', sizeof(name));
    name[256] = '\0';
    assert_nrt(NRT_INVALID, nrt_add_tensor_to_tensor_set(set, name, tensor));
    assert_nrt(NRT_INVALID, nrt_get_tensor_from_tensor_set(set, name, &found));
    assert_nrt(NRT_INVALID, nrt_add_tensor_to_tensor_set(set, "", tensor));
    name[255] = '\0';
    assert_nrt_ok(nrt_add_tensor_to_tensor_set(set, name, tensor));
    assert_nrt_ok(nrt_get_tensor_from_tensor_set(set, name, &found));
    assert_ptr_equal(found, tensor);
    nrt_tensor_free(&tensor);
    nrt_destroy_tensor_set(&set);
}

static void
a_freed_tensor_is_not_found_and_not_touched(void **state)
{
    nrt_tensor_t *tensor = vector_of(0, 1.0F);
    nrt_tensor_t *found = NULL;
    nrt_tensor_set_t *set = set_of("x", tensor);

    assert_nrt_ok(nrt_add_tensor_to_tensor_set(set, "y", tensor));
    nrt_tensor_free(&tensor);
    assert_nrt(NRT_INVALID_HANDLE, nrt_get_tensor_from_tensor_set(set, "x", &found));
    assert_logged(*state, "tensor x of the set was freed");
    assert_null(found);
    nrt_destroy_tensor_set(&set);
}

static void
a_later_tensor_at_the_same_address_is_another_one(void **state)
{
    nrt_tensor_t *tensor = vector_of(0, 1.0F);
    void *address = tensor;
    nrt_tensor_t *found = NULL;
    nrt_tensor_set_t *set = set_of("x", tensor);
    nrt_tensor_t *later[64] = {NULL};

    (void)state;
    nrt_tensor_free(&tensor);
    /* The allocator mostly gives the address away again at once; where not, this shows nothing. */
    for (size_t i = 0; i < 64; i += 1) {
        later[i] = vector_of(0, 2.0F);
        if (later[i] == address) {
            break;
        }
    }
    assert_nrt(NRT_INVALID_HANDLE, nrt_get_tensor_from_tensor_set(set, "x", &found));
    for (size_t i = 0; i < 64; i += 1) {
        nrt_tensor_free(&later[i]);
    }
    nrt_destroy_tensor_set(&set);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_set_finds_what_was_added),
        cmocka_unit_test(an_unknown_name_is_a_failure),
        cmocka_unit_test(adding_a_name_again_replaces),
        cmocka_unit_test(names_have_from_1_to_255_bytes),
        cmocka_unit_test(a_freed_tensor_is_not_found_and_not_touched),
        cmocka_unit_test(a_later_tensor_at_the_same_address_is_another_one),
    };

    return cmocka_run_group_tests(tests, nrt_bench_setup, nrt_bench_teardown);
}
