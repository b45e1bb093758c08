/* SPDX-License-Identifier: Apache-2.0 */
/* The records of csv text, and the fields of a record. */
#ifndef NEURON_SCORE_CSV_FIELDS_H
#define NEURON_SCORE_CSV_FIELDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How a record goes on where the bytes that are known end. */
enum neuron_csv_end {
    NEURON_CSV_ENDED = 0,    /* with a line end among these bytes */
    NEURON_CSV_OPEN = 1,     /* it may go on; at the end of a file it is whole */
    NEURON_CSV_IN_QUOTES = 2 /* inside of quotes; at the end of a file it is damaged */
};

/*
 * Finds the line end of the record that begins the bytes: the first one outside of quotes. Quotes
 * count where they begin a field.
 *
 * length  receives the length of the record without its line end, when it has ended.
 */
enum neuron_csv_end
neuron_csv_record_end(const char *bytes, size_t size_bytes, size_t *length);

/* A field as it stands in a record: without the quotes around it, doubled ones still doubled. */
struct neuron_csv_field {
    const char *text;
    size_t size_bytes;
    bool is_quoted;
};

/* A walk over the fields of a record. */
struct neuron_csv_walk {
    const char *next; /* NULL behind the last field */
    const char *end;
    bool is_damaged; /* there was something between a closing quote and the comma */
};

/* Starts at the first field. A record, also an empty one, has at least one. */
struct neuron_csv_walk
neuron_csv_walk_of(const char *record, size_t size_bytes);

/* Steps to the next field; false when there is none. */
bool
neuron_csv_walk_next(struct neuron_csv_walk *walk, struct neuron_csv_field *field);

/*
 * Writes the text that a field stands for: doubled quotes become one.
 *
 * text  has room for the field's bytes.
 *
 * Returns the length.
 */
size_t
neuron_csv_field_text(const struct neuron_csv_field *field, char *text);

#endif
