/* SPDX-License-Identifier: Apache-2.0 */
#include "top/top_view.h"

#include <stdio.h>

/* What + and - go through, in milliseconds. */
static const uint32_t delays[] = {
    NEURON_DELAY_MS_MIN, 200, 500, 1000, 2000, 5000, 10000, 30000, 60000, 300000, 1800000,
    NEURON_DELAY_MS_MAX};

enum { DELAY_COUNT = sizeof(delays) / sizeof(delays[0]) };

bool
neuron_top_view_has_tab(const struct neuron_node_process *process)
{
    return process->pid > 0;
}

static bool
is_open(const struct neuron_top_view *view, const struct neuron_node_process *process)
{
    return process->pid == view->process.pid && process->start_ticks == view->process.start_ticks;
}

uint32_t
neuron_top_view_find(const struct neuron_top_view *view, const struct neuron_node_sample *sample)
{
    if (view->process.pid == 0) {
        return neuron_no_process;
    }
    for (uint32_t i = 0; i < sample->process_count; i += 1) {
        if (is_open(view, &sample->processes[i])) {
            return i;
        }
    }
    return neuron_no_process;
}

void
neuron_top_view_update(struct neuron_top_view *view, const struct neuron_node_sample *sample)
{
    if (view->process.pid == 0 || neuron_top_view_find(view, sample) != neuron_no_process) {
        return;
    }
    (void)snprintf(view->note, sizeof(view->note), "process %d has ended", (int)view->process.pid);
    view->process = (struct neuron_view_process){.pid = 0};
    view->scroll = 0;
}

static void
open_tab(struct neuron_top_view *view, const struct neuron_node_process *process)
{
    view->process = (struct neuron_view_process){.pid = 0};
    if (process != NULL) {
        view->process.pid = process->pid;
        view->process.start_ticks = process->start_ticks;
    }
    view->scroll = 0;
    view->shows_help = false;
}

/* The process of a tab, counted from 1; NULL where there are not so many. */
static const struct neuron_node_process *
process_of_tab(const struct neuron_node_sample *sample, uint32_t tab)
{
    for (uint32_t i = 0; i < sample->process_count; i += 1) {
        tab -= neuron_top_view_has_tab(&sample->processes[i]) ? 1 : 0;
        if (tab == 0) {
            return &sample->processes[i];
        }
    }
    return NULL;
}

/* Opens the tab beside the open one; beyond the last comes the first. */
static void
turn_tab(struct neuron_top_view *view, const struct neuron_node_sample *sample, bool is_forward)
{
    uint32_t count = 1;
    uint32_t open = 0;

    for (uint32_t i = 0; i < sample->process_count; i += 1) {
        if (!neuron_top_view_has_tab(&sample->processes[i])) {
            continue;
        }
        open = is_open(view, &sample->processes[i]) ? count : open;
        count += 1;
    }
    uint32_t next = (open + (is_forward ? 1 : count - 1)) % count;
    open_tab(view, next == 0 ? NULL : process_of_tab(sample, next));
}

static void
open_numbered_tab(struct neuron_top_view *view, const struct neuron_node_sample *sample,
                  uint32_t tab)
{
    const struct neuron_node_process *process = tab == 0 ? NULL : process_of_tab(sample, tab);

    if (tab == 0 || process != NULL) {
        open_tab(view, process);
    }
}

static void
change_delay(struct neuron_top_view *view, bool is_longer)
{
    uint32_t i = 0;

    if (is_longer) {
        while (i + 1 < DELAY_COUNT && delays[i] <= view->delay_ms) {
            i += 1;
        }
    } else {
        i = DELAY_COUNT - 1;
        while (i > 0 && delays[i] >= view->delay_ms) {
            i -= 1;
        }
    }
    view->delay_ms = delays[i];
}

/* Moves the window; who draws keeps it within the page. */
static void
scroll(struct neuron_top_view *view, uint32_t key)
{
    uint32_t page = view->page_rows > 1 ? view->page_rows - 1 : 1;
    uint32_t up = key == NEURON_KEY_UP ? 1 : key == NEURON_KEY_PAGE_UP ? page : 0;
    uint32_t down = key == NEURON_KEY_DOWN ? 1 : key == NEURON_KEY_PAGE_DOWN ? page : 0;

    view->scroll -= up < view->scroll ? up : view->scroll;
    view->scroll += down < UINT32_MAX - view->scroll ? down : UINT32_MAX - view->scroll;
    if (key == NEURON_KEY_HOME) {
        view->scroll = 0;
    } else if (key == NEURON_KEY_END) {
        view->scroll = UINT32_MAX;
    }
}

/* Keys that choose an order; pressed again they turn it round. */
static bool
press_order(struct neuron_top_view *view, uint32_t key)
{
    enum neuron_process_order order = view->order;

    if (key == 's') {
        order = (order + 1) % NEURON_ORDER_COUNT;
    } else if (!neuron_process_order_by_key(key, &order)) {
        return false;
    }
    view->is_reversed = order == view->order && !view->is_reversed;
    view->order = order;
    return true;
}

/* Keys about time. */
static bool
press_time(struct neuron_top_view *view, uint32_t key)
{
    switch (key) {
    case 'p':
        view->is_paused = !view->is_paused;
        view->wants_look = !view->is_paused;
        return true;
    case ' ':
        view->wants_look = true;
        return true;
    case '+':
    case '=':
    case '-':
        change_delay(view, key != '-');
        return true;
    default:
        return false;
    }
}

void
neuron_top_view_press(struct neuron_top_view *view, uint32_t key,
                      const struct neuron_node_sample *sample)
{
    view->note[0] = '\0';
    if (press_order(view, key) || press_time(view, key)) {
        return;
    }
    if (key == 'q' || key == 'Q') {
        view->is_over = true;
    } else if (key == '?' || key == 'h') {
        view->shows_help = !view->shows_help;
        view->scroll = 0;
    } else if (key == NEURON_KEY_ESCAPE) {
        open_tab(view, NULL);
    } else if (key == NEURON_KEY_RIGHT || key == NEURON_KEY_TAB) {
        turn_tab(view, sample, true);
    } else if (key == NEURON_KEY_LEFT || key == NEURON_KEY_BACK_TAB) {
        turn_tab(view, sample, false);
    } else if (key >= '0' && key <= '9') {
        open_numbered_tab(view, sample, key - '0');
    } else {
        scroll(view, key);
    }
}
