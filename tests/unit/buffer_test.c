/* SPDX-License-Identifier: Apache-2.0 */
#include "neuron/device_memory.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "test_runtime.h"

enum { LIMIT_BYTES = 1 << 20 };

/* Two devices of two cores, with a budget of 1 MiB each. */
static int
setup(void **state)
{
    struct test_runtime *test = calloc(1, sizeof(*test));

    assert_non_null(test);
    test_runtime_create_limited(test, "numa:2 core:2 pu:1", 4, LIMIT_BYTES);
    *state = test;
    return 0;
}

static int
teardown(void **state)
{
    test_runtime_destroy(*state);
    free(*state);
    return 0;
}

static uint64_t
used_bytes(const struct test_runtime *test, uint32_t nc)
{
    struct neuron_device_memory_stats stats = {0};

    neuron_device_memory_read(test->runtime, nc, &stats);
    return stats.used_bytes;
}

static bool
is_zero(const unsigned char *bytes, size_t size_bytes)
{
    for (size_t i = 0; i < size_bytes; i += 1) {
        if (bytes[i] != 0) {
            return false;
        }
    }
    return true;
}

static void
a_buffer_is_aligned_and_zeroed(void **state)
{
    static const size_t sizes[] = {1, 63, 64, 65, 4096, 1000000};
    struct test_runtime *test = *state;
    struct neuron_error error = {0};

    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i += 1) {
        struct neuron_buffer *buffer = NULL;

        assert_ok(neuron_buffer_create(test->runtime, 3, sizes[i], "x", &buffer, &error), &error);
        unsigned char *bytes = neuron_buffer_address(buffer);
        assert_int_equal((uintptr_t)bytes % 64, 0);
        assert_true(is_zero(bytes, sizes[i]));
        memset(bytes, 0xFF, sizes[i]); /* the next one may get this memory */
        neuron_buffer_destroy(buffer);
    }
}

static void
a_buffer_is_charged_to_the_device_of_its_core(void **state)
{
    struct test_runtime *test = *state;
    struct neuron_buffer *first = NULL;
    struct neuron_buffer *second = NULL;
    struct neuron_error error = {0};

    assert_ok(neuron_buffer_create(test->runtime, 1, 1000, "images", &first, &error), &error);
    assert_ok(neuron_buffer_create(test->runtime, 2, 77, "images", &second, &error), &error);
    assert_int_equal(used_bytes(test, 0), 1000);
    assert_int_equal(used_bytes(test, 1), 1000);
    assert_int_equal(used_bytes(test, 2), 77);
    assert_int_equal(used_bytes(test, 3), 77);
    neuron_buffer_destroy(first);
    assert_int_equal(used_bytes(test, 0), 0);
    assert_int_equal(used_bytes(test, 3), 77);
    neuron_buffer_destroy(second);
    assert_int_equal(used_bytes(test, 3), 0);
}

static void
a_buffer_that_does_not_fit_is_refused_and_changes_nothing(void **state)
{
    struct test_runtime *test = *state;
    struct neuron_buffer *first = NULL;
    struct neuron_buffer *second = NULL;
    struct neuron_error error = {0};

    assert_ok(neuron_buffer_create(test->runtime, 0, 1000000, "images", &first, &error), &error);
    assert_status(NEURON_DEVICE_MEMORY_FULL,
                  neuron_buffer_create(test->runtime, 1, 48577, "scores", &second, &error), &error);
    assert_string_equal(error.text, "device 0 has no room for a buffer of scores: 48577 bytes "
                                    "asked, 1000000 of 1048576 in use (images 1000000); unload a "
                                    "model, or raise NEURON_RT_DEVICE_MEMORY");
    assert_null(second);
    assert_int_equal(used_bytes(test, 0), 1000000);
    assert_ok(neuron_buffer_create(test->runtime, 1, 48576, "scores", &second, &error), &error);
    neuron_buffer_destroy(second);
    neuron_buffer_destroy(first);
    assert_status(NEURON_DEVICE_MEMORY_FULL,
                  neuron_buffer_create(test->runtime, 0, SIZE_MAX, "x", &second, &error), &error);
}

