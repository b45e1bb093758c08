/* SPDX-License-Identifier: Apache-2.0 */
/* The C interface of the Neuron runtime: models and tensors on the cores of this process. */
#ifndef NRT_H
#define NRT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nrt/nrt_status.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * The names, numbers and signatures are those of the Neuron runtime, so that a program written for
 * it compiles and runs unchanged. A "vnc" or "nc" is one CPU core. Its number is the process's:
 * 0 is the first core that the process owns.
 *
 * What all calls have in common:
 *
 * They return NRT_UNINITIALIZED before nrt_init() and in a forked child, and NRT_CLOSED after
 * nrt_close(), unless their comment says "at any time". A handle that is NULL, garbage, or was
 * freed is told from a live one: NRT_INVALID_HANDLE. Any other pointer that must not be NULL and is
 * so: NRT_INVALID. A failing call leaves its outputs and the world unchanged, and logs one line
 * that says why.
 *
 * "Any thread" includes several at once, also with the same handles, and one that frees what
 * another one is using: the call that uses it ends first. Two calls that write the same bytes, or
 * one that reads what another one writes, are the caller's to keep apart.
 */

#define NRT_MAJOR_VERSION 2
#define NRT_MINOR_VERSION 0

typedef struct nrt_model nrt_model_t;
typedef struct nrt_tensor nrt_tensor_t;
typedef void nrt_tensor_set_t;
typedef struct nrt_cc_context nrt_cc_context_t;

/* Where a tensor's memory is. */
typedef enum {
    NRT_TENSOR_PLACEMENT_DEVICE = 0, /* near a core, charged to the budget of its device */
    NRT_TENSOR_PLACEMENT_HOST = 1,   /* ordinary memory, at most 4 MiB */
    NRT_TENSOR_PLACEMENT_VIRTUAL = 2 /* refused */
} nrt_tensor_placement_t;

/* Who calls. It makes no difference here. */
typedef enum {
    NRT_FRAMEWORK_TYPE_INVALID = 0,
    NRT_FRAMEWORK_TYPE_NO_FW = 1,
    NRT_FRAMEWORK_TYPE_TENSORFLOW = 2,
    NRT_FRAMEWORK_TYPE_PYTORCH = 3,
    NRT_FRAMEWORK_TYPE_MXNET = 4,
    NRT_FRAMEWORK_TYPE_PRECHECK = 5
} nrt_framework_type_t;

/* Families and sizes of machines. Here both are the unknown one. */
enum {
    NRT_INSTANCE_UNKNOWN = 0,
    NRT_INSTANCE_INF1 = 1,
    NRT_INSTANCE_TRN1 = 2,
    NRT_INSTANCE_TRN1N = 3,
    NRT_INSTANCE_INF2 = 4,
    NRT_INSTANCE_TRN2 = 5,
    NRT_INSTANCE_TRN2N = 6,
    NRT_INSTANCE_INF2E = 7,
    NRT_INSTANCE_TRN2P = 8,
    NRT_INSTANCE_TRN2U = 9,
    NRT_INSTANCE_TRN2E = 10,
    NRT_INSTANCE_TRN2EU = 11,
    NRT_INSTANCE_TRN2AC = 12,
    NRT_INSTANCE_TRN2UAC = 13,
    NRT_INSTANCE_TRN3 = 14,
    NRT_INSTANCE_TRN3PDS98 = 15
};
enum {
    NRT_INSTANCE_SIZE_1XL = 0,
    NRT_INSTANCE_SIZE_2XL = 1,
    NRT_INSTANCE_SIZE_4XL = 2,
    NRT_INSTANCE_SIZE_6XL = 3,
    NRT_INSTANCE_SIZE_8XL = 4,
    NRT_INSTANCE_SIZE_24XL = 5,
    NRT_INSTANCE_SIZE_32XL = 6,
    NRT_INSTANCE_SIZE_48XL = 7,
    NRT_INSTANCE_SIZE_3XL = 8,
    NRT_INSTANCE_SIZE_UNKNOWN = 9,
    NRT_INSTANCE_SIZE_NUM = 9
};

