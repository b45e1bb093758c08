/* SPDX-License-Identifier: Apache-2.0 */
#include "command_line.h"

#include <ctype.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "neuron/core_set.h"

#include "rank_environment.h"

enum {
    DEFAULT_GRACE_MS = 10000,
    SECONDS_LIMIT = 100000000, /* three years */
    NAME_LIMIT = 32            /* option names are shorter */
};

enum option_id {
    OPTION_RANKS,
    OPTION_RANKS_PER_DEVICE,
    OPTION_CORES_PER_RANK,
    OPTION_UNEVEN,
    OPTION_OVERSUBSCRIBE,
    OPTION_DRY_RUN,
    OPTION_ASSIGNMENT,
    OPTION_WORKING_DIRECTORY,
    OPTION_INPUT,
    OPTION_TAG_OUTPUT,
    OPTION_TIMEOUT,
    OPTION_GRACE,
    OPTION_ROOT,
    OPTION_VERBOSE,
    OPTION_QUIET,
    OPTION_VERSION,
    OPTION_HELP
};

/* One spelling of an option. */
struct option {
    const char *name;
    enum option_id id;
    const char *value_name; /* NULL for an option without a value */
};

static const struct option options[] = {
    {"--np", OPTION_RANKS, "a number of ranks"},
    {"-np", OPTION_RANKS, "a number of ranks"},
    {"-n", OPTION_RANKS, "a number of ranks"},
    {"--procs-per-device", OPTION_RANKS_PER_DEVICE, "a number of ranks"},
    {"--cores-per-rank", OPTION_CORES_PER_RANK, "a number of cores"},
    {"--cpus-per-task", OPTION_CORES_PER_RANK, "a number of cores"},
    {"-c", OPTION_CORES_PER_RANK, "a number of cores"},
    {"--uneven", OPTION_UNEVEN, NULL},
    {"--oversubscribe", OPTION_OVERSUBSCRIBE, NULL},
    {"-O", OPTION_OVERSUBSCRIBE, NULL},
    {"--dry-run", OPTION_DRY_RUN, NULL},
    {"-x", OPTION_ASSIGNMENT, "VAR or VAR=VALUE"},
    {"--wdir", OPTION_WORKING_DIRECTORY, "a directory"},
    {"--stdin", OPTION_INPUT, "none or a rank"},
    {"--tag-output", OPTION_TAG_OUTPUT, NULL},
    {"--label", OPTION_TAG_OUTPUT, NULL},
    {"-l", OPTION_TAG_OUTPUT, NULL},
    {"--timeout", OPTION_TIMEOUT, "seconds"},
    {"--grace", OPTION_GRACE, "seconds"},
    {"--allow-run-as-root", OPTION_ROOT, NULL},
    {"--verbose", OPTION_VERBOSE, NULL},
    {"-v", OPTION_VERBOSE, NULL},
    {"--quiet", OPTION_QUIET, NULL},
    {"-q", OPTION_QUIET, NULL},
    {"--version", OPTION_VERSION, NULL},
    {"--help", OPTION_HELP, NULL},
    {"-h", OPTION_HELP, NULL},
};

enum { OPTION_COUNT = sizeof(options) / sizeof(options[0]) };

static uint32_t
smaller(uint32_t left, uint32_t right)
{
    return left < right ? left : right;
}

/* How many letters to change, insert or delete to make one word of the other. */
static uint32_t
edit_distance(const char *left, size_t left_length, const char *right)
{
    uint32_t row[NAME_LIMIT + 1] = {0};
    size_t right_length = strlen(right);

    for (uint32_t j = 0; j <= right_length; j += 1) {
        row[j] = j;
    }
    for (uint32_t i = 1; i <= left_length; i += 1) {
        uint32_t diagonal = row[0];

        row[0] = i;
        for (size_t j = 1; j <= right_length; j += 1) {
            uint32_t changed = diagonal + (left[i - 1] == right[j - 1] ? 0 : 1);

            diagonal = row[j];
            row[j] = smaller(changed, smaller(row[j], row[j - 1]) + 1);
        }
    }
    return row[right_length];
}

