/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of a journal, as they are and without their checksums: a line that is accepted is written
 * as the same text again, and the contents hold what they promise. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "score/journal_reading.h"
#include "score/journal_record.h"

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes);

static struct neuron_piece_sum sums[NEURON_RECORD_SUM_LIMIT];

static void
check_record(const struct neuron_record *record, const char *body, size_t body_bytes)
{
    struct neuron_record_text text = {0};

    if (neuron_record_append(record, &text, NULL) != NEURON_OK ||
        text.size_bytes != body_bytes + NEURON_RECORD_SEAL_BYTES + 1 ||
        memcmp(text.bytes, body, body_bytes) != 0 ||
        neuron_record_check(text.bytes, text.size_bytes - 1) != body_bytes) {
        abort();
    }
    neuron_record_text_destroy(&text);
}

static uint64_t
end_of(struct neuron_row_range rows)
{
    return rows.first + rows.count;
}

static void
check_contents(const struct neuron_journal_contents *contents)
{
    uint64_t end = 0;

    for (size_t i = 0; i < contents->piece_count; i += 1) {
        if (contents->pieces[i].rows.first < end || end_of(contents->pieces[i].rows) <= end) {
            abort();
        }
        end = end_of(contents->pieces[i].rows);
    }
    if (end > contents->rows) {
        abort();
    }
    end = 0;
    for (size_t i = 0; i < contents->lost_count; i += 1) {
        if (contents->lost[i].first < end || contents->lost_counts[i] == 0) {
            abort();
        }
        end = end_of(contents->lost[i]);
    }
    for (size_t i = 1; i < contents->failure_count; i += 1) {
        if (contents->failures[i - 1].row >= contents->failures[i].row) {
            abort();
        }
    }
}

/* Takes a line as one that had its checksum. */
static void
add_body(struct neuron_journal_reading *reading, const char *body, size_t body_bytes)
{
    struct neuron_record record = {0};

    if (!neuron_record_parse(body, body_bytes, sums, &record)) {
        return;
    }
    check_record(&record, body, body_bytes);
    if (neuron_journal_reading_add_record(reading, &record, NULL) != NEURON_OK) {
        abort();
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes)
{
    struct neuron_journal_reading bodies = {0};
    struct neuron_journal_reading lines = {0};
    const char *text = (const char *)bytes;
    enum neuron_status status = NEURON_OK;

    for (size_t at = 0; at < size_bytes;) {
        const char *end = memchr(text + at, '\n', size_bytes - at);
        size_t length = end == NULL ? size_bytes - at : (size_t)(end - text) - at;

        add_body(&bodies, text + at, length);
        if (status == NEURON_OK) {
            status = neuron_journal_reading_add_line(&lines, "journal", text + at, length, NULL);
        }
        bodies.line += 1;
        at += length + 1;
    }
    if (neuron_journal_reading_finish(&bodies, NULL) != NEURON_OK ||
        neuron_journal_reading_finish(&lines, NULL) != NEURON_OK) {
        abort();
    }
    check_contents(&bodies.contents);
    check_contents(&lines.contents);
    neuron_journal_reading_destroy(&bodies);
    neuron_journal_reading_destroy(&lines);
    return 0;
}
