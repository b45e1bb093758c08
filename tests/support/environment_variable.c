/* SPDX-License-Identifier: Apache-2.0 */
#include "environment_variable.h"

#include "check.h"

#include <stdlib.h>

void
set_variable(const char *name, const char *value)
{
    /* NOLINTBEGIN(concurrency-mt-unsafe): one thread runs */
    assert_int_equal(value == NULL ? unsetenv(name) : setenv(name, value, 1), 0);
    /* NOLINTEND(concurrency-mt-unsafe) */
}
