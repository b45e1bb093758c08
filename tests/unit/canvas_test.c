/* SPDX-License-Identifier: Apache-2.0 */
#include "top/canvas.h"

#include <locale.h>
#include <string.h>

#include "check.h"
#include "top/wrapped_text.h"

/* Makes a canvas of some rows, which the test clears. */
static struct neuron_canvas
make_canvas(uint32_t width, uint32_t height)
{
    struct neuron_canvas canvas = {.width = width, .is_unicode = true};

    for (uint32_t i = 0; i < height; i += 1) {
        assert_int_equal(neuron_canvas_add_row(&canvas), i);
    }
    return canvas;
}

/* A row as a text, right halves left out. */
static const char *
row_of(const struct neuron_canvas *canvas, uint32_t row)
{
    static char text[512];
    size_t length = 0;

    for (uint32_t column = 0; column < canvas->width; column += 1) {
        length += neuron_cell_encode(neuron_canvas_cell(canvas, row, column), text + length);
    }
    return text;
}

static void
text_is_cut_where_its_place_ends(void **state)
{
    struct neuron_canvas canvas = make_canvas(10, 2);
    struct neuron_place place = {.row = 1, .column = 2, .width = 4};

    (void)state;
    assert_int_equal(neuron_canvas_put(&canvas, &place, "abcdefgh"), 4);
    assert_string_equal(row_of(&canvas, 1), "  abcd    ");
    place.column = 8;
    assert_int_equal(neuron_canvas_put(&canvas, &place, "xyz"), 2);
    assert_string_equal(row_of(&canvas, 1), "  abcd  xy");
    neuron_canvas_clear(&canvas);
}

static void
text_can_end_where_its_place_does(void **state)
{
    struct neuron_canvas canvas = make_canvas(8, 1);
    struct neuron_place place = {.column = 1, .width = 6, .is_right = true};

    (void)state;
    assert_int_equal(neuron_canvas_put(&canvas, &place, "42"), 6);
    assert_string_equal(row_of(&canvas, 0), "     42 ");
    neuron_canvas_clear(&canvas);
}

static void
what_lies_outside_is_dropped(void **state)
{
    struct neuron_canvas canvas = make_canvas(4, 1);
    struct neuron_place place = {.row = 7, .column = 0, .width = 4};

    (void)state;
    (void)neuron_canvas_put(&canvas, &place, "abc");
    place = (struct neuron_place){.column = 9, .width = 4};
    assert_int_equal(neuron_canvas_put(&canvas, &place, "abc"), 0);
    neuron_canvas_put_character(&canvas, 0, 4, NEURON_STYLE_PLAIN, 'x', 'x');
    neuron_canvas_paint(&canvas, 3, 0, NEURON_STYLE_HIGH);
    assert_string_equal(row_of(&canvas, 0), "    ");
    assert_null(neuron_canvas_cell(&canvas, 1, 0));
    assert_null(neuron_canvas_cell(&canvas, 0, 4));
    neuron_canvas_clear(&canvas);
}

static void
wide_characters_are_never_halved(void **state)
{
    struct neuron_canvas canvas = make_canvas(5, 1);
    struct neuron_place place = {.width = 5};

    (void)state;
    assert_int_equal(neuron_canvas_put(&canvas, &place, "\xE6\xA8\xA1\xE5\x9E\x8B\xE6\xA8\xA1"), 4);
    assert_string_equal(row_of(&canvas, 0), "\xE6\xA8\xA1\xE5\x9E\x8B ");
    neuron_canvas_put_character(&canvas, 0, 1, NEURON_STYLE_PLAIN, 'x', 'x');
    assert_string_equal(row_of(&canvas, 0), " x\xE5\x9E\x8B ");
    neuron_canvas_put_character(&canvas, 0, 2, NEURON_STYLE_PLAIN, 'y', 'y');
    assert_string_equal(row_of(&canvas, 0), " xy  ");
    neuron_canvas_clear(&canvas);
}

static void
what_does_not_print_becomes_a_question_mark(void **state)
{
    struct neuron_canvas canvas = make_canvas(12, 2);
    struct neuron_place place = {.width = 12};

    (void)state;
    (void)neuron_canvas_put(&canvas, &place, "a\x1B[\xFF\xC3(\xE2\x82\xCC\x81\xF4\x90\x80\x80");
    assert_string_equal(row_of(&canvas, 0), "a?[?"
                                            "?(?"
                                            "?"
                                            "?   ");
    canvas.is_unicode = false;
    place.row = 1;
    (void)neuron_canvas_put(&canvas, &place, "n\xC3\xA9");
    neuron_canvas_put_character(&canvas, 1, 3, NEURON_STYLE_LOW, 0x2588, '|');
    assert_string_equal(row_of(&canvas, 1), "n? |        ");
    neuron_canvas_clear(&canvas);
}

static void
rows_are_copied_between_canvases_of_one_width(void **state)
{
    struct neuron_canvas from = make_canvas(3, 3);
    struct neuron_canvas to = make_canvas(3, 2);
    struct neuron_canvas other = make_canvas(4, 2);
    struct neuron_place place = {.row = 1, .width = 3};

    (void)state;
    (void)neuron_canvas_put(&from, &place, "abc");
    neuron_canvas_copy_rows(&to, 0, &from, 1, 99);
    assert_string_equal(row_of(&to, 0), "abc");
    neuron_canvas_copy_rows(&other, 0, &from, 1, 1);
    assert_string_equal(row_of(&other, 0), "    ");
    neuron_canvas_clear(&from);
    neuron_canvas_clear(&to);
    neuron_canvas_clear(&other);
}

static void
long_texts_are_broken_at_blanks(void **state)
{
    struct neuron_canvas canvas = {.width = 20, .is_unicode = true};

    (void)state;
    neuron_wrapped_text_add(&canvas, 2, NEURON_STYLE_PLAIN,
                            "its counters cannot be read; and-one-very-long-word");
    assert_int_equal(canvas.height, 4);
    assert_string_equal(row_of(&canvas, 0), "  its counters      ");
    assert_string_equal(row_of(&canvas, 1), "  cannot be read;   ");
    assert_string_equal(row_of(&canvas, 2), "  and-one-very-long-");
    assert_string_equal(row_of(&canvas, 3), "  word              ");
    neuron_canvas_clear(&canvas);
}

static void
a_canvas_without_columns_holds_nothing(void **state)
{
    struct neuron_canvas canvas = make_canvas(0, 2);

    (void)state;
    neuron_wrapped_text_add(&canvas, 0, NEURON_STYLE_PLAIN, "text");
    assert_null(neuron_canvas_cell(&canvas, 0, 0));
    neuron_canvas_clear(&canvas);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_is_cut_where_its_place_ends),
        cmocka_unit_test(text_can_end_where_its_place_does),
        cmocka_unit_test(what_lies_outside_is_dropped),
        cmocka_unit_test(wide_characters_are_never_halved),
        cmocka_unit_test(what_does_not_print_becomes_a_question_mark),
        cmocka_unit_test(rows_are_copied_between_canvases_of_one_width),
        cmocka_unit_test(long_texts_are_broken_at_blanks),
        cmocka_unit_test(a_canvas_without_columns_holds_nothing),
    };

    (void)setlocale(LC_CTYPE, "C.UTF-8"); /* NOLINT(concurrency-mt-unsafe): one thread */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
