/* SPDX-License-Identifier: Apache-2.0 */
/* What an executor is told when it starts: written, read back, and damaged. */
#include "isolated_setup.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "check.h"

static struct neuron_isolated_setup
example(void)
{
    return (struct neuron_isolated_setup){.subject = NEURON_ISOLATED_LIBRARY,
                                          .parent_pid = 12,
                                          .nc = 3,
                                          .core = 11,
                                          .run_rows = 8,
                                          .options = {.execution_timeout_ms = 5,
                                                      .lease.kind = NEURON_CORE_LEASE_BORROWED,
                                                      .cache_folder = "/cache"},
                                          .cores = "11",
                                          .lease_folder = "/leases",
                                          .address = "ipc:///x",
                                          .library = "/lib/x.so"};
}

static int
write_example(const char *config)
{
    const struct neuron_isolated_setup setup = example();
    struct neuron_error error = {0};
    int file = -1;

    assert_ok(neuron_isolated_setup_write(&setup, config, &file, &error), &error);
    return file;
}

static void
a_setup_is_read_back(void **state)
{
    static struct neuron_isolated_setup setup;
    struct neuron_error error = {0};
    char *config = NULL;
    int file = write_example("depth=3");

    (void)state;
    assert_ok(neuron_isolated_setup_read(file, &setup, &config, &error), &error);
    assert_string_equal(config, "depth=3");
    assert_string_equal(setup.options.visible_cores, "11");
    assert_string_equal(setup.options.lease.directory, "/leases");
    assert_string_equal(setup.options.cache_folder, "/cache");
    assert_string_equal(setup.library, "/lib/x.so");
    assert_int_equal(setup.options.lease.kind, NEURON_CORE_LEASE_BORROWED);
    assert_int_equal(setup.core, 11);
    free(config);
    assert_int_equal(close(file), 0);
}

static void
no_config_and_an_empty_one_are_told_apart(void **state)
{
    static struct neuron_isolated_setup setup;
    struct neuron_error error = {0};
    char *config = NULL;
    int file = write_example(NULL);

    (void)state;
    assert_ok(neuron_isolated_setup_read(file, &setup, &config, &error), &error);
    assert_null(config);
    assert_int_equal(close(file), 0);
    file = write_example("");
    assert_ok(neuron_isolated_setup_read(file, &setup, &config, &error), &error);
    assert_string_equal(config, "");
    free(config);
    assert_int_equal(close(file), 0);
}

static void
nobody_can_change_a_setup(void **state)
{
    int file = write_example("x");

    (void)state;
    assert_int_equal(pwrite(file, "y", 1, 0), -1);
    assert_int_equal(ftruncate(file, 0), -1);
    assert_int_equal(close(file), 0);
}

static void
a_config_that_is_too_long_is_refused(void **state)
{
    const struct neuron_isolated_setup setup = example();
    struct neuron_error error = {0};
    char *config = malloc(NEURON_ISOLATED_CONFIG_LIMIT + 1);
    int file = -1;

    (void)state;
    assert_non_null(config);
    memset(config, 'x', NEURON_ISOLATED_CONFIG_LIMIT);
    config[NEURON_ISOLATED_CONFIG_LIMIT] = '\0';
    assert_status(NEURON_INVALID_ARGUMENT,
                  neuron_isolated_setup_write(&setup, config, &file, &error), &error);
    assert_int_equal(file, -1);
    free(config);
}

/* Copies the example's file, cut at `size_bytes`, with a byte set, and fails unless it is refused.
 */
static void
check_damaged(size_t size_bytes, size_t offset, unsigned char byte)
{
    static struct neuron_isolated_setup setup;
    static unsigned char bytes[sizeof(setup) + 8];
    struct neuron_error error = {0};
    char *config = NULL;
    int file = write_example("depth=3");
    int copy = memfd_create("copy", MFD_CLOEXEC);

    assert_int_equal(pread(file, bytes, sizeof(bytes), 0), sizeof(bytes));
    bytes[offset] = byte;
    assert_int_equal(write(copy, bytes, size_bytes), size_bytes);
    assert_status(NEURON_INVALID_ARGUMENT,
                  neuron_isolated_setup_read(copy, &setup, &config, &error), &error);
    assert_null(config);
    assert_int_equal(close(copy), 0);
    assert_int_equal(close(file), 0);
}

static void
damaged_setups_are_refused(void **state)
{
    const size_t whole = sizeof(struct neuron_isolated_setup) + 8;

    (void)state;
    check_damaged(0, 0, 'I');
    check_damaged(sizeof(struct neuron_isolated_setup) - 1, 0, 'I');
    check_damaged(whole - 1, 0, 'I');
    check_damaged(whole, 0, 0);
    check_damaged(whole, offsetof(struct neuron_isolated_setup, version), 99);
    check_damaged(whole, offsetof(struct neuron_isolated_setup, subject), 9);
    check_damaged(whole, offsetof(struct neuron_isolated_setup, run_rows), 0);
    check_damaged(whole, offsetof(struct neuron_isolated_setup, config_bytes) + 5, 1);
    check_damaged(whole, whole - 1, 'x');
}

static void
a_descriptor_that_is_none_is_said(void **state)
{
    static struct neuron_isolated_setup setup;
    struct neuron_error error = {0};
    char *config = NULL;

    (void)state;
    assert_status(NEURON_SYSTEM, neuron_isolated_setup_read(-1, &setup, &config, &error), &error);
    assert_contains(error.text, "Bad file descriptor");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_setup_is_read_back),
        cmocka_unit_test(no_config_and_an_empty_one_are_told_apart),
        cmocka_unit_test(nobody_can_change_a_setup),
        cmocka_unit_test(a_config_that_is_too_long_is_refused),
        cmocka_unit_test(damaged_setups_are_refused),
        cmocka_unit_test(a_descriptor_that_is_none_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