/* How collective operations combine numbers. */
typedef enum nrt_op_type {
    NRT_OP_ADD = 0,
    NRT_OP_FMA = 1,
    NRT_OP_MAX = 2,
    NRT_OP_MIN = 3,
    NRT_OP_INVALID = 15
} nrt_op_type_t;

/* Element types. */
typedef enum nrt_dtype {
    NRT_DTYPE_UNKNOWN = 0,
    NRT_DTYPE_INVALID = 0,
    NRT_DTYPE_UINT64 = 1,
    NRT_DTYPE_INT8 = 2,
    NRT_DTYPE_UINT8 = 3,
    NRT_DTYPE_INT16 = 4,
    NRT_DTYPE_UINT16 = 5,
    NRT_DTYPE_BFLOAT16 = 6,
    NRT_DTYPE_FLOAT16 = 7,
    NRT_DTYPE_INT32 = 8,
    NRT_DTYPE_UINT32 = 9,
    NRT_DTYPE_FLOAT32 = 10,
    NRT_DTYPE_FP32R = 11,
    NRT_DTYPE_INT64 = 12,
    NRT_DTYPE_FP8_E3 = 13,
    NRT_DTYPE_FP8_E4 = 14,
    NRT_DTYPE_FP8_E5 = 15
} nrt_dtype_t;

typedef enum nrt_cc_op_type {
    NRT_CC_ALLGATHER = 0,
    NRT_CC_ALLREDUCE = 1,
    NRT_CC_REDUCESCATTER = 2
} nrt_cc_op_type_t;

typedef struct nrt_instance_info {
    uint32_t family;         /* NRT_INSTANCE_UNKNOWN */
    uint32_t size;           /* NRT_INSTANCE_SIZE_UNKNOWN */
    char arch_name[16];      /* the machine's, as uname -m says it */
    char device_revision[8]; /* empty */
} nrt_instance_info_t;

typedef uint64_t nrt_tensor_batch_offset_t;
typedef uint64_t nrt_tensor_batch_size_t;

/* Bytes of a tensor, and where they go to or come from. */
typedef struct nrt_tensor_batch_op {
    nrt_tensor_batch_offset_t offset;
    nrt_tensor_batch_size_t size;
    void *buffer;
} nrt_tensor_batch_op_t;

typedef struct nrt_tensor_batch {
    const nrt_tensor_t *tensor;
    const nrt_tensor_batch_op_t *ops;
    uint32_t num_ops;
} nrt_tensor_batch_t;

typedef struct nrt_tensor_device_allocation_info {
    uint64_t physical_address; /* the virtual one of the allocation */
    size_t size;               /* of the allocation: of a slice's tensor, all of it */
    int hbm_index;             /* the device that the core belongs to */
} nrt_tensor_device_allocation_info_t;

/* A struct that may grow at its end; the call that fills it is told how much the caller knows. */
typedef struct nrt_vnc_memory_stats {
    size_t bytes_used;
    size_t bytes_limit;
} nrt_vnc_memory_stats_t;

typedef struct nrt_cc_comm {
    uint32_t *replica_group;
    uint32_t rank;
    uint32_t rank_n;
    uint32_t ctx_device_id;
    uint32_t ctx_device_count;
    uint32_t vnc;
} nrt_cc_comm_t;

typedef struct nrt_tensor_list {
    nrt_tensor_t **tensors;
    size_t num_tensors;
} nrt_tensor_list_t;

/*
 * Claims the cores that the environment names, or all that the process may use, and starts a thread
 * on each. It reads NEURON_RT_VISIBLE_CORES, NEURON_RT_NUM_CORES and the rest of
 * docs/environment.md once; later changes have no effect.
 *
 * framework, fw_version, fal_version  are logged. The texts may be NULL.
 *
 * Returns NRT_FAILURE when the cores are taken or there are not as many, and the log says by whom
 * and what is left; NRT_INVALID for a variable that does not parse, and when the runtime is
 * initialized already, which stays as it is; NRT_RESOURCE; NRT_UNINITIALIZED in a forked child of
 * an initialized process. May be called anew after nrt_close().
 * Any thread. Blocks until the threads run, and before until an nrt_close() under way has ended.
 */
