/* SPDX-License-Identifier: Apache-2.0 */
#include "cc_command_line.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

const char neuron_cc_help[] =
    "usage: neuron-cc compile MODEL.onnx -o MODEL.neff [option ...]\n"
    "       neuron-cc info FILE.neff\n"
    "       neuron-cc info FILE.onnx [option ...]\n"
    "       neuron-cc analyze MODEL.onnx [option ...]\n"
    "\n"
    "Compiles a trained network to the file that runs on cores.\n"
    "\n"
    "  compile             writes the compiled file\n"
    "  info                prints inputs, outputs, operators and weights of a file\n"
    "  analyze             prints the operators of a network, and why one is refused\n"
    "\n"
    "  -o, --output FILE   where compile writes\n"
    "  --batch ROWS        dimension 0 of each input that leaves it open\n"
    "  --shape NAME=AxBxC  all dimensions of one input; once for each\n"
    "  --name TEXT         the name that stands in the file (that of the file)\n"
    "  -h, --help          show this text\n"
    "  -V, --version       show the version\n"
    "\n"
    "exit status: 0 done, 1 failed or refused, 2 wrong usage\n";

enum option_name {
    OPTION_OUTPUT,
    OPTION_BATCH,
    OPTION_SHAPE,
    OPTION_NAME,
    OPTION_HELP,
    OPTION_VERSION,
    OPTION_COUNT
};

static const struct {
    const char *long_form;
    const char *short_form; /* NULL for none */
    bool takes_value;
} forms[OPTION_COUNT] = {
    [OPTION_OUTPUT] = {"--output", "-o", true}, [OPTION_BATCH] = {"--batch", NULL, true},
    [OPTION_SHAPE] = {"--shape", NULL, true},   [OPTION_NAME] = {"--name", NULL, true},
    [OPTION_HELP] = {"--help", "-h", false},    [OPTION_VERSION] = {"--version", "-V", false},
};

/* The arguments not looked at yet. */
struct argument_walk {
    char *const *next;
    char *const *end;
};

/* Reads a whole number of 1 or more, with which the text goes on behind `end`. */
static bool
parse_extent(const char *text, const char **end, int64_t *number)
{
    size_t digits = strspn(text, "0123456789");

    errno = 0;
    *number = strtoll(text, NULL, 10);
    *end = text + digits;
    return digits > 0 && errno == 0 && *number > 0;
}

static enum neuron_status
parse_batch(const char *value, int64_t *batch, struct neuron_error *error)
{
    const char *end = NULL;

    if (!parse_extent(value, &end, batch) || *end != '\0') {
        return NEURON_FAIL(error, NEURON_INVALID_SYNTAX, "--batch %.60s: give a number of rows",
                           value);
    }
    return NEURON_OK;
}

/* Reads "1x3x224x224". */
static bool
parse_dims(const char *text, struct neuron_onnx_input_shape *shape)
{
    const char *end = text;

    while (shape->rank < NEURON_RANK_LIMIT && parse_extent(end, &end, &shape->dims[shape->rank])) {
        shape->rank += 1;
        if (*end == '\0') {
            return true;
        }
        if (*end != 'x') {
            return false;
        }
        end += 1;
    }
    return false;
}

/* The shapes have room for one more. */
static enum neuron_status
parse_shape(const char *value, struct neuron_cc_options *options, struct neuron_error *error)
{
    /* The name may hold a '=' itself. */
    const char *equals = strrchr(value, '=');
    struct neuron_onnx_input_shape shape = {.input = NULL};

    if (equals == NULL || equals == value || !parse_dims(equals + 1, &shape)) {
        return NEURON_FAIL(error, NEURON_INVALID_SYNTAX,
                           "--shape %.60s: write a name and up to 8 extents: image=8x3x224x224",
                           value);
    }
    char *name = strndup(value, (size_t)(equals - value));
    if (name == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory");
    }
    shape.input = name;
    options->shape_names[options->shape_count] = name;
    options->shapes[options->shape_count] = shape;
    options->shape_count += 1;
    for (uint32_t i = 0; i + 1 < options->shape_count; i += 1) {
        if (strcmp(options->shapes[i].input, name) == 0) {
            return NEURON_FAIL(error, NEURON_INVALID_SYNTAX, "--shape %.60s: %.60s has two shapes",
                               value, name);
        }
    }
    return NEURON_OK;
}

static enum neuron_status
apply_option(struct neuron_cc_options *options, enum option_name name, const char *value,
             struct neuron_error *error)
{
    switch (name) {
    case OPTION_OUTPUT:
        options->output_path = value;
        return NEURON_OK;
    case OPTION_BATCH:
        return parse_batch(value, &options->batch, error);
    case OPTION_SHAPE:
        return parse_shape(value, options, error);
    case OPTION_NAME:
        options->model_name = value;
        return NEURON_OK;
    case OPTION_HELP:
        options->request = NEURON_CC_SHOW_HELP;
        return NEURON_OK;
    case OPTION_VERSION:
        options->request = NEURON_CC_SHOW_VERSION;
        return NEURON_OK;
    case OPTION_COUNT:
        break;
    }
    return NEURON_OK;
}

