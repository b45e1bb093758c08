/* SPDX-License-Identifier: Apache-2.0 */
#include "score/progress.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum {
    USUAL_COLUMNS = 80,
    USUAL_LINES = 24,
    LINE_LIMIT = 128, /* that are drawn on the tallest terminal */
    SAMPLE_LIMIT = 8,
    DRAWN_BYTES = LINE_LIMIT * (NEURON_PROGRESS_LINE_BYTES + 8) + 64
};

static const double shortest_pause_s = 0.2; /* on a terminal */
static const double plain_pause_s = 10.0;
static const double quarter_pause_s = 5.0;
static const double sample_pause_s = 1.0;

/* A terminal that cannot go up a line is none. */
static bool
is_terminal(int file)
{
    const char *kind = getenv("TERM"); /* NOLINT(concurrency-mt-unsafe) */

    return isatty(file) == 1 && (kind == NULL || strcmp(kind, "dumb") != 0);
}

struct neuron_progress
neuron_progress_start(int file, uint64_t rows, double start_s)
{
    bool is_on_terminal = file >= 0 && is_terminal(file);

    return (struct neuron_progress){.file = file,
                                    .is_terminal = is_on_terminal,
                                    .rows = rows,
                                    .start_s = start_s,
                                    .shown_s =
                                        is_on_terminal ? start_s - 2 * shortest_pause_s : start_s};
}

/* Notes how many rows are done, and says at what rate of late. */
static double
measure_rate(struct neuron_progress *progress, uint64_t done_rows, uint64_t rows_before,
             double now_s)
{
    struct neuron_progress_sample *samples = progress->samples;

    if (progress->sample_count == 0) {
        samples[0] = (struct neuron_progress_sample){progress->start_s, rows_before};
        progress->sample_count = 1;
    }
    const struct neuron_progress_sample oldest = samples[0];
    if (now_s - samples[progress->sample_count - 1].time_s >= sample_pause_s) {
        if (progress->sample_count == SAMPLE_LIMIT) {
            memmove(samples, samples + 1, (SAMPLE_LIMIT - 1) * sizeof(*samples));
            progress->sample_count -= 1;
        }
        samples[progress->sample_count] = (struct neuron_progress_sample){now_s, done_rows};
        progress->sample_count += 1;
    }
    return now_s > oldest.time_s && done_rows > oldest.done_rows
               ? (double)(done_rows - oldest.done_rows) / (now_s - oldest.time_s)
               : 0.0;
}

/* A terminal or pipe that takes no more is no reason to stop working. */
static void
write_text(const struct neuron_progress *progress, const char *text, size_t length)
{
    ssize_t written = write(progress->file, text, length);

    (void)written;
}

/* Text that grows. */
struct drawing {
    char text[DRAWN_BYTES];
    size_t length;
    unsigned lines;
};

static void
add_text(struct drawing *drawing, const char *text)
{
    size_t length = strlen(text);

    if (length < sizeof(drawing->text) - drawing->length) {
        memcpy(drawing->text + drawing->length, text, length + 1);
        drawing->length += length;
    }
}

/* Adds a line, which wipes what stood behind it. */
static void
add_line(struct drawing *drawing, const char *line)
{
    if (drawing->lines > 0) {
        add_text(drawing, "\r\n");
    }
    add_text(drawing, line);
    add_text(drawing, "\x1b[K");
    drawing->lines += 1;
}

/* Goes to the first line of what is shown. */
static void
add_return(struct drawing *drawing, const struct neuron_progress *progress)
{
    char up[32] = "";

    add_text(drawing, "\r");
    if (progress->shown_lines > 1) {
        (void)snprintf(up, sizeof(up), "\x1b[%uA", progress->shown_lines - 1);
        add_text(drawing, up);
    }
}

