/* SPDX-License-Identifier: Apache-2.0 */
/* Custom programs where memory runs out, at each place once. AddressSanitizer sees what is left. */
#include "check.h"

#include <stdlib.h>
#include <string.h>

#include "custom_library.h"
#include "custom_program.h"

enum { NEVER = -1, MOST_ALLOCATIONS = 100 };

/* How many allocations succeed before one fails. */
static int allocations_left = NEVER;

/* The linker makes these names.
   NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp,readability-identifier-naming)
 */
void *
__real_calloc(size_t count, size_t size_bytes);
void *
__wrap_calloc(size_t count, size_t size_bytes);
char *
__real_strdup(const char *text);
char *
__wrap_strdup(const char *text);

static bool
fails_now(void)
{
    if (allocations_left == NEVER) {
        return false;
    }
    allocations_left -= 1;
    return allocations_left == NEVER;
}

void *
__wrap_calloc(size_t count, size_t size_bytes)
{
    return fails_now() ? NULL : __real_calloc(count, size_bytes);
}

char *
__wrap_strdup(const char *text)
{
    return fails_now() ? NULL : __real_strdup(text);
}
/* NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp,readability-identifier-naming)
 */

static void
opening_a_library_leaves_nothing_when_memory_runs_out(void **state)
{
    struct neuron_custom_library *library = NULL;
    struct neuron_error error = {0};
    int failures = 0;

    (void)state;
    for (; library == NULL && failures < MOST_ALLOCATIONS; failures += 1) {
        allocations_left = failures;
        enum neuron_status status = neuron_custom_library_open(CUSTOM_SCALE, "3", &library, &error);

        allocations_left = NEVER;
        if (library == NULL) {
            assert_status(NEURON_OUT_OF_MEMORY, status, &error);
            assert_contains(error.text, "no memory");
        }
    }
    /* The object, the config, inputs, outputs, the name, the program's config; then it opens. */
    assert_int_equal(failures, 7);
    neuron_custom_library_close(library);
}

static void
an_instance_is_not_made_when_memory_runs_out(void **state)
{
    static const struct neuron_custom_place place = {.nc = 2, .core = 6};
    struct neuron_custom_library *library = NULL;
    struct neuron_chunk_program chunk = {.ops = NULL};
    struct neuron_error error = {0};

    (void)state;
    assert_ok(neuron_custom_library_open(CUSTOM_SCALE, "3", &library, &error), &error);
    const struct neuron_custom_program *program = neuron_custom_library_program(library);

    allocations_left = 0;
    enum neuron_status status =
        neuron_custom_chunk_program_create(program, &place, NULL, 1, &chunk, &error);

    allocations_left = NEVER;
    assert_status(NEURON_OUT_OF_MEMORY, status, &error);
    assert_string_equal(error.text,
                        "custom program \"scale\": no memory for an instance on nc:2 (core 6)");
    assert_null(chunk.ops);
    neuron_custom_library_close(library);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(opening_a_library_leaves_nothing_when_memory_runs_out),
        cmocka_unit_test(an_instance_is_not_made_when_memory_runs_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
