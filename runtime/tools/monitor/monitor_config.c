/* SPDX-License-Identifier: Apache-2.0 */
/* The one file that knows jansson, which reads the text as a tree; the rest is ours. */
#include "monitor/monitor_config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "counters/printable.h"
#include "monitor/period_text.h"
#include "monitor/tag_filter.h"

enum {
    SELECTIONS_LIMIT = 64,
    FILTER_LIMIT_BYTES = 255, /* as long as a tag may be */
    PLACE_BYTES = 64,
    WORD_BYTES = 48 /* of the file, in messages */
};

static const uint64_t default_period_ns = 5000000000;

/* A part of the text: what is there, and where that is. */
struct part {
    const char *file;
    json_t *value;
    char place[PLACE_BYTES];
};

/* Words that may stand somewhere. */
struct words {
    const char *const *words;
    uint32_t count;
};

/* The groups of one kind, and their periods. */
struct wanted {
    struct words groups;
    uint64_t *period_ns;
};

static const struct words runtime_groups = {neuron_metric_group_names, NEURON_RUNTIME_GROUPS};
static const struct words system_groups = {&neuron_metric_group_names[NEURON_RUNTIME_GROUPS],
                                           NEURON_METRIC_GROUPS - NEURON_RUNTIME_GROUPS};

static struct part
find_member(const struct part *part, const char *name)
{
    struct part member = {.file = part->file, .value = json_object_get(part->value, name)};

    (void)snprintf(member.place, sizeof(member.place), "%.38s%s%.20s", part->place,
                   part->place[0] == '\0' ? "" : ".", name);
    return member;
}

static struct part
find_entry(const struct part *part, size_t index)
{
    struct part entry = {.file = part->file, .value = json_array_get(part->value, index)};

    (void)snprintf(entry.place, sizeof(entry.place), "%.38s[%zu]", part->place, index);
    return entry;
}

static enum neuron_status
refuse(const struct part *part, const char *reason, struct neuron_error *error)
{
    return NEURON_FAIL(error, NEURON_INVALID_SYNTAX, "%.80s: %s%s%s", part->file, part->place,
                       part->place[0] == '\0' ? "" : ": ", reason);
}

/* Refuses a word of the file, and names those that are known. */
static enum neuron_status
refuse_word(const struct part *part, const char *what, const char *word, const struct words *known,
            struct neuron_error *error)
{
    char printable[WORD_BYTES] = "";
    char reason[NEURON_ERROR_TEXT_BYTES] = "";

    (void)snprintf(printable, sizeof(printable), "%s", word);
    neuron_make_printable(printable, sizeof(printable));
    int length = snprintf(reason, sizeof(reason), "unknown %s \"%s\"; known: ", what, printable);
    for (uint32_t i = 0; i < known->count; i += 1) {
        length += snprintf(reason + length, sizeof(reason) - (size_t)length, "%s%s",
                           i == 0 ? "" : ", ", known->words[i]);
    }
    return refuse(part, reason, error);
}

/* The position of a word; the count where it is not among them. */
static uint32_t
find_word(const struct words *known, const char *word)
{
    uint32_t i = 0;

    while (i < known->count && strcmp(known->words[i], word) != 0) {
        i += 1;
    }
    return i;
}

/* Refuses what is no object, and members that are not among the known ones. */
static enum neuron_status
check_members(const struct part *part, const struct words *known, struct neuron_error *error)
{
    const char *name = NULL;
    json_t *value = NULL;

    if (!json_is_object(part->value)) {
        return refuse(part,
                      part->place[0] == '\0' ? "the whole is no object; {} asks for everything"
                                             : "not an object",
                      error);
    }
    json_object_foreach(part->value, name, value)
    {
        if (find_word(known, name) == known->count) {
            return refuse_word(part, "member", name, known, error);
        }
    }
    return NEURON_OK;
}

/* Reads the member "period" of an object, where it is there. */
static enum neuron_status
read_period(const struct part *part, uint64_t *period_ns, struct neuron_error *error)
{
    struct part member = find_member(part, "period");

    if (member.value == NULL) {
        return NEURON_OK;
    }
    if (!json_is_string(member.value) ||
        !neuron_period_parse(json_string_value(member.value), period_ns)) {
        return refuse(&member,
                      "not a time " NEURON_MONITOR_PERIOD_RANGE
                      ", such as \"5s\", \"500ms\" or \"1m30s\"",
                      error);
    }
    return NEURON_OK;
}

