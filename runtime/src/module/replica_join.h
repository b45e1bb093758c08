/* SPDX-License-Identifier: Apache-2.0 */
/* What makes one replica of several cores. Both calls pass over those of one core, and over what is
   there. */
#ifndef NEURON_MODULE_REPLICA_JOIN_H
#define NEURON_MODULE_REPLICA_JOIN_H

#include "module/replica_set.h"

/*
 * Makes the gang of each replica that several cores run together. Plans are built, programs are
 * not.
 *
 * Returns as neuron_gang_create(), with the core in the text.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_replica_gangs_create(struct neuron_replica_set *set, struct neuron_error *error);

/*
 * Joins the cores of each replica that has several, whose programs are loaded.
 *
 * Returns as neuron_pipeline_create() or neuron_wide_create().
 */
NEURON_MUST_CHECK enum neuron_status
neuron_replica_cores_join(struct neuron_replica_set *set, struct neuron_error *error);

#endif
