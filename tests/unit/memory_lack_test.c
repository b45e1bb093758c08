/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "memory_lack.h"

static void
check_lack(struct neuron_memory_kills before, struct neuron_memory_kills after,
           enum neuron_memory_lack expected)
{
    assert_int_equal(neuron_memory_lack_tell(&before, &after), expected);
}

static void
a_kill_in_the_own_group_is_a_lack(void **state)
{
    (void)state;
    check_lack((struct neuron_memory_kills){3, 9}, (struct neuron_memory_kills){4, 10},
               NEURON_MEMORY_GROUP_LACKS);
    check_lack((struct neuron_memory_kills){3, UINT64_MAX},
               (struct neuron_memory_kills){4, UINT64_MAX}, NEURON_MEMORY_GROUP_LACKS);
}

static void
a_kill_elsewhere_is_none(void **state)
{
    (void)state;
    check_lack((struct neuron_memory_kills){3, 9}, (struct neuron_memory_kills){3, 10},
               NEURON_MEMORY_ENOUGH);
    check_lack((struct neuron_memory_kills){3, 9}, (struct neuron_memory_kills){3, 9},
               NEURON_MEMORY_ENOUGH);
}

static void
without_a_group_the_machine_tells(void **state)
{
    (void)state;
    check_lack((struct neuron_memory_kills){UINT64_MAX, 9},
               (struct neuron_memory_kills){UINT64_MAX, 10}, NEURON_MEMORY_MACHINE_LACKS);
    check_lack((struct neuron_memory_kills){UINT64_MAX, 9},
               (struct neuron_memory_kills){UINT64_MAX, 9}, NEURON_MEMORY_ENOUGH);
}

static void
what_is_unknown_is_no_lack(void **state)
{
    const struct neuron_memory_kills unknown = {UINT64_MAX, UINT64_MAX};

    (void)state;
    check_lack(unknown, unknown, NEURON_MEMORY_ENOUGH);
    check_lack(unknown, (struct neuron_memory_kills){1, 1}, NEURON_MEMORY_ENOUGH);
    check_lack((struct neuron_memory_kills){1, 1}, unknown, NEURON_MEMORY_ENOUGH);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_kill_in_the_own_group_is_a_lack),
        cmocka_unit_test(a_kill_elsewhere_is_none),
        cmocka_unit_test(without_a_group_the_machine_tells),
        cmocka_unit_test(what_is_unknown_is_no_lack),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
