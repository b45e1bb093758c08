/* SPDX-License-Identifier: Apache-2.0 */
#include "top/core_layout.h"

#include "check.h"

static void
few_cores_have_bars(void **state)
{
    struct neuron_core_layout layout = neuron_core_layout_choose(8, 7, 80, 6);

    (void)state;
    assert_int_equal(layout.kind, NEURON_CORES_BARS);
    assert_int_equal(layout.row_count, 3);
    assert_int_equal(layout.per_row, 3);
    assert_int_equal(layout.digits, 1);
}

static void
more_cores_have_numbers(void **state)
{
    struct neuron_core_layout layout = neuron_core_layout_choose(64, 63, 80, 8);

    (void)state;
    assert_int_equal(layout.kind, NEURON_CORES_NUMBERS);
    assert_true(layout.row_count <= 8);
}

static void
very_many_cores_have_a_character_each(void **state)
{
    struct neuron_core_layout layout = neuron_core_layout_choose(1024, 1023, 80, 20);

    (void)state;
    assert_int_equal(layout.kind, NEURON_CORES_CELLS);
    assert_int_equal(layout.per_row, 64);
    assert_int_equal(layout.row_count, 16);
}

static void
rows_are_as_even_as_they_can_be(void **state)
{
    struct neuron_core_layout layout = neuron_core_layout_choose(4, 3, 80, 6);

    (void)state;
    assert_int_equal(layout.row_count, 2);
    assert_int_equal(layout.per_row, 2);
    assert_int_equal(layout.cell_width, 40);
}

static void
every_core_has_its_place_in_any_width(void **state)
{
    (void)state;
    for (uint32_t width = 0; width < 210; width += 1) {
        for (uint32_t count = 1; count < 2000; count += 1 + count / 3) {
            struct neuron_core_layout layout =
                neuron_core_layout_choose(count, count - 1, width, 7);

            assert_true(layout.per_row > 0 && layout.cell_width > 0);
            assert_true(layout.per_row * layout.row_count >= count);
            assert_true(layout.kind == NEURON_CORES_CELLS ||
                        layout.per_row * layout.cell_width <= width + 2);
        }
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(few_cores_have_bars),
        cmocka_unit_test(more_cores_have_numbers),
        cmocka_unit_test(very_many_cores_have_a_character_each),
        cmocka_unit_test(rows_are_as_even_as_they_can_be),
        cmocka_unit_test(every_core_has_its_place_in_any_width),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
