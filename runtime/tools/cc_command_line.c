/* SPDX-License-Identifier: Apache-2.0 */
#include "cc_command_line.h"

#include <stdlib.h>
#include <string.h>

#include "cc_combination.h"
#include "cc_option_values.h"
#include "compiler/compiler_args.h"

enum option_name {
    OPTION_OUTPUT,
    OPTION_BATCH,
    OPTION_SHAPE,
    OPTION_BUCKET,
    OPTION_SHARED_INPUT,
    OPTION_NAME,
    OPTION_INPUT,
    OPTION_OUTPUT_DIR,
    OPTION_RUNS,
    OPTION_SECONDS,
    OPTION_PROFILE,
    OPTION_TRACE,
    OPTION_REMEASURE,
    OPTION_DUMP_PASSES,
    OPTION_LAZY_LOAD,
    OPTION_ASYNC_LOAD,
    OPTION_NO_INLINE_WEIGHTS,
    OPTION_WEIGHTS_OUT,
    OPTION_WEIGHTS,
    OPTION_AUTO_CAST,
    OPTION_AUTO_CAST_TYPE,
    OPTION_LEVEL,
    OPTION_TARGET,
    OPTION_CALIBRATE,
    OPTION_CORES,
    OPTION_SPLIT,
    OPTION_HELP,
    OPTION_VERSION,
    OPTION_COUNT
};

/* Sets of commands, as bits. */
enum {
    FOR_COMPILE = 1 << NEURON_CC_COMPILE,
    FOR_RUN = 1 << NEURON_CC_RUN,
    FOR_BENCH = 1 << NEURON_CC_BENCH,
    FOR_COMPILED = FOR_COMPILE | FOR_RUN | FOR_BENCH, /* which also compile in memory */
    FOR_ALL = ~0
};

static const struct {
    const char *long_form;
    const char *short_form; /* NULL for none */
    bool takes_value;
    int commands;        /* that have it */
    const char *refusal; /* why others do not */
} forms[OPTION_COUNT] = {
    [OPTION_OUTPUT] = {"--output", "-o", true, FOR_COMPILE, "only compile writes a file"},
    [OPTION_BATCH] = {"--batch", NULL, true, FOR_ALL, NULL},
    [OPTION_SHAPE] = {"--shape", NULL, true, FOR_ALL, NULL},
    [OPTION_BUCKET] = {"--bucket", NULL, true, FOR_COMPILE, "only compile makes buckets"},
    [OPTION_SHARED_INPUT] = {"--shared-input", NULL, true, FOR_ALL, NULL},
    [OPTION_NAME] = {"--name", NULL, true, FOR_COMPILE, "only compile names a model"},
    [OPTION_INPUT] = {"--input", NULL, true, FOR_RUN | FOR_BENCH, "only run and bench read arrays"},
    [OPTION_OUTPUT_DIR] = {"--output-dir", NULL, true, FOR_RUN, "only run writes arrays"},
    [OPTION_RUNS] = {"--runs", NULL, true, FOR_BENCH, "only bench runs more than once"},
    [OPTION_SECONDS] = {"--seconds", NULL, true, FOR_BENCH, "only bench runs for a time"},
    [OPTION_PROFILE] = {"--profile", NULL, false, FOR_BENCH, "only bench measures"},
    [OPTION_TRACE] = {"--trace", NULL, true, FOR_BENCH, "only bench measures"},
    [OPTION_REMEASURE] = {"--remeasure", NULL, false, FOR_BENCH, "only bench measures"},
    [OPTION_DUMP_PASSES] = {"--dump-passes", NULL, true, FOR_COMPILE, "only compile has passes"},
    [OPTION_LAZY_LOAD] = {"--lazy-load", NULL, false, FOR_COMPILE, "only compile writes a file"},
    [OPTION_ASYNC_LOAD] = {"--async-load", NULL, false, FOR_COMPILE, "only compile writes a file"},
    [OPTION_NO_INLINE_WEIGHTS] = {"--no-inline-weights", NULL, false, FOR_COMPILE,
                                  "only compile writes a file"},
    [OPTION_WEIGHTS_OUT] = {"--weights-out", NULL, true, FOR_COMPILE,
                            "only compile writes weights"},
    [OPTION_WEIGHTS] = {"--weights", NULL, true, FOR_RUN | FOR_BENCH,
                        "only run and bench give a model weights"},
    [OPTION_AUTO_CAST] = {"--auto-cast", NULL, true, FOR_COMPILED, "a compiled file has its types"},
    [OPTION_AUTO_CAST_TYPE] = {"--auto-cast-type", NULL, true, FOR_COMPILED,
                               "a compiled file has its types"},
    [OPTION_LEVEL] = {"--optlevel", "-O", true, FOR_COMPILED, "it compiles nothing"},
    [OPTION_TARGET] = {"--target", NULL, true, FOR_COMPILED, "it compiles nothing"},
    [OPTION_CALIBRATE] = {"--calibrate", NULL, true, FOR_COMPILE, "only compile calibrates"},
    [OPTION_CORES] = {"--num-neuroncores", NULL, true, FOR_COMPILE,
                      "only compile spreads a model over cores"},
    [OPTION_SPLIT] = {"--split", NULL, true, FOR_COMPILE,
                      "only compile spreads a model over cores"},
    [OPTION_HELP] = {"--help", "-h", false, FOR_ALL, NULL},
    [OPTION_VERSION] = {"--version", "-V", false, FOR_ALL, NULL},
};

