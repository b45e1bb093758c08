/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The passes in their order. What one leaves is cleared away before the next, which therefore sees
 * only readers that there are. A round makes room for another one: a sum that became a bias lets an
 * activation move up. Each round that goes on takes at least one node away, and few are needed.
 */
#include "compiler/pass.h"

enum { ROUND_LIMIT = 8 };

static const struct {
    const char *name; /* as it stands in names of files */
    neuron_pass_fn *run;
} passes[] = {
    {"fold", neuron_pass_fold},
    {"identity", neuron_pass_identity},
    {"same-nodes", neuron_pass_same_nodes},
    {"movement", neuron_pass_movement},
    {"softmax", neuron_pass_softmax},
    {"layer-norm", neuron_pass_layer_norm},
    {"gelu", neuron_pass_gelu},
    {"gate", neuron_pass_gate},
    {"scale-fold", neuron_pass_scale_fold},
    {"fuse", neuron_pass_fuse},
    {"value-order", neuron_pass_value_order},
};

enum { PASS_COUNT = sizeof(passes) / sizeof(passes[0]) };

static enum neuron_status
run_round(struct neuron_graph *graph, neuron_pass_report_fn *report, void *user,
          struct neuron_error *error)
{
    enum neuron_status status = NEURON_OK;

    for (uint32_t i = 0; status == NEURON_OK && i < PASS_COUNT; i += 1) {
        status = passes[i].run(graph, error);
        if (status == NEURON_OK) {
            neuron_graph_remove_unused(graph);
            status = report == NULL ? NEURON_OK : report(graph, passes[i].name, user, error);
        }
    }
    return status;
}

enum neuron_status
neuron_passes_run(struct neuron_graph *graph, neuron_pass_report_fn *report, void *user,
                  struct neuron_error *error)
{
    uint32_t node_count = graph->node_count + 1;
    enum neuron_status status = report == NULL ? NEURON_OK : report(graph, "imported", user, error);

    for (int i = 0; status == NEURON_OK && i < ROUND_LIMIT && graph->node_count < node_count;
         i += 1) {
        node_count = graph->node_count;
        status = run_round(graph, report, user, error);
    }
    return status;
}
