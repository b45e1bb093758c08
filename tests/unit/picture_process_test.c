/* SPDX-License-Identifier: Apache-2.0 */
/* How processes and their cores are told in pictures. */
#include "top/picture.h"

#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "drawn_node.h"

static void
put_name(char *field, size_t size_bytes, const char *text)
{
    (void)snprintf(field, size_bytes, "%s", text);
}

static void
a_reason_stands_below_who_cannot_be_read(void **state)
{
    struct drawn_node *node = make_drawn_node(8, 4, 1);

    (void)state;
    draw_node(node, 120, 30);
    show_picture(node);
    assert_contains(picture_text(&node->canvas),
                    "its counters cannot be read; ask as bob or root\n");
    assert_contains(picture_text(&node->canvas), "serve-3");
    destroy_drawn_node(node);
}

static void
a_core_whose_holder_cannot_be_read_is_not_idle(void **state)
{
    struct drawn_node *node = make_drawn_node(8, 4, 2);

    (void)state;
    draw_node(node, 120, 30);
    const char *text = picture_text(&node->canvas);
    assert_contains(text, " 6 [     ");
    assert_contains(text, " ?] serve-3");
    assert_contains(text, "+? busy");
    assert_contains(text, "+? runs/s");
    assert_contains(text, "all processes, +? ");
    draw_node(node, 22, 20); /* a number each */
    assert_contains(picture_text(&node->canvas), "6    ?");
    draw_node(node, 20, 5); /* a character each */
    assert_contains(picture_text(&node->canvas), "??\n");
    destroy_drawn_node(node);
}

static void
what_cannot_be_seen_is_of_other_containers(void **state)
{
    struct drawn_node *node = make_drawn_node(4, 1, 2);

    (void)state;
    node->after.processes[0].pid = 0;
    node->after.processes[0].tag[0] = '\0';
    draw_node(node, 200, 24);
    assert_contains(picture_text(&node->canvas), "in other containers\n");
    assert_contains(picture_text(&node->canvas), "] elsewhere");
    destroy_drawn_node(node);
    node = make_drawn_node(2, 1, 1);
    node->after.processes[0].pid = 0;
    draw_node(node, 200, 24);
    assert_contains(picture_text(&node->canvas), "in another container\n");
    destroy_drawn_node(node);
}

static void
who_works_on_cores_that_nobody_can_tell_has_a_reason(void **state)
{
    struct neuron_error error = {0};
    struct drawn_node *node = make_drawn_node(8, 4, 2);
    struct neuron_node_process *process = &node->after.processes[3];

    (void)state;
    process->kind = NEURON_CORE_LEASE_BORROWED;
    neuron_core_set_destroy(process->cores);
    assert_ok(neuron_core_set_create(0, 0, &process->cores, &error), &error);
    draw_node(node, 100, 40);
    assert_contains(picture_text(&node->canvas), "serve-3 S -        -");
    assert_contains(picture_text(&node->canvas), "\n  process 1003 of bob: its counters cannot");
    neuron_top_view_press(&node->view, '4', &node->after);
    draw_node(node, 100, 40);
    assert_contains(picture_text(&node->canvas), "borrows cores of others");
    assert_contains(picture_text(&node->canvas), "\nprocess 1003 of bob: its counters cannot");
    destroy_drawn_node(node);
}

static void
a_full_bar_ends_before_its_figure(void **state)
{
    struct drawn_node *node = make_drawn_node(2, 2, 1);

    (void)state;
    draw_node(node, 80, 24);
    assert_contains(picture_text(&node->canvas), "\xE2\x96\x88 100%] serve-0");
    assert_null(strstr(picture_text(&node->canvas), "+?"));
    destroy_drawn_node(node);
}

static void
a_process_that_is_stopped_is_marked(void **state)
{
    struct drawn_node *node = make_drawn_node(4, 2, 2);

    (void)state;
    node->after.processes[1].stats.state = 'T';
    draw_node(node, 100, 24);
    assert_contains(picture_text(&node->canvas), "NAME     S CORES");
    assert_contains(picture_text(&node->canvas), "serve-0  S 0-1");
    assert_contains(picture_text(&node->canvas), " serve-1 T 2-3");
    draw_node(node, 80, 24);
    assert_contains(picture_text(&node->canvas), "COMMAND");
    neuron_top_view_press(&node->view, '2', &node->after);
    draw_node(node, 80, 24);
    assert_contains(picture_text(&node->canvas), "state T: stopped\n");
    destroy_drawn_node(node);
}

