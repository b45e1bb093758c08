/* SPDX-License-Identifier: Apache-2.0 */
#include "score/command_line.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

const char neuron_score_help[] =
    "usage: neuron-score --model FILE --input FILE --output FILE [option ...]\n"
    "\n"
    "Scores the rows of an array with a compiled model, on all cores of this process.\n"
    "\n"
    "  --model FILE       the compiled model (.neff), with one input and one output\n"
    "  --weights FILE     an npz file of weights, by name, in place of the model's\n"
    "  --input FILE       the rows: an npy file, dimension 0 counts them\n"
    "  --output FILE      where the results go, one per row, in the same order; the file\n"
    "                     appears under this name when it is complete\n"
    "  --device-ids LIST  the cores to use, by this process's numbers: 0,nc:1\n"
    "  --split-size ROWS  rows that a core takes at a time (the compiled batch); what is\n"
    "                     no multiple of that runs padded\n"
    "  --timeline         at the end, show on standard error what each core did during the\n"
    "                     block of rows that took longest, also with --quiet\n"
    "  -q, --quiet        show no progress and no report\n"
    "  -h, --help         show this text\n"
    "  -V, --version      show the version\n"
    "\n"
    "Started by neuronrun or mpirun, each rank scores its part of the rows.\n"
    "\n"
    "exit status: 0 complete, 1 failed, 2 wrong usage, 130 or 143 stopped by a signal\n";

enum option_name {
    OPTION_MODEL,
    OPTION_WEIGHTS,
    OPTION_INPUT,
    OPTION_OUTPUT,
    OPTION_DEVICE_IDS,
    OPTION_SPLIT_SIZE,
    OPTION_TIMELINE,
    OPTION_QUIET,
    OPTION_HELP,
    OPTION_VERSION,
    OPTION_COUNT
};

struct option_form {
    const char *long_form;
    const char *short_form; /* NULL for none */
    bool takes_value;
};

static const struct option_form forms[OPTION_COUNT] = {
    [OPTION_MODEL] = {"--model", NULL, true},
    [OPTION_WEIGHTS] = {"--weights", NULL, true},
    [OPTION_INPUT] = {"--input", NULL, true},
    [OPTION_OUTPUT] = {"--output", NULL, true},
    [OPTION_DEVICE_IDS] = {"--device-ids", NULL, true},
    [OPTION_SPLIT_SIZE] = {"--split-size", NULL, true},
    [OPTION_TIMELINE] = {"--timeline", NULL, false},
    [OPTION_QUIET] = {"--quiet", "-q", false},
    [OPTION_HELP] = {"--help", "-h", false},
    [OPTION_VERSION] = {"--version", "-V", false},
};

/* The arguments as they are walked over, and what was seen of them. */
struct argument_walk {
    char *const *next;
    char *const *end;
    bool is_given[OPTION_COUNT];
};

/* Says whether an argument is an option; `value` gets what stands behind its "=", or NULL. */
static bool
matches(const struct option_form *form, const char *argument, const char **value)
{
    size_t length = strlen(form->long_form);

    *value = NULL;
    if (form->short_form != NULL && strcmp(argument, form->short_form) == 0) {
        return true;
    }
    if (strncmp(argument, form->long_form, length) != 0) {
        return false;
    }
    if (argument[length] == '=') {
        *value = argument + length + 1;
    }
    return argument[length] == '=' || argument[length] == '\0';
}

/* Takes the next argument apart, with the one behind it where that is its value. */
static enum neuron_status
take_option(struct argument_walk *walk, enum option_name *name, const char **value,
            struct neuron_error *error)
{
    const char *argument = *walk->next;
    unsigned found = 0;

    while (found < OPTION_COUNT && !matches(&forms[found], argument, value)) {
        found += 1;
    }
    walk->next += 1;
    if (found == OPTION_COUNT) {
        return NEURON_FAIL(error, NEURON_INVALID_SYNTAX,
                           argument[0] == '-' ? "'%s' is no option; see neuron-score --help"
                                              : "'%s' stands alone; name files as in --input x.npy",
                           argument);
    }
    const struct option_form *form = &forms[found];
    if (walk->is_given[found]) {
        return NEURON_FAIL(error, NEURON_INVALID_SYNTAX, "%s is given twice; give it once",
                           form->long_form);
    }
    walk->is_given[found] = true;
    if (form->takes_value && *value == NULL && walk->next < walk->end) {
        *value = *walk->next;
        walk->next += 1;
    }
    bool has_value = *value != NULL && **value != '\0';
    if (form->takes_value && !has_value) {
        return NEURON_FAIL(error, NEURON_INVALID_SYNTAX,
                           "%s lacks its value; see neuron-score --help", form->long_form);
    }
    if (!form->takes_value && *value != NULL) {
        return NEURON_FAIL(error, NEURON_INVALID_SYNTAX, "%s takes no value; give it alone",
                           form->long_form);
    }
    *name = (enum option_name)found;
    return NEURON_OK;
}

