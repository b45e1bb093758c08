/* SPDX-License-Identifier: Apache-2.0 */
#include "drawn_node.h"

#include <stdio.h>
#include <stdlib.h>

#include "check.h"
#include "invented_machine.h"
#include "made_node.h"

enum { TEXT_BYTES = 65536 };

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
add_process(struct drawn_node *node, uint32_t number, uint32_t core_count, bool is_alone)
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

struct drawn_node *
make_drawn_node(uint32_t core_count, uint32_t process_count, uint32_t cores_each)
{
    struct drawn_node *node = calloc(1, sizeof(*node));
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

void
destroy_drawn_node(struct drawn_node *node)
{
    neuron_canvas_clear(&node->canvas);
    neuron_node_rates_clear(&node->rates);
    neuron_node_sample_clear(&node->after);
    neuron_topology_destroy(node->topology);
    free(node);
}

void
draw_node(struct drawn_node *node, uint32_t width, uint32_t height)
{
    struct neuron_error error = {0};

    node->canvas.width = width;
    assert_ok(neuron_picture_compose(&node->source, &node->view, height, &node->canvas, &error),
              &error);
    assert_int_equal(node->canvas.height, height);
}

const char *
picture_text(const struct neuron_canvas *canvas)
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

void
show_picture(const struct drawn_node *node)
{
    /* One thread: NOLINTNEXTLINE(concurrency-mt-unsafe) */
    if (getenv("NEURON_TEST_SHOW") != NULL) {
        (void)printf("%s", picture_text(&node->canvas));
    }
}
