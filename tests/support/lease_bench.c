/* SPDX-License-Identifier: Apache-2.0 */
#include "lease_bench.h"

#include <stdlib.h>

#include "check.h"
#include "invented_machine.h"

int
lease_bench_setup(void **state)
{
    struct lease_bench *bench = calloc(1, sizeof(*bench));

    assert_non_null(bench);
    test_folder_create(&bench->folder);
    bench->topology = create_topology("numa:2 core:4 pu:2");
    bench->options.directory = bench->folder.path;
    *state = bench;
    return 0;
}

int
lease_bench_teardown(void **state)
{
    struct lease_bench *bench = *state;

    neuron_topology_destroy(bench->topology);
    test_folder_destroy(&bench->folder);
    free(bench);
    return 0;
}

enum neuron_status
claim_inside(const struct claim_order *order, struct neuron_core_lease **lease,
             struct neuron_error *error)
{
    struct neuron_core_lease_options options = order->bench->options;
    struct neuron_core_set *cores = NULL;
    enum neuron_status status = neuron_core_set_parse(order->cores, &cores, error);

    if (status != NEURON_OK) {
        return status;
    }
    options.kind = order->kind;
    options.parent = order->parent;
    status = neuron_core_lease_claim(order->bench->topology, cores, &options, lease, error);
    neuron_core_set_destroy(cores);
    return status;
}

enum neuron_status
claim(const struct lease_bench *bench, const char *cores, struct neuron_core_lease **lease,
      struct neuron_error *error)
{
    struct claim_order order = {.bench = bench, .cores = cores};

    return claim_inside(&order, lease, error);
}

enum neuron_status
claim_run(const struct lease_bench *bench, uint32_t count, struct neuron_core_lease **lease,
          struct neuron_error *error)
{
    return neuron_core_lease_claim_run(bench->topology, NULL, count, &bench->options, lease, error);
}

struct neuron_core_lease *
claim_free(const struct lease_bench *bench, const char *cores)
{
    struct neuron_core_lease *lease = NULL;
    struct neuron_error error = {0};

    assert_ok(claim(bench, cores, &lease, &error), &error);
    assert_non_null(lease);
    assert_cores(neuron_core_lease_cores(lease), cores);
    return lease;
}

static void
claim_and_hold(const struct child_side *side, const void *argument)
{
    const struct claim_order *order = argument;
    struct neuron_core_lease *lease = NULL;
    struct claim_report report = {.status = NEURON_OK};

    report.status = claim_inside(order, &lease, &report.error);
    if (lease != NULL) {
        report.as_parent = neuron_core_lease_as_parent(lease);
    }
    child_side_report(side, &report, sizeof(report));
    if (!child_side_wait(side)) {
        return; /* without a release: that of the kernel is meant to do */
    }
    neuron_core_lease_release(lease);
    report.status = NEURON_OK;
    child_side_report(side, &report, sizeof(report));
    (void)child_side_wait(side);
}

void
start_claimer(struct child_process *child, const struct claim_order *order)
{
    child_process_start(child, claim_and_hold, order);
}

struct claim_report
start_claimer_expecting(struct child_process *child, const struct claim_order *order,
                        enum neuron_status expected)
{
    struct claim_report report = {.status = NEURON_OK};

    start_claimer(child, order);
    child_process_read(child, &report, sizeof(report));
    assert_status(expected, report.status, &report.error);
    return report;
}

void
check_claim_of_another(const struct claim_order *order, enum neuron_status expected)
{
    struct child_process child = {0};

    (void)start_claimer_expecting(&child, order, expected);
    assert_int_equal(child_process_finish(&child), 0);
}

void
check_another_finds_taken(const struct lease_bench *bench, const char *cores)
{
    struct claim_order order = {.bench = bench, .cores = cores};

    check_claim_of_another(&order, NEURON_CORES_TAKEN);
}

void
check_another_finds_free(const struct lease_bench *bench, const char *cores)
{
    struct claim_order order = {.bench = bench, .cores = cores};

    check_claim_of_another(&order, NEURON_OK);
}
