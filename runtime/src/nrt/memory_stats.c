/* SPDX-License-Identifier: Apache-2.0 */
#include "nrt/libnrt.h"
#include "nrt/struct_size.h"

static NRT_STATUS
read_stats(const char *call, uint32_t vnc, nrt_vnc_memory_stats_t *stats)
{
    struct neuron_device_memory_stats memory = {.used_bytes = 0};
    NRT_STATUS status = libnrt_check_vnc(call, vnc);

    if (status != NRT_SUCCESS) {
        return status;
    }
    neuron_device_memory_read(libnrt_runtime(), vnc, &memory);
    stats->bytes_used = memory.used_bytes;
    stats->bytes_limit = memory.limit_bytes;
    return NRT_SUCCESS;
}

NRT_STATUS
nrt_get_vnc_memory_stats(uint32_t vnc, nrt_vnc_memory_stats_t *stats, size_t stats_size_in,
                         size_t *stats_size_out)
{
    static const char call[] = "nrt_get_vnc_memory_stats";
    nrt_vnc_memory_stats_t read = {.bytes_used = 0};
    NRT_STATUS status = libnrt_enter(call);

    if (status != NRT_SUCCESS) {
        return status;
    }
    if (stats == NULL) {
        status = libnrt_refuse(NRT_INVALID, call, "stats is NULL");
    } else {
        status = read_stats(call, vnc, &read);
    }
    libnrt_leave();
    if (status == NRT_SUCCESS) {
        size_t written = libnrt_copy_struct(stats, stats_size_in, &read, sizeof(read));

        if (stats_size_out != NULL) {
            *stats_size_out = written;
        }
    }
    return status;
}
