/* SPDX-License-Identifier: Apache-2.0 */
/* The one place of this library that reads environment variables. */
#include "environment.h"

#include <stdlib.h>

/* The variable's value; NULL where it is unset or empty. */
static const char *
read_variable(const char *name)
{
    const char *value = getenv(name); /* NOLINT(concurrency-mt-unsafe): as neuron/runtime.h says */

    return value == NULL || value[0] == '\0' ? NULL : value;
}

const char *
neuron_environment_executor_path(void)
{
    return read_variable("NEURON_EXECUTOR_PATH");
}
