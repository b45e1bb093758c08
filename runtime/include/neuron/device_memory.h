/* SPDX-License-Identifier: Apache-2.0 */
/* The memory budget of a device, and buffers that are charged to it. */
#ifndef NEURON_DEVICE_MEMORY_H
#define NEURON_DEVICE_MEMORY_H

#include <stddef.h>
#include <stdint.h>

#include "neuron/runtime.h"
#include "neuron/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * A device is the cores that share one local memory. All that this process loads to a core is
 * charged to the core's device: packed weights and weights used in place, once per model and
 * device; the arena of each replica; buffers. What does not fit is refused before it is allocated.
 *
 * The budget is the runtime's option device_memory_bytes (NEURON_RT_DEVICE_MEMORY) or, where that
 * is 0, what neuron_topology_device_memory() says: the memory of the NUMA node, or the limit of the
 * process's control groups where that is less.
 */
struct neuron_device_memory_stats {
    uint64_t used_bytes;
    uint64_t peak_bytes;  /* the most that was ever used at once */
    uint64_t limit_bytes; /* UINT64_MAX where none is known */
};

/*
 * Reads the budget of a core's device.
 *
 * nc  the process's number of the core, below neuron_runtime_core_count().
 *
 * Any thread.
 */
NEURON_API void
neuron_device_memory_read(const struct neuron_runtime *runtime, uint32_t nc,
                          struct neuron_device_memory_stats *stats);

/* Memory near a core, zeroed at first. */
struct neuron_buffer;

/*
 * Allocates a buffer, aligned to 64 bytes. The core's executor zeroes it, so that new pages lie in
 * the memory near the core. It is charged with exactly `size_bytes`.
 *
 * nc          as above.
 * size_bytes  0 is allowed: the address is then not NULL, and nothing may be read there.
 * name        stands in the refusals of others: who uses how much. NULL for none.
 *             Borrowed for the call.
 * buffer      receives a new buffer, which the caller destroys before the runtime. Unchanged on
 *             failure.
 *
 * Returns NEURON_DEVICE_MEMORY_FULL, with what was asked, what is used by whom and the limit;
 * NEURON_OUT_OF_MEMORY; NEURON_NO_SUCH_CORE; NEURON_QUEUE_FULL; NEURON_STOPPED, also in a forked
 * child. Nothing is charged then.
 * Any thread but an executor's. Blocks until the core has touched the pages.
 */
NEURON_API NEURON_MUST_CHECK enum neuron_status
neuron_buffer_create(struct neuron_runtime *runtime, uint32_t nc, size_t size_bytes,
                     const char *name, struct neuron_buffer **buffer, struct neuron_error *error);

/* The address of a buffer. Lives as long as the buffer. Any thread. */
NEURON_API void *
neuron_buffer_address(const struct neuron_buffer *buffer);

/* Frees a buffer and gives its bytes back to the budget. Accepts NULL. Any thread, one at a time.
 */
NEURON_API void
neuron_buffer_destroy(struct neuron_buffer *buffer);

#ifdef __cplusplus
}
#endif

#endif
