/* SPDX-License-Identifier: Apache-2.0 */
/* What the environment says to libnrt itself; neuron/runtime.h has what it says to the runtime. */
#ifndef NEURON_NRT_ENVIRONMENT_H
#define NEURON_NRT_ENVIRONMENT_H

#include "nrt/log_options.h"

/* The values of the variables, NULL for one that is unset or empty. They live as long as these. */
struct libnrt_environment {
    struct libnrt_log_texts
        log;                 /* NEURON_RT_LOG_LEVEL, NEURON_RT_LOG_LOCATION, both with _NRT... */
    const char *dump_status; /* NEURON_RT_DBG_DUMP_INPUTS_ON_ERR */
    const char *dump_folder; /* NEURON_RT_LOCAL_CORE_DUMP_DIRECTORY */
    const char *queued_runs; /* NEURON_RT_ASYNC_EXEC_MAX_INFLIGHT_REQUESTS */
};

/* Any thread, while none changes the environment. */
void
libnrt_environment_read(struct libnrt_environment *environment);

#endif
