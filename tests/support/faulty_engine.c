/* SPDX-License-Identifier: Apache-2.0 */
#include "faulty_engine.h"

#include <stdbool.h>
#include <stddef.h>

#include "engine/program.h"

struct faulty_engine faulty_engine;

void
faulty_engine_reset(void)
{
    atomic_store(&faulty_engine.plans_created, 0);
    atomic_store(&faulty_engine.plans_destroyed, 0);
    atomic_store(&faulty_engine.programs_created, 0);
    atomic_store(&faulty_engine.programs_destroyed, 0);
    atomic_store(&faulty_engine.plans_until_failure, -1);
    atomic_store(&faulty_engine.programs_until_failure, -1);
}

/* Counts down to the one that fails. After that one, none does. */
static bool
is_failing(_Atomic int32_t *until_failure)
{
    int32_t left = atomic_load(until_failure);

    while (left >= 0 && !atomic_compare_exchange_weak(until_failure, &left, left - 1)) {
    }
    return left == 0;
}

/* The linker makes these names.
   NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp,readability-identifier-naming)
 */
enum neuron_status
__real_neuron_plan_create_cached(const struct neuron_graph *graph,
                                 const struct neuron_charge *charge,
                                 const struct neuron_packed_place *place, struct neuron_plan **plan,
                                 struct neuron_error *error);
enum neuron_status
__wrap_neuron_plan_create_cached(const struct neuron_graph *graph,
                                 const struct neuron_charge *charge,
                                 const struct neuron_packed_place *place, struct neuron_plan **plan,
                                 struct neuron_error *error);
void
__real_neuron_plan_destroy(struct neuron_plan *plan);
void
__wrap_neuron_plan_destroy(struct neuron_plan *plan);
enum neuron_status
__real_neuron_program_create(const struct neuron_plan *plan, const struct neuron_charge *charge,
                             struct neuron_program **program, struct neuron_error *error);
enum neuron_status
__wrap_neuron_program_create(const struct neuron_plan *plan, const struct neuron_charge *charge,
                             struct neuron_program **program, struct neuron_error *error);
void
__real_neuron_program_destroy(struct neuron_program *program);
void
__wrap_neuron_program_destroy(struct neuron_program *program);

enum neuron_status
__wrap_neuron_plan_create_cached(const struct neuron_graph *graph,
                                 const struct neuron_charge *charge,
                                 const struct neuron_packed_place *place, struct neuron_plan **plan,
                                 struct neuron_error *error)
{
    if (is_failing(&faulty_engine.plans_until_failure)) {
        return NEURON_FAIL(error, NEURON_UNSUPPORTED_MODEL, FAULTY_REASON);
    }
    atomic_fetch_add(&faulty_engine.plans_created, 1);
    return __real_neuron_plan_create_cached(graph, charge, place, plan, error);
}

void
__wrap_neuron_plan_destroy(struct neuron_plan *plan)
{
    atomic_fetch_add(&faulty_engine.plans_destroyed, plan != NULL ? 1 : 0);
    __real_neuron_plan_destroy(plan);
}

enum neuron_status
__wrap_neuron_program_create(const struct neuron_plan *plan, const struct neuron_charge *charge,
                             struct neuron_program **program, struct neuron_error *error)
{
    if (is_failing(&faulty_engine.programs_until_failure)) {
        return NEURON_FAIL(error, NEURON_DEVICE_MEMORY_FULL, FAULTY_REASON);
    }
    atomic_fetch_add(&faulty_engine.programs_created, 1);
    return __real_neuron_program_create(plan, charge, program, error);
}

void
__wrap_neuron_program_destroy(struct neuron_program *program)
{
    atomic_fetch_add(&faulty_engine.programs_destroyed, program != NULL ? 1 : 0);
    __real_neuron_program_destroy(program);
}
/* NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp,readability-identifier-naming)
 */
