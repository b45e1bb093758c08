/* SPDX-License-Identifier: Apache-2.0 */
/* Pages of counters that are damaged, half made, or made to do harm. */
#include "counters/counter_reader.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"
#include "counters/stamp.h"
#include "neuron/clock.h"
#include "neuron/core_set.h"

#include "child_process.h"
#include "made_page.h"
#include "test_folder.h"

enum { CORES = 3, SEALS = F_SEAL_SHRINK | F_SEAL_GROW };

/* A page before it is put where it is found. */
struct made {
    union {
        struct neuron_counter_page page;
        unsigned char bytes[1 << 17];
    } content;
    struct neuron_counter_core *cores[CORES];
    struct neuron_counter_sample sample;
};

static int
setup(void **state)
{
    struct made *made = calloc(1, sizeof(*made));

    assert_non_null(made);
    made_page_fill(&made->content.page, CORES);
    for (uint32_t nc = 0; nc < CORES; nc += 1) {
        made->cores[nc] = (void *)(made->content.bytes + neuron_counter_core_offset(nc));
    }
    assert_true(made->content.page.size_bytes <= sizeof(made->content));
    *state = made;
    return 0;
}

static int
teardown(void **state)
{
    struct made *made = *state;

    neuron_counter_sample_clear(&made->sample);
    free(made);
    return 0;
}

/* What opening comes to while a file lies there; closes it. */
static enum neuron_status
open_beside(int file, uint32_t *count, struct neuron_error *error)
{
    struct neuron_counter_readers readers = {.count = 0};

    assert_true(file >= 0);
    enum neuron_status status = neuron_counter_readers_open(getpid(), &readers, error);
    *count = readers.count;
    neuron_counter_readers_close(&readers);
    assert_int_equal(close(file), 0);
    return status;
}

/* Fails unless the page, of so many bytes, is refused for a reason. */
static void
check_refused(const struct made *made, size_t size_bytes, int seals, const char *reason)
{
    struct neuron_error error = {0};
    uint32_t count = 0;
    int file = made_page_open(made->content.bytes, size_bytes, seals);

    assert_status(NEURON_INVALID_SYNTAX, open_beside(file, &count, &error), &error);
    assert_int_equal(count, 0);
    assert_contains(error.text, reason);
    assert_null(strchr(error.text, '\n'));
}

/* Fails unless the page, of so many bytes, is passed over. */
static void
check_left_out(const struct made *made, size_t size_bytes)
{
    struct neuron_error error = {0};
    uint32_t count = 7;
    int file = made_page_open(made->content.bytes, size_bytes, SEALS);

    assert_status(NEURON_OK, open_beside(file, &count, &error), &error);
    assert_int_equal(count, 0);
}

/* Reads the page, which is let in; one look after the other at what may change below it. */
static const struct neuron_counter_sample *
look(struct made *made)
{
    struct neuron_counter_readers readers = {.count = 0};
    struct neuron_error error = {0};
    int file = made_page_open(made->content.bytes, made->content.page.size_bytes, SEALS);

    assert_true(file >= 0);
    assert_ok(neuron_counter_readers_open(getpid(), &readers, &error), &error);
    assert_int_equal(readers.count, 1);
    assert_ok(neuron_counter_reader_read(readers.readers[0], &made->sample, &error), &error);
    neuron_counter_readers_close(&readers);
    assert_int_equal(close(file), 0);
    return &made->sample;
}

static void
a_made_page_is_let_in(void **state)
{
    struct made *made = *state;
    const struct neuron_counter_sample *sample = look(made);

    assert_string_equal(sample->tag, "made");
    assert_int_equal(sample->core_count, CORES);
    assert_true(sample->ns_per_stamp == 1);
}

static void
what_is_half_made_is_passed_over(void **state)
{
    struct made *made = *state;

    check_left_out(made, 0);
    check_left_out(made, 1);
    check_left_out(made, offsetof(struct neuron_counter_page, refused) - 1);
    made->content.page.magic = 0;
    check_left_out(made, made->content.page.size_bytes);
}

static void
pages_of_another_process_are_passed_over(void **state)
{
    struct made *made = *state;

    made->content.page.pid += 1;
    check_left_out(made, made->content.page.size_bytes);
    made->content.page.pid = 0;
    check_left_out(made, made->content.page.size_bytes);
    made->content.page.pid = -1;
    check_left_out(made, made->content.page.size_bytes);
    made->content.page.pid = getpid();
    made->content.page.start_ticks += 1;
    check_left_out(made, made->content.page.size_bytes);
}

