/* SPDX-License-Identifier: Apache-2.0 */
/* The hosts of a job and their slots, from text. Functions from values to values. */
#ifndef NEURON_LAUNCHER_HOST_LIST_H
#define NEURON_LAUNCHER_HOST_LIST_H

#include <stddef.h>
#include <stdint.h>

#include "neuron/status.h"

enum {
    NEURON_HOST_LIMIT = 8192,
    NEURON_HOST_NAME_BYTES = 256 /* of the longest name, with its end */
};

struct neuron_host {
    char *name;          /* a host name, an IPv4 address, or an IPv6 address without brackets */
    uint32_t slot_count; /* how many ranks it takes; at least 1 */
    uint32_t slot_limit; /* how many with --oversubscribe; 0 for any number */
};

/* Each name stands in it once, where it came first. A zeroed list is empty. */
struct neuron_host_list {
    struct neuron_host *hosts;
    uint32_t host_count;
};

/*
 * Parses what --host takes: names between commas, "a:4,b:4". A name alone is one slot, and so is
 * each repetition of it. IPv6 addresses stand in brackets.
 *
 * list  receives a new list, which the caller destroys. Unchanged on failure. So with all of these.
 *
 * Returns NEURON_INVALID_ARGUMENT with a text that says what is wrong where, or
 * NEURON_OUT_OF_MEMORY. So do all of these.
 */
enum neuron_status
neuron_host_list_parse(const char *text, struct neuron_host_list *list, struct neuron_error *error);

/*
 * Parses a host file of Open MPI ("name slots=4 max_slots=8", "name:4", "#" before a comment) or
 * of PBS, which repeats each name for each slot.
 *
 * path  of the file, for texts of failures.
 */
enum neuron_status
neuron_host_list_parse_file(const char *text, const char *path, struct neuron_host_list *list,
                            struct neuron_error *error);

/*
 * Parses what Slurm tells of an allocation.
 *
 * nodes  SLURM_JOB_NODELIST, as "n[01-03,7],m".
 * slots  of each node, as SLURM_TASKS_PER_NODE has it: "2(x3),1". NULL for one each.
 */
enum neuron_status
neuron_host_list_parse_slurm(const char *nodes, const char *slots, struct neuron_host_list *list,
                             struct neuron_error *error);

/* All slots together. */
uint64_t
neuron_host_list_slot_count(const struct neuron_host_list *list);

/* Frees what a list owns, and empties it. */
void
neuron_host_list_destroy(struct neuron_host_list *list);

/* For parsers: adds a host, or slots to one that is there. `name` need not end at `length`. */
enum neuron_status
neuron_host_list_add(struct neuron_host_list *list, const char *name, size_t length,
                     uint32_t slot_count, struct neuron_error *error);

#endif
