/* SPDX-License-Identifier: Apache-2.0 */
#include "score/command_line.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "score/option_checks.h"
#include "score/option_forms.h"
#include "score/option_values.h"

enum { OPTION_LIMIT = 64, LEASE_TIMEOUT_MS = 30000, CHECKPOINT_MS = 2000 };

/* The arguments as they are walked over, and what was seen of them. */
struct argument_walk {
    char *const *next;
    char *const *end;
    bool is_given[OPTION_LIMIT];
    char *free_text; /* what is left of the options' text */
};

static enum neuron_status
refuse_memory(struct neuron_error *error)
{
    return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory for the command line");
}

/* Makes room for all names and lists: together they are no longer than the arguments. */
static enum neuron_status
reserve_text(const struct argument_walk *walk, struct neuron_score_options *options,
             struct neuron_error *error)
{
    size_t size_bytes = 1;

    for (char *const *argument = walk->next; argument < walk->end; argument += 1) {
        size_bytes += strlen(*argument) + 1;
    }
    options->list_text = malloc(size_bytes);
    return options->list_text == NULL ? refuse_memory(error) : NEURON_OK;
}

/* Copies a piece of an argument to where it has an end of its own. */
static char *
keep_text(struct argument_walk *walk, const char *text, size_t length)
{
    char *kept = walk->free_text;

    memcpy(kept, text, length);
    kept[length] = '\0';
    walk->free_text += length + 1;
    return kept;
}

/* Sets a field of the options whose type has the size of `value`. */
static void
set_field(struct neuron_score_options *options, size_t offset, const void *value, size_t size_bytes)
{
    memcpy((char *)options + offset, value, size_bytes);
}

/* Says whether an option may be given several times. */
static bool
is_repeatable(const struct neuron_score_option *option)
{
    return option->kind == NEURON_SCORE_OPTION_NAMED;
}

/* Takes the next argument apart, with the one behind it where that is its value. */
static enum neuron_status
take_option(struct argument_walk *walk, const struct neuron_score_option **option,
            const char **value, struct neuron_error *error)
{
    const char *argument = *walk->next;
    uint32_t found = neuron_score_option_find(argument, value);

    walk->next += 1;
    if (found == neuron_score_option_count()) {
        neuron_score_option_refuse(argument, error);
        return NEURON_INVALID_SYNTAX;
    }
    *option = neuron_score_option_at(found);
    const char *name = (*option)->long_form;
    bool takes_value = (*option)->value_name != NULL;
    if (walk->is_given[found] && !is_repeatable(*option)) {
        return NEURON_FAIL(error, NEURON_INVALID_SYNTAX, "%s is given twice; give it once", name);
    }
    walk->is_given[found] = true;
    if (takes_value && *value == NULL && walk->next < walk->end) {
        *value = *walk->next;
        walk->next += 1;
    }
    bool has_value = *value != NULL && **value != '\0';
    if (takes_value && !has_value) {
        return NEURON_FAIL(error, NEURON_INVALID_SYNTAX,
                           "%s lacks its value; see neuron-score --help", name);
    }
    if (!takes_value && *value != NULL) {
        return NEURON_FAIL(error, NEURON_INVALID_SYNTAX, "%s takes no value; give it alone", name);
    }
    if (*value == NULL) {
        *value = "";
    }
    return NEURON_OK;
}

/* Adds "NAME=VALUE" or "VALUE" to a list of the options. */
static enum neuron_status
add_named(struct argument_walk *walk, struct neuron_score_options *options,
          const struct neuron_score_option *option, const char *value, struct neuron_error *error)
{
    struct neuron_named_list list = {0};
    size_t length = neuron_score_measure_name(value);
    struct neuron_named_text item = {.value = value + (length > 0 ? length + 1 : 0)};

    if (*item.value == '\0') {
        return NEURON_FAIL(error, NEURON_INVALID_SYNTAX,
                           "%s %.100s lacks what stands behind the \"=\"; give NAME=VALUE",
                           option->long_form, value);
    }
    memcpy(&list, (char *)options + option->offset, sizeof(list));
    struct neuron_named_text *grown =
        realloc(list.items, ((size_t)list.count + 1) * sizeof(*grown));
    if (grown == NULL) {
        return refuse_memory(error);
    }
    item.name = length > 0 ? keep_text(walk, value, length) : NULL;
    grown[list.count] = item;
    list.items = grown;
    list.count += 1;
    set_field(options, option->offset, &list, sizeof(list));
    return NEURON_OK;
}

