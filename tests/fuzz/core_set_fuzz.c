/* SPDX-License-Identifier: Apache-2.0 */
/* The text of a core set: whatever parses is formatted, and reads back as the same set. */
#include "neuron/core_set.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CHECKED_MEMBERS = 64 };

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes);

static void
require(bool is_true, const char *what)
{
    if (!is_true) {
        (void)fprintf(stderr, "core_set_fuzz: %s\n", what);
        abort();
    }
}

/* The set's text in a new buffer, cut nowhere. */
static char *
format_whole(const struct neuron_core_set *set)
{
    size_t length = neuron_core_set_format(set, NULL, 0);
    char *text = malloc(length + 1);

    require(text != NULL, "out of memory");
    require(neuron_core_set_format(set, text, length + 1) == length, "the length changed");
    require(strlen(text) == length, "the length is not that of the text");
    return text;
}

static void
check_cut_text(const struct neuron_core_set *set, const char *whole)
{
    char cut[4] = "###";

    (void)neuron_core_set_format(set, cut, sizeof(cut));
    require(strlen(cut) < sizeof(cut), "a cut text has no end");
    require(strncmp(cut, whole, strlen(cut)) == 0, "a cut text does not begin the whole one");
}

/* Looks at the first members only: finding the one at a position takes the longer the larger it is.
 */
static void
check_members(const struct neuron_core_set *set)
{
    uint32_t count = neuron_core_set_count(set);
    uint32_t previous = 0;

    require(count > 0, "a list that parsed is empty");
    for (uint32_t i = 0; i < count && i < CHECKED_MEMBERS; i += 1) {
        uint32_t core = neuron_core_set_at(set, i);

        require(core < NEURON_CORE_NUMBER_LIMIT, "a core number is past the limit");
        require(i == 0 || core > previous, "core numbers do not ascend");
        require(neuron_core_set_contains(set, core), "a core is counted, but not contained");
        previous = core;
    }
    require(neuron_core_set_at(set, count) == NEURON_NO_CORE, "a core stands past the end");
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes)
{
    struct neuron_core_set *set = NULL;
    struct neuron_core_set *again = NULL;
    struct neuron_error error = {0};
    char *text = malloc(size_bytes + 1);

    require(text != NULL, "out of memory");
    memcpy(text, bytes, size_bytes);
    text[size_bytes] = '\0';
    if (neuron_core_set_parse(text, &set, &error) != NEURON_OK) {
        require(set == NULL, "a set was made although the text does not parse");
        require(error.text[0] != '\0', "a refusal without a reason");
        free(text);
        return 0;
    }
    free(text);

    char *whole = format_whole(set);
    check_members(set);
    check_cut_text(set, whole);
    require(neuron_core_set_parse(whole, &again, &error) == NEURON_OK, "a text does not read back");
    require(neuron_core_set_equals(set, again), "a text reads back as another set");
    free(whole);
    neuron_core_set_destroy(again);
    neuron_core_set_destroy(set);
    return 0;
}
