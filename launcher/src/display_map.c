/* SPDX-License-Identifier: Apache-2.0 */
#include "display_map.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "neuron/record_file.h"

#include "map_json.h"
#include "map_svg.h"
#include "map_text.h"
#include "output_prefix.h"

/* As for tags of output: for people who look at a terminal, and did not say no to colours. */
static bool
wants_colours(void)
{
    /* One thread: NOLINTNEXTLINE(concurrency-mt-unsafe) */
    bool may_color = neuron_output_prefix_may_color(getenv("NO_COLOR"), getenv("TERM"));

    return may_color && isatty(STDOUT_FILENO) == 1;
}

static enum neuron_status
refuse_file(const char *path, int reason, struct neuron_error *error)
{
    return NEURON_FAIL(error, NEURON_SYSTEM, "--display-map: cannot write %.120s: %s", path,
                       strerrordesc_np(reason));
}

static enum neuron_status
finish_output(struct neuron_error *error)
{
    if (fflush(stdout) != 0 || ferror(stdout) != 0) {
        return refuse_file("the standard output", errno, error);
    }
    return NEURON_OK;
}

static enum neuron_status
print_json(const struct neuron_plan_map *map, struct neuron_error *error)
{
    struct neuron_json_text text = {.line_depth = 2};

    neuron_map_json_add(map, &text, NULL);
    enum neuron_status status = neuron_json_text_finish(&text, error);
    if (status == NEURON_OK) {
        (void)fwrite(text.bytes, 1, text.length, stdout);
    }
    neuron_json_text_destroy(&text);
    return status == NEURON_OK ? finish_output(error) : status;
}

/* Drawn in memory first: the file is whole or not there. */
static enum neuron_status
write_picture(const struct neuron_plan_map *map, const char *path, struct neuron_error *error)
{
    char *bytes = NULL;
    size_t size_bytes = 0;
    FILE *stream = open_memstream(&bytes, &size_bytes);

    if (stream == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for a picture");
    }
    neuron_map_svg_print(map, stream);
    bool is_whole = ferror(stream) == 0;
    is_whole = fclose(stream) == 0 && is_whole;
    enum neuron_status status = NEURON_OK;
    if (is_whole) {
        status = neuron_record_file_write(path, bytes, size_bytes, error);
    } else {
        status = NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for a picture");
    }
    free(bytes);
    return status;
}

enum neuron_status
neuron_display_map(const struct neuron_command_line *line, struct neuron_launch_plan *plan,
                   struct neuron_error *error)
{
    struct neuron_plan_map map = {0};

    if (line->map == NEURON_LAUNCH_MAP_NONE) {
        return NEURON_OK;
    }
    enum neuron_status status = neuron_plan_map_create(plan, &map, error);
    if (status != NEURON_OK) {
        neuron_plan_map_destroy(&map);
        return status;
    }
    switch (line->map) {
    case NEURON_LAUNCH_MAP_NONE:
        break;
    case NEURON_LAUNCH_MAP_TEXT:
        neuron_map_text_print(&map, wants_colours(), stdout);
        status = finish_output(error);
        break;
    case NEURON_LAUNCH_MAP_SVG:
        status = write_picture(&map, line->map_path, error);
        break;
    case NEURON_LAUNCH_MAP_JSON:
        status = print_json(&map, error);
        break;
    }
    neuron_plan_map_destroy(&map);
    return status;
}
