/* SPDX-License-Identifier: Apache-2.0 */
#include "journal_text.h"

#include "check.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "score/checksum.h"

size_t
journal_text_seal(const char *lines, char *bytes, size_t size_bytes)
{
    size_t length = 0;

    while (lines[0] != '\0') {
        size_t line = strcspn(lines, "\n");
        int added = snprintf(bytes + length, size_bytes - length, "%.*s #%08" PRIx32 "\n",
                             (int)line, lines, (uint32_t)neuron_checksum(lines, line));

        assert_true(added > 0 && (size_t)added < size_bytes - length);
        length += (size_t)added;
        lines += line + (lines[line] == '\n' ? 1 : 0);
    }
    return length;
}

bool
journal_text_read(const char *bytes, size_t size_bytes, struct neuron_journal_reading *reading)
{
    size_t at = 0;

    *reading = (struct neuron_journal_reading){0};
    while (at < size_bytes) {
        const char *end = memchr(bytes + at, '\n', size_bytes - at);
        size_t length = end == NULL ? 0 : (size_t)(end - bytes) - at;
        struct neuron_error error = {0};

        enum neuron_status status =
            neuron_journal_reading_add_line(reading, "journal", bytes + at, length, &error);
        if (status != NEURON_OK) {
            assert_int_equal(status, NEURON_INVALID_ARGUMENT);
            assert_contains(error.text, "journal");
            return false;
        }
        at = end == NULL ? size_bytes : at + length + 1;
    }
    assert_ok(neuron_journal_reading_finish(reading, NULL), NULL);
    return true;
}

void
journal_text_read_lines(const char *lines, struct neuron_journal_reading *reading)
{
    char bytes[8192];
    size_t size_bytes = journal_text_seal(lines, bytes, sizeof(bytes));

    assert_true(journal_text_read(bytes, size_bytes, reading));
}
