/* SPDX-License-Identifier: Apache-2.0 */
/* Texts as fields of csv files and as strings of JSON. */
#ifndef NEURON_SCORE_FIELD_TEXT_H
#define NEURON_SCORE_FIELD_TEXT_H

#include <stddef.h>

#include "score/column_reader.h"
#include "score/new_file.h"

/* Puts a csv field, in quotes where it needs them (RFC 4180). */
void
neuron_field_put_csv(struct neuron_new_file *file, const char *text, size_t size_bytes);

/* Puts a JSON string, quotes included. Bytes that are no UTF-8 become U+FFFD each. */
void
neuron_field_put_json(struct neuron_new_file *file, const char *text, size_t size_bytes);

/* Puts what stood in a column. A JSON string becomes a csv field of its characters, and null an
 * empty one; other JSON values stay as they are. */
void
neuron_column_put_csv(struct neuron_new_file *file, const struct neuron_column_text *text);

/* The same for JSON: a csv field becomes a string, and a JSON value stays, or is null where there
 * is none. */
void
neuron_column_put_json(struct neuron_new_file *file, const struct neuron_column_text *text);

#endif
