/* SPDX-License-Identifier: Apache-2.0 */
/* The life of a job on several hosts, as its launcher sees it. */
#ifndef NEURON_LAUNCHER_HOSTS_JOB_H
#define NEURON_LAUNCHER_HOSTS_JOB_H

#include <stdint.h>

#include "neuron/status.h"

#include "command_line.h"
#include "engine.h"
#include "host_list.h"
#include "host_places.h"

/* What to run where. Borrowed for the call. */
struct neuron_hosts_request {
    const struct neuron_command_line *line;
    char *const *words; /* the launcher's own arguments, without its name; end with NULL */
    const struct neuron_host_list *hosts;
    const struct neuron_host_places *places;
    enum neuron_launch_engine engine;
    const char *engine_path;
    struct neuron_engine_version version;
};

/*
 * Runs a job to its end, and says why it failed where it did. The signals of
 * neuron_guardian_fill_signals() are blocked. May be called again: that is a restart.
 *
 * Returns the exit code of neuronrun.
 */
int
neuron_hosts_job_run(const struct neuron_hosts_request *request);

#endif
