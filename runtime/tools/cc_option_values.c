/* SPDX-License-Identifier: Apache-2.0 */
#include "cc_option_values.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "graph/core_split.h"

enum { SECONDS_LIMIT = 86400, FRACTION_DIGITS = 3, RUN_LIMIT = 1000000, BUCKET_LIMIT = 64 };

/* Reads a whole number of 1 or more, with which the text goes on behind `end`. */
static bool
parse_extent(const char *text, const char **end, int64_t *number)
{
    size_t digits = strspn(text, "0123456789");

    errno = 0;
    *number = strtoll(text, NULL, 10);
    *end = text + digits;
    return digits > 0 && errno == 0 && *number > 0;
}

/* Makes room for one more bucket; NULL when there is no memory, or too many are there. */
static struct neuron_cc_bucket *
add_bucket(struct neuron_cc_options *options)
{
    struct neuron_cc_bucket *buckets =
        options->bucket_count >= BUCKET_LIMIT
            ? NULL
            : realloc(options->buckets, (options->bucket_count + 1U) * sizeof(*buckets));

    if (buckets == NULL) {
        return NULL;
    }
    options->buckets = buckets;
    buckets[options->bucket_count] = (struct neuron_cc_bucket){0};
    options->bucket_count += 1;
    return &buckets[options->bucket_count - 1];
}

static enum neuron_status
refuse_bucket(const char *option, struct neuron_error *error)
{
    return NEURON_FAIL(error, NEURON_INVALID_SYNTAX, "%s: there are up to %d buckets", option,
                       BUCKET_LIMIT);
}

/* Reads one number of "1,4,16", and makes a bucket of it where there are several. */
static enum neuron_status
parse_rows(const char *value, const char **next, bool is_list, struct neuron_cc_options *options,
           struct neuron_error *error)
{
    if (!parse_extent(*next, next, &options->batch) || (**next != '\0' && **next != ',')) {
        return NEURON_FAIL(error, NEURON_INVALID_SYNTAX,
                           "--batch %.60s: give a number of rows, or several: 1,4,16", value);
    }
    if (!is_list) {
        return NEURON_OK;
    }
    for (uint32_t i = 0; i < options->bucket_count; i += 1) {
        if (options->buckets[i].batch == options->batch) {
            return NEURON_FAIL(error, NEURON_INVALID_SYNTAX,
                               "--batch %.60s: %lld is there twice; write each number of rows once",
                               value, (long long)options->batch);
        }
    }
    struct neuron_cc_bucket *bucket = add_bucket(options);
    if (bucket == NULL) {
        return refuse_bucket("--batch", error);
    }
    bucket->batch = options->batch;
    return NEURON_OK;
}

enum neuron_status
neuron_cc_parse_batch(const char *value, struct neuron_cc_options *options,
                      struct neuron_error *error)
{
    const char *next = value;
    bool is_list = strchr(value, ',') != NULL;

    if (is_list && options->bucket_count > 0) {
        return NEURON_FAIL(error, NEURON_INVALID_SYNTAX,
                           "--batch %.60s: there are buckets already; write all of one into each "
                           "--bucket",
                           value);
    }
    enum neuron_status status = parse_rows(value, &next, is_list, options, error);
    while (status == NEURON_OK && *next == ',') {
        next += 1;
        status = parse_rows(value, &next, is_list, options, error);
    }
    return status;
}

enum neuron_status
neuron_cc_parse_cores(const char *value, struct neuron_cc_options *options,
                      struct neuron_error *error)
{
    const char *end = NULL;
    int64_t cores = 0;

    if (!parse_extent(value, &end, &cores) || *end != '\0' || cores > NEURON_CORE_LIMIT) {
        return NEURON_FAIL(error, NEURON_INVALID_SYNTAX,
                           "--num-neuroncores %.60s: give a number of cores, 1 to %d", value,
                           NEURON_CORE_LIMIT);
    }
    options->compiler.core_count = (uint32_t)cores;
    return NEURON_OK;
}

enum neuron_status
neuron_cc_parse_split(const char *value, struct neuron_cc_options *options,
                      struct neuron_error *error)
{
    bool is_wide = strcmp(value, "wide") == 0;

    if (!is_wide && strcmp(value, "pipeline") != 0) {
        return NEURON_FAIL(error, NEURON_INVALID_SYNTAX,
                           "--split %.60s: write pipeline, for throughput, or wide, for latency",
                           value);
    }
    options->compiler.split = is_wide ? NEURON_SPLIT_WIDE : NEURON_SPLIT_PIPELINE;
    return NEURON_OK;
}

