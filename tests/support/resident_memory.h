/* SPDX-License-Identifier: Apache-2.0 */
/* What the kernel says of the memory that this process has in use. */
#ifndef NEURON_TESTS_RESIDENT_MEMORY_H
#define NEURON_TESTS_RESIDENT_MEMORY_H

#include <stddef.h>

/* Says how many bytes of a mapped file are in this process's memory. Fails the test where the
   kernel does not say. */
size_t
resident_bytes_of_file(const char *path);

#endif
