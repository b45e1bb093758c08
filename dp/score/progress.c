/* SPDX-License-Identifier: Apache-2.0 */
#include "score/progress.h"

#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static const double shortest_pause_s = 0.2;

enum { USUAL_COLUMNS = 80 };

/* Writes "0:05" or "2:03:05". */
static void
format_time(double seconds, char *text, size_t size_bytes)
{
    unsigned long long whole = seconds < 1e9 ? (unsigned long long)(seconds + 0.5) : 0;

    if (seconds >= 1e9) {
        (void)snprintf(text, size_bytes, "long");
    } else if (whole >= 3600) {
        (void)snprintf(text, size_bytes, "%llu:%02llu:%02llu", whole / 3600, whole / 60 % 60,
                       whole % 60);
    } else {
        (void)snprintf(text, size_bytes, "%llu:%02llu", whole / 60, whole % 60);
    }
}

size_t
neuron_progress_format(uint64_t done_rows, uint64_t rows, double seconds, unsigned columns,
                       char *text)
{
    enum { FORM_COUNT = 4 };
    char forms[FORM_COUNT][NEURON_PROGRESS_LINE_BYTES] = {""};
    char left[32] = "";
    double rate = seconds > 0.0 ? (double)done_rows / seconds : 0.0;
    unsigned percent = rows == 0 ? 100 : (unsigned)((double)done_rows / (double)rows * 100.0);

    format_time(rate > 0.0 ? (double)(rows - done_rows) / rate : 1e9, left, sizeof(left));
    (void)snprintf(forms[0], sizeof(forms[0]), "%u%% %llu/%llu rows, %.0f rows/s, %s left", percent,
                   (unsigned long long)done_rows, (unsigned long long)rows, rate, left);
    (void)snprintf(forms[1], sizeof(forms[1]), "%u%% %.0f rows/s, %s left", percent, rate, left);
    (void)snprintf(forms[2], sizeof(forms[2]), "%u%% %s left", percent, left);
    (void)snprintf(forms[3], sizeof(forms[3]), "%u%%", percent);
    for (int i = 0; i < FORM_COUNT; i += 1) {
        size_t length = strlen(forms[i]);

        if (length < columns) {
            memcpy(text, forms[i], length + 1);
            return length;
        }
    }
    text[0] = '\0';
    return 0;
}

struct neuron_progress
neuron_progress_start(int file, uint64_t rows, double start_s)
{
    return (struct neuron_progress){.terminal = isatty(file) == 1 ? file : -1,
                                    .rows = rows,
                                    .start_s = start_s,
                                    .shown_s = start_s - 2 * shortest_pause_s};
}

static unsigned
terminal_columns(int terminal)
{
    struct winsize size = {0};

    if (ioctl(terminal, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) {
        return USUAL_COLUMNS;
    }
    return size.ws_col;
}

/* Writes over the line, with blanks where the new one is shorter. */
static void
rewrite_line(struct neuron_progress *progress, const char *text, size_t columns)
{
    char line[2 * NEURON_PROGRESS_LINE_BYTES] = "";
    size_t padding = progress->shown_columns > columns ? progress->shown_columns - columns : 0;

    int length =
        snprintf(line, sizeof(line), "\r%s%*s%s", text, (int)padding, "", columns == 0 ? "\r" : "");
    /* A terminal that takes no more is no reason to stop working. */
    ssize_t written = write(progress->terminal, line, (size_t)length);
    (void)written;
    progress->shown_columns = columns;
}

void
neuron_progress_show(struct neuron_progress *progress, uint64_t done_rows, double now_s)
{
    char text[NEURON_PROGRESS_LINE_BYTES] = "";

    if (progress->terminal < 0 || now_s - progress->shown_s < shortest_pause_s) {
        return;
    }
    size_t columns = neuron_progress_format(done_rows, progress->rows, now_s - progress->start_s,
                                            terminal_columns(progress->terminal), text);
    rewrite_line(progress, text, columns);
    progress->shown_s = now_s;
}

void
neuron_progress_stop(struct neuron_progress *progress)
{
    if (progress->terminal >= 0 && progress->shown_columns > 0) {
        rewrite_line(progress, "", 0);
    }
}
