/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host_list.h"
#include "host_places.h"

static struct neuron_error error;

/* Places ranks on hosts of a file, and writes the host of each rank as a digit. */
static enum neuron_status
place(const char *hosts, const struct neuron_host_places_request *wishes, char *text)
{
    struct neuron_host_places_request request = *wishes;
    struct neuron_host_places places = {0};
    struct neuron_host_list list = {0};

    assert_ok(neuron_host_list_parse_file(hosts, "hosts", &list, &error), &error);
    request.list = &list;
    enum neuron_status status = neuron_host_places_create(&request, &places, &error);
    for (uint32_t i = 0; i < places.rank_count; i += 1) {
        text[i] = (char)('0' + places.host_of_rank[i]);
    }
    text[places.rank_count] = '\0';
    neuron_host_places_destroy(&places);
    neuron_host_list_destroy(&list);
    return status;
}

static void
assert_places(const char *hosts, struct neuron_host_places_request wishes, const char *expected)
{
    char text[64] = "";

    assert_ok(place(hosts, &wishes, text), &error);
    assert_string_equal(text, expected);
}

static void
assert_refused(const char *hosts, struct neuron_host_places_request wishes, const char *reason)
{
    char text[64] = "";

    assert_status(NEURON_INVALID_ARGUMENT, place(hosts, &wishes, text), &error);
    if (strstr(error.text, reason) == NULL) {
        fail_msg("no \"%s\" in: %s", reason, error.text);
    }
}

static void
slots_are_filled_in_order(void **state)
{
    (void)state;
    assert_places("a:2\nb:3", (struct neuron_host_places_request){0}, "00111");
    assert_places("a:2\nb:3", (struct neuron_host_places_request){.rank_count = 3}, "001");
    assert_places("a:2\nb:3", (struct neuron_host_places_request){.rank_count = 1}, "0");
}

static void
by_node_hosts_take_turns(void **state)
{
    (void)state;
    assert_places("a:2\nb:3", (struct neuron_host_places_request){.in_turn = true}, "01011");
    assert_places("a:2\nb:3\nc:1",
                  (struct neuron_host_places_request){.in_turn = true, .rank_count = 4}, "0120");
}

static void
more_ranks_than_slots_are_refused(void **state)
{
    (void)state;
    assert_refused("a:2\nb:3", (struct neuron_host_places_request){.rank_count = 6},
                   "6 ranks are asked for, but the 2 hosts have 5 slots");
    assert_refused("a", (struct neuron_host_places_request){.rank_count = 2, .in_turn = true},
                   "1 host has 1 slot;");
}

static void
oversubscribed_ranks_are_spread(void **state)
{
    (void)state;
    assert_places("a:2\nb:1",
                  (struct neuron_host_places_request){.rank_count = 6, .oversubscribes = true},
                  "000011");
    assert_places("a:1\nb:1",
                  (struct neuron_host_places_request){
                      .rank_count = 5, .oversubscribes = true, .in_turn = true},
                  "01010");
}

static void
limits_hold_when_oversubscribed(void **state)
{
    (void)state;
    assert_places("a slots=1 max_slots=1\nb",
                  (struct neuron_host_places_request){.rank_count = 4, .oversubscribes = true},
                  "0111");
    assert_refused("a slots=1 max_slots=2",
                   (struct neuron_host_places_request){.rank_count = 4, .oversubscribes = true},
                   "max_slots of the hosts allows 2");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slots_are_filled_in_order),
        cmocka_unit_test(by_node_hosts_take_turns),
        cmocka_unit_test(more_ranks_than_slots_are_refused),
        cmocka_unit_test(oversubscribed_ranks_are_spread),
        cmocka_unit_test(limits_hold_when_oversubscribed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