static enum neuron_status
refuse_unknown(const char *word, size_t length, struct neuron_error *error)
{
    const struct option *nearest = NULL;
    uint32_t best = (uint32_t)(length < 6 ? 1 : length / 3) + 1;

    for (size_t i = 0; length < NAME_LIMIT && i < OPTION_COUNT; i += 1) {
        uint32_t distance = edit_distance(word, length, options[i].name);

        /* A single letter is near to every other one. */
        if (distance < best && strlen(options[i].name) > 2) {
            best = distance;
            nearest = &options[i];
        }
    }
    if (nearest == NULL) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "unknown option %.60s; neuronrun --help lists them all", word);
    }
    return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT, "unknown option %.60s; did you mean %s?",
                       word, nearest->name);
}

static enum neuron_status
parse_count(const char *name, const char *text, uint32_t least, uint32_t *count,
            struct neuron_error *error)
{
    char *end = NULL;
    unsigned long number = isdigit((unsigned char)text[0]) ? strtoul(text, &end, 10) : 0;

    if (end == NULL || *end != '\0' || number < least || number > NEURON_CORE_NUMBER_LIMIT) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "%s %.60s: give a whole number from %u to %d", name, text, least,
                           NEURON_CORE_NUMBER_LIMIT);
    }
    *count = (uint32_t)number;
    return NEURON_OK;
}

/* Seconds with up to three decimals that count. */
static enum neuron_status
parse_seconds(const char *name, const char *text, uint64_t least_ms, uint64_t *time_ms,
              struct neuron_error *error)
{
    char *end = NULL;
    unsigned long seconds = isdigit((unsigned char)text[0]) ? strtoul(text, &end, 10) : 0;
    uint64_t parsed_ms = 0;

    if (end != NULL && *end == '.') {
        uint64_t digit_ms = 100;

        for (end += 1; isdigit((unsigned char)*end); end += 1) {
            parsed_ms += digit_ms * (uint64_t)(*end - '0');
            digit_ms /= 10;
        }
    }
    if (end == NULL || *end != '\0' || seconds > SECONDS_LIMIT ||
        parsed_ms + seconds * 1000 < least_ms) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "%s %.60s: give a number of seconds, such as 30 or 0.5", name, text);
    }
    *time_ms = parsed_ms + seconds * 1000;
    return NEURON_OK;
}

static enum neuron_status
parse_input(struct neuron_command_line *line, const char *name, const char *text,
            struct neuron_error *error)
{
    if (strcmp(text, "none") == 0) {
        line->input = NEURON_LAUNCH_INPUT_NONE;
        return NEURON_OK;
    }
    if (!isdigit((unsigned char)text[0])) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "%s %.60s: give \"none\" or the number of a rank", name, text);
    }
    line->input = NEURON_LAUNCH_INPUT_RANK;
    return parse_count(name, text, 0, &line->input_rank, error);
}

static enum neuron_status
parse_assignment(struct neuron_command_line *line, const char *text, struct neuron_error *error)
{
    size_t length = strcspn(text, "=");

    if (length == 0) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "-x %.60s: give the name of a variable, or VAR=VALUE", text);
    }
    if (text[length] == '=' && neuron_rank_environment_is_own(text, length)) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "-x %.60s: neuronrun itself sets this variable for each rank", text);
    }
    line->assignments[line->assignment_count] = text;
    line->assignment_count += 1;
    return NEURON_OK;
}

/* Options that carry a value. */
static enum neuron_status
set_value(struct neuron_command_line *line, const struct option *option, const char *value,
          struct neuron_error *error)
{
    /* The other options have no value. */
    switch ((int)option->id) {
    case OPTION_RANKS:
        return parse_count(option->name, value, 1, &line->rank_count, error);
    case OPTION_RANKS_PER_DEVICE:
        return parse_count(option->name, value, 1, &line->ranks_per_device, error);
    case OPTION_CORES_PER_RANK:
        return parse_count(option->name, value, 1, &line->cores_per_rank, error);
    case OPTION_ASSIGNMENT:
        return parse_assignment(line, value, error);
    case OPTION_INPUT:
        return parse_input(line, option->name, value, error);
    case OPTION_TIMEOUT:
        return parse_seconds(option->name, value, 1, &line->timeout_ms, error);
    case OPTION_GRACE:
        return parse_seconds(option->name, value, 0, &line->grace_ms, error);
    default:
        line->working_directory = value;
        return NEURON_OK;
    }
}

