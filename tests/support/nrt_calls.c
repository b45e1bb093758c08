/* SPDX-License-Identifier: Apache-2.0 */
#include "nrt_calls.h"

#include "nrt/nrt.h"
#include "nrt/nrt_experimental.h"

static NRT_STATUS
unload(void *handle)
{
    return nrt_unload(handle);
}

static NRT_STATUS
get_model_nc_count(void *handle)
{
    uint32_t count = 0;

    return nrt_get_model_nc_count(handle, &count);
}

static NRT_STATUS
get_model_vnc_count(void *handle)
{
    uint32_t count = 0;

    return nrt_get_model_vnc_count(handle, &count);
}

static NRT_STATUS
get_model_instance_count(void *handle)
{
    uint32_t count = 0;

    return nrt_get_model_instance_count(handle, &count);
}

static NRT_STATUS
get_model_info(void *handle)
{
    nrt_model_info_t info = {.vnc = 0};

    return nrt_get_model_info(handle, &info, sizeof(info), NULL);
}

static NRT_STATUS
get_model_tensor_info(void *handle)
{
    nrt_tensor_info_array_t *described = NULL;

    return nrt_get_model_tensor_info(handle, &described);
}

static NRT_STATUS
execute(void *handle)
{
    return nrt_execute(handle, handle, handle);
}

static NRT_STATUS
execute_repeat(void *handle)
{
    return nrt_execute_repeat(handle, handle, handle, 1);
}

static NRT_STATUS
add_tensor(void *handle)
{
    return nrt_add_tensor_to_tensor_set(handle, "x", handle);
}

static NRT_STATUS
get_tensor(void *handle)
{
    nrt_tensor_t *tensor = NULL;

    return nrt_get_tensor_from_tensor_set(handle, "x", &tensor);
}

static NRT_STATUS
tensor_read(void *handle)
{
    char byte = 0;

    return nrt_tensor_read(handle, &byte, 0, 1);
}

static NRT_STATUS
tensor_write(void *handle)
{
    const char byte = 0;

    return nrt_tensor_write(handle, &byte, 0, 1);
}

static NRT_STATUS
tensor_read_batch(void *handle)
{
    char byte = 0;
    const nrt_tensor_batch_op_t op = {.size = 1, .buffer = &byte};
    const nrt_tensor_batch_t batch = {.tensor = handle, .ops = &op, .num_ops = 1};

    return nrt_tensor_read_batch(&batch, 1, true);
}

static NRT_STATUS
tensor_write_batch(void *handle)
{
    char byte = 0;
    const nrt_tensor_batch_op_t op = {.size = 1, .buffer = &byte};
    const nrt_tensor_batch_t batch = {.tensor = handle, .ops = &op, .num_ops = 1};

    return nrt_tensor_write_batch(&batch, 1, true);
}

static NRT_STATUS
tensor_copy(void *handle)
{
    return nrt_tensor_copy(handle, 0, handle, 0, 1);
}

static NRT_STATUS
tensor_memset(void *handle)
{
    return nrt_tensor_memset(handle, 0, 0, 1);
}

static NRT_STATUS
tensor_attach_buffer(void *handle)
{
    static char buffer[1];

    return nrt_tensor_attach_buffer(handle, buffer, sizeof(buffer));
}

static NRT_STATUS
tensor_allocate_slice(void *handle)
{
    nrt_tensor_t *slice = NULL;

    return nrt_tensor_allocate_slice(handle, 0, 1, "slice", &slice);
}

static NRT_STATUS
tensor_allocation(void *handle)
{
    nrt_tensor_device_allocation_info_t described = {.size = 0};

    return nrt_tensor_get_device_allocation_info(handle, &described);
}

static NRT_STATUS
check_output_completion(void *handle)
{
    return nrt_tensor_check_output_completion(handle, 0, 0);
}

static NRT_STATUS
reset_output_completion(void *handle)
{
    return nrt_tensor_reset_output_completion(handle);
}

static NRT_STATUS
free_model_tensor_info(void *handle)
{
    return nrt_free_model_tensor_info(handle);
}

