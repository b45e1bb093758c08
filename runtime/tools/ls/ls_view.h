/* SPDX-License-Identifier: Apache-2.0 */
/* What neuron-ls shows: a machine, and one look at who holds its cores. */
#ifndef NEURON_TOOLS_LS_VIEW_H
#define NEURON_TOOLS_LS_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "neuron/cache_sizes.h"
#include "neuron/core_set.h"
#include "neuron/machine_parts.h"
#include "neuron/readable_text.h"
#include "neuron/status.h"
#include "neuron/topology.h"

#include "node/node_rates.h"
#include "node/node_watch.h"
#include "node/tool_output.h"

/* All but `rates` is borrowed. */
struct neuron_ls_view {
    const struct neuron_topology *topology;
    const struct neuron_machine_parts *parts;
    const struct neuron_cache_sizes *caches; /* by core */
    const struct neuron_node_sample *sample;
    struct neuron_tool_screen screen;
    bool is_wide;
    bool shows_all;
    struct neuron_node_rates rates; /* who holds each core */
};

/* Fills in `rates`, which neuron_ls_view_clear() frees. */
NEURON_MUST_CHECK enum neuron_status
neuron_ls_view_fill(struct neuron_ls_view *view, struct neuron_error *error);
void
neuron_ls_view_clear(struct neuron_ls_view *view);

/* The position in the sample of who holds a core, the innermost; neuron_no_process for nobody. */
uint32_t
neuron_ls_holder_of(const struct neuron_ls_view *view, uint32_t core);

/* Says whether this process may use a core, by affinity mask and cpuset. */
bool
neuron_ls_is_allowed(const struct neuron_ls_view *view, uint32_t core);

/* How many leases of others are around that of a process. */
uint32_t
neuron_ls_depth_of(const struct neuron_ls_view *view, uint32_t process);

/* What is said of the last-level caches of some cores: "32.0 MiB", "2 x 32.0 MiB"; "-" where none
   is reported. */
struct neuron_readable_text
neuron_ls_l3_text(const struct neuron_ls_view *view, const struct neuron_core_set *cores);

/* The size, or "-" for 0 and for what is not known. */
struct neuron_readable_text
neuron_ls_bytes_text(uint64_t size_bytes);

/* Says whether nobody can tell on which cores a process works: it has none of its own, and its
   counters cannot be read. */
bool
neuron_ls_is_lost(const struct neuron_node_process *process);

/* Says whether a process is shown: of those without cores only the lost ones, unless all are asked
   for. */
bool
neuron_ls_is_shown(const struct neuron_ls_view *view, uint32_t position);

/* What a lease is called. */
const char *
neuron_ls_kind_name(enum neuron_core_lease_kind kind);

/* What is shown as its command: in the wide form whole, else without the folder of the program. */
const char *
neuron_ls_command_of(const struct neuron_ls_view *view, const struct neuron_node_process *process);

/* All memory that the runtimes of a process use of their devices. */
uint64_t
neuron_ls_device_memory_of(const struct neuron_node_process *process);

/* Makes the set of the cores of a device, and that of those that nobody holds. The caller destroys
   them. */
NEURON_MUST_CHECK enum neuron_status
neuron_ls_list_cores(const struct neuron_ls_view *view, uint32_t device,
                     struct neuron_core_set **cores, struct neuron_error *error);
NEURON_MUST_CHECK enum neuron_status
neuron_ls_list_free(const struct neuron_ls_view *view, uint32_t device,
                    struct neuron_core_set **cores, struct neuron_error *error);

/* Makes the set of the CPUs of some cores. The caller destroys it. */
NEURON_MUST_CHECK enum neuron_status
neuron_ls_list_cpus(const struct neuron_ls_view *view, const struct neuron_core_set *cores,
                    struct neuron_core_set **cpus, struct neuron_error *error);

/* Formats a set whole; the caller frees the text. "-" for an empty set; NULL without memory. */
char *
neuron_ls_format_set(const struct neuron_core_set *set);

#endif
