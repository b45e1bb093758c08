/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The text has a fixed part, and in it a list that takes what room is left: who asks, how much, and
 * what to do are always there; of those who use the device, as many as fit.
 */
#include "memory/refusal.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    TEXT_BYTES = NEURON_ERROR_TEXT_BYTES - 16, /* with the NUL; a caller may put "nc:12: " first */
    NAME_BYTES = 20,                           /* with the NUL */
    HEAD_BYTES = 6,                            /* of a name that is cut */
    TAIL_BYTES = 10                            /* likewise */
};

static const char *const use_names[NEURON_MEMORY_USES] = {
    [NEURON_MEMORY_WEIGHTS] = "the weights",
    [NEURON_MEMORY_ARENA] = "an arena",
    [NEURON_MEMORY_STAGES] = "slots of stages",
    [NEURON_MEMORY_BUFFER] = "a buffer",
};

/* A name whose middle was left out where it is too long: what tells names apart is often behind. */
struct short_name {
    char text[NAME_BYTES];
};

/* Says whether a byte goes on with a character of UTF-8. */
static bool
is_inside_character(char byte)
{
    return ((unsigned char)byte & 0xC0) == 0x80;
}

static struct short_name
shorten(const char *name)
{
    struct short_name shortened = {""};
    size_t length = strlen(name);
    size_t head = HEAD_BYTES;
    size_t tail = length - TAIL_BYTES; /* where it begins; only for long names */

    if (length < NAME_BYTES) {
        memcpy(shortened.text, name, length);
        return shortened;
    }
    while (head > 0 && is_inside_character(name[head])) {
        head -= 1;
    }
    while (is_inside_character(name[tail])) {
        tail += 1;
    }
    (void)snprintf(shortened.text, sizeof(shortened.text), "%.*s...%s", (int)head, name,
                   name + tail);
    return shortened;
}

static int
compare_owners(const void *left, const void *right)
{
    const struct neuron_memory_owner *first = left;
    const struct neuron_memory_owner *second = right;

    if (first->bytes != second->bytes) {
        return first->bytes > second->bytes ? -1 : 1;
    }
    return strcmp(first->name, second->name);
}

/* Ends a list, of which some owners may have been left out. */
static void
end_list(const char *shown, uint32_t shown_count, uint32_t other_count, char *list, size_t room)
{
    if (other_count == 0) {
        (void)snprintf(list, room, "%s)", shown);
    } else if (shown_count == 0) {
        (void)snprintf(list, room, "%sowners: %u)", shown, other_count);
    } else {
        (void)snprintf(list, room, "%s, and %u %s)", shown, other_count,
                       other_count == 1 ? "other" : "others");
    }
}

/*
 * Writes " (bert 700, resnet 200, and 3 others)" into a text of so many bytes, with the NUL: as
 * many owners as fit; "" where not even their number does.
 */
static void
list_owners(char *list, size_t room, const struct neuron_memory_owner *owners, uint32_t owner_count)
{
    char shown[TEXT_BYTES] = " (";
    char ended[TEXT_BYTES + 32] = "";
    size_t length = strlen(shown);

    list[0] = '\0';
    for (uint32_t i = 0; i <= owner_count && length < room; i += 1) {
        end_list(shown, i, owner_count - i, ended, sizeof(ended));
        if (strlen(ended) < room) {
            memcpy(list, ended, strlen(ended) + 1);
        }
        if (i < owner_count) {
            length +=
                (size_t)snprintf(shown + length, sizeof(shown) - length, "%s%s %" PRIu64,
                                 i == 0 ? "" : ", ", shorten(owners[i].name).text, owners[i].bytes);
        }
    }
}

enum neuron_status
neuron_memory_refuse(const struct neuron_memory_request *request,
                     const struct neuron_device_memory_stats *stats,
                     struct neuron_memory_owner *owners, uint32_t owner_count,
                     struct neuron_error *error)
{
    const char *advice = owner_count == 0 ? "; raise NEURON_RT_DEVICE_MEMORY"
                                          : "; unload a model, or raise NEURON_RT_DEVICE_MEMORY";
    char asked[TEXT_BYTES] = "";
    char list[TEXT_BYTES] = "";

    (void)snprintf(asked, sizeof(asked),
                   "device %u has no room for %.16s of %s: %" PRIu64 " bytes asked, %" PRIu64
                   " of %" PRIu64 " in use",
                   request->device, use_names[request->use], shorten(request->owner).text,
                   request->bytes, stats->used_bytes, stats->limit_bytes);
    size_t fixed = strlen(asked) + strlen(advice);
    if (owner_count > 0 && fixed < TEXT_BYTES) {
        qsort(owners, owner_count, sizeof(*owners), compare_owners);
        list_owners(list, TEXT_BYTES - fixed, owners, owner_count);
    }
    return NEURON_FAIL(error, NEURON_DEVICE_MEMORY_FULL, "%s%s%s", asked, list, advice);
}