const struct nrt_call nrt_handle_calls[] = {
    {"nrt_unload", unload},
    {"nrt_get_model_nc_count", get_model_nc_count},
    {"nrt_get_model_vnc_count", get_model_vnc_count},
    {"nrt_get_model_instance_count", get_model_instance_count},
    {"nrt_get_model_info", get_model_info},
    {"nrt_get_model_tensor_info", get_model_tensor_info},
    {"nrt_execute", execute},
    {"nrt_execute_repeat", execute_repeat},
    {"nrt_add_tensor_to_tensor_set", add_tensor},
    {"nrt_get_tensor_from_tensor_set", get_tensor},
    {"nrt_tensor_read", tensor_read},
    {"nrt_tensor_write", tensor_write},
    {"nrt_tensor_read_batch", tensor_read_batch},
    {"nrt_tensor_write_batch", tensor_write_batch},
    {"nrt_tensor_copy", tensor_copy},
    {"nrt_tensor_memset", tensor_memset},
    {"nrt_tensor_attach_buffer", tensor_attach_buffer},
    {"nrt_tensor_allocate_slice", tensor_allocate_slice},
    {"nrt_tensor_get_device_allocation_info", tensor_allocation},
    {"nrt_tensor_check_output_completion", check_output_completion},
    {"nrt_tensor_reset_output_completion", reset_output_completion},
    {"nrt_free_model_tensor_info", free_model_tensor_info},
};
const size_t nrt_handle_call_count = sizeof(nrt_handle_calls) / sizeof(nrt_handle_calls[0]);

static NRT_STATUS
load(void *handle)
{
    nrt_model_t *model = NULL;

    (void)handle;
    return nrt_load("x", 1, -1, -1, &model);
}

static NRT_STATUS
load_collectives(void *handle)
{
    nrt_model_t *model = NULL;

    (void)handle;
    return nrt_load_collectives("x", 1, -1, -1, 0, 1, &model);
}

static NRT_STATUS
allocate_tensor_set(void *handle)
{
    nrt_tensor_set_t *set = NULL;

    (void)handle;
    return nrt_allocate_tensor_set(&set);
}

static NRT_STATUS
tensor_allocate(void *handle)
{
    nrt_tensor_t *tensor = NULL;

    (void)handle;
    return nrt_tensor_allocate(NRT_TENSOR_PLACEMENT_DEVICE, 0, 1, NULL, &tensor);
}

static NRT_STATUS
tensor_allocate_empty(void *handle)
{
    nrt_tensor_t *tensor = NULL;

    (void)handle;
    return nrt_tensor_allocate_empty(NULL, &tensor);
}

static NRT_STATUS
get_vnc_memory_stats(void *handle)
{
    nrt_vnc_memory_stats_t stats = {.bytes_used = 0};

    (void)handle;
    return nrt_get_vnc_memory_stats(0, &stats, sizeof(stats), NULL);
}

static NRT_STATUS
memcpy_to_device(void *handle)
{
    (void)handle;
    return nrt_memcpy_to_device(NULL, NULL, 0);
}

static NRT_STATUS
register_callback(void *handle)
{
    (void)handle;
    return nrt_register_async_exec_callback(NULL, NULL);
}

static NRT_STATUS
drain_queued_execs(void *handle)
{
    (void)handle;
    return nrt_async_drain_queued_execs(0);
}

static NRT_STATUS
build_global_comm(void *handle)
{
    (void)handle;
    return nrt_build_global_comm(0, 0, 1);
}

static NRT_STATUS
trace_start(void *handle)
{
    (void)handle;
    return nrt_trace_start(false);
}

const struct nrt_call nrt_plain_calls[] = {
    {"nrt_load", load},
    {"nrt_load_collectives", load_collectives},
    {"nrt_allocate_tensor_set", allocate_tensor_set},
    {"nrt_tensor_allocate", tensor_allocate},
    {"nrt_tensor_allocate_empty", tensor_allocate_empty},
    {"nrt_get_vnc_memory_stats", get_vnc_memory_stats},
    {"nrt_memcpy_to_device", memcpy_to_device},
    {"nrt_register_async_exec_callback", register_callback},
    {"nrt_async_drain_queued_execs", drain_queued_execs},
    {"nrt_build_global_comm", build_global_comm},
    {"nrt_trace_start", trace_start},
};
const size_t nrt_plain_call_count = sizeof(nrt_plain_calls) / sizeof(nrt_plain_calls[0]);
