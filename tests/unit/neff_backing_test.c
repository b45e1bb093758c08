/* SPDX-License-Identifier: Apache-2.0 */
/* Which memory is mapped again from its file, and which is copied. */
#include "check.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "neff/maps_line.h"
#include "neff/neff_backing.h"
#include "test_folder.h"

enum { PAGE_COUNT = 4 };

/* A file of pages whose bytes differ, and a mapping of it. */
struct page_bench {
    struct test_folder folder;
    char path[TEST_PATH_BYTES];
    size_t page_bytes;
    size_t size_bytes;
    int file;
    unsigned char *mapping; /* NULL when there is none */
};

static int
make_pages(const char *path, size_t size_bytes)
{
    int file = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);

    assert_true(file >= 0);
    for (size_t i = 0; i < size_bytes; i += sizeof(size_t)) {
        assert_int_equal(pwrite(file, &i, sizeof(i), (off_t)i), sizeof(i));
    }
    return file;
}

static int
set_up(void **state)
{
    static struct page_bench bench;

    bench = (struct page_bench){.page_bytes = (size_t)sysconf(_SC_PAGESIZE)};
    bench.size_bytes = PAGE_COUNT * bench.page_bytes;
    test_folder_create(&bench.folder);
    test_folder_path(&bench.folder, "pages", bench.path);
    bench.file = make_pages(bench.path, bench.size_bytes);
    *state = &bench;
    return 0;
}

static void
unmap(struct page_bench *bench)
{
    if (bench->mapping != NULL) {
        assert_int_equal(munmap(bench->mapping, bench->size_bytes), 0);
        bench->mapping = NULL;
    }
}

static int
tear_down(void **state)
{
    struct page_bench *bench = *state;

    unmap(bench);
    assert_int_equal(close(bench->file), 0);
    test_folder_destroy(&bench->folder);
    return 0;
}

static void
map(struct page_bench *bench, int protection, int flags)
{
    bench->mapping = mmap(NULL, bench->size_bytes, protection, flags, bench->file, 0);
    assert_true(bench->mapping != MAP_FAILED);
}

/* What the kernel says about one of our addresses. */
static bool
is_file_mapped_at(const void *address, const char *path)
{
    FILE *maps = fopen("/proc/self/maps", "re");
    struct neuron_maps_line line = {0};
    char text[2 * TEST_PATH_BYTES];
    bool is_found = false;

    assert_non_null(maps);
    while (!is_found && fgets(text, sizeof(text), maps) != NULL) {
        text[strcspn(text, "\n")] = '\0';
        is_found = neuron_maps_line_parse(text, &line) && line.start <= (uintptr_t)address &&
                   (uintptr_t)address < line.end;
    }
    assert_int_equal(fclose(maps), 0);
    return is_found && line.is_shared && !line.is_writable && strcmp(line.path, path) == 0;
}

static struct neuron_neff_backing
back(const void *bytes, size_t size_bytes)
{
    struct neuron_neff_backing backing = {0};
    struct neuron_error error;

    assert_ok(neuron_neff_backing_create(bytes, size_bytes, &backing, &error), &error);
    assert_memory_equal(backing.bytes, bytes, size_bytes);
    assert_ptr_not_equal(backing.bytes, bytes);
    assert_int_equal((uintptr_t)backing.bytes % 64, 0);
    assert_true(backing.bytes + size_bytes <=
                (unsigned char *)backing.mapping + backing.mapping_bytes);
    return backing;
}

static void
drop(const struct neuron_neff_backing *backing)
{
    assert_int_equal(munmap(backing->mapping, backing->mapping_bytes), 0);
}

/* A piece of the mapped file that begins and ends so is mapped again. */
static void
expect_shared(const struct page_bench *bench, size_t from, size_t to)
{
    struct neuron_neff_backing backing = back(bench->mapping + from, to - from);

    assert_true(backing.is_file_backed);
    assert_true(is_file_mapped_at(backing.bytes, bench->path));
    drop(&backing);
}

static void
expect_copy(const void *bytes, size_t size_bytes)
{
    struct neuron_neff_backing backing = back(bytes, size_bytes);

    assert_false(backing.is_file_backed);
    drop(&backing);
}

static void
a_mapped_file_stays_mapped_when_the_caller_drops_his_mapping(void **state)
{
    struct page_bench *bench = *state;
    size_t number = 0;

    map(bench, PROT_READ, MAP_SHARED);
    struct neuron_neff_backing backing = back(bench->mapping, bench->size_bytes);
    unmap(bench);
    assert_true(backing.is_file_backed);
    assert_true(is_file_mapped_at(backing.bytes, bench->path));
    assert_true(is_file_mapped_at(backing.bytes + bench->size_bytes - 1, bench->path));
    memcpy(&number, backing.bytes + bench->page_bytes, sizeof(number));
    assert_int_equal(number, bench->page_bytes);
    drop(&backing);
}

