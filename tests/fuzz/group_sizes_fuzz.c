/* SPDX-License-Identifier: Apache-2.0 */
/* The text of the legacy groups: what parses adds up, and reads back from its plain list. */
#include "module/group_sizes.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NUMBER_BYTES = 8 };

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes);

static void
require(bool is_true, const char *what)
{
    if (!is_true) {
        (void)fprintf(stderr, "group_sizes_fuzz: %s\n", what);
        abort();
    }
}

static void
check_sum(const struct neuron_group_sizes *sizes)
{
    uint64_t sum = 0;

    require(sizes->count > 0 && sizes->count <= NEURON_GROUP_LIMIT, "a wrong number of groups");
    for (uint32_t i = 0; i < sizes->count; i += 1) {
        require(sizes->sizes[i] > 0, "a group without a core");
        sum += sizes->sizes[i];
    }
    require(sum == sizes->core_count && sum <= NEURON_CORE_NUMBER_LIMIT, "a wrong sum");
}

static void
check_reads_back(const struct neuron_group_sizes *sizes)
{
    struct neuron_group_sizes again = {.count = 0};
    char text[NEURON_GROUP_LIMIT * NUMBER_BYTES] = "";
    size_t length = 0;

    for (uint32_t i = 0; i < sizes->count; i += 1) {
        length += (size_t)snprintf(text + length, sizeof(text) - length, "%s%u", i == 0 ? "" : ",",
                                   sizes->sizes[i]);
    }
    require(neuron_group_sizes_parse(text, &again, NULL) == NEURON_OK, "a list that is refused");
    require(memcmp(sizes, &again, sizeof(again)) == 0, "a list that reads back as another one");
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes)
{
    struct neuron_group_sizes sizes = {.count = 0};
    struct neuron_error error = {0};
    char *text = malloc(size_bytes + 1);

    require(text != NULL, "out of memory");
    memcpy(text, bytes, size_bytes);
    text[size_bytes] = '\0';
    if (neuron_group_sizes_parse(text, &sizes, &error) == NEURON_OK) {
        check_sum(&sizes);
        check_reads_back(&sizes);
    } else {
        require(error.text[0] != '\0', "a refusal without a reason");
        require(sizes.count == 0, "sizes although the text does not parse");
    }
    free(text);
    return 0;
}
