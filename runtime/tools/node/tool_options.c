/* SPDX-License-Identifier: Apache-2.0 */
#include "node/tool_options.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "neuron/near_word.h"
#include "neuron/seconds_text.h"

enum { COUNT_LIMIT = 1000000000, NAME_BYTES = 4 };

static const struct neuron_tool_option help_option = {
    .name = "--help", .letter = 'h', .kind = NEURON_TOOL_SETTING, .number = NEURON_TOOL_SHOW_HELP};
static const struct neuron_tool_option version_option = {.name = "--version",
                                                         .letter = 'V',
                                                         .kind = NEURON_TOOL_SETTING,
                                                         .number = NEURON_TOOL_SHOW_VERSION};

/* The arguments not looked at yet. */
struct argument_walk {
    const struct neuron_tool_table *table;
    char *const *next;
    char *const *end;
    void *values;
    enum neuron_tool_request request;
};

/* An option as it stands there. */
struct spelling {
    const char *name;  /* for errors */
    const char *value; /* what stands in the same word; NULL for nothing */
};

/* The options of a table, then those that each tool has; NULL behind the last. */
static const struct neuron_tool_option *
option_at(const struct neuron_tool_table *table, uint32_t index)
{
    if (index < table->option_count) {
        return &table->options[index];
    }
    if (index == table->option_count) {
        return &help_option;
    }
    return index == table->option_count + 1 ? &version_option : NULL;
}

static const struct neuron_tool_option *
find_name(const struct neuron_tool_table *table, const char *word, size_t length)
{
    const struct neuron_tool_option *option = NULL;

    for (uint32_t i = 0; (option = option_at(table, i)) != NULL; i += 1) {
        if (strlen(option->name) == length && strncmp(option->name, word, length) == 0) {
            break;
        }
    }
    return option;
}

static const struct neuron_tool_option *
find_letter(const struct neuron_tool_table *table, char letter)
{
    const struct neuron_tool_option *option = NULL;

    for (uint32_t i = 0; (option = option_at(table, i)) != NULL; i += 1) {
        if (option->letter == letter) {
            break;
        }
    }
    return option;
}

static enum neuron_status
refuse_word(const struct neuron_tool_table *table, const char *word, size_t length,
            struct neuron_error *error)
{
    struct neuron_near_word search = {.word = word, .length = length};
    const struct neuron_tool_option *option = NULL;

    for (uint32_t i = 0; (option = option_at(table, i)) != NULL; i += 1) {
        neuron_near_word_try(&search, option->name);
    }
    if (word[0] != '-' || word[1] == '\0') {
        return NEURON_FAIL(error, NEURON_INVALID_SYNTAX,
                           "%.60s stands alone, and is no option; %s --help lists them", word,
                           table->program);
    }
    if (search.nearest != NULL) {
        return NEURON_FAIL(error, NEURON_INVALID_SYNTAX, "unknown option %.60s; did you mean %s?",
                           word, search.nearest);
    }
    return NEURON_FAIL(error, NEURON_INVALID_SYNTAX,
                       "unknown option %.60s; %s --help lists them all", word, table->program);
}

static enum neuron_status
parse_count(const char *name, const char *text, uint32_t least, uint32_t *count,
            struct neuron_error *error)
{
    char *end = NULL;
    unsigned long number = isdigit((unsigned char)text[0]) ? strtoul(text, &end, 10) : 0;

    if (end == NULL || *end != '\0' || number < least || number > COUNT_LIMIT) {
        return NEURON_FAIL(error, NEURON_INVALID_SYNTAX,
                           "%s %.60s: give a whole number from %u to %d", name, text, least,
                           COUNT_LIMIT);
    }
    *count = (uint32_t)number;
    return NEURON_OK;
}

static enum neuron_status
parse_seconds(const char *name, const char *text, uint64_t least_ms, uint64_t *time_ms,
              struct neuron_error *error)
{
    uint64_t parsed_ms = 0;

    if (!neuron_seconds_parse(text, &parsed_ms)) {
        return NEURON_FAIL(error, NEURON_INVALID_SYNTAX,
                           "%s %.60s: give a number of seconds, such as 5 or 0.5", name, text);
    }
    if (parsed_ms < least_ms) {
        return NEURON_FAIL(error, NEURON_INVALID_SYNTAX, "%s %.60s: the least is %g s", name, text,
                           (double)least_ms / 1000);
    }
    *time_ms = parsed_ms;
    return NEURON_OK;
}

