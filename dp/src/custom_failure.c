/* SPDX-License-Identifier: Apache-2.0 */
#include "custom_failure.h"

#include <stdbool.h>

/* Says whether a number names a failure. The last one is held by custom_failure_test. */
static bool
is_failure(enum neuron_status status)
{
    return (int)status > (int)NEURON_OK && (int)status <= (int)NEURON_DEVICE_MEMORY_FULL;
}

/* Says whether a status is a program's to give. All others say something of the call, its executor
   or its cores, which is for those to say. */
static bool
is_programs_own(enum neuron_status status)
{
    return status == NEURON_INVALID_ARGUMENT || status == NEURON_OUT_OF_MEMORY ||
           status == NEURON_UNSUPPORTED_MODEL || status == NEURON_SYSTEM ||
           status == NEURON_NUMERICAL_ERROR;
}

enum neuron_status
neuron_custom_failure_report(const struct neuron_custom_failure *failure,
                             struct neuron_error *error)
{
    /* The function may have left the text without an end. */
    enum { TEXT_BYTES = NEURON_ERROR_TEXT_BYTES - 1 };
    const char *text = failure->error.text;
    enum neuron_status status = failure->status;

    if (!is_failure(status)) {
        return NEURON_FAIL(error, NEURON_SYSTEM, "%s: %s() gave %d, which is no failure%s%.*s",
                           failure->where, failure->function, (int)status,
                           text[0] == '\0' ? "" : ": ", TEXT_BYTES, text);
    }
    if (!is_programs_own(status)) {
        return NEURON_FAIL(error, NEURON_SYSTEM, "%s: %s() gave %s: %.*s", failure->where,
                           failure->function, neuron_status_name(status), TEXT_BYTES,
                           text[0] == '\0' ? "no reason" : text);
    }
    if (text[0] == '\0') {
        return NEURON_FAIL(error, status, "%s: %s() gave %s, and no reason", failure->where,
                           failure->function, neuron_status_name(status));
    }
    return NEURON_FAIL(error, status, "%s: %.*s", failure->where, TEXT_BYTES, text);
}
