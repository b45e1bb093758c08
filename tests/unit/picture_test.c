/* SPDX-License-Identifier: Apache-2.0 */
#include "top/picture.h"

#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "drawn_node.h"

enum { WIDTH_MAX = 200, HEIGHT_MAX = 60 };

static void
a_usual_screen_has_all_parts(void **state)
{
    struct drawn_node *node = make_drawn_node(8, 3, 2);

    (void)state;
    draw_node(node, 100, 40);
    show_picture(node);
    const char *text = picture_text(&node->canvas);
    assert_contains(text, "8 cores");
    assert_contains(text, "6 held");
    assert_contains(text, "serve-1");
    assert_contains(text, "MEMORY");
    assert_contains(text, "cores 2-3");
    assert_contains(text, "2 replicas of 1 core");
    assert_contains(text, "q quit");
    destroy_drawn_node(node);
}

static void
a_small_screen_has_what_matters_most(void **state)
{
    struct drawn_node *node = make_drawn_node(2, 2, 1);

    (void)state;
    draw_node(node, 20, 5);
    show_picture(node);
    const char *text = picture_text(&node->canvas);
    assert_contains(text, "busy");
    assert_contains(text, "NAME");
    assert_contains(text, "serve-0");
    assert_contains(text, "serve-1");
    assert_contains(text, "100%");
    assert_contains(text, "RUNS/S");
    destroy_drawn_node(node);
}

static void
nobody_who_holds_cores_is_said(void **state)
{
    struct drawn_node *node = make_drawn_node(4, 0, 0);

    (void)state;
    draw_node(node, 80, 24);
    assert_contains(picture_text(&node->canvas), "No process holds cores.");
    assert_null(strstr(picture_text(&node->canvas), "MEMORY"));
    destroy_drawn_node(node);
}

static void
a_low_screen_says_how_to_quit_where_it_can(void **state)
{
    struct drawn_node *node = make_drawn_node(2, 1, 1);

    (void)state;
    draw_node(node, 20, 5);
    show_picture(node);
    assert_contains(picture_text(&node->canvas), "\nq quits\n");
    draw_node(node, 20, 4);
    assert_null(strstr(picture_text(&node->canvas), "q quits"));
    destroy_drawn_node(node);
    node = make_drawn_node(2, 2, 1);
    draw_node(node, 20, 5);
    assert_null(strstr(picture_text(&node->canvas), "q quits"));
    destroy_drawn_node(node);
}

static void
a_tab_shows_one_process(void **state)
{
    struct drawn_node *node = make_drawn_node(8, 3, 2);

    (void)state;
    neuron_top_view_press(&node->view, '2', &node->after);
    draw_node(node, 90, 40);
    show_picture(node);
    const char *text = picture_text(&node->canvas);
    assert_contains(text, "serve-1  pid 1001  user ana  since 2026-11-20 23:10:05  uses cores 2-3");
    assert_contains(text, "LATENCY");
    assert_contains(text, "NEURON_TIMED_OUT");
    assert_contains(text, "resnet.neff");
    assert_null(strstr(text, "COMMAND"));
    destroy_drawn_node(node);
}

static void
a_page_that_is_too_long_scrolls(void **state)
{
    struct drawn_node *node = make_drawn_node(64, 30, 2);

    (void)state;
    draw_node(node, 80, 12);
    assert_null(strstr(picture_text(&node->canvas), "running"));
    neuron_top_view_press(&node->view, NEURON_KEY_END, &node->after);
    draw_node(node, 80, 12);
    assert_contains(picture_text(&node->canvas), "running");
    assert_true(node->view.scroll > 30 && node->view.scroll < 1000);
    neuron_top_view_press(&node->view, NEURON_KEY_HOME, &node->after);
    draw_node(node, 80, 12);
    assert_int_equal(node->view.scroll, 0);
    destroy_drawn_node(node);
}

static void
many_cores_fit_as_cells(void **state)
{
    struct drawn_node *node = make_drawn_node(1024, 10, 100);

    (void)state;
    draw_node(node, 120, 60);
    show_picture(node);
    assert_contains(picture_text(&node->canvas), "\n 960 ");
    assert_contains(picture_text(&node->canvas), "\xE2\x96\x88");
    assert_contains(picture_text(&node->canvas), "\xC2\xB7"); /* free ones */
    assert_contains(picture_text(&node->canvas), "PID");
    destroy_drawn_node(node);
}

