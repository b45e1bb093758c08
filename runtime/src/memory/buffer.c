/* SPDX-License-Identifier: Apache-2.0 */
/* Buffers near a core, and what is used of a device: the public face of the budgets. */
#include "neuron/device_memory.h"

#include <stdlib.h>
#include <string.h>

#include "memory/device_budget.h"
#include "neuron/executor.h"
#include "runtime_body.h"

enum { BUFFER_ALIGNMENT = 64 };

struct neuron_buffer {
    struct neuron_charge charge; /* its owner is our copy of the name */
    char *name;
    uint64_t charged_bytes;
    void *address;
    size_t allocated_bytes;
};

void
neuron_device_memory_read(const struct neuron_runtime *runtime, uint32_t nc,
                          struct neuron_device_memory_stats *stats)
{
    neuron_device_budget_read(neuron_runtime_device_budget(runtime, nc), stats);
}

/* Runs on the executor of the buffer's core. */
static void
touch_pages(void *argument)
{
    struct neuron_buffer *buffer = argument;

    memset(buffer->address, 0, buffer->allocated_bytes);
}

static enum neuron_status
touch_on_core(struct neuron_runtime *runtime, uint32_t nc, struct neuron_buffer *buffer,
              struct neuron_error *error)
{
    struct neuron_completion *completion = NULL;
    enum neuron_status status = neuron_completion_create(&completion, error);

    if (status != NEURON_OK) {
        return status;
    }
    const struct neuron_request request = {
        .work = touch_pages, .argument = buffer, .completion = completion};
    neuron_completion_arm(completion, 1);
    status = neuron_executor_submit(neuron_runtime_executor(runtime, nc), &request, error);
    if (status != NEURON_OK) {
        neuron_completion_count_down(completion);
    }
    neuron_completion_wait(completion);
    neuron_completion_destroy(completion);
    return status;
}

/* Takes the bytes from the budget, and allocates them. */
static enum neuron_status
allocate(struct neuron_buffer *buffer, size_t size_bytes, struct neuron_error *error)
{
    size_t padded_bytes = 0;
    enum neuron_status status =
        neuron_charge_take(&buffer->charge, size_bytes, NEURON_MEMORY_BUFFER, error);

    if (status != NEURON_OK) {
        return status;
    }
    buffer->charged_bytes = size_bytes;
    if (!__builtin_add_overflow(size_bytes, BUFFER_ALIGNMENT, &padded_bytes)) {
        buffer->allocated_bytes = padded_bytes - padded_bytes % BUFFER_ALIGNMENT;
        buffer->address = aligned_alloc(BUFFER_ALIGNMENT, buffer->allocated_bytes);
    }
    if (buffer->address == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for a buffer of %zu bytes",
                           size_bytes);
    }
    return NEURON_OK;
}

enum neuron_status
neuron_buffer_create(struct neuron_runtime *runtime, uint32_t nc, size_t size_bytes,
                     const char *name, struct neuron_buffer **buffer, struct neuron_error *error)
{
    uint32_t core_count = neuron_runtime_core_count(runtime);
    enum neuron_status status = neuron_runtime_check_process(runtime, error);

    if (status != NEURON_OK) {
        return status;
    }
    if (nc >= core_count) {
        return NEURON_FAIL(error, NEURON_NO_SUCH_CORE,
                           "there is no nc:%u: this process owns nc:0 to nc:%u", nc,
                           core_count - 1);
    }
    struct neuron_buffer *created = calloc(1, sizeof(*created));
    char *copy = strdup(name == NULL ? "no name" : name);
    if (created == NULL || copy == NULL) {
        free(created);
        free(copy);
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for a buffer");
    }
    created->name = copy;
    created->charge =
        (struct neuron_charge){.budget = neuron_runtime_device_budget(runtime, nc), .owner = copy};
    status = allocate(created, size_bytes, error);
    if (status == NEURON_OK) {
        status = touch_on_core(runtime, nc, created, error);
    }
    if (status != NEURON_OK) {
        neuron_buffer_destroy(created);
        return status;
    }
    *buffer = created;
    return NEURON_OK;
}

void *
neuron_buffer_address(const struct neuron_buffer *buffer)
{
    return buffer->address;
}

void
neuron_buffer_destroy(struct neuron_buffer *buffer)
{
    if (buffer == NULL) {
        return;
    }
    free(buffer->address);
    neuron_charge_give(&buffer->charge, buffer->charged_bytes, NEURON_MEMORY_BUFFER);
    free(buffer->name);
    free(buffer);
}
