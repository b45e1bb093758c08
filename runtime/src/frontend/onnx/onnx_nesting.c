/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parser of the messages recurses into each sub-graph, so a file is looked through first, with
 * a stack of a fixed height. Tags and lengths are read as the parser reads them, including tags
 * that do not fit 32 bits, of which it drops the rest: what is no sub-graph here is none there. A
 * file that does not read so far is refused at once.
 */
#include "frontend/onnx/onnx_nesting.h"

#include <stdint.h>

/* The messages on the way from a graph to the graphs inside it. */
enum kind { MODEL, GRAPH, NODE, ATTRIBUTE };

/* The field of each message that holds the next one. */
static const uint32_t inner_fields[] = {7, 1, 5, 6};

enum {
    GRAPH_MESSAGES = 3, /* graph, node, attribute */
    STACK_LIMIT = 1 + GRAPH_MESSAGES * (NEURON_ONNX_NESTING_LIMIT + 1),
    SHORT_BYTES = 5, /* most bytes of a tag or a length */
    LONG_BYTES = 10  /* of a number */
};

enum wire { WIRE_NUMBER = 0, WIRE_8_BYTES = 1, WIRE_LENGTH = 2, WIRE_4_BYTES = 5 };

struct cursor {
    const unsigned char *next;
    const unsigned char *end;
};

/* Reads a number of at most `limit` bytes. */
static bool
read_number(struct cursor *cursor, int limit, uint64_t *number)
{
    uint64_t value = 0;

    for (int i = 0; i < limit && cursor->next < cursor->end; i += 1) {
        unsigned char byte = *cursor->next;

        cursor->next += 1;
        value |= i < LONG_BYTES - 1 ? (uint64_t)(byte & 0x7FU) << (7 * i) : 0;
        if ((byte & 0x80U) == 0) {
            *number = value;
            return true;
        }
    }
    return false;
}

static bool
skip(struct cursor *cursor, uint64_t size_bytes)
{
    if (size_bytes > (uint64_t)(cursor->end - cursor->next)) {
        return false;
    }
    cursor->next += size_bytes;
    return true;
}

/* The ends of the messages that the cursor is in; the innermost is the last. */
struct stack {
    int height;
    const unsigned char *ends[STACK_LIMIT];
};

static enum kind
kind_at(int height)
{
    return height == 1 ? MODEL : (enum kind)((height - 2) % GRAPH_MESSAGES + 1);
}

/* Goes into a message, or skips what is none on the way. */
static enum neuron_onnx_nesting
enter(struct cursor *cursor, struct stack *stack, uint32_t field)
{
    uint64_t size_bytes = 0;

    if (!read_number(cursor, SHORT_BYTES, &size_bytes) ||
        size_bytes > (uint64_t)(cursor->end - cursor->next)) {
        return NEURON_ONNX_NESTING_DAMAGED;
    }
    if (field != inner_fields[kind_at(stack->height)]) {
        cursor->next += size_bytes;
        return NEURON_ONNX_NESTING_FINE;
    }
    if (stack->height == STACK_LIMIT) {
        return NEURON_ONNX_NESTING_TOO_DEEP;
    }
    stack->ends[stack->height] = cursor->next + size_bytes;
    stack->height += 1;
    cursor->end = cursor->next + size_bytes;
    return NEURON_ONNX_NESTING_FINE;
}

/* Passes one field. */
static enum neuron_onnx_nesting
pass_field(struct cursor *cursor, struct stack *stack)
{
    uint64_t tag = 0;
    uint64_t number = 0;
    bool is_read = read_number(cursor, SHORT_BYTES, &tag);

    if (is_read && (tag & 7U) == WIRE_LENGTH) {
        return enter(cursor, stack, (uint32_t)(tag >> 3));
    }
    if (is_read && (tag & 7U) == WIRE_NUMBER) {
        is_read = read_number(cursor, LONG_BYTES, &number);
    } else if (is_read && (tag & 7U) == WIRE_8_BYTES) {
        is_read = skip(cursor, sizeof(uint64_t));
    } else if (is_read && (tag & 7U) == WIRE_4_BYTES) {
        is_read = skip(cursor, sizeof(uint32_t));
    } else {
        is_read = false;
    }
    return is_read ? NEURON_ONNX_NESTING_FINE : NEURON_ONNX_NESTING_DAMAGED;
}

enum neuron_onnx_nesting
neuron_onnx_nesting_check(const void *bytes, size_t size_bytes)
{
    struct cursor cursor = {.next = bytes, .end = (const unsigned char *)bytes + size_bytes};
    struct stack stack = {.height = 1, .ends = {cursor.end}};
    enum neuron_onnx_nesting found = NEURON_ONNX_NESTING_FINE;

    while (found == NEURON_ONNX_NESTING_FINE && stack.height > 0) {
        if (cursor.next == cursor.end) {
            stack.height -= 1;
            cursor.end = stack.height > 0 ? stack.ends[stack.height - 1] : cursor.end;
        } else {
            found = pass_field(&cursor, &stack);
        }
    }
    return found;
}
