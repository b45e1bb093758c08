/* SPDX-License-Identifier: Apache-2.0 */
/* What a model says of its inputs and outputs, and calls that only an accelerator can fulfil. */
#ifndef NRT_EXPERIMENTAL_H
#define NRT_EXPERIMENTAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nrt/nrt.h"
#include "nrt/nrt_status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* See nrt.h for what all calls have in common. */

typedef enum nrt_tensor_usage {
    NRT_TENSOR_USAGE_INPUT = 0,
    NRT_TENSOR_USAGE_OUTPUT = 1
} nrt_tensor_usage_t;

#define NRT_TENSOR_NAME_MAX 256 /* with the terminator */

typedef struct nrt_tensor_info {
    char name[NRT_TENSOR_NAME_MAX];
    nrt_tensor_usage_t usage;
    size_t size; /* in bytes */
    nrt_dtype_t dtype;
    uint32_t *shape; /* `ndim` extents, outermost first; part of the array's memory */
    uint32_t ndim;   /* 0 for a scalar */
} nrt_tensor_info_t;

/* C++ knows flexible members only as an extension. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpedantic"
/* The inputs, then the outputs, each in the order of the model. */
typedef struct nrt_tensor_info_array {
    uint64_t tensor_count;
    nrt_tensor_info_t tensor_array[];
} nrt_tensor_info_array_t;
#pragma GCC diagnostic pop

/* A struct that may grow at its end; nrt_get_model_info() is told how much of it the caller knows.
 */
typedef struct nrt_model_info {
    uint32_t vnc; /* the first core of the first replica */
} nrt_model_info_t;

/* What the original calls when a queued run ends. Runs are never queued behind nrt_execute() here.
 */
/* NOLINTNEXTLINE(readability-identifier-naming): as programs know it */
typedef void (*NRT_ASYNC_EXEC_STATUS_CALLBACK)(void *params, uint32_t model_id, uint32_t vnc,
                                               uint64_t job_id, NRT_STATUS status);

typedef struct nrt_ucode_img {
    uint8_t *bin;
    size_t size;
} nrt_ucode_img;

typedef struct nrt_ucode_info {
    nrt_ucode_img iram;
    nrt_ucode_img dram;
} nrt_ucode_info;

/*
 * Describes the inputs and outputs of a model.
 *
 * tensor_info  receives an array, which the caller gives back to nrt_free_model_tensor_info(). It
 *              may outlive the model. Unchanged on failure.
 *
 * Returns NRT_INVALID_HANDLE, NRT_INVALID where tensor_info is NULL, or NRT_RESOURCE.
 * Any thread.
 */
NRT_STATUS
nrt_get_model_tensor_info(nrt_model_t *model, nrt_tensor_info_array_t **tensor_info);

/*
 * Frees such an array; nrt_close() frees what is left of them.
 *
 * Returns NRT_INVALID for NULL and for what is no such array, or none any more.
 * Any thread.
 */
NRT_STATUS
nrt_free_model_tensor_info(nrt_tensor_info_array_t *tensor_info);

/*
 * Says how many threads can run a model at the same time: the number of its replicas, at least 1.
 *
 * Returns NRT_INVALID_HANDLE, or NRT_INVALID where instance_count is NULL.
 * Any thread.
 */
NRT_STATUS
nrt_get_model_instance_count(nrt_model_t *model, uint32_t *instance_count);

/*
 * Tells where a model is.
 *
 * info           receives its first `info_size_in` bytes.
 * info_size_in   the size of the struct as the caller knows it.
 * info_size_out  receives how many bytes were written. May be NULL.
 *
 * Returns NRT_INVALID_HANDLE, or NRT_INVALID where info is NULL.
 * Any thread.
 */
NRT_STATUS
nrt_get_model_info(const nrt_model_t *model, nrt_model_info_t *info, size_t info_size_in,
                   size_t *info_size_out);

/*
 * Copies to the memory of a tensor, whose address nrt_tensor_get_va() tells.
 *
 * dest  inside of a tensor that lives, and so are `size` bytes from there on. Not checked.
 *
 * Returns NRT_INVALID where a pointer is NULL, unless `size` is 0.
 * Any thread.
 */
NRT_STATUS
nrt_memcpy_to_device(void *dest, const void *src, size_t size);

/*
 * Takes note of a callback for queued runs, and never calls it: nrt_execute() returns when its run
 * is done. Requests that are not waited for are in nrt_async.h.
 *
 * Returns NRT_SUCCESS.
 * Any thread.
 */
NRT_STATUS
nrt_register_async_exec_callback(NRT_ASYNC_EXEC_STATUS_CALLBACK callback, void *params);

/*
 * Waits for queued runs, of which there are never any.
 *
 * Returns NRT_INVALID for a core that the process does not own.
 * Any thread. Does not block.
 */
NRT_STATUS
nrt_async_drain_queued_execs(int32_t start_vnc);

/*
 * Ask for what no CPU has: traces of the accelerator, collective operations between accelerators,
 * microcode, a network plugin. Each leaves its outputs untouched, logs that, and returns
 * NRT_RESOURCE; nrt_get_libnccl_net() returns NULL, and puts that status and a text into its
 * outputs for errors, either of which may be NULL. The last two come at any time.
 * Any thread.
 */
NRT_STATUS
nrt_trace_start(bool trace_mem);
NRT_STATUS
nrt_trace_stop(const char *filename);
NRT_STATUS
nrt_barrier(int32_t vnc, uint32_t g_device_id, uint32_t g_device_count);
NRT_STATUS
nrt_all_gather(int32_t vnc, uint32_t g_device_id, uint32_t g_device_count, uint32_t rank_input_size,
               void *input, void *output);
NRT_STATUS
nrt_set_pool_eng_ucode(const nrt_ucode_info *ucode_info);
void *
nrt_get_libnccl_net(int *err, char *err_msg, size_t err_msg_size);

#ifdef __cplusplus
}
#endif

#endif
