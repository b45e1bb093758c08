/* SPDX-License-Identifier: Apache-2.0 */
#include "row_files.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "neuron/npz_layout.h"

enum { BATCH_ROWS = 8, ZIP_LOCAL_BYTES = 30, ZIP_ENTRY_BYTES = 46, BLOCK_LIMIT_BYTES = 65535 };

int
row_bench_setup(void **state)
{
    struct row_bench *bench = calloc(1, sizeof(*bench));

    assert_non_null(bench);
    test_folder_create(&bench->folder);
    bench->options.end_row = UINT64_MAX;
    bench->options.inputs.items = bench->inputs;
    bench->options.columns.items = bench->columns;
    bench->plan = (struct neuron_row_source_plan){.model_path = "m.neff",
                                                  .inputs = bench->specs,
                                                  .is_shared = bench->is_shared,
                                                  .options = &bench->options};
    *state = bench;
    return 0;
}

int
row_bench_teardown(void **state)
{
    struct row_bench *bench = *state;

    test_folder_destroy(&bench->folder);
    free(bench);
    return 0;
}

void
row_bench_add_input(struct row_bench *bench, const char *name, struct neuron_tensor_shape shape,
                    bool is_shared)
{
    struct neuron_tensor_spec *spec = &bench->specs[bench->plan.input_count];

    assert_true(bench->plan.input_count < ROW_INPUT_LIMIT);
    (void)snprintf(spec->name, sizeof(spec->name), "%s", name);
    spec->shape = shape;
    bench->is_shared[bench->plan.input_count] = is_shared;
    bench->plan.input_count += 1;
}

void
row_bench_add_vectors(struct row_bench *bench, const char *name, int64_t columns)
{
    row_bench_add_input(bench, name,
                        (struct neuron_tensor_shape){
                            .type = NEURON_FLOAT32, .rank = 2, .dims = {BATCH_ROWS, columns}},
                        false);
}

const char *
row_bench_add_file(struct row_bench *bench, const char *name, const char *file)
{
    uint32_t next = bench->options.inputs.count;

    assert_true(next < ROW_INPUT_LIMIT);
    bench->inputs[next] = (struct neuron_named_text){
        name, test_folder_path(&bench->folder, file, bench->paths[next])};
    bench->options.inputs.count += 1;
    return bench->paths[next];
}

void
row_bench_add_columns(struct row_bench *bench, const char *name, const char *list)
{
    uint32_t next = bench->options.columns.count;

    assert_true(next < ROW_INPUT_LIMIT);
    bench->columns[next] = (struct neuron_named_text){name, list};
    bench->options.columns.count += 1;
}

void
row_bench_clear_files(struct row_bench *bench)
{
    bench->options.inputs.count = 0;
    bench->options.columns.count = 0;
}

struct neuron_row_source *
row_bench_open(struct row_bench *bench)
{
    struct neuron_row_source *source = NULL;
    struct neuron_error error = {0};

    assert_ok(neuron_row_source_open(&bench->plan, &source, &error), &error);
    return source;
}

void
row_bench_refuses(struct row_bench *bench, enum neuron_status status, const char *part)
{
    struct neuron_row_source *source = NULL;
    struct neuron_error error = {0};

    assert_status(status, neuron_row_source_open(&bench->plan, &source, &error), &error);
    assert_contains(error.text, part);
    assert_null(source);
}

void
row_bench_put(const struct row_bench *bench, const char *file, const char *text)
{
    char path[TEST_PATH_BYTES];

    test_file_put(test_folder_path(&bench->folder, file, path), text, strlen(text));
}

void
row_files_put_npy(const struct row_bench *bench, const char *file,
                  const struct neuron_tensor_view *tensor)
{
    char path[TEST_PATH_BYTES];
    struct neuron_error error = {0};

    assert_ok(neuron_npy_save(tensor, test_folder_path(&bench->folder, file, path), &error),
              &error);
}

void
row_files_put_npz(const struct row_bench *bench, const char *file,
                  const struct neuron_npz_entry *entries, uint32_t count)
{
    char path[TEST_PATH_BYTES];
    struct neuron_error error = {0};

    assert_ok(neuron_npz_save(entries, count, test_folder_path(&bench->folder, file, path), &error),
              &error);
}

/* Writes a number of so many bytes, the lowest first. */
static void
put_number(unsigned char *bytes, uint64_t number, int byte_count)
{
    for (int i = 0; i < byte_count; i += 1) {
        bytes[i] = (unsigned char)(number >> (8 * i) & 0xFF);
    }
}

/* Deflates bytes as blocks that are stored; returns how many there are then. */
static size_t
deflate_plainly(const unsigned char *bytes, size_t size_bytes, unsigned char *packed)
{
    size_t used = 0;

    for (size_t at = 0; at < size_bytes;) {
        size_t left = size_bytes - at;
        size_t length = left < BLOCK_LIMIT_BYTES ? left : BLOCK_LIMIT_BYTES;

        packed[used] = length == left ? 1 : 0;
        put_number(packed + used + 1, length, 2);
        put_number(packed + used + 3, ~(uint64_t)length, 2);
        memcpy(packed + used + 5, bytes + at, length);
        used += 5 + length;
        at += length;
    }
    return used;
}

/* What the heads of a zip member say in the same way. */
static void
put_sizes(unsigned char *fields, uint32_t checksum, size_t packed_bytes, size_t size_bytes,
          size_t name_bytes)
{
    put_number(fields, 8, 2); /* deflated */
    put_number(fields + 6, checksum, 4);
    put_number(fields + 10, packed_bytes, 4);
    put_number(fields + 14, size_bytes, 4);
    put_number(fields + 18, name_bytes, 2);
}

