/* SPDX-License-Identifier: Apache-2.0 */
/* Machines that exist in the environment only, so that results do not depend on the runner. */
#ifndef NEURON_TESTS_INVENTED_MACHINE_H
#define NEURON_TESTS_INVENTED_MACHINE_H

#include "neuron/core_set.h"
#include "neuron/topology.h"

/* Lets all topologies created from now on be `synthetic`, in hwloc's notation; NULL for the real
   machine. */
void
invent_machine(const char *synthetic);

/* Makes the topology of an invented machine, or of the real one for NULL. Fails the test when it
   cannot. The caller destroys it. */
struct neuron_topology *
create_topology(const char *synthetic);

/* Parses a set, or fails the test. The caller destroys it. */
struct neuron_core_set *
cores_of(const char *text);

/* Fails the test unless the set formats as this text. */
void
check_cores(const struct neuron_core_set *cores, const char *expected, const char *file, int line);

#define assert_cores(cores, expected) check_cores((cores), (expected), __FILE__, __LINE__)

#endif
