/* SPDX-License-Identifier: Apache-2.0 */
/* Files of the same name that the compiler of the Neuron stack writes: recognised, never read. */
#ifndef NEURON_NEFF_FOREIGN_NEFF_H
#define NEURON_NEFF_FOREIGN_NEFF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { NEURON_FOREIGN_NEFF_HEADER_BYTES = 1024 };

/* What its header says of itself. */
struct neuron_foreign_neff {
    uint64_t version_major;
    uint64_t version_minor;
};

/*
 * Says whether a file is a program for NeuronCores.
 *
 * bytes       the first NEURON_FOREIGN_NEFF_HEADER_BYTES of the file; nothing behind is looked at.
 * size_bytes  of the whole file.
 * foreign     unchanged where the answer is no.
 */
bool
neuron_foreign_neff_recognize(const unsigned char *bytes, size_t size_bytes,
                              struct neuron_foreign_neff *foreign);

#endif
