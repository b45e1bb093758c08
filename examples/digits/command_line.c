/* SPDX-License-Identifier: Apache-2.0 */
#include "command_line.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool
read_number(const struct digits_option *option, const char *text, struct digits_error *error)
{
    char *end = NULL;

    errno = 0;
    unsigned long long number = strtoull(text, &end, 10);
    if (*text < '0' || *text > '9' || *end != '\0' || errno != 0 || number < option->number_least ||
        number > option->number_most) {
        digits_error_set(error, "%s is \"%s\", expected a whole number from %llu to %llu",
                         option->name, text, (unsigned long long)option->number_least,
                         (unsigned long long)option->number_most);
        return false;
    }
    *option->number = number;
    return true;
}

static bool
read_fraction(const struct digits_option *option, const char *text, struct digits_error *error)
{
    char *end = NULL;
    float fraction = strtof(text, &end);

    /* A comparison with NaN is false, so that one is refused too. */
    if (end == text || *end != '\0' ||
        !(fraction >= option->fraction_least && fraction <= option->fraction_most)) {
        digits_error_set(error, "%s is \"%s\", expected a number from %g to %g", option->name, text,
                         (double)option->fraction_least, (double)option->fraction_most);
        return false;
    }
    *option->fraction = fraction;
    return true;
}

static bool
read_value(const struct digits_option *option, const char *text, struct digits_error *error)
{
    if (option->number != NULL) {
        return read_number(option, text, error);
    }
    if (option->fraction != NULL) {
        return read_fraction(option, text, error);
    }
    if (*text == '\0') {
        digits_error_set(error, "%s is empty", option->name);
        return false;
    }
    *option->text = text;
    return true;
}

/* Finds the option that an argument names, with or without "=value" behind it. */
static size_t
find_option(const struct digits_command_line *line, const char *argument)
{
    size_t length = strcspn(argument, "=");
    size_t index = 0;

    while (index < line->option_count) {
        const char *name = line->options[index].name;
        if (strlen(name) == length && strncmp(name, argument, length) == 0) {
            break;
        }
        index += 1;
    }
    return index;
}

static bool
check_required(const struct digits_command_line *line, struct digits_error *error)
{
    for (size_t i = 0; i < line->option_count; i += 1) {
        const struct digits_option *option = &line->options[i];
        if (option->is_required && *option->text == NULL) {
            digits_error_set(error, "%s is missing; --help shows all options", option->name);
            return false;
        }
    }
    return true;
}

/* Reads the option at `*position`, and moves that behind it. */
static bool
read_option(const struct digits_command_line *line, char **argv, int *position,
            uint64_t *seen_options, struct digits_error *error)
{
    const char *argument = argv[*position];
    const char *value = strchr(argument, '=');
    size_t index = find_option(line, argument);

    if (index == line->option_count) {
        digits_error_set(error, "\"%s\" is no option; --help shows all options", argument);
        return false;
    }
    if ((*seen_options >> index & 1) != 0) {
        digits_error_set(error, "%s is given twice", line->options[index].name);
        return false;
    }
    *seen_options |= UINT64_C(1) << index;
    *position += 1;
    if (value != NULL) {
        return read_value(&line->options[index], value + 1, error);
    }
    value = argv[*position];
    if (value == NULL) {
        digits_error_set(error, "%s needs a value", argument);
        return false;
    }
    *position += 1;
    return read_value(&line->options[index], value, error);
}

enum digits_request
digits_command_line_parse(const struct digits_command_line *line, int argc, char **argv,
                          struct digits_error *error)
{
    uint64_t seen_options = 0; /* a bit for each option */
    int position = 1;

    while (position < argc) {
        if (strcmp(argv[position], "--help") == 0) {
            fputs(line->usage, stdout);
            return DIGITS_END;
        }
        if (!read_option(line, argv, &position, &seen_options, error)) {
            return DIGITS_MISUSE;
        }
    }
    return check_required(line, error) ? DIGITS_RUN : DIGITS_MISUSE;
}

int
digits_command_line_end(const struct digits_command_line *line, enum digits_request request,
                        const struct digits_error *error)
{
    if (request == DIGITS_END) {
        return DIGITS_EXIT_DONE;
    }
    fprintf(stderr, "%s: %s\n", line->program, error->text);
    return DIGITS_EXIT_USAGE;
}

int
digits_command_line_fail(const struct digits_command_line *line, const struct digits_error *error)
{
    fprintf(stderr, "%s: %s\n", line->program, error->text);
    return DIGITS_EXIT_FAILED;
}
