/* SPDX-License-Identifier: Apache-2.0 */
/* What a person chose to see, and what keys change of it. */
#ifndef NEURON_TOOLS_TOP_TOP_VIEW_H
#define NEURON_TOOLS_TOP_TOP_VIEW_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "node/node_watch.h"
#include "top/process_order.h"

enum {
    NEURON_DELAY_MS_MIN = 100,
    NEURON_DELAY_MS_MAX = 3600 * 1000,
    NEURON_VIEW_NOTE_BYTES = NEURON_ERROR_TEXT_BYTES
};

/* Keys that are no characters. */
enum neuron_key {
    NEURON_KEY_NONE = 0,
    NEURON_KEY_TAB = '\t',
    NEURON_KEY_ESCAPE = 27,
    NEURON_KEY_LEFT = 0x110000, /* beyond all characters */
    NEURON_KEY_RIGHT,
    NEURON_KEY_UP,
    NEURON_KEY_DOWN,
    NEURON_KEY_PAGE_UP,
    NEURON_KEY_PAGE_DOWN,
    NEURON_KEY_HOME,
    NEURON_KEY_END,
    NEURON_KEY_BACK_TAB,
    NEURON_KEY_RESIZE,
    NEURON_KEY_UNKNOWN
};

/* The process whose tab is open, which stays open while others come and go. */
struct neuron_view_process {
    pid_t pid; /* 0 for all processes */
    uint64_t start_ticks;
};

struct neuron_top_view {
    struct neuron_view_process process;
    enum neuron_process_order order;
    bool is_reversed;
    uint32_t scroll;    /* rows of the page above the window */
    uint32_t page_rows; /* of the window; told by who draws */
    uint32_t delay_ms;
    bool is_paused;
    bool shows_help;
    bool is_over;
    bool wants_look;                   /* now, not after the delay */
    char note[NEURON_VIEW_NOTE_BYTES]; /* one line for the person, until the next key */
};

/* Does what a key means. Keys that mean nothing change nothing. */
void
neuron_top_view_press(struct neuron_top_view *view, uint32_t key,
                      const struct neuron_node_sample *sample);

/* Fits the view to a new look: where the process of the open tab has ended, all are shown, and a
   note says so. */
void
neuron_top_view_update(struct neuron_top_view *view, const struct neuron_node_sample *sample);

/* The position of the process whose tab is open; neuron_no_process for all, or one that is gone. */
uint32_t
neuron_top_view_find(const struct neuron_top_view *view, const struct neuron_node_sample *sample);

/* Says whether a process has a tab: what is in another container has none. */
bool
neuron_top_view_has_tab(const struct neuron_node_process *process);

#endif
