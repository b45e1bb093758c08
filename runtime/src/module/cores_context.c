/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Each thread has a chain of contexts of its own, innermost first, whose head is what the runtime's
 * key holds for that thread. The links lie in the callers' memory: nothing is allocated, and a
 * thread that ends inside a context leaves nothing behind.
 */
#include "module/cores_context.h"

#include <pthread.h>

#include "module/core_choice.h"
#include "runtime_body.h"

static struct neuron_cores_context *
find_innermost(const struct neuron_runtime *runtime)
{
    return pthread_getspecific(neuron_runtime_context_key(runtime));
}

static enum neuron_status
enter(struct neuron_runtime *runtime, const struct neuron_module_placement *placement,
      struct neuron_cores_context *context, struct neuron_error *error)
{
    struct neuron_cores_context entered = {
        .placement = *placement, .runtime = runtime, .outer = find_innermost(runtime)};
    enum neuron_status status =
        neuron_core_choice_check(placement, neuron_runtime_core_count(runtime), 1, error);

    if (status != NEURON_OK) {
        return status;
    }
    if (pthread_setspecific(neuron_runtime_context_key(runtime), context) != 0) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for a context of cores");
    }
    *context = entered;
    return NEURON_OK;
}

enum neuron_status
neuron_cores_context_enter(struct neuron_runtime *runtime, int32_t start_nc, int32_t nc_count,
                           struct neuron_cores_context *context, struct neuron_error *error)
{
    const struct neuron_module_placement placement = {
        .kind = NEURON_PLACEMENT_RUN, .start_nc = start_nc, .nc_count = nc_count};

    return enter(runtime, &placement, context, error);
}

enum neuron_status
neuron_multicore_context_enter(struct neuron_runtime *runtime, struct neuron_cores_context *context,
                               struct neuron_error *error)
{
    const struct neuron_module_placement placement = {.kind = NEURON_PLACEMENT_ALL};

    return enter(runtime, &placement, context, error);
}

enum neuron_status
neuron_cores_context_leave(struct neuron_cores_context *context, struct neuron_error *error)
{
    const struct neuron_runtime *runtime = context->runtime;

    if (runtime == NULL || find_innermost(runtime) != context) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "this context is not the innermost that this thread has entered; leave "
                           "contexts in the reverse order, on the thread that entered them");
    }
    /* Cannot fail: the thread's place for this key exists since it entered. */
    (void)pthread_setspecific(neuron_runtime_context_key(runtime), context->outer);
    context->runtime = NULL;
    return NEURON_OK;
}

struct neuron_module_placement
neuron_cores_context_placement(const struct neuron_runtime *runtime)
{
    const struct neuron_cores_context *innermost = find_innermost(runtime);
    const struct neuron_module_placement automatic = {
        .kind = NEURON_PLACEMENT_RUN, .start_nc = NEURON_AUTOMATIC, .nc_count = NEURON_AUTOMATIC};

    return innermost == NULL ? automatic : innermost->placement;
}
