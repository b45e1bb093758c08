/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Scores an npy file as one writes that for ONNX Runtime, with a process a core and both files
 * mapped, and prints the seconds that took:
 *
 *   ort_scorer LIBRARY MODEL.onnx INPUT RESULT_FLOATS BATCH ROWS.npy RESULTS.npy PROCESSES
 *
 * INPUT is the name of the model's input, RESULT_FLOATS how many numbers a row of its output has.
 * Each process is bound to a core, loads the model, and runs an equal share of the rows, batch by
 * batch, from the mapped input to the mapped output, which are on disk in the end.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "neuron/npy.h"

#include "measure.h"
#include "ort_session.h"
#include "own_core.h"

enum { FLOAT32_IN_ONNX = 1, PROCESS_LIMIT = 16, HEADER_BYTES = 4096 };

/* An npy file of float32, mapped. */
struct mapped_array {
    unsigned char *bytes; /* of the whole file */
    size_t size_bytes;
    float *elements;
    struct neuron_tensor_shape shape;
    size_t row_floats;
};

struct job {
    const char *library_path;
    const char *model_path;
    const char *input_name;
    int64_t batch;
    struct mapped_array rows;
    struct mapped_array results;
};

static enum neuron_status
map_file(const char *path, int flags, size_t size_bytes, struct mapped_array *array,
         struct neuron_error *error)
{
    int file = open(path, flags | O_CLOEXEC, 0666);
    struct stat status = {0};
    void *bytes = MAP_FAILED;

    if (file >= 0 && (size_bytes == 0 || ftruncate(file, (off_t)size_bytes) == 0) &&
        fstat(file, &status) == 0) {
        bytes = mmap(NULL, (size_t)status.st_size,
                     size_bytes == 0 ? PROT_READ : PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    }
    if (bytes == MAP_FAILED) {
        return NEURON_FAIL(error, NEURON_SYSTEM, "%s: %s", path, strerrordesc_np(errno));
    }
    (void)close(file);
    array->bytes = bytes;
    array->size_bytes = (size_t)status.st_size;
    return NEURON_OK;
}

static enum neuron_status
open_rows(const char *path, struct mapped_array *rows, struct neuron_error *error)
{
    struct neuron_npy_description description = {0};
    enum neuron_status status = map_file(path, O_RDONLY, 0, rows, error);

    if (status == NEURON_OK) {
        status = neuron_npy_parse(rows->bytes, rows->size_bytes, &description, error);
    }
    if (status != NEURON_OK) {
        return status;
    }
    rows->shape = description.shape;
    rows->elements = (float *)(void *)(rows->bytes + description.payload_offset_bytes);
    rows->row_floats =
        neuron_tensor_shape_size_bytes(&rows->shape) / sizeof(float) / (size_t)rows->shape.dims[0];
    return NEURON_OK;
}

static enum neuron_status
make_results(const char *path, int64_t row_floats, const struct mapped_array *rows,
             struct mapped_array *results, struct neuron_error *error)
{
    char header[HEADER_BYTES];
    size_t header_bytes = sizeof(header);

