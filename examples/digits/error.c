/* SPDX-License-Identifier: Apache-2.0 */
#include "error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void
digits_error_set(struct digits_error *error, const char *text, ...)
{
    va_list arguments;

    va_start(arguments, text);
    vsnprintf(error->text, sizeof(error->text), text, arguments);
    va_end(arguments);
}

void
digits_error_set_system(struct digits_error *error, const char *what, const char *path)
{
    const char *reason = strerrordesc_np(errno);

    digits_error_set(error, "%s %s: %s", what, path, reason != NULL ? reason : "unknown error");
}
