/* SPDX-License-Identifier: Apache-2.0 */
#include "cc_roofline.h"

#include "engine/machine.h"
#include "roofline_file.h"

/* What is measured in another way has another name. */
static const char file_stem[] = "roofline-1";

/* "folder/roofline-1.txt", or where not all instructions are used "roofline-1-avx2.txt";
   empty where that does not fit. */
static void
name_file(struct neuron_cc_roofline *roofline, const char *folder)
{
    const char *limit = roofline->cpu.limit;
    int length = snprintf(roofline->path, sizeof(roofline->path), "%s/%s%s%s.txt", folder,
                          file_stem, limit[0] == '\0' ? "" : "-", limit);

    if (length < 0 || (size_t)length >= sizeof(roofline->path)) {
        roofline->path[0] = '\0';
    }
}

void
neuron_cc_roofline_find(const char *folder, bool remeasure, struct neuron_cc_roofline *roofline)
{
    *roofline = (struct neuron_cc_roofline){.is_kept = false};
    neuron_cpu_read(&roofline->cpu);
    if (folder != NULL) {
        name_file(roofline, folder);
    }
    roofline->is_kept = roofline->path[0] != '\0' && !remeasure &&
                        neuron_roofline_load(roofline->path, &roofline->cpu, &roofline->limits);
}

enum neuron_status
neuron_cc_roofline_complete(struct neuron_cc_roofline *roofline, struct neuron_error *error)
{
    enum neuron_status status = NEURON_OK;

    if (!roofline->is_kept) {
        status = neuron_roofline_measure(&roofline->cpu, &roofline->limits, error);
        roofline->is_measured = status == NEURON_OK;
    }
    return status;
}

void
neuron_cc_roofline_keep(struct neuron_cc_roofline *roofline)
{
    if (roofline->is_measured && roofline->path[0] != '\0') {
        roofline->is_kept = neuron_roofline_save(&roofline->limits, &roofline->cpu, roofline->path,
                                                 &roofline->unkept) == NEURON_OK;
    }
}

void
neuron_cc_roofline_print(FILE *stream, const struct neuron_cc_roofline *roofline)
{
    for (int i = 0; i < NEURON_ARITHMETIC_COUNT; i += 1) {
        const struct neuron_core_peak *peak = &roofline->limits.peaks[i];

        (void)fprintf(stream, "peak      %.2f GFLOP/s of %s, measured on this core with %s\n",
                      peak->gflops, neuron_arithmetic_name((enum neuron_arithmetic)i),
                      peak->instructions);
    }
    (void)fprintf(stream, "reads     ");
    for (int i = 0; i < NEURON_MEMORY_COUNT; i += 1) {
        (void)fprintf(stream, "%s%.2f GB/s from %s", i == 0 ? "" : ", ",
                      roofline->limits.memory[i].gbps,
                      neuron_memory_level_name((enum neuron_memory_level)i));
    }
    (void)fputc('\n', stream);
    if (!roofline->is_measured) {
        (void)fprintf(stream, "limits    of an earlier run, kept in %s\n", roofline->path);
    } else if (roofline->is_kept) {
        (void)fprintf(stream, "limits    measured now, kept in %s\n", roofline->path);
    } else {
        (void)fprintf(stream, "limits    measured now, and not kept: %s\n",
                      roofline->path[0] == '\0' ? "the environment names no folder for caches"
                                                : roofline->unkept.text);
    }
}

enum neuron_arithmetic
neuron_cc_node_arithmetic(const struct neuron_node *node)
{
    bool is_integer =
        node->kind == NEURON_OPERATOR_MATMUL_INTEGER || node->kind == NEURON_OPERATOR_CONV_INTEGER;

    /* Where there are no kernels for it, a node is computed in float32. */
    switch (neuron_machine_has_precision(node->attributes.precision) ? node->attributes.precision
                                                                     : NEURON_PRECISION_FLOAT32) {
    case NEURON_PRECISION_BFLOAT16:
        return NEURON_ARITHMETIC_BF16;
    case NEURON_PRECISION_INT8:
        return NEURON_ARITHMETIC_INT8;
    case NEURON_PRECISION_FLOAT32:
    case NEURON_PRECISION_FLOAT16: /* computed in float32 */
    case NEURON_PRECISION_END:
        break;
    }
    return is_integer ? NEURON_ARITHMETIC_INT8 : NEURON_ARITHMETIC_FLOAT32;
}

enum neuron_arithmetic
neuron_cc_graph_arithmetic(const struct neuron_graph *graph)
{
    enum neuron_arithmetic fastest = NEURON_ARITHMETIC_FLOAT32;

    for (uint32_t i = 0; i < graph->node_count; i += 1) {
        enum neuron_arithmetic arithmetic = neuron_cc_node_arithmetic(&graph->nodes[i]);

        fastest = arithmetic > fastest ? arithmetic : fastest;
    }
    return fastest;
}
