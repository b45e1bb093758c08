/* SPDX-License-Identifier: Apache-2.0 */
/* Filters of tags before the C library compiles them. */
#ifndef NEURON_TOOLS_MONITOR_TAG_FILTER_H
#define NEURON_TOOLS_MONITOR_TAG_FILTER_H

#include <stdbool.h>

/*
 * Says whether a regular expression stays small when it is compiled. The C library writes out what
 * is repeated by "+" twice, and what has a bound like {9,99} as often as that says, so a few of
 * them around each other take all the memory there is: they are multiplied wherever they stand.
 * What POSIX leaves open, a repeat right behind a repeat, takes it minutes.
 */
bool
neuron_tag_filter_is_small(const char *text);

#endif
