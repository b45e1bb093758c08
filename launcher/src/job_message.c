/* SPDX-License-Identifier: Apache-2.0 */
/*
 * In bytes: "NJ", version, kind; rank, number of texts; the numbers of the kind; each text as its
 * length and its bytes with a zero at the end; then the rest are bytes as they are. Numbers have
 * four bytes, those of a kind eight, low bytes first.
 */
#include "job_message.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { HEAD_BYTES = 12, LENGTH_BYTES = 4, NUMBER_BYTES = 8 };

/* What a message of some kind has. */
struct shape {
    enum neuron_job_message_kind kind;
    uint32_t number_count;
    uint32_t text_least;
    uint32_t text_most;
    size_t bytes_most;
};

static const struct shape shapes[] = {
    {NEURON_JOB_HELLO, 0, 0, 0, 0},
    {NEURON_JOB_JOIN, 1, 3, 3, 0},
    {NEURON_JOB_CLAIMED, 0, NEURON_JOB_PLACE_TEXTS, UINT32_MAX, 0},
    {NEURON_JOB_REFUSED, 1, 1, 1, 0},
    {NEURON_JOB_STARTED, 1, 0, 0, 0},
    {NEURON_JOB_OUTPUT, 1, 0, 0, NEURON_JOB_OUTPUT_BYTES},
    {NEURON_JOB_TAKEN, 1, 0, 0, 0},
    {NEURON_JOB_ENDED, NEURON_JOB_ENDED_NUMBER_COUNT, 0, 0, 0},
    {NEURON_JOB_ASKED, 1, 0, 0, 0},
    {NEURON_JOB_ORPHANED, 0, 0, 0, 0},
    {NEURON_JOB_LEFT, 0, 0, 0, 0},
    {NEURON_JOB_WELCOME, 0, 0, 0, 0},
    {NEURON_JOB_SETUP, NEURON_JOB_SETUP_NUMBER_COUNT, NEURON_JOB_SETUP_TEXT_COUNT + 1, UINT32_MAX,
     0},
    {NEURON_JOB_START, 0, NEURON_JOB_PLACE_TEXTS, NEURON_JOB_PLACE_TEXTS, 0},
    {NEURON_JOB_SIGNAL, 1, 0, 0, 0},
    {NEURON_JOB_INPUT, 0, 0, 0, NEURON_JOB_OUTPUT_BYTES},
    {NEURON_JOB_ROOM, 1, 0, 0, 0},
    {NEURON_JOB_LEAVE, 0, 0, 0, 0},
    {NEURON_JOB_BEAT, 0, 0, 0, 0},
};

static const struct shape *
find_shape(uint32_t kind)
{
    for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i += 1) {
        if ((uint32_t)shapes[i].kind == kind) {
            return &shapes[i];
        }
    }
    return NULL;
}

static unsigned char *
put_number(unsigned char *to, uint64_t number, int count)
{
    for (int i = 0; i < count; i += 1) {
        to[i] = (unsigned char)(number >> (8 * i));
    }
    return to + count;
}

static uint64_t
get_number(const unsigned char *from, int count)
{
    uint64_t number = 0;

    for (int i = 0; i < count; i += 1) {
        number |= (uint64_t)from[i] << (8 * i);
    }
    return number;
}

static bool
fits_shape(const struct neuron_job_message *message, const struct shape *shape)
{
    return shape != NULL && message->text_count >= shape->text_least &&
           message->text_count <= shape->text_most && message->size_bytes <= shape->bytes_most;
}

static size_t
measure(const struct neuron_job_message *message, const struct shape *shape)
{
    size_t needed = HEAD_BYTES + (size_t)shape->number_count * NUMBER_BYTES + message->size_bytes;

    for (uint32_t i = 0; i < message->text_count && needed <= NEURON_JOB_MESSAGE_BYTES; i += 1) {
        needed += LENGTH_BYTES + strlen(message->texts[i]) + 1;
    }
    return needed;
}

