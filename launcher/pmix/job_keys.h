/* SPDX-License-Identifier: Apache-2.0 */
/* What a job and its ranks look like in PMIx: the keys that Open MPI reads. */
#ifndef NEURON_LAUNCHER_PMIX_JOB_KEYS_H
#define NEURON_LAUNCHER_PMIX_JOB_KEYS_H

#include <pmix.h>

#include "job_server.h"

/* Where a job stands. Borrowed for the call. */
struct neuron_job_place {
    const char *name_space;
    const char *host;
    const char *folder;     /* of the session */
    const char *job_folder; /* below it */
};

/*
 * Makes the keys for PMIx_server_register_nspace().
 *
 * keys  receives an array of pmix_info_t, which the caller destroys.
 *
 * Returns the library's status.
 */
pmix_status_t
neuron_job_keys_make(const struct neuron_pmix_job *job, const struct neuron_job_place *place,
                     pmix_data_array_t *keys);

#endif
