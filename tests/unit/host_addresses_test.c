/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <string.h>

#include "neuron/host_addresses.h"

static struct neuron_error error;

static void
the_loopback_comes_first(void **state)
{
    char addresses[NEURON_HOST_ADDRESSES_BYTES] = "left from before";

    (void)state;
    assert_ok(neuron_host_addresses_list(false, "4711", addresses, &error), &error);
    assert_memory_equal(addresses, "tcp://127.0.0.1:4711", strlen("tcp://127.0.0.1:4711"));
}

static void
without_ipv6_none_is_listed(void **state)
{
    char addresses[NEURON_HOST_ADDRESSES_BYTES] = "";

    (void)state;
    assert_ok(neuron_host_addresses_list(false, "1", addresses, &error), &error);
    assert_null(strchr(addresses, '['));
}

static void
every_address_has_the_port(void **state)
{
    char addresses[NEURON_HOST_ADDRESSES_BYTES] = "";

    (void)state;
    assert_ok(neuron_host_addresses_list(true, "65535", addresses, &error), &error);
    for (const char *next = addresses; *next != '\0';) {
        size_t length = strcspn(next, ",");

        assert_memory_equal(next, "tcp://", 6);
        assert_memory_equal(next + length - 6, ":65535", 6);
        next += length + (next[length] == ',' ? 1 : 0);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_loopback_comes_first),
        cmocka_unit_test(without_ipv6_none_is_listed),
        cmocka_unit_test(every_address_has_the_port),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
