/* SPDX-License-Identifier: Apache-2.0 */
/* What an ELF file links: the part of its dynamic section that the linker starts from. */
#ifndef NEURON_LAUNCHER_ELF_NEEDS_H
#define NEURON_LAUNCHER_ELF_NEEDS_H

#include <stdbool.h>
#include <stddef.h>

enum { NEURON_ELF_NEED_LIMIT = 128 };

struct neuron_elf_needs {
    const char *names[NEURON_ELF_NEED_LIMIT]; /* of libraries, in order: "libm.so.6" */
    size_t name_count;
    const char *search; /* folders to look in ("$ORIGIN/../lib:/opt/lib"), or NULL */
    char *texts;        /* what the pointers above point into */
};

/*
 * Reads what a file needs. Whatever it holds is checked: numbers that lead outside the file, or
 * beyond bounds that no real file comes near, make it a file that needs nothing.
 *
 * file   is read with pread().
 * needs  is overwritten; cleared by the caller also after a failure.
 *
 * Returns false for a file that is no ELF file of this machine, is not linked dynamically, or is
 * damaged.
 */
bool
neuron_elf_needs_read(int file, struct neuron_elf_needs *needs);

/* Frees what the needs own. */
void
neuron_elf_needs_clear(struct neuron_elf_needs *needs);

#endif