static void
add_lanes(struct drawing *drawing, const struct neuron_score_report *report, int64_t now_ns,
          const struct winsize *size)
{
    char line[NEURON_PROGRESS_LINE_BYTES] = "";
    uint32_t indices[LINE_LIMIT] = {0};
    struct neuron_lane_choice choice = {.indices = indices};
    /* One line is the job's, and the last one of the screen stays free. */
    uint32_t limit = size->ws_row > 2 ? size->ws_row - 2U : 0;

    limit = limit < LINE_LIMIT - 1 ? limit : LINE_LIMIT - 1;
    if (report->rank_count < 2 || limit == 0) {
        return;
    }
    neuron_lane_choose(report, now_ns, limit, &choice);
    for (uint32_t i = 0; i < choice.count; i += 1) {
        (void)neuron_lane_line(&report->ranks[indices[i]], &choice, now_ns, size->ws_col, line);
        add_line(drawing, line);
    }
    if (choice.rest > 0) {
        (void)neuron_lane_rest_line(&choice, size->ws_col, line);
        add_line(drawing, line);
    }
}

static void
draw(struct neuron_progress *progress, const struct neuron_progress_state *state,
     const struct neuron_score_report *report, int64_t now_ns)
{
    struct drawing drawing = {.length = 0};
    char line[NEURON_PROGRESS_LINE_BYTES] = "";
    struct winsize size = {0};

    if (ioctl(progress->file, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row == 0) {
        size = (struct winsize){.ws_col = USUAL_COLUMNS, .ws_row = USUAL_LINES};
    }
    add_return(&drawing, progress);
    (void)neuron_progress_line(state, size.ws_col, line);
    add_line(&drawing, line);
    add_lanes(&drawing, report, now_ns, &size);
    if (drawing.lines < progress->shown_lines) {
        add_text(&drawing, "\x1b[J");
    }
    write_text(progress, drawing.text, drawing.length);
    progress->shown_lines = drawing.lines;
}

/* Says whether a plain line is due. */
static bool
is_line_due(struct neuron_progress *progress, const struct neuron_progress_state *state,
            double now_s)
{
    double share = state->rows > 0 ? (double)state->done_rows / (double)state->rows : 1.0;
    unsigned quarter = share < 1.0 ? (unsigned)(share * 4.0) : 4;
    bool is_new = quarter > progress->shown_quarter && quarter < 4;
    double pause_s = now_s - progress->shown_s;

    if (quarter == 4 || pause_s < (is_new ? quarter_pause_s : plain_pause_s)) {
        return false;
    }
    progress->shown_quarter = quarter;
    return true;
}

static void
print_plain(const struct neuron_progress *progress, const struct neuron_progress_state *state)
{
    char text[NEURON_PROGRESS_LINE_BYTES] = "";
    char line[NEURON_PROGRESS_LINE_BYTES + 32] = "";

    (void)neuron_progress_line(state, NEURON_PROGRESS_LINE_BYTES, text);
    int length = snprintf(line, sizeof(line), "neuron-score: %s\n", text);
    write_text(progress, line, (size_t)length);
}

void
neuron_progress_update(struct neuron_progress *progress, const struct neuron_score_report *report,
                       double now_s, int64_t now_ns)
{
    const struct neuron_progress_state state = {
        .done_rows = report->done_rows,
        .rows = report->rows,
        .rows_per_s = measure_rate(progress, report->done_rows, report->rows_before, now_s)};

    if (progress->file < 0) {
        return;
    }
    if (progress->is_terminal && now_s - progress->shown_s >= shortest_pause_s) {
        draw(progress, &state, report, now_ns);
        progress->shown_s = now_s;
    } else if (!progress->is_terminal && is_line_due(progress, &state, now_s)) {
        print_plain(progress, &state);
        progress->shown_s = now_s;
    }
}

void
neuron_progress_show(struct neuron_progress *progress, uint64_t done_rows, double now_s)
{
    const struct neuron_score_report report = {.rows = progress->rows, .done_rows = done_rows};

    neuron_progress_update(progress, &report, now_s, 0);
}

void
neuron_progress_stop(struct neuron_progress *progress)
{
    struct drawing drawing = {.length = 0};

    if (progress->shown_lines == 0) {
        return;
    }
    add_return(&drawing, progress);
    add_text(&drawing, "\x1b[J");
    write_text(progress, drawing.text, drawing.length);
    progress->shown_lines = 0;
    progress->shown_s -= shortest_pause_s;
}
