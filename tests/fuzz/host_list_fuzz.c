/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of hosts in all their syntaxes: accepted ones are whole, refused ones say why. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "host_list.h"

static void
check(enum neuron_status status, struct neuron_host_list *list, const struct neuron_error *error)
{
    if (status != NEURON_OK && (error->text[0] == '\0' || list->hosts != NULL)) {
        abort();
    }
    for (uint32_t i = 0; i < list->host_count; i += 1) {
        const char *name = list->hosts[i].name;

        if (name[0] == '\0' || name[0] == '-' || strpbrk(name, " \t\n;$&|'\"`\\/") != NULL ||
            list->hosts[i].slot_count == 0) {
            abort();
        }
    }
    neuron_host_list_destroy(list);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes)
{
    struct neuron_host_list list = {0};
    struct neuron_error error = {0};
    char *text = malloc(size_bytes + 1);

    if (text == NULL) {
        return 0;
    }
    memcpy(text, bytes, size_bytes);
    text[size_bytes] = '\0';
    check(neuron_host_list_parse(text, &list, &error), &list, &error);
    check(neuron_host_list_parse_file(text, "hosts", &list, &error), &list, &error);
    char *slots = strchr(text, '\n');
    if (slots != NULL) {
        *slots = '\0';
        slots += 1;
    }
    check(neuron_host_list_parse_slurm(text, slots, &list, &error), &list, &error);
    free(text);
    return 0;
}
