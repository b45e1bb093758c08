/* SPDX-License-Identifier: Apache-2.0 */
#include "part_place.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "score/row_range.h"

enum { ROW_BYTES = 4 };

const char part_place_header[PART_PLACE_HEADER_BYTES] = "\x93NUMPY and the rest of a header";

int
part_place_set_up(void **state)
{
    struct part_place *place = calloc(1, sizeof(*place));

    *state = place;
    (void)snprintf(place->folder, sizeof(place->folder), "/tmp/part_file_test.XXXXXX");
    if (mkdtemp(place->folder) == NULL) {
        return -1;
    }
    (void)snprintf(place->part, sizeof(place->part), "%s/y.npy.part", place->folder);
    (void)snprintf(place->output, sizeof(place->output), "%s/y.npy", place->folder);
    return 0;
}

int
part_place_tear_down(void **state)
{
    struct part_place *place = *state;

    (void)unlink(place->part);
    (void)unlink(place->output);
    int failed = rmdir(place->folder);
    free(place);
    return failed;
}

struct neuron_rank_identity
part_place_identity(const char *job_id, uint32_t rank, uint32_t world_size)
{
    struct neuron_rank_identity identity = {.rank = rank, .world_size = world_size};

    (void)snprintf(identity.job_id, sizeof(identity.job_id), "%s", job_id);
    return identity;
}

struct neuron_part_plan
part_place_plan(const struct part_place *place, const struct neuron_rank_identity *identity,
                uint64_t rows)
{
    return (struct neuron_part_plan){.path = place->part,
                                     .header = part_place_header,
                                     .header_bytes = sizeof(part_place_header),
                                     .payload_bytes = rows * ROW_BYTES,
                                     .rows = rows,
                                     .fingerprint = 7,
                                     .start_ns = 1000 - (int64_t)identity->rank,
                                     .identity = identity};
}

enum neuron_status
part_place_write_rows(struct neuron_part_file *part, const struct neuron_rank_identity *identity,
                      uint64_t rows)
{
    struct neuron_row_range range =
        neuron_row_range_of_rank(rows, identity->rank, identity->world_size);
    enum neuron_status status = NEURON_OK;

    for (uint64_t i = 0; status == NEURON_OK && i < range.count; i += 1) {
        uint32_t row = (uint32_t)(range.first + i);
        status = neuron_part_file_write(part, (uint64_t)row * ROW_BYTES, &row, ROW_BYTES, NULL);
    }
    return status;
}

/* A rank from joining to its end, in this process. */
enum neuron_status
part_place_run_rank(const struct part_place *place, const struct neuron_rank_identity *identity,
                    uint64_t rows, struct neuron_part_outcome *outcome, struct neuron_error *error)
{
    struct neuron_part_plan plan = part_place_plan(place, identity, rows);
    struct neuron_part_file *part = NULL;

    enum neuron_status status = neuron_part_file_join(&plan, &part, error);
    if (status == NEURON_OK) {
        status = part_place_write_rows(part, identity, rows);
    }
    if (status == NEURON_OK) {
        status = neuron_part_file_finish(part, 2, place->output, outcome, error);
    }
    neuron_part_file_destroy(part);
    return status;
}

bool
part_place_exists(const char *path)
{
    struct stat status = {0};

    return lstat(path, &status) == 0;
}

void
part_place_put_file(const char *path, const void *bytes, size_t size_bytes)
{
    FILE *file = fopen(path, "wbe");

    assert_non_null(file);
    assert_int_equal(fwrite(bytes, size_bytes, 1, file), 1);
    assert_int_equal(fclose(file), 0);
}

void
part_place_check_output(const struct part_place *place, uint32_t rows)
{
    char start[PART_PLACE_HEADER_BYTES];
    uint32_t row = 0;
    FILE *file = fopen(place->output, "rbe");

    assert_non_null(file);
    assert_int_equal(fread(start, sizeof(start), 1, file), 1);
    assert_memory_equal(start, part_place_header, sizeof(start));
    for (uint32_t i = 0; i < rows; i += 1) {
        assert_int_equal(fread(&row, sizeof(row), 1, file), 1);
        assert_int_equal(row, i);
    }
    assert_int_equal(fgetc(file), EOF);
    (void)fclose(file);
    assert_false(part_place_exists(place->part));
}
