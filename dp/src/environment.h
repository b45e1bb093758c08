/* SPDX-License-Identifier: Apache-2.0 */
/* What this library reads of the environment. */
#ifndef NEURON_DP_ENVIRONMENT_H
#define NEURON_DP_ENVIRONMENT_H

/* All return NULL where the variable is unset or empty. The texts are those of the environment. */

/* NEURON_EXECUTOR_PATH: the program that isolated replicas run in. */
const char *
neuron_environment_executor_path(void);

/* XDG_RUNTIME_DIR: a folder of the user's own for sockets. */
const char *
neuron_environment_socket_folder(void);

#endif
