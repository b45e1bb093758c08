/* SPDX-License-Identifier: Apache-2.0 */
#include "cc_print.h"

#include <inttypes.h>

#include "cc_weights.h"
#include "compiler/compiler_args.h"
#include "frontend/onnx/onnx_report.h"
#include "graph/batch_inputs.h"
#include "graph/node_choice.h"
#include "graph/node_cost.h"
#include "neuron/compiler.h"

static void
print_port(FILE *stream, const char *kind, const struct neuron_graph_port *port)
{
    const struct neuron_tensor_spec *spec = &port->spec;
    char name[NEURON_NAME_LIMIT_BYTES] = "";
    char shape[96] = "";

    neuron_onnx_copy_printable(name, sizeof(name), spec->name);
    (void)fprintf(stream, "%-9s %s %s%s\n", kind, name,
                  neuron_tensor_shape_format(&spec->shape, shape, sizeof(shape)),
                  port->is_shared ? " shared" : "");
}

uint64_t
neuron_cc_weight_bytes(const struct neuron_graph *graph)
{
    uint64_t total = 0;

    for (uint32_t i = 0; i < graph->value_count; i += 1) {
        if (graph->values[i].origin == NEURON_VALUE_CONSTANT) {
            total += neuron_tensor_shape_size_bytes(&graph->values[i].shape);
        }
    }
    return total;
}

uint64_t
neuron_cc_count_flops(const struct neuron_graph *graph)
{
    struct neuron_node_cost cost = {0};

    for (uint32_t i = 0; i < graph->node_count; i += 1) {
        neuron_node_cost_add(graph, &graph->nodes[i], &cost);
    }
    return cost.flops;
}

/* What is in each stage of a graph that is cut. */
static void
print_stages(FILE *stream, const struct neuron_graph *graph)
{
    const struct neuron_core_split *split = &graph->split;

    for (uint32_t i = 0; split->kind == NEURON_SPLIT_KIND_PIPELINE && i < split->core_count;
         i += 1) {
        uint32_t begin = neuron_core_split_stage_begin(split, i);
        struct neuron_node_cost cost = {0};

        for (uint32_t node = begin; node < split->stage_ends[i]; node += 1) {
            neuron_node_cost_add(graph, &graph->nodes[node], &cost);
        }
        (void)fprintf(stream,
                      "stage     %" PRIu32 ": operators %" PRIu32 " to %" PRIu32
                      ", weights %" PRIu64 " bytes, flops %" PRIu64 "\n",
                      i + 1, begin + 1, split->stage_ends[i], cost.weight_bytes, cost.flops);
    }
}

void
neuron_cc_print_graph(FILE *stream, const struct neuron_graph *graph,
                      const struct neuron_graph *imported)
{
    for (uint32_t i = 0; i < graph->input_count; i += 1) {
        print_port(stream, "input", &graph->inputs[i]);
    }
    for (uint32_t i = 0; i < graph->output_count; i += 1) {
        print_port(stream, "output", &graph->outputs[i]);
    }
    (void)fprintf(stream, "weights   %" PRIu64 " bytes\n", neuron_cc_weight_bytes(graph));
    neuron_cc_print_missing_weights(stream, graph);
    (void)fprintf(stream, "flops     %" PRIu64 " a run\n", neuron_cc_count_flops(graph));
    (void)fprintf(stream, "operators %" PRIu32, graph->node_count);
    if (imported != NULL) {
        (void)fprintf(stream, ", of %" PRIu32 " before folding and fusing", imported->node_count);
    }
    (void)fputc('\n', stream);
    (void)fprintf(stream, "cores     %" PRIu32 "%s\n", neuron_core_split_core_count(&graph->split),
                  graph->split.kind == NEURON_SPLIT_KIND_WIDE ? ", wide" : "");
    print_stages(stream, graph);
}

/* In what nodes compute, other than in all bits. */
static void
print_precisions(FILE *stream, const struct neuron_graph *graph)
{
    uint32_t counts[NEURON_PRECISION_END] = {0};
    uint32_t calibrated = 0;

    for (uint32_t i = 0; i < graph->node_count; i += 1) {
        counts[graph->nodes[i].attributes.precision] += 1;
        calibrated += graph->nodes[i].attributes.input_peak > 0.0F ? 1 : 0;
    }
    for (int i = NEURON_PRECISION_FLOAT32 + 1; i < NEURON_PRECISION_END; i += 1) {
        if (counts[i] > 0) {
            (void)fprintf(stream, "precision %s in %" PRIu32 " of the operators\n",
                          neuron_precision_name((enum neuron_precision)i), counts[i]);
        }
    }
    if (calibrated > 0) {
        (void)fprintf(stream, "          calibrated in %" PRIu32 "\n", calibrated);
    }
}

/* What is chosen once the weights are there. */
static void
print_later_choices(FILE *stream, const struct neuron_later_choices *later)
{
    if (later->auto_cast != NEURON_AUTO_CAST_NONE) {
        (void)fprintf(stream, "precision %s, of %s, once the weights are given\n",
                      neuron_auto_cast_type_name(later->auto_cast_type),
                      neuron_auto_cast_name(later->auto_cast));
    }
    if (later->optimization_level > 0) {
        (void)fprintf(stream, "level     %" PRIu32 ", once the weights are given\n",
                      later->optimization_level);
    }
}

