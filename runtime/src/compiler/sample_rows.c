/* SPDX-License-Identifier: Apache-2.0 */
#include "compiler/sample_rows.h"

#include <string.h>

/* Says whether an input has a batch that is cut. */
static bool
has_batch(const struct neuron_graph_port *port)
{
    return !port->is_shared && port->spec.shape.rank > 0;
}

static enum neuron_status
check_input(const struct neuron_graph_port *port, const struct neuron_tensor_view *given,
            struct neuron_error *error)
{
    struct neuron_tensor_shape shape = neuron_tensor_view_shape(given);
    struct neuron_tensor_shape wanted = port->spec.shape;
    char given_text[80] = "";
    char wanted_text[80] = "";

    if (has_batch(port) && shape.rank == wanted.rank && shape.dims[0] > 0) {
        wanted.dims[0] = shape.dims[0];
    }
    if (given->data == NULL || !neuron_tensor_shape_equals(&shape, &wanted)) {
        return NEURON_FAIL(
            error, NEURON_INVALID_ARGUMENT,
            "the rows for %.40s are %s; the input is %s, with any number of rows", port->spec.name,
            neuron_tensor_shape_format(&shape, given_text, sizeof(given_text)),
            neuron_tensor_shape_format(&port->spec.shape, wanted_text, sizeof(wanted_text)));
    }
    return NEURON_OK;
}

enum neuron_status
neuron_sample_rows_check(const struct neuron_graph *graph, const struct neuron_tensor_view *rows,
                         uint64_t *run_count, struct neuron_error *error)
{
    int64_t row_count = 0;
    int64_t batch = 0;

    for (uint32_t i = 0; i < graph->input_count; i += 1) {
        const struct neuron_graph_port *port = &graph->inputs[i];
        enum neuron_status status = check_input(port, &rows[i], error);

        if (status != NEURON_OK) {
            return status;
        }
        if (!has_batch(port)) {
            continue;
        }
        if (row_count != 0 &&
            (rows[i].shape[0] != row_count || port->spec.shape.dims[0] != batch)) {
            return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                               "the rows for %.40s are %lld, those before it %lld: give as many "
                               "for each input",
                               port->spec.name, (long long)rows[i].shape[0], (long long)row_count);
        }
        row_count = rows[i].shape[0];
        batch = port->spec.shape.dims[0];
    }
    *run_count = batch == 0 ? 1 : (uint64_t)((row_count + batch - 1) / batch);
    return NEURON_OK;
}

void
neuron_sample_rows_copy(const struct neuron_graph *graph, const struct neuron_tensor_view *rows,
                        uint64_t run, void *const *inputs)
{
    for (uint32_t i = 0; i < graph->input_count; i += 1) {
        const struct neuron_graph_port *port = &graph->inputs[i];
        size_t size_bytes = neuron_tensor_shape_size_bytes(&port->spec.shape);
        const unsigned char *from = rows[i].data;
        unsigned char *to = inputs[i];

        if (!has_batch(port)) {
            memcpy(to, from, size_bytes);
            continue;
        }
        uint64_t batch = (uint64_t)port->spec.shape.dims[0];
        uint64_t row_count = (uint64_t)rows[i].shape[0];
        size_t row_bytes = batch == 0 ? 0 : size_bytes / batch;

        for (uint64_t row = 0; row < batch; row += 1) {
            memcpy(to + row * row_bytes, from + (run * batch + row) % row_count * row_bytes,
                   row_bytes);
        }
    }
}
