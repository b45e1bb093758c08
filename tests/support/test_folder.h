/* SPDX-License-Identifier: Apache-2.0 */
/* A fresh folder for the files of one test, and what stands in it. */
#ifndef NEURON_TESTS_TEST_FOLDER_H
#define NEURON_TESTS_TEST_FOLDER_H

#include <stddef.h>

enum { TEST_PATH_BYTES = 512 };

struct test_folder {
    char path[TEST_PATH_BYTES];
};

/* Makes an empty folder below $TMPDIR or /tmp; fails the test where that does not work. */
void
test_folder_create(struct test_folder *folder);

/* cmocka setup and teardown; `*state` is a struct test_folder. */
int
test_folder_setup(void **state);
int
test_folder_teardown(void **state);

/* Writes the path of a name inside the folder into a text of TEST_PATH_BYTES bytes. */
const char *
test_folder_path(const struct test_folder *folder, const char *name, char *path);

/* Writes a file of just these bytes. */
void
test_file_put(const char *path, const void *bytes, size_t size_bytes);

/* Says how many files stand in the folder, those in folders below included. */
size_t
test_folder_file_count(const struct test_folder *folder);

/* Overwrites every file below the folder, which keeps its inode, with these bytes. */
void
test_folder_overwrite_files(const struct test_folder *folder, const char *bytes, size_t size_bytes);

/* Removes the folder and all that stands in it. */
void
test_folder_destroy(const struct test_folder *folder);

#endif
