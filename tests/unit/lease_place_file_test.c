/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "score/lease_place_file.h"
#include "test_folder.h"

static struct neuron_error error;

static struct neuron_lease_place
make_place(void)
{
    return (struct neuron_lease_place){
        .job_id = "42-7",
        .server = {.host = "node7", .pid = 4242, .start_ticks = 7, .epoch_ns = 9},
        .key = "000102030405060708090a0b0c0d0e0f0a0b0c0d0e0fa0b0c0d0e0f0ff7f8001",
        .addresses = "ipc://@neuron-score-00ff",
    };
}

/* Writes the file; `path` receives where. */
static struct neuron_lease_file_mark
write_file(const struct test_folder *folder, const struct neuron_lease_place *place, char *path)
{
    struct neuron_lease_file_mark mark = {0};

    (void)test_folder_path(folder, "scores.npy.server", path);
    assert_ok(neuron_lease_place_file_write(path, place, &mark, &error), &error);
    return mark;
}

static void
what_is_written_is_read(void **state)
{
    const struct neuron_lease_place place = make_place();
    struct neuron_lease_place found;
    char path[TEST_PATH_BYTES] = "";

    (void)write_file(*state, &place, path);
    assert_ok(neuron_lease_place_file_read(path, &found, &error), &error);
    assert_string_equal(found.key, place.key);
    assert_int_equal(found.server.epoch_ns, 9);
    assert_int_equal(test_folder_file_count(*state), 1);
}

static void
only_its_user_may_read_it_whatever_the_umask(void **state)
{
    static const mode_t masks[] = {0, 0777, 022};
    const struct neuron_lease_place place = make_place();
    char path[TEST_PATH_BYTES] = "";

    for (size_t i = 0; i < sizeof(masks) / sizeof(masks[0]); i += 1) {
        struct stat status = {0};
        mode_t before = umask(masks[i]);

        (void)write_file(*state, &place, path);
        (void)umask(before);
        assert_int_equal(stat(path, &status), 0);
        assert_int_equal(status.st_mode, S_IFREG | S_IRUSR | S_IWUSR);
    }
}

static void
a_link_at_the_path_is_replaced_and_its_target_untouched(void **state)
{
    const struct neuron_lease_place place = make_place();
    char target[TEST_PATH_BYTES] = "";
    char path[TEST_PATH_BYTES] = "";
    struct stat status = {0};

    test_file_put(test_folder_path(*state, "precious", target), "precious", 8);
    assert_int_equal(symlink(target, test_folder_path(*state, "scores.npy.server", path)), 0);
    (void)write_file(*state, &place, path);
    assert_int_equal(lstat(path, &status), 0);
    assert_true(S_ISREG(status.st_mode));
    assert_int_equal(stat(target, &status), 0);
    assert_int_equal(status.st_size, 8);
}

static void
a_link_is_not_followed_when_read(void **state)
{
    const struct neuron_lease_place place = make_place();
    struct neuron_lease_place found;
    char path[TEST_PATH_BYTES] = "";
    char link_path[TEST_PATH_BYTES] = "";

    (void)write_file(*state, &place, path);
    assert_int_equal(symlink(path, test_folder_path(*state, "link", link_path)), 0);
    assert_status(NEURON_INVALID_SYNTAX, neuron_lease_place_file_read(link_path, &found, &error),
                  &error);
    assert_contains(error.text, "symbolic link");
}

static void
the_next_server_replaces_what_a_dead_one_left(void **state)
{
    struct neuron_lease_place place = make_place();
    struct neuron_lease_place found;
    char path[TEST_PATH_BYTES] = "";

    struct neuron_lease_file_mark old = write_file(*state, &place, path);
    place.server.epoch_ns = 10;
    struct neuron_lease_file_mark new = write_file(*state, &place, path);
    neuron_lease_place_file_remove(path, &old);
    assert_ok(neuron_lease_place_file_read(path, &found, &error), &error);
    assert_int_equal(found.server.epoch_ns, 10);
    neuron_lease_place_file_remove(path, &new);
    assert_status(NEURON_PEER_LOST, neuron_lease_place_file_read(path, &found, &error), &error);
    assert_int_equal(test_folder_file_count(*state), 0);
}

