/* SPDX-License-Identifier: Apache-2.0 */
#include "score/input_match.h"

#include <stdio.h>
#include <string.h>

enum { NAMES_BYTES = 100 };

/* Writes "a, b, c" of the model's inputs, cut where it does not fit. */
static const char *
list_names(const struct neuron_row_source_plan *plan, char *names)
{
    size_t used = 0;

    names[0] = '\0';
    for (uint32_t i = 0; i < plan->input_count && used < NAMES_BYTES - 1; i += 1) {
        int length = snprintf(names + used, NAMES_BYTES - used, "%s%s", i == 0 ? "" : ", ",
                              plan->inputs[i].name);
        used += length < 0 ? 0 : (size_t)length;
    }
    return names;
}

/* The number of an input; the count of all where there is none of that name. */
static uint32_t
find_input(const struct neuron_row_source_plan *plan, const char *name)
{
    uint32_t i = 0;

    while (i < plan->input_count && strcmp(plan->inputs[i].name, name) != 0) {
        i += 1;
    }
    return i;
}

static enum neuron_status
refuse_name(const struct neuron_row_source_plan *plan, const char *option, const char *name,
            struct neuron_error *error)
{
    char names[NAMES_BYTES] = "";

    return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                       "%s %.60s=...: %.60s has no input of that name; it takes %s", option, name,
                       plan->model_path, list_names(plan, names));
}

static enum neuron_status
match_named(const struct neuron_row_source_plan *plan, const struct neuron_named_text *given,
            struct neuron_input_choice *choices, struct neuron_error *error)
{
    uint32_t input = find_input(plan, given->name);

    if (input == plan->input_count) {
        return refuse_name(plan, "--input", given->name, error);
    }
    if (choices[input].value != NULL) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "--input %.100s is given twice; several files of one input are a folder "
                           "or a pattern",
                           given->name);
    }
    choices[input].value = given->value;
    choices[input].is_named = true;
    return NEURON_OK;
}

/* Gives what has no name to all inputs that are left. */
static enum neuron_status
match_rest(const struct neuron_row_source_plan *plan, const char *rest,
           struct neuron_input_choice *choices, struct neuron_error *error)
{
    uint32_t uses = 0;

    for (uint32_t i = 0; i < plan->input_count; i += 1) {
        if (choices[i].value == NULL && rest == NULL) {
            return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                               "the input %.60s of %.60s has no file; give --input %.60s=FILE",
                               plan->inputs[i].name, plan->model_path, plan->inputs[i].name);
        }
        if (choices[i].value == NULL) {
            choices[i].value = rest;
            uses += 1;
        }
    }
    if (rest != NULL && uses == 0) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "--input %.120s: all inputs have files by name; leave it out", rest);
    }
    for (uint32_t i = 0; i < plan->input_count; i += 1) {
        choices[i].value_uses = choices[i].is_named ? 1 : uses;
    }
    return NEURON_OK;
}

static enum neuron_status
match_files(const struct neuron_row_source_plan *plan, struct neuron_input_choice *choices,
            struct neuron_error *error)
{
    const struct neuron_named_list *given = &plan->options->inputs;
    const char *rest = NULL;
    enum neuron_status status = NEURON_OK;

    for (uint32_t i = 0; status == NEURON_OK && i < given->count; i += 1) {
        if (given->items[i].name != NULL) {
            status = match_named(plan, &given->items[i], choices, error);
        } else if (rest != NULL) {
            char names[NAMES_BYTES] = "";

            status = NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                                 "--input %.60s and --input %.60s have no names; name inputs as "
                                 "NAME=FILE, of %s",
                                 rest, given->items[i].value, list_names(plan, names));
        } else {
            rest = given->items[i].value;
        }
    }
    return status == NEURON_OK ? match_rest(plan, rest, choices, error) : status;
}

/* The input that columns without a name are for; the count of all where that is not clear. */
static uint32_t
only_input(const struct neuron_row_source_plan *plan)
{
    uint32_t only = plan->input_count;

    for (uint32_t i = 0; i < plan->input_count; i += 1) {
        if (!plan->is_shared[i] && only < plan->input_count) {
            return plan->input_count;
        }
        only = plan->is_shared[i] ? only : i;
    }
    return only;
}

static enum neuron_status
match_columns(const struct neuron_row_source_plan *plan, const struct neuron_named_text *given,
              struct neuron_input_choice *choices, struct neuron_error *error)
{
    uint32_t input = given->name == NULL ? only_input(plan) : find_input(plan, given->name);
    char names[NAMES_BYTES] = "";

    if (input == plan->input_count && given->name != NULL) {
        return refuse_name(plan, "--columns", given->name, error);
    }
    if (input == plan->input_count) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "--columns %.60s: say for which input, as NAME=LIST; %.60s takes %s",
                           given->value, plan->model_path, list_names(plan, names));
    }
    if (plan->is_shared[input]) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "--columns %.60s: the input is shared by all rows and has no columns",
                           plan->inputs[input].name);
    }
    if (choices[input].columns != NULL) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "--columns is given twice for the input %.100s; write one list",
                           plan->inputs[input].name);
    }
    choices[input].columns = given->value;
    return NEURON_OK;
}

enum neuron_status
neuron_input_match(const struct neuron_row_source_plan *plan, struct neuron_input_choice *choices,
                   struct neuron_error *error)
{
    const struct neuron_named_list *columns = &plan->options->columns;

    for (uint32_t i = 0; i < plan->input_count; i += 1) {
        choices[i] = (struct neuron_input_choice){0};
    }
    enum neuron_status status = match_files(plan, choices, error);
    for (uint32_t i = 0; status == NEURON_OK && i < columns->count; i += 1) {
        status = match_columns(plan, &columns->items[i], choices, error);
    }
    return status;
}