/* Where the words of a list go. */
struct word_list {
    const char ***words;
    uint32_t *count;
};

/* Cuts a list at its commas; what a word may look like is for others to say. */
static enum neuron_status
cut_list(struct argument_walk *walk, const struct neuron_score_option *option, const char *value,
         const struct word_list *list, struct neuron_error *error)
{
    uint32_t count = 1;

    for (const char *c = value; *c != '\0'; c += 1) {
        count += *c == ',' ? 1 : 0;
    }
    const char **words = calloc(count, sizeof(*words));
    if (words == NULL) {
        return refuse_memory(error);
    }
    *list->words = words;
    *list->count = count;
    char *rest = keep_text(walk, value, strlen(value));
    for (uint32_t i = 0; i < count; i += 1) {
        words[i] = strsep(&rest, ",");
        if (words[i][0] == '\0') {
            bool is_of_ids = option->kind == NEURON_SCORE_OPTION_IDS;

            return NEURON_FAIL(error, NEURON_INVALID_SYNTAX,
                               "%s %.100s: %s is missing; write a list as %s", option->long_form,
                               value, is_of_ids ? "an id" : "a name",
                               is_of_ids ? "0,nc:1" : "id,date");
        }
    }
    return NEURON_OK;
}

static enum neuron_status
set_choice(struct neuron_score_options *options, const struct neuron_score_option *option,
           const char *value, struct neuron_error *error)
{
    uint32_t chosen = 0;
    enum neuron_status status =
        neuron_score_parse_choice(option->long_form, value, option->choices, &chosen, error);

    if (status == NEURON_OK) {
        set_field(options, option->offset, &chosen, sizeof(chosen));
    }
    return status;
}

/* Sets a field of 64 bits: milliseconds, or bytes. */
static enum neuron_status
set_amount(struct neuron_score_options *options, const struct neuron_score_option *option,
           const char *value, struct neuron_error *error)
{
    const char *name = option->long_form;
    uint64_t amount = 0;
    enum neuron_status status =
        option->kind == NEURON_SCORE_OPTION_SECONDS
            ? neuron_score_parse_seconds(name, value, option->number, &amount, error)
            : neuron_score_parse_size(name, value, option->number, &amount, error);

    if (status == NEURON_OK) {
        set_field(options, option->offset, &amount, sizeof(amount));
    }
    return status;
}

/* Options whose values go to fields of their own. */
static enum neuron_status
set_special(struct argument_walk *walk, struct neuron_score_options *options,
            const struct neuron_score_option *option, const char *value, struct neuron_error *error)
{
    const struct word_list ids = {&options->device_ids, &options->device_id_count};
    const struct word_list names = {&options->passthrough, &options->passthrough_count};
    const char *name = option->long_form;

    switch ((int)option->kind) {
    case NEURON_SCORE_OPTION_WORDS:
        return cut_list(walk, option, value, &names, error);
    case NEURON_SCORE_OPTION_IDS:
        return cut_list(walk, option, value, &ids, error);
    case NEURON_SCORE_OPTION_RANGE:
        return neuron_score_parse_rows(name, value, &options->first_row, &options->end_row, error);
    case NEURON_SCORE_OPTION_BUDGET:
        return neuron_score_parse_budget(name, value, &options->max_errors,
                                         &options->max_error_share, error);
    default:
        options->has_fill = true;
        return neuron_score_parse_number(name, value, &options->fill, error);
    }
}

static enum neuron_status
set_option(struct argument_walk *walk, struct neuron_score_options *options,
           const struct neuron_score_option *option, const char *value, struct neuron_error *error)
{
    char *field = (char *)options + option->offset;
    const bool is_set = true;

    switch ((int)option->kind) {
    case NEURON_SCORE_OPTION_FLAG:
        set_field(options, option->offset, &is_set, sizeof(is_set));
        return NEURON_OK;
    case NEURON_SCORE_OPTION_SETTING:
        set_field(options, option->offset, &option->number, sizeof(option->number));
        return NEURON_OK;
    case NEURON_SCORE_OPTION_TEXT:
        set_field(options, option->offset, &value, sizeof(value));
        return NEURON_OK;
    case NEURON_SCORE_OPTION_NAMED:
        return add_named(walk, options, option, value, error);
    case NEURON_SCORE_OPTION_CHOICE:
        return set_choice(options, option, value, error);
    case NEURON_SCORE_OPTION_ROWS:
        return neuron_score_parse_count(option->long_form, value, (uint32_t *)(void *)field, error);
    case NEURON_SCORE_OPTION_SECONDS:
    case NEURON_SCORE_OPTION_SIZE:
        return set_amount(options, option, value, error);
    case NEURON_SCORE_OPTION_SHARE:
        return neuron_score_parse_share(option->long_form, value, (double *)(void *)field, error);
    default:
        return set_special(walk, options, option, value, error);
    }
}

