/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a csv file: records and their fields lie inside of it, and rows are rows or not. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "score/csv_fields.h"
#include "score/csv_rows.h"

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes);

enum { ELEMENTS = 3 };

static void
require(int holds)
{
    if (!holds) {
        abort();
    }
}

static void
check_fields(const char *record, size_t size_bytes)
{
    struct neuron_csv_walk walk = neuron_csv_walk_of(record, size_bytes);
    struct neuron_csv_field field = {0};
    char *text = malloc(size_bytes + 1);

    require(text != NULL);
    while (neuron_csv_walk_next(&walk, &field)) {
        require(field.text >= record && field.size_bytes <= size_bytes &&
                field.text + field.size_bytes <= record + size_bytes);
        require(neuron_csv_field_text(&field, text) <= field.size_bytes);
    }
    free(text);
}

/* Reads all records, the first of which may be a header line. */
static void
read_records(const char *next, const char *end)
{
    static const struct neuron_tensor_spec spec = {
        .name = "x", .shape = {.type = NEURON_FLOAT32, .rank = 2, .dims = {1, ELEMENTS}}};
    static const struct neuron_row_target target = {.spec = &spec,
                                                    .columns = "0,b,1",
                                                    .elements = ELEMENTS,
                                                    .row_bytes = sizeof(float[ELEMENTS])};
    struct neuron_csv_header header = {0};
    struct neuron_csv_rows *rows = NULL;
    struct neuron_row_fault fault = {0};
    float values[ELEMENTS] = {0};
    unsigned char *place = (unsigned char *)values;
    size_t length = 0;

    for (int i = 0; next < end; i += 1) {
        enum neuron_csv_end found = neuron_csv_record_end(next, (size_t)(end - next), &length);
        size_t record_bytes = found == NEURON_CSV_ENDED ? length : (size_t)(end - next);

        require(record_bytes <= (size_t)(end - next));
        check_fields(next, record_bytes);
        if (i == 0 && neuron_csv_header_read(next, record_bytes, &header, NULL) == NEURON_OK) {
            neuron_ignore(neuron_csv_rows_create(&header, &target, 1, &rows, NULL));
        }
        if (rows != NULL && !neuron_csv_rows_read(rows, next, record_bytes, &place, &fault)) {
            require(fault.reason[0] != '\0' && fault.target == 0);
        }
        next += record_bytes + (found == NEURON_CSV_ENDED ? 1 : 0);
    }
    neuron_csv_rows_destroy(rows);
    neuron_csv_header_destroy(&header);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes)
{
    read_records((const char *)bytes, (const char *)bytes + size_bytes);
    return 0;
}
