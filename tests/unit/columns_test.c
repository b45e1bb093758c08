/* SPDX-License-Identifier: Apache-2.0 */
#include "top/columns.h"

#include "check.h"

static const struct neuron_column columns[] = {{"PID", 5, 0, 2, false},
                                               {"TAG", 4, 8, 1, true},
                                               {"RUNS", 6, 0, 3, false},
                                               {"COMMAND", 8, 100, 4, true}};

enum { COUNT = sizeof(columns) / sizeof(columns[0]) };

static void
all_columns_stand_side_by_side_where_there_is_room(void **state)
{
    struct neuron_columns chosen;

    (void)state;
    neuron_columns_choose(columns, COUNT, 60, &chosen);
    assert_int_equal(chosen.begin[0], 0);
    assert_int_equal(chosen.begin[1], 6);
    assert_int_equal(chosen.width[1], 8);
    assert_int_equal(chosen.begin[2], 15);
    assert_int_equal(chosen.begin[3], 22);
    assert_int_equal(chosen.width[3], 38);
}

static void
what_matters_less_is_left_out(void **state)
{
    struct neuron_columns chosen;

    (void)state;
    neuron_columns_choose(columns, COUNT, 17, &chosen);
    assert_int_equal(chosen.width[0], 5);
    assert_int_equal(chosen.width[1], 4);
    assert_int_equal(chosen.width[2], 6);
    assert_int_equal(chosen.width[3], 0);
    neuron_columns_choose(columns, COUNT, 16, &chosen);
    assert_int_equal(chosen.width[2], 0);
    assert_int_equal(chosen.width[1], 8);
}

static void
the_first_column_stays_in_any_width(void **state)
{
    struct neuron_columns chosen;

    (void)state;
    neuron_columns_choose(columns, COUNT, 2, &chosen);
    assert_int_equal(chosen.width[1], 2);
    assert_int_equal(chosen.width[0] + chosen.width[2] + chosen.width[3], 0);
    neuron_columns_choose(columns, COUNT, 0, &chosen);
    assert_int_equal(chosen.width[1], 0);
}

static void
no_width_is_exceeded(void **state)
{
    (void)state;
    for (uint32_t width = 0; width < 200; width += 1) {
        struct neuron_columns chosen;

        neuron_columns_choose(columns, COUNT, width, &chosen);
        for (uint32_t i = 0; i < COUNT; i += 1) {
            assert_true(chosen.width[i] == 0 || chosen.begin[i] + chosen.width[i] <= width);
        }
    }
}

static void
part_of_a_number_is_not_shown(void **state)
{
    struct neuron_canvas canvas = {.width = 30};
    struct neuron_table table = {.canvas = &canvas, .columns = columns, .column_count = COUNT};

    (void)state;
    neuron_table_begin(&table);
    uint32_t row = neuron_canvas_add_row(&canvas);
    neuron_table_put(&table, row, 0, NEURON_STYLE_PLAIN, "1234567");
    neuron_table_put(&table, row, 2, NEURON_STYLE_PLAIN, "12.3k");
    assert_int_equal(neuron_canvas_cell(&canvas, row, 4)->character, '#');
    assert_int_equal(neuron_canvas_cell(&canvas, row, 3)->character, ' ');
    assert_int_equal(neuron_canvas_cell(&canvas, row, table.chosen.begin[2] + 5)->character, 'k');
    neuron_table_put(&table, row, 1, NEURON_STYLE_PLAIN, "0-3,17-1234");
    uint32_t last = table.chosen.begin[1] + table.chosen.width[1] - 1;
    assert_int_equal(neuron_canvas_cell(&canvas, row, last)->character, '~');
    neuron_canvas_clear(&canvas);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_columns_stand_side_by_side_where_there_is_room),
        cmocka_unit_test(what_matters_less_is_left_out),
        cmocka_unit_test(the_first_column_stays_in_any_width),
        cmocka_unit_test(no_width_is_exceeded),
        cmocka_unit_test(part_of_a_number_is_not_shown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
