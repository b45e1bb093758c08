/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as columns that pass through, and as a float whose text reads back as that float. */
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "score/field_text.h"
#include "score/number_text.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_float(const uint8_t *data)
{
    char text[NEURON_NUMBER_TEXT_BYTES] = "";
    float number = 0.0F;

    memcpy(&number, data, sizeof(number));
    size_t length = neuron_number_format(NEURON_FLOAT32, data, NEURON_NUMBER_CSV, text);
    float back = strtof(text, NULL);
    if (length != strlen(text) || (number == number && back != number)) {
        abort();
    }
}

/* Puts the bytes in every way; what was put stays in the buffer, where it can be looked at. */
static void
put_all(struct neuron_new_file *file, const char *text, size_t size)
{
    struct neuron_column_text column = {.text = text, .size_bytes = size, .is_json = true};

    neuron_column_put_csv(file, &column);
    neuron_column_put_json(file, &column);
    neuron_field_put_csv(file, text, size);
    const char *before = file->buffer + file->used_bytes;
    neuron_field_put_json(file, text, size);
    const char *end = file->buffer + file->used_bytes;
    for (const char *next = before; next < end; next += 1) {
        if ((unsigned char)*next < 32) {
            abort();
        }
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct neuron_new_file file = {.descriptor = open("/dev/null", O_WRONLY | O_CLOEXEC),
                                   .path = "text",
                                   .part_path = "/nowhere/text",
                                   .buffer = malloc(262144)};
    struct neuron_error error = {0};
    /* At the end of its memory, so that a sanitizer sees what reads on. */
    char *text = malloc(size + 1);

    if (size >= sizeof(float)) {
        check_float(data);
    }
    if (text != NULL && file.buffer != NULL && size < 4096 &&
        neuron_summer_create(&file.summer, &error) == NEURON_OK) {
        memcpy(text + 1, data, size);
        put_all(&file, text + 1, size);
    }
    free(text);
    neuron_new_file_close(&file);
    return 0;
}
