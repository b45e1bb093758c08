/* SPDX-License-Identifier: Apache-2.0 */
/* What a model is made of, for those who make programs of it. */
#ifndef NEURON_MODULE_MODEL_BODY_H
#define NEURON_MODULE_MODEL_BODY_H

#include "neff/neff_file.h"
#include "neuron/model.h"

/* Never changes, and is read by any thread. */
struct neuron_model {
    struct neuron_neff_file file;
};

#endif
