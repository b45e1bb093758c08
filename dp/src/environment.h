/* SPDX-License-Identifier: Apache-2.0 */
/* What this library reads of the environment. */
#ifndef NEURON_DP_ENVIRONMENT_H
#define NEURON_DP_ENVIRONMENT_H

/* NEURON_EXECUTOR_PATH: the program that isolated replicas run in; the environment's own text. NULL
   where the variable is unset or empty. */
const char *
neuron_environment_executor_path(void);

#endif
