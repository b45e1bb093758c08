/* SPDX-License-Identifier: Apache-2.0 */
/* What /proc/PID/maps says about a range of addresses: which part of which file it shows. */
#ifndef NEURON_NEFF_MAPS_LINE_H
#define NEURON_NEFF_MAPS_LINE_H

#include <stdbool.h>
#include <stdint.h>

/* One line: addresses, what may be done with them, and what is behind them. */
struct neuron_maps_line {
    uint64_t start;
    uint64_t end; /* behind the last address */
    bool is_writable;
    bool is_shared;  /* what is written there reaches the file */
    uint64_t offset; /* of the first address, in the file */
    uint32_t device_major;
    uint32_t device_minor;
    uint64_t inode;   /* 0 where there is no file */
    const char *path; /* the rest of the line, as the kernel wrote it; empty where there is none */
};

/*
 * Parses a line, without its line end, such as
 *
 *   7f0a1c000000-7f0a1c021000 r--p 00003000 fe:00 247498                     /usr/bin/head
 *
 * parsed  its path points into the line. Unchanged when the line is none.
 *
 * Returns whether it is such a line.
 */
bool
neuron_maps_line_parse(const char *line, struct neuron_maps_line *parsed);

/*
 * The range that is asked for, and what is known of it after some lines. To begin with, all but
 * `start` and `end` is zero, and `reached` is `start`; the lines come in the order of the file.
 */
struct neuron_maps_cover {
    uint64_t start;
    uint64_t end;     /* above start */
    uint64_t reached; /* the range is known up to here */
    uint64_t offset;  /* of `start`, in the file */
    uint32_t device_major;
    uint32_t device_minor;
    uint64_t inode;
};

/*
 * Takes the next line. The kernel shows one mapping in several lines when its protection differs.
 *
 * Returns false when the range is not one piece of one file: when the line leaves a gap, shows no
 * file, another one or another part of it, or shares with the file what is written to the memory.
 */
bool
neuron_maps_cover_extend(struct neuron_maps_cover *cover, const struct neuron_maps_line *line);

#endif
