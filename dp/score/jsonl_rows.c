/* SPDX-License-Identifier: Apache-2.0 */
#include "score/jsonl_rows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "score/json_scan.h"
#include "score/text_number.h"

enum { SHAPE_BYTES = 64, LABEL_BYTES = 40, QUOTED_BYTES = 24 };

/* A field of the lines, and what it is for. */
struct field_use {
    char *name; /* owned */
    uint32_t target;
    size_t element;
    bool is_whole; /* the value is the whole row, not one number of it */
    uint64_t line; /* where it was seen last */
};

struct neuron_jsonl_rows {
    const struct neuron_row_target *targets;
    struct field_use *uses;
    size_t use_count;
    bool takes_bare_value;
    bool has_twins; /* a field is used more than once */
    uint64_t line;  /* counts those that were read, from 1 */
    locale_t plain;
};

/* A line that is being read. */
struct line_reader {
    struct neuron_jsonl_rows *rows;
    struct neuron_json_scan scan;
    const struct field_use *use; /* what is being read */
    unsigned char *value;        /* where the next number goes */
    struct neuron_row_fault *fault;
};

static enum neuron_status
add_use(struct neuron_jsonl_rows *rows, const char *name, uint32_t target, size_t element,
        struct neuron_error *error)
{
    char *copy = strdup(name);

    if (copy == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory for its fields");
    }
    rows->uses[rows->use_count] =
        (struct field_use){.name = copy, .target = target, .element = element};
    rows->use_count += 1;
    return NEURON_OK;
}

static size_t
count_items(const char *list)
{
    size_t count = 1;

    for (const char *c = list; *c != '\0'; c += 1) {
        count += *c == ',' ? 1 : 0;
    }
    return count;
}

static enum neuron_status
add_list(struct neuron_jsonl_rows *rows, uint32_t target, struct neuron_error *error)
{
    char *copy = strdup(rows->targets[target].columns);
    char *rest = copy;
    enum neuron_status status = NEURON_OK;

    if (copy == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory for its fields");
    }
    for (size_t i = 0; status == NEURON_OK && rest != NULL; i += 1) {
        status = add_use(rows, strsep(&rest, ","), target, i, error);
    }
    free(copy);
    return status;
}

static enum neuron_status
add_target(struct neuron_jsonl_rows *rows, uint32_t number, struct neuron_error *error)
{
    const struct neuron_row_target *target = &rows->targets[number];
    size_t count = target->columns == NULL ? 1 : count_items(target->columns);
    size_t first = rows->use_count;
    char shape[SHAPE_BYTES] = "";

    if (count > 1 && count != target->elements) {
        (void)neuron_tensor_shape_format(&target->spec->shape, shape, sizeof(shape));
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "--columns %.60s: %zu fields, but input %.40s is %s: %zu numbers a row",
                           target->columns, count, target->spec->name, shape, target->elements);
    }
    struct field_use *grown = realloc(rows->uses, (first + count) * sizeof(*grown));
    if (grown == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory for its fields");
    }
    rows->uses = grown;
    enum neuron_status status = target->columns == NULL
                                    ? add_use(rows, target->spec->name, number, 0, error)
                                    : add_list(rows, number, error);
    if (status == NEURON_OK) {
        rows->uses[first].is_whole = count == 1;
    }
    return status;
}