/* Reads "1x3x224x224". */
static bool
parse_dims(const char *text, struct neuron_onnx_input_shape *shape)
{
    const char *end = text;

    while (shape->rank < NEURON_RANK_LIMIT && parse_extent(end, &end, &shape->dims[shape->rank])) {
        shape->rank += 1;
        if (*end == '\0') {
            return true;
        }
        if (*end != 'x') {
            return false;
        }
        end += 1;
    }
    return false;
}

enum neuron_status
neuron_cc_parse_shape(const char *value, struct neuron_cc_options *options,
                      struct neuron_error *error)
{
    /* The name may hold a '=' itself. */
    const char *equals = strrchr(value, '=');
    struct neuron_onnx_input_shape shape = {.input = NULL};

    if (equals == NULL || equals == value || !parse_dims(equals + 1, &shape)) {
        return NEURON_FAIL(error, NEURON_INVALID_SYNTAX,
                           "--shape %.60s: write a name and up to 8 extents: image=8x3x224x224",
                           value);
    }
    char *name = strndup(value, (size_t)(equals - value));
    if (name == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory");
    }
    shape.input = name;
    options->shape_names[options->shape_count] = name;
    options->shapes[options->shape_count] = shape;
    options->shape_count += 1;
    for (uint32_t i = 0; i + 1 < options->shape_count; i += 1) {
        if (strcmp(options->shapes[i].input, name) == 0) {
            return NEURON_FAIL(error, NEURON_INVALID_SYNTAX, "--shape %.60s: %.60s has two shapes",
                               value, name);
        }
    }
    return NEURON_OK;
}

/* Reads one "name=AxB" of a bucket, which has room for it and is cut out of the text. */
static enum neuron_status
parse_bucket_shape(const char *value, char *part, struct neuron_cc_bucket *bucket,
                   struct neuron_error *error)
{
    char *equals = strrchr(part, '=');
    struct neuron_onnx_input_shape shape = {.input = NULL};

    if (equals == NULL || equals == part || !parse_dims(equals + 1, &shape)) {
        return NEURON_FAIL(error, NEURON_INVALID_SYNTAX,
                           "--bucket %.60s: write names and extents: ids=1x64,mask=1x64", value);
    }
    *equals = '\0';
    for (uint32_t i = 0; i < bucket->shape_count; i += 1) {
        const char *other = bucket->shapes[i].input;

        if (other != NULL && strcmp(other, part) == 0) {
            return NEURON_FAIL(error, NEURON_INVALID_SYNTAX, "--bucket %.60s: %.60s is there twice",
                               value, part);
        }
    }
    shape.input = strdup(part);
    if (shape.input == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory");
    }
    bucket->shapes[bucket->shape_count] = shape;
    bucket->shape_count += 1;
    return NEURON_OK;
}

enum neuron_status
neuron_cc_parse_bucket(const char *value, struct neuron_cc_options *options,
                       struct neuron_error *error)
{
    enum neuron_status status = NEURON_OK;

    if (options->bucket_count > 0 && options->buckets[0].batch > 0) {
        return NEURON_FAIL(error, NEURON_INVALID_SYNTAX,
                           "--bucket %.60s: there are buckets of --batch already; write all of one "
                           "into each --bucket",
                           value);
    }
    struct neuron_cc_bucket *bucket = add_bucket(options);
    if (bucket == NULL) {
        return refuse_bucket("--bucket", error);
    }
    size_t count = 1;
    for (const char *c = value; *c != '\0'; c += 1) {
        count += *c == ',' ? 1 : 0;
    }
    char *copy = strdup(value);
    char *rest = copy;
    bucket->shapes = calloc(count, sizeof(*bucket->shapes));
    if (copy == NULL || bucket->shapes == NULL) {
        free(copy);
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory");
    }
    while (status == NEURON_OK && rest != NULL) {
        status = parse_bucket_shape(value, strsep(&rest, ","), bucket, error);
    }
    free(copy);
    return status;
}

void
neuron_cc_free_bucket(struct neuron_cc_bucket *bucket)
{
    for (uint32_t i = 0; i < bucket->shape_count; i += 1) {
        union {
            const char *name;
            char *owned;
        } input = {.name = bucket->shapes[i].input};

        free(input.owned);
    }
    free(bucket->shapes);
    *bucket = (struct neuron_cc_bucket){0};
}