static void
other_versions_and_other_bytes_are_refused(void **state)
{
    struct made *made = *state;
    const size_t size_bytes = made->content.page.size_bytes;

    made->content.page.version = 7;
    check_refused(made, size_bytes, SEALS, "they are of version 7, and this program reads 1");
    made->content.page.version = 0;
    check_refused(made, size_bytes, SEALS, "they are of version 0, and this program reads 1");
    made->content.page.version = NEURON_COUNTER_PAGE_VERSION;
    made->content.page.stamp_source = 2;
    check_refused(made, size_bytes, SEALS, "unknown clock");
    made->content.page.stamp_source = UINT32_MAX;
    check_refused(made, size_bytes, SEALS, "unknown clock");
    made->content.page.magic += 1;
    check_refused(made, size_bytes, SEALS, "other bytes");
}

static void
sizes_that_do_not_fit_are_refused(void **state)
{
    static const uint32_t counts[] = {0,         CORES - 1, CORES + 1, NEURON_CORE_NUMBER_LIMIT + 1,
                                      INT32_MAX, UINT32_MAX};
    struct made *made = *state;
    const size_t size_bytes = made->content.page.size_bytes;

    check_refused(made, size_bytes - 1, SEALS, "size");
    check_refused(made, size_bytes + NEURON_COUNTER_PAGE_BYTES, SEALS, "size");
    check_refused(made, offsetof(struct neuron_counter_page, refused), SEALS, "size");
    for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i += 1) {
        made->content.page.core_count = counts[i];
        made->content.page.size_bytes = size_bytes;
        check_refused(made, size_bytes, SEALS, "size");
        made->content.page.size_bytes = neuron_counter_core_offset(counts[i]);
        check_refused(made, size_bytes, SEALS, "size");
    }
}

static void
files_that_may_change_their_size_are_refused(void **state)
{
    struct made *made = *state;
    const size_t size_bytes = made->content.page.size_bytes;

    check_refused(made, size_bytes, 0, "their size may change");
    check_refused(made, size_bytes, F_SEAL_SHRINK, "their size may change");
    check_refused(made, size_bytes, F_SEAL_GROW, "their size may change");
}