/* What each command is, in the order of the requests. */
static const char *const commands[] = {[NEURON_CC_COMPILE] = "compile",
                                       [NEURON_CC_INFO] = "info",
                                       [NEURON_CC_ANALYZE] = "analyze",
                                       [NEURON_CC_RUN] = "run",
                                       [NEURON_CC_BENCH] = "bench"};

/* The arguments not looked at yet. */
struct argument_walk {
    char *const *next;
    char *const *end;
    bool has_option[OPTION_COUNT]; /* that stood there */
};

/* An option without a value. */
static void
apply_flag(struct neuron_cc_options *options, enum option_name name)
{
    switch ((int)name) {
    case OPTION_PROFILE:
        options->shows_profile = true;
        break;
    case OPTION_REMEASURE:
        options->remeasures = true;
        break;
    case OPTION_HELP:
        options->request = NEURON_CC_SHOW_HELP;
        break;
    case OPTION_VERSION:
        options->request = NEURON_CC_SHOW_VERSION;
        break;
    case OPTION_LAZY_LOAD:
        options->compiler.lazy_load = true;
        break;
    case OPTION_ASYNC_LOAD:
        options->compiler.async_load = true;
        break;
    case OPTION_NO_INLINE_WEIGHTS:
        options->compiler.weights_apart = true;
        break;
    default:
        break;
    }
}

static enum neuron_status
apply_option(struct neuron_cc_options *options, enum option_name name, const char *value,
             struct neuron_error *error)
{
    switch ((int)name) {
    case OPTION_OUTPUT:
        options->output_path = value;
        return NEURON_OK;
    case OPTION_BATCH:
        return neuron_cc_parse_batch(value, options, error);
    case OPTION_SHAPE:
        return neuron_cc_parse_shape(value, options, error);
    case OPTION_BUCKET:
        return neuron_cc_parse_bucket(value, options, error);
    case OPTION_SHARED_INPUT:
        options->shared_inputs[options->shared_input_count] = value;
        options->shared_input_count += 1;
        return NEURON_OK;
    case OPTION_INPUT:
        return neuron_cc_parse_input(value, options, error);
    case OPTION_OUTPUT_DIR:
        options->output_folder = value;
        return NEURON_OK;
    case OPTION_RUNS:
        return neuron_cc_parse_runs(value, options, error);
    case OPTION_SECONDS:
        return neuron_cc_parse_seconds(value, options, error);
    case OPTION_TRACE:
        options->trace_path = value;
        return NEURON_OK;
    case OPTION_WEIGHTS_OUT:
        options->compiler.weights_path = value;
        return NEURON_OK;
    case OPTION_NAME:
    case OPTION_DUMP_PASSES:
        return neuron_compiler_option_set(&options->compiler, forms[name].long_form, value, error);
    case OPTION_AUTO_CAST:
    case OPTION_AUTO_CAST_TYPE:
    case OPTION_LEVEL:
    case OPTION_TARGET:
        options->has_compiler_options = true;
        options->has_cast_type = options->has_cast_type || name == OPTION_AUTO_CAST_TYPE;
        return neuron_compiler_option_set(&options->compiler, forms[name].long_form, value, error);
    case OPTION_CALIBRATE:
        return neuron_cc_parse_calibrate(value, options, error);
    case OPTION_CORES:
        return neuron_cc_parse_cores(value, options, error);
    case OPTION_SPLIT:
        options->has_split = true;
        return neuron_cc_parse_split(value, options, error);
    case OPTION_WEIGHTS:
        options->weights_path = value;
        return NEURON_OK;
    default:
        apply_flag(options, name);
        return NEURON_OK;
    }
}

