/* SPDX-License-Identifier: Apache-2.0 */
#include "command_line.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "option_table.h"
#include "option_values.h"
#include "rank_environment.h"

enum { DEFAULT_GRACE_MS = 10000, DEFAULT_HEARTBEAT_MS = 5000, PROGRAM_LIMIT = 1024 };

/* What is being read. */
struct reader {
    struct neuron_command_line *line;
    struct neuron_launch_program common;   /* said before the first program */
    struct neuron_launch_program *program; /* what options of a program are of */
    char **next;
};

static enum neuron_status
refuse_memory(struct neuron_error *error)
{
    return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for the command line");
}

/* Sets a field of the line whose type has the size of `value`. */
static void
set_field(struct neuron_command_line *line, size_t offset, const void *value, size_t size_bytes)
{
    memcpy((char *)line + offset, value, size_bytes);
}

static enum neuron_status
add_assignment(struct neuron_launch_program *program, const char *text, struct neuron_error *error)
{
    uint32_t count = program->assignment_count;
    const char **grown = realloc(program->assignments, (count + 1) * sizeof(*grown));

    if (grown == NULL) {
        return refuse_memory(error);
    }
    grown[count] = text;
    program->assignments = grown;
    program->assignment_count = count + 1;
    return NEURON_OK;
}

static enum neuron_status
parse_assignment(struct reader *reader, const char *text, struct neuron_error *error)
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
    return add_assignment(reader->program, text, error);
}

static enum neuron_status
parse_input(struct neuron_command_line *line, const char *name, const char *text,
            struct neuron_error *error)
{
    if (strcmp(text, "none") == 0 || strcmp(text, "all") == 0) {
        line->input = text[0] == 'n' ? NEURON_LAUNCH_INPUT_NONE : NEURON_LAUNCH_INPUT_ALL;
        return NEURON_OK;
    }
    if (!isdigit((unsigned char)text[0])) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "%s %.60s: give \"all\", \"none\" or the number of a rank", name, text);
    }
    line->input = NEURON_LAUNCH_INPUT_RANK;
    return neuron_option_parse_count(name, text, 0, &line->input_rank, error);
}

static enum neuron_status
parse_picture(struct neuron_command_line *line, const char *name, const char *text,
              struct neuron_error *error)
{
    line->map_path = NULL;
    if (text == NULL) {
        line->map = NEURON_LAUNCH_MAP_TEXT;
        return NEURON_OK;
    }
    if (strcmp(text, "json") == 0) {
        line->map = NEURON_LAUNCH_MAP_JSON;
        return NEURON_OK;
    }
    if (strncmp(text, "svg:", 4) == 0 && text[4] != '\0') {
        line->map = NEURON_LAUNCH_MAP_SVG;
        line->map_path = text + 4;
        return NEURON_OK;
    }
    return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                       "%s=%.60s: give svg:FILE, json, or no value for a drawing in text", name,
                       text);
}

/* --mca NAME VALUE, for the engine. */
static enum neuron_status
parse_parameter(struct reader *reader, const char *name, const char *text,
                struct neuron_error *error)
{
    struct neuron_command_line *line = reader->line;
    uint32_t count = line->engine_parameter_count;
    const char *value = *reader->next;

    if (value == NULL) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT, "%s %.60s needs a name and a value",
                           name, text);
    }
    const char **grown = realloc(line->engine_parameters, (count + 2) * sizeof(*grown));
    if (grown == NULL) {
        return refuse_memory(error);
    }
    grown[count] = text;
    grown[count + 1] = value;
    line->engine_parameters = grown;
    line->engine_parameter_count = count + 2;
    reader->next += 1;
    return NEURON_OK;
}

static enum neuron_status
set_choice(struct neuron_command_line *line, const struct neuron_option *option, const char *value,
           struct neuron_error *error)
{
    uint32_t chosen = 0;
    enum neuron_status status =
        neuron_option_parse_choice(option->name, value, option->choices, &chosen, error);

    if (status == NEURON_OK) {
        set_field(line, option->offset, &chosen, sizeof(chosen));
    }
    return status;
}

static enum neuron_status
set_seconds(struct neuron_command_line *line, const struct neuron_option *option, const char *value,
            struct neuron_error *error)
{
    uint64_t time_ms = 0;
    enum neuron_status status =
        neuron_option_parse_seconds(option->name, value, option->number, &time_ms, error);

    if (status == NEURON_OK) {
        set_field(line, option->offset, &time_ms, sizeof(time_ms));
    }
    return status;
}

static enum neuron_status
set_count(struct neuron_command_line *line, const struct neuron_option *option, const char *value,
          struct neuron_error *error)
{
    uint32_t count = 0;
    enum neuron_status status =
        neuron_option_parse_count(option->name, value, option->number, &count, error);

    if (status == NEURON_OK) {
        set_field(line, option->offset, &count, sizeof(count));
    }
    return status;
}

/* Options with rules of their own. */
static enum neuron_status
set_special(struct reader *reader, const struct neuron_option *option, const char *value,
            struct neuron_error *error)
{
    struct neuron_command_line *line = reader->line;

