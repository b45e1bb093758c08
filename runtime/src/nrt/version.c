/* SPDX-License-Identifier: Apache-2.0 */
#include "nrt/nrt_version.h"

#include "nrt/libnrt.h"
#include "nrt/struct_size.h"

NRT_STATUS
nrt_get_version(nrt_version_t *ver, size_t size)
{
    const nrt_version_t version = {.rt_major = NRT_MAJOR_VERSION,
                                   .rt_minor = NRT_MINOR_VERSION,
                                   .rt_detail = "neuron " NEURON_VERSION_TEXT " (CPU cores)"};

    if (ver == NULL) {
        return libnrt_refuse(NRT_INVALID, "nrt_get_version", "ver is NULL");
    }
    (void)libnrt_copy_struct(ver, size, &version, sizeof(version));
    return NRT_SUCCESS;
}
