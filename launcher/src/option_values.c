/* SPDX-License-Identifier: Apache-2.0 */
#include "option_values.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "neuron/core_set.h"
#include "neuron/seconds_text.h"

enum { WORDS_BYTES = 128, WORD_BYTES = 32 };

enum neuron_status
neuron_option_parse_count(const char *name, const char *text, uint32_t least, uint32_t *count,
                          struct neuron_error *error)
{
    char *end = NULL;
    unsigned long number = isdigit((unsigned char)text[0]) ? strtoul(text, &end, 10) : 0;

    if (end == NULL || *end != '\0' || number < least || number > NEURON_CORE_NUMBER_LIMIT) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "%s %.60s: give a whole number from %u to %d", name, text, least,
                           NEURON_CORE_NUMBER_LIMIT);
    }
    *count = (uint32_t)number;
    return NEURON_OK;
}

enum neuron_status
neuron_option_parse_seconds(const char *name, const char *text, uint64_t least_ms,
                            uint64_t *time_ms, struct neuron_error *error)
{
    uint64_t parsed_ms = 0;

    if (!neuron_seconds_parse(text, &parsed_ms) || parsed_ms < least_ms) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "%s %.60s: give a number of seconds, such as 30 or 0.5", name, text);
    }
    *time_ms = parsed_ms;
    return NEURON_OK;
}

/* Writes "a, b or c". */
static const char *
list_words(const struct neuron_option_choice *choices, char *words, size_t size_bytes)
{
    words[0] = '\0';
    for (size_t i = 0; choices[i].word != NULL; i += 1) {
        const char *before = choices[i + 1].word == NULL ? " or " : ", ";

        if (i > 0) {
            (void)strncat(words, before, size_bytes - strlen(words) - 1);
        }
        (void)strncat(words, choices[i].word, size_bytes - strlen(words) - 1);
    }
    return words;
}

enum neuron_status
neuron_option_parse_choice(const char *name, const char *text,
                           const struct neuron_option_choice *choices, uint32_t *value,
                           struct neuron_error *error)
{
    char words[WORDS_BYTES] = "";

    for (size_t i = 0; choices[i].word != NULL; i += 1) {
        if (strcasecmp(choices[i].word, text) == 0) {
            *value = choices[i].value;
            return NEURON_OK;
        }
    }
    return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT, "%s %.60s: give %s", name, text,
                       list_words(choices, words, sizeof(words)));
}

static enum neuron_status
apply_modifier(const char *name, const char *word, struct neuron_placement_wishes *wishes,
               struct neuron_error *error)
{
    if (strncasecmp(word, "pe=", 3) == 0) {
        return neuron_option_parse_count("--map-by PE", word + 3, 1, &wishes->cores_per_rank,
                                         error);
    }
    if (strcasecmp(word, "oversubscribe") == 0) {
        wishes->oversubscribes = true;
        return NEURON_OK;
    }
    if (strcasecmp(word, "nooversubscribe") == 0) {
        wishes->oversubscribes = false;
        return NEURON_OK;
    }
    if (strcasecmp(word, "hwtcpus") == 0) {
        wishes->uses_threads = true;
        return NEURON_OK;
    }
    return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                       "%s: no modifier %.40s; give PE=N, OVERSUBSCRIBE, NOOVERSUBSCRIBE or "
                       "HWTCPUS",
                       name, word);
}

enum neuron_status
neuron_option_parse_map(const char *name, const char *text, struct neuron_placement_wishes *wishes,
                        struct neuron_error *error)
{
    enum neuron_status status = NEURON_OK;
    char word[WORD_BYTES] = "";
    size_t length = strcspn(text, ":");
    uint32_t object = NEURON_LAUNCH_BY_CORE; /* of ":PE=2" */

    if (length >= sizeof(word)) {
        return neuron_option_parse_choice(name, text, neuron_option_map_choices, &object, error);
    }
    memcpy(word, text, length);
    if (length > 0) {
        status = neuron_option_parse_choice(name, word, neuron_option_map_choices, &object, error);
    }
    /* Open MPI 5 parts modifiers with commas. */
    for (text += length; status == NEURON_OK && *text != '\0'; text += length) {
        text += 1;
        length = strcspn(text, ":,");
        (void)memset(word, 0, sizeof(word));
        memcpy(word, text, length < sizeof(word) ? length : sizeof(word) - 1);
        status = apply_modifier(name, word, wishes, error);
    }
    if (status == NEURON_OK) {
        wishes->map_by = (enum neuron_launch_object)object;
    }
    return status;
}
