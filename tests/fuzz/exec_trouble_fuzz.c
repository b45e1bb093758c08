/* SPDX-License-Identifier: Apache-2.0 */
/* Beginnings of files that cannot be executed: whatever they hold, one line comes of it. */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "exec_trouble.h"

static void
check(const unsigned char *head, size_t length, int reason)
{
    struct neuron_exec_trouble trouble;
    char text[320] = "";

    neuron_exec_trouble_read(head, length, reason, &trouble);
    (void)neuron_exec_trouble_format(&trouble, "program", text, sizeof(text));
    if (strncmp(text, "cannot start program: ", 22) != 0 || strpbrk(text, "\n\r\033") != NULL ||
        neuron_exec_trouble_code(&trouble) < NEURON_EXIT_NOT_EXECUTABLE) {
        abort();
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes)
{
    size_t length = size_bytes < NEURON_EXEC_HEAD_BYTES ? size_bytes : NEURON_EXEC_HEAD_BYTES;

    check(bytes, length, ENOENT);
    check(bytes, length, ENOEXEC);
    check(bytes, length, EACCES);
    return 0;
}
