/* SPDX-License-Identifier: Apache-2.0 */
#include "job_log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    COLUMN_SEQ,
    COLUMN_EXIT_CODE = 6,
    COLUMN_SIGNAL,
    COLUMN_COMMAND,
    COLUMN_COUNT,
    SHOWN_BYTES = 48 /* of a command in a text */
};

static const char header[] =
    "Seq\tHost\tStarttime\tJobRuntime\tSend\tReceive\tExitval\tSignal\tCommand\n";

/* A piece of a line. */
struct column {
    const char *text;
    size_t length;
};

/* The letter behind the backslash that a character becomes; 0 where it stays. */
static char
escape_letter(char character)
{
    switch (character) {
    case '\t':
        return 't';
    case '\n':
        return 'n';
    case '\r':
        return 'r';
    case '\\':
        return '\\';
    default:
        return '\0';
    }
}

static char *
append_escaped(char *end, const char *word)
{
    for (; *word != '\0'; word += 1) {
        char letter = escape_letter(*word);

        if (letter != '\0') {
            *end = '\\';
            end += 1;
        }
        if (letter == '\0') {
            letter = *word;
        }
        *end = letter;
        end += 1;
    }
    return end;
}

char *
neuron_job_log_join(char *const *words)
{
    size_t size_bytes = 1;

    for (size_t i = 0; words[i] != NULL; i += 1) {
        size_bytes += 2 * strlen(words[i]) + 1;
    }
    char *joined = malloc(size_bytes);
    char *end = joined;
    if (joined == NULL) {
        return NULL;
    }
    for (size_t i = 0; words[i] != NULL; i += 1) {
        if (i > 0) {
            *end = ' ';
            end += 1;
        }
        end = append_escaped(end, words[i]);
    }
    *end = '\0';
    return joined;
}

char *
neuron_job_log_format(const struct neuron_job_log_entry *entry)
{
    char *line = NULL;

    if (asprintf(
            &line, "%u\t%s\t%llu.%03u\t%llu.%03u\t0\t0\t%d\t%d\t%s\n", entry->rank + 1, entry->host,
            (unsigned long long)(entry->started_ms / 1000), (unsigned)(entry->started_ms % 1000),
            (unsigned long long)(entry->elapsed_ms / 1000), (unsigned)(entry->elapsed_ms % 1000),
            entry->exit_code, entry->signal_number, entry->command) < 0) {
        return NULL;
    }
    return line;
}

/* Says whether a text is the beginning of the header, but not all of it. */
static bool
is_part_of_header(const char *text, size_t length)
{
    return length < sizeof(header) - 1 && memcmp(text, header, length) == 0;
}

const char *
neuron_job_log_prelude(const char *text, size_t length)
{
    if (length == 0 || is_part_of_header(text, length)) {
        return header + length;
    }
    /* One column more than a line can have, or an empty command: neither is ever taken for one. */
    return text[length - 1] == '\n' ? "" : "\t\n";
}

enum neuron_status
neuron_job_log_check(const char *text, size_t length, const char *path, struct neuron_error *error)
{
    size_t header_length = sizeof(header) - 1;

    if (length == 0 || is_part_of_header(text, length) ||
        (length >= header_length && memcmp(text, header, header_length) == 0)) {
        return NEURON_OK;
    }
    return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                       "%.150s is no job log: it does not begin with the line \"Seq Host Starttime "
                       "...\"; name another file",
                       path);
}

/* Cuts a line at its tabs. Returns false where it has not as many columns as a line of a log. */
static bool
cut_line(const char *line, size_t length, struct column *columns)
{
    const char *end = line + length;

    for (int i = 0; i < COLUMN_COUNT; i += 1) {
        const char *tab = memchr(line, '\t', (size_t)(end - line));

        if ((tab == NULL) != (i == COLUMN_COUNT - 1)) {
            return false;
        }
        const char *stop = tab == NULL ? end : tab;
        columns[i] = (struct column){.text = line, .length = (size_t)(stop - line)};
        line = tab == NULL ? end : tab + 1;
    }
    return columns[COLUMN_COMMAND].length > 0;
}

/* Reads a number of digits alone. */
static bool
read_number(const struct column *column, uint64_t *number)
{
    *number = 0;
    for (size_t i = 0; i < column->length; i += 1) {
        char digit = column->text[i];

        if (digit < '0' || digit > '9' || i >= 10) {
            return false;
        }
        *number = *number * 10 + (uint64_t)(digit - '0');
    }
    return column->length > 0;
}

static bool
is_command(const struct column *column, const char *command)
{
    return strlen(command) == column->length && memcmp(command, column->text, column->length) == 0;
}

/* Takes in one line. */
static enum neuron_status
read_line(const char *line, size_t length, const struct neuron_job_log_question *question,
          bool *done, struct neuron_error *error)
{
    struct column columns[COLUMN_COUNT] = {{0}};
    uint64_t seq = 0;
    uint64_t exit_code = 0;
    uint64_t signal_number = 0;

    if (!cut_line(line, length, columns) || !read_number(&columns[COLUMN_SEQ], &seq) || seq == 0 ||
        !read_number(&columns[COLUMN_EXIT_CODE], &exit_code) ||
        !read_number(&columns[COLUMN_SIGNAL], &signal_number)) {
        return NEURON_OK;
    }
    if (seq > question->rank_count) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "--resume: %.120s is of another job: it tells of rank %llu, and this "
                           "job has %u; name its own log, or another file",
                           question->path, (unsigned long long)(seq - 1), question->rank_count);
    }
    const char *command = question->commands[seq - 1];
    const struct column *logged = &columns[COLUMN_COMMAND];
    if (!is_command(logged, command)) {
        int shown = logged->length > SHOWN_BYTES ? SHOWN_BYTES : (int)logged->length;

        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "--resume: %.80s is of another job: rank %llu was \"%.*s\" there, and "
                           "is \"%.*s\" now",
                           question->path, (unsigned long long)(seq - 1), shown, logged->text,
                           (int)SHOWN_BYTES, command);
    }
    done[seq - 1] = exit_code == 0 && signal_number == 0;
    return NEURON_OK;
}

enum neuron_status
neuron_job_log_read(const char *text, size_t length, const struct neuron_job_log_question *question,
                    bool *done, struct neuron_error *error)
{
    const char *next = text;
    const char *end = text + length;
    enum neuron_status status = NEURON_OK;

    memset(done, 0, question->rank_count * sizeof(*done));
    while (status == NEURON_OK && next < end) {
        const char *stop = memchr(next, '\n', (size_t)(end - next));

        if (stop == NULL) {
            break; /* its writer died */
        }
        status = read_line(next, (size_t)(stop - next), question, done, error);
        next = stop + 1;
    }
    return status;
}
