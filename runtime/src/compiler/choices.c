/* SPDX-License-Identifier: Apache-2.0 */
#include "compiler/choices.h"

#include <string.h>

#include "compiler/algorithms.h"
#include "compiler/auto_cast.h"
#include "compiler/calibrate.h"
#include "engine/machine.h"

/* Finds what the file is for. */
static enum neuron_status
choose_target(const struct neuron_compiler_options *options, enum neuron_instructions *target,
              struct neuron_error *error)
{
    *target = neuron_machine_instructions();
    if (options->target == NULL || strcmp(options->target, NEURON_TARGET_NATIVE) == 0) {
        return NEURON_OK;
    }
    if (!neuron_instructions_find(options->target, target)) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT, "target %.40s: there are %s",
                           options->target, neuron_target_words);
    }
    if (options->optimization_level == NEURON_OPTIMIZATION_LIMIT &&
        *target != neuron_machine_instructions()) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "target %.40s: level 3 measures on this machine, which is %s; compile "
                           "there, or at level 2",
                           options->target,
                           neuron_instructions_name(neuron_machine_instructions()));
    }
    return NEURON_OK;
}

/* Refuses numbers that are none of an option. */
static enum neuron_status
check_options(const struct neuron_compiler_options *options, struct neuron_error *error)
{
    if ((uint32_t)options->auto_cast > NEURON_AUTO_CAST_ALL) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "auto_cast %u: there are none, matmult and all",
                           (unsigned)options->auto_cast);
    }
    if ((uint32_t)options->auto_cast_type > NEURON_AUTO_CAST_INT8) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "auto_cast_type %u: there are bf16, fp16 and int8",
                           (unsigned)options->auto_cast_type);
    }
    if (options->optimization_level > NEURON_OPTIMIZATION_LIMIT) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "optimization level %u: there are 1, 2 and 3",
                           options->optimization_level);
    }
    return NEURON_OK;
}

/* Chooses algorithms by the shapes, where that level and the target have several. */
static void
choose_algorithms(struct neuron_graph *graph, uint32_t level)
{
    if (level != 1 && graph->target.instructions >= NEURON_INSTRUCTIONS_AVX512) {
        neuron_algorithms_choose(graph);
    }
}

/* Decides how each node is computed; the target and the level are checked. */
static enum neuron_status
choose_for_nodes(struct neuron_graph *graph, const struct neuron_compiler_options *options,
                 struct neuron_error *error)
{
    enum neuron_status status = NEURON_OK;

    neuron_auto_cast(graph, options->auto_cast, options->auto_cast_type);
    if (options->calibration != NULL) {
        status = neuron_calibrate(graph, options->calibration, error);
    }
    if (status != NEURON_OK) {
        return status;
    }
    if (options->optimization_level == NEURON_OPTIMIZATION_LIMIT) {
        return neuron_algorithms_measure(graph, error);
    }
    choose_algorithms(graph, options->optimization_level);
    return NEURON_OK;
}

enum neuron_status
neuron_choices_make(struct neuron_graph *graph, const struct neuron_compiler_options *options,
                    struct neuron_error *error)
{
    enum neuron_status status = check_options(options, error);

    if (status == NEURON_OK) {
        status = choose_target(options, &graph->target.instructions, error);
    }
    if (status != NEURON_OK) {
        return status;
    }
    if (options->weights_apart) {
        graph->target.later =
            (struct neuron_later_choices){.auto_cast = options->auto_cast,
                                          .auto_cast_type = options->auto_cast_type,
                                          .optimization_level = options->optimization_level};
        return NEURON_OK;
    }
    return choose_for_nodes(graph, options, error);
}

void
neuron_choices_make_later(struct neuron_graph *graph)
{
    const struct neuron_later_choices later = graph->target.later;

    graph->target.later = (struct neuron_later_choices){0};
    neuron_auto_cast(graph, (enum neuron_auto_cast)later.auto_cast,
                     (enum neuron_auto_cast_type)later.auto_cast_type);
    choose_algorithms(graph, later.optimization_level);
}
