/* SPDX-License-Identifier: Apache-2.0 */
/* How another process opens the same library: what it was opened with. */
#ifndef NEURON_DP_CUSTOM_LIBRARY_H
#define NEURON_DP_CUSTOM_LIBRARY_H

#include "neuron/custom_program.h"

/* The absolute path of the file that is loaded. Lives as long as the library. Any thread. */
const char *
neuron_custom_library_path(const struct neuron_custom_library *library);

/* The config that it was opened with, or NULL. Lives as long as the library. Any thread. */
const char *
neuron_custom_library_config(const struct neuron_custom_library *library);

#endif
