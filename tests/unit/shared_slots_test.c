/* SPDX-License-Identifier: Apache-2.0 */
/* Memory that two processes share: here one that maps it twice. */
#include "shared_slots.h"

#include <string.h>
#include <unistd.h>

#include "check.h"
#include "descriptors.h"

enum { COUNT = 4 };

static const size_t sizes[COUNT] = {100, 0, 64, 5000};

static void
slots_are_apart_aligned_and_zero(void **state)
{
    struct neuron_shared_slots slots = {.descriptor = -1};
    struct neuron_error error = {0};
    uint32_t before = open_descriptor_count();

    (void)state;
    assert_ok(neuron_shared_slots_create(&slots, sizes, COUNT, &error), &error);
    for (size_t i = 0; i < COUNT; i += 1) {
        const unsigned char *bytes = slots.addresses[i];

        assert_int_equal((uintptr_t)bytes % 64, 0);
        for (size_t j = 0; j < sizes[i]; j += 1) {
            assert_int_equal(bytes[j], 0);
        }
        memset(slots.addresses[i], (int)i + 1, sizes[i]);
    }
    for (size_t i = 0; i < COUNT; i += 1) {
        const unsigned char *bytes = slots.addresses[i];

        assert_true(sizes[i] == 0 || (bytes[0] == i + 1 && bytes[sizes[i] - 1] == i + 1));
    }
    assert_ptr_not_equal(slots.addresses[1], slots.addresses[2]);
    neuron_shared_slots_destroy(&slots);
    assert_int_equal(open_descriptor_count(), before);
}

static void
both_ends_see_the_same(void **state)
{
    struct neuron_shared_slots made = {.descriptor = -1};
    struct neuron_shared_slots opened = {.descriptor = -1};
    struct neuron_error error = {0};

    (void)state;
    assert_ok(neuron_shared_slots_create(&made, sizes, COUNT, &error), &error);
    assert_ok(neuron_shared_slots_open(&opened, made.descriptor, sizes, COUNT, &error), &error);
    memset(opened.addresses[3], 7, sizes[3]);
    assert_memory_equal(made.addresses[3], opened.addresses[3], sizes[3]);
    neuron_shared_slots_destroy(&made);
    assert_int_equal(*(unsigned char *)opened.addresses[3], 7);
    neuron_shared_slots_destroy(&opened);
}

static void
nobody_can_take_the_memory_away(void **state)
{
    struct neuron_shared_slots slots = {.descriptor = -1};
    struct neuron_error error = {0};

    (void)state;
    assert_ok(neuron_shared_slots_create(&slots, sizes, COUNT, &error), &error);
    assert_int_equal(ftruncate(slots.descriptor, 0), -1);
    assert_int_equal(ftruncate(slots.descriptor, (off_t)slots.size_bytes + 1), -1);
    neuron_shared_slots_destroy(&slots);
}

static void
other_sizes_are_refused(void **state)
{
    const size_t others[COUNT] = {100, 0, 64, 9000};
    struct neuron_shared_slots made = {.descriptor = -1};
    struct neuron_shared_slots opened = {.descriptor = -1};
    struct neuron_error error = {0};

    (void)state;
    assert_ok(neuron_shared_slots_create(&made, sizes, COUNT, &error), &error);
    assert_status(NEURON_INVALID_ARGUMENT,
                  neuron_shared_slots_open(&opened, made.descriptor, others, COUNT, &error),
                  &error);
    assert_contains(error.text, "but the tensors take");
    neuron_shared_slots_destroy(&opened);
    neuron_shared_slots_destroy(&made);
}

static void
sizes_that_cannot_be_are_refused(void **state)
{
    const size_t huge[2] = {SIZE_MAX - 100, 200};
    const size_t large[2] = {(size_t)1 << 60, 0};
    struct neuron_shared_slots slots = {.descriptor = -1};
    struct neuron_error error = {0};

    (void)state;
    assert_status(NEURON_OUT_OF_MEMORY, neuron_shared_slots_create(&slots, huge, 2, &error),
                  &error);
    neuron_shared_slots_destroy(&slots);
    /* Refused before any of it is taken: what fills the memory of the machine page by page. */
    assert_status(NEURON_OUT_OF_MEMORY, neuron_shared_slots_create(&slots, large, 2, &error),
                  &error);
    assert_contains(error.text, "cannot make 1152921504606847");
    neuron_shared_slots_destroy(&slots);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slots_are_apart_aligned_and_zero),
        cmocka_unit_test(both_ends_see_the_same),
        cmocka_unit_test(nobody_can_take_the_memory_away),
        cmocka_unit_test(other_sizes_are_refused),
        cmocka_unit_test(sizes_that_cannot_be_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