/* Reads an entry {"type": ..., "period": ...}. */
static enum neuron_status
read_group(const struct part *entry, const struct wanted *wanted, uint64_t period_ns,
           struct neuron_error *error)
{
    static const char *const names[] = {"type", "period"};
    static const struct words members = {names, 2};
    enum neuron_status status = check_members(entry, &members, error);

    if (status == NEURON_OK) {
        status = read_period(entry, &period_ns, error);
    }
    if (status != NEURON_OK) {
        return status;
    }
    struct part type = find_member(entry, "type");
    if (!json_is_string(type.value)) {
        return refuse(&type, type.value == NULL ? "missing" : "not a string", error);
    }
    uint32_t group = find_word(&wanted->groups, json_string_value(type.value));
    if (group == wanted->groups.count) {
        return refuse_word(&type, "group of metrics", json_string_value(type.value),
                           &wanted->groups, error);
    }
    if (wanted->period_ns[group] != 0) {
        return refuse(&type, "listed twice", error);
    }
    wanted->period_ns[group] = period_ns;
    return NEURON_OK;
}

/* Reads a list of groups; where it is not there, all of them are wanted. */
static enum neuron_status
read_groups(const struct part *list, const struct wanted *wanted, uint64_t period_ns,
            struct neuron_error *error)
{
    if (list->value == NULL) {
        for (uint32_t i = 0; i < wanted->groups.count; i += 1) {
            wanted->period_ns[i] = period_ns;
        }
        return NEURON_OK;
    }
    if (!json_is_array(list->value)) {
        return refuse(list, "not an array", error);
    }
    for (size_t i = 0; i < json_array_size(list->value); i += 1) {
        struct part entry = find_entry(list, i);
        enum neuron_status status = read_group(&entry, wanted, period_ns, error);

        if (status != NEURON_OK) {
            return status;
        }
    }
    return NEURON_OK;
}

static enum neuron_status
read_filter(const struct part *entry, struct neuron_monitor_selection *selection,
            struct neuron_error *error)
{
    struct part member = find_member(entry, "tag_filter");
    char reason[NEURON_ERROR_TEXT_BYTES] = "not a regular expression: ";
    size_t length = strlen(reason);

    if (member.value == NULL) {
        return NEURON_OK;
    }
    if (!json_is_string(member.value)) {
        return refuse(&member, "not a string", error);
    }
    if (json_string_length(member.value) > FILTER_LIMIT_BYTES) {
        return refuse(&member, "longer than 255 bytes", error);
    }
    if (!neuron_tag_filter_is_small(json_string_value(member.value))) {
        return refuse(&member, "too many repeats; write fewer of * + ?, and smaller bounds", error);
    }
    int code =
        regcomp(&selection->filter, json_string_value(member.value), REG_EXTENDED | REG_NOSUB);
    if (code == REG_ESPACE) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for a filter of tags");
    }
    if (code != 0) {
        (void)regerror(code, &selection->filter, reason + length, sizeof(reason) - length);
        return refuse(&member, reason, error);
    }
    selection->has_filter = true;
    return NEURON_OK;
}

static enum neuron_status
read_selection(const struct part *entry, uint64_t period_ns,
               struct neuron_monitor_selection *selection, struct neuron_error *error)
{
    static const char *const names[] = {"tag_filter", "period", "metrics"};
    static const struct words members = {names, 3};
    const struct wanted wanted = {runtime_groups, selection->period_ns};
    enum neuron_status status = check_members(entry, &members, error);

    if (status == NEURON_OK) {
        status = read_period(entry, &period_ns, error);
    }
    if (status == NEURON_OK) {
        struct part metrics = find_member(entry, "metrics");

        status = read_groups(&metrics, &wanted, period_ns, error);
    }
    return status == NEURON_OK ? read_filter(entry, selection, error) : status;
}

static enum neuron_status
make_selections(size_t count, struct neuron_monitor_config *config, struct neuron_error *error)
{
    config->selections = calloc(count + 1, sizeof(*config->selections));
    if (config->selections == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for the configuration");
    }
    return NEURON_OK;
}

static enum neuron_status
read_selections(const struct part *root, struct neuron_monitor_config *config,
                struct neuron_error *error)
{
    struct part list = find_member(root, "neuron_runtimes");
    /* All of all processes, where it is not there. */
    size_t count = list.value == NULL ? 1 : json_array_size(list.value);

