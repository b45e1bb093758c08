/* SPDX-License-Identifier: Apache-2.0 */
#include "top/picture.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "invented_machine.h"
#include "made_node.h"

enum { TEXT_BYTES = 65536, WIDTH_MAX = 200, HEIGHT_MAX = 60 };

/* A machine, and two looks at it. */
struct node {
    struct neuron_topology *topology;
    struct neuron_node_sample before;
    struct neuron_node_sample after;
    struct neuron_node_rates rates;
    struct neuron_picture_source source;
    struct neuron_canvas canvas;
    struct neuron_top_view view;
};

static void
put_name(char *field, size_t size_bytes, const char *text)
{
    (void)snprintf(field, size_bytes, "%s", text);
}

/* Gives a process a model on all its cores, that runs and has memory. */
static void
add_model(struct neuron_node_process *process)
{
    struct neuron_counter_sample *runtime = made_runtime(process);

    runtime->module_count = 1;
    runtime->modules[0].serial = 1;
    runtime->modules[0].replica_count = runtime->core_count;
    runtime->modules[0].model_cores = 1;
    runtime->modules[0].is_running = true;
    put_name(runtime->modules[0].name, NEURON_COUNTER_NAME_BYTES,
             "resnet\xC3\xA9\xE6\xA8\xA1.neff");
    runtime->memory_count = 1;
    put_name(runtime->memory[0].name, NEURON_COUNTER_NAME_BYTES, "resnet.neff");
    runtime->memory[0].bytes[NEURON_MEMORY_WEIGHTS] = 123U << 20;
    runtime->memory[0].peak_bytes = 125U << 20;
    for (uint32_t nc = 0; nc < runtime->core_count; nc += 1) {
        runtime->modules[0].cores[nc / 64 % NEURON_COUNTER_CORE_WORDS] |= (uint64_t)1 << nc % 64;
        runtime->cores[nc].busy_ns = 1000000000U / (nc % 7 + 1);
        runtime->cores[nc].ended[NEURON_OK] = 1000U * nc + 500;
        runtime->cores[nc].ended[NEURON_TIMED_OUT] = nc % 3;
    }
    runtime->run_times.counts[100] = 1000;
    runtime->request_times.counts[200] = 1000;
}

/* Adds a process: of five one is a launcher with the others below, and of four one is another's. */
static void
add_process(struct node *node, uint32_t number, uint32_t core_count, bool is_alone)
{
    char cores[64] = "";

    (void)snprintf(cores, sizeof(cores), "%u-%u", number * core_count,
                   (number + 1) * core_count - 1);
    struct neuron_node_process *process =
        made_process(&node->after, (pid_t)(1000 + number), cores, "python3 serve.py --all");
    (void)snprintf(process->tag, sizeof(process->tag), "serve-%u", number);
    process->parent = number % 5 == 0 ? neuron_no_process : number - number % 5;
    if (number % 4 == 3) {
        put_name(process->trouble, sizeof(process->trouble),
                 "process 1003 of bob: its counters cannot be read; ask as bob or root");
    } else if (number % 5 != 0 || is_alone) {
        add_model(process);
    }
}

/* Makes a machine, with so many processes of so many cores each. */
static struct node *
make_node(uint32_t core_count, uint32_t process_count, uint32_t cores_each)
{
    struct node *node = calloc(1, sizeof(*node));
    struct neuron_error error = {0};
    char machine[64] = "";

    assert_non_null(node);
    (void)snprintf(machine, sizeof(machine), "numa:1 core:%u pu:1", core_count);
    node->topology = create_topology(machine);
    for (uint32_t i = 0; i < process_count; i += 1) {
        add_process(node, i, cores_each, process_count <= 2);
    }
    node->after.time_ns = 1000000000000U;
    node->after.host.memory_total_bytes = 64ULL << 30;
    node->after.host.memory_available_bytes = 24ULL << 30;
    assert_ok(
        neuron_node_rates_find(node->topology, &node->before, &node->after, &node->rates, &error),
        &error);
    node->source = (struct neuron_picture_source){"node17", &node->after, &node->rates};
    node->view.delay_ms = 1000;
    node->canvas.is_unicode = true;
    return node;
}

