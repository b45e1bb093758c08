/* SPDX-License-Identifier: Apache-2.0 */
/* A plan made runnable on one core: one arena, and the kernels' arguments bound to it. */
#ifndef NEURON_ENGINE_PROGRAM_H
#define NEURON_ENGINE_PROGRAM_H

#include "engine/gang.h"
#include "engine/plan.h"
#include "neuron/status.h"

struct neuron_program;

/*
 * Makes a program. The calling thread touches the arena first, so that its memory is near the core
 * that the thread is pinned to.
 *
 * charge  takes the arena. NULL for none.
 *
 * Returns NEURON_DEVICE_MEMORY_FULL or NEURON_OUT_OF_MEMORY.
 */
enum neuron_status
neuron_program_create(const struct neuron_plan *plan, const struct neuron_charge *charge,
                      struct neuron_program **program, struct neuron_error *error);

/*
 * Runs it. Inputs and outputs are dense tensors of the graph's shapes, in its order; they are read
 * and written in place. One thread at a time, which called neuron_engine_use_single_thread().
 *
 * timeout_ms  after which no further step begins, to some milliseconds; 0 for no limit.
 *
 * Returns NEURON_SYSTEM when a kernel fails, or NEURON_TIMED_OUT, also when the last step ended too
 * late. The program can be run again after either.
 */
enum neuron_status
neuron_program_run(struct neuron_program *program, void *const *inputs, void *const *outputs,
                   uint64_t timeout_ms, struct neuron_error *error);

/* When a step of a run began and ended, by a clock that starts with the run. */
struct neuron_step_time {
    uint64_t begin_ns;
    uint64_t end_ns;
};

/*
 * Runs it once, and notes the time of each step (engine/step_description.h says what they are).
 * There is no limit on the time. Else as neuron_program_run().
 *
 * times  receives as many as the plan has steps.
 */
enum neuron_status
neuron_program_run_profiled(struct neuron_program *program, void *const *inputs,
                            void *const *outputs, struct neuron_step_time *times,
                            struct neuron_error *error);

/*
 * Makes a core's part of a program that a gang runs, in whose arena it works. The plan is for as
 * many cores; each part may have a plan of its own, of the same graph, near its core.
 *
 * core  below their number. That of core 0 is the first to touch the arena; none runs before all
 *       are made.
 *
 * Else as neuron_program_create(); NEURON_SYSTEM when the plans of two parts differ.
 */
enum neuron_status
neuron_program_create_part(const struct neuron_plan *plan, struct neuron_gang *gang, uint32_t core,
                           struct neuron_program **program, struct neuron_error *error);

/*
 * Runs a core's part, while the others run theirs of the same run. Blocks while it waits for them.
 *
 * run  the same for all parts.
 *
 * Returns as neuron_program_run(), or NEURON_CANCELLED when the run ended because of another part.
 */
enum neuron_status
neuron_program_run_part(struct neuron_program *program, void *const *inputs, void *const *outputs,
                        struct neuron_gang_run *run, uint64_t timeout_ms,
                        struct neuron_error *error);

/* Says how large the arena of a plan's programs is. */
size_t
neuron_plan_arena_bytes(const struct neuron_plan *plan);

/* Says whether cores share any kernel of a plan: of a small one each does all alone. */
bool
neuron_plan_is_shared_by_cores(const struct neuron_plan *plan);

/* Destroys a program, and gives back its charge. Accepts NULL. */
void
neuron_program_destroy(struct neuron_program *program);

#endif
