/* SPDX-License-Identifier: Apache-2.0 */
/* ELF files: whatever is read of one is text that ends. */
#include "elf_needs.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes)
{
    struct neuron_elf_needs needs = {0};
    int file = memfd_create("elf", MFD_CLOEXEC);

    if (file < 0 || write(file, bytes, size_bytes) != (ssize_t)size_bytes) {
        abort();
    }
    if (neuron_elf_needs_read(file, &needs)) {
        size_t length = needs.search == NULL ? 0 : strlen(needs.search);

        for (size_t i = 0; i < needs.name_count; i += 1) {
            length += strlen(needs.names[i]);
        }
        if (needs.name_count > NEURON_ELF_NEED_LIMIT ||
            length > size_bytes * (NEURON_ELF_NEED_LIMIT + 1)) {
            abort();
        }
    }
    neuron_elf_needs_clear(&needs);
    (void)close(file);
    return 0;
}