static void
a_private_mapping_that_nobody_changed_is_shared(void **state)
{
    struct page_bench *bench = *state;

    map(bench, PROT_READ | PROT_WRITE, MAP_PRIVATE);
    expect_shared(bench, 0, bench->size_bytes);
}

static void
a_piece_of_a_file_is_shared_where_it_is_aligned(void **state)
{
    struct page_bench *bench = *state;

    map(bench, PROT_READ, MAP_SHARED);
    expect_shared(bench, bench->page_bytes, bench->size_bytes);
    expect_shared(bench, 64, bench->size_bytes);
    expect_shared(bench, bench->page_bytes + 192, bench->size_bytes - 5);
    expect_copy(bench->mapping + 8, 200);
    expect_copy(bench->mapping + bench->page_bytes + 32, bench->page_bytes);
    expect_copy(bench->mapping + 1, bench->size_bytes - 1);
}

static void
a_mapping_that_begins_inside_the_file_is_shared(void **state)
{
    struct page_bench *bench = *state;
    size_t size_bytes = 2 * bench->page_bytes;
    unsigned char *bytes =
        mmap(NULL, size_bytes, PROT_READ, MAP_PRIVATE, bench->file, (off_t)bench->page_bytes);

    assert_true(bytes != MAP_FAILED);
    struct neuron_neff_backing backing = back(bytes + 128, size_bytes - 128);
    assert_true(backing.is_file_backed);
    assert_true(is_file_mapped_at(backing.bytes, bench->path));
    drop(&backing);
    assert_int_equal(munmap(bytes, size_bytes), 0);
}

static void
a_mapping_that_the_kernel_lists_in_pieces_is_shared(void **state)
{
    struct page_bench *bench = *state;

    map(bench, PROT_READ, MAP_PRIVATE);
    assert_int_equal(
        mprotect(bench->mapping + bench->page_bytes, bench->page_bytes, PROT_READ | PROT_EXEC), 0);
    expect_shared(bench, 64, bench->size_bytes);
}

static void
a_private_mapping_is_copied_with_what_was_changed_in_it(void **state)
{
    struct page_bench *bench = *state;

    map(bench, PROT_READ | PROT_WRITE, MAP_PRIVATE);
    bench->mapping[bench->size_bytes - 1] ^= 0x20;
    expect_copy(bench->mapping, bench->size_bytes);
    expect_shared(bench, 0, bench->size_bytes - 1);
}

static void
memory_that_writes_into_its_file_is_copied(void **state)
{
    struct page_bench *bench = *state;

    map(bench, PROT_READ | PROT_WRITE, MAP_SHARED);
    struct neuron_neff_backing backing = back(bench->mapping, bench->size_bytes);
    unsigned char before = backing.bytes[0];
    bench->mapping[0] ^= 0x20;
    assert_false(backing.is_file_backed);
    assert_int_equal(backing.bytes[0], before);
    drop(&backing);
}

static void
memory_of_no_file_is_copied(void **state)
{
    unsigned char *bytes = calloc(1, 5000);

    (void)state;
    assert_non_null(bytes);
    expect_copy(bytes, 5000);
    expect_copy(bytes + 1, 1);
    struct neuron_neff_backing backing = back(bytes, 5000);
    memset(bytes, 1, 5000);
    assert_int_equal(backing.bytes[4999], 0);
    drop(&backing);
    free(bytes);
}

static void
a_file_that_lost_its_name_is_copied(void **state)
{
    struct page_bench *bench = *state;

    map(bench, PROT_READ, MAP_SHARED);
    assert_int_equal(unlink(bench->path), 0);
    expect_copy(bench->mapping, bench->size_bytes);
}

static void
a_file_in_whose_place_stands_another_is_copied(void **state)
{
    struct page_bench *bench = *state;
    char other_path[TEST_PATH_BYTES];
    char kept_path[TEST_PATH_BYTES];

    /* The kernel knows the file by its new name, which leads to it. */
    map(bench, PROT_READ, MAP_SHARED);
    assert_int_equal(rename(bench->path, test_folder_path(&bench->folder, "kept", kept_path)), 0);
    memcpy(bench->path, kept_path, sizeof(kept_path));
    expect_shared(bench, 0, bench->size_bytes);
    /* A file with the same bytes takes the name that the kernel has for a deleted one. */
    assert_int_equal(unlink(bench->path), 0);
    test_folder_path(&bench->folder, "kept (deleted)", other_path);
    assert_int_equal(close(make_pages(other_path, bench->size_bytes)), 0);
    expect_copy(bench->mapping, bench->size_bytes);
    assert_int_equal(unlink(other_path), 0);
    assert_int_equal(mkfifo(other_path, S_IRUSR | S_IWUSR), 0);
    expect_copy(bench->mapping, bench->size_bytes);
}

