/* SPDX-License-Identifier: Apache-2.0 */
/* A file that is whole or not there: written under another name, and renamed. */
#ifndef NEURON_RECORD_FILE_H
#define NEURON_RECORD_FILE_H

#include <stddef.h>

#include "neuron/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Refuses a path that cannot be written later: its folder is not there or may not be written, or it
 * is a folder itself. Creates nothing.
 *
 * Returns NEURON_SYSTEM.
 */
NEURON_API NEURON_MUST_CHECK enum neuron_status
neuron_record_file_check(const char *path, struct neuron_error *error);

/*
 * Writes a file under its final name in one step. What is no plain file (a pipe, a terminal) is
 * written to directly.
 *
 * Returns NEURON_SYSTEM; the file of before is still there then, and no other.
 */
NEURON_API NEURON_MUST_CHECK enum neuron_status
neuron_record_file_write(const char *path, const char *bytes, size_t size_bytes,
                         struct neuron_error *error);

#ifdef __cplusplus
}
#endif

#endif
