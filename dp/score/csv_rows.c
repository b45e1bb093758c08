/* SPDX-License-Identifier: Apache-2.0 */
#include "score/csv_rows.h"

#include <stdio.h>
#include <stdlib.h>

#include "score/csv_fields.h"
#include "score/text_number.h"

enum { SHAPE_BYTES = 64, SUMMARY_BYTES = 60, LABEL_BYTES = 48, QUOTED_BYTES = 24 };

/* A value of a row, and the column that it stands in. */
struct column_use {
    uint32_t column;
    uint32_t target;
    size_t element;
};

struct neuron_csv_rows {
    const struct neuron_csv_header *header;
    const struct neuron_row_target *targets;
    struct column_use *uses; /* in ascending order of columns */
    size_t use_count;
    locale_t plain;
};

static int
compare_uses(const void *left, const void *right)
{
    const struct column_use *l = left;
    const struct column_use *r = right;

    return (l->column > r->column) - (l->column < r->column);
}

/* Selects the columns of a target, which are as many as its values. */
static enum neuron_status
select_columns(const struct neuron_csv_header *header, const struct neuron_row_target *target,
               bool is_alone, struct neuron_csv_selection *selection, struct neuron_error *error)
{
    char shape[SHAPE_BYTES] = "";
    char summary[SUMMARY_BYTES] = "";
    enum neuron_status status =
        target->columns != NULL ? neuron_csv_select_list(header, target->columns, selection, error)
        : is_alone              ? neuron_csv_select_all(header, selection, error)
                   : neuron_csv_select_tensor(header, target->spec->name, target->elements,
                                              selection, error);

    if (status != NEURON_OK || selection->count == target->elements) {
        return status;
    }
    (void)neuron_tensor_shape_format(&target->spec->shape, shape, sizeof(shape));
    return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                       "%zu columns (%s), but input %.40s is %s: %zu numbers a row; choose with "
                       "--columns",
                       selection->count,
                       target->columns != NULL
                           ? target->columns
                           : neuron_csv_header_summary(header, summary, sizeof(summary)),
                       target->spec->name, shape, target->elements);
}

/* Adds the values of a target to those of the targets before it. */
static enum neuron_status
append_uses(struct neuron_csv_rows *rows, uint32_t target,
            const struct neuron_csv_selection *selection, struct neuron_error *error)
{
    size_t count = rows->use_count + selection->count;
    struct column_use *grown = realloc(rows->uses, count * sizeof(*grown));

    if (grown == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory for its columns");
    }
    for (size_t i = 0; i < selection->count; i += 1) {
        grown[rows->use_count + i] = (struct column_use){selection->columns[i], target, i};
    }
    rows->uses = grown;
    rows->use_count = count;
    return NEURON_OK;
}

static enum neuron_status
add_uses(struct neuron_csv_rows *rows, uint32_t target, bool is_alone, struct neuron_error *error)
{
    struct neuron_csv_selection selection = {0};
    enum neuron_status status =
        select_columns(rows->header, &rows->targets[target], is_alone, &selection, error);

    if (status == NEURON_OK) {
        status = append_uses(rows, target, &selection, error);
    }
    neuron_csv_selection_destroy(&selection);
    return status;
}

enum neuron_status
neuron_csv_rows_create(const struct neuron_csv_header *header,
                       const struct neuron_row_target *targets, uint32_t target_count,
                       struct neuron_csv_rows **rows, struct neuron_error *error)
{
    struct neuron_csv_rows *made = calloc(1, sizeof(*made));
    enum neuron_status status = NEURON_OK;

    if (made == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory for its columns");
    }
    made->header = header;
    made->targets = targets;
    made->plain = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    if (made->plain == (locale_t)0) {
        status = NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory for its columns");
    }
    for (uint32_t i = 0; status == NEURON_OK && i < target_count; i += 1) {
        status = add_uses(made, i, target_count == 1, error);
    }
    if (status != NEURON_OK) {
        neuron_csv_rows_destroy(made);
        return status;
    }
    if (made->use_count > 0) {
        qsort(made->uses, made->use_count, sizeof(*made->uses), compare_uses);
    }
    *rows = made;
    return NEURON_OK;
}

/* Says what is wrong with the value of a column. */
static void
blame_field(const struct neuron_csv_rows *rows, const struct column_use *use,
            const struct neuron_csv_field *field, enum neuron_text_number outcome,
            struct neuron_row_fault *fault)
{
    const struct neuron_row_target *target = &rows->targets[use->target];
    char label[LABEL_BYTES] = "";
    char quoted[QUOTED_BYTES] = "";

    if (rows->header->names != NULL) {
        (void)snprintf(label, sizeof(label), "%s", rows->header->names[use->column]);
    } else {
        (void)snprintf(label, sizeof(label), "%u", use->column);
    }
    (void)neuron_row_quote(field->text, field->size_bytes, quoted, sizeof(quoted));
    fault->target = use->target;
    if (field->size_bytes == 0) {
        (void)snprintf(fault->reason, sizeof(fault->reason), "column %s is empty", label);
    } else if (outcome == NEURON_NUMBER_IS_NONE) {
        (void)snprintf(fault->reason, sizeof(fault->reason), "column %s: '%s' is no %s", label,
                       quoted,
                       target->spec->shape.type <= NEURON_FLOAT16 ? "number" : "whole number");
    } else {
        (void)snprintf(fault->reason, sizeof(fault->reason), "column %s: '%s' does not fit %s",
                       label, quoted, neuron_type_name(target->spec->shape.type));
    }
}

static bool
store_field(const struct neuron_csv_rows *rows, const struct column_use *use,
            const struct neuron_csv_field *field, unsigned char *const *values,
            struct neuron_row_fault *fault)
{
    enum neuron_type type = rows->targets[use->target].spec->shape.type;
    unsigned char *value = values[use->target] + use->element * neuron_type_size_bytes(type);
    enum neuron_text_number outcome =
        neuron_text_number_read(rows->plain, type, field->text, field->size_bytes, value);

    if (outcome != NEURON_NUMBER_IS_READ) {
        blame_field(rows, use, field, outcome, fault);
    }
    return outcome == NEURON_NUMBER_IS_READ;
}

bool
neuron_csv_rows_read(const struct neuron_csv_rows *rows, const char *record, size_t size_bytes,
                     unsigned char *const *values, struct neuron_row_fault *fault)
{
    struct neuron_csv_walk walk = neuron_csv_walk_of(record, size_bytes);
    struct neuron_csv_field field = {0};
    const struct column_use *use = rows->uses;
    const struct column_use *end = rows->uses + rows->use_count;
    uint32_t column = 0;
    bool is_read = true;

    fault->target = 0;
    while (neuron_csv_walk_next(&walk, &field)) {
        for (; use < end && use->column == column; use += 1) {
            is_read = is_read && store_field(rows, use, &field, values, fault);
        }
        column += 1;
    }
    /* A field too few or too many moves all values behind it: said before what they are not. */
    if (walk.is_damaged) {
        (void)snprintf(fault->reason, sizeof(fault->reason),
                       "column %u: something stands behind a closing quote", column - 1);
        return false;
    }
    if (column != rows->header->column_count) {
        (void)snprintf(fault->reason, sizeof(fault->reason),
                       "%u columns, not %u as in the first line", column,
                       rows->header->column_count);
        return false;
    }
    return is_read;
}

void
neuron_csv_rows_destroy(struct neuron_csv_rows *rows)
{
    if (rows == NULL) {
        return;
    }
    if (rows->plain != (locale_t)0) {
        freelocale(rows->plain);
    }
    free(rows->uses);
    free(rows);
}