    if (list.value != NULL && !json_is_array(list.value)) {
        return refuse(&list, "not an array", error);
    }
    if (count > SELECTIONS_LIMIT) {
        return refuse(&list, "more than 64 entries", error);
    }
    enum neuron_status status = make_selections(count, config, error);
    for (size_t i = 0; status == NEURON_OK && i < count; i += 1) {
        struct neuron_monitor_selection *selection = &config->selections[i];

        if (list.value == NULL) {
            const struct wanted wanted = {runtime_groups, selection->period_ns};

            status = read_groups(&list, &wanted, config->period_ns, error);
        } else {
            struct part entry = find_entry(&list, i);

            status = read_selection(&entry, config->period_ns, selection, error);
        }
        config->selection_count += 1;
    }
    return status;
}

static enum neuron_status
read_root(const struct part *root, uint64_t period_ns, struct neuron_monitor_config *config,
          struct neuron_error *error)
{
    static const char *const names[] = {"period", "neuron_runtimes", "system_metrics"};
    static const struct words members = {names, 3};
    const struct wanted wanted = {system_groups, config->system_period_ns};
    enum neuron_status status = check_members(root, &members, error);

    config->period_ns = default_period_ns;
    if (status == NEURON_OK) {
        status = read_period(root, &config->period_ns, error);
    }
    if (status != NEURON_OK) {
        return status;
    }
    if (period_ns != 0) {
        config->period_ns = period_ns;
    }
    status = read_selections(root, config, error);
    if (status == NEURON_OK) {
        struct part metrics = find_member(root, "system_metrics");

        status = read_groups(&metrics, &wanted, config->period_ns, error);
    }
    return status;
}

enum neuron_status
neuron_monitor_config_default(uint64_t period_ns, struct neuron_monitor_config *config,
                              struct neuron_error *error)
{
    static const char all[] = "{}";

    return neuron_monitor_config_parse("", all, sizeof(all) - 1, period_ns, config, error);
}

/* Says whether there is nothing but what JSON takes for blanks. */
static bool
is_blank(const char *bytes, size_t size_bytes)
{
    static const char blanks[] = {' ', '\t', '\r', '\n'};
    size_t length = 0;

    while (length < size_bytes && memchr(blanks, bytes[length], sizeof(blanks)) != NULL) {
        length += 1;
    }
    return length == size_bytes;
}

/* Why a text is no JSON; without the names of the library's own calls. */
static const char *
find_reason(json_error_t *reason)
{
    enum json_error_code code = json_error_code(reason);

    if (code == json_error_null_character || code == json_error_null_byte_in_key) {
        return "\\u0000 may not stand in a text";
    }
    neuron_make_printable(reason->text, sizeof(reason->text));
    return reason->text;
}

enum neuron_status
neuron_monitor_config_parse(const char *name, const char *bytes, size_t size_bytes,
                            uint64_t period_ns, struct neuron_monitor_config *config,
                            struct neuron_error *error)
{
    struct neuron_monitor_config made = {0};
    json_error_t reason = {0};
    struct part root = {.file = name};

    if (is_blank(bytes, size_bytes)) {
        return refuse(&root, "is empty; {} asks for everything", error);
    }
    root.value = json_loadb(bytes, size_bytes, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &reason);
    if (root.value == NULL) {
        return NEURON_FAIL(error, NEURON_INVALID_SYNTAX, "%.80s:%d:%d: %s", name, reason.line,
                           reason.column, find_reason(&reason));
    }
    enum neuron_status status = read_root(&root, period_ns, &made, error);
    json_decref(root.value);
    if (status != NEURON_OK) {
        neuron_monitor_config_clear(&made);
        return status;
    }
    *config = made;
    return NEURON_OK;
}

const struct neuron_monitor_selection *
neuron_monitor_config_select(const struct neuron_monitor_config *config, const char *tag)
{
    for (uint32_t i = 0; i < config->selection_count; i += 1) {
        const struct neuron_monitor_selection *selection = &config->selections[i];

        if (!selection->has_filter || regexec(&selection->filter, tag, 0, NULL, 0) == 0) {
            return selection;
        }
    }
    return NULL;
}

void
neuron_monitor_config_clear(struct neuron_monitor_config *config)
{
    for (uint32_t i = 0; i < config->selection_count; i += 1) {
        if (config->selections[i].has_filter) {
            regfree(&config->selections[i].filter);
        }
    }
    free(config->selections);
    memset(config, 0, sizeof(*config));
}