static void
without_unicode_all_is_ascii(void **state)
{
    struct drawn_node *node = make_drawn_node(128, 10, 12);

    (void)state;
    node->canvas.is_unicode = false;
    for (uint32_t width = 10; width < 160; width += 50) {
        draw_node(node, width, 50);
        for (const char *at = picture_text(&node->canvas); *at != '\0'; at += 1) {
            assert_in_range(*at, '\n', '~');
        }
    }
    destroy_drawn_node(node);
}

/* Draws in every size up to the largest, one in `step` of them, in each kind of page. */
static void
draw_all_sizes(struct drawn_node *node, uint32_t step)
{
    for (uint32_t size = 0; size < WIDTH_MAX * HEIGHT_MAX; size += step) {
        if (size / step % 4 == 1) {
            neuron_top_view_press(&node->view, NEURON_KEY_RIGHT, &node->after);
        } else if (size / step % 16 == 2) {
            neuron_top_view_press(&node->view, '?', &node->after);
        } else if (size / step % 4 == 3) {
            neuron_top_view_press(&node->view, NEURON_KEY_PAGE_DOWN, &node->after);
        }
        neuron_top_view_press(&node->view, 's', &node->after);
        draw_node(node, 1 + size % WIDTH_MAX, 1 + size / WIDTH_MAX);
    }
}

static void
every_size_can_be_drawn(void **state)
{
    static const uint32_t nodes[][4] = {/* cores, processes, cores of each, step */
                                        {1, 0, 0, 3},        {1, 1, 1, 7},       {2, 2, 1, 5},
                                        {96, 9, 7, 37},      {128, 100, 1, 131}, {1024, 8, 128, 97},
                                        {1024, 100, 10, 301}};

    (void)state;
    for (uint32_t i = 0; i < sizeof(nodes) / sizeof(nodes[0]); i += 1) {
        struct drawn_node *node = make_drawn_node(nodes[i][0], nodes[i][1], nodes[i][2]);

        draw_all_sizes(node, nodes[i][3]);
        destroy_drawn_node(node);
    }
}

static void
no_cores_and_no_room_draw_nothing_wrong(void **state)
{
    struct drawn_node *node = make_drawn_node(2, 0, 0);
    uint32_t core_count = node->rates.core_count;

    (void)state;
    node->rates.core_count = 0;
    draw_node(node, 80, 24);
    assert_contains(picture_text(&node->canvas), "0 cores");
    draw_node(node, 0, 24);
    draw_node(node, 80, 0);
    draw_node(node, 0, 0);
    node->rates.core_count = core_count;
    destroy_drawn_node(node);
}

static void
a_note_takes_the_last_row(void **state)
{
    struct drawn_node *node = make_drawn_node(2, 1, 1);

    (void)state;
    (void)snprintf(node->view.note, sizeof(node->view.note), "leases cannot be read");
    draw_node(node, 40, 3);
    assert_contains(picture_text(&node->canvas), "\nleases cannot be read\n");
    destroy_drawn_node(node);
}

static void
the_whole_page_has_no_keys(void **state)
{
    struct neuron_error error = {0};
    struct drawn_node *node = make_drawn_node(16, 8, 2);

    (void)state;
    node->canvas.width = 100;
    assert_ok(neuron_picture_compose_page(&node->source, &node->canvas, &error), &error);
    show_picture(node);
    assert_contains(picture_text(&node->canvas), "serve-7");
    assert_contains(picture_text(&node->canvas), "MODELS");
    assert_null(strstr(picture_text(&node->canvas), "q quit"));
    destroy_drawn_node(node);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_usual_screen_has_all_parts),
        cmocka_unit_test(a_small_screen_has_what_matters_most),
        cmocka_unit_test(nobody_who_holds_cores_is_said),
        cmocka_unit_test(a_low_screen_says_how_to_quit_where_it_can),
        cmocka_unit_test(a_tab_shows_one_process),
        cmocka_unit_test(a_page_that_is_too_long_scrolls),
        cmocka_unit_test(many_cores_fit_as_cells),
        cmocka_unit_test(without_unicode_all_is_ascii),
        cmocka_unit_test(every_size_can_be_drawn),
        cmocka_unit_test(no_cores_and_no_room_draw_nothing_wrong),
        cmocka_unit_test(a_note_takes_the_last_row),
        cmocka_unit_test(the_whole_page_has_no_keys),
    };

    (void)setlocale(LC_CTYPE, "C.UTF-8"); /* NOLINT(concurrency-mt-unsafe): one thread */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
