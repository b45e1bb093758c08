/* SPDX-License-Identifier: Apache-2.0 */
#include "top/picture_lines.h"

#include <stdio.h>
#include <time.h>

#include "neuron/clock.h"

#include "node/text_columns.h"
#include "top/fields.h"
#include "top/figures.h"
#include "top/process_name.h"
#include "top/wrapped_text.h"

enum {
    TAB_BYTES = NEURON_PROCESS_LABEL_BYTES + 16,
    TAB_WIDTH = 24,
    TIME_BYTES = 16,
    TAB_GAP = 2,
    DIGIT_TABS = 9
};

/* "23:10:05", as clocks on the wall have it. */
static void
format_time(uint64_t wall_time_ns, char *text, size_t size_bytes)
{
    time_t seconds = (time_t)(wall_time_ns / NEURON_NS_PER_S);
    struct tm parts = {0};

    text[0] = '\0';
    if (localtime_r(&seconds, &parts) != NULL) {
        (void)strftime(text, size_bytes, "%H:%M:%S", &parts);
    }
}

/* What the header counts of all cores. */
static void
count_cores(const struct neuron_node_rates *rates, uint32_t *held, double *busy)
{
    for (uint32_t i = 0; i < rates->core_count; i += 1) {
        *held += rates->cores[i].process != neuron_no_process ? 1 : 0;
        *busy += rates->cores[i].busy;
    }
}

void
neuron_header_add(struct neuron_canvas *canvas, const struct neuron_picture_source *source)
{
    const struct neuron_node_rates *rates = source->rates;
    char figure[NEURON_FIGURE_BYTES] = "";
    char time_text[TIME_BYTES] = "";
    uint32_t held = 0;
    double busy = 0;
    double failed = rates->seconds > 0 ? (double)rates->all.failed_count / rates->seconds : 0;
    const char *more = rates->unknown_count > 0 ? "+?" : ""; /* what cannot be read */
    struct neuron_field fields[] = {
        {"neuron-top", NEURON_STYLE_TITLE, 8}, {"", NEURON_STYLE_TITLE, 6},
        {"", NEURON_STYLE_PLAIN, 3},           {"", NEURON_STYLE_PLAIN, 5},
        {"", NEURON_STYLE_PLAIN, 1},           {"", NEURON_STYLE_PLAIN, 2},
        {"", NEURON_STYLE_PLAIN, 4},           {"", NEURON_STYLE_PLAIN, 7}};

    count_cores(rates, &held, &busy);
    format_time(source->sample->wall_time_ns, time_text, sizeof(time_text));
    (void)snprintf(fields[1].text, NEURON_FIELD_BYTES, "%.64s", source->machine);
    (void)snprintf(fields[2].text, NEURON_FIELD_BYTES, "%u %s", rates->core_count,
                   rates->core_count == 1 ? "core" : "cores");
    (void)snprintf(fields[3].text, NEURON_FIELD_BYTES, "%u held", held);
    (void)snprintf(fields[4].text, NEURON_FIELD_BYTES, "%.2f%s busy", busy, more);
    (void)snprintf(fields[5].text, NEURON_FIELD_BYTES, "%s%s runs/s",
                   neuron_figure_count(rates->all.runs_per_s, figure), more);
    (void)snprintf(fields[6].text, NEURON_FIELD_BYTES, "%s%s failed/s",
                   neuron_figure_count(failed, figure), more);
    (void)snprintf(fields[7].text, NEURON_FIELD_BYTES, "%s", time_text);
    if (rates->all.failed_count > 0) {
        fields[6].style = NEURON_STYLE_TROUBLE;
        fields[6].priority = 2;
    }
    neuron_fields_add(canvas, fields, sizeof(fields) / sizeof(fields[0]));
}