static enum neuron_status
set_value(const struct neuron_tool_option *option, const char *name, const char *value,
          void *values, struct neuron_error *error)
{
    void *field = (char *)values + option->offset;

    switch (option->kind) {
    case NEURON_TOOL_FLAG:
        *(bool *)field = true;
        break;
    case NEURON_TOOL_SETTING:
        *(uint32_t *)field = option->number;
        break;
    case NEURON_TOOL_COUNT:
        return parse_count(name, value, option->number, field, error);
    case NEURON_TOOL_SECONDS:
        return parse_seconds(name, value, option->number, field, error);
    case NEURON_TOOL_TEXT:
        if (value[0] == '\0') {
            return NEURON_FAIL(error, NEURON_INVALID_SYNTAX, "%s: give %s; this one has no name",
                               name, option->value_name);
        }
        *(const char **)field = value;
        break;
    }
    return NEURON_OK;
}

static enum neuron_status
take_option(struct argument_walk *walk, const struct neuron_tool_option *option,
            struct spelling spelling, struct neuron_error *error)
{
    if (option == &help_option || option == &version_option) {
        walk->request = (enum neuron_tool_request)option->number;
        return NEURON_OK;
    }
    if (option->value_name != NULL && spelling.value == NULL) {
        if (walk->next == walk->end) {
            return NEURON_FAIL(error, NEURON_INVALID_SYNTAX, "%s: %s must follow", spelling.name,
                               option->value_name);
        }
        spelling.value = *walk->next;
        walk->next += 1;
    }
    const char *value = spelling.value == NULL ? "" : spelling.value;

    return set_value(option, spelling.name, value, walk->values, error);
}

static enum neuron_status
take_name(struct argument_walk *walk, const char *word, struct neuron_error *error)
{
    size_t length = strcspn(word, "=");
    const struct neuron_tool_option *option = find_name(walk->table, word, length);

    if (option == NULL) {
        return refuse_word(walk->table, word, length, error);
    }
    if (option->value_name == NULL && word[length] == '=') {
        return NEURON_FAIL(error, NEURON_INVALID_SYNTAX, "%s takes no value", option->name);
    }
    struct spelling spelling = {.name = option->name,
                                .value = word[length] == '=' ? word + length + 1 : NULL};
    return take_option(walk, option, spelling, error);
}

/* Takes all letters of a word such as "-wj" or "-p5". */
static enum neuron_status
take_letters(struct argument_walk *walk, const char *word, struct neuron_error *error)
{
    enum neuron_status status = NEURON_OK;

    for (const char *letter = word + 1;
         status == NEURON_OK && *letter != '\0' && walk->request == NEURON_TOOL_RUN; letter += 1) {
        const struct neuron_tool_option *option = find_letter(walk->table, *letter);
        char name[NAME_BYTES] = {'-', *letter};

        if (option == NULL) {
            return refuse_word(walk->table, word, strlen(word), error);
        }
        bool has_value = option->value_name != NULL;
        struct spelling spelling = {.name = name,
                                    .value = has_value && letter[1] != '\0' ? letter + 1 : NULL};

        status = take_option(walk, option, spelling, error);
        if (has_value) {
            break;
        }
    }
    return status;
}

enum neuron_status
neuron_tool_options_parse(const struct neuron_tool_table *table, int argument_count,
                          char *const *arguments, void *values, enum neuron_tool_request *request,
                          struct neuron_error *error)
{
    struct argument_walk walk = {.table = table,
                                 .next = arguments + (argument_count > 0 ? 1 : 0),
                                 .end = arguments + argument_count,
                                 .values = values};
    enum neuron_status status = NEURON_OK;

    while (status == NEURON_OK && walk.next < walk.end && walk.request == NEURON_TOOL_RUN) {
        const char *word = *walk.next;

        walk.next += 1;
        if (strncmp(word, "--", 2) == 0) {
            status = take_name(&walk, word, error);
        } else if (word[0] == '-' && word[1] != '\0') {
            status = take_letters(&walk, word, error);
        } else {
            status = refuse_word(table, word, strlen(word), error);
        }
    }
    *request = walk.request;
    return status;
}
