/* SPDX-License-Identifier: Apache-2.0 */
/* Why a file cannot be executed, beyond what the kernel's error tells. */
#ifndef NEURON_LAUNCHER_EXEC_TROUBLE_H
#define NEURON_LAUNCHER_EXEC_TROUBLE_H

#include <stdbool.h>
#include <stddef.h>

/* The exit codes of a launcher that could not start its program, as those of the shell. */
enum { NEURON_EXIT_NOT_EXECUTABLE = 126, NEURON_EXIT_NOT_FOUND = 127 };

enum neuron_exec_trouble_kind {
    NEURON_EXEC_UNKNOWN = 0, /* no more than the error */
    NEURON_EXEC_DIRECTORY,
    NEURON_EXEC_NO_PERMISSION, /* nobody may execute it */
    NEURON_EXEC_NO_MOUNT,      /* nothing on its file system may be executed */
    NEURON_EXEC_BUSY,
    NEURON_EXEC_BAD_INTERPRETER, /* of a script */
    NEURON_EXEC_BAD_LOADER,      /* of an ELF file */
    NEURON_EXEC_NO_PROGRAM,      /* neither script nor ELF file */
    NEURON_EXEC_OTHER_MACHINE,
    NEURON_EXEC_DAMAGED /* an ELF file of this machine */
};

enum { NEURON_EXEC_HEAD_BYTES = 4096 /* of a file that are looked at */ };

struct neuron_exec_trouble {
    enum neuron_exec_trouble_kind kind;
    int reason;               /* errno of the exec */
    bool has_carriage_return; /* the interpreter's name ends with one */
    char interpreter[96];     /* or the loader; a longer name is cut */
};

/*
 * Tells from the beginning of a file that is there, may be executed, and cannot be. A function
 * from values to values.
 */
void
neuron_exec_trouble_read(const unsigned char *head, size_t length, int reason,
                         struct neuron_exec_trouble *trouble);

/*
 * Looks at a file that could not be executed.
 *
 * directory  where a relative path begins; NULL for this one.
 */
void
neuron_exec_trouble_find(const char *path, const char *directory, int reason,
                         struct neuron_exec_trouble *trouble);

/* The exit code that fits: 127 for what is not there, else 126. */
int
neuron_exec_trouble_code(const struct neuron_exec_trouble *trouble);

/* Writes one line that says what is wrong, and what to do. Returns the text. */
const char *
neuron_exec_trouble_format(const struct neuron_exec_trouble *trouble, const char *program,
                           char *text, size_t size_bytes);

#endif