NRT_STATUS
nrt_init(nrt_framework_type_t framework, const char *fw_version, const char *fal_version);

/*
 * Unloads all models, frees all tensors and sets that are left, stops the threads and gives the
 * cores back. Calls that come while it runs return NRT_CLOSED. Without nrt_init(), or in a forked
 * child, it does nothing.
 * Any thread. Blocks until calls and requests under way have ended; where another thread closes,
 * until that is done.
 */
void
nrt_close(void);

/*
 * Describes the machine.
 *
 * info               receives its first `instance_info_len` bytes.
 * instance_info_len  the size of the struct as the caller knows it.
 *
 * Returns NRT_INVALID where info is NULL.
 * Any thread, at any time.
 */
NRT_STATUS
nrt_get_instance_info(nrt_instance_info_t *info, size_t instance_info_len);

/*
 * Says how many cores the machine has, those included that the process may not use.
 *
 * Returns NRT_INVALID where vnc_count is NULL, or NRT_FAILURE when the machine cannot be read.
 * Any thread, at any time.
 */
NRT_STATUS
nrt_get_total_nc_count(uint32_t *vnc_count);
NRT_STATUS
nrt_get_total_vnc_count(uint32_t *vnc_count);

/*
 * Says how many cores the process owns or, before nrt_init() and after nrt_close(), how many the
 * environment would have nrt_init() ask for, whether they are free or not.
 *
 * Returns NRT_INVALID where vnc_count is NULL or a variable does not parse, or NRT_FAILURE when the
 * machine cannot be read; in a forked child of an initialized process NRT_UNINITIALIZED.
 * Any thread, at any time.
 */
NRT_STATUS
nrt_get_visible_nc_count(uint32_t *vnc_count);
NRT_STATUS
nrt_get_visible_vnc_count(uint32_t *vnc_count);

/*
 * Loads a compiled model to cores.
 *
 * neff_bytes  the file's contents. They may be dropped after the call. Where they are the mapping
 *             of a file, processes share one copy of the weights, and the file stays in use: who
 *             writes to it, or cuts it off, changes the model under its runs. Replace it by
 *             renaming another one, never in place. A model whose file was changed is not shared
 *             with loads that come later.
 * vnc         the first core, or -1 for those with the fewest models on them.
 * vnc_count   -1 for one replica; else on how many cores: a multiple of what the model takes, with
 *             a replica on each of them, run round robin.
 * model       receives the model, which the caller unloads. Unchanged on failure.
 *
 * Returns NRT_INVALID for what is no NEFF or a damaged one, a core that the process does not own,
 * or a count of 0 or that is no multiple; NRT_UNSUPPORTED_NEFF_VERSION for a file of a newer
 * version; NRT_LOAD_NOT_ENOUGH_NC for more cores than there are or fewer than the model takes;
 * NRT_RESOURCE when the memory of a device is used up; NRT_QUEUE_FULL when too much waits for a
 * core already.
 * Any thread. Blocks while it loads, and until the cores have run what was submitted before.
 */
NRT_STATUS
nrt_load(const void *neff_bytes, size_t size, int32_t vnc, int32_t vnc_count, nrt_model_t **model);

/*
 * Loads a model that is one of `ctx_device_count` that work together. One alone is loaded as above;
 * for more there is no such hardware: NRT_RESOURCE.
 *
 * ctx_device_id  below `ctx_device_count`, else NRT_INVALID.
 */
NRT_STATUS
nrt_load_collectives(const void *neff_bytes, size_t size, int32_t vnc, int32_t vnc_count,
                     uint32_t ctx_device_id, uint32_t ctx_device_count, nrt_model_t **model);

