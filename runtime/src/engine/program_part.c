/* SPDX-License-Identifier: Apache-2.0 */
/* The part of one core in a program that several run together. */
#include "engine/program_body.h"

#include "tick.h"

/* The next step of the program's core from one on; the number of steps when there is none. */
static uint32_t
find_own_step(const struct neuron_program *program, uint32_t from)
{
    const struct neuron_plan *plan = program->plan;

    while (from < plan->step_count && plan->steps[from].core != program->core) {
        from += 1;
    }
    return from;
}

/* Says how far the core is: up to a step that is its next one. */
static void
reach_step(const struct neuron_program *program, const struct neuron_gang_run *run, uint32_t step)
{
    const struct neuron_plan *plan = program->plan;
    uint32_t moment = step < plan->step_count ? plan->steps[step].moment : plan->moment_count;

    neuron_gang_reach(program->gang, run, program->core, moment);
}

/* Runs the steps of the core, each when the others have done with what is before it. */
static enum neuron_status
run_own_steps(const struct neuron_program *program, const struct neuron_gang_run *run,
              uint64_t timeout_ms, struct neuron_error *error)
{
    const struct neuron_plan *plan = program->plan;
    uint64_t deadline_ms = UINT64_MAX;
    uint32_t first = find_own_step(program, 0);
    uint32_t step = first;

    reach_step(program, run, step);
    while (step < plan->step_count) {
        uint32_t next = find_own_step(program, step + 1);

        if (!neuron_gang_await(program->gang, run, program->core, plan->steps[step].moment)) {
            return NEURON_FAIL(error, NEURON_CANCELLED, "another core ended the run");
        }
        /* What a core waits for one that still does something else is not the run's. */
        deadline_ms = step == first ? neuron_program_find_deadline_ms(timeout_ms) : deadline_ms;
        enum neuron_status status = neuron_program_run_step(program, step, error);
        if (status != NEURON_OK) {
            return status;
        }
        if (deadline_ms != UINT64_MAX && neuron_clock_tick_ms() > deadline_ms) {
            return neuron_program_refuse_late(step + 1, plan->step_count, timeout_ms, error);
        }
        reach_step(program, run, next);
        step = next;
    }
    return NEURON_OK;
}

enum neuron_status
neuron_program_run_part(struct neuron_program *program, void *const *inputs, void *const *outputs,
                        struct neuron_gang_run *run, uint64_t timeout_ms,
                        struct neuron_error *error)
{
    enum neuron_status status = neuron_program_bind(program, inputs, outputs, error);

    if (status == NEURON_OK) {
        status = run_own_steps(program, run, timeout_ms, error);
    }
    if (status != NEURON_OK) {
        neuron_gang_give_up(program->gang, run);
    }
    neuron_gang_leave(program->gang, run, program->core);
    return status;
}

size_t
neuron_plan_arena_bytes(const struct neuron_plan *plan)
{
    return plan->arena_bytes;
}

bool
neuron_plan_is_shared_by_cores(const struct neuron_plan *plan)
{
    return plan->moment_count < plan->step_count;
}
