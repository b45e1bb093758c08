/* SPDX-License-Identifier: Apache-2.0 */
#include "top/top_report.h"

#include <errno.h>
#include <stdio.h>
#include <time.h>

#include "neuron/clock.h"
#include "neuron/json_text.h"

#include "node/tool_output.h"
#include "top/top_json.h"

static void
sleep_until(uint64_t time_ns)
{
    struct timespec until = {.tv_sec = (time_t)(time_ns / NEURON_NS_PER_S),
                             .tv_nsec = (long)(time_ns % NEURON_NS_PER_S)};

    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == EINTR) {
    }
}

static enum neuron_status
print_json(const struct neuron_looks *looks, struct neuron_error *error)
{
    struct neuron_json_text text = {.line_depth = 0};
    struct neuron_picture_source source = neuron_looks_source(looks);
    enum neuron_status status =
        neuron_top_json_add(&text, neuron_looks_topology(looks), &source, error);

    if (status == NEURON_OK) {
        status = neuron_json_text_finish(&text, error);
    }
    if (status == NEURON_OK) {
        (void)fwrite(text.bytes, 1, text.length, stdout);
    }
    neuron_json_text_destroy(&text);
    return status;
}

/* Prints a row without the blanks at its end. */
static void
print_row(const struct neuron_canvas *canvas, uint32_t row)
{
    char bytes[NEURON_CELL_BYTES] = "";
    uint32_t length = canvas->width;

    while (length > 0 && neuron_canvas_cell(canvas, row, length - 1)->character == ' ') {
        length -= 1;
    }
    for (uint32_t column = 0; column < length; column += 1) {
        (void)neuron_cell_encode(neuron_canvas_cell(canvas, row, column), bytes);
        (void)fputs(bytes, stdout);
    }
    (void)fputc('\n', stdout);
}

static enum neuron_status
print_page(const struct neuron_looks *looks, struct neuron_error *error)
{
    struct neuron_tool_screen screen = neuron_tool_screen_find(stdout);
    struct neuron_picture_source source = neuron_looks_source(looks);
    struct neuron_canvas canvas = {.is_unicode = screen.is_utf8};

    canvas.width =
        screen.columns < NEURON_CANVAS_LIMIT ? (uint32_t)screen.columns : NEURON_CANVAS_LIMIT;
    enum neuron_status status = neuron_picture_compose_page(&source, &canvas, error);
    if (status == NEURON_OK) {
        for (uint32_t row = 0; row < canvas.height; row += 1) {
            print_row(&canvas, row);
        }
    }
    neuron_canvas_clear(&canvas);
    return status;
}

enum neuron_status
neuron_top_report(struct neuron_looks *looks, const struct neuron_top_options *options,
                  struct neuron_error *error)
{
    uint64_t next_ns = neuron_clock_ns();
    enum neuron_status status = neuron_looks_take(looks, error);

    for (uint32_t i = 0; i < options->count && status == NEURON_OK; i += 1) {
        next_ns += options->delay_ms * NEURON_NS_PER_MS;
        sleep_until(next_ns);
        status = neuron_looks_take(looks, error);
        if (status == NEURON_OK && i > 0 && !options->is_json) {
            (void)fputc('\n', stdout);
        }
        if (status == NEURON_OK) {
            status = options->is_json ? print_json(looks, error) : print_page(looks, error);
        }
        if (status == NEURON_OK) {
            status = neuron_tool_output_flush(stdout, error);
        }
    }
    return status;
}
