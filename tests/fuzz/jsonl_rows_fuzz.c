/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a line of a jsonl file: it is a row or it is not, and values lie inside of it. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "score/json_scan.h"
#include "score/jsonl_rows.h"

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes);

static void
require(int holds)
{
    if (!holds) {
        abort();
    }
}

static void
check_value(const char *text, size_t size_bytes)
{
    struct neuron_json_scan scan = {text, text + size_bytes};
    struct neuron_json_part part = {0};

    if (!neuron_json_read_value(&scan, &part)) {
        return;
    }
    require(part.text >= text && part.size_bytes > 0 &&
            part.text + part.size_bytes <= text + size_bytes);
    if (part.text[0] == '"') {
        part = (struct neuron_json_part){part.text + 1, part.size_bytes - 2};
        (void)neuron_json_string_equals(&part, "x\xC3\xA9\xF0\x9F\x98\x80");
    }
}

static void
read_line(const struct neuron_row_target *targets, uint32_t target_count, const char *line,
          size_t size_bytes)
{
    struct neuron_jsonl_rows *rows = NULL;
    struct neuron_row_fault fault = {0};
    float matrix[4] = {0};
    int8_t number = 0;
    unsigned char *places[] = {(unsigned char *)matrix, (unsigned char *)&number};

    require(neuron_jsonl_rows_create(targets, target_count, &rows, NULL) == NEURON_OK);
    for (int i = 0; i < 2; i += 1) {
        if (!neuron_jsonl_rows_read(rows, line, size_bytes, places, &fault)) {
            require(fault.reason[0] != '\0' && fault.target < target_count);
        }
    }
    neuron_jsonl_rows_destroy(rows);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes)
{
    static const struct neuron_tensor_spec matrix = {
        .name = "x", .shape = {.type = NEURON_FLOAT32, .rank = 3, .dims = {1, 2, 2}}};
    static const struct neuron_tensor_spec number = {
        .name = "n", .shape = {.type = NEURON_INT8, .rank = 1, .dims = {1}}};
    static const struct neuron_row_target targets[] = {
        {.spec = &matrix, .elements = 4, .row_bytes = 16},
        {.input = 1, .spec = &number, .elements = 1, .row_bytes = 1}};
    static const struct neuron_row_target listed = {
        .spec = &matrix, .columns = "a,b,a,x", .elements = 4, .row_bytes = 16};
    const char *line = (const char *)bytes;

    check_value(line, size_bytes);
    read_line(targets, 2, line, size_bytes);
    read_line(targets, 1, line, size_bytes);
    read_line(&listed, 1, line, size_bytes);
    return 0;
}