/* Options without one. */
static void
set_flag(struct neuron_command_line *line, enum option_id id)
{
    switch ((int)id) {
    case OPTION_UNEVEN:
        line->is_uneven = true;
        break;
    case OPTION_OVERSUBSCRIBE:
        line->oversubscribes = true;
        break;
    case OPTION_DRY_RUN:
        line->action = NEURON_LAUNCH_SHOW_PLAN;
        break;
    case OPTION_TAG_OUTPUT:
        line->tags_output = true;
        break;
    case OPTION_VERBOSE:
        line->verbosity = NEURON_LAUNCH_VERBOSE;
        break;
    case OPTION_QUIET:
        line->verbosity = NEURON_LAUNCH_QUIET;
        break;
    case OPTION_VERSION:
        line->action = NEURON_LAUNCH_SHOW_VERSION;
        break;
    case OPTION_HELP:
        line->action = NEURON_LAUNCH_SHOW_HELP;
        break;
    default: /* --allow-run-as-root */
        break;
    }
}

static const struct option *
find_option(const char *word, size_t length)
{
    for (size_t i = 0; i < OPTION_COUNT; i += 1) {
        if (strlen(options[i].name) == length && strncmp(options[i].name, word, length) == 0) {
            return &options[i];
        }
    }
    return NULL;
}

/* Reads one option and its value; `next` moves behind them. */
static enum neuron_status
parse_option(struct neuron_command_line *line, char *const **next, struct neuron_error *error)
{
    const char *word = **next;
    size_t length = strcspn(word, "=");
    const struct option *option = find_option(word, length);
    const char *value = word[length] == '=' ? word + length + 1 : NULL;

    *next += 1;
    if (option == NULL) {
        return refuse_unknown(word, length, error);
    }
    if (option->value_name == NULL) {
        if (value != NULL) {
            return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT, "%.60s: %s takes no value", word,
                               option->name);
        }
        set_flag(line, option->id);
        return NEURON_OK;
    }
    if (value == NULL) {
        value = **next;
        *next += value == NULL ? 0 : 1;
    }
    if (value == NULL || value[0] == '\0') {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT, "%s needs %s", option->name,
                           option->value_name);
    }
    return set_value(line, option, value, error);
}

enum neuron_status
neuron_command_line_parse(int argument_count, char *const *arguments,
                          struct neuron_command_line *line, struct neuron_error *error)
{
    char *const *next = argument_count > 0 ? arguments + 1 : arguments;
    enum neuron_status status = NEURON_OK;

    *line = (struct neuron_command_line){.grace_ms = DEFAULT_GRACE_MS};
    line->assignments = calloc((size_t)argument_count + 1, sizeof(*line->assignments));
    if (line->assignments == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for the command line");
    }
    while (status == NEURON_OK && *next != NULL && (*next)[0] == '-' && (*next)[1] != '\0' &&
           strcmp(*next, "--") != 0) {
        status = parse_option(line, &next, error);
    }
    if (status != NEURON_OK || line->action == NEURON_LAUNCH_SHOW_HELP ||
        line->action == NEURON_LAUNCH_SHOW_VERSION) {
        return status;
    }
    next += *next != NULL && strcmp(*next, "--") == 0 ? 1 : 0;
    line->program = next;
    if ((*next == NULL || (*next)[0] == '\0') && line->action == NEURON_LAUNCH_RUN) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "no program to start; for example: neuronrun -np 2 -- ./worker");
    }
    return NEURON_OK;
}

void
neuron_command_line_destroy(struct neuron_command_line *line)
{
    free(line->assignments);
    line->assignments = NULL;
}
