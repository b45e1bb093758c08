/* SPDX-License-Identifier: Apache-2.0 */
/* Two looks, two seconds apart, at an invented machine on which a process works, and how
   neuron-monitor is asked to tell of them. */
#ifndef NEURON_TESTS_WATCHED_NODE_H
#define NEURON_TESTS_WATCHED_NODE_H

#include "monitor/monitor_view.h"

struct watched_node {
    struct neuron_topology *topology; /* two devices of two cores */
    struct neuron_monitor_config config;
    struct neuron_node_sample before;
    /* Process 11, tag "first", on cores 1 and 2: core 1 busy for half of the time, 3 runs of a
       millisecond and one that timed out; a refused call; model "net" on both cores, with 1000
       bytes of weights on device 0. Process 12 cannot be read. Process 13 is a launcher. */
    struct neuron_node_sample after;
    struct neuron_node_rates rates;
    struct neuron_monitor_round round;
    struct neuron_monitor_view view;
};

/*
 * Makes it. Fails the test when it cannot.
 *
 * config  as of a file.
 */
void
watched_node_set_up(struct watched_node *node, const char *config);

/* Finds the rates anew, after a test has changed a sample. */
void
watched_node_refresh(struct watched_node *node);

void
watched_node_tear_down(struct watched_node *node);

#endif