static int
compare_names(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

/* Finds out whether any field is used more than once. */
static enum neuron_status
find_twins(struct neuron_jsonl_rows *rows, struct neuron_error *error)
{
    const char **names = calloc(rows->use_count + 1, sizeof(const char *));

    if (names == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory for its fields");
    }
    for (size_t i = 0; i < rows->use_count; i += 1) {
        names[i] = rows->uses[i].name;
    }
    qsort(names, rows->use_count, sizeof(const char *), compare_names);
    for (size_t i = 1; i < rows->use_count; i += 1) {
        rows->has_twins = rows->has_twins || strcmp(names[i - 1], names[i]) == 0;
    }
    free(names);
    return NEURON_OK;
}

enum neuron_status
neuron_jsonl_rows_create(const struct neuron_row_target *targets, uint32_t target_count,
                         struct neuron_jsonl_rows **rows, struct neuron_error *error)
{
    struct neuron_jsonl_rows *made = calloc(1, sizeof(*made));
    enum neuron_status status = NEURON_OK;

    if (made == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory for its fields");
    }
    made->targets = targets;
    made->takes_bare_value = target_count == 1 && targets[0].columns == NULL;
    made->plain = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    if (made->plain == (locale_t)0) {
        status = NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory for its fields");
    }
    for (uint32_t i = 0; status == NEURON_OK && i < target_count; i += 1) {
        status = add_target(made, i, error);
    }
    if (status == NEURON_OK) {
        status = find_twins(made, error);
    }
    if (status != NEURON_OK) {
        neuron_jsonl_rows_destroy(made);
        return status;
    }
    *rows = made;
    return NEURON_OK;
}

/* Says what is wrong with the field that is being read. */
static bool
blame(const struct line_reader *reader, const char *what)
{
    char label[LABEL_BYTES] = "";

    (void)neuron_row_quote(reader->use->name, strlen(reader->use->name), label, sizeof(label));
    reader->fault->target = reader->use->target;
    (void)snprintf(reader->fault->reason, sizeof(reader->fault->reason), "field %s%s", label, what);
    return false;
}

/* Says that a value has another shape than a row. */
static bool
blame_shape(const struct line_reader *reader)
{
    struct neuron_tensor_shape row = reader->rows->targets[reader->use->target].spec->shape;
    char shape[SHAPE_BYTES] = "";
    char what[SHAPE_BYTES + 24] = "";

    row.rank -= 1;
    memmove(row.dims, row.dims + 1, row.rank * sizeof(row.dims[0]));
    (void)neuron_tensor_shape_format(&row, shape, sizeof(shape));
    (void)snprintf(what, sizeof(what), " is no %s, as rows are", row.rank == 0 ? "number" : shape);
    return blame(reader, what);
}

/* Takes a number, or the true or false of a bool. */
static bool
read_token(struct line_reader *reader, enum neuron_type type, struct neuron_json_part *part)
{
    if (type != NEURON_BOOL ||
        (!neuron_json_is_next(&reader->scan, 't') && !neuron_json_is_next(&reader->scan, 'f'))) {
        return neuron_json_read_number(&reader->scan, part);
    }
    return neuron_json_read_value(&reader->scan, part);
}

static bool
read_number(struct line_reader *reader)
{
    enum neuron_type type = reader->rows->targets[reader->use->target].spec->shape.type;
    struct neuron_json_part part = {0};
    char quoted[QUOTED_BYTES] = "";
    char what[QUOTED_BYTES + 40] = "";

    if (!read_token(reader, type, &part)) {
        return blame(reader, " holds something that is no number");
    }
    enum neuron_text_number outcome = neuron_text_number_read(reader->rows->plain, type, part.text,
                                                              part.size_bytes, reader->value);
    if (outcome == NEURON_NUMBER_IS_READ) {
        reader->value += neuron_type_size_bytes(type);
        return true;
    }
    (void)neuron_row_quote(part.text, part.size_bytes, quoted, sizeof(quoted));
    (void)snprintf(what, sizeof(what), ": %s %s %s", quoted,
                   outcome == NEURON_NUMBER_IS_NONE ? "is no" : "does not fit",
                   neuron_type_name(type));
    return blame(reader, what);
}

/* Reads arrays nested as the dimensions of a row from `axis` on. */
static bool
read_nested(struct line_reader *reader, uint32_t axis)
{
    const struct neuron_tensor_shape *shape =
        &reader->rows->targets[reader->use->target].spec->shape;

    if (axis == shape->rank) {
        return neuron_json_is_next(&reader->scan, '[') ? blame_shape(reader) : read_number(reader);
    }
    if (!neuron_json_accept(&reader->scan, '[')) {
        return blame_shape(reader);
    }
    for (int64_t i = 0; i < shape->dims[axis]; i += 1) {
        if (i > 0 && !neuron_json_accept(&reader->scan, ',')) {
            return blame_shape(reader);
        }
        if (!read_nested(reader, axis + 1)) {
            return false;
        }
    }
    return neuron_json_accept(&reader->scan, ']') || blame_shape(reader);
}

/* Reads the value of a field that is used. */
static bool
read_use(struct line_reader *reader, const struct field_use *use, unsigned char *const *values)
{
    const struct neuron_row_target *target = &reader->rows->targets[use->target];
    size_t value_bytes = neuron_type_size_bytes(target->spec->shape.type);
    bool is_number =
        !use->is_whole || (target->elements == 1 && !neuron_json_is_next(&reader->scan, '['));

    reader->use = use;
    reader->value = values[use->target] + use->element * value_bytes;
    if (!is_number) {
        return read_nested(reader, 1);
    }
    return read_number(reader);
}

/* Reads the value behind a name: as often as it is used, or over it. */
static bool
read_member(struct line_reader *reader, const struct neuron_json_part *name, size_t *hint,
            unsigned char *const *values)
{
    struct neuron_jsonl_rows *rows = reader->rows;
    const struct neuron_json_scan start = reader->scan;
    struct neuron_json_part skipped = {0};
    bool is_used = false;

    for (size_t i = 0; i < rows->use_count && (rows->has_twins || !is_used); i += 1) {
        /* Fields mostly stand in the order in which they are used. */
        size_t place = (*hint + i) % rows->use_count;
        struct field_use *use = &rows->uses[place];

        if (!neuron_json_string_equals(name, use->name)) {
            continue;
        }
        if (use->line == rows->line) {
            reader->use = use;
            return blame(reader, " stands there twice");
        }
        reader->scan = start;
        use->line = rows->line;
        is_used = true;
        *hint = place + 1;
        if (!read_use(reader, use, values)) {
            return false;
        }
    }
    if (is_used || neuron_json_read_value(&reader->scan, &skipped)) {
        return true;
    }
    (void)snprintf(reader->fault->reason, sizeof(reader->fault->reason),
                   "no valid JSON in a field that is not used");
    return false;
}

static bool
refuse_line(struct line_reader *reader)
{
    (void)snprintf(reader->fault->reason, sizeof(reader->fault->reason),
                   "no valid JSON object in this line");
    return false;
}

static bool
read_object(struct line_reader *reader, unsigned char *const *values)
{
    struct neuron_json_part name = {0};
    size_t hint = 0;
    bool is_first = true;

    if (!neuron_json_accept(&reader->scan, '{')) {
        return refuse_line(reader);
    }
    while (is_first ? !neuron_json_accept(&reader->scan, '}')
                    : neuron_json_accept(&reader->scan, ',')) {
        if (!neuron_json_read_string(&reader->scan, &name) ||
            !neuron_json_accept(&reader->scan, ':')) {
            return refuse_line(reader);
        }
        if (!read_member(reader, &name, &hint, values)) {
            return false;
        }
        is_first = false;
    }
    if (!is_first && !neuron_json_accept(&reader->scan, '}')) {
        return refuse_line(reader);
    }
    for (size_t i = 0; i < reader->rows->use_count; i += 1) {
        reader->use = &reader->rows->uses[i];
        if (reader->use->line != reader->rows->line) {
            return blame(reader, " is missing");
        }
    }
    return true;
}

bool
neuron_jsonl_rows_read(struct neuron_jsonl_rows *rows, const char *line, size_t size_bytes,
                       unsigned char *const *values, struct neuron_row_fault *fault)
{
    struct line_reader reader = {
        .rows = rows, .scan = {.next = line, .end = line + size_bytes}, .fault = fault};

    fault->target = 0;
    rows->line += 1;
    bool is_bare = rows->takes_bare_value && !neuron_json_is_next(&reader.scan, '{');
    bool is_read =
        is_bare ? read_use(&reader, &rows->uses[0], values) : read_object(&reader, values);
    return is_read && (neuron_json_is_at_end(&reader.scan) || refuse_line(&reader));
}

void
neuron_jsonl_rows_destroy(struct neuron_jsonl_rows *rows)
{
    if (rows == NULL) {
        return;
    }
    for (size_t i = 0; i < rows->use_count; i += 1) {
        free(rows->uses[i].name);
    }
    if (rows->plain != (locale_t)0) {
        freelocale(rows->plain);
    }
    free(rows->uses);
    free(rows);
}
