/* SPDX-License-Identifier: Apache-2.0 */
/* A small model whose runs can fail, and threads that run it at the same time. */
#ifndef NEURON_TESTS_CHOOSER_H
#define NEURON_TESTS_CHOOSER_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "neuron/module.h"
#include "neuron/trace.h"

enum { CHOOSER_ROW = 4, CHOOSER_THREADS = 8, CHOOSER_RUNS = 40 };

#define CHOOSER_EXAMPLES "[4] int32[1]"

/* x, which -> something made of x, and x plus its chosen element: some operators, of which one of
   the last fails where there is no such element. */
neuron_trace_fn chooser;

struct chooser_call {
    float row[CHOOSER_ROW];
    int32_t which;
    float doubled[CHOOSER_ROW];
    float chosen[CHOOSER_ROW];
};

/* Inputs that depend on the number alone. */
struct chooser_call
chooser_call_of(uint32_t number);

enum neuron_status
chooser_run(struct neuron_module *module, struct chooser_call *call, struct neuron_error *error);

/* Says whether the outputs belong to the inputs. */
bool
chooser_is_right(const struct chooser_call *call);

struct chooser_caller {
    pthread_t thread;
    struct neuron_module *module;
    uint32_t number;
    uint32_t wrong;
};

/* Lets threads run a module, each CHOOSER_RUNS times. */
void
chooser_callers_start(struct chooser_caller callers[CHOOSER_THREADS], struct neuron_module *module);

/* Waits for them, and fails the test when any result was wrong. */
void
chooser_callers_join(struct chooser_caller callers[CHOOSER_THREADS]);

/* Both. */
void
chooser_run_from_threads(struct neuron_module *module);

#endif