/*
 * Unloads a model.
 *
 * Returns NRT_INVALID_HANDLE.
 * Any thread. Blocks until runs and requests of the model that are under way have ended: when
 * it returns, the requests are reported as completed, and their errors are in the trackers.
 */
NRT_STATUS
nrt_unload(nrt_model_t *model);

/*
 * Says on how many cores a model is, all its replicas together.
 *
 * Returns NRT_INVALID_HANDLE, or NRT_INVALID where vnc_count is NULL.
 * Any thread.
 */
NRT_STATUS
nrt_get_model_nc_count(const nrt_model_t *model, uint32_t *vnc_count);
NRT_STATUS
nrt_get_model_vnc_count(const nrt_model_t *model, uint32_t *vnc_count);

/*
 * Makes an empty set of tensors, by name.
 *
 * result  receives the set, which the caller destroys. Unchanged on failure.
 *
 * Returns NRT_INVALID where result is NULL, or NRT_RESOURCE.
 * Any thread.
 */
NRT_STATUS
nrt_allocate_tensor_set(nrt_tensor_set_t **result);

/*
 * Destroys a set, whose tensors live on or may have been freed before, and stores NULL. Accepts
 * NULL and what is no set. Any thread, at any time.
 */
void
nrt_destroy_tensor_set(nrt_tensor_set_t **tensor_set);

/*
 * Puts a tensor into a set, in place of the one that had this name. The set does not own it.
 *
 * tensor_name  at most 255 bytes, at least one. Copied.
 *
 * Returns NRT_INVALID_HANDLE for set or tensor, NRT_INVALID for the name, or NRT_RESOURCE.
 * Any thread.
 */
NRT_STATUS
nrt_add_tensor_to_tensor_set(nrt_tensor_set_t *tensor_set, const char *tensor_name,
                             nrt_tensor_t *tensor);

/*
 * Looks up a tensor of a set.
 *
 * tensor  receives it. Unchanged on failure.
 *
 * Returns NRT_FAILURE where the set has no such name; NRT_INVALID_HANDLE for what is no set, or
 * where the tensor of that name was freed; NRT_INVALID.
 * Any thread.
 */
NRT_STATUS
nrt_get_tensor_from_tensor_set(nrt_tensor_set_t *tensor_set, const char *tensor_name,
                               nrt_tensor_t **tensor);

/*
 * Runs a model once, on the replica whose turn it is, and waits. Each input and output of the model
 * is looked up by name in the sets; what else they hold is ignored.
 *
 * A tensor may be input and output of the same run, in whole or in part: the run reads what was
 * there before.
 *
 * Returns NRT_INVALID_HANDLE for the model or a set; NRT_INVALID for a tensor that is missing, was
 * freed, has not the size that the model wants, or is on another core than the model (but memory
 * that was attached, or is the host's, may be used anywhere), and for outputs that overlap;
 * NRT_QUEUE_FULL; NRT_TIMEOUT after the seconds of NEURON_RT_EXEC_TIMEOUT;
 * NRT_EXEC_COMPLETED_WITH_NUM_ERR where NaN are searched for and an output holds one, all outputs
 * being there; NRT_EXEC_COMPLETED_WITH_ERR; NRT_RESOURCE. Outputs are undefined after a run that
 * began and failed.
 * Any thread; as many at once as the model has replicas keep all of them busy. Blocks.
 */
NRT_STATUS
nrt_execute(nrt_model_t *model, const nrt_tensor_set_t *input_set, nrt_tensor_set_t *output_set);

/*
 * Runs a model several times: output i of a run is input i of the next one. Input tensors are not
 * changed; output tensors hold what the last run gave.
 *
 * repeat_count  at least 1.
 *
 * Returns NRT_INVALID also for a model whose inputs and outputs do not pair up in type and shape;
 * else as above.
 */
NRT_STATUS
nrt_execute_repeat(nrt_model_t *model, const nrt_tensor_set_t *input_set,
                   nrt_tensor_set_t *output_set, int repeat_count);