static void
a_name_with_blanks_is_found_and_one_with_a_line_end_is_copied(void **state)
{
    struct page_bench *bench = *state;
    char path[TEST_PATH_BYTES];

    map(bench, PROT_READ, MAP_SHARED);
    test_folder_path(&bench->folder, "a  b\\012 (deleted)", path);
    assert_int_equal(rename(bench->path, path), 0);
    memcpy(bench->path, path, sizeof(path));
    expect_shared(bench, 0, bench->size_bytes);
    assert_int_equal(rename(bench->path, test_folder_path(&bench->folder, "a\nb", path)), 0);
    expect_copy(bench->mapping, bench->size_bytes);
}

static void
a_file_that_may_not_be_opened_is_copied(void **state)
{
    struct page_bench *bench = *state;

    map(bench, PROT_READ, MAP_SHARED);
    assert_int_equal(fchmod(bench->file, 0), 0);
    struct neuron_neff_backing backing = back(bench->mapping, bench->size_bytes);
    /* The superuser may open it. */
    assert_int_equal(backing.is_file_backed, access(bench->path, R_OK) == 0);
    drop(&backing);
}

static void
a_file_that_became_shorter_is_copied(void **state)
{
    struct page_bench *bench = *state;

    map(bench, PROT_READ, MAP_PRIVATE);
    assert_int_equal(ftruncate(bench->file, (off_t)bench->size_bytes - 8), 0);
    expect_copy(bench->mapping, bench->size_bytes);
    expect_shared(bench, 0, bench->size_bytes - 8);
}

static void
a_range_over_two_files_is_copied(void **state)
{
    struct page_bench *bench = *state;
    char path[TEST_PATH_BYTES];
    int other = make_pages(test_folder_path(&bench->folder, "other", path), bench->size_bytes);
    off_t offset = (off_t)(2 * bench->page_bytes);
    size_t half = bench->size_bytes / 2;

    map(bench, PROT_READ, MAP_SHARED);
    assert_true(mmap(bench->mapping + half, half, PROT_READ, MAP_SHARED | MAP_FIXED, other,
                     offset) != MAP_FAILED);
    expect_copy(bench->mapping, bench->size_bytes);
    expect_shared(bench, 0, half);
    assert_int_equal(close(other), 0);
}

static void
without_a_free_descriptor_the_bytes_are_copied(void **state)
{
    struct page_bench *bench = *state;
    struct rlimit before;

    map(bench, PROT_READ, MAP_SHARED);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &(struct rlimit){0, before.rlim_max}), 0);
    expect_copy(bench->mapping, bench->size_bytes);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    expect_shared(bench, 0, bench->size_bytes);
}

static void
a_copy_without_room_is_refused(void **state)
{
    struct page_bench *bench = *state;
    struct neuron_neff_backing backing = {.mapping_bytes = 77};
    struct neuron_error error;

    map(bench, PROT_READ, MAP_SHARED);
    for (size_t size_bytes = SIZE_MAX; size_bytes > SIZE_MAX / 4; size_bytes /= 2) {
        assert_status(NEURON_OUT_OF_MEMORY,
                      neuron_neff_backing_create(bench->mapping, size_bytes, &backing, &error),
                      &error);
        assert_contains(error.text, "no room for a copy of ");
        assert_int_equal(backing.mapping_bytes, 77);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            a_mapped_file_stays_mapped_when_the_caller_drops_his_mapping, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_private_mapping_that_nobody_changed_is_shared, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_piece_of_a_file_is_shared_where_it_is_aligned, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_mapping_that_begins_inside_the_file_is_shared, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_mapping_that_the_kernel_lists_in_pieces_is_shared, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_private_mapping_is_copied_with_what_was_changed_in_it,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(memory_that_writes_into_its_file_is_copied, set_up,
                                        tear_down),
        cmocka_unit_test(memory_of_no_file_is_copied),
        cmocka_unit_test_setup_teardown(a_file_that_lost_its_name_is_copied, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_file_in_whose_place_stands_another_is_copied, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(
            a_name_with_blanks_is_found_and_one_with_a_line_end_is_copied, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_file_that_may_not_be_opened_is_copied, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_file_that_became_shorter_is_copied, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_range_over_two_files_is_copied, set_up, tear_down),
        cmocka_unit_test_setup_teardown(without_a_free_descriptor_the_bytes_are_copied, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_copy_without_room_is_refused, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
