/* SPDX-License-Identifier: Apache-2.0 */
#include "compiler/deviation.h"

#include <math.h>
#include <stdio.h>

#include "compiler/sample_rows.h"
#include "compiler/trial.h"

/* Compares an output of float32; others are either equal or something else altogether. */
static void
compare_output(const struct neuron_graph_port *port, const float *exact, const float *computed,
               struct neuron_deviation *deviation)
{
    size_t count = 0;
    double distance = 0.0;
    double length = 0.0;

    (void)neuron_tensor_shape_element_count(&port->spec.shape, &count); /* of a value: it fits */
    for (size_t i = 0; i < count; i += 1) {
        double difference = fabs((double)computed[i] - (double)exact[i]);

        /* What is no number counts as the largest difference that there is. */
        if (!(difference <= deviation->largest)) {
            deviation->largest = isnan(difference) ? INFINITY : difference;
            (void)snprintf(deviation->output, sizeof(deviation->output), "%s", port->spec.name);
        }
        distance += difference * difference;
        length += (double)exact[i] * (double)exact[i];
    }
    double relative = length > 0.0 ? sqrt(distance / length) : 0.0;
    deviation->relative = relative > deviation->relative ? relative : deviation->relative;
}

static enum neuron_status
run_both(struct neuron_trial *exact, struct neuron_trial *compiled,
         struct neuron_deviation *deviation, struct neuron_error *error)
{
    enum neuron_status status = neuron_trial_run(exact, error);

    if (status == NEURON_OK) {
        status = neuron_trial_run(compiled, error);
    }
    for (uint32_t i = 0; status == NEURON_OK && i < exact->graph->output_count; i += 1) {
        const struct neuron_graph_port *port = &exact->graph->outputs[i];

        if (port->spec.shape.type == NEURON_FLOAT32) {
            compare_output(port, exact->outputs[i], compiled->outputs[i], deviation);
        }
    }
    return status;
}

enum neuron_status
neuron_deviation_measure(const struct neuron_graph *exact, const struct neuron_graph *compiled,
                         const struct neuron_tensor_view *rows, struct neuron_deviation *deviation,
                         struct neuron_error *error)
{
    struct neuron_trial trials[2] = {{0}};
    struct neuron_deviation found = {0};
    uint64_t run_count = 1;
    enum neuron_status status =
        rows == NULL ? NEURON_OK : neuron_sample_rows_check(exact, rows, &run_count, error);

    if (status == NEURON_OK) {
        status = neuron_trial_open(exact, &trials[0], error);
    }
    if (status == NEURON_OK) {
        status = neuron_trial_open(compiled, &trials[1], error);
    }
    for (uint64_t run = 0; status == NEURON_OK && run < run_count; run += 1) {
        for (int i = 0; rows != NULL && i < 2; i += 1) {
            neuron_sample_rows_copy(exact, rows, run, trials[i].inputs);
        }
        status = run_both(&trials[0], &trials[1], &found, error);
    }
    neuron_trial_close(&trials[1]);
    neuron_trial_close(&trials[0]);
    if (status == NEURON_OK) {
        *deviation = found;
    }
    return status;
}
