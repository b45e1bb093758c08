/* SPDX-License-Identifier: Apache-2.0 */
/* What every unit test includes: cmocka in the order that it needs, and assertions on statuses. */
#ifndef NEURON_TESTS_CHECK_H
#define NEURON_TESTS_CHECK_H

/* clang-format off */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#include "neuron/status.h"

/* The exit status by which a program tells CTest that it was skipped. */
enum { CHECK_SKIPPED = 77 };

/* Fails unless `call` returns `expected`; prints both by name, and the error's text. */
#define assert_status(expected, call, error) \
    check_status((expected), (call), (error), #call, __FILE__, __LINE__)

/* Fails unless `call` returns NEURON_OK. */
#define assert_ok(call, error) assert_status(NEURON_OK, (call), (error))

/* Fails unless `text` contains `part`; prints both. */
#define assert_contains(text, part) check_contains((text), (part), __FILE__, __LINE__)

void
check_status(enum neuron_status expected, enum neuron_status actual,
             const struct neuron_error *error, const char *call, const char *file, int line);

void
check_contains(const char *text, const char *part, const char *file, int line);

#endif