static void
destroy_node(struct node *node)
{
    neuron_canvas_clear(&node->canvas);
    neuron_node_rates_clear(&node->rates);
    neuron_node_sample_clear(&node->after);
    neuron_topology_destroy(node->topology);
    free(node);
}

static void
draw(struct node *node, uint32_t width, uint32_t height)
{
    struct neuron_error error = {0};

    node->canvas.width = width;
    assert_ok(neuron_picture_compose(&node->source, &node->view, height, &node->canvas, &error),
              &error);
    assert_int_equal(node->canvas.height, height);
}

/* The picture as a text, without the blanks at the end of its rows. */
static const char *
text_of(const struct neuron_canvas *canvas)
{
    static char text[TEXT_BYTES];
    size_t length = 0;

    for (uint32_t row = 0; row < canvas->height; row += 1) {
        for (uint32_t column = 0; column < canvas->width; column += 1) {
            assert_true(length + (size_t)2 * NEURON_CELL_BYTES < sizeof(text));
            length += neuron_cell_encode(neuron_canvas_cell(canvas, row, column), text + length);
        }
        while (length > 0 && text[length - 1] == ' ') {
            length -= 1;
        }
        text[length] = '\n';
        length += 1;
    }
    text[length] = '\0';
    return text;
}

static void
show(const struct node *node)
{
    /* One thread: NOLINTNEXTLINE(concurrency-mt-unsafe) */
    if (getenv("NEURON_TEST_SHOW") != NULL) {
        (void)printf("%s", text_of(&node->canvas));
    }
}

static void
a_usual_screen_has_all_parts(void **state)
{
    struct node *node = make_node(8, 3, 2);

    (void)state;
    draw(node, 100, 40);
    show(node);
    const char *text = text_of(&node->canvas);
    assert_contains(text, "8 cores");
    assert_contains(text, "6 held");
    assert_contains(text, "serve-1");
    assert_contains(text, "MEMORY");
    assert_contains(text, "cores 2-3");
    assert_contains(text, "2 replicas of 1 core");
    assert_contains(text, "q quit");
    destroy_node(node);
}

static void
a_small_screen_has_what_matters_most(void **state)
{
    struct node *node = make_node(2, 2, 1);

    (void)state;
    draw(node, 20, 5);
    show(node);
    const char *text = text_of(&node->canvas);
    assert_contains(text, "busy");
    assert_contains(text, "NAME");
    assert_contains(text, "serve-0");
    assert_contains(text, "serve-1");
    assert_contains(text, "100%");
    assert_contains(text, "RUNS/S");
    destroy_node(node);
}

static void
nobody_who_holds_cores_is_said(void **state)
{
    struct node *node = make_node(4, 0, 0);

    (void)state;
    draw(node, 80, 24);
    assert_contains(text_of(&node->canvas), "No process holds cores.");
    assert_null(strstr(text_of(&node->canvas), "MEMORY"));
    destroy_node(node);
}

static void
a_reason_stands_below_who_cannot_be_read(void **state)
{
    struct node *node = make_node(8, 4, 1);

    (void)state;
    draw(node, 120, 30);
    show(node);
    assert_contains(text_of(&node->canvas), "its counters cannot be read; ask as bob or root\n");
    assert_contains(text_of(&node->canvas), "serve-3");
    destroy_node(node);
}

