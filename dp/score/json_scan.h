/* SPDX-License-Identifier: Apache-2.0 */
/* JSON text, read in place: where its values stand, without a tree of them. */
#ifndef NEURON_SCORE_JSON_SCAN_H
#define NEURON_SCORE_JSON_SCAN_H

#include <stdbool.h>
#include <stddef.h>

enum { NEURON_JSON_DEPTH_LIMIT = 64 /* deepest nesting that is read */ };

/* Where a reader is. Each call skips the blanks before what it takes; after a false one the place
   is undefined. */
struct neuron_json_scan {
    const char *next;
    const char *end;
};

/* A part of the text. */
struct neuron_json_part {
    const char *text;
    size_t size_bytes;
};

/* Says whether a character comes next. */
bool
neuron_json_is_next(struct neuron_json_scan *scan, char expected);

/* Takes a character, if it comes next; else nothing. */
bool
neuron_json_accept(struct neuron_json_scan *scan, char expected);

/* Says whether nothing but blanks is left. */
bool
neuron_json_is_at_end(struct neuron_json_scan *scan);

/* Takes a string; `part` is what stands between its quotes, escapes as they are. */
bool
neuron_json_read_string(struct neuron_json_scan *scan, struct neuron_json_part *part);

/* Takes a number, or NaN, Infinity or -Infinity, as Python writes them. */
bool
neuron_json_read_number(struct neuron_json_scan *scan, struct neuron_json_part *part);

/* Takes any value. */
bool
neuron_json_read_value(struct neuron_json_scan *scan, struct neuron_json_part *part);

/* Says whether a string with its escapes stands for a text. */
bool
neuron_json_string_equals(const struct neuron_json_part *string, const char *text);

#endif