static void
a_key_in_a_file_that_others_may_read_is_not_taken(void **state)
{
    struct neuron_lease_place place = make_place();
    struct neuron_lease_place found;
    char path[TEST_PATH_BYTES] = "";

    (void)write_file(*state, &place, path);
    assert_int_equal(chmod(path, 0640), 0);
    assert_status(NEURON_INVALID_ARGUMENT, neuron_lease_place_file_read(path, &found, &error),
                  &error);
    assert_string_equal(found.key, "");
    place.key[0] = '\0';
    (void)write_file(*state, &place, path);
    assert_int_equal(chmod(path, 0644), 0);
    assert_ok(neuron_lease_place_file_read(path, &found, &error), &error);
}

static void
what_is_no_such_file_is_refused(void **state)
{
    static const char zeros[NEURON_LEASE_PLACE_TEXT_BYTES + 10] = "";
    struct neuron_lease_place found;
    char path[TEST_PATH_BYTES] = "";

    (void)test_folder_path(*state, "scores.npy.server", path);
    test_file_put(path, "", 0);
    assert_status(NEURON_INVALID_SYNTAX, neuron_lease_place_file_read(path, &found, &error),
                  &error);
    assert_contains(error.text, "line 1 ");
    test_file_put(path, zeros, 100);
    assert_status(NEURON_INVALID_SYNTAX, neuron_lease_place_file_read(path, &found, &error),
                  &error);
    test_file_put(path, zeros, sizeof(zeros));
    assert_status(NEURON_INVALID_SYNTAX, neuron_lease_place_file_read(path, &found, &error),
                  &error);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_status(NEURON_INVALID_SYNTAX, neuron_lease_place_file_read(path, &found, &error),
                  &error);
}

static void
a_file_that_cannot_be_written_leaves_nothing(void **state)
{
    struct neuron_lease_place place = make_place();
    struct neuron_lease_file_mark mark = {0};
    char path[TEST_PATH_BYTES] = "";

    (void)test_folder_path(*state, "folder", path);
    assert_int_equal(mkdir(path, 0700), 0);
    assert_status(NEURON_SYSTEM, neuron_lease_place_file_write(path, &place, &mark, &error),
                  &error);
    (void)test_folder_path(*state, "none/scores.npy.server", path);
    assert_status(NEURON_SYSTEM, neuron_lease_place_file_write(path, &place, &mark, &error),
                  &error);
    assert_contains(error.text, "none/scores.npy.server");
    place.job_id[0] = '\0';
    (void)test_folder_path(*state, "scores.npy.server", path);
    assert_status(NEURON_INVALID_ARGUMENT,
                  neuron_lease_place_file_write(path, &place, &mark, &error), &error);
    assert_int_equal(test_folder_file_count(*state), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_written_is_read, test_folder_setup,
                                        test_folder_teardown),
        cmocka_unit_test_setup_teardown(only_its_user_may_read_it_whatever_the_umask,
                                        test_folder_setup, test_folder_teardown),
        cmocka_unit_test_setup_teardown(a_link_at_the_path_is_replaced_and_its_target_untouched,
                                        test_folder_setup, test_folder_teardown),
        cmocka_unit_test_setup_teardown(a_link_is_not_followed_when_read, test_folder_setup,
                                        test_folder_teardown),
        cmocka_unit_test_setup_teardown(the_next_server_replaces_what_a_dead_one_left,
                                        test_folder_setup, test_folder_teardown),
        cmocka_unit_test_setup_teardown(a_key_in_a_file_that_others_may_read_is_not_taken,
                                        test_folder_setup, test_folder_teardown),
        cmocka_unit_test_setup_teardown(what_is_no_such_file_is_refused, test_folder_setup,
                                        test_folder_teardown),
        cmocka_unit_test_setup_teardown(a_file_that_cannot_be_written_leaves_nothing,
                                        test_folder_setup, test_folder_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