static enum neuron_status
parse_split_size(const char *text, uint32_t *rows, struct neuron_error *error)
{
    char *end = NULL;

    errno = 0;
    unsigned long long parsed = strtoull(text, &end, 10);
    bool is_number = text[0] >= '0' && text[0] <= '9' && *end == '\0' && errno == 0;
    if (!is_number || parsed == 0 || parsed > UINT32_MAX) {
        return NEURON_FAIL(error, NEURON_INVALID_SYNTAX,
                           "--split-size %s: must be a number of rows from 1 to %u", text,
                           UINT32_MAX);
    }
    *rows = (uint32_t)parsed;
    return NEURON_OK;
}

/* Cuts a list at its commas; what an id may look like is for DataParallel to say. */
static enum neuron_status
parse_device_ids(const char *list, struct neuron_score_options *options, struct neuron_error *error)
{
    uint32_t count = 1;

    for (const char *c = list; *c != '\0'; c += 1) {
        count += *c == ',' ? 1 : 0;
    }
    const char **ids = calloc(count, sizeof(*ids));
    options->device_ids = ids;
    options->device_id_text = strdup(list);
    if (ids == NULL || options->device_id_text == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory for the list of cores");
    }
    char *rest = options->device_id_text;
    for (uint32_t i = 0; i < count; i += 1) {
        char *id = strsep(&rest, ",");

        if (*id == '\0') {
            return NEURON_FAIL(error, NEURON_INVALID_SYNTAX,
                               "--device-ids %s: an id is missing; write a list as 0,nc:1", list);
        }
        ids[i] = id;
    }
    options->device_id_count = count;
    return NEURON_OK;
}

static enum neuron_status
apply_option(struct neuron_score_options *options, enum option_name name, const char *value,
             struct neuron_error *error)
{
    switch (name) {
    case OPTION_MODEL:
        options->model_path = value;
        return NEURON_OK;
    case OPTION_WEIGHTS:
        options->weights_path = value;
        return NEURON_OK;
    case OPTION_INPUT:
        options->input_path = value;
        return NEURON_OK;
    case OPTION_OUTPUT:
        options->output_path = value;
        return NEURON_OK;
    case OPTION_DEVICE_IDS:
        return parse_device_ids(value, options, error);
    case OPTION_SPLIT_SIZE:
        return parse_split_size(value, &options->split_size_rows, error);
    case OPTION_TIMELINE:
        options->shows_timeline = true;
        return NEURON_OK;
    case OPTION_QUIET:
        options->is_quiet = true;
        return NEURON_OK;
    case OPTION_HELP:
        options->request = NEURON_SCORE_SHOW_HELP;
        return NEURON_OK;
    case OPTION_VERSION:
        options->request = NEURON_SCORE_SHOW_VERSION;
        return NEURON_OK;
    case OPTION_COUNT:
        break;
    }
    return NEURON_OK;
}

static enum neuron_status
check_files(const struct neuron_score_options *options, struct neuron_error *error)
{
    const char *missing = options->model_path == NULL    ? "--model"
                          : options->input_path == NULL  ? "--input"
                          : options->output_path == NULL ? "--output"
                                                         : NULL;

    if (missing != NULL && options->request == NEURON_SCORE_FILE) {
        return NEURON_FAIL(error, NEURON_INVALID_SYNTAX, "%s is missing; see neuron-score --help",
                           missing);
    }
    return NEURON_OK;
}

enum neuron_status
neuron_score_options_parse(int argument_count, char *const *arguments,
                           struct neuron_score_options *options, struct neuron_error *error)
{
    struct argument_walk walk = {.next = arguments + (argument_count > 0 ? 1 : 0),
                                 .end = arguments + argument_count};
    enum neuron_status status = NEURON_OK;

    *options = (struct neuron_score_options){0};
    while (status == NEURON_OK && walk.next < walk.end && options->request == NEURON_SCORE_FILE) {
        enum option_name name = OPTION_COUNT;
        const char *value = NULL;

        status = take_option(&walk, &name, &value, error);
        if (status == NEURON_OK) {
            status = apply_option(options, name, value, error);
        }
    }
    if (status == NEURON_OK) {
        status = check_files(options, error);
    }
    if (status != NEURON_OK) {
        neuron_score_options_destroy(options);
    }
    return status;
}

void
neuron_score_options_destroy(struct neuron_score_options *options)
{
    free(options->device_ids);
    free(options->device_id_text);
    *options = (struct neuron_score_options){0};
}
