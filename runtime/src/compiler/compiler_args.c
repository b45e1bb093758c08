/* SPDX-License-Identifier: Apache-2.0 */
#include "compiler/compiler_args.h"

#include <string.h>

#include "graph/target.h"

enum option {
    OPTION_NAME,
    OPTION_DUMP_PASSES,
    OPTION_AUTO_CAST,
    OPTION_AUTO_CAST_TYPE,
    OPTION_LEVEL,
    OPTION_TARGET,
    OPTION_COUNT
};

static const char *const option_names[OPTION_COUNT] = {
    [OPTION_NAME] = "--name",           [OPTION_DUMP_PASSES] = "--dump-passes",
    [OPTION_AUTO_CAST] = "--auto-cast", [OPTION_AUTO_CAST_TYPE] = "--auto-cast-type",
    [OPTION_LEVEL] = "--optlevel",      [OPTION_TARGET] = "--target"};

enum { CAST_COUNT = NEURON_AUTO_CAST_ALL + 1, TYPE_COUNT = NEURON_AUTO_CAST_INT8 + 1 };

static const char *const cast_names[CAST_COUNT] = {"none", "matmult", "all"};
static const char *const type_names[TYPE_COUNT] = {"bf16", "fp16", "int8"};

const char *
neuron_auto_cast_name(uint32_t auto_cast)
{
    return auto_cast < CAST_COUNT ? cast_names[auto_cast] : "unknown";
}

const char *
neuron_auto_cast_type_name(uint32_t type)
{
    return type < TYPE_COUNT ? type_names[type] : "unknown";
}

/* Finds a word among those that an option takes; how many there are, when it is none. */
static uint32_t
find_word(const char *const *words, uint32_t count, const char *word)
{
    uint32_t found = 0;

    while (found < count && strcmp(words[found], word) != 0) {
        found += 1;
    }
    return found;
}

static enum neuron_status
set_auto_cast(struct neuron_compiler_options *options, const char *value,
              struct neuron_error *error)
{
    uint32_t found = find_word(cast_names, CAST_COUNT, value);

    if (found == CAST_COUNT) {
        return NEURON_FAIL(error, NEURON_INVALID_SYNTAX,
                           "--auto-cast %.40s: there are none, matmult and all", value);
    }
    options->auto_cast = (enum neuron_auto_cast)found;
    return NEURON_OK;
}

static enum neuron_status
set_auto_cast_type(struct neuron_compiler_options *options, const char *value,
                   struct neuron_error *error)
{
    uint32_t found = find_word(type_names, TYPE_COUNT, value);

    if (found == TYPE_COUNT) {
        return NEURON_FAIL(error, NEURON_INVALID_SYNTAX,
                           "--auto-cast-type %.40s: there are bf16, fp16 and int8", value);
    }
    options->auto_cast_type = (enum neuron_auto_cast_type)found;
    return NEURON_OK;
}

static enum neuron_status
set_level(struct neuron_compiler_options *options, const char *value, struct neuron_error *error)
{
    if (value[0] < '1' || value[0] > '0' + NEURON_OPTIMIZATION_LIMIT || value[1] != '\0') {
        return NEURON_FAIL(error, NEURON_INVALID_SYNTAX, "--optlevel %.40s: there are 1, 2 and 3",
                           value);
    }
    options->optimization_level = (uint32_t)(value[0] - '0');
    return NEURON_OK;
}

static enum neuron_status
set_target(struct neuron_compiler_options *options, const char *value, struct neuron_error *error)
{
    enum neuron_instructions unused = NEURON_INSTRUCTIONS_NONE;

    if (strcmp(value, NEURON_TARGET_NATIVE) != 0 && !neuron_instructions_find(value, &unused)) {
        return NEURON_FAIL(error, NEURON_INVALID_SYNTAX, "--target %.40s: there are %s", value,
                           neuron_target_words);
    }
    options->target = value;
    return NEURON_OK;
}

static enum neuron_status
set_option(struct neuron_compiler_options *options, enum option option, const char *value,
           struct neuron_error *error)
{
    switch (option) {
    case OPTION_NAME:
        options->model_name = value;
        break;
    case OPTION_DUMP_PASSES:
        options->dump_folder = value;
        break;
    case OPTION_AUTO_CAST:
        return set_auto_cast(options, value, error);
    case OPTION_AUTO_CAST_TYPE:
        return set_auto_cast_type(options, value, error);
    case OPTION_LEVEL:
        return set_level(options, value, error);
    case OPTION_TARGET:
        return set_target(options, value, error);
    case OPTION_COUNT:
        break;
    }
    return NEURON_OK;
}

enum neuron_status
neuron_compiler_option_set(struct neuron_compiler_options *options, const char *name,
                           const char *value, struct neuron_error *error)
{
    return set_option(options, (enum option)find_word(option_names, OPTION_COUNT, name), value,
                      error);
}

enum neuron_status
neuron_compiler_options_check(const struct neuron_compiler_options *options, bool has_cast_type,
                              struct neuron_error *error)
{
    if (has_cast_type && options->auto_cast == NEURON_AUTO_CAST_NONE) {
        return NEURON_FAIL(error, NEURON_INVALID_SYNTAX,
                           "--auto-cast-type does nothing without --auto-cast matmult or all");
    }
    return NEURON_OK;
}

/* Finds the option that an argument names: "--name", "--name=text", "-O2". */
static enum option
find_option(const char *argument, const char **value)
{
    size_t length = strcspn(argument, "=");

    *value = argument[length] == '=' ? argument + length + 1 : NULL;
    if (strncmp(argument, "-O", 2) == 0) {
        *value = argument[2] == '\0' ? NULL : argument + 2;
        return OPTION_LEVEL;
    }
    for (int i = 0; i < OPTION_COUNT; i += 1) {
        if (strlen(option_names[i]) == length && strncmp(argument, option_names[i], length) == 0) {
            return (enum option)i;
        }
    }
    return OPTION_COUNT;
}

enum neuron_status
neuron_compiler_args_parse(const char *const *arguments, uint32_t argument_count,
                           struct neuron_compiler_options *options, struct neuron_error *error)
{
    struct neuron_compiler_options parsed = *options;
    bool has_cast_type = false;

    for (uint32_t i = 0; i < argument_count; i += 1) {
        const char *argument = arguments[i];
        const char *value = NULL;
        enum option option = find_option(argument, &value);

        if (option == OPTION_COUNT) {
            return NEURON_FAIL(error, NEURON_INVALID_SYNTAX,
                               "compiler argument %.80s: there are --name, --dump-passes, "
                               "--auto-cast, --auto-cast-type, --optlevel and --target",
                               argument);
        }
        if (value == NULL && i + 1 == argument_count) {
            return NEURON_FAIL(error, NEURON_INVALID_SYNTAX,
                               "compiler argument %.80s: its value is missing", argument);
        }
        if (value == NULL) {
            i += 1;
            value = arguments[i];
        }
        has_cast_type = has_cast_type || option == OPTION_AUTO_CAST_TYPE;
        enum neuron_status status = set_option(&parsed, option, value, error);
        if (status != NEURON_OK) {
            return status;
        }
    }
    enum neuron_status status = neuron_compiler_options_check(&parsed, has_cast_type, error);
    if (status == NEURON_OK) {
        *options = parsed;
    }
    return status;
}
