/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes into tensors, out of them, and between them. The copying is done without a lock. */
#include <string.h>

#include "nrt/libnrt.h"
#include "nrt/nrt_experimental.h"

enum direction { READ = 0, WRITE = 1 };

/* Memory of the caller on one side, of a tensor on the other. */
struct transfer {
    enum direction direction;
    const nrt_tensor_t *tensor;
    uint64_t offset;
    uint64_t size_bytes;
    void *to;         /* READ */
    const void *from; /* WRITE */
};

/* Checks a transfer, and finds the bytes of the tensor. */
static NRT_STATUS
begin_transfer(const char *call, const struct transfer *transfer, struct libnrt_span *span)
{
    bool is_missing = transfer->direction == READ ? transfer->to == NULL : transfer->from == NULL;

    if (is_missing && transfer->size_bytes > 0) {
        return libnrt_refuse(NRT_INVALID, call, "the buffer is NULL");
    }
    return libnrt_hold_span(call, transfer->tensor, transfer->offset, transfer->size_bytes, span);
}

static NRT_STATUS
do_transfer(const char *call, const struct transfer *transfer)
{
    struct libnrt_span span = {.storage = NULL};
    NRT_STATUS status = begin_transfer(call, transfer, &span);

    /* The caller's memory may be that of the tensor, which nrt_tensor_get_va() gives away. */
    if (status == NRT_SUCCESS && transfer->size_bytes > 0) {
        if (transfer->direction == READ) {
            memmove(transfer->to, span.address, transfer->size_bytes);
        } else {
            memmove(span.address, transfer->from, transfer->size_bytes);
        }
    }
    libnrt_release_span(&span);
    return status;
}

static NRT_STATUS
check_transfer(const char *call, const struct transfer *transfer)
{
    struct libnrt_span span = {.storage = NULL};
    NRT_STATUS status = begin_transfer(call, transfer, &span);

    libnrt_release_span(&span);
    return status;
}

static NRT_STATUS
enter_and_transfer(const char *call, const struct transfer *transfer)
{
    NRT_STATUS status = libnrt_enter(call);

    if (status == NRT_SUCCESS) {
        status = do_transfer(call, transfer);
        libnrt_leave();
    }
    return status;
}

NRT_STATUS
nrt_tensor_read(const nrt_tensor_t *tensor, void *buf, size_t offset, size_t size)
{
    const struct transfer transfer = {
        .direction = READ, .tensor = tensor, .offset = offset, .size_bytes = size, .to = buf};

    return enter_and_transfer("nrt_tensor_read", &transfer);
}

NRT_STATUS
nrt_tensor_write(nrt_tensor_t *tensor, const void *buf, size_t offset, size_t size)
{
    const struct transfer transfer = {
        .direction = WRITE, .tensor = tensor, .offset = offset, .size_bytes = size, .from = buf};

    return enter_and_transfer("nrt_tensor_write", &transfer);
}

/* What is done with each transfer of a batch. */
typedef NRT_STATUS
transfer_fn(const char *call, const struct transfer *transfer);

static NRT_STATUS
for_each_op(const char *call, enum direction direction, const nrt_tensor_batch_t *batch,
            transfer_fn *act)
{
    NRT_STATUS status = NRT_SUCCESS;

    if (batch->ops == NULL && batch->num_ops > 0) {
        return libnrt_refuse(NRT_INVALID, call, "ops is NULL");
    }
    for (uint32_t i = 0; status == NRT_SUCCESS && i < batch->num_ops; i += 1) {
        const nrt_tensor_batch_op_t *op = &batch->ops[i];
        const struct transfer transfer = {.direction = direction,
                                          .tensor = batch->tensor,
                                          .offset = op->offset,
                                          .size_bytes = op->size,
                                          .to = op->buffer,
                                          .from = op->buffer};

        status = act(call, &transfer);
    }
    return status;
}

static NRT_STATUS
for_each_transfer(const char *call, enum direction direction, const nrt_tensor_batch_t *batches,
                  uint64_t num_batches, transfer_fn *act)
{
    NRT_STATUS status = NRT_SUCCESS;

    for (uint64_t i = 0; status == NRT_SUCCESS && i < num_batches; i += 1) {
        status = for_each_op(call, direction, &batches[i], act);
    }
    return status;
}

static NRT_STATUS
transfer_batches(const char *call, enum direction direction, const nrt_tensor_batch_t *batches,
                 uint64_t num_batches)
{
    NRT_STATUS status = libnrt_enter(call);

    if (status != NRT_SUCCESS) {
        return status;
    }
    if (batches == NULL && num_batches > 0) {
        status = libnrt_refuse(NRT_INVALID, call, "batches is NULL");
    } else {
        status = for_each_transfer(call, direction, batches, num_batches, check_transfer);
    }
    if (status == NRT_SUCCESS) {
        status = for_each_transfer(call, direction, batches, num_batches, do_transfer);
    }
    libnrt_leave();
    return status;
}

NRT_STATUS
nrt_tensor_read_batch(const nrt_tensor_batch_t *batches, uint64_t num_batches, bool unsafe)
{
    (void)unsafe;
    return transfer_batches("nrt_tensor_read_batch", READ, batches, num_batches);
}

NRT_STATUS
nrt_tensor_write_batch(const nrt_tensor_batch_t *batches, uint64_t num_batches, bool unsafe)
{
    (void)unsafe;
    return transfer_batches("nrt_tensor_write_batch", WRITE, batches, num_batches);
}

NRT_STATUS
nrt_tensor_copy(const nrt_tensor_t *src, size_t src_offset, nrt_tensor_t *dst, size_t dst_offset,
                size_t size)
{
    static const char call[] = "nrt_tensor_copy";
    struct libnrt_span from = {.storage = NULL};
    struct libnrt_span to = {.storage = NULL};
    NRT_STATUS status = libnrt_enter(call);

    if (status != NRT_SUCCESS) {
        return status;
    }
    status = libnrt_hold_span(call, src, src_offset, size, &from);
    if (status == NRT_SUCCESS) {
        status = libnrt_hold_span(call, dst, dst_offset, size, &to);
    }
    if (status == NRT_SUCCESS) {
        status = libnrt_check_copy(call, &from, &to);
    }
    if (status == NRT_SUCCESS) {
        memmove(to.address, from.address, size);
    }
    libnrt_release_span(&to);
    libnrt_release_span(&from);
    libnrt_leave();
    return status;
}

NRT_STATUS
nrt_tensor_memset(nrt_tensor_t *tensor, uint64_t offset, int value, size_t size)
{
    static const char call[] = "nrt_tensor_memset";
    struct libnrt_span span = {.storage = NULL};
    NRT_STATUS status = libnrt_enter(call);

    if (status != NRT_SUCCESS) {
        return status;
    }
    status = libnrt_hold_span(call, tensor, offset, size, &span);
    if (status == NRT_SUCCESS) {
        memset(span.address, value, size);
    }
    libnrt_release_span(&span);
    libnrt_leave();
    return status;
}

NRT_STATUS
nrt_memcpy_to_device(void *dest, const void *src, size_t size)
{
    static const char call[] = "nrt_memcpy_to_device";
    NRT_STATUS status = libnrt_enter(call);

    if (status != NRT_SUCCESS) {
        return status;
    }
    if (size > 0 && (dest == NULL || src == NULL)) {
        status = libnrt_refuse(NRT_INVALID, call, "%s is NULL", dest == NULL ? "dest" : "src");
    } else if (size > 0) {
        memmove(dest, src, size);
    }
    libnrt_leave();
    return status;
}
