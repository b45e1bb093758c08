/* SPDX-License-Identifier: Apache-2.0 */
/* The hosts of a launch: named by the user, or by a batch system. */
#ifndef NEURON_LAUNCHER_HOSTS_H
#define NEURON_LAUNCHER_HOSTS_H

#include <stdbool.h>
#include <stdint.h>

#include "neuron/status.h"

#include "command_line.h"
#include "host_list.h"
#include "host_places.h"

struct neuron_hosts {
    struct neuron_host_list list;
    struct neuron_host_places places;
    enum neuron_launch_engine engine; /* LOCAL: this host alone */
};

/*
 * Finds out on which hosts a job is to run, which ranks go where, and who starts them. Where that
 * is this host alone, and hosts were named, their slots give the number of ranks, if it was left
 * open.
 *
 * hosts  is overwritten, and destroyed by the caller also after a failure.
 */
enum neuron_status
neuron_hosts_prepare(struct neuron_command_line *line, struct neuron_hosts *hosts,
                     struct neuron_error *error);

/* Prints which ranks go to which host. */
void
neuron_hosts_print(const struct neuron_hosts *hosts);

/* Runs the job on them, in the launcher; see neuron_hosts_job_run(). */
int
neuron_hosts_launch(const struct neuron_command_line *line, char *const *words,
                    const struct neuron_hosts *hosts);

/* Says whether a name or an address means this host. */
bool
neuron_hosts_is_here(const char *name);

/* How many of the hosts have ranks. */
uint32_t
neuron_hosts_count_used(const struct neuron_host_list *list,
                        const struct neuron_host_places *places);

void
neuron_hosts_destroy(struct neuron_hosts *hosts);

#endif
