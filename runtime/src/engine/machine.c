/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/machine.h"

#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#if defined(__x86_64__)
#include <cpuid.h>
#endif

#include <oneapi/dnnl/dnnl.h>

/* Says whether a set of oneDNN's, which are bits, holds another one. */
static bool
holds(dnnl_cpu_isa_t all, dnnl_cpu_isa_t part)
{
    return ((unsigned)all & (unsigned)part) == (unsigned)part;
}

enum neuron_instructions
neuron_machine_instructions(void)
{
    dnnl_cpu_isa_t isa = dnnl_get_effective_cpu_isa();

    if (holds(isa, dnnl_cpu_isa_avx512_core_amx)) {
        return NEURON_INSTRUCTIONS_AMX;
    }
    if (holds(isa, dnnl_cpu_isa_avx512_core_bf16)) {
        return NEURON_INSTRUCTIONS_AVX512_BF16;
    }
    if (holds(isa, dnnl_cpu_isa_avx512_core_vnni)) {
        return NEURON_INSTRUCTIONS_AVX512_VNNI;
    }
    if (holds(isa, dnnl_cpu_isa_avx512_core)) {
        return NEURON_INSTRUCTIONS_AVX512;
    }
    return isa != dnnl_cpu_isa_all && holds(isa, dnnl_cpu_isa_avx2) ? NEURON_INSTRUCTIONS_AVX2
                                                                    : NEURON_INSTRUCTIONS_GENERIC;
}

bool
neuron_machine_has_precision(enum neuron_precision precision)
{
    switch (precision) {
    case NEURON_PRECISION_BFLOAT16:
        return neuron_machine_instructions() >= NEURON_INSTRUCTIONS_AVX512_BF16;
    case NEURON_PRECISION_INT8:
        return neuron_machine_instructions() >= NEURON_INSTRUCTIONS_AVX512_VNNI;
    case NEURON_PRECISION_FLOAT32:
        return true;
    case NEURON_PRECISION_FLOAT16: /* oneDNN 2.6 multiplies none */
    case NEURON_PRECISION_END:
        break;
    }
    return false;
}

#if defined(__x86_64__)

/* "AuthenticAMD 25.17.1": vendor, family, model, stepping. */
static void
name_family(char *text, size_t size_bytes)
{
    union {
        unsigned words[3];
        char letters[12];
    } vendor = {{0}};
    unsigned highest = 0;
    unsigned signature = 0;
    unsigned unused[3] = {0};

    if (__get_cpuid(0, &highest, &vendor.words[0], &vendor.words[2], &vendor.words[1]) == 0 ||
        __get_cpuid(1, &signature, &unused[0], &unused[1], &unused[2]) == 0) {
        (void)snprintf(text, size_bytes, "unknown");
        return;
    }
    unsigned family = (signature >> 8) & 0xFU;
    unsigned model = ((signature >> 4) & 0xFU) | ((signature >> 12) & 0xF0U);

    family += family == 0xFU ? (signature >> 20) & 0xFFU : 0;
    (void)snprintf(text, size_bytes, "%.12s %u.%u.%u", vendor.letters, family, model,
                   signature & 0xFU);
}

#else

/* What the kernel says of an ARM core; other processors have no such file. */
static void
name_family(char *text, size_t size_bytes)
{
    FILE *file = fopen("/sys/devices/system/cpu/cpu0/regs/identification/midr_el1", "re");

    if (file == NULL || fgets(text, (int)size_bytes, file) == NULL) {
        (void)snprintf(text, size_bytes, "unknown");
    }
    text[strcspn(text, "\n")] = '\0';
    if (file != NULL) {
        (void)fclose(file);
    }
}

#endif

void
neuron_machine_name_model(char *text, size_t size_bytes)
{
    struct utsname system = {.machine = ""};
    char family[48] = "";

    (void)uname(&system);
    name_family(family, sizeof(family));
    (void)snprintf(text, size_bytes, "%.16s %s", system.machine, family);
}

void
neuron_machine_name_processor(char *text, size_t size_bytes)
{
    char model[NEURON_PROCESSOR_LIMIT_BYTES - 16] = "";

    neuron_machine_name_model(model, sizeof(model));
    (void)snprintf(text, size_bytes, "%s %s", model,
                   neuron_instructions_name(neuron_machine_instructions()));
}

/* Finds a precision of the graph that there are no kernels for; float32 for none. */
static enum neuron_precision
find_lacking(const struct neuron_graph *graph)
{
    for (uint32_t i = 0; i < graph->node_count; i += 1) {
        enum neuron_precision precision = graph->nodes[i].attributes.precision;

        if (!neuron_machine_has_precision(precision)) {
            return precision;
        }
    }
    return NEURON_PRECISION_FLOAT32;
}

enum neuron_status
neuron_machine_check_graph(const struct neuron_graph *graph, struct neuron_error *error)
{
    enum neuron_precision lacking = find_lacking(graph);
    enum neuron_instructions target = graph->target.instructions;
    enum neuron_instructions machine = neuron_machine_instructions();
    char processor[NEURON_PROCESSOR_LIMIT_BYTES] = "";

    if (lacking != NEURON_PRECISION_FLOAT32) {
        return NEURON_FAIL(error, NEURON_UNSUPPORTED_MODEL,
                           "it was compiled for %s, of which there are no kernels for this machine "
                           "(%s): it is computed in float32, more slowly and with all bits",
                           neuron_precision_name(lacking), neuron_instructions_name(machine));
    }
    if (target > machine) {
        return NEURON_FAIL(error, NEURON_UNSUPPORTED_MODEL,
                           "it was compiled for %s, and this machine has %s: it runs more slowly",
                           neuron_instructions_name(target), neuron_instructions_name(machine));
    }
    neuron_machine_name_processor(processor, sizeof(processor));
    if (graph->target.processor[0] != '\0' && strcmp(graph->target.processor, processor) != 0) {
        return NEURON_FAIL(error, NEURON_UNSUPPORTED_MODEL,
                           "its algorithms were measured on %s, and this is %s: compile it here "
                           "for those that are best here",
                           graph->target.processor, processor);
    }
    return NEURON_OK;
}