void
neuron_cc_print_choices(FILE *stream, const struct neuron_graph *graph)
{
    const struct neuron_target *target = &graph->target;
    char processor[NEURON_PROCESSOR_LIMIT_BYTES] = "";

    print_precisions(stream, graph);
    print_later_choices(stream, &target->later);
    if (target->instructions != NEURON_INSTRUCTIONS_NONE) {
        (void)fprintf(stream, "target    %s\n", neuron_instructions_name(target->instructions));
    }
    if (target->processor[0] != '\0') {
        neuron_onnx_copy_printable(processor, sizeof(processor), target->processor);
        (void)fprintf(stream, "level     3, measured on %s\n", processor);
    }
}

void
neuron_cc_print_load_order(FILE *stream, const struct neuron_graph *graph)
{
    if (graph->load_order.is_lazy || graph->load_order.is_async) {
        (void)fprintf(stream, "loading  %s%s\n", graph->load_order.is_lazy ? " lazy" : "",
                      graph->load_order.is_async ? " async" : "");
    }
}

void
neuron_cc_print_batch(FILE *stream, const struct neuron_graph *graph)
{
    struct neuron_error reason = {0};
    char text[NEURON_ERROR_TEXT_BYTES] = "";
    enum neuron_status status = neuron_graph_check_batchable(graph, &reason);

    for (uint32_t i = 0; status == NEURON_OK && i < graph->bucket_count; i += 1) {
        status = neuron_graph_check_batchable(graph->buckets[i], &reason);
    }
    neuron_onnx_copy_printable(text, sizeof(text), reason.text);
    (void)fprintf(stream, "batch     %s%s\n",
                  status == NEURON_OK ? "of any size" : "as compiled alone: ", text);
}

void
neuron_cc_print_operators(FILE *stream, const struct neuron_graph *graph)
{
    uint32_t counts[NEURON_OPERATOR_END] = {0};

    for (uint32_t i = 0; i < graph->node_count; i += 1) {
        counts[graph->nodes[i].kind] += 1;
    }
    for (int i = 0; i < NEURON_OPERATOR_END; i += 1) {
        if (counts[i] > 0) {
            (void)fprintf(stream, "  %-16s %" PRIu32 "\n",
                          neuron_operator_name((enum neuron_operator)i), counts[i]);
        }
    }
}

void
neuron_cc_print_uses(FILE *stream, const struct neuron_onnx_report *report)
{
    (void)fprintf(stream, "%-22s %6s %8s %7s %15s %13s %13s\n", "operator", "nodes", "refused",
                  "folded", "flops", "bytes", "weights");
    for (uint32_t i = 0; i < neuron_onnx_report_use_count(report); i += 1) {
        const struct neuron_onnx_operator_use *use = neuron_onnx_report_use(report, i);

        (void)fprintf(stream,
                      "%-22s %6" PRIu32 " %8" PRIu32 " %7" PRIu32 " %15" PRIu64 " %13" PRIu64
                      " %13" PRIu64 "\n",
                      use->operator_name, use->node_count, use->refused_count, use->folded_count,
                      use->flops, use->moved_bytes, use->weight_bytes);
    }
}

void
neuron_cc_print_problems(FILE *stream, const struct neuron_onnx_report *report)
{
    for (uint32_t i = 0; i < neuron_onnx_report_problem_count(report); i += 1) {
        const struct neuron_onnx_problem *problem = neuron_onnx_report_problem(report, i);

        (void)fprintf(stream, "  %s (%s", problem->name, problem->operator_name);
        if (problem->opset > 0) {
            (void)fprintf(stream, ", opset %" PRId64, problem->opset);
        }
        (void)fprintf(stream, "): %s\n", problem->reason);
    }
}

void
neuron_cc_print_inputs(const struct neuron_model *model, const struct neuron_cc_tensors *tensors)
{
    for (uint32_t i = 0; i < tensors->input_count; i += 1) {
        const struct neuron_tensor_spec *spec = neuron_model_input(model, i);
        char name[NEURON_NAME_LIMIT_BYTES] = "";
        char shape[96] = "";

        neuron_onnx_copy_printable(name, sizeof(name), spec->name);
        (void)printf("input     %s %s, %s\n", name,
                     neuron_tensor_shape_format(&spec->shape, shape, sizeof(shape)),
                     tensors->owned[i] == NULL ? "given" : "made up");
    }
}

void
neuron_cc_print_latency(const struct neuron_cc_latency *latency)
{
    (void)printf("latency   %.4f ms least, %.4f p50, %.4f p90, %.4f p99, %.4f most\n",
                 (double)latency->least_ns / 1e6, (double)latency->p50_ns / 1e6,
                 (double)latency->p90_ns / 1e6, (double)latency->p99_ns / 1e6,
                 (double)latency->most_ns / 1e6);
}