/* Finds the option that an argument names; `value` receives what follows a '='. */
static enum option_name
find_option(const char *argument, const char **value)
{
    size_t length = strcspn(argument, "=");

    *value = argument[length] == '=' ? argument + length + 1 : NULL;
    if (strncmp(argument, "-O", 2) == 0 && argument[2] != '\0') {
        *value = argument + 2; /* as compilers have it */
        return OPTION_LEVEL;
    }
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
    walk->has_option[name] = true;
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
    const char *word = *walk->next;

    walk->next += 1;
    if (options->request != NEURON_CC_NOTHING) {
        if (options->model_path != NULL) {
            return NEURON_FAIL(error, NEURON_INVALID_SYNTAX, "%.80s: one file is enough", word);
        }
        options->model_path = word;
        return NEURON_OK;
    }
    for (int i = NEURON_CC_COMPILE; i <= NEURON_CC_BENCH; i += 1) {
        if (strcmp(commands[i], word) == 0) {
            options->request = (enum neuron_cc_request)i;
            return NEURON_OK;
        }
    }
    return NEURON_FAIL(error, NEURON_INVALID_SYNTAX,
                       "%.80s: there is no such command; see neuron-cc --help", word);
}

/* Refuses an option of another command. */
static enum neuron_status
check_options(const struct argument_walk *walk, enum neuron_cc_request request,
              struct neuron_error *error)
{
    for (int i = 0; i < OPTION_COUNT; i += 1) {
        if (walk->has_option[i] && (forms[i].commands & 1 << request) == 0) {
            return NEURON_FAIL(error, NEURON_INVALID_SYNTAX, "%s: %s", forms[i].long_form,
                               forms[i].refusal);
        }
    }
    return NEURON_OK;
}

static enum neuron_status
check_complete(const struct argument_walk *walk, const struct neuron_cc_options *options,
               struct neuron_error *error)
{
    if (is_done(options)) {
        return NEURON_OK;
    }
    if (options->request == NEURON_CC_NOTHING || options->model_path == NULL) {
        return NEURON_FAIL(error, NEURON_INVALID_SYNTAX,
                           "the command or its file is missing; see neuron-cc --help");
    }
    enum neuron_status status = check_options(walk, options->request, error);

    return status == NEURON_OK ? neuron_cc_check_combination(options, error) : status;
}

enum neuron_status
neuron_cc_options_parse(int argument_count, char *const *arguments,
                        struct neuron_cc_options *options, struct neuron_error *error)
{
    struct argument_walk walk = {.next = arguments + (argument_count > 0 ? 1 : 0),
                                 .end = arguments + argument_count};
    size_t room = (size_t)argument_count + 1;
    enum neuron_status status = NEURON_OK;

    *options =
        (struct neuron_cc_options){.shapes = calloc(room, sizeof(*options->shapes)),
                                   .shape_names = calloc(room, sizeof(char *)),
                                   .shared_inputs = calloc(room, sizeof(char *)),
                                   .array_files = calloc(room, sizeof(*options->array_files))};
    if (options->shapes == NULL || options->shape_names == NULL || options->array_files == NULL ||
        options->shared_inputs == NULL) {
        status = NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory");
    }
    while (status == NEURON_OK && walk.next < walk.end && !is_done(options)) {
        bool is_option = (*walk.next)[0] == '-' && (*walk.next)[1] != '\0';

        status = is_option ? take_option(&walk, options, error) : take_word(&walk, options, error);
    }
    if (status == NEURON_OK) {
        status = check_complete(&walk, options, error);
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
    for (uint32_t i = 0; i < options->array_file_count; i += 1) {
        free(options->array_files[i].input);
    }
    for (uint32_t i = 0; i < options->bucket_count; i += 1) {
        neuron_cc_free_bucket(&options->buckets[i]);
    }
    free(options->buckets);
    free(options->array_files);
    free(options->shared_inputs);
    free(options->shape_names);
    free(options->shapes);
    *options = (struct neuron_cc_options){0};
}