/* Finds the option that an argument names; `value` receives what follows a '='. */
static enum option_name
find_option(const char *argument, const char **value)
{
    size_t length = strcspn(argument, "=");

    *value = argument[length] == '=' ? argument + length + 1 : NULL;
    for (int i = 0; i < OPTION_COUNT; i += 1) {
        bool is_long = strlen(forms[i].long_form) == length &&
                       strncmp(forms[i].long_form, argument, length) == 0;

        if (is_long ||
            (forms[i].short_form != NULL && strcmp(forms[i].short_form, argument) == 0)) {
            return (enum option_name)i;
        }
    }
    return OPTION_COUNT;
}

static enum neuron_status
take_option(struct argument_walk *walk, struct neuron_cc_options *options,
            struct neuron_error *error)
{
    const char *argument = *walk->next;
    const char *value = NULL;
    enum option_name name = find_option(argument, &value);

    walk->next += 1;
    if (name == OPTION_COUNT) {
        return NEURON_FAIL(error, NEURON_INVALID_SYNTAX,
                           "%.80s: there is no such option; see neuron-cc --help", argument);
    }
    if (!forms[name].takes_value && value != NULL) {
        return NEURON_FAIL(error, NEURON_INVALID_SYNTAX, "%.80s: %s takes no value", argument,
                           forms[name].long_form);
    }
    if (forms[name].takes_value && value == NULL) {
        if (walk->next == walk->end) {
            return NEURON_FAIL(error, NEURON_INVALID_SYNTAX, "%.80s: its value is missing",
                               argument);
        }
        value = *walk->next;
        walk->next += 1;
    }
    return apply_option(options, name, value == NULL ? "" : value, error);
}

static bool
is_done(const struct neuron_cc_options *options)
{
    return options->request == NEURON_CC_SHOW_HELP || options->request == NEURON_CC_SHOW_VERSION;
}

/* The command, or its file. */
static enum neuron_status
take_word(struct argument_walk *walk, struct neuron_cc_options *options, struct neuron_error *error)
{
    static const char *const commands[] = {[NEURON_CC_COMPILE] = "compile",
                                           [NEURON_CC_INFO] = "info",
                                           [NEURON_CC_ANALYZE] = "analyze"};
    const char *word = *walk->next;

    walk->next += 1;
    if (options->request != NEURON_CC_NOTHING) {
        if (options->model_path != NULL) {
            return NEURON_FAIL(error, NEURON_INVALID_SYNTAX, "%.80s: one file is enough", word);
        }
        options->model_path = word;
        return NEURON_OK;
    }
    for (int i = NEURON_CC_COMPILE; i <= NEURON_CC_ANALYZE; i += 1) {
        if (strcmp(commands[i], word) == 0) {
            options->request = (enum neuron_cc_request)i;
            return NEURON_OK;
        }
    }
    return NEURON_FAIL(error, NEURON_INVALID_SYNTAX,
                       "%.80s: there is no such command; see neuron-cc --help", word);
}

static enum neuron_status
check_complete(const struct neuron_cc_options *options, struct neuron_error *error)
{
    bool is_compile = options->request == NEURON_CC_COMPILE;

    if (is_done(options)) {
        return NEURON_OK;
    }
    if (options->request == NEURON_CC_NOTHING || options->model_path == NULL) {
        return NEURON_FAIL(error, NEURON_INVALID_SYNTAX,
                           "the command or its file is missing; see neuron-cc --help");
    }
    if (is_compile != (options->output_path != NULL)) {
        return NEURON_FAIL(error, NEURON_INVALID_SYNTAX,
                           is_compile ? "-o FILE is missing: where the compiled file goes"
                                      : "-o: only compile writes a file");
    }
    if (!is_compile && options->model_name != NULL) {
        return NEURON_FAIL(error, NEURON_INVALID_SYNTAX, "--name: only compile names a model");
    }
    return NEURON_OK;
}

enum neuron_status
neuron_cc_options_parse(int argument_count, char *const *arguments,
                        struct neuron_cc_options *options, struct neuron_error *error)
{
    struct argument_walk walk = {.next = arguments + (argument_count > 0 ? 1 : 0),
                                 .end = arguments + argument_count};
    size_t room = (size_t)argument_count + 1;
    enum neuron_status status = NEURON_OK;

    *options = (struct neuron_cc_options){.shapes = calloc(room, sizeof(*options->shapes)),
                                          .shape_names = calloc(room, sizeof(char *))};
    if (options->shapes == NULL || options->shape_names == NULL) {
        status = NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory");
    }
    while (status == NEURON_OK && walk.next < walk.end && !is_done(options)) {
        bool is_option = (*walk.next)[0] == '-' && (*walk.next)[1] != '\0';

        status = is_option ? take_option(&walk, options, error) : take_word(&walk, options, error);
    }
    if (status == NEURON_OK) {
        status = check_complete(options, error);
    }
    if (status != NEURON_OK) {
        neuron_cc_options_destroy(options);
    }
    return status;
}

void
neuron_cc_options_destroy(struct neuron_cc_options *options)
{
    for (uint32_t i = 0; i < options->shape_count; i += 1) {
        free(options->shape_names[i]);
    }
    free(options->shape_names);
    free(options->shapes);
    *options = (struct neuron_cc_options){0};
}
