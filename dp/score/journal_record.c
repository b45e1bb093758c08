/* SPDX-License-Identifier: Apache-2.0 */
#include "score/journal_record.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "score/checksum.h"
#include "score/growing_list.h"

static const char *const kind_words[] = {
    [NEURON_RECORD_VERSION] = "neuron-score journal",
    [NEURON_RECORD_ROWS] = "rows",
    [NEURON_RECORD_IS] = "is",
    [NEURON_RECORD_LEASE] = "lease",
    [NEURON_RECORD_COPY] = "copy",
    [NEURON_RECORD_BACK] = "back",
    [NEURON_RECORD_DONE] = "done",
    [NEURON_RECORD_BAD] = "bad",
    [NEURON_RECORD_SEALED] = "seal",
    [NEURON_RECORD_END] = "end",
};

static const char *const stage_words[] = {
    [NEURON_BAD_READ] = "read", [NEURON_BAD_RUN] = "run",     [NEURON_BAD_NAN] = "nan",
    [NEURON_BAD_TIME] = "time", [NEURON_BAD_CRASH] = "crash",
};

enum {
    KIND_COUNT = sizeof(kind_words) / sizeof(kind_words[0]),
    STAGE_COUNT = sizeof(stage_words) / sizeof(stage_words[0]),
    NUMBER_BYTES = 21, /* a blank and 64 bits in decimal */
    SUM_BYTES = 26     /* a blank, 16 digits, a colon, 8 digits */
};

static void
add(struct neuron_record_text *text, const char *format, ...) NEURON_PRINTF(2, 3);

/* Adds formatted text, for which there is room. */
static void
add(struct neuron_record_text *text, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    int length = vsnprintf(text->bytes + text->size_bytes, text->limit_bytes - text->size_bytes,
                           format, arguments);
    va_end(arguments);
    text->size_bytes += length > 0 ? (size_t)length : 0;
}

/* Whether a character would break the line, or hide something on it. */
static bool
is_control(char character)
{
    return (unsigned char)character < 0x20 || character == 0x7F;
}

/* Adds a blank and text from outside, which must stay on its line. */
static void
add_text(struct neuron_record_text *text, const char *bytes, size_t size_bytes)
{
    char *place = text->bytes + text->size_bytes;

    place[0] = ' ';
    for (size_t i = 0; i < size_bytes; i += 1) {
        place[i + 1] = bytes[i];
        if (is_control(bytes[i])) {
            place[i + 1] = '?';
        }
    }
    text->size_bytes += size_bytes + 1;
}

static void
add_fields(const struct neuron_record *record, struct neuron_record_text *text)
{
    const struct neuron_row_failure *failure = &record->failure;

    switch (record->kind) {
    case NEURON_RECORD_VERSION:
        add(text, " %" PRIu64, record->version);
        break;
    case NEURON_RECORD_ROWS:
        add(text, " %" PRIu64 " %" PRIu32, record->rows.count, record->sum_count);
        break;
    case NEURON_RECORD_IS:
        add_text(text, record->text, record->text_bytes);
        break;
    case NEURON_RECORD_LEASE:
    case NEURON_RECORD_COPY:
    case NEURON_RECORD_BACK:
    case NEURON_RECORD_DONE:
        add(text, " %" PRIu64 " %" PRIu64 " %" PRIu32, record->rows.first, record->rows.count,
            record->rank);
        break;
    case NEURON_RECORD_BAD:
        add(text, " %" PRIu64 " %s %" PRIu32 " %" PRIu32, failure->row, stage_words[failure->stage],
            failure->attempts, failure->input);
        add_text(text, failure->reason, strnlen(failure->reason, sizeof(failure->reason) - 1));
        break;
    case NEURON_RECORD_SEALED:
        add(text, " %016" PRIx64, record->text_sum);
        break;
    case NEURON_RECORD_END:
    default:
        break;
    }
}

enum neuron_status
neuron_record_append(const struct neuron_record *record, struct neuron_record_text *text,
                     struct neuron_error *error)
{
    size_t start = text->size_bytes;
    bool has_sums = record->kind == NEURON_RECORD_DONE;
    size_t most_bytes = 32 + 4 * NUMBER_BYTES + sizeof(record->failure.reason) +
                        NEURON_RECORD_SEAL_BYTES + record->text_bytes +
                        (has_sums ? (size_t)record->sum_count * SUM_BYTES : 0);