static void
a_core_whose_holder_cannot_be_read_is_not_idle(void **state)
{
    struct node *node = make_node(8, 4, 2);

    (void)state;
    draw(node, 120, 30);
    const char *text = text_of(&node->canvas);
    assert_contains(text, " 6 [     ");
    assert_contains(text, " ?] serve-3");
    assert_contains(text, "+? busy");
    assert_contains(text, "+? runs/s");
    draw(node, 22, 20); /* a number each */
    assert_contains(text_of(&node->canvas), "6    ?");
    draw(node, 20, 5); /* a character each */
    assert_contains(text_of(&node->canvas), "??\n");
    destroy_node(node);
}

static void
a_full_bar_ends_before_its_figure(void **state)
{
    struct node *node = make_node(2, 2, 1);

    (void)state;
    draw(node, 80, 24);
    assert_contains(text_of(&node->canvas), "\xE2\x96\x88 100%] serve-0");
    assert_null(strstr(text_of(&node->canvas), "+?"));
    destroy_node(node);
}

static void
a_process_that_is_stopped_is_marked(void **state)
{
    struct node *node = make_node(4, 2, 2);

    (void)state;
    node->after.processes[1].stats.state = 'T';
    draw(node, 100, 24);
    assert_contains(text_of(&node->canvas), "NAME     S CORES");
    assert_contains(text_of(&node->canvas), "serve-0  S 0-1");
    assert_contains(text_of(&node->canvas), " serve-1 T 2-3");
    draw(node, 80, 24);
    assert_contains(text_of(&node->canvas), "COMMAND");
    neuron_top_view_press(&node->view, '2', &node->after);
    draw(node, 80, 24);
    assert_contains(text_of(&node->canvas), "state T: stopped\n");
    destroy_node(node);
}

static void
a_tab_shows_one_process(void **state)
{
    struct node *node = make_node(8, 3, 2);

    (void)state;
    neuron_top_view_press(&node->view, '2', &node->after);
    draw(node, 90, 40);
    show(node);
    const char *text = text_of(&node->canvas);
    assert_contains(text, "serve-1  pid 1001  user ana  since 2026-11-20 23:10:05  uses cores 2-3");
    assert_contains(text, "LATENCY");
    assert_contains(text, "NEURON_TIMED_OUT");
    assert_contains(text, "resnet.neff");
    assert_null(strstr(text, "COMMAND"));
    destroy_node(node);
}

static void
a_page_that_is_too_long_scrolls(void **state)
{
    struct node *node = make_node(64, 30, 2);

    (void)state;
    draw(node, 80, 12);
    assert_null(strstr(text_of(&node->canvas), "running"));
    neuron_top_view_press(&node->view, NEURON_KEY_END, &node->after);
    draw(node, 80, 12);
    assert_contains(text_of(&node->canvas), "running");
    assert_true(node->view.scroll > 30 && node->view.scroll < 1000);
    neuron_top_view_press(&node->view, NEURON_KEY_HOME, &node->after);
    draw(node, 80, 12);
    assert_int_equal(node->view.scroll, 0);
    destroy_node(node);
}

static void
many_cores_fit_as_cells(void **state)
{
    struct node *node = make_node(1024, 10, 100);

    (void)state;
    draw(node, 120, 60);
    show(node);
    assert_contains(text_of(&node->canvas), "\n 960 ");
    assert_contains(text_of(&node->canvas), "\xE2\x96\x88");
    assert_contains(text_of(&node->canvas), "\xC2\xB7"); /* free ones */
    assert_contains(text_of(&node->canvas), "PID");
    destroy_node(node);
}

static void
without_unicode_all_is_ascii(void **state)
{
    struct node *node = make_node(128, 10, 12);

    (void)state;
    node->canvas.is_unicode = false;
    for (uint32_t width = 10; width < 160; width += 50) {
        draw(node, width, 50);
        for (const char *at = text_of(&node->canvas); *at != '\0'; at += 1) {
            assert_in_range(*at, '\n', '~');
        }
    }
    destroy_node(node);
}