/* Adds a file for an input, whose name ends before `path`, and has no other file yet. */
static enum neuron_status
add_array_file(struct neuron_cc_options *options, const char *option, const char *value,
               size_t name_length, struct neuron_error *error)
{
    char *name = strndup(value, name_length);

    if (name == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory");
    }
    options->array_files[options->array_file_count] = (struct neuron_cc_array_file){
        .input = name, .path = value + name_length + (value[name_length] == '=' ? 1 : 0)};
    options->array_file_count += 1;
    for (uint32_t i = 0; i + 1 < options->array_file_count; i += 1) {
        if (strcmp(options->array_files[i].input, name) == 0) {
            return NEURON_FAIL(error, NEURON_INVALID_SYNTAX, "%s %.60s: %.60s has two files",
                               option, value, name[0] == '\0' ? "the input" : name);
        }
    }
    return NEURON_OK;
}

enum neuron_status
neuron_cc_parse_input(const char *value, struct neuron_cc_options *options,
                      struct neuron_error *error)
{
    /* A path may hold a '=' more likely than a name. */
    const char *equals = strchr(value, '=');

    if (equals == NULL || equals == value || equals[1] == '\0') {
        return NEURON_FAIL(error, NEURON_INVALID_SYNTAX,
                           "--input %.60s: write a name and a file: image=batch.npy", value);
    }
    return add_array_file(options, "--input", value, (size_t)(equals - value), error);
}

enum neuron_status
neuron_cc_parse_calibrate(const char *value, struct neuron_cc_options *options,
                          struct neuron_error *error)
{
    const char *equals = strchr(value, '=');

    if (*value == '\0' || equals == value || (equals != NULL && equals[1] == '\0')) {
        return NEURON_FAIL(error, NEURON_INVALID_SYNTAX,
                           "--calibrate %.60s: write a file, or a name and a file: "
                           "image=rows.npy",
                           value);
    }
    enum neuron_status status = add_array_file(
        options, "--calibrate", value, equals == NULL ? 0 : (size_t)(equals - value), error);
    for (uint32_t i = 0; status == NEURON_OK && i < options->array_file_count; i += 1) {
        if (options->array_file_count > 1 && options->array_files[i].input[0] == '\0') {
            status = NEURON_FAIL(error, NEURON_INVALID_SYNTAX,
                                 "--calibrate %.60s: with several files, name the input of each: "
                                 "image=rows.npy",
                                 options->array_files[i].path);
        }
    }
    return status;
}

enum neuron_status
neuron_cc_parse_runs(const char *value, struct neuron_cc_options *options,
                     struct neuron_error *error)
{
    const char *end = NULL;
    int64_t runs = 0;

    if (!parse_extent(value, &end, &runs) || *end != '\0' || runs > RUN_LIMIT) {
        return NEURON_FAIL(error, NEURON_INVALID_SYNTAX,
                           "--runs %.60s: give a number of runs, 1 to %d", value, RUN_LIMIT);
    }
    options->run_limit = (uint64_t)runs;
    return NEURON_OK;
}

/* Reads "2" or "0.25"; 0 where that is no such number, or too large. */
static uint64_t
parse_milliseconds(const char *text)
{
    size_t whole = strspn(text, "0123456789");
    size_t fraction = text[whole] == '.' ? strspn(text + whole + 1, "0123456789") : 0;
    size_t length = whole + (text[whole] == '.' ? fraction + 1 : 0);
    uint64_t number = 0;

    if (whole == 0 || whole > 5 || fraction > FRACTION_DIGITS || text[length] != '\0') {
        return 0;
    }
    for (size_t i = 0; i < whole; i += 1) {
        number = number * 10 + (uint64_t)(text[i] - '0');
    }
    for (size_t i = 0; i < FRACTION_DIGITS; i += 1) {
        number = number * 10 + (i < fraction ? (uint64_t)(text[whole + 1 + i] - '0') : 0);
    }
    return number <= (uint64_t)SECONDS_LIMIT * 1000 ? number : 0;
}

enum neuron_status
neuron_cc_parse_seconds(const char *value, struct neuron_cc_options *options,
                        struct neuron_error *error)
{
    options->time_limit_ms = parse_milliseconds(value);
    if (options->time_limit_ms == 0) {
        return NEURON_FAIL(error, NEURON_INVALID_SYNTAX,
                           "--seconds %.60s: give a time as 2 or 0.25, up to %d", value,
                           SECONDS_LIMIT);
    }
    return NEURON_OK;
}