    if (record->text_bytes >= NEURON_RECORD_LINE_LIMIT || most_bytes >= NEURON_RECORD_LINE_LIMIT ||
        record->sum_count > NEURON_RECORD_SUM_LIMIT) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "a line of the journal would have more than %d bytes",
                           NEURON_RECORD_LINE_LIMIT);
    }
    char *bytes = neuron_list_reserve(text->bytes, start, most_bytes, &text->limit_bytes, 1);
    if (bytes == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory for the journal");
    }
    text->bytes = bytes;
    add(text, "%s", kind_words[record->kind]);
    add_fields(record, text);
    for (uint32_t i = 0; has_sums && i < record->sum_count; i += 1) {
        add(text, " %016" PRIx64 ":%08" PRIx32, record->sums[i].xxh3, record->sums[i].crc32);
    }
    uint64_t sum = neuron_checksum(text->bytes + start, text->size_bytes - start);
    add(text, " #%08" PRIx32 "\n", (uint32_t)sum);
    return NEURON_OK;
}

void
neuron_record_text_destroy(struct neuron_record_text *text)
{
    free(text->bytes);
    *text = (struct neuron_record_text){0};
}

/* What is left of a line. Every read_ call takes its piece from the front, or returns false. */
struct rest {
    const char *bytes;
    size_t size_bytes;
};

static bool
read_word(struct rest *rest, const char *word)
{
    size_t length = strlen(word);

    if (rest->size_bytes < length || memcmp(rest->bytes, word, length) != 0) {
        return false;
    }
    rest->bytes += length;
    rest->size_bytes -= length;
    return true;
}

/* Decimal digits without a zero before them. */
static bool
read_number(struct rest *rest, uint64_t most, uint64_t *number)
{
    uint64_t value = 0;
    size_t length = 0;

    while (length < rest->size_bytes && rest->bytes[length] >= '0' && rest->bytes[length] <= '9') {
        uint64_t digit = (uint64_t)(rest->bytes[length] - '0');

        if (__builtin_mul_overflow(value, 10, &value) ||
            __builtin_add_overflow(value, digit, &value)) {
            return false;
        }
        length += 1;
    }
    if (length == 0 || (rest->bytes[0] == '0' && length > 1) || value > most) {
        return false;
    }
    rest->bytes += length;
    rest->size_bytes -= length;
    *number = value;
    return true;
}

static bool
read_number32(struct rest *rest, uint32_t *number)
{
    uint64_t value = 0;

    if (!read_number(rest, UINT32_MAX, &value)) {
        return false;
    }
    *number = (uint32_t)value;
    return true;
}

/* The value of a small hexadecimal digit; 16 for none. */
static uint64_t
digit_of(char character)
{
    if (character >= '0' && character <= '9') {
        return (uint64_t)(character - '0');
    }
    return character >= 'a' && character <= 'f' ? (uint64_t)(character - 'a') + 10 : 16;
}

/* Exactly so many small hexadecimal digits. */
static bool
read_hex(struct rest *rest, size_t length, uint64_t *number)
{
    uint64_t value = 0;

    if (rest->size_bytes < length) {
        return false;
    }
    for (size_t i = 0; i < length; i += 1) {
        uint64_t digit = digit_of(rest->bytes[i]);

        if (digit > 15) {
            return false;
        }
        value = value << 4 | digit;
    }
    rest->bytes += length;
    rest->size_bytes -= length;
    *number = value;
    return true;
}

/* Text to the end of the line. */
static bool
is_text(const struct rest *rest)
{
    for (size_t i = 0; i < rest->size_bytes; i += 1) {
        if (is_control(rest->bytes[i])) {
            return false;
        }
    }
    return true;
}

static bool
read_rows(struct rest *rest, struct neuron_record *record)
{
    uint64_t end = 0;

    return read_word(rest, " ") && read_number(rest, UINT64_MAX, &record->rows.first) &&
           read_word(rest, " ") && read_number(rest, UINT64_MAX, &record->rows.count) &&
           read_word(rest, " ") && read_number32(rest, &record->rank) && record->rows.count > 0 &&
           !__builtin_add_overflow(record->rows.first, record->rows.count, &end);
}

