/* SPDX-License-Identifier: Apache-2.0 */
#include "help_text.h"

#include <string.h>

/* What is not read yet. */
struct rest {
    const uint8_t *bytes;
    size_t size_bytes;
};

static bool
read_number(struct rest *rest, uint32_t *number)
{
    if (rest->size_bytes < 4) {
        return false;
    }
    *number = (uint32_t)rest->bytes[0] << 24 | (uint32_t)rest->bytes[1] << 16 |
              (uint32_t)rest->bytes[2] << 8 | rest->bytes[3];
    rest->bytes += 4;
    rest->size_bytes -= 4;
    return true;
}

/* A string with its end, after how many there are, one, and its length; yields where it lies. */
static bool
read_string(struct rest *rest, struct rest *string)
{
    uint32_t count = 0;
    uint32_t length = 0;

    if (!read_number(rest, &count) || count != 1 || !read_number(rest, &length) ||
        length > rest->size_bytes) {
        return false;
    }
    if (length > 0 && rest->bytes[length - 1] != '\0') {
        return false;
    }
    *string = (struct rest){.bytes = rest->bytes, .size_bytes = length == 0 ? 0 : length - 1};
    rest->bytes += length;
    rest->size_bytes -= length;
    return true;
}

static bool
is_line_end(uint8_t byte)
{
    return byte == '\n' || byte == '\r';
}

static void
copy_text(struct rest string, char *text, size_t text_bytes)
{
    size_t length = 0;

    while (string.size_bytes > 0 && is_line_end(string.bytes[0])) {
        string.bytes += 1;
        string.size_bytes -= 1;
    }
    while (string.size_bytes > 0 && is_line_end(string.bytes[string.size_bytes - 1])) {
        string.size_bytes -= 1;
    }
    while (length < string.size_bytes && length < text_bytes - 1) {
        uint8_t byte = string.bytes[length];
        bool is_control = byte < ' ' && byte != '\n' && byte != '\t';

        text[length] = ' ';
        if (!is_control && byte != 0x7f) {
            memcpy(&text[length], &byte, 1);
        }
        length += 1;
    }
    text[length] = '\0';
}

bool
neuron_help_text_decode(const uint8_t *bytes, size_t size_bytes, char *text, size_t text_bytes)
{
    struct rest rest = {.bytes = bytes, .size_bytes = size_bytes};
    struct rest string = {0};
    bool has_string = false;

    text[0] = '\0';
    while (rest.size_bytes > 0) {
        if (!read_string(&rest, &string)) {
            return false;
        }
        has_string = true;
    }
    if (has_string) {
        copy_text(string, text, text_bytes);
    }
    return has_string;
}
