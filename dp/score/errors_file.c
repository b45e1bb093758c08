/* SPDX-License-Identifier: Apache-2.0 */
#include "score/errors_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "score/field_text.h"
#include "score/folder_sync.h"
#include "score/new_file.h"

/* Joins a path and an ending; NULL when there is no memory. */
static char *
join_text(const char *path, const char *ending)
{
    size_t room_bytes = strlen(path) + strlen(ending) + 1;
    char *text = malloc(room_bytes);

    if (text != NULL) {
        (void)snprintf(text, room_bytes, "%s%s", path, ending);
    }
    return text;
}

char *
neuron_errors_file_name(const char *output_path)
{
    return join_text(output_path, ".errors.jsonl");
}

const char *
neuron_bad_stage_name(enum neuron_bad_stage stage)
{
    static const char *const names[] = {[NEURON_BAD_READ] = "read",
                                        [NEURON_BAD_RUN] = "run",
                                        [NEURON_BAD_NAN] = "nan",
                                        [NEURON_BAD_TIME] = "time",
                                        [NEURON_BAD_CRASH] = "crash"};

    return (size_t)stage < sizeof(names) / sizeof(names[0]) ? names[stage] : NULL;
}

static void
put_word(struct neuron_new_file *file, const char *word)
{
    neuron_new_file_put(file, word, strlen(word));
}

static void
put_string(struct neuron_new_file *file, const char *text)
{
    if (text == NULL) {
        put_word(file, "null");
    } else {
        neuron_field_put_json(file, text, strlen(text));
    }
}

static void
put_number(struct neuron_new_file *file, uint64_t number)
{
    int length = snprintf(neuron_new_file_room(file), NEURON_NEW_FILE_ROOM_BYTES, "%llu",
                          (unsigned long long)number);

    neuron_new_file_took(file, (size_t)length);
}

static void
put_failure(struct neuron_new_file *file, const struct neuron_errors_file *errors,
            const struct neuron_row_failure *failure)
{
    bool has_input = failure->stage == NEURON_BAD_READ && failure->input < errors->input_count;

    put_word(file, "{\"row\":");
    put_number(file, errors->first_row + failure->row);
    put_word(file, ",\"input\":");
    put_string(file, has_input ? errors->inputs[failure->input].name : NULL);
    put_word(file, ",\"stage\":");
    put_string(file, neuron_bad_stage_name(failure->stage));
    put_word(file, ",\"reason\":");
    put_string(file, failure->reason);
    put_word(file, ",\"attempts\":");
    put_number(file, failure->attempts);
    put_word(file, "}\n");
}

static enum neuron_status
write_lines(const struct neuron_errors_file *errors, const char *part_path,
            struct neuron_error *error)
{
    struct neuron_new_file file = {.descriptor = -1};
    enum neuron_status status = neuron_new_file_open(&file, errors->path, part_path, error);

    for (size_t i = 0; status == NEURON_OK && i < errors->failure_count; i += 1) {
        put_failure(&file, errors, &errors->failures[i]);
    }
    if (status == NEURON_OK) {
        status = neuron_new_file_settle(&file, error);
    }
    if (status == NEURON_OK) {
        status = neuron_new_file_publish(&file, error);
    }
    neuron_new_file_close(&file);
    return status;
}

/* An earlier job may have had failures. */
static enum neuron_status
remove_file(const char *path, struct neuron_error *error)
{
    if (unlink(path) == 0) {
        return neuron_folder_sync(path, error);
    }
    if (errno != ENOENT) {
        return NEURON_FAIL(error, NEURON_SYSTEM, "%s cannot be removed: %s", path,
                           strerrordesc_np(errno));
    }
    return NEURON_OK;
}

enum neuron_status
neuron_errors_file_write(const struct neuron_errors_file *errors, struct neuron_error *error)
{
    if (errors->failure_count == 0) {
        return remove_file(errors->path, error);
    }
    char *part_path = join_text(errors->path, ".part");
    if (part_path == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory to write %s", errors->path);
    }
    enum neuron_status status = write_lines(errors, part_path, error);
    free(part_path);
    return status;
}
