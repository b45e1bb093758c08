/* SPDX-License-Identifier: Apache-2.0 */
/* Job logs: what is accepted marks ranks alone, and can be appended to without harm. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "job_log.h"

enum { RANK_COUNT = 3 };

/* A line behind the prelude must be read as it is, whatever stands before it. */
static void
check_append(const char *text, size_t length, const struct neuron_job_log_question *question)
{
    const char *prelude = neuron_job_log_prelude(text, length);
    const struct neuron_job_log_entry entry = {
        .rank = 1, .host = "host", .command = question->commands[1]};
    bool done[RANK_COUNT] = {false};
    struct neuron_error error = {0};
    char *line = neuron_job_log_format(&entry);
    char *appended = NULL;
    char *whole = NULL;
    int appended_length = line == NULL ? -1 : asprintf(&appended, "%s%s", prelude, line);

    if (appended_length >= 0) {
        whole = malloc(length + (size_t)appended_length);
    }
    if (whole != NULL) {
        size_t whole_length = length + (size_t)appended_length;

        memcpy(whole, text, length);
        memcpy(whole + length, appended, (size_t)appended_length);
        if (neuron_job_log_check(whole, whole_length, "log", &error) != NEURON_OK ||
            neuron_job_log_read(whole, whole_length, question, done, &error) != NEURON_OK ||
            !done[1]) {
            abort();
        }
    }
    if (appended_length >= 0) {
        free(appended);
    }
    free(line);
    free(whole);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes)
{
    char command[] = "work";
    char *const commands[RANK_COUNT] = {command, command, command};
    const struct neuron_job_log_question question = {
        .path = "log", .commands = commands, .rank_count = RANK_COUNT};
    bool done[RANK_COUNT] = {false};
    struct neuron_error error = {0};
    char *text = malloc(size_bytes == 0 ? 1 : size_bytes); /* no byte behind the end */

    if (text == NULL) {
        return 0;
    }
    memcpy(text, bytes, size_bytes);
    bool is_log = neuron_job_log_check(text, size_bytes, "log", &error) == NEURON_OK;
    bool is_ours = neuron_job_log_read(text, size_bytes, &question, done, &error) == NEURON_OK;
    if (!(is_log && is_ours) && error.text[0] == '\0') {
        abort();
    }
    if (is_log && is_ours) {
        check_append(text, size_bytes, &question);
    }
    free(text);
    return 0;
}
