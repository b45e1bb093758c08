/* SPDX-License-Identifier: Apache-2.0 */
/* Which version of the Neuron runtime interface this is, and of what. */
#ifndef NRT_VERSION_H
#define NRT_VERSION_H

#include <stddef.h>
#include <stdint.h>

#include "nrt/nrt_status.h"

#ifdef __cplusplus
extern "C" {
#endif

#define RT_VERSION_DETAIL_LEN 128
#define GIT_HASH_LEN          64

typedef struct nrt_version {
    uint64_t rt_major; /* NRT_MAJOR_VERSION, NRT_MINOR_VERSION of nrt.h; the rest is 0 */
    uint64_t rt_minor;
    uint64_t rt_patch;
    uint64_t rt_maintenance;
    char rt_detail[RT_VERSION_DETAIL_LEN]; /* the version of this project */
    char git_hash[GIT_HASH_LEN];           /* empty */
} nrt_version_t;

/*
 * Tells the version.
 *
 * ver   receives its first `size` bytes.
 * size  the size of the struct as the caller knows it; what is beyond ours is left alone.
 *
 * Returns NRT_INVALID where ver is NULL.
 * Any thread, at any time.
 */
NRT_STATUS
nrt_get_version(nrt_version_t *ver, size_t size);

#ifdef __cplusplus
}
#endif

#endif