static bool
read_sums(struct rest *rest, struct neuron_piece_sum *sums, struct neuron_record *record)
{
    uint64_t xxh3 = 0;
    uint64_t crc32 = 0;

    while (record->sum_count < NEURON_RECORD_SUM_LIMIT && read_word(rest, " ")) {
        if (!read_hex(rest, 16, &xxh3) || !read_word(rest, ":") || !read_hex(rest, 8, &crc32)) {
            return false;
        }
        sums[record->sum_count] = (struct neuron_piece_sum){.xxh3 = xxh3, .crc32 = (uint32_t)crc32};
        record->sum_count += 1;
    }
    record->sums = sums;
    return rest->size_bytes == 0;
}

static bool
read_stage(struct rest *rest, enum neuron_bad_stage *stage)
{
    for (size_t i = 0; i < STAGE_COUNT; i += 1) {
        if (read_word(rest, stage_words[i])) {
            *stage = (enum neuron_bad_stage)i;
            return true;
        }
    }
    return false;
}

static bool
read_failure(struct rest *rest, struct neuron_row_failure *failure)
{
    if (!read_word(rest, " ") || !read_number(rest, UINT64_MAX, &failure->row) ||
        !read_word(rest, " ") || !read_stage(rest, &failure->stage) || !read_word(rest, " ") ||
        !read_number32(rest, &failure->attempts) || !read_word(rest, " ") ||
        !read_number32(rest, &failure->input) || !read_word(rest, " ") ||
        rest->size_bytes >= sizeof(failure->reason) || !is_text(rest)) {
        return false;
    }
    memcpy(failure->reason, rest->bytes, rest->size_bytes);
    return true;
}

static bool
read_fields(struct rest *rest, struct neuron_piece_sum *sums, struct neuron_record *record)
{
    switch (record->kind) {
    case NEURON_RECORD_VERSION:
        return read_word(rest, " ") && read_number(rest, UINT64_MAX, &record->version) &&
               rest->size_bytes == 0;
    case NEURON_RECORD_ROWS:
        return read_word(rest, " ") && read_number(rest, UINT64_MAX, &record->rows.count) &&
               read_word(rest, " ") && read_number32(rest, &record->sum_count) &&
               record->sum_count <= NEURON_RECORD_SUM_LIMIT && rest->size_bytes == 0;
    case NEURON_RECORD_IS:
        if (!read_word(rest, " ") || !is_text(rest)) {
            return false;
        }
        record->text = rest->bytes;
        record->text_bytes = rest->size_bytes;
        return true;
    case NEURON_RECORD_LEASE:
    case NEURON_RECORD_COPY:
    case NEURON_RECORD_BACK:
        return read_rows(rest, record) && rest->size_bytes == 0;
    case NEURON_RECORD_DONE:
        return read_rows(rest, record) && read_sums(rest, sums, record);
    case NEURON_RECORD_BAD:
        return read_failure(rest, &record->failure);
    case NEURON_RECORD_SEALED:
        return read_word(rest, " ") && read_hex(rest, 16, &record->text_sum) &&
               rest->size_bytes == 0;
    case NEURON_RECORD_END:
        return rest->size_bytes == 0;
    default:
        return false;
    }
}

size_t
neuron_record_check(const char *line, size_t size_bytes)
{
    uint64_t expected = 0;

    if (size_bytes <= NEURON_RECORD_SEAL_BYTES) {
        return 0;
    }
    size_t body_bytes = size_bytes - NEURON_RECORD_SEAL_BYTES;
    struct rest rest = {.bytes = line + body_bytes, .size_bytes = NEURON_RECORD_SEAL_BYTES};
    if (!read_word(&rest, " #") || !read_hex(&rest, 8, &expected) ||
        (uint32_t)neuron_checksum(line, body_bytes) != expected) {
        return 0;
    }
    return body_bytes;
}

bool
neuron_record_parse(const char *body, size_t size_bytes, struct neuron_piece_sum *sums,
                    struct neuron_record *record)
{
    for (size_t i = 0; i < KIND_COUNT; i += 1) {
        struct rest rest = {.bytes = body, .size_bytes = size_bytes};

        *record = (struct neuron_record){.kind = (enum neuron_record_kind)i};
        if (read_word(&rest, kind_words[i]) && read_fields(&rest, sums, record)) {
            return true;
        }
    }
    return false;
}
