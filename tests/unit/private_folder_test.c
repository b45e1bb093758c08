/* SPDX-License-Identifier: Apache-2.0 */
/* Folders for sockets: below the one that is preferred where it does, and gone without a trace. */
#include "private_folder.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"
#include "test_folder.h"

/* Makes a folder, and fails the test unless it is below a parent. */
static void
create_below(const char *preferred, const char *parent, struct neuron_private_folder *folder)
{
    struct neuron_error error = {0};
    struct stat status = {0};

    assert_ok(neuron_private_folder_create(preferred, folder, &error), &error);
    assert_memory_equal(folder->path, parent, strlen(parent));
    assert_int_equal(folder->path[strlen(parent)], '/');
    assert_int_equal(stat(folder->path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0700);
}

/* Removes it with what is in it. */
static void
check_removal(struct neuron_private_folder *folder)
{
    char file[NEURON_PRIVATE_FOLDER_BYTES + 8] = "";
    char path[NEURON_PRIVATE_FOLDER_BYTES] = "";

    (void)snprintf(path, sizeof(path), "%s", folder->path);
    (void)snprintf(file, sizeof(file), "%s/nc-0", folder->path);
    int descriptor = open(file, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    assert_true(descriptor >= 0);
    assert_int_equal(close(descriptor), 0);
    neuron_private_folder_destroy(folder);
    assert_int_equal(access(path, F_OK), -1);
    assert_string_equal(folder->path, "");
    neuron_private_folder_destroy(folder);
}

static void
the_preferred_folder_is_taken(void **state)
{
    struct test_folder parent;
    struct neuron_private_folder folder = {.path = ""};

    (void)state;
    test_folder_create(&parent);
    create_below(parent.path, parent.path, &folder);
    check_removal(&folder);
    assert_int_equal(test_folder_file_count(&parent), 0);
    test_folder_destroy(&parent);
}

static void
another_is_taken_where_it_does_not_do(void **state)
{
    char long_path[2 * NEURON_PRIVATE_FOLDER_BYTES] = "";
    const char *const preferred[] = {NULL, "/nowhere/at/all", "relative", "/dev/null", long_path};

    (void)state;
    memset(long_path, '/', sizeof(long_path) - 1);
    for (size_t i = 0; i < sizeof(preferred) / sizeof(preferred[0]); i += 1) {
        struct neuron_private_folder folder = {.path = ""};

        create_below(preferred[i], "/tmp", &folder);
        check_removal(&folder);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_preferred_folder_is_taken),
        cmocka_unit_test(another_is_taken_where_it_does_not_do),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
