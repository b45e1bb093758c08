/* SPDX-License-Identifier: Apache-2.0 */
/* Memory that holds one byte all over. */
#ifndef NEURON_TESTS_FILLED_BYTES_H
#define NEURON_TESTS_FILLED_BYTES_H

#include <stdbool.h>
#include <stddef.h>

bool
is_filled(const unsigned char *bytes, size_t count, unsigned char with);

#endif
