/* SPDX-License-Identifier: Apache-2.0 */
/* Calls that ask for what no CPU has. */
#include <stdio.h>

#include "nrt/libnrt.h"
#include "nrt/nrt_experimental.h"

/* What is asked of the runtime is first refused where there is none. */
static NRT_STATUS
refuse(const char *call, const char *text)
{
    NRT_STATUS status = libnrt_enter(call);

    if (status != NRT_SUCCESS) {
        return status;
    }
    libnrt_leave();
    return libnrt_refuse(NRT_RESOURCE, call, "there is no such hardware: %s", text);
}

static NRT_STATUS
refuse_collective(const char *call)
{
    return refuse(call, "CPU cores have no collective operations; between processes use MPI");
}

/* NOLINTBEGIN(readability-non-const-parameter): the signatures are the interface's */

NRT_STATUS
nrt_build_global_comm(int32_t vnc, uint32_t g_device_id, uint32_t g_device_count)
{
    (void)vnc;
    (void)g_device_id;
    (void)g_device_count;
    return refuse_collective("nrt_build_global_comm");
}

NRT_STATUS
nrt_cc_global_comm_init(uint32_t vnc, uint32_t g_device_id, uint32_t g_device_count)
{
    (void)vnc;
    (void)g_device_id;
    (void)g_device_count;
    return refuse_collective("nrt_cc_global_comm_init");
}

NRT_STATUS
nrt_barrier(int32_t vnc, uint32_t g_device_id, uint32_t g_device_count)
{
    (void)vnc;
    (void)g_device_id;
    (void)g_device_count;
    return refuse_collective("nrt_barrier");
}

NRT_STATUS
nrt_all_gather(int32_t vnc, uint32_t g_device_id, uint32_t g_device_count, uint32_t rank_input_size,
               void *input, void *output)
{
    (void)vnc;
    (void)g_device_id;
    (void)g_device_count;
    (void)rank_input_size;
    (void)input;
    (void)output;
    return refuse_collective("nrt_all_gather");
}

NRT_STATUS
nrt_get_dmabuf_fd(uint64_t va, uint64_t size, int *fd)
{
    (void)va;
    (void)size;
    (void)fd;
    return refuse("nrt_get_dmabuf_fd", "CPU cores have no memory of their own to export");
}

NRT_STATUS
nrt_host_device_id_get(int neuron_dev, uint32_t *host_device_id)
{
    (void)neuron_dev;
    (void)host_device_id;
    return refuse("nrt_host_device_id_get", "CPU cores have no device numbers of a driver");
}

NRT_STATUS
nrt_host_device_id_rid_map_get(uint32_t *count, uint32_t *host_did_to_rid_map)
{
    (void)count;
    (void)host_did_to_rid_map;
    return refuse("nrt_host_device_id_rid_map_get",
                  "CPU cores have no routing numbers of a driver");
}

NRT_STATUS
nrt_get_hbm_mmap_va(int device_id, int hbm_idx, void **addr, size_t *size)
{
    (void)device_id;
    (void)hbm_idx;
    (void)addr;
    (void)size;
    return refuse("nrt_get_hbm_mmap_va", "CPU cores have no memory of their own to map");
}

NRT_STATUS
nrt_get_attached_efa_bdf(const void *va, char *efa_bdf, size_t *len)
{
    (void)va;
    (void)efa_bdf;
    (void)len;
    return refuse("nrt_get_attached_efa_bdf", "CPU cores have no network adapter attached to them");
}

NRT_STATUS
nrt_trace_start(bool trace_mem)
{
    (void)trace_mem;
    return refuse("nrt_trace_start", "CPU cores have no trace unit");
}

NRT_STATUS
nrt_trace_stop(const char *filename)
{
    (void)filename;
    return refuse("nrt_trace_stop", "CPU cores have no trace unit");
}

NRT_STATUS
nrt_set_pool_eng_ucode(const nrt_ucode_info *ucode_info)
{
    (void)ucode_info;
    /* The original has this called before nrt_init(). */
    return libnrt_refuse(NRT_RESOURCE, "nrt_set_pool_eng_ucode",
                         "there is no such hardware: CPU cores have no microcode to replace");
}

void *
nrt_get_libnccl_net(int *err, char *err_msg, size_t err_msg_size)
{
    NRT_STATUS status =
        libnrt_refuse(NRT_RESOURCE, "nrt_get_libnccl_net",
                      "there is no such hardware: CPU cores have no network plugin");

    if (err != NULL) {
        *err = (int)status;
    }
    if (err_msg != NULL && err_msg_size > 0) {
        (void)snprintf(err_msg, err_msg_size, "there is no such hardware");
    }
    return NULL;
}

/* NOLINTEND(readability-non-const-parameter) */