enum neuron_status
neuron_job_message_encode(const struct neuron_job_message *message, void **bytes,
                          size_t *size_bytes, struct neuron_error *error)
{
    const struct shape *shape = find_shape((uint32_t)message->kind);
    size_t needed = fits_shape(message, shape) ? measure(message, shape) : 0;

    if (needed == 0 || needed > NEURON_JOB_MESSAGE_BYTES) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "the command line is too long to be sent to other hosts");
    }
    unsigned char *encoded = malloc(needed);
    if (encoded == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for a message of %zu bytes",
                           needed);
    }
    unsigned char *next = encoded;
    *next++ = 'N';
    *next++ = 'J';
    *next++ = NEURON_JOB_MESSAGE_VERSION;
    *next++ = (unsigned char)message->kind;
    next = put_number(next, message->rank, 4);
    next = put_number(next, message->text_count, 4);
    for (uint32_t i = 0; i < shape->number_count; i += 1) {
        next = put_number(next, message->numbers[i], NUMBER_BYTES);
    }
    for (uint32_t i = 0; i < message->text_count; i += 1) {
        size_t length = strlen(message->texts[i]) + 1;

        next = put_number(next, length, LENGTH_BYTES);
        memcpy(next, message->texts[i], length);
        next += length;
    }
    if (message->size_bytes > 0) {
        memcpy(next, message->bytes, message->size_bytes);
    }
    *bytes = encoded;
    *size_bytes = needed;
    return NEURON_OK;
}

static enum neuron_status
refuse(struct neuron_error *error)
{
    return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                       "received bytes that are no message of a job");
}

/* Finds the texts; `next` receives where they end. */
static enum neuron_status
decode_texts(struct neuron_job_message *message, const unsigned char **next,
             const unsigned char *end, struct neuron_error *error)
{
    const unsigned char *at = *next;

    if (message->text_count == 0) {
        return NEURON_OK;
    }
    /* Each takes its length and a zero. */
    if (message->text_count > (size_t)(end - at) / (LENGTH_BYTES + 1)) {
        return refuse(error);
    }
    const char **texts = calloc(message->text_count, sizeof(*texts));
    if (texts == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for a message");
    }
    message->texts = texts;
    for (uint32_t i = 0; i < message->text_count; i += 1) {
        if ((size_t)(end - at) < LENGTH_BYTES) {
            return refuse(error);
        }
        size_t length = (size_t)get_number(at, LENGTH_BYTES);
        at += LENGTH_BYTES;
        if (length == 0 || length > (size_t)(end - at) ||
            memchr(at, '\0', length) != at + length - 1) {
            return refuse(error);
        }
        texts[i] = (const char *)at;
        at += length;
    }
    *next = at;
    return NEURON_OK;
}

enum neuron_status
neuron_job_message_decode(const void *bytes, size_t size_bytes, struct neuron_job_message *message,
                          struct neuron_error *error)
{
    const unsigned char *next = bytes;

    *message = (struct neuron_job_message){0};
    if (size_bytes < HEAD_BYTES || next[0] != 'N' || next[1] != 'J') {
        return refuse(error);
    }
    if (next[2] != NEURON_JOB_MESSAGE_VERSION) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "another version of neuronrun is on some host; install one version on "
                           "all");
    }
    const unsigned char *end = next + size_bytes;
    const struct shape *shape = find_shape(next[3]);
    if (shape == NULL || size_bytes < HEAD_BYTES + (size_t)shape->number_count * NUMBER_BYTES) {
        return refuse(error);
    }
    message->kind = shape->kind;
    message->rank = (uint32_t)get_number(next + 4, 4);
    message->text_count = (uint32_t)get_number(next + 8, 4);
    next += HEAD_BYTES;
    for (uint32_t i = 0; i < shape->number_count; i += 1) {
        message->numbers[i] = get_number(next, NUMBER_BYTES);
        next += NUMBER_BYTES;
    }
    enum neuron_status status = decode_texts(message, &next, end, error);
    if (status != NEURON_OK) {
        return status;
    }
    message->bytes = next;
    message->size_bytes = (size_t)(end - next);
    return fits_shape(message, shape) ? NEURON_OK : refuse(error);
}

void
neuron_job_message_clear(struct neuron_job_message *message)
{
    /* Allocated here, and constant to everybody else. */
    /* NOLINTNEXTLINE(performance-no-int-to-ptr) */
    free((void *)(uintptr_t)message->texts);
    *message = (struct neuron_job_message){0};
}
