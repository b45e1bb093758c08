/* SPDX-License-Identifier: Apache-2.0 */
#include "memory/file_pages.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "check.h"
#include "resident_memory.h"
#include "test_folder.h"

enum { PAGES = 8 };

/* A mapped file, each page of which was read. */
struct bench {
    struct test_folder folder;
    char path[TEST_PATH_BYTES];
    size_t page_bytes;
    struct neuron_file_mapping mapping;
};

/* The number that stands at this place of the file. */
static unsigned char
number_at(size_t position)
{
    return (unsigned char)(position % 251 + 1);
}

static void
check_numbers(const unsigned char *bytes, size_t size_bytes)
{
    size_t right = 0;

    while (right < size_bytes && bytes[right] == number_at(right)) {
        right += 1;
    }
    assert_int_equal(right, size_bytes);
}

static int
setup(void **state)
{
    struct bench *bench = calloc(1, sizeof(*bench));

    assert_non_null(bench);
    bench->page_bytes = (size_t)sysconf(_SC_PAGESIZE);
    bench->mapping.size_bytes = PAGES * bench->page_bytes;
    test_folder_create(&bench->folder);
    test_folder_path(&bench->folder, "weights", bench->path);
    int file = open(bench->path, O_RDWR | O_CREAT | O_CLOEXEC, S_IRWXU);
    assert_true(file >= 0);
    for (size_t i = 0; i < bench->mapping.size_bytes; i += 1) {
        unsigned char number = number_at(i);

        assert_int_equal(write(file, &number, 1), 1);
    }
    bench->mapping.address = mmap(NULL, bench->mapping.size_bytes, PROT_READ, MAP_SHARED, file, 0);
    assert_true(bench->mapping.address != MAP_FAILED);
    assert_int_equal(close(file), 0);
    check_numbers(bench->mapping.address, bench->mapping.size_bytes);
    *state = bench;
    return 0;
}

static int
teardown(void **state)
{
    struct bench *bench = *state;

    assert_int_equal(munmap(bench->mapping.address, bench->mapping.size_bytes), 0);
    test_folder_destroy(&bench->folder);
    free(bench);
    return 0;
}

/* Releases some bytes; fails the test unless so many pages stay. */
static void
check_release(const struct bench *bench, size_t offset, size_t size_bytes, size_t left_pages)
{
    check_numbers(bench->mapping.address, bench->mapping.size_bytes);
    assert_int_equal(resident_bytes_of_file(bench->path), bench->mapping.size_bytes);
    neuron_file_pages_release(&bench->mapping, (unsigned char *)bench->mapping.address + offset,
                              size_bytes);
    if (resident_bytes_of_file(bench->path) != left_pages * bench->page_bytes) {
        fail_msg("%zu bytes at %zu: %zu bytes stay", size_bytes, offset,
                 resident_bytes_of_file(bench->path));
    }
}

static void
whole_pages_inside_leave_and_those_at_the_edges_stay(void **state)
{
    const struct bench *bench = *state;
    size_t page = bench->page_bytes;

    check_release(bench, 0, PAGES * page, 0);
    check_release(bench, 2 * page, 3 * page, PAGES - 3);
    check_release(bench, 2 * page + 1, 3 * page, PAGES - 2);
    check_release(bench, 2 * page - 1, 3 * page + 1, PAGES - 3);
    check_release(bench, 2 * page - 1, 3 * page + 2, PAGES - 3);
    check_release(bench, 64, 2 * page, PAGES - 1);
}

static void
less_than_a_page_stays(void **state)
{
    const struct bench *bench = *state;
    size_t page = bench->page_bytes;

    check_release(bench, page, 0, PAGES);
    check_release(bench, page, page - 1, PAGES);
    check_release(bench, page + 1, page - 1, PAGES);
    check_release(bench, page + 64, page, PAGES);
    check_release(bench, 64, 8, PAGES);
}

static void
what_was_released_reads_the_same(void **state)
{
    const struct bench *bench = *state;

    neuron_file_pages_release(&bench->mapping, bench->mapping.address, bench->mapping.size_bytes);
    assert_int_equal(resident_bytes_of_file(bench->path), 0);
    check_numbers(bench->mapping.address, bench->mapping.size_bytes);
}

static void
bytes_that_are_not_of_the_mapping_are_left_alone(void **state)
{
    const struct bench *bench = *state;
    size_t page = bench->page_bytes;
    size_t end = PAGES * page;

    check_release(bench, 0, end + 1, PAGES);
    check_release(bench, page, end, PAGES);
    check_release(bench, page, SIZE_MAX, PAGES);
    check_release(bench, end, page, PAGES);
    check_release(bench, end + page, page, PAGES);
    neuron_file_pages_release(&bench->mapping, (unsigned char *)bench->mapping.address - page,
                              2 * page);
    assert_int_equal(resident_bytes_of_file(bench->path), end);
}

static void
anonymous_memory_is_never_dropped(void **state)
{
    const struct bench *bench = *state;
    const struct neuron_file_mapping none = {0};
    size_t size_bytes = bench->mapping.size_bytes;
    unsigned char *copy = aligned_alloc(bench->page_bytes, size_bytes);

    assert_non_null(copy);
    memcpy(copy, bench->mapping.address, size_bytes);
    neuron_file_pages_release(&none, copy, size_bytes);
    neuron_file_pages_release(&bench->mapping, copy, size_bytes);
    check_numbers(copy, size_bytes);
    free(copy);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(whole_pages_inside_leave_and_those_at_the_edges_stay, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(less_than_a_page_stays, setup, teardown),
        cmocka_unit_test_setup_teardown(what_was_released_reads_the_same, setup, teardown),
        cmocka_unit_test_setup_teardown(bytes_that_are_not_of_the_mapping_are_left_alone, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(anonymous_memory_is_never_dropped, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
