/* SPDX-License-Identifier: Apache-2.0 */
#include "output_lines.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SPARE_BYTES = 64 * 1024 /* what an unfinished line may grow by without new memory */ };

void
neuron_output_assembly_init(struct neuron_output_assembly *assembly, uint32_t rank,
                            enum neuron_output_tags tags)
{
    *assembly = (struct neuron_output_assembly){0};
    if (tags == NEURON_OUTPUT_TAGGED) {
        assembly->tag_length =
            (size_t)snprintf(assembly->tag, sizeof(assembly->tag), "[%u] ", rank);
    }
}

void
neuron_output_assembly_clear(struct neuron_output_assembly *assembly)
{
    free(assembly->partial);
    assembly->partial = NULL;
    assembly->length = 0;
    assembly->capacity = 0;
}

/* Hands over bytes without a line end but at their last place, tagged when a line begins there. */
static void
pass_part(struct neuron_output_lines *lines, const struct neuron_output_assembly *assembly,
          const char *bytes, size_t size_bytes)
{
    struct neuron_output_sink *sink = &lines->sink;

    if (size_bytes == 0 ||
        !neuron_output_sink_reserve(sink, size_bytes + NEURON_OUTPUT_TAG_BYTES + 1)) {
        return;
    }
    if (assembly->tag_length > 0 && lines->open_line != assembly) {
        if (lines->open_line != NULL) {
            neuron_output_sink_add(sink, "\n", 1);
        }
        neuron_output_sink_add(sink, assembly->tag, assembly->tag_length);
    }
    neuron_output_sink_add(sink, bytes, size_bytes);
    lines->open_line = bytes[size_bytes - 1] == '\n' ? NULL : assembly;
}

static void
pass_lines(struct neuron_output_lines *lines, const struct neuron_output_assembly *assembly,
           const char *bytes, size_t size_bytes)
{
    if (assembly->tag_length == 0) {
        pass_part(lines, assembly, bytes, size_bytes);
        return;
    }
    while (size_bytes > 0) {
        const char *line_end = memchr(bytes, '\n', size_bytes);
        size_t length = line_end == NULL ? size_bytes : (size_t)(line_end - bytes) + 1;

        pass_part(lines, assembly, bytes, length);
        bytes += length;
        size_bytes -= length;
    }
}

void
neuron_output_lines_show(struct neuron_output_lines *lines, struct neuron_output_assembly *assembly)
{
    pass_part(lines, assembly, assembly->partial, assembly->length);
    assembly->length = 0;
}

static void
end_tagged_line(struct neuron_output_lines *lines, const struct neuron_output_assembly *assembly)
{
    if (assembly->tag_length > 0 && lines->open_line == assembly &&
        neuron_output_sink_reserve(&lines->sink, 1)) {
        neuron_output_sink_add(&lines->sink, "\n", 1);
        lines->open_line = NULL;
    }
}

/* Adds to the unfinished line. One that has grown too long, or finds no memory, is passed on. */
static void
keep_partial(struct neuron_output_lines *lines, struct neuron_output_assembly *assembly,
             const char *bytes, size_t size_bytes)
{
    size_t needed = assembly->length + size_bytes;

    if (size_bytes == 0) {
        return;
    }
    if (needed > NEURON_OUTPUT_LINE_LIMIT) {
        neuron_output_lines_show(lines, assembly);
        end_tagged_line(lines, assembly);
        needed = size_bytes;
    }
    if (needed > assembly->capacity) {
        char *grown = realloc(assembly->partial, needed + SPARE_BYTES);

        if (grown == NULL) {
            neuron_output_lines_show(lines, assembly);
            pass_part(lines, assembly, bytes, size_bytes);
            return;
        }
        assembly->partial = grown;
        assembly->capacity = needed + SPARE_BYTES;
    }
    memcpy(assembly->partial + assembly->length, bytes, size_bytes);
    assembly->length += size_bytes;
}

void
neuron_output_lines_take(struct neuron_output_lines *lines, struct neuron_output_assembly *assembly,
                         const char *bytes, size_t size_bytes)
{
    const char *first = memchr(bytes, '\n', size_bytes);

    if (first == NULL) {
        keep_partial(lines, assembly, bytes, size_bytes);
        return;
    }
    if (assembly->length > 0) {
        size_t rest = (size_t)(first - bytes) + 1;

        /* Nothing comes between these two in the sink. */
        neuron_output_lines_show(lines, assembly);
        pass_part(lines, assembly, bytes, rest);
        bytes += rest;
        size_bytes -= rest;
    }
    const char *last = size_bytes == 0 ? NULL : memrchr(bytes, '\n', size_bytes);
    size_t whole = last == NULL ? 0 : (size_t)(last - bytes) + 1;
    pass_lines(lines, assembly, bytes, whole);
    keep_partial(lines, assembly, bytes + whole, size_bytes - whole);
}

void
neuron_output_lines_end(struct neuron_output_lines *lines, struct neuron_output_assembly *assembly)
{
    neuron_output_lines_show(lines, assembly);
    end_tagged_line(lines, assembly);
    if (lines->open_line == assembly) {
        lines->open_line = NULL;
    }
    neuron_output_assembly_clear(assembly);
}

void
neuron_output_lines_say(struct neuron_output_lines *lines, const char *text)
{
    size_t length = strlen(text);

    if (!neuron_output_sink_reserve(&lines->sink, length + 2)) {
        return;
    }
    if (lines->open_line != NULL) {
        neuron_output_sink_add(&lines->sink, "\n", 1);
        lines->open_line = NULL;
    }
    neuron_output_sink_add(&lines->sink, text, length);
    neuron_output_sink_add(&lines->sink, "\n", 1);
}
