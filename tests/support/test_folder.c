/* SPDX-License-Identifier: Apache-2.0 */
#include "test_folder.h"

#include <fcntl.h>
#include <fts.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check.h"

typedef void
visit_fn(const FTSENT *entry, void *argument);

struct replacement {
    const char *bytes;
    size_t size_bytes;
};

void
test_folder_create(struct test_folder *folder)
{
    const char *parent = getenv("TMPDIR"); /* NOLINT(concurrency-mt-unsafe): one thread runs */
    int length = snprintf(folder->path, sizeof(folder->path), "%s/neuron-test-XXXXXX",
                          parent != NULL ? parent : "/tmp");

    assert_true(length > 0 && (size_t)length < sizeof(folder->path));
    assert_non_null(mkdtemp(folder->path));
}

int
test_folder_setup(void **state)
{
    struct test_folder *folder = calloc(1, sizeof(*folder));

    assert_non_null(folder);
    test_folder_create(folder);
    *state = folder;
    return 0;
}

int
test_folder_teardown(void **state)
{
    test_folder_destroy(*state);
    free(*state);
    return 0;
}

void
test_file_put(const char *path, const void *bytes, size_t size_bytes)
{
    FILE *file = fopen(path, "wbe");

    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size_bytes, file), size_bytes);
    assert_int_equal(fclose(file), 0);
}

const char *
test_folder_path(const struct test_folder *folder, const char *name, char *path)
{
    int length = snprintf(path, TEST_PATH_BYTES, "%s/%s", folder->path, name);

    assert_true(length > 0 && length < TEST_PATH_BYTES);
    return path;
}

/* Calls `visit` for files, and for folders after their contents. */
static void
walk(const struct test_folder *folder, visit_fn *visit, void *argument)
{
    char path[TEST_PATH_BYTES];
    char *roots[] = {path, NULL};
    FTS *tree = NULL;

    memcpy(path, folder->path, sizeof(path));
    tree = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
    assert_non_null(tree);
    for (FTSENT *entry = fts_read(tree); entry != NULL; entry = fts_read(tree)) {
        if (entry->fts_info != FTS_D) {
            visit(entry, argument);
        }
    }
    assert_int_equal(fts_close(tree), 0);
}

static void
count_file(const FTSENT *entry, void *argument)
{
    size_t *count = argument;

    *count += entry->fts_info == FTS_F ? 1 : 0;
}

static void
overwrite_file(const FTSENT *entry, void *argument)
{
    const struct replacement *replacement = argument;
    int file = -1;

    if (entry->fts_info != FTS_F) {
        return;
    }
    file = open(entry->fts_path, O_WRONLY | O_TRUNC | O_CLOEXEC);
    assert_true(file >= 0);
    assert_int_equal(write(file, replacement->bytes, replacement->size_bytes),
                     replacement->size_bytes);
    assert_int_equal(close(file), 0);
}

static void
remove_entry(const FTSENT *entry, void *argument)
{
    (void)argument;
    assert_int_equal(remove(entry->fts_path), 0);
}

size_t
test_folder_file_count(const struct test_folder *folder)
{
    size_t count = 0;

    walk(folder, count_file, &count);
    return count;
}

void
test_folder_overwrite_files(const struct test_folder *folder, const char *bytes, size_t size_bytes)
{
    struct replacement replacement = {.bytes = bytes, .size_bytes = size_bytes};

    walk(folder, overwrite_file, &replacement);
}

void
test_folder_destroy(const struct test_folder *folder)
{
    walk(folder, remove_entry, NULL);
}
