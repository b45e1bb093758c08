/* SPDX-License-Identifier: Apache-2.0 */
/* How objects end that are not live any more. */
#ifndef NEURON_NRT_OBJECTS_H
#define NEURON_NRT_OBJECTS_H

#include "nrt/libnrt.h"

struct libnrt_tensor_set;

/* Unload or free what was unregistered, without the lock of the objects; nothing uses it. */
void
libnrt_model_destroy(struct nrt_model *model);
void
libnrt_tensor_destroy(struct nrt_tensor *tensor);
void
libnrt_tensor_set_destroy(struct libnrt_tensor_set *set);

#endif
