/* SPDX-License-Identifier: Apache-2.0 */
#include "roofline_file.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"

#include "sample_roofline.h"
#include "test_folder.h"

static const struct neuron_cpu cpu = {.text = "x86_64 Somebody 1.2.3 avx2"};
static const struct neuron_cpu other_cpu = {.text = "x86_64 Somebody 1.2.4 avx2"};

struct fixture {
    struct test_folder folder;
    char path[TEST_PATH_BYTES]; /* in a folder that is not there yet */
};

static int
set_up(void **state)
{
    static struct fixture fixture;

    test_folder_create(&fixture.folder);
    (void)test_folder_path(&fixture.folder, "caches/neuron/roofline.txt", fixture.path);
    *state = &fixture;
    return 0;
}

static int
tear_down(void **state)
{
    struct fixture *fixture = *state;

    test_folder_destroy(&fixture->folder);
    return 0;
}

static void
save(const char *path)
{
    struct neuron_error error = {0};

    assert_ok(neuron_roofline_save(&sample_roofline, &cpu, path, &error), &error);
}

static void
expect_none(const char *path, const struct neuron_cpu *reader)
{
    struct neuron_roofline roofline = {.memory[0].size_bytes = 77};

    assert_false(neuron_roofline_load(path, reader, &roofline));
    assert_int_equal(roofline.memory[0].size_bytes, 77);
}

static void
what_is_saved_is_loaded(void **state)
{
    struct fixture *fixture = *state;
    struct neuron_roofline roofline = {0};

    save(fixture->path);
    save(fixture->path); /* replaces the one before */
    assert_true(neuron_roofline_load(fixture->path, &cpu, &roofline));
    assert_memory_equal(&roofline, &sample_roofline, sizeof(roofline));
    assert_int_equal(test_folder_file_count(&fixture->folder), 1);
}

static void
another_processor_finds_none(void **state)
{
    struct fixture *fixture = *state;

    save(fixture->path);
    expect_none(fixture->path, &other_cpu);
}

static void
damaged_files_are_none(void **state)
{
    struct fixture *fixture = *state;

    save(fixture->path);
    test_folder_overwrite_files(&fixture->folder, "x", 1);
    expect_none(fixture->path, &cpu);
    save(fixture->path);
    assert_int_equal(truncate(fixture->path, 100), 0);
    expect_none(fixture->path, &cpu);
    assert_int_equal(truncate(fixture->path, 0), 0);
    expect_none(fixture->path, &cpu);
    save(fixture->path);
    /* Zeros behind its end, as a crash of the machine may leave them; and far too many. */
    assert_int_equal(truncate(fixture->path, 400), 0);
    expect_none(fixture->path, &cpu);
    assert_int_equal(truncate(fixture->path, 100000000), 0);
    expect_none(fixture->path, &cpu);
}

static void
what_is_no_file_is_none(void **state)
{
    struct fixture *fixture = *state;
    char pipe_path[TEST_PATH_BYTES];

    expect_none(fixture->path, &cpu);
    expect_none(fixture->folder.path, &cpu);
    expect_none("", &cpu);
    /* Nobody writes into it: reading would wait for ever. */
    (void)test_folder_path(&fixture->folder, "pipe", pipe_path);
    assert_int_equal(mkfifo(pipe_path, 0600), 0);
    expect_none(pipe_path, &cpu);
}

static void
a_place_that_cannot_be_written_is_named(void **state)
{
    struct fixture *fixture = *state;
    char below_file[TEST_PATH_BYTES + 8];
    struct neuron_error error = {0};

    save(fixture->path);
    (void)snprintf(below_file, sizeof(below_file), "%s/below", fixture->path);
    assert_status(NEURON_SYSTEM, neuron_roofline_save(&sample_roofline, &cpu, below_file, &error),
                  &error);
    assert_contains(error.text, "roofline.txt");
    assert_int_equal(test_folder_file_count(&fixture->folder), 1);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_saved_is_loaded, set_up, tear_down),
        cmocka_unit_test_setup_teardown(another_processor_finds_none, set_up, tear_down),
        cmocka_unit_test_setup_teardown(damaged_files_are_none, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_no_file_is_none, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_place_that_cannot_be_written_is_named, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
