/* SPDX-License-Identifier: Apache-2.0 */
#include "compiler/deviation.h"

#include <math.h>
#include <stdio.h>

#include "compiler/sample_rows.h"
#include "compiler/trial.h"
#include "engine/kernels/reals.h"

/* How far two numbers are apart. What is no number in one alone is as far as can be. */
static double
find_difference(double exact, double computed)
{
    if (exact == computed || (isnan(exact) && isnan(computed))) {
        return 0.0; /* also of infinities, whose difference is none */
    }
    double difference = fabs(computed - exact);

    return isnan(difference) ? INFINITY : difference;
}

static double
find_relative(double distance, double length)
{
    if (length > 0.0) {
        return sqrt(distance / length);
    }
    return distance > 0.0 ? INFINITY : 0.0;
}

/* Compares an output of floating point; others are equal, or something else altogether. */
static void
compare_output(const struct neuron_tensor_view *exact, const struct neuron_tensor_view *computed,
               const char *name, struct neuron_deviation *deviation)
{
    int64_t count = neuron_view_count(exact);
    double distance = 0.0;
    double length = 0.0;

    for (int64_t i = 0; i < count; i += 1) {
        double numbers[2] = {0.0};

        neuron_reals_load(exact, i, 1, &numbers[0]);
        neuron_reals_load(computed, i, 1, &numbers[1]);
        double difference = find_difference(numbers[0], numbers[1]);
        if (difference > deviation->largest) {
            deviation->largest = difference;
            (void)snprintf(deviation->output, sizeof(deviation->output), "%s", name);
        }
        distance += difference * difference;
        length += isfinite(numbers[0]) ? numbers[0] * numbers[0] : 0.0;
    }
    double relative = find_relative(distance, length);
    deviation->relative = relative > deviation->relative ? relative : deviation->relative;
}

static bool
is_real(enum neuron_type type)
{
    return type == NEURON_FLOAT32 || type == NEURON_FLOAT64 || type == NEURON_FLOAT16 ||
           type == NEURON_BFLOAT16;
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

        if (is_real(port->spec.shape.type)) {
            struct neuron_tensor_view right =
                neuron_tensor_view_of(&port->spec.shape, exact->outputs[i]);
            struct neuron_tensor_view computed =
                neuron_tensor_view_of(&port->spec.shape, compiled->outputs[i]);

            compare_output(&right, &computed, port->spec.name, deviation);
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