    switch ((int)option->kind) {
    case NEURON_OPTION_RANKS:
        return neuron_option_parse_count(option->name, value, 1, &reader->program->rank_count,
                                         error);
    case NEURON_OPTION_ASSIGNMENT:
        return parse_assignment(reader, value, error);
    case NEURON_OPTION_DIRECTORY:
        reader->program->working_directory = value;
        return NEURON_OK;
    case NEURON_OPTION_MAP_BY:
        return neuron_option_parse_map(option->name, value, &line->placement, error);
    case NEURON_OPTION_INPUT:
        return parse_input(line, option->name, value, error);
    case NEURON_OPTION_PICTURE:
        return parse_picture(line, option->name, value, error);
    case NEURON_OPTION_WAIT:
        line->lease_wait_ms = NEURON_LAUNCH_WAIT_FOREVER;
        return value == NULL ? NEURON_OK
                             : neuron_option_parse_seconds(option->name, value, 1,
                                                           &line->lease_wait_ms, error);
    case NEURON_OPTION_PARAMETER:
        return parse_parameter(reader, option->name, value, error);
    default:
        line->action = NEURON_LAUNCH_SHOW_HELP;
        line->help_topic = value;
        return NEURON_OK;
    }
}

static enum neuron_status
set_option(struct reader *reader, const struct neuron_option *option, const char *value,
           struct neuron_error *error)
{
    const bool is_set = true;

    switch ((int)option->kind) {
    case NEURON_OPTION_IGNORED:
        return NEURON_OK;
    case NEURON_OPTION_FLAG:
        set_field(reader->line, option->offset, &is_set, sizeof(is_set));
        return NEURON_OK;
    case NEURON_OPTION_SETTING:
        set_field(reader->line, option->offset, &option->number, sizeof(option->number));
        return NEURON_OK;
    case NEURON_OPTION_COUNT:
        return set_count(reader->line, option, value, error);
    case NEURON_OPTION_SECONDS:
        return set_seconds(reader->line, option, value, error);
    case NEURON_OPTION_TEXT:
        set_field(reader->line, option->offset, &value, sizeof(value));
        return NEURON_OK;
    case NEURON_OPTION_CHOICE:
        return set_choice(reader->line, option, value, error);
    default:
        return set_special(reader, option, value, error);
    }
}

/* Says whether an option may stand before any program, and is of that one alone. */
static bool
is_of_program(const struct neuron_option *option)
{
    return option->kind == NEURON_OPTION_RANKS || option->kind == NEURON_OPTION_ASSIGNMENT ||
           option->kind == NEURON_OPTION_DIRECTORY;
}

/* Reads one option and its value. */
static enum neuron_status
parse_option(struct reader *reader, struct neuron_error *error)
{
    const char *word = *reader->next;
    size_t length = strcspn(word, "=");
    const struct neuron_option *option = neuron_option_find(word, length);
    const char *value = word[length] == '=' ? word + length + 1 : NULL;

    reader->next += 1;
    if (option == NULL) {
        return neuron_option_refuse(word, length, error);
    }
    if (reader->line->program_count > 1 && !is_of_program(option)) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "%s holds for the whole job: put it before the first program",
                           option->name);
    }
    if (option->value_name == NULL && value != NULL) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT, "%.60s: %s takes no value", word,
                           option->name);
    }
    if (option->value_name != NULL && value == NULL && !option->is_optional) {
        value = *reader->next;
        reader->next += value == NULL ? 0 : 1;
    }
    if (option->value_name != NULL && (value == NULL ? !option->is_optional : value[0] == '\0')) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT, "%s needs %s", option->name,
                           option->value_name);
    }
    return set_option(reader, option, value, error);
}

static bool
is_word(const char *word, const char *text)
{
    return word != NULL && strcmp(word, text) == 0;
}

static enum neuron_status
parse_options(struct reader *reader, struct neuron_error *error)
{
    enum neuron_status status = NEURON_OK;

    while (status == NEURON_OK && *reader->next != NULL && (*reader->next)[0] == '-' &&
           (*reader->next)[1] != '\0' && !is_word(*reader->next, "--")) {
        status = parse_option(reader, error);
    }
    if (status == NEURON_OK && is_word(*reader->next, "--")) {
        reader->next += 1;
    }
    return status;
}

/* Adds a program that begins as the common part says. */
static enum neuron_status
add_program(struct reader *reader, struct neuron_error *error)
{
    struct neuron_command_line *line = reader->line;
    uint32_t count = line->program_count;
    enum neuron_status status = NEURON_OK;

    if (count == PROGRAM_LIMIT) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT, "a job has at most %d programs",
                           PROGRAM_LIMIT);
    }
    struct neuron_launch_program *grown = realloc(line->programs, (count + 1) * sizeof(*grown));
    if (grown == NULL) {
        return refuse_memory(error);
    }
    line->programs = grown;
    line->program_count = count + 1;
    reader->program = &grown[count];
    *reader->program = (struct neuron_launch_program){
        .rank_count = count == 0 ? reader->common.rank_count : 0,
        .working_directory = reader->common.working_directory,
    };
    for (uint32_t i = 0; status == NEURON_OK && i < reader->common.assignment_count; i += 1) {
        status = add_assignment(reader->program, reader->common.assignments[i], error);
    }
    return status;
}

