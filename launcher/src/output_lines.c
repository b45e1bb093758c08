/* SPDX-License-Identifier: Apache-2.0 */
#include "output_lines.h"

#include <stdlib.h>
#include <string.h>

enum { SPARE_BYTES = 64 * 1024 /* what an unfinished line may grow by without new memory */ };

/* The bytes that stand before each line of a rank. */
struct prefix {
    char text[NEURON_OUTPUT_PREFIX_BYTES];
    size_t length;
};

void
neuron_output_assembly_clear(struct neuron_output_assembly *assembly)
{
    free(assembly->partial);
    assembly->partial = NULL;
    assembly->length = 0;
    assembly->capacity = 0;
}

static bool
has_prefix(const struct neuron_output_lines *lines)
{
    return lines->style.has_tags || lines->style.has_times;
}

/* Hands over bytes without a line end but at their last place. */
static void
pass_part(struct neuron_output_lines *lines, const struct neuron_output_assembly *assembly,
          const struct prefix *prefix, const char *bytes, size_t size_bytes)
{
    struct neuron_output_sink *sink = &lines->sink;

    if (!neuron_output_sink_reserve(sink, size_bytes + NEURON_OUTPUT_PREFIX_BYTES + 1)) {
        return;
    }
    if (lines->open_line != assembly) {
        if (lines->open_line != NULL && (prefix->length > 0 || lines->breaks_lines)) {
            neuron_output_sink_add(sink, "\n", 1);
        }
        neuron_output_sink_add(sink, prefix->text, prefix->length);
    }
    neuron_output_sink_add(sink, bytes, size_bytes);
    lines->open_line = bytes[size_bytes - 1] == '\n' ? NULL : assembly;
}

/* Hands over bytes to one target: line by line where each gets a prefix. */
static void
pass_to(struct neuron_output_lines *lines, const struct neuron_output_assembly *assembly,
        const char *bytes, size_t size_bytes)
{
    struct prefix prefix = {.length = 0};

    if (!has_prefix(lines)) {
        pass_part(lines, assembly, &prefix, bytes, size_bytes);
        return;
    }
    prefix.length =
        neuron_output_prefix_format(&lines->style, assembly->rank, lines->now, prefix.text);
    while (size_bytes > 0) {
        const char *line_end = memchr(bytes, '\n', size_bytes);
        size_t length = line_end == NULL ? size_bytes : (size_t)(line_end - bytes) + 1;

        pass_part(lines, assembly, &prefix, bytes, length);
        bytes += length;
        size_bytes -= length;
    }
}

static void
pass(const struct neuron_output_assembly *assembly, const char *bytes, size_t size_bytes)
{
    for (int i = 0; i < NEURON_OUTPUT_TARGET_COUNT && size_bytes > 0; i += 1) {
        if (assembly->targets[i] != NULL) {
            pass_to(assembly->targets[i], assembly, bytes, size_bytes);
        }
    }
}

void
neuron_output_assembly_show(struct neuron_output_assembly *assembly)
{
    pass(assembly, assembly->partial, assembly->length);
    assembly->length = 0;
}

/* Ends the line of a rank that is in the sinks, where each line begins with a prefix. */
static void
end_prefixed_line(const struct neuron_output_assembly *assembly)
{
    for (int i = 0; i < NEURON_OUTPUT_TARGET_COUNT; i += 1) {
        struct neuron_output_lines *lines = assembly->targets[i];

        if (lines != NULL && has_prefix(lines) && lines->open_line == assembly &&
            neuron_output_sink_reserve(&lines->sink, 1)) {
            neuron_output_sink_add(&lines->sink, "\n", 1);
            lines->open_line = NULL;
        }
    }
}

/* Adds to the unfinished line. One that has grown too long, or finds no memory, is passed on. */
static void
keep_partial(struct neuron_output_assembly *assembly, const char *bytes, size_t size_bytes)
{
    size_t needed = assembly->length + size_bytes;

    if (size_bytes == 0) {
        return;
    }
    if (needed > NEURON_OUTPUT_LINE_LIMIT) {
        neuron_output_assembly_show(assembly);
        end_prefixed_line(assembly);
        needed = size_bytes;
    }
    if (needed > assembly->capacity) {
        char *grown = realloc(assembly->partial, needed + SPARE_BYTES);

        if (grown == NULL) {
            neuron_output_assembly_show(assembly);
            pass(assembly, bytes, size_bytes);
            return;
        }
        assembly->partial = grown;
        assembly->capacity = needed + SPARE_BYTES;
    }
    memcpy(assembly->partial + assembly->length, bytes, size_bytes);
    assembly->length += size_bytes;
}

void
neuron_output_assembly_take(struct neuron_output_assembly *assembly, const char *bytes,
                            size_t size_bytes)
{
    const char *first = memchr(bytes, '\n', size_bytes);

    if (first == NULL) {
        keep_partial(assembly, bytes, size_bytes);
        return;
    }
    if (assembly->length > 0) {
        size_t rest = (size_t)(first - bytes) + 1;

        /* Nothing comes between these two in a sink. */
        neuron_output_assembly_show(assembly);
        pass(assembly, bytes, rest);
        bytes += rest;
        size_bytes -= rest;
    }
    const char *last = size_bytes == 0 ? NULL : memrchr(bytes, '\n', size_bytes);
    size_t whole = last == NULL ? 0 : (size_t)(last - bytes) + 1;
    pass(assembly, bytes, whole);
    keep_partial(assembly, bytes + whole, size_bytes - whole);
}

void
neuron_output_assembly_end(struct neuron_output_assembly *assembly)
{
    neuron_output_assembly_show(assembly);
    end_prefixed_line(assembly);
    for (int i = 0; i < NEURON_OUTPUT_TARGET_COUNT; i += 1) {
        if (assembly->targets[i] != NULL && assembly->targets[i]->open_line == assembly) {
            assembly->targets[i]->open_line = NULL;
        }
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