/* Draws in every size up to the largest, one in `step` of them, in each kind of page. */
static void
draw_all_sizes(struct node *node, uint32_t step)
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
        draw(node, 1 + size % WIDTH_MAX, 1 + size / WIDTH_MAX);
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
        struct node *node = make_node(nodes[i][0], nodes[i][1], nodes[i][2]);

        draw_all_sizes(node, nodes[i][3]);
        destroy_node(node);
    }
}

static void
no_cores_and_no_room_draw_nothing_wrong(void **state)
{
    struct node *node = make_node(2, 0, 0);
    uint32_t core_count = node->rates.core_count;

    (void)state;
    node->rates.core_count = 0;
    draw(node, 80, 24);
    assert_contains(text_of(&node->canvas), "0 cores");
    draw(node, 0, 24);
    draw(node, 80, 0);
    draw(node, 0, 0);
    node->rates.core_count = core_count;
    destroy_node(node);
}

static void
what_others_call_themselves_moves_nothing(void **state)
{
    struct node *node = make_node(2, 1, 1);
    struct neuron_node_process *process = &node->after.processes[0];

    (void)state;
    put_name(process->tag, sizeof(process->tag),
             "\xE6\xA8\xA1\xE5\x9E\x8B\xCC\x81"
             "a\xE2\x80\xAE");
    put_name(process->command, sizeof(process->command), "%s%n");
    draw(node, 80, 24);
    for (uint32_t row = 0; row < node->canvas.height; row += 1) {
        for (uint32_t column = 0; column < node->canvas.width; column += 1) {
            uint32_t character = neuron_canvas_cell(&node->canvas, row, column)->character;
            assert_true(character != 0x301 && character != 0x202E);
        }
    }
    assert_contains(text_of(&node->canvas), "%s%n");
    assert_contains(text_of(&node->canvas), "\xE6\xA8\xA1\xE5\x9E\x8B?a?");
    destroy_node(node);
}

static void
a_note_takes_the_last_row(void **state)
{
    struct node *node = make_node(2, 1, 1);

    (void)state;
    put_name(node->view.note, sizeof(node->view.note), "leases cannot be read");
    draw(node, 40, 3);
    assert_contains(text_of(&node->canvas), "\nleases cannot be read\n");
    destroy_node(node);
}

static void
the_whole_page_has_no_keys(void **state)
{
    struct neuron_error error = {0};
    struct node *node = make_node(16, 8, 2);

    (void)state;
    node->canvas.width = 100;
    assert_ok(neuron_picture_compose_page(&node->source, &node->canvas, &error), &error);
    show(node);
    assert_contains(text_of(&node->canvas), "serve-7");
    assert_contains(text_of(&node->canvas), "MODELS");
    assert_null(strstr(text_of(&node->canvas), "q quit"));
    destroy_node(node);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_usual_screen_has_all_parts),
        cmocka_unit_test(a_small_screen_has_what_matters_most),
        cmocka_unit_test(nobody_who_holds_cores_is_said),
        cmocka_unit_test(a_reason_stands_below_who_cannot_be_read),
        cmocka_unit_test(a_core_whose_holder_cannot_be_read_is_not_idle),
        cmocka_unit_test(a_full_bar_ends_before_its_figure),
        cmocka_unit_test(a_process_that_is_stopped_is_marked),
        cmocka_unit_test(a_tab_shows_one_process),
        cmocka_unit_test(a_page_that_is_too_long_scrolls),
        cmocka_unit_test(many_cores_fit_as_cells),
        cmocka_unit_test(without_unicode_all_is_ascii),
        cmocka_unit_test(every_size_can_be_drawn),
        cmocka_unit_test(no_cores_and_no_room_draw_nothing_wrong),
        cmocka_unit_test(what_others_call_themselves_moves_nothing),
        cmocka_unit_test(a_note_takes_the_last_row),
        cmocka_unit_test(the_whole_page_has_no_keys),
    };

    (void)setlocale(LC_CTYPE, "C.UTF-8"); /* NOLINT(concurrency-mt-unsafe): one thread */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