void
neuron_host_line_add(struct neuron_canvas *canvas, const struct neuron_picture_source *source)
{
    const struct neuron_host_stats *host = &source->sample->host;
    const struct neuron_process_rate *all = &source->rates->all;
    uint64_t used = host->memory_total_bytes > host->memory_available_bytes
                        ? host->memory_total_bytes - host->memory_available_bytes
                        : 0;
    struct neuron_field fields[] = {
        {"", NEURON_STYLE_PLAIN, 1}, {"", NEURON_STYLE_PLAIN, 2}, {"", NEURON_STYLE_PLAIN, 3}};
    char figures[2][NEURON_FIGURE_BYTES] = {""};

    (void)snprintf(fields[0].text, NEURON_FIELD_BYTES, "holders' CPU user %s system %s",
                   neuron_figure_percent(all->user_cpus, figures[0]),
                   neuron_figure_percent(all->system_cpus, figures[1]));
    (void)snprintf(fields[1].text, NEURON_FIELD_BYTES, "requests p50 %s p99 %s",
                   neuron_figure_seconds(all->request_s[NEURON_LATENCY_P50], figures[0]),
                   neuron_figure_seconds(all->request_s[NEURON_LATENCY_P99], figures[1]));
    (void)snprintf(fields[2].text, NEURON_FIELD_BYTES, "memory %s of %s",
                   neuron_figure_bytes(used, figures[0]),
                   neuron_figure_bytes(host->memory_total_bytes, figures[1]));
    neuron_fields_add(canvas, fields, sizeof(fields) / sizeof(fields[0]));
}

/* A tab that is drawn. */
struct tab {
    const struct neuron_node_process *process; /* NULL for all */
    uint32_t number;
};

/* A tab's label: "all", "3 serve", "3 serve 4242" where others are called so, too; beyond the
   digits "serve". */
static void
format_tab(const struct neuron_node_sample *sample, const struct tab *tab, char *text)
{
    char name[NEURON_PROCESS_LABEL_BYTES] = "";

    if (tab->process == NULL) {
        (void)snprintf(text, TAB_BYTES, "all");
        return;
    }
    (void)neuron_process_label(sample, (uint32_t)(tab->process - sample->processes), TAB_WIDTH,
                               name);
    name[neuron_text_fit(name, TAB_WIDTH, NULL)] = '\0';
    if (tab->number <= DIGIT_TABS) {
        (void)snprintf(text, TAB_BYTES, "%u %s", tab->number, name);
    } else {
        (void)snprintf(text, TAB_BYTES, "%s", name);
    }
}

/* Goes to the tab on the right; false where there is none. */
static bool
go_right(const struct neuron_node_sample *sample, struct tab *tab)
{
    uint32_t i = tab->process == NULL ? 0 : (uint32_t)(tab->process - sample->processes) + 1;

    while (i < sample->process_count && !neuron_top_view_has_tab(&sample->processes[i])) {
        i += 1;
    }
    if (i >= sample->process_count) {
        return false;
    }
    *tab = (struct tab){&sample->processes[i], tab->number + 1};
    return true;
}

/* Goes to the tab on the left; false where there is none. */
static bool
go_left(const struct neuron_node_sample *sample, struct tab *tab)
{
    if (tab->process == NULL) {
        return false;
    }
    uint32_t i = (uint32_t)(tab->process - sample->processes);
    while (i > 0 && !neuron_top_view_has_tab(&sample->processes[i - 1])) {
        i -= 1;
    }
    tab->process = i == 0 ? NULL : &sample->processes[i - 1];
    tab->number -= 1;
    return true;
}

static uint32_t
measure_tab(const struct neuron_canvas *canvas, const struct neuron_node_sample *sample,
            const struct tab *tab)
{
    char label[TAB_BYTES] = "";

    format_tab(sample, tab, label);
    return neuron_canvas_measure(canvas, label) + TAB_GAP;
}

/* The tab that is open. */
static struct tab
find_open(const struct neuron_node_sample *sample, const struct neuron_top_view *view)
{
    uint32_t position = neuron_top_view_find(view, sample);
    struct tab tab = {NULL, 0};

    while (position != neuron_no_process && tab.process != &sample->processes[position] &&
           go_right(sample, &tab)) {
    }
    return tab;
}