static void
a_buffer_of_no_bytes_has_an_address(void **state)
{
    struct test_runtime *test = *state;
    struct neuron_buffer *buffer = NULL;
    struct neuron_error error = {0};

    assert_ok(neuron_buffer_create(test->runtime, 0, 0, NULL, &buffer, &error), &error);
    assert_non_null(neuron_buffer_address(buffer));
    assert_int_equal(used_bytes(test, 0), 0);
    neuron_buffer_destroy(buffer);
    neuron_buffer_destroy(NULL);
}

static void
a_core_that_the_process_does_not_own_is_refused(void **state)
{
    struct test_runtime *test = *state;
    struct neuron_buffer *buffer = NULL;
    struct neuron_error error = {0};

    assert_status(NEURON_NO_SUCH_CORE,
                  neuron_buffer_create(test->runtime, 4, 64, "x", &buffer, &error), &error);
    assert_string_equal(error.text, "there is no nc:4: this process owns nc:0 to nc:3");
    assert_status(NEURON_NO_SUCH_CORE,
                  neuron_buffer_create(test->runtime, UINT32_MAX, 64, "x", &buffer, NULL), NULL);
    assert_null(buffer);
}

static void
a_size_that_no_memory_has_is_refused_without_a_limit(void **state)
{
    struct test_runtime test = {0};
    struct neuron_buffer *buffer = NULL;
    struct neuron_error error = {0};

    (void)state;
    test_runtime_create_limited(&test, "core:1 pu:1", 1, UINT64_MAX);
    assert_status(NEURON_OUT_OF_MEMORY,
                  neuron_buffer_create(test.runtime, 0, SIZE_MAX, "x", &buffer, &error), &error);
    assert_null(buffer);
    assert_int_equal(used_bytes(&test, 0), 0);
    test_runtime_destroy(&test);
}

static void
the_budget_is_the_memory_of_the_device_by_default(void **state)
{
    struct test_runtime test = {0};
    struct neuron_device_memory_stats stats = {0};

    (void)state;
    test_runtime_create(&test, "pack:2 [numa(memory=2147483648)] core:1 pu:1", 2);
    neuron_device_memory_read(test.runtime, 1, &stats);
    assert_int_equal(stats.limit_bytes, UINT64_C(2) << 30);
    assert_int_equal(stats.used_bytes, 0);
    assert_int_equal(stats.peak_bytes, 0);
    test_runtime_destroy(&test);
}

static void
a_forked_child_allocates_nothing_and_frees_without_harm(void **state)
{
    struct test_runtime *test = *state;
    struct neuron_buffer *buffer = NULL;
    struct neuron_error error = {0};
    int end = 0;

    assert_ok(neuron_buffer_create(test->runtime, 0, 1000, "x", &buffer, &error), &error);
    pid_t child = fork();
    if (child == 0) {
        struct neuron_buffer *other = NULL;
        bool is_stopped =
            neuron_buffer_create(test->runtime, 0, 64, "x", &other, NULL) == NEURON_STOPPED &&
            neuron_buffer_create(test->runtime, 0, 0, "x", &other, NULL) == NEURON_STOPPED;

        neuron_buffer_destroy(buffer);
        neuron_runtime_destroy(test->runtime);
        _exit(is_stopped ? EXIT_SUCCESS : EXIT_FAILURE);
    }
    assert_true(child > 0);
    assert_int_equal(waitpid(child, &end, 0), child);
    assert_true(WIFEXITED(end));
    assert_int_equal(WEXITSTATUS(end), EXIT_SUCCESS);
    assert_int_equal(used_bytes(test, 0), 1000);
    neuron_buffer_destroy(buffer);
    assert_int_equal(used_bytes(test, 0), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_buffer_is_aligned_and_zeroed, setup, teardown),
        cmocka_unit_test_setup_teardown(a_buffer_is_charged_to_the_device_of_its_core, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_buffer_that_does_not_fit_is_refused_and_changes_nothing,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(a_buffer_of_no_bytes_has_an_address, setup, teardown),
        cmocka_unit_test_setup_teardown(a_core_that_the_process_does_not_own_is_refused, setup,
                                        teardown),
        cmocka_unit_test(a_size_that_no_memory_has_is_refused_without_a_limit),
        cmocka_unit_test(the_budget_is_the_memory_of_the_device_by_default),
        cmocka_unit_test_setup_teardown(a_forked_child_allocates_nothing_and_frees_without_harm,
                                        setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
