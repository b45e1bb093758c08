/* SPDX-License-Identifier: Apache-2.0 */
#include "whole_file.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "test_folder.h"

typedef enum neuron_status
open_fn(struct neuron_whole_file *file, const char *path, struct neuron_error *error);

/* Each way to write is to do the same. */
static open_fn *const ways[] = {neuron_whole_file_open, neuron_whole_file_open_named};

enum { WAY_COUNT = 2 };

static void
expect_text(const char *path, const char *text)
{
    char found[64] = "";
    int file = open(path, O_RDONLY | O_CLOEXEC);

    assert_true(file >= 0);
    assert_int_equal(read(file, found, sizeof(found)), strlen(text));
    assert_memory_equal(found, text, strlen(text));
    assert_int_equal(close(file), 0);
}

static void
open_and_write(open_fn *way, struct neuron_whole_file *file, const char *path, const char *text)
{
    struct neuron_error error = {0};

    assert_ok(way(file, path, &error), &error);
    assert_ok(neuron_whole_file_write(file, text, strlen(text), 0, &error), &error);
}

static void
put_in_place(struct neuron_whole_file *file)
{
    struct neuron_error error = {0};

    assert_ok(neuron_whole_file_settle(file, &error), &error);
    assert_ok(neuron_whole_file_publish(file, &error), &error);
    neuron_whole_file_close(file);
}

static void
a_file_replaces_the_one_before_it(void **state)
{
    struct test_folder folder;
    char path[TEST_PATH_BYTES];

    (void)state;
    test_folder_create(&folder);
    test_folder_path(&folder, "file", path);
    for (int i = 0; i < WAY_COUNT; i += 1) {
        struct neuron_whole_file file = {0};

        open_and_write(ways[i], &file, path, "old");
        put_in_place(&file);
        open_and_write(ways[i], &file, path, "newer");
        expect_text(path, "old");
        put_in_place(&file);
        expect_text(path, "newer");
        assert_int_equal(test_folder_file_count(&folder), 1);
    }
    test_folder_destroy(&folder);
}

static void
a_file_has_the_mode_of_any_new_one(void **state)
{
    struct test_folder folder;
    char path[TEST_PATH_BYTES];
    mode_t before = umask(027);

    (void)state;
    test_folder_create(&folder);
    test_folder_path(&folder, "file", path);
    for (int i = 0; i < WAY_COUNT; i += 1) {
        struct neuron_whole_file file = {0};
        struct stat facts = {0};

        open_and_write(ways[i], &file, path, "text");
        put_in_place(&file);
        assert_int_equal(stat(path, &facts), 0);
        assert_int_equal(facts.st_mode & 0777, 0640);
        assert_int_equal(facts.st_nlink, 1);
    }
    (void)umask(before);
    test_folder_destroy(&folder);
}

static void
writers_of_one_place_do_not_meet(void **state)
{
    struct test_folder folder;
    char path[TEST_PATH_BYTES];

    (void)state;
    test_folder_create(&folder);
    test_folder_path(&folder, "file", path);
    for (int i = 0; i < WAY_COUNT; i += 1) {
        struct neuron_whole_file files[2] = {{0}};
        struct neuron_error error = {0};

        open_and_write(ways[i], &files[0], path, "first");
        open_and_write(ways[1 - i], &files[1], path, "second");
        assert_ok(neuron_whole_file_settle(&files[0], &error), &error);
        put_in_place(&files[1]);
        expect_text(path, "second");
        assert_ok(neuron_whole_file_publish(&files[0], &error), &error);
        neuron_whole_file_close(&files[0]);
        expect_text(path, "first");
        assert_int_equal(test_folder_file_count(&folder), 1);
    }
    test_folder_destroy(&folder);
}

static void
what_is_given_up_leaves_nothing(void **state)
{
    struct test_folder folder;
    char path[TEST_PATH_BYTES];

    (void)state;
    test_folder_create(&folder);
    test_folder_path(&folder, "file", path);
    for (int i = 0; i < WAY_COUNT; i += 1) {
        struct neuron_whole_file file = {0};
        struct neuron_error error = {0};

        open_and_write(ways[i], &file, path, "text");
        neuron_whole_file_close(&file);
        open_and_write(ways[i], &file, path, "text");
        assert_ok(neuron_whole_file_settle(&file, &error), &error);
        neuron_whole_file_close(&file);
        assert_int_equal(test_folder_file_count(&folder), 0);
    }
    test_folder_destroy(&folder);
}

/* Whether the file system has files without a name. */
static bool
has_nameless_files(const char *path)
{
    struct neuron_whole_file file = {0};
    struct neuron_error error = {0};

    assert_ok(neuron_whole_file_open(&file, path, &error), &error);
    bool is_nameless = !file.exists;
    neuron_whole_file_close(&file);
    return is_nameless;
}

static void
a_writer_that_is_killed_leaves_nothing(void **state)
{
    struct test_folder folder;
    char path[TEST_PATH_BYTES];
    int status = 0;

    (void)state;
    test_folder_create(&folder);
    test_folder_path(&folder, "file", path);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct neuron_whole_file file = {0};
        bool is_written = neuron_whole_file_open(&file, path, NULL) == NEURON_OK &&
                          neuron_whole_file_write(&file, "text", 4, 0, NULL) == NEURON_OK;

        _exit(is_written ? EXIT_SUCCESS : EXIT_FAILURE);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    if (has_nameless_files(path)) {
        assert_int_equal(test_folder_file_count(&folder), 0);
    }
    test_folder_destroy(&folder);
}

static void
places_that_cannot_be_are_refused(void **state)
{
    struct test_folder folder;
    char path[TEST_PATH_BYTES];

    (void)state;
    test_folder_create(&folder);
    test_folder_path(&folder, "none/file", path);
    for (int i = 0; i < WAY_COUNT; i += 1) {
        struct neuron_whole_file file = {0};
        struct neuron_error error = {0};

        assert_status(NEURON_SYSTEM, ways[i](&file, path, &error), &error);
        assert_contains(error.text, "none/file: No such file or directory");
        neuron_whole_file_close(&file);
        assert_status(NEURON_SYSTEM, ways[i](&file, "/dev/null", &error), &error);
        assert_contains(error.text, "is no regular file");
        neuron_whole_file_close(&file);
    }
    assert_int_equal(test_folder_file_count(&folder), 0);
    test_folder_destroy(&folder);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_replaces_the_one_before_it),
        cmocka_unit_test(a_file_has_the_mode_of_any_new_one),
        cmocka_unit_test(writers_of_one_place_do_not_meet),
        cmocka_unit_test(what_is_given_up_leaves_nothing),
        cmocka_unit_test(a_writer_that_is_killed_leaves_nothing),
        cmocka_unit_test(places_that_cannot_be_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