void
neuron_tabs_add(struct neuron_canvas *canvas, const struct neuron_node_sample *sample,
                const struct neuron_top_view *view)
{
    struct neuron_place place = {.row = neuron_canvas_add_row(canvas)};
    struct tab open = find_open(sample, view);
    struct tab tab = open;
    struct tab left = open;
    uint32_t used = measure_tab(canvas, sample, &open);

    /* As many to the left as leave the open one whole. */
    while (go_left(sample, &left) && used + measure_tab(canvas, sample, &left) <= canvas->width) {
        used += measure_tab(canvas, sample, &left);
        tab = left;
    }
    do {
        char label[TAB_BYTES] = "";

        format_tab(sample, &tab, label);
        place.width = canvas->width;
        place.style = tab.number == open.number ? NEURON_STYLE_CHOSEN : NEURON_STYLE_PLAIN;
        place.column += neuron_canvas_put(canvas, &place, label) + TAB_GAP;
    } while (place.column < canvas->width && go_right(sample, &tab));
}

void
neuron_footer_add(struct neuron_canvas *canvas, const struct neuron_top_view *view)
{
    struct neuron_field fields[] = {{"? help", NEURON_STYLE_PLAIN, 2},
                                    {"q quit", NEURON_STYLE_PLAIN, 3},
                                    {"", NEURON_STYLE_PLAIN, 4},
                                    {"", NEURON_STYLE_PLAIN, 1},
                                    {"", NEURON_STYLE_PLAIN, 5},
                                    {"left/right tab", NEURON_STYLE_PLAIN, 6},
                                    {"up/down scroll", NEURON_STYLE_PLAIN, 7}};

    if (view->note[0] != '\0') {
        struct neuron_place place = {.row = neuron_canvas_add_row(canvas),
                                     .width = canvas->width,
                                     .style = NEURON_STYLE_TROUBLE};

        (void)neuron_canvas_put(canvas, &place, view->note);
        return;
    }
    (void)snprintf(fields[2].text, NEURON_FIELD_BYTES, "s sort: %s%s",
                   neuron_process_order_name(view->order), view->is_reversed ? " (reversed)" : "");
    (void)snprintf(fields[3].text, NEURON_FIELD_BYTES, "%s",
                   view->is_paused ? "p PAUSED" : "p pause");
    (void)snprintf(fields[4].text, NEURON_FIELD_BYTES, "+- every %.1f s", view->delay_ms / 1e3);
    if (view->is_paused) {
        fields[3].style = NEURON_STYLE_CHOSEN;
    }
    neuron_fields_add(canvas, fields, sizeof(fields) / sizeof(fields[0]));
}

void
neuron_quit_line_add(struct neuron_canvas *canvas)
{
    struct neuron_place place = {.row = neuron_canvas_add_row(canvas), .width = canvas->width};

    (void)neuron_canvas_put(canvas, &place, "q quits");
}

void
neuron_help_add(struct neuron_canvas *canvas)
{
    static const char *const lines[] = {
        "Keys",
        "left, right, Tab  the tab beside this one",
        "0, 1 to 9  the tab of all, or of that number; Esc: of all",
        "up, down, PgUp, PgDn, Home, End  scroll",
        "s  the next order of processes; the same key again turns an order round:",
        "c cores, b busy, r runs/s, l latency, m memory, u cpu, i pid",
        "p  pause and go on; blank: look now",
        "+, -  look less often, more often",
        "?, h  this page, and back",
        "q  quit",
        "Figures",
        "S  state: R runs, S waits, D waits for a disk or the like, T is stopped",
        "BUSY  part of the time that its cores spent in requests",
        "?, +?  not known, as the counters of a process cannot be read; sums are without them",
        "UCPU, SCPU  processor time in user code and in the kernel; 100% is one processor",
        "RUNS/S, FAIL/S  runs that ended, and those of them without results",
        "RUN-P50, RUN-P99  half of the runs, 99 of 100, took no longer on their cores",
        "REQ-P50, REQ-P99  the same from being handed over to the end",
        "MEM  weights, arenas, stages and buffers",
    };

    for (uint32_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i += 1) {
        bool is_title = lines[i][0] >= 'A' && lines[i][1] >= 'a';

        neuron_wrapped_text_add(canvas, 0, is_title ? NEURON_STYLE_TITLE : NEURON_STYLE_PLAIN,
                                lines[i]);
    }
}
