/* SPDX-License-Identifier: Apache-2.0 */
#include "shared_slots.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    ALIGNMENT_BYTES = 64, /* a cache line, and the widest vector */
    BYTES_PER_KIB = 1024
};

static const char available_name[] = "MemAvailable:";

/* Sums up the slots; `offsets` receives where each lies. */
static enum neuron_status
lay_out(const size_t *size_bytes, uint32_t count, size_t *offsets, size_t *total,
        struct neuron_error *error)
{
    size_t end = 0;

    for (uint32_t i = 0; i < count; i += 1) {
        offsets[i] = end;
        /* At least one line each, so that no two slots have one address. */
        if (__builtin_add_overflow(end, size_bytes[i], &end) ||
            __builtin_add_overflow(end, ALIGNMENT_BYTES, &end) || end > PTRDIFF_MAX) {
            return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY,
                               "the tensors of a run take more memory than can be addressed");
        }
        end -= end % ALIGNMENT_BYTES;
    }
    *total = end;
    return NEURON_OK;
}

/* Maps the file, and sets the addresses from the offsets that stand in their place. */
static enum neuron_status
map(struct neuron_shared_slots *slots, int descriptor, const size_t *offsets, uint32_t count,
    struct neuron_error *error)
{
    void *memory = mmap(NULL, slots->size_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);

    if (memory == MAP_FAILED) {
        return NEURON_FAIL(error, NEURON_SYSTEM,
                           "cannot map %zu bytes for the tensors of a run: %s", slots->size_bytes,
                           strerrordesc_np(errno));
    }
    slots->memory = memory;
    for (uint32_t i = 0; i < count; i += 1) {
        slots->addresses[i] = (unsigned char *)memory + offsets[i];
    }
    return NEURON_OK;
}

/* The bytes of memory that the machine can give without taking them from anybody; SIZE_MAX where it
   does not say. */
static size_t
available_bytes(void)
{
    FILE *file = fopen("/proc/meminfo", "re");
    size_t bytes = SIZE_MAX;
    char line[128] = "";

    while (file != NULL && bytes == SIZE_MAX && fgets(line, sizeof(line), file) != NULL) {
        if (strncmp(line, available_name, sizeof(available_name) - 1) == 0) {
            bytes = (size_t)strtoull(line + sizeof(available_name) - 1, NULL, 10) * BYTES_PER_KIB;
        }
    }
    if (file != NULL) {
        (void)fclose(file);
    }
    return bytes;
}

/* Says whether so much memory may be taken now: half of what is available, as other replicas and
   other processes ask at the same time. */
static bool
can_be(size_t size_bytes)
{
    return size_bytes <= available_bytes() / 2;
}

/*
 * Makes the file, of its final size. posix_fallocate() takes the memory now: a lack of it later
 * would end the process. It does so page by page until none is left on the machine, which is why
 * what cannot be had is refused before.
 */
static enum neuron_status
make_file(struct neuron_shared_slots *slots, struct neuron_error *error)
{
    int reason = 0;

    slots->descriptor = memfd_create("neuron-slots", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (slots->descriptor < 0) {
        reason = errno;
    } else if (!can_be(slots->size_bytes)) {
        reason = ENOMEM;
    } else {
        reason = posix_fallocate(slots->descriptor, 0, (off_t)slots->size_bytes);
    }
    if (reason == 0 &&
        fcntl(slots->descriptor, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0) {
        reason = errno;
    }
    if (reason != 0) {
        return NEURON_FAIL(
            error, reason == ENOMEM || reason == ENOSPC ? NEURON_OUT_OF_MEMORY : NEURON_SYSTEM,
            "cannot make %zu bytes of shared memory for the tensors of a run: %s",
            slots->size_bytes, strerrordesc_np(reason));
    }
    return NEURON_OK;
}

/* Refuses a file that has not the size of the slots. */
static enum neuron_status
check_file(const struct neuron_shared_slots *slots, int descriptor, struct neuron_error *error)
{
    struct stat status = {0};

    if (fstat(descriptor, &status) != 0) {
        return NEURON_FAIL(error, NEURON_SYSTEM, "cannot read the shared memory: %s",
                           strerrordesc_np(errno));
    }
    if (status.st_size < 0 || (uintmax_t)status.st_size != slots->size_bytes) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "the shared memory has %jd bytes, but the tensors take %zu",
                           (intmax_t)status.st_size, slots->size_bytes);
    }
    return NEURON_OK;
}

/* Fills in slots of a file that is to be made, or for a `descriptor` that is not -1 is there. */
static enum neuron_status
fill(struct neuron_shared_slots *slots, int descriptor, const size_t *size_bytes, uint32_t count,
     struct neuron_error *error)
{
    size_t *offsets = calloc((size_t)count + 1, sizeof(*offsets));

    *slots = (struct neuron_shared_slots){.descriptor = -1};
    slots->addresses = calloc((size_t)count + 1, sizeof(void *));
    if (offsets == NULL || slots->addresses == NULL) {
        free(offsets);
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for shared memory");
    }
    enum neuron_status status = lay_out(size_bytes, count, offsets, &slots->size_bytes, error);
    if (status == NEURON_OK) {
        status = descriptor < 0 ? make_file(slots, error) : check_file(slots, descriptor, error);
    }
    if (status == NEURON_OK) {
        status = map(slots, descriptor < 0 ? slots->descriptor : descriptor, offsets, count, error);
    }
    free(offsets);
    return status;
}

enum neuron_status
neuron_shared_slots_create(struct neuron_shared_slots *slots, const size_t *size_bytes,
                           uint32_t count, struct neuron_error *error)
{
    return fill(slots, -1, size_bytes, count, error);
}

enum neuron_status
neuron_shared_slots_open(struct neuron_shared_slots *slots, int descriptor,
                         const size_t *size_bytes, uint32_t count, struct neuron_error *error)
{
    return fill(slots, descriptor, size_bytes, count, error);
}

void
neuron_shared_slots_destroy(struct neuron_shared_slots *slots)
{
    if (slots->memory != NULL) {
        (void)munmap(slots->memory, slots->size_bytes);
        slots->memory = NULL;
    }
    /* A zeroed one has no addresses; its descriptor is not 0. */
    if (slots->addresses != NULL && slots->descriptor >= 0) {
        (void)close(slots->descriptor);
    }
    free(slots->addresses);
    *slots = (struct neuron_shared_slots){.descriptor = -1};
}
