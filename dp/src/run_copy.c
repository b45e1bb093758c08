/* SPDX-License-Identifier: Apache-2.0 */
#include "run_copy.h"

#include <stdint.h>
#include <string.h>

#include "memory_lines.h"

enum {
    AHEAD_BYTES = 4096,       /* of the slice, that are asked for before they are copied */
    WRITE_AHEAD_BYTES = 1024, /* of it, whose lines are asked for before they are written in part */
    CLOSE_BYTES = 2 * NEURON_LINE_BYTES
};

/* Copies runs of a size, and between strides, that the compiler sees where this is called. */
static inline void
copy_fixed(const struct neuron_run_copy *copy, size_t run_bytes, size_t target_stride,
           size_t source_stride)
{
    unsigned char *restrict target = copy->target;
    const unsigned char *restrict source = copy->source;
    size_t count = copy->run_count;

    for (size_t i = 0; i < count; i += 1) {
        memcpy(target + i * target_stride, source + i * source_stride, run_bytes);
    }
}

/*
 * The same for the strides of a copy. Numbers of one, two or four bytes out of two or four columns
 * are taken by shuffles of whole vectors, which takes strides that are known.
 */
static inline void
copy_number(const struct neuron_run_copy *copy, size_t run_bytes)
{
    if (copy->target_stride == run_bytes && copy->source_stride == 2 * run_bytes) {
        copy_fixed(copy, run_bytes, run_bytes, 2 * run_bytes);
    } else if (copy->target_stride == run_bytes && copy->source_stride == 4 * run_bytes) {
        copy_fixed(copy, run_bytes, run_bytes, 4 * run_bytes);
    } else {
        copy_fixed(copy, run_bytes, copy->target_stride, copy->source_stride);
    }
}

/* Copies runs longer than a fixed size, and of at most twice that, by two moves that overlap. */
static inline void
copy_pair(const struct neuron_run_copy *copy, size_t move_bytes)
{
    const struct neuron_run_copy local = *copy; /* which what is written cannot change */
    size_t second = local.run_bytes - move_bytes;

    for (size_t i = 0; i < local.run_count; i += 1) {
        unsigned char *target = local.target + i * local.target_stride;
        const unsigned char *source = local.source + i * local.source_stride;

        memcpy(target, source, move_bytes);
        memcpy(target + second, source + second, move_bytes);
    }
}

/* Copies runs of up to a line, each with one or two moves of a fixed size. */
static void
copy_short(const struct neuron_run_copy *copy)
{
    size_t run_bytes = copy->run_bytes;

    if (run_bytes == 1) {
        copy_number(copy, 1);
    } else if (run_bytes == 2) {
        copy_number(copy, 2);
    } else if (run_bytes == 3) {
        copy_pair(copy, 2);
    } else if (run_bytes == 4) {
        copy_number(copy, 4);
    } else if (run_bytes < 8) {
        copy_pair(copy, 4);
    } else if (run_bytes == 8) {
        copy_fixed(copy, 8, copy->target_stride, copy->source_stride);
    } else if (run_bytes <= 16) {
        copy_pair(copy, 8);
    } else if (run_bytes <= 32) {
        copy_pair(copy, 16);
    } else {
        copy_pair(copy, 32);
    }
}

void
neuron_run_copy(const struct neuron_run_copy *copy)
{
    if (copy->run_bytes <= NEURON_LINE_BYTES) {
        copy_short(copy);
        return;
    }
    for (size_t i = 0; i < copy->run_count; i += 1) {
        memcpy(copy->target + i * copy->target_stride, copy->source + i * copy->source_stride,
               copy->run_bytes);
    }
}

/* Asks for the lines that a run is to fill in part: these have to be read before. */
static inline void
prefetch_part_lines(const unsigned char *run, size_t run_bytes)
{
    if ((uintptr_t)run % NEURON_LINE_BYTES != 0) {
        neuron_line_prefetch(run);
    }
    if ((uintptr_t)(run + run_bytes) % NEURON_LINE_BYTES != 0) {
        neuron_line_prefetch(run + run_bytes - 1);
    }
}

void
neuron_run_copy_spread(const struct neuron_run_copy *copy)
{
    const size_t step = (WRITE_AHEAD_BYTES + copy->run_bytes - 1) / copy->run_bytes;

    for (size_t first = 0; first < copy->run_count; first += step) {
        size_t left = copy->run_count - first;
        struct neuron_run_copy part = *copy;

        part.run_count = left < step ? left : step;
        part.target += first * copy->target_stride;
        part.source += first * copy->source_stride;
        for (size_t i = step; i < 2 * step && i < left; i += 1) {
            prefetch_part_lines(part.target + i * copy->target_stride, copy->run_bytes);
        }
        neuron_run_copy(&part);
    }
}

/* The line of the source that is asked for next: it goes through the runs before the copy does. */
struct lookahead {
    const unsigned char *run;
    size_t offset;    /* in the run */
    size_t runs_left; /* behind this one */
};