/*
 * Allocates a tensor of zeros.
 *
 * vnc     the core whose models will use it; ignored where the placement is the host.
 * size    in bytes.
 * name    at most 255 bytes; stands in messages. May be NULL.
 * tensor  receives the tensor, which the caller frees. Unchanged on failure.
 *
 * Returns NRT_INVALID for a core that the process does not own, another placement, a name that is
 * too long, or tensor being NULL; NRT_RESOURCE where the memory of the device does not allow it, or
 * the host's is above 4 MiB or used up; NRT_QUEUE_FULL when too much waits for the core.
 * Any thread. For the device, blocks until the core has run what was submitted before.
 */
NRT_STATUS
nrt_tensor_allocate(nrt_tensor_placement_t tensor_placement, int vnc, size_t size, const char *name,
                    nrt_tensor_t **tensor);

/*
 * Frees a tensor, and stores NULL. Its memory goes when no slice, run or request uses it any more.
 * Accepts NULL and what is no tensor. Any thread, at any time.
 */
void
nrt_tensor_free(nrt_tensor_t **tensor);

/*
 * Copies bytes out of a tensor, or into it.
 *
 * buf           the caller's memory. May be NULL where `size` is 0.
 * offset, size  in bytes, inside of the tensor.
 *
 * Returns NRT_INVALID_HANDLE; NRT_INVALID for bytes outside of the tensor, or one without memory.
 * Any thread.
 */
NRT_STATUS
nrt_tensor_read(const nrt_tensor_t *tensor, void *buf, size_t offset, size_t size);
NRT_STATUS
nrt_tensor_write(nrt_tensor_t *tensor, const void *buf, size_t offset, size_t size);

/*
 * Do many of these copies in one call. All of them are checked before the first is done.
 *
 * batches  `num_batches` of them; may be NULL where there is none, as `ops` of each.
 * unsafe   makes no difference: the checks are always done.
 *
 * Return as above.
 * Any thread.
 */
NRT_STATUS
nrt_tensor_read_batch(const nrt_tensor_batch_t *batches, uint64_t num_batches, bool unsafe);
NRT_STATUS
nrt_tensor_write_batch(const nrt_tensor_batch_t *batches, uint64_t num_batches, bool unsafe);

/*
 * Copies bytes from tensor to tensor, or inside of one, where they may overlap.
 *
 * Returns NRT_INVALID also for two tensors of the device that are on different cores; else as
 * nrt_tensor_read().
 * Any thread.
 */
NRT_STATUS
nrt_tensor_copy(const nrt_tensor_t *src, size_t src_offset, nrt_tensor_t *dst, size_t dst_offset,
                size_t size);

/* The size of a tensor in bytes; 0 for one without memory, and for what is no tensor. Any thread.
 */
size_t
nrt_tensor_get_size(const nrt_tensor_t *tensor);

/* Sets each of these bytes of a tensor to `value`. Returns as nrt_tensor_read(). Any thread. */
NRT_STATUS
nrt_tensor_memset(nrt_tensor_t *tensor, uint64_t offset, int value, size_t size);

/*
 * Makes a tensor without memory, which nrt_tensor_attach_buffer() gives it.
 *
 * name, tensor  as in nrt_tensor_allocate().
 *
 * Returns NRT_INVALID or NRT_RESOURCE.
 * Any thread.
 */
NRT_STATUS
nrt_tensor_allocate_empty(const char *name, nrt_tensor_t **tensor);

/*
 * Lets a tensor be the caller's memory, which models then read and write in place. The memory that
 * it had before is freed, unless a slice, a run or a request still uses it.
 *
 * buffer  stays the caller's, and lives longer than the tensor and all its slices. Best aligned
 *         to 64 bytes; where an element is not even aligned to its size, runs copy the tensor.
 * size    in bytes; the tensor's new size.
 *
 * Returns NRT_INVALID_HANDLE, NRT_INVALID where buffer is NULL, or NRT_RESOURCE.
 * Any thread.
 */