/* Says whether an option was given. */
static bool
was_given(const struct argument_walk *walk, const char *name)
{
    const char *value = NULL;

    return walk->is_given[neuron_score_option_find(name, &value)];
}

/* What options say about each other. */
static enum neuron_status
check_pairs(const struct argument_walk *walk, struct neuron_score_options *options,
            struct neuron_error *error)
{
    static const struct {
        const char *one;
        const char *other;
    } excluded[] = {
        {"--restart", "--resume"}, {"--verify", "--restart"}, {"--verify", "--resume"},
        {"--verify", "--dry-run"}, {"--verify", "--audit"},
    };

    for (size_t i = 0; i < sizeof(excluded) / sizeof(excluded[0]); i += 1) {
        if (was_given(walk, excluded[i].one) && was_given(walk, excluded[i].other)) {
            return NEURON_FAIL(error, NEURON_INVALID_SYNTAX,
                               "%s and %s exclude each other; give one of them", excluded[i].one,
                               excluded[i].other);
        }
    }
    if (was_given(walk, "--max-errors") && !was_given(walk, "--on-error")) {
        options->on_error = NEURON_ON_ERROR_SKIP;
    }
    if (was_given(walk, "--max-errors") && options->on_error == NEURON_ON_ERROR_FAIL) {
        return NEURON_FAIL(error, NEURON_INVALID_SYNTAX,
                           "--max-errors needs --on-error skip, as the first row that fails ends "
                           "the job with --on-error fail");
    }
    if (options->row_timeout_ms > 0) {
        options->is_isolated = true;
    }
    return NEURON_OK;
}

static bool
shows_text(const struct neuron_score_options *options)
{
    return options->request == NEURON_SCORE_SHOW_HELP ||
           options->request == NEURON_SCORE_SHOW_VERSION;
}

static enum neuron_status
parse_all(struct argument_walk *walk, struct neuron_score_options *options,
          struct neuron_error *error)
{
    enum neuron_status status = reserve_text(walk, options, error);

    walk->free_text = options->list_text;
    while (status == NEURON_OK && walk->next < walk->end && !shows_text(options)) {
        const struct neuron_score_option *option = NULL;
        const char *value = NULL;

        status = take_option(walk, &option, &value, error);
        if (status == NEURON_OK) {
            status = set_option(walk, options, option, value, error);
        }
    }
    if (status != NEURON_OK || shows_text(options)) {
        return status;
    }
    status = check_pairs(walk, options, error);
    return status == NEURON_OK ? neuron_score_options_check(options, error) : status;
}

enum neuron_status
neuron_score_options_parse(int argument_count, char *const *arguments,
                           struct neuron_score_options *options, struct neuron_error *error)
{
    struct argument_walk walk = {.next = arguments + (argument_count > 0 ? 1 : 0),
                                 .end = arguments + argument_count};

    *options = (struct neuron_score_options){.end_row = UINT64_MAX,
                                             .max_errors = UINT64_MAX,
                                             .max_error_share = 1.0,
                                             .lease_timeout_ms = LEASE_TIMEOUT_MS,
                                             .checkpoint_ms = CHECKPOINT_MS};
    enum neuron_status status = parse_all(&walk, options, error);
    if (status != NEURON_OK) {
        neuron_score_options_destroy(options);
        return status;
    }
    return NEURON_OK;
}

void
neuron_score_options_destroy(struct neuron_score_options *options)
{
    free(options->inputs.items);
    free(options->outputs.items);
    free(options->columns.items);
    free(options->passthrough);
    free(options->device_ids);
    free(options->list_text);
    *options = (struct neuron_score_options){0};
}
