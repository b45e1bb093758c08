/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <stdlib.h>

#include "score/done_list.h"

/* A message that owns memory, so that a leak or a second free shows. */
static struct neuron_lease_message
make_message(uint64_t id)
{
    struct neuron_lease_message message = {.kind = NEURON_LEASE_DONE, .end = {.id = id}};

    message.sums = calloc(1, sizeof(*message.sums));
    message.sum_count = 1;
    assert_non_null(message.sums);
    return message;
}

static void
add_many(struct neuron_done_list *list, uint64_t count)
{
    struct neuron_error error = {0};

    for (uint64_t i = 0; i < count; i += 1) {
        struct neuron_lease_message message = make_message(i);

        assert_ok(neuron_done_list_add(list, &message, &error), &error);
    }
}

static void
messages_are_kept_in_their_order(void **state)
{
    struct neuron_done_list list = {.items = NULL};

    (void)state;
    add_many(&list, 100);
    assert_int_equal(list.count, 100);
    for (uint64_t i = 0; i < 100; i += 1) {
        assert_int_equal(list.items[i].end.id, i);
    }
    neuron_done_list_destroy(&list);
    assert_int_equal(list.count, 0);
    assert_null(list.items);
}

static void
a_cleared_list_is_filled_again(void **state)
{
    struct neuron_done_list list = {.items = NULL};

    (void)state;
    add_many(&list, 20);
    neuron_done_list_clear(&list);
    assert_int_equal(list.count, 0);
    add_many(&list, 3);
    assert_int_equal(list.count, 3);
    neuron_done_list_clear(&list);
    neuron_done_list_clear(&list);
    neuron_done_list_destroy(&list);
}

static void
an_empty_list_may_be_destroyed(void **state)
{
    struct neuron_done_list list = {.items = NULL};

    (void)state;
    neuron_done_list_clear(&list);
    neuron_done_list_destroy(&list);
    neuron_done_list_destroy(&list);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_are_kept_in_their_order),
        cmocka_unit_test(a_cleared_list_is_filled_again),
        cmocka_unit_test(an_empty_list_may_be_destroyed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
