/* SPDX-License-Identifier: Apache-2.0 */
/* Reads the few kinds of Python literals that stand in the header of an npy file. */
#ifndef NEURON_NPY_LITERAL_READER_H
#define NEURON_NPY_LITERAL_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Walks over a text that is not terminated. Every call skips white space first, returns false when
 * something else stands there, and then leaves the position where it was.
 */
struct neuron_literal_reader {
    const char *position;
    const char *end;
};

/* A string inside the text that is read. */
struct neuron_literal_string {
    const char *start;
    size_t length;
};

/* What came of reading an integer. */
enum neuron_literal_integer {
    NEURON_LITERAL_INTEGER_READ = 0,
    NEURON_LITERAL_INTEGER_NONE = 1,     /* something else stands there */
    NEURON_LITERAL_INTEGER_NEGATIVE = 2, /* a number below 0 */
    NEURON_LITERAL_INTEGER_TOO_LARGE = 3 /* does not fit 63 bits */
};

/* Takes one punctuation character. */
bool
neuron_literal_accept(struct neuron_literal_reader *reader, char expected);

/* Says whether a character comes next, without taking it. */
bool
neuron_literal_is_next(struct neuron_literal_reader *reader, char expected);

/* Takes a string in single or double quotes, without escapes or line ends inside. */
bool
neuron_literal_read_string(struct neuron_literal_reader *reader,
                           struct neuron_literal_string *string);

/* Takes True or False. */
bool
neuron_literal_read_bool(struct neuron_literal_reader *reader, bool *value);

/* Takes a decimal integer of at least 0; Python 2 wrote an L behind large ones. */
enum neuron_literal_integer
neuron_literal_read_integer(struct neuron_literal_reader *reader, int64_t *value);

/* Says whether only white space is left. */
bool
neuron_literal_is_at_end(struct neuron_literal_reader *reader);

#endif
