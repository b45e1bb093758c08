/* SPDX-License-Identifier: Apache-2.0 */
/* Makes and ends the programs of lanes, on the executors of their cores. */
#ifndef NEURON_DP_LANE_ERRAND_H
#define NEURON_DP_LANE_ERRAND_H

#include <stdint.h>

#include "dispatcher.h"
#include "lane.h"
#include "neuron/executor.h"
#include "neuron/status.h"

/* What an executor is sent for. */
struct neuron_lane_errand {
    struct neuron_lane *lane;
    const struct neuron_dispatcher_options *options; /* of the opening */
    struct neuron_request request;
    enum neuron_status status;
    struct neuron_error error;
};

/* One errand a lane, for as long as the lanes: so that closing them needs no memory. */
struct neuron_lane_errands {
    struct neuron_lane_errand *list;
    uint32_t count;
    struct neuron_completion *completion;
};

/* Makes errands for lanes, which outlive them. Returns NEURON_OUT_OF_MEMORY. */
enum neuron_status
neuron_lane_errands_create(struct neuron_lane_errands *errands, struct neuron_lane *lanes,
                           uint32_t count, struct neuron_error *error);

/*
 * Opens all lanes at the same time, and waits for them.
 *
 * Returns what the first lane failed with, in their order, or what submitting returned: those that
 * were opened are closed by neuron_lane_errands_close(). Any thread but an executor's.
 */
enum neuron_status
neuron_lane_errands_open(struct neuron_lane_errands *errands,
                         const struct neuron_dispatcher_options *options,
                         struct neuron_error *error);

/* Closes all lanes that were opened, and waits for them; where an inbox is full, until it has room.
   Any thread but an executor's. */
void
neuron_lane_errands_close(struct neuron_lane_errands *errands);

/* Frees the errands. Accepts zeroed ones. */
void
neuron_lane_errands_free(struct neuron_lane_errands *errands);

#endif