static void
huge_pages_are_refused_where_there_are_any(void **state)
{
    struct made *made = *state;
    struct neuron_error error = {0};
    uint32_t count = 0;
    int file = memfd_create(NEURON_COUNTER_PAGE_NAME, MFD_CLOEXEC | MFD_HUGETLB);
    const off_t size_bytes = 1 << 21;

    (void)state;
    if (file < 0 || ftruncate(file, size_bytes) != 0) {
        skip();
    }
    unsigned char *bytes =
        mmap(NULL, (size_t)size_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (bytes == MAP_FAILED) {
        (void)close(file);
        skip();
    }
    memcpy(bytes, &made->content.page, sizeof(made->content.page));
    assert_int_equal(munmap(bytes, (size_t)size_bytes), 0);
    assert_status(NEURON_INVALID_SYNTAX, open_beside(file, &count, &error), &error);
}

static void
texts_without_end_or_with_controls_print(void **state)
{
    struct made *made = *state;
    struct neuron_counter_page *page = &made->content.page;

    memset(page->tag, 'x', sizeof(page->tag));
    memset(page->runtime_version, '\x1B', sizeof(page->runtime_version));
    page->modules[5].serial = 3;
    memset(page->modules[5].name, '\n', sizeof(page->modules[5].name));
    memset(page->memory[9].name, 0xC3, sizeof(page->memory[9].name));
    const struct neuron_counter_sample *sample = look(made);
    assert_int_equal(strlen(sample->tag), sizeof(page->tag) - 1);
    assert_int_equal(strspn(sample->runtime_version, "?"), sizeof(page->runtime_version) - 1);
    assert_int_equal(sample->module_count, 1);
    assert_int_equal(strspn(sample->modules[0].name, "?"), NEURON_COUNTER_NAME_BYTES - 1);
    assert_int_equal(sample->memory_count, 1);
    assert_int_equal(strspn(sample->memory[0].name, "?"), NEURON_COUNTER_NAME_BYTES - 1);
}

static void
what_is_always_being_changed_is_left_out(void **state)
{
    struct made *made = *state;
    struct neuron_counter_page *page = &made->content.page;

    page->modules[0].serial = 3;
    page->modules[0].sequence = 1;
    page->memory[0].name[0] = 'a';
    page->memory[0].sequence = UINT32_MAX;
    made->cores[1]->sequence = 5;
    made->cores[1]->busy_stamps = 1000;
    made->cores[1]->busy_since = 1;
    const struct neuron_counter_sample *sample = look(made);
    assert_int_equal(sample->module_count, 0);
    assert_int_equal(sample->memory_count, 0);
    assert_int_equal(sample->cores[1].busy_ns, 1000);
    assert_false(sample->cores[1].is_busy);
}

static void
times_beyond_all_bounds_are_held_within(void **state)
{
    struct made *made = *state;

    made->cores[0]->busy_since = UINT64_MAX; /* in the future */
    made->cores[0]->busy_stamps = 7;
    made->cores[1]->busy_stamps = UINT64_MAX;
    made->cores[2]->busy_stamps = UINT64_MAX - 5;
    made->cores[2]->busy_since = 1;
    const struct neuron_counter_sample *sample = look(made);
    assert_int_equal(sample->cores[0].busy_ns, 7);
    assert_true(sample->cores[0].is_busy);
    assert_int_equal(sample->cores[1].busy_ns, UINT64_MAX);
    assert_int_equal(sample->cores[2].busy_ns, UINT64_MAX);
}

static void
a_page_from_the_future_is_read_in_its_own_stamps(void **state)
{
    struct made *made = *state;

    made->content.page.stamp_source = NEURON_STAMP_PROCESSOR;
    made->content.page.begin_stamp = UINT64_MAX;
    made->content.page.begin_ns = UINT64_MAX;
    assert_true(look(made)->ns_per_stamp == 1);
    made->content.page.begin_stamp = neuron_stamp_now(NEURON_STAMP_PROCESSOR) + 1;
    made->content.page.begin_ns = 0; /* of which each stamp takes a year */
    made->cores[0]->busy_stamps = UINT64_MAX / 2;
    assert_int_equal(look(made)->cores[0].busy_ns, UINT64_MAX);
}

/* What a child that names files as pages are named comes to. */
struct named_report {
    bool can; /* may it have a root of its own */
    enum neuron_status of_fifo;
    uint32_t count; /* of pages found while it had the pipe open */
    enum neuron_status of_file;
    struct neuron_error error;
};

/* Makes a folder this process's root, where files can have any name. */
static bool
enter_root(const char *folder)
{
    return unshare(CLONE_NEWNS) == 0 && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
           chroot(folder) == 0 && chdir("/") == 0 && mkdir("/proc", 0755) == 0 &&
           mount("proc", "/proc", "proc", 0, NULL) == 0;
}

static void
name_files_as_pages(const struct child_side *side, const void *argument)
{
    static const char name[] = "/memfd:" NEURON_COUNTER_PAGE_NAME " (deleted)";
    const struct test_folder *folder = argument;
    struct named_report report = {.can = enter_root(folder->path)};
    struct neuron_counter_readers readers = {.count = 0};
    struct neuron_counter_page page = {.magic = 0};

    if (report.can && mkfifo(name, 0600) == 0) {
        int fifo = open(name, O_RDWR | O_CLOEXEC);

        report.of_fifo = neuron_counter_readers_open(getpid(), &readers, &report.error);
        report.count = readers.count;
        (void)close(fifo);
        (void)unlink(name);
        int file = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        made_page_fill(&page, 1);
        report.can = write(file, &page, sizeof(page)) == (ssize_t)sizeof(page);
        report.of_file = neuron_counter_readers_open(getpid(), &readers, &report.error);
        (void)close(file);
    }
    (void)umount2("/proc", MNT_DETACH);
    child_side_report(side, &report, sizeof(report));
}

static void
pipes_and_files_of_that_name_are_no_pages(void **state)
{
    struct named_report report = {.can = false};
    struct child_process child = {0};
    struct test_folder folder;

    (void)state;
    test_folder_create(&folder);
    child_process_start(&child, name_files_as_pages, &folder);
    child_process_read(&child, &report, sizeof(report));
    assert_int_equal(child_process_finish(&child), 0);
    test_folder_destroy(&folder);
    if (!report.can) {
        skip();
    }
    assert_int_equal(report.of_fifo, NEURON_OK);
    assert_int_equal(report.count, 0);
    assert_status(NEURON_INVALID_SYNTAX, report.of_file, &report.error);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_made_page_is_let_in, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_half_made_is_passed_over, setup, teardown),
        cmocka_unit_test_setup_teardown(pages_of_another_process_are_passed_over, setup, teardown),
        cmocka_unit_test_setup_teardown(other_versions_and_other_bytes_are_refused, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(sizes_that_do_not_fit_are_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(files_that_may_change_their_size_are_refused, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(huge_pages_are_refused_where_there_are_any, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(texts_without_end_or_with_controls_print, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_always_being_changed_is_left_out, setup, teardown),
        cmocka_unit_test_setup_teardown(times_beyond_all_bounds_are_held_within, setup, teardown),
        cmocka_unit_test_setup_teardown(a_page_from_the_future_is_read_in_its_own_stamps, setup,
                                        teardown),
        cmocka_unit_test(pipes_and_files_of_that_name_are_no_pages),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