NRT_STATUS
nrt_tensor_attach_buffer(nrt_tensor_t *tensor, void *buffer, size_t size);

/*
 * Makes a tensor of some bytes of another one, which may be freed first, or be a slice itself. It
 * stays with the memory that the other one has now.
 *
 * offset, size        in bytes, inside of the source.
 * name, tensor_slice  as in nrt_tensor_allocate().
 *
 * Returns NRT_INVALID_HANDLE; NRT_INVALID for bytes outside of the source, or one without memory;
 * NRT_RESOURCE.
 * Any thread.
 */
NRT_STATUS
nrt_tensor_allocate_slice(const nrt_tensor_t *tensor_source, size_t offset, size_t size,
                          const char *name, nrt_tensor_t **tensor_slice);

/*
 * The address of a tensor's first byte, which may be read and written as long as the tensor has
 * this memory. NULL for one without memory, and for what is no tensor. Any thread.
 */
void *
nrt_tensor_get_va(const nrt_tensor_t *tensor);

/*
 * Tells where a tensor of the device is.
 *
 * alloc_info  is overwritten. Unchanged on failure.
 *
 * Returns NRT_INVALID_HANDLE, or NRT_INVALID where the tensor is not of the device.
 * Any thread.
 */
NRT_STATUS
nrt_tensor_get_device_allocation_info(const nrt_tensor_t *tensor,
                                      nrt_tensor_device_allocation_info_t *alloc_info);

/*
 * Waits until a tensor was written as an output so often, since it was made or the count was reset.
 *
 * timeout  in microseconds; negative waits for ever, with one line in the log after 30 seconds.
 *
 * Returns NRT_TIMEOUT, NRT_INVALID where the tensor is NULL, NRT_INVALID_HANDLE when it is no
 * tensor or is freed meanwhile, or NRT_CLOSED when nrt_close() is called meanwhile.
 * Any thread. Blocks as said.
 */
NRT_STATUS
nrt_tensor_check_output_completion(const nrt_tensor_t *output_tensor, int64_t timeout,
                                   uint64_t expected_completion_count);

/* Sets that count to 0. Returns NRT_INVALID for NULL, or NRT_INVALID_HANDLE. Any thread. */
NRT_STATUS
nrt_tensor_reset_output_completion(nrt_tensor_t *output_tensor);

/*
 * Tells how much memory of a core's device this process uses, and how much it may use.
 *
 * stats           receives its first `stats_size_in` bytes.
 * stats_size_in   the size of the struct as the caller knows it.
 * stats_size_out  receives how many bytes were written. May be NULL.
 *
 * Returns NRT_INVALID for a core that the process does not own, or stats being NULL.
 * Any thread.
 */
NRT_STATUS
nrt_get_vnc_memory_stats(uint32_t vnc, nrt_vnc_memory_stats_t *stats, size_t stats_size_in,
                         size_t *stats_size_out);

/*
 * Ask for what no CPU has: communication between accelerators, their device numbers and memory
 * windows, network adapters attached to them. Each leaves its outputs untouched, logs that, and
 * returns NRT_RESOURCE.
 * Any thread.
 */
NRT_STATUS
nrt_build_global_comm(int32_t vnc, uint32_t g_device_id, uint32_t g_device_count);
NRT_STATUS
nrt_cc_global_comm_init(uint32_t vnc, uint32_t g_device_id, uint32_t g_device_count);
NRT_STATUS
nrt_get_dmabuf_fd(uint64_t va, uint64_t size, int *fd);
NRT_STATUS
nrt_host_device_id_get(int neuron_dev, uint32_t *host_device_id);
NRT_STATUS
nrt_host_device_id_rid_map_get(uint32_t *count, uint32_t *host_did_to_rid_map);
NRT_STATUS
nrt_get_hbm_mmap_va(int device_id, int hbm_idx, void **addr, size_t *size);
NRT_STATUS
nrt_get_attached_efa_bdf(const void *va, char *efa_bdf, size_t *len);

#ifdef __cplusplus
}
#endif

#endif
