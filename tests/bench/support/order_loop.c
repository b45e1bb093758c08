/* SPDX-License-Identifier: Apache-2.0 */
#include "order_loop.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "measure.h"

enum { LINE_BYTES = 64, PATH_BYTES = 512 };

static enum neuron_status
time_runs(const struct served_model *model, uint32_t stream_count, uint64_t run_count,
          struct neuron_error *error)
{
    double begin_us = read_clock_us();
    enum neuron_status status = model->run(model->engine, stream_count, run_count, error);

    if (status == NEURON_OK) {
        (void)printf("%.3f\n", (read_clock_us() - begin_us) / (double)run_count);
    }
    return status;
}

static enum neuron_status
write_output(const struct neuron_tensor_view *view, uint32_t index, const char *scratch,
             struct neuron_error *error)
{
    char path[PATH_BYTES];
    const struct neuron_tensor_shape shape = neuron_tensor_view_shape(view);
    const size_t size_bytes = neuron_tensor_shape_size_bytes(&shape);
    int length = snprintf(path, sizeof(path), "%s/output_%u.bin", scratch, index);
    FILE *file = length > 0 && length < PATH_BYTES ? fopen(path, "wbe") : NULL;

    if (file == NULL) {
        return NEURON_FAIL(error, NEURON_SYSTEM, "%s: %s", path, strerrordesc_np(errno));
    }
    size_t written = fwrite(view->data, 1, size_bytes, file);
    if (fclose(file) != 0 || written != size_bytes) {
        return NEURON_FAIL(error, NEURON_SYSTEM, "%s: %s", path, strerrordesc_np(errno));
    }
    return NEURON_OK;
}

static enum neuron_status
write_outputs(const struct served_model *model, const char *scratch, struct neuron_error *error)
{
    enum neuron_status status = model->run(model->engine, 1, 1, error);
    enum neuron_type types[64] = {NEURON_NO_TYPE};

    for (uint32_t i = 0; status == NEURON_OK && i < model->output_count; i += 1) {
        struct neuron_tensor_view view = {0};

        status = model->output(model->engine, i, &view, error);
        if (status == NEURON_OK) {
            status = write_output(&view, i, scratch, error);
            types[i % 64] = view.type;
        }
    }
    if (status == NEURON_OK) {
        (void)printf("written");
        for (uint32_t i = 0; i < model->output_count; i += 1) {
            (void)printf(" %s", neuron_type_name(types[i % 64]));
        }
        (void)printf("\n");
    }
    return status;
}

/* Reads the numbers of "run STREAMS COUNT\n". */
static bool
parse_run(const char *line, uint32_t stream_limit, uint32_t *stream_count, uint64_t *run_count)
{
    static const char word[] = "run ";
    char *end = NULL;

    if (strncmp(line, word, sizeof(word) - 1) != 0) {
        return false;
    }
    const unsigned long streams = strtoul(line + sizeof(word) - 1, &end, 10);
    *run_count = strtoul(end, &end, 10);
    *stream_count = (uint32_t)streams;
    return *end == '\n' && streams > 0 && streams <= stream_limit && *run_count > 0;
}

enum neuron_status
serve_orders(const struct served_model *model, uint32_t stream_limit, const char *scratch,
             struct neuron_error *error)
{
    char line[LINE_BYTES];
    enum neuron_status status = NEURON_OK;

    (void)printf("ready\n");
    while (status == NEURON_OK && fflush(stdout) == 0 && fgets(line, sizeof(line), stdin) != NULL) {
        uint32_t stream_count = 0;
        uint64_t run_count = 0;

        if (strcmp(line, "write\n") == 0) {
            status = write_outputs(model, scratch, error);
        } else if (parse_run(line, stream_limit, &stream_count, &run_count)) {
            status = time_runs(model, stream_count, run_count, error);
        } else {
            status = NEURON_FAIL(error, NEURON_INVALID_SYNTAX, "no order: %s", line);
        }
    }
    return status;
}
