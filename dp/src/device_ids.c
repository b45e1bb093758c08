/* SPDX-License-Identifier: Apache-2.0 */
#include "device_ids.h"

#include <inttypes.h>
#include <stddef.h>
#include <string.h>

/* Returns the digits of an id, or NULL when it is of neither form. */
static const char *
find_digits(const char *id)
{
    const char *digits = strncmp(id, "nc:", 3) == 0 ? id + 3 : id;
    size_t length = strspn(digits, "0123456789");

    return length > 0 && digits[length] == '\0' ? digits : NULL;
}

static enum neuron_status
parse_id(const char *id, uint32_t owned, uint32_t *core, struct neuron_error *error)
{
    const char *digits = id == NULL ? NULL : find_digits(id);
    uint64_t number = 0;

    if (digits == NULL) {
        return NEURON_FAIL(error, NEURON_INVALID_SYNTAX,
                           "device id \"%.60s\" is no core: write \"3\" or \"nc:3\"",
                           id == NULL ? "" : id);
    }
    /* Stops at the first number that is too large, long before it could overflow. */
    for (const char *digit = digits; *digit != '\0' && number < owned; digit += 1) {
        number = number * 10 + (uint64_t)(*digit - '0');
    }
    if (number < owned) {
        *core = (uint32_t)number;
        return NEURON_OK;
    }
    if (owned == 1) {
        return NEURON_FAIL(error, NEURON_NO_SUCH_CORE,
                           "device id nc:%.60s: this process owns nc:0 alone", digits);
    }
    return NEURON_FAIL(error, NEURON_NO_SUCH_CORE,
                       "device id nc:%.60s: this process owns nc:0 to nc:%" PRIu32, digits,
                       owned - 1);
}

/* Checks that the last of `count` cores is not named before. */
static enum neuron_status
check_last_is_new(const uint32_t *cores, uint32_t count, struct neuron_error *error)
{
    uint32_t last = count - 1;

    for (uint32_t i = 0; i < last; i += 1) {
        if (cores[i] == cores[last]) {
            return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                               "device ids %" PRIu32 " and %" PRIu32
                               " of the list both name nc:%" PRIu32 ": name each core once",
                               i, last, cores[i]);
        }
    }
    return NEURON_OK;
}

enum neuron_status
neuron_device_ids_parse(const char *const *ids, uint32_t count, uint32_t owned, uint32_t *cores,
                        struct neuron_error *error)
{
    enum neuron_status status = NEURON_OK;

    for (uint32_t i = 0; i < count && status == NEURON_OK; i += 1) {
        status = parse_id(ids[i], owned, &cores[i], error);
        if (status == NEURON_OK) {
            status = check_last_is_new(cores, i + 1, error);
        }
    }
    return status;
}
