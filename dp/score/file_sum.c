/* SPDX-License-Identifier: Apache-2.0 */
#include "score/file_sum.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "score/piece_sum.h"

enum { PIECE_BYTES = 256 * 1024 };

/* Adds the file; returns false, with errno set. */
static bool
add_file(int file, struct neuron_summer *summer, unsigned char *piece)
{
    for (;;) {
        ssize_t got = read(file, piece, PIECE_BYTES);

        if (got == 0) {
            return true;
        }
        if (got < 0 && errno != EINTR) {
            return false;
        }
        if (got > 0) {
            neuron_summer_add(summer, piece, (size_t)got);
        }
    }
}

enum neuron_status
neuron_file_sum(const char *path, uint64_t *sum, struct neuron_error *error)
{
    struct neuron_summer *summer = NULL;
    unsigned char *piece = malloc(PIECE_BYTES);
    int file = -1;

    enum neuron_status status = neuron_summer_create(&summer, error);

    if (status == NEURON_OK && piece == NULL) {
        status = NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory to read %s", path);
    }
    if (status == NEURON_OK) {
        neuron_summer_begin(summer, NEURON_SUM_XXH3);
        file = open(path, O_RDONLY | O_CLOEXEC);
        if (file < 0 || !add_file(file, summer, piece)) {
            status = NEURON_FAIL(error, NEURON_SYSTEM, "%s cannot be read: %s", path,
                                 strerrordesc_np(errno));
        } else {
            *sum = neuron_summer_end(summer).xxh3;
        }
    }
    if (file >= 0) {
        (void)close(file);
    }
    free(piece);
    neuron_summer_destroy(summer);
    return status;
}