/* Where it stands when the first run begins. */
static struct lookahead
start_lookahead(const struct neuron_run_copy *copy)
{
    size_t runs = AHEAD_BYTES / copy->run_bytes;
    size_t last = copy->run_count - 1;

    runs = runs < last ? runs : last;

    struct lookahead ahead = {.run = copy->source + runs * copy->source_stride,
                              .offset = AHEAD_BYTES % copy->run_bytes,
                              .runs_left = last - runs};

    return ahead;
}

/* Goes on to the same place of the next run. There it stays at the end. */
static inline void
go_to_next_run(struct lookahead *ahead, size_t source_stride)
{
    if (ahead->runs_left > 0) {
        ahead->runs_left -= 1;
        ahead->run += source_stride;
    }
}

/*
 * Asks for a line, and goes on to the next.
 *
 * A processor that brings a line to the second cache may bring its neighbour too, which is waste
 * where every other line is wanted; the first cache has no such habit.
 */
static inline void
look_ahead(struct lookahead *ahead, const struct neuron_run_copy *copy)
{
    if (copy->run_bytes <= NEURON_LINE_BYTES) {
        neuron_line_prefetch(ahead->run + ahead->offset);
    } else {
        neuron_line_prefetch_far(ahead->run + ahead->offset);
    }
    ahead->offset += NEURON_LINE_BYTES;
    if (ahead->offset >= copy->run_bytes) {
        ahead->offset = 0;
        go_to_next_run(ahead, copy->source_stride);
    }
}

/* How many bytes there are before the next line begins, out of so many. */
static size_t
bytes_to_line(const unsigned char *address, size_t size_bytes)
{
    size_t bytes = (size_t)(-(uintptr_t)address % NEURON_LINE_BYTES);

    return bytes < size_bytes ? bytes : size_bytes;
}

/* Copies one run, and asks for as many lines as it has. */
static inline void
stream_run(const struct neuron_run_copy *copy, size_t index, struct lookahead ahead)
{
    unsigned char *target = copy->target + index * copy->target_stride;
    const unsigned char *source = copy->source + index * copy->source_stride;
    size_t position = bytes_to_line(target, copy->run_bytes);
    size_t runs_ahead = WRITE_AHEAD_BYTES / copy->run_bytes;

    if (runs_ahead > 0 && runs_ahead < copy->run_count - index) {
        prefetch_part_lines(target + runs_ahead * copy->target_stride, copy->run_bytes);
    }
    if (position > 0) {
        look_ahead(&ahead, copy);
        memcpy(target, source, position);
    }
    for (; position + NEURON_LINE_BYTES <= copy->run_bytes; position += NEURON_LINE_BYTES) {
        look_ahead(&ahead, copy);
        neuron_line_stream(target + position, source + position);
    }
    if (position < copy->run_bytes) {
        look_ahead(&ahead, copy);
        memcpy(target + position, source + position, copy->run_bytes - position);
    }
}

void
neuron_run_copy_stream(const struct neuron_run_copy *copy)
{
    const struct neuron_run_copy local = *copy; /* which what is written cannot change */
    struct lookahead ahead = start_lookahead(&local);

    for (size_t i = 0; i < local.run_count; i += 1) {
        stream_run(&local, i, ahead);
        go_to_next_run(&ahead, local.source_stride);
    }
    neuron_lines_end_streaming();
}

/* Writes bytes that follow each other past the caches, but for the ends that fill no line. */
static void
stream_tile(unsigned char *target, const unsigned char *tile, size_t size_bytes)
{
    size_t position = bytes_to_line(target, size_bytes);

    memcpy(target, tile, position);
    for (; position + NEURON_LINE_BYTES <= size_bytes; position += NEURON_LINE_BYTES) {
        neuron_line_stream(target + position, tile + position);
    }
    memcpy(target + position, tile + position, size_bytes - position);
}

/* Asks for so many runs. */
static void
prefetch_runs(const struct neuron_run_copy *copy, size_t first, size_t count)
{
    size_t left = copy->run_count - first;
    const unsigned char *run = copy->source + first * copy->source_stride;
    const size_t last = copy->run_bytes - 1;

    for (size_t i = 0; i < count && i < left; i += 1) {
        for (size_t offset = 0; offset < last; offset += NEURON_LINE_BYTES) {
            neuron_line_prefetch_far(run + offset);
        }
        neuron_line_prefetch_far(run + last);
        run += copy->source_stride;
    }
}

void
neuron_run_copy_stream_packed(const struct neuron_run_copy *copy)
{
    _Alignas(NEURON_LINE_BYTES) unsigned char tile[NEURON_TILE_BYTES];
    size_t tile_runs = NEURON_TILE_BYTES / copy->run_bytes;

    for (size_t first = 0; first < copy->run_count; first += tile_runs) {
        size_t left = copy->run_count - first;
        struct neuron_run_copy part = *copy;

        part.run_count = left < tile_runs ? left : tile_runs;
        part.source += first * copy->source_stride;
        part.target = tile;
        /* Runs closer than lines are a stream of lines, which the processor sees by itself. */
        if (copy->source_stride > CLOSE_BYTES && left > tile_runs) {
            prefetch_runs(copy, first + tile_runs, tile_runs);
        }
        neuron_run_copy(&part);
        stream_tile(copy->target + first * copy->run_bytes, tile, part.run_count * copy->run_bytes);
    }
    neuron_lines_end_streaming();
}
