/* SPDX-License-Identifier: Apache-2.0 */
#include "display_map.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "map_json.h"
#include "map_svg.h"
#include "map_text.h"

/* Colours are for people who look at a terminal, and did not say no to them (no-color.org). */
static bool
wants_colours(void)
{
    /* One thread: NOLINTNEXTLINE(concurrency-mt-unsafe) */
    const char *refusal = getenv("NO_COLOR");

    return isatty(STDOUT_FILENO) == 1 && (refusal == NULL || refusal[0] == '\0');
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

/* Opens a file of a name that nobody has, which a file of our own may be made from. */
static FILE *
open_beside(char *path)
{
    int file = mkstemp(path);
    mode_t mask = umask(0);

    (void)umask(mask);
    if (file < 0) {
        return NULL;
    }
    (void)fchmod(file, 0666 & ~mask);
    FILE *stream = fdopen(file, "we");
    if (stream == NULL) {
        (void)close(file);
        (void)unlink(path);
    }
    return stream;
}

static enum neuron_status
write_picture(const struct neuron_plan_map *map, const char *path, struct neuron_error *error)
{
    char *part_path = NULL;

    if (asprintf(&part_path, "%s.XXXXXX", path) < 0) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for a picture");
    }
    FILE *stream = open_beside(part_path);
    if (stream == NULL) {
        enum neuron_status status = refuse_file(path, errno, error);

        free(part_path);
        return status;
    }
    neuron_map_svg_print(map, stream);
    errno = 0;
    bool is_written = fflush(stream) == 0 && ferror(stream) == 0;
    int reason = errno;
    if (fclose(stream) != 0 && is_written) {
        is_written = false;
        reason = errno;
    }
    if (is_written && rename(part_path, path) != 0) {
        is_written = false;
        reason = errno;
    }
    if (!is_written) {
        (void)unlink(part_path);
    }
    free(part_path);
    return is_written ? NEURON_OK : refuse_file(path, reason == 0 ? EIO : reason, error);
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
