/* SPDX-License-Identifier: Apache-2.0 */
/* Command lines of the form --name value. */
#ifndef DIGITS_COMMAND_LINE_H
#define DIGITS_COMMAND_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"

/* Exit codes of all programs of this example. */
enum { DIGITS_EXIT_DONE = 0, DIGITS_EXIT_FAILED = 1, DIGITS_EXIT_USAGE = 2 };

/* One option. Exactly one of the three places is not NULL; it holds the default before. */
struct digits_option {
    const char *name; /* "--rows" */
    bool is_required; /* for a text: it has no default */
    const char **text;
    uint64_t *number;
    float *fraction;
    uint64_t number_least, number_most;
    float fraction_least, fraction_most;
};

struct digits_command_line {
    const char *program; /* "digits-draw": starts each line on stderr */
    const char *usage;   /* what --help prints */
    const struct digits_option *options;
    size_t option_count; /* at most 64 */
};

enum digits_request { DIGITS_RUN, DIGITS_END, DIGITS_MISUSE };

/*
 * Reads "--name value" and "--name=value" into the options' places.
 *
 * Returns DIGITS_RUN; DIGITS_END after --help, which is printed; or DIGITS_MISUSE, with the reason
 * in `error`, for an unknown, repeated, missing or unreadable option.
 */
enum digits_request
digits_command_line_parse(const struct digits_command_line *line, int argc, char **argv,
                          struct digits_error *error);

/* Ends a program that has nothing to run: prints a misuse, and returns the exit code. */
int
digits_command_line_end(const struct digits_command_line *line, enum digits_request request,
                        const struct digits_error *error);

/* Prints why a program failed, and returns the exit code. */
int
digits_command_line_fail(const struct digits_command_line *line, const struct digits_error *error);

#endif
