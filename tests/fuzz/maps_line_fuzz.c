/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lines of /proc/PID/maps: what parses is written again and reads back alike, and what a range is
 * said to be lies in the lines that were given.
 */
#include "neff/maps_line.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The range that the seeds speak of. */
enum { RANGE_START = 0x1800, RANGE_END = 0x4800 };

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes);

static void
require(bool is_true, const char *what)
{
    if (!is_true) {
        (void)fprintf(stderr, "maps_line_fuzz: %s\n", what);
        abort();
    }
}

static void
check_reads_back(const struct neuron_maps_line *line)
{
    struct neuron_maps_line again = {0};
    size_t room_bytes = strlen(line->path) + 256;
    char *text = malloc(room_bytes);

    require(text != NULL, "out of memory");
    (void)snprintf(text, room_bytes,
                   "%08" PRIx64 "-%08" PRIx64 " r%c-%c %08" PRIx64 " %02x:%02x %" PRIu64 "   %s",
                   line->start, line->end, line->is_writable ? 'w' : '-',
                   line->is_shared ? 's' : 'p', line->offset, line->device_major,
                   line->device_minor, line->inode, line->path);
    require(neuron_maps_line_parse(text, &again), "a line does not read back");
    require(again.start == line->start && again.end == line->end && again.offset == line->offset,
            "addresses read back differently");
    require(again.is_writable == line->is_writable && again.is_shared == line->is_shared,
            "permissions read back differently");
    require(again.device_major == line->device_major && again.device_minor == line->device_minor &&
                again.inode == line->inode && strcmp(again.path, line->path) == 0,
            "a file reads back differently");
    free(text);
}

/* Says whether the cover may be followed further. */
static bool
follow(struct neuron_maps_cover *cover, const struct neuron_maps_line *line)
{
    const struct neuron_maps_cover before = *cover;

    if (!neuron_maps_cover_extend(cover, line)) {
        require(cover->reached == before.reached, "a refused line moved the cover");
        return false;
    }
    require(cover->reached >= before.reached && cover->reached <= cover->end,
            "the cover left its range");
    if (cover->reached > before.reached) {
        require(line->start <= before.reached && cover->reached <= line->end,
                "the cover is not what the line shows");
        require(line->path[0] == '/' && line->inode == cover->inode &&
                    !(line->is_writable && line->is_shared),
                "the cover is not of a file that cannot change");
        require(cover->offset - line->offset == cover->start - line->start,
                "the cover is elsewhere in the file");
    }
    return cover->reached < cover->end;
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes)
{
    struct neuron_maps_cover cover = {
        .start = RANGE_START, .end = RANGE_END, .reached = RANGE_START};
    struct neuron_maps_line parsed = {0};
    char *text = malloc(size_bytes + 1);
    char *rest = text;
    bool is_followed = true;

    require(text != NULL, "out of memory");
    memcpy(text, bytes, size_bytes);
    text[size_bytes] = '\0';
    for (char *line = strsep(&rest, "\n"); line != NULL; line = strsep(&rest, "\n")) {
        if (neuron_maps_line_parse(line, &parsed)) {
            require(parsed.start < parsed.end, "an empty range");
            require(parsed.path >= line && parsed.path <= line + strlen(line),
                    "the path is not in the line");
            check_reads_back(&parsed);
            is_followed = is_followed && follow(&cover, &parsed);
        }
    }
    free(text);
    return 0;
}
