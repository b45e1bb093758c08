/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stdio.h>

#include "nrt/libnrt.h"

NRT_STATUS
libnrt_note_refusal(struct libnrt_refusal *refusal, NRT_STATUS status, const char *text, ...)
{
    va_list arguments;

    refusal->status = status;
    va_start(arguments, text);
    (void)vsnprintf(refusal->text, sizeof(refusal->text), text, arguments);
    va_end(arguments);
    return status;
}

NRT_STATUS
libnrt_refuse_noted(const char *call, const struct libnrt_refusal *refusal)
{
    return refusal->status == NRT_SUCCESS
               ? NRT_SUCCESS
               : libnrt_refuse(refusal->status, call, "%s", refusal->text);
}