/* Takes the words up to ":" or the end as a program and its arguments. */
static enum neuron_status
take_program(struct reader *reader, struct neuron_error *error)
{
    if (*reader->next == NULL || (*reader->next)[0] == '\0' || is_word(*reader->next, ":")) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "no program to start%s; for example: neuronrun -np 2 -- ./worker",
                           reader->line->program_count > 1 ? " behind \":\"" : "");
    }
    reader->program->arguments = reader->next;
    while (*reader->next != NULL && !is_word(*reader->next, ":")) {
        reader->next += 1;
    }
    return NEURON_OK;
}

/* Each program of several says how many ranks it has. */
static enum neuron_status
count_ranks(struct neuron_command_line *line, struct neuron_error *error)
{
    uint64_t count = 0;

    for (uint32_t i = 0; i < line->program_count; i += 1) {
        const struct neuron_launch_program *program = &line->programs[i];

        if (program->rank_count == 0 && line->program_count > 1) {
            return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                               "%.60s: of several programs each needs its number of ranks, -n",
                               program->arguments[0]);
        }
        count += program->rank_count;
    }
    if (count > UINT32_MAX / 2) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT, "the job has too many ranks");
    }
    line->rank_count = (uint32_t)count;
    return NEURON_OK;
}

/* The programs, once the options before the first one are read. */
static enum neuron_status
parse_programs(struct reader *reader, struct neuron_error *error)
{
    enum neuron_status status = add_program(reader, error);

    if (status == NEURON_OK) {
        status = take_program(reader, error);
    }
    while (status == NEURON_OK && *reader->next != NULL) {
        *reader->next = NULL; /* the ":" ends the arguments before it */
        reader->next += 1;
        status = add_program(reader, error);
        if (status == NEURON_OK) {
            status = parse_options(reader, error);
        }
        if (status == NEURON_OK) {
            status = take_program(reader, error);
        }
    }
    return status == NEURON_OK ? count_ranks(reader->line, error) : status;
}

/* Whether a program has to be named. */
static bool
needs_program(const struct neuron_command_line *line)
{
    return line->action == NEURON_LAUNCH_RUN;
}

static enum neuron_status
check_together(const struct neuron_command_line *line, struct neuron_error *error)
{
    if (line->resumes && line->job_log_path == NULL) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "--resume needs --joblog FILE: the log says which ranks are done");
    }
    if (line->hosts != NULL && line->host_file != NULL) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "--host and --hostfile both name the hosts; give one of them");
    }
    return NEURON_OK;
}

static enum neuron_status
parse_words(struct reader *reader, struct neuron_error *error)
{
    struct neuron_command_line *line = reader->line;
    enum neuron_status status = parse_options(reader, error);

    if (status != NEURON_OK || line->action == NEURON_LAUNCH_SHOW_HELP ||
        line->action == NEURON_LAUNCH_SHOW_VERSION || line->action == NEURON_LAUNCH_SHOW_JOBS) {
        return status;
    }
    if (*reader->next == NULL && !needs_program(line)) {
        line->rank_count = reader->common.rank_count;
    } else {
        status = parse_programs(reader, error);
    }
    return status == NEURON_OK ? check_together(line, error) : status;
}

enum neuron_status
neuron_command_line_parse(int argument_count, char *const *arguments,
                          struct neuron_command_line *line, struct neuron_error *error)
{
    struct reader reader = {.line = line, .program = &reader.common};
    size_t count = argument_count > 0 ? (size_t)argument_count - 1 : 0;

    *line = (struct neuron_command_line){.grace_ms = DEFAULT_GRACE_MS,
                                         .heartbeat_ms = DEFAULT_HEARTBEAT_MS};
    line->words = calloc(count + 1, sizeof(*line->words));
    if (line->words == NULL) {
        return refuse_memory(error);
    }
    for (size_t i = 0; i < count; i += 1) {
        line->words[i] = arguments[i + 1];
    }
    reader.next = line->words;
    enum neuron_status status = parse_words(&reader, error);
    free(reader.common.assignments);
    return status;
}

const struct neuron_launch_program *
neuron_command_line_program(const struct neuron_command_line *line, uint32_t rank)
{
    uint32_t index = 0;

    while (index + 1 < line->program_count && rank >= line->programs[index].rank_count) {
        rank -= line->programs[index].rank_count;
        index += 1;
    }
    return &line->programs[index];
}

void
neuron_command_line_destroy(struct neuron_command_line *line)
{
    for (uint32_t i = 0; i < line->program_count; i += 1) {
        free(line->programs[i].assignments);
    }
    free(line->programs);
    free(line->engine_parameters);
    free(line->words);
    *line = (struct neuron_command_line){0};
}
