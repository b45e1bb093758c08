/* SPDX-License-Identifier: Apache-2.0 */
/* A model of three weights with names, which a compiler folds where it may: (x * matrix) by channel
   times scale, plus bias. */
#ifndef NEURON_TESTS_WEIGHED_MODEL_H
#define NEURON_TESTS_WEIGHED_MODEL_H

#include <stdbool.h>

#include "neuron/compiler.h"
#include "neuron/model.h"
#include "neuron/npz.h"

#include "model_bench.h"

enum { WEIGHED_ROWS = 4, WEIGHED_INPUTS = 6, WEIGHED_OUTPUTS = 5 };

struct weighed_numbers {
    float matrix[WEIGHED_INPUTS * WEIGHED_OUTPUTS];
    float scale[WEIGHED_OUTPUTS];
    float bias[WEIGHED_OUTPUTS];
};

/* Numbers that depend on the seed. */
void
weighed_fill(struct weighed_numbers *numbers, uint32_t seed);

/* The three arrays "matrix", "scale" and "bias". They borrow the numbers. */
void
weighed_entries(struct weighed_numbers *numbers, struct neuron_npz_entry entries[3]);

/* Saves them in the bench's folder, and gives the path. */
const char *
weighed_save(const struct model_bench *bench, struct weighed_numbers *numbers, const char *name,
             char *path);

/* Traces the model with these numbers. The caller destroys the graph. */
struct neuron_graph *
weighed_trace(struct weighed_numbers *numbers);

/* Compiles it to m.neff in the bench's folder, its weights apart on demand, and loads it. */
struct neuron_model *
weighed_load(const struct model_bench *bench, struct weighed_numbers *numbers, bool is_apart);

/* Compiles it with these options. */
struct neuron_model *
weighed_load_with(const struct model_bench *bench, struct weighed_numbers *numbers,
                  const struct neuron_compiler_options *options);

/* Checks a model's answers in a module that is there. */
void
weighed_check_module(struct neuron_module *module, const struct weighed_numbers *numbers);

/* Runs a model once, and fails the test unless its answer is that of the numbers. */
void
weighed_check(const struct model_bench *bench, const struct neuron_model *model,
              const struct weighed_numbers *numbers);

#endif