static void
write_archive(FILE *file, const char *name, uint32_t checksum, size_t size_bytes,
              const unsigned char *packed, size_t packed_bytes)
{
    size_t name_bytes = strlen(name);
    unsigned char local[ZIP_LOCAL_BYTES] = "PK\x03\x04";
    unsigned char entry[ZIP_ENTRY_BYTES] = "PK\x01\x02";
    unsigned char end[22] = "PK\x05\x06";

    put_sizes(local + 8, checksum, packed_bytes, size_bytes, name_bytes);
    put_sizes(entry + 10, checksum, packed_bytes, size_bytes, name_bytes);
    put_number(end + 8, 1, 2);
    put_number(end + 10, 1, 2);
    put_number(end + 12, sizeof(entry) + name_bytes, 4);
    put_number(end + 16, sizeof(local) + name_bytes + packed_bytes, 4);
    assert_int_equal(fwrite(local, sizeof(local), 1, file), 1);
    assert_int_equal(fwrite(name, name_bytes, 1, file), 1);
    assert_int_equal(fwrite(packed, packed_bytes, 1, file), 1);
    assert_int_equal(fwrite(entry, sizeof(entry), 1, file), 1);
    assert_int_equal(fwrite(name, name_bytes, 1, file), 1);
    assert_int_equal(fwrite(end, sizeof(end), 1, file), 1);
}

void
row_files_put_deflated(const struct row_bench *bench, const char *file, const char *member,
                       const struct neuron_tensor_view *tensor)
{
    struct neuron_tensor_shape shape = neuron_tensor_view_shape(tensor);
    size_t payload_bytes = neuron_tensor_shape_size_bytes(&shape);
    size_t room = payload_bytes + NEURON_NPY_WRITTEN_LIMIT_BYTES;
    unsigned char *bytes = malloc(room);
    unsigned char *packed = malloc(room + room / 1000 + 64);
    char name[64] = "";
    char path[TEST_PATH_BYTES];
    size_t head_bytes = 0;
    struct neuron_error error = {0};
    FILE *stream = fopen(test_folder_path(&bench->folder, file, path), "wbe");

    assert_true(bytes != NULL && packed != NULL && stream != NULL);
    assert_ok(neuron_npy_format(&shape, (char *)bytes, &head_bytes, &error), &error);
    memcpy(bytes + head_bytes, tensor->data, payload_bytes);
    (void)snprintf(name, sizeof(name), "%s.npy", member);
    size_t size_bytes = head_bytes + payload_bytes;
    size_t packed_bytes = deflate_plainly(bytes, size_bytes, packed);
    write_archive(stream, name, neuron_npz_checksum(0, bytes, size_bytes), size_bytes, packed,
                  packed_bytes);
    assert_int_equal(fclose(stream), 0);
    free(bytes);
    free(packed);
}

/* The numbers of a row of float32. */
static size_t
row_elements(const struct neuron_tensor_view *tensor)
{
    size_t count = 1;

    for (uint32_t i = 1; i < tensor->rank; i += 1) {
        count *= (size_t)tensor->shape[i];
    }
    return count;
}

void
row_files_put_csv(const struct row_bench *bench, const char *file, const char *header,
                  const struct neuron_tensor_view *tensor)
{
    char path[TEST_PATH_BYTES];
    FILE *stream = fopen(test_folder_path(&bench->folder, file, path), "wbe");
    size_t columns = row_elements(tensor);
    const float *value = tensor->data;

    assert_non_null(stream);
    if (header != NULL) {
        assert_true(fprintf(stream, "%s\n", header) > 0);
    }
    for (size_t i = 0; i < (size_t)tensor->shape[0] * columns; i += 1) {
        const char *end = (i + 1) % columns == 0 ? "\n" : ",";

        assert_true(fprintf(stream, "%.9g%s", (double)value[i], end) > 0);
    }
    assert_int_equal(fclose(stream), 0);
}

/* Writes numbers nested as the dimensions from `axis` on; returns behind them. */
static const float *
write_nested(FILE *stream, const struct neuron_tensor_view *tensor, uint32_t axis,
             const float *value)
{
    if (axis == tensor->rank) {
        assert_true(fprintf(stream, "%.9g", (double)*value) > 0);
        return value + 1;
    }
    (void)fputc('[', stream);
    for (int64_t i = 0; i < tensor->shape[axis]; i += 1) {
        if (i > 0) {
            (void)fputc(',', stream);
        }
        value = write_nested(stream, tensor, axis + 1, value);
    }
    (void)fputc(']', stream);
    return value;
}

void
row_files_put_jsonl(const struct row_bench *bench, const char *file, const char *field,
                    const struct neuron_tensor_view *tensor)
{
    char path[TEST_PATH_BYTES];
    FILE *stream = fopen(test_folder_path(&bench->folder, file, path), "wbe");
    const float *value = tensor->data;

    assert_non_null(stream);
    for (int64_t row = 0; row < tensor->shape[0]; row += 1) {
        if (field != NULL) {
            assert_true(fprintf(stream, "{\"row\": %lld, \"%s\": ", (long long)row, field) > 0);
        }
        value = write_nested(stream, tensor, 1, value);
        assert_true(fputs(field != NULL ? "}\n" : "\n", stream) >= 0);
    }
    assert_int_equal(fclose(stream), 0);
}
