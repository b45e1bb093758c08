/* SPDX-License-Identifier: Apache-2.0 */
/* Every call of the interface that depends on the runtime's state, with one handle to vary. */
#ifndef NEURON_TESTS_NRT_CALLS_H
#define NEURON_TESTS_NRT_CALLS_H

#include <stddef.h>

#include "nrt/nrt_status.h"

/* Calls with this handle; its other arguments are right. */
typedef NRT_STATUS
nrt_call_fn(void *handle);

struct nrt_call {
    const char *name;
    nrt_call_fn *call;
};

/* Those whose handle is a model, a tensor, a set or an array of tensor descriptions. */
extern const struct nrt_call nrt_handle_calls[];
extern const size_t nrt_handle_call_count;

/* Those without a handle, which ignore theirs. */
extern const struct nrt_call nrt_plain_calls[];
extern const size_t nrt_plain_call_count;

#endif
