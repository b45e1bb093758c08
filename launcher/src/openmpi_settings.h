/* SPDX-License-Identifier: Apache-2.0 */
/* What Open MPI's ranks are told by environment, besides where their server is. */
#ifndef NEURON_LAUNCHER_OPENMPI_SETTINGS_H
#define NEURON_LAUNCHER_OPENMPI_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>

#include "neuron/status.h"

#include "command_line.h"

/* What they follow from. Borrowed for the call. */
struct neuron_openmpi_request {
    const struct neuron_command_line *line; /* its --mca and -x */
    char *const *inherited;                 /* the launcher's environment; ends with NULL */
    const char *parameters;                 /* text of the user's mca-params.conf, or NULL */
    const char *shared_folder;              /* the job's own in shared memory; "" for none */
    bool is_oversubscribed;                 /* ranks share cores */
    bool is_bound;
};

struct neuron_openmpi_settings {
    char **entries; /* "NAME=VALUE" */
    size_t count;
};

/*
 * Makes the settings. What --mca says is among them; a variable that -x names is not. Transports
 * are chosen, of those that are right on one machine, where nobody else names any: probing all of
 * them takes ten times as long as the rest of the start.
 *
 * settings  receives new entries, which the caller clears. Unchanged on failure.
 *
 * Returns NEURON_OUT_OF_MEMORY.
 */
enum neuron_status
neuron_openmpi_settings_make(const struct neuron_openmpi_request *request,
                             struct neuron_openmpi_settings *settings, struct neuron_error *error);

/* Says whether a text of "name = value" lines chooses transports. */
bool
neuron_openmpi_settings_name_transports(const char *parameters);

/* Frees the entries. */
void
neuron_openmpi_settings_clear(struct neuron_openmpi_settings *settings);

#endif