/* Gives all processes one name. */
static void
name_all(struct drawn_node *node, const char *tag)
{
    for (uint32_t i = 0; i < node->after.process_count; i += 1) {
        put_name(node->after.processes[i].tag, sizeof(node->after.processes[i].tag), tag);
    }
}

static void
equal_names_have_their_pids(void **state)
{
    struct drawn_node *node = make_drawn_node(2, 2, 1);

    (void)state;
    name_all(node, "scorer");
    draw_node(node, 80, 24);
    assert_contains(picture_text(&node->canvas), "all  1 scorer 1000  2 scorer 1001\n");
    assert_contains(picture_text(&node->canvas), "100%] scorer 1000");
    assert_contains(picture_text(&node->canvas), "\n   1001 ana     scorer  S 1 ");
    draw_node(node, 20, 5);
    show_picture(node);
    assert_contains(picture_text(&node->canvas), "\nsco 1000 ");
    assert_contains(picture_text(&node->canvas), "\n sc 1001 ");
    node->after.processes[1].pid = 1234567;
    draw_node(node, 20, 5);
    assert_contains(picture_text(&node->canvas), "\n 1234567 ");
    draw_node(node, 28, 5);
    assert_contains(picture_text(&node->canvas), "\nscorer 1000 ");
    destroy_drawn_node(node);
}

static void
a_launcher_is_not_called_as_its_ranks_are(void **state)
{
    struct drawn_node *node = make_drawn_node(2, 1, 1);

    (void)state;
    name_all(node, "scorer");
    node->after.processes[0].kind = NEURON_CORE_LEASE_RESERVATION;
    put_name(node->after.processes[0].command, NEURON_NODE_COMMAND_BYTES,
             "/usr/bin/neuronrun -np 2 ./score");
    draw_node(node, 80, 24);
    assert_contains(picture_text(&node->canvas), "100%] neuronrun");
    assert_contains(picture_text(&node->canvas), "1 neuronrun\n");
    assert_contains(picture_text(&node->canvas), " neuronr"); /* without its folder */
    assert_null(strstr(picture_text(&node->canvas), "scorer"));
    assert_null(strstr(picture_text(&node->canvas), "/usr/bin"));
    destroy_drawn_node(node);
}

static void
what_others_call_themselves_moves_nothing(void **state)
{
    struct drawn_node *node = make_drawn_node(2, 1, 1);
    struct neuron_node_process *process = &node->after.processes[0];

    (void)state;
    put_name(process->tag, sizeof(process->tag),
             "\xE6\xA8\xA1\xE5\x9E\x8B\xCC\x81"
             "a\xE2\x80\xAE");
    put_name(process->command, sizeof(process->command), "%s%n");
    draw_node(node, 80, 24);
    for (uint32_t row = 0; row < node->canvas.height; row += 1) {
        for (uint32_t column = 0; column < node->canvas.width; column += 1) {
            uint32_t character = neuron_canvas_cell(&node->canvas, row, column)->character;
            assert_true(character != 0x301 && character != 0x202E);
        }
    }
    assert_contains(picture_text(&node->canvas), "%s%n");
    assert_contains(picture_text(&node->canvas), "\xE6\xA8\xA1\xE5\x9E\x8B?a?");
    destroy_drawn_node(node);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_reason_stands_below_who_cannot_be_read),
        cmocka_unit_test(a_core_whose_holder_cannot_be_read_is_not_idle),
        cmocka_unit_test(what_cannot_be_seen_is_of_other_containers),
        cmocka_unit_test(who_works_on_cores_that_nobody_can_tell_has_a_reason),
        cmocka_unit_test(a_full_bar_ends_before_its_figure),
        cmocka_unit_test(a_process_that_is_stopped_is_marked),
        cmocka_unit_test(equal_names_have_their_pids),
        cmocka_unit_test(a_launcher_is_not_called_as_its_ranks_are),
        cmocka_unit_test(what_others_call_themselves_moves_nothing),
    };

    (void)setlocale(LC_CTYPE, "C.UTF-8"); /* NOLINT(concurrency-mt-unsafe): one thread */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