    results->shape = (struct neuron_tensor_shape){
        .type = NEURON_FLOAT32, .rank = 2, .dims = {rows->shape.dims[0], row_floats}};
    results->row_floats = (size_t)row_floats;
    enum neuron_status status = neuron_npy_format(&results->shape, header, &header_bytes, error);
    if (status == NEURON_OK) {
        status = map_file(path, O_RDWR | O_CREAT | O_TRUNC,
                          header_bytes + neuron_tensor_shape_size_bytes(&results->shape), results,
                          error);
    }
    if (status == NEURON_OK) {
        memcpy(results->bytes, header, header_bytes);
        results->elements = (float *)(void *)(results->bytes + header_bytes);
    }
    return status;
}

static enum neuron_status
make_tensor(const struct ort_library *ort, const struct mapped_array *array, int64_t first,
            int64_t count, struct ort_value **value, struct neuron_error *error)
{
    struct neuron_tensor_shape shape = array->shape;

    shape.dims[0] = count;
    return ort_check(ort,
                     ort->functions->create_tensor(
                         ort->memory, array->elements + (size_t)first * array->row_floats,
                         neuron_tensor_shape_size_bytes(&shape), shape.dims, shape.rank,
                         FLOAT32_IN_ONNX, value),
                     error);
}

static enum neuron_status
run_batch(const struct job *job, struct ort_library *ort, const char *output_name, int64_t first,
          int64_t count, struct neuron_error *error)
{
    struct ort_value *rows = NULL;
    struct ort_value *results = NULL;
    enum neuron_status status = make_tensor(ort, &job->rows, first, count, &rows, error);

    if (status == NEURON_OK) {
        status = make_tensor(ort, &job->results, first, count, &results, error);
    }
    if (status == NEURON_OK) {
        const struct ort_value *const inputs[1] = {rows};

        status = ort_check(ort,
                           ort->functions->run(ort->session, NULL, &job->input_name, inputs, 1,
                                               &output_name, 1, &results),
                           error);
    }
    ort->functions->release_value(results);
    ort->functions->release_value(rows);
    return status;
}

/* The share of a process. */
static enum neuron_status
score_share(const struct job *job, int64_t index, int64_t count, struct neuron_error *error)
{
    int64_t row_count = job->rows.shape.dims[0];
    int64_t end = row_count * (index + 1) / count;
    struct ort_library ort = {0};
    struct ort_allocator *allocator = NULL;
    char *output_name = NULL;
    enum neuron_status status = ort_open(job->library_path, job->model_path, &ort, error);

    if (status == NEURON_OK) {
        status = ort_check(&ort, ort.functions->get_default_allocator(&allocator), error);
    }
    if (status == NEURON_OK) {
        status = ort_check(
            &ort, ort.functions->get_output_name(ort.session, 0, allocator, &output_name), error);
    }
    for (int64_t first = row_count * index / count; status == NEURON_OK && first < end;) {
        int64_t rows = end - first < job->batch ? end - first : job->batch;

        status = run_batch(job, &ort, output_name, first, rows, error);
        first += rows;
    }
    return status;
}

/* What a child does; never returns. */
static _Noreturn void
run_child(const struct job *job, int64_t index, int64_t count)
{
    struct neuron_error error = {0};

    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    bind_to_core((uint32_t)index);
    enum neuron_status status = score_share(job, index, count, &error);
    if (status != NEURON_OK) {
        (void)fprintf(stderr, "ort_scorer: %s\n", error.text);
    }
    /* Without the library's own end, which nobody waits for. */
    _exit(status == NEURON_OK ? EXIT_SUCCESS : EXIT_FAILURE);
}

static enum neuron_status
run_children(const struct job *job, int64_t count, struct neuron_error *error)
{
    pid_t children[PROCESS_LIMIT] = {0};
    enum neuron_status status = NEURON_OK;

    for (int64_t i = 0; i < count; i += 1) {
        children[i] = fork();
        if (children[i] == 0) {
            run_child(job, i, count);
        }
    }
    for (int64_t i = 0; i < count; i += 1) {
        int end = 0;

        if (children[i] < 0 || waitpid(children[i], &end, 0) < 0 || end != 0) {
            status = NEURON_FAIL(error, NEURON_SYSTEM, "process %lld failed", (long long)i);
        }
    }
    return status;
}

static enum neuron_status
score(char *const *arguments, struct neuron_error *error)
{
    const long count = strtol(arguments[8], NULL, 10);
    struct job job = {.library_path = arguments[1],
                      .model_path = arguments[2],
                      .input_name = arguments[3],
                      .batch = strtol(arguments[5], NULL, 10)};

    if (count < 1 || count > PROCESS_LIMIT || job.batch < 1) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT, "a batch, and up to 16 processes");
    }
    enum neuron_status status = open_rows(arguments[6], &job.rows, error);
    if (status == NEURON_OK) {
        status = make_results(arguments[7], strtol(arguments[4], NULL, 10), &job.rows, &job.results,
                              error);
    }
    if (status == NEURON_OK) {
        status = run_children(&job, count, error);
    }
    if (status == NEURON_OK && msync(job.results.bytes, job.results.size_bytes, MS_SYNC) != 0) {
        status = NEURON_FAIL(error, NEURON_SYSTEM, "%s: %s", arguments[7], strerrordesc_np(errno));
    }
    return status;
}

int
main(int argument_count, char **arguments)
{
    struct neuron_error error = {0};
    double begin_us = read_clock_us();

    if (argument_count != 9) {
        (void)fprintf(stderr, "usage: ort_scorer LIBRARY MODEL.onnx INPUT RESULT_FLOATS BATCH "
                              "ROWS.npy RESULTS.npy PROCESSES\n");
        return EXIT_FAILURE;
    }
    if (score(arguments, &error) != NEURON_OK) {
        (void)fprintf(stderr, "ort_scorer: %s\n", error.text);
        return EXIT_FAILURE;
    }
    (void)printf("%.6f\n", (read_clock_us() - begin_us) / 1e6);
    return EXIT_SUCCESS;
}
