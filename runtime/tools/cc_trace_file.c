/* SPDX-License-Identifier: Apache-2.0 */
#include "cc_trace_file.h"

#include <inttypes.h>
#include <stdlib.h>

#include "whole_file.h"

void
neuron_cc_print_json_text(FILE *stream, const char *text)
{
    (void)fputc('"', stream);
    for (const char *c = text; *c != '\0'; c += 1) {
        unsigned char byte = (unsigned char)*c;

        if (byte == '"' || byte == '\\') {
            (void)fprintf(stream, "\\%c", byte);
        } else if (byte < ' ' || byte == 0x7F) {
            (void)fprintf(stream, "\\u%04x", byte);
        } else {
            (void)fputc(byte > 0x7F ? '?' : byte, stream);
        }
    }
    (void)fputc('"', stream);
}

/* A time of the viewer: microseconds, here with whole nanoseconds behind the point. */
static void
print_time(FILE *stream, const char *key, uint64_t time_ns)
{
    (void)fprintf(stream, "\"%s\":%" PRIu64 ".%03u,", key, time_ns / 1000,
                  (unsigned)(time_ns % 1000));
}

static void
print_step(FILE *stream, const struct neuron_cc_profile *profile, uint32_t index)
{
    const struct neuron_cc_step *step = &profile->steps[index];
    const struct neuron_step_time *time = &profile->last[index];
    char shape[96] = "";

    (void)fputs(",\n{\"ph\":\"X\",\"pid\":1,\"tid\":1,\"name\":", stream);
    neuron_cc_print_json_text(stream, neuron_cc_step_operator(profile, index));
    (void)fputs(",\"cat\":", stream);
    neuron_cc_print_json_text(stream, step->description.kernel);
    (void)fputc(',', stream);
    print_time(stream, "ts", time->begin_ns);
    print_time(stream, "dur", time->end_ns - time->begin_ns);
    (void)fprintf(stream, "\"args\":{\"step\":%" PRIu32 ",\"by\":", index);
    neuron_cc_print_json_text(stream, step->description.implementation);
    (void)fputs(",\"result\":", stream);
    neuron_cc_print_json_text(stream, neuron_cc_step_shape(profile, index, shape, sizeof(shape)));
    (void)fprintf(stream, ",\"flops\":%" PRIu64 ",\"bytes\":%" PRIu64 "}}", step->cost.flops,
                  step->cost.moved_bytes);
}

static void
print_trace(FILE *stream, const struct neuron_cc_profile *profile, const char *model)
{
    (void)fputs("{\"displayTimeUnit\":\"ms\",\"traceEvents\":[\n"
                "{\"ph\":\"M\",\"pid\":1,\"tid\":1,\"name\":\"process_name\",\"args\":{\"name\":",
                stream);
    neuron_cc_print_json_text(stream, model);
    (void)fputs("}}", stream);
    for (uint32_t i = 0; i < profile->step_count; i += 1) {
        print_step(stream, profile, i);
    }
    (void)fputs("\n]}\n", stream);
}

enum neuron_status
neuron_cc_trace_file_write(const struct neuron_cc_profile *profile, const char *model,
                           const char *path, struct neuron_error *error)
{
    char *text = NULL;
    size_t size_bytes = 0;
    FILE *stream = open_memstream(&text, &size_bytes);

    if (stream == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for a trace");
    }
    print_trace(stream, profile, model);
    bool is_whole = ferror(stream) == 0;
    is_whole = fclose(stream) == 0 && is_whole;
    enum neuron_status status = NEURON_OK;
    if (is_whole) {
        status = neuron_whole_file_save(path, text, size_bytes, error);
    } else {
        status = NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for a trace");
    }
    free(text);
    return status;
}
