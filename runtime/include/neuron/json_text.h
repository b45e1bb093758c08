/* SPDX-License-Identifier: Apache-2.0 */
/* A JSON text that grows from its first brace to its last. */
#ifndef NEURON_JSON_TEXT_H
#define NEURON_JSON_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "neuron/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Values are added in the order of the text. Each call takes the name of the member that it adds
 * to an object, a text of our own; NULL in an array and for the outermost value. Where memory runs
 * out, what follows is dropped, and finish says so. One thread at a time.
 */
struct neuron_json_text {
    uint32_t line_depth; /* members up to this depth stand on lines of their own; 0 for none */

    char *bytes; /* from here on its own; zeroed at the beginning */
    size_t length;
    size_t capacity;
    uint32_t depth;
    bool has_member; /* the container that is open has one */
    bool has_failed;
};

/* Opens an object, or an array, as the next value. */
NEURON_API void
neuron_json_text_open_object(struct neuron_json_text *text, const char *name);
NEURON_API void
neuron_json_text_open_array(struct neuron_json_text *text, const char *name);

/* Closes what was opened last. */
NEURON_API void
neuron_json_text_close_object(struct neuron_json_text *text);
NEURON_API void
neuron_json_text_close_array(struct neuron_json_text *text);

/* Adds a string; null for NULL. Bytes that are no UTF-8 become U+FFFD each. */
NEURON_API void
neuron_json_text_add_string(struct neuron_json_text *text, const char *name, const char *value);

/* Adds a whole number. */
NEURON_API void
neuron_json_text_add_unsigned(struct neuron_json_text *text, const char *name, uint64_t value);
NEURON_API void
neuron_json_text_add_signed(struct neuron_json_text *text, const char *name, int64_t value);

/* Adds a number with so many decimals; null for what JSON has no number for. */
NEURON_API void
neuron_json_text_add_decimal(struct neuron_json_text *text, const char *name, double value,
                             uint32_t decimals);

/* Adds true or false, or null. */
NEURON_API void
neuron_json_text_add_bool(struct neuron_json_text *text, const char *name, bool value);
NEURON_API void
neuron_json_text_add_null(struct neuron_json_text *text, const char *name);

/*
 * Ends the text with a line end. `bytes` is then the whole text of `length` bytes, and a NUL
 * behind it.
 *
 * Returns NEURON_OUT_OF_MEMORY when something of it was dropped.
 */
NEURON_API NEURON_MUST_CHECK enum neuron_status
neuron_json_text_finish(struct neuron_json_text *text, struct neuron_error *error);

/* Frees the bytes, not the struct. */
NEURON_API void
neuron_json_text_destroy(struct neuron_json_text *text);

#ifdef __cplusplus
}
#endif

#endif
