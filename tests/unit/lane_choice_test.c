/* SPDX-License-Identifier: Apache-2.0 */
/* Which lanes are asked, and in which order. */
#include "check.h"

#include <string.h>

#include "lane_choice.h"

enum { LANES = 8, NONE = LANES };

static bool
is_idle(const void *lanes, uint32_t index)
{
    return ((const char *)lanes)[index] == '.';
}

/* Asks as a dispatcher does, where every lane takes the call; `order` receives digits. */
static void
ask(const char *lanes, struct neuron_lane_choice choice, char *order)
{
    bool is_asked[LANES] = {false};
    uint32_t asked = 0;
    uint32_t lane = 0;
    size_t length = 0;

    choice.lane_count = (uint32_t)strlen(lanes);
    choice.is_idle = is_idle;
    choice.lanes = lanes;
    neuron_lane_choice_begin(&choice);
    while (neuron_lane_choice_next(&choice, asked, &lane)) {
        assert_in_range(lane, 0, choice.lane_count - 1);
        if (!is_asked[lane]) {
            is_asked[lane] = true;
            order[length] = (char)('0' + lane);
            length += 1;
            asked += 1;
        }
    }
    order[length] = '\0';
}

static void
assert_asked(const char *lanes, uint32_t first, uint32_t own, uint32_t wanted, uint32_t limit,
             const char *expected)
{
    const struct neuron_lane_choice choice = {
        .first = first, .own = own, .wanted = wanted, .limit = limit};
    char order[LANES + 1] = "";

    ask(lanes, choice, order);
    assert_string_equal(order, expected);
}

static void
a_call_for_all_lanes_goes_once_around(void **state)
{
    (void)state;
    assert_asked("........", 0, NONE, 8, 16, "01234567");
    assert_asked("........", 5, NONE, 8, 16, "56701234");
    assert_asked("########", 5, NONE, 8, 8, "56701234");
    assert_asked(".", 0, 1, 1, 2, "0");
}

static void
the_lane_of_the_caller_comes_last(void **state)
{
    (void)state;
    assert_asked("........", 2, 3, 8, 8, "24567013");
    assert_asked("..", 0, 0, 2, 4, "10");
    assert_asked(".", 0, 0, 1, 2, "0");
}

static void
idle_lanes_are_asked_before_busy_ones(void **state)
{
    (void)state;
    assert_asked("##.#.#..", 0, NONE, 2, 16, "24");
    assert_asked("##.#.#..", 7, NONE, 2, 16, "72");
    assert_asked("##.#####", 0, 2, 1, 16, "2");
}

static void
two_more_are_asked_where_idle_ones_are_too_few(void **state)
{
    (void)state;
    assert_asked("########", 6, NONE, 1, 16, "670");
    assert_asked("####.###", 0, NONE, 3, 16, "40123");
    assert_asked("########", 0, 0, 2, 16, "1234");
}

static void
the_callers_own_idle_lane_does_for_a_busy_one(void **state)
{
    (void)state;
    assert_asked(".#######", 0, 0, 1, 16, "0");
    assert_asked(".##.####", 0, 0, 2, 16, "30");
    assert_asked(".#######", 0, 0, 2, 16, "1230");
}

static void
no_more_lanes_are_asked_than_the_limit(void **state)
{
    (void)state;
    assert_asked("########", 0, NONE, 2, 2, "01");
    assert_asked("........", 0, NONE, 2, 2, "01");
    assert_asked("########", 0, NONE, 2, 3, "012");
    assert_asked("###", 1, NONE, 2, 9, "120");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_call_for_all_lanes_goes_once_around),
        cmocka_unit_test(the_lane_of_the_caller_comes_last),
        cmocka_unit_test(idle_lanes_are_asked_before_busy_ones),
        cmocka_unit_test(two_more_are_asked_where_idle_ones_are_too_few),
        cmocka_unit_test(the_callers_own_idle_lane_does_for_a_busy_one),
        cmocka_unit_test(no_more_lanes_are_asked_than_the_limit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
