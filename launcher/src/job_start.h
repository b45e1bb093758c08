/* SPDX-License-Identifier: Apache-2.0 */
/* Starts all ranks of a job: environment, pipes, process. */
#ifndef NEURON_LAUNCHER_JOB_START_H
#define NEURON_LAUNCHER_JOB_START_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>

#include "neuron/status.h"

#include "input_relay.h"
#include "job.h"
#include "output_relay.h"
#include "rank_table.h"

/* Says whether the ranks write to our own output directly: a single one, without tags, times or
 * files. */
bool
neuron_job_is_direct(const struct neuron_job_request *request);

/*
 * Starts the ranks in order. Those started before a failure go on, and are the caller's to stop.
 *
 * input  receives the pipes of ranks whose input goes through us.
 */
enum neuron_status
neuron_job_start_ranks(const struct neuron_job_request *request, struct neuron_rank_table *ranks,
                       struct neuron_output_relay *relay, struct neuron_input_relay *input,
                       struct neuron_error *error);

/*
 * Raises the limit on open files to what so many ranks need of the launcher.
 *
 * before  receives the limit that was, which the ranks keep.
 */
void
neuron_job_raise_file_limit(uint32_t rank_count, struct rlimit *before);

/* How lines of output begin, by the command line and the environment. */
struct neuron_output_style
neuron_job_output_style(const struct neuron_command_line *line);

/* The clock that all times of a job are read from. */
uint64_t
neuron_job_now_ms(void);

#endif
