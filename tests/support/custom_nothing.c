/* SPDX-License-Identifier: Apache-2.0 */
/* A shared library without a custom program. */
#include "neuron/status.h"

NEURON_API int
custom_nothing(void);

int
custom_nothing(void)
{
    return 0;
}
