/* SPDX-License-Identifier: Apache-2.0 */
/* An invented machine of 8 cores with lock files of its own, and shorthand for claims on it. */
#ifndef NEURON_TESTS_LEASE_BENCH_H
#define NEURON_TESTS_LEASE_BENCH_H

#include "neuron/core_lease.h"
#include "neuron/topology.h"

#include "child_process.h"
#include "test_folder.h"

struct lease_bench {
    struct test_folder folder;
    struct neuron_topology *topology;
    struct neuron_core_lease_options options; /* all defaults, but the files are in `folder` */
};

/* What one claim came to; small enough for one report of a child. */
struct claim_report {
    enum neuron_status status;
    struct neuron_error error;
    struct neuron_core_lease_parent as_parent; /* of the lease, if there is one */
};

/* What a child claims. */
struct claim_order {
    const struct lease_bench *bench;
    const char *cores;
    enum neuron_core_lease_kind kind;
    struct neuron_core_lease_parent parent;
};

/* cmocka setup and teardown; `*state` is a struct lease_bench. */
int
lease_bench_setup(void **state);
int
lease_bench_teardown(void **state);

/* Claims cores given as text, with the bench's options. */
enum neuron_status
claim(const struct lease_bench *bench, const char *cores, struct neuron_core_lease **lease,
      struct neuron_error *error);

/* Claims cores given as text, of a kind and inside a reservation. */
enum neuron_status
claim_inside(const struct claim_order *order, struct neuron_core_lease **lease,
             struct neuron_error *error);

/* Claims `count` cores somewhere within the machine. */
enum neuron_status
claim_run(const struct lease_bench *bench, uint32_t count, struct neuron_core_lease **lease,
          struct neuron_error *error);

/* Claims cores that must be free, or fails the test. */
struct neuron_core_lease *
claim_free(const struct lease_bench *bench, const char *cores);

/* Starts a child that claims as ordered, reports, holds until the next order, releases, reports
   NEURON_OK, and waits for its end. */
void
start_claimer(struct child_process *child, const struct claim_order *order);

/* Starts a claimer and fails the test unless its claim comes to `expected`; returns its report. */
struct claim_report
start_claimer_expecting(struct child_process *child, const struct claim_order *order,
                        enum neuron_status expected);

/* Fails the test unless another process' claim on the cores comes to `expected`. */
void
check_claim_of_another(const struct claim_order *order, enum neuron_status expected);

/* The same for an exclusive claim outside of any reservation. */
void
check_another_finds_taken(const struct lease_bench *bench, const char *cores);
void
check_another_finds_free(const struct lease_bench *bench, const char *cores);

#endif
