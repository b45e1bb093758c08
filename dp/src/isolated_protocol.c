/* SPDX-License-Identifier: Apache-2.0 */
#include "isolated_protocol.h"

#include <stdbool.h>
#include <string.h>

static const uint32_t magic = 0x4F53494EU; /* "NISO" */

_Static_assert(sizeof(struct neuron_isolated_message) == 32 + NEURON_ERROR_TEXT_BYTES,
               "a message has no gaps");

struct neuron_isolated_message
neuron_isolated_message_make(enum neuron_isolated_kind kind)
{
    return (struct neuron_isolated_message){
        .magic = magic, .version = NEURON_ISOLATED_VERSION, .kind = (uint16_t)kind};
}

/* How many bytes the UTF-8 character at the start of a text has; 0 for none. Does not look past a
   zero byte. */
static size_t
character_bytes(const unsigned char *text)
{
    size_t count = text[0] < 0x80 ? 1 : text[0] < 0xE0 ? 2 : text[0] < 0xF0 ? 3 : 4;

    /* Continuations without a start, forms that are longer than need be, and beyond the last. */
    if ((text[0] >= 0x80 && text[0] < 0xC2) || text[0] > 0xF4) {
        return 0;
    }
    for (size_t i = 1; i < count; i += 1) {
        if ((text[i] & 0xC0) != 0x80) {
            return 0;
        }
    }
    bool is_overlong = (text[0] == 0xE0 && text[1] < 0xA0) || (text[0] == 0xF0 && text[1] < 0x90);
    bool is_surrogate = text[0] == 0xED && text[1] > 0x9F;
    bool is_beyond = text[0] == 0xF4 && text[1] > 0x8F;
    return is_overlong || is_surrogate || is_beyond ? 0 : count;
}

/* Ends a text, puts a question mark for every byte that belongs into no line, and zeroes the rest.
 */
static void
mend_text(char text[NEURON_ERROR_TEXT_BYTES])
{
    unsigned char *bytes = (unsigned char *)text;
    size_t position = 0;

    bytes[NEURON_ERROR_TEXT_BYTES - 1] = '\0';
    while (bytes[position] != '\0') {
        size_t count = character_bytes(&bytes[position]);
        bool is_control = bytes[position] < ' ' || bytes[position] == 0x7F;

        if (count == 0 || is_control) {
            bytes[position] = '?';
            count = 1;
        }
        position += count;
    }
    memset(&bytes[position], 0, NEURON_ERROR_TEXT_BYTES - position);
}

enum neuron_status
neuron_isolated_message_decode(const void *bytes, size_t size_bytes,
                               struct neuron_isolated_message *message, struct neuron_error *error)
{
    struct neuron_isolated_message decoded;

    if (size_bytes != sizeof(decoded)) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT, "a message of %zu bytes in place of %zu",
                           size_bytes, sizeof(decoded));
    }
    memcpy(&decoded, bytes, sizeof(decoded));
    if (decoded.magic != magic || decoded.version != NEURON_ISOLATED_VERSION) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "a message of another version (%u, not %d)", decoded.version,
                           NEURON_ISOLATED_VERSION);
    }
    if (decoded.kind < NEURON_ISOLATED_READY || decoded.kind > NEURON_ISOLATED_STOP ||
        decoded.status > NEURON_DEVICE_MEMORY_FULL || decoded.reserved != 0) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "a message of kind %u with status %u, which there is not", decoded.kind,
                           decoded.status);
    }
    if (decoded.kind == NEURON_ISOLATED_RUN ? decoded.rows < 1 : decoded.rows != 0) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT, "a message of kind %u with %lld rows",
                           decoded.kind, (long long)decoded.rows);
    }
    mend_text(decoded.text);
    *message = decoded;
    return NEURON_OK;
}

enum neuron_status
neuron_isolated_message_status(const struct neuron_isolated_message *message,
                               struct neuron_error *error)
{
    enum neuron_status status = (enum neuron_status)message->status;

    if (status != NEURON_OK) {
        neuron_error_set(error, status, "%s",
                         message->text[0] == '\0' ? neuron_status_name(status) : message->text);
    }
    return status;
}
