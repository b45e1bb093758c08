/* SPDX-License-Identifier: Apache-2.0 */
#include "monitor/page_file.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"
#include "monitor/metrics_page.h"
#include "test_folder.h"

static char path[TEST_PATH_BYTES];
static char text[256];

/* A page of the tests' folder that was not written yet. */
static struct neuron_page_file
make_page(const struct test_folder *folder, const char *name)
{
    (void)test_folder_path(folder, name, path);
    return (struct neuron_page_file){.path = path, .file = -1};
}

static void
write_page(struct neuron_page_file *page, const char *line)
{
    struct neuron_error error = {0};

    (void)snprintf(text, sizeof(text), "%s%s\n", neuron_metrics_page_mark, line);
    assert_ok(neuron_page_file_write(page, text, strlen(text), &error), &error);
}

static void
check_refused(struct neuron_page_file *page, const char *part)
{
    struct neuron_error error = {0};

    assert_status(NEURON_INVALID_ARGUMENT, neuron_page_file_check(page, &error), &error);
    assert_contains(error.text, part);
    assert_status(NEURON_INVALID_ARGUMENT, neuron_page_file_write(page, "x", 1, &error), &error);
}

static void
check_bytes(const char *expected)
{
    char found[sizeof(text)] = "";
    FILE *file = fopen(path, "re");

    assert_non_null(file);
    (void)fread(found, 1, sizeof(found) - 1, file);
    assert_int_equal(fclose(file), 0);
    assert_string_equal(found, expected);
}

static void
a_page_is_replaced_and_removed(void **state)
{
    struct neuron_page_file page = make_page(*state, "page");
    struct neuron_error error = {0};
    struct stat status = {0};
    mode_t mask = umask(S_IRWXG | S_IRWXO);

    test_file_put(path, "", 0); /* an empty file is nobody's */
    assert_ok(neuron_page_file_check(&page, &error), &error);
    write_page(&page, "a 1");
    write_page(&page, "a 2");
    (void)umask(mask);
    check_bytes(text);
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 07777U, 0644);
    assert_int_equal(test_folder_file_count(*state), 1);
    neuron_page_file_remove(&page);
    neuron_page_file_close(&page);
    assert_int_equal(test_folder_file_count(*state), 0);
}

static void
what_is_no_page_stays(void **state)
{
    struct neuron_page_file page = make_page(*state, "mine");

    test_file_put(path, "# Written by hand, and long enough to be read as a page's first line\n",
                  69);
    check_refused(&page, "mine: is no page of neuron-monitor's");
    page = make_page(*state, "link");
    assert_int_equal(symlink("mine", path), 0);
    check_refused(&page, "link: is a link");
    page = make_page(*state, "pipe");
    assert_int_equal(mkfifo(path, S_IRWXU), 0);
    check_refused(&page, "pipe: is no plain file");
    page = make_page(*state, ".");
    check_refused(&page, "is no plain file");
    page.path = "/dev/null";
    check_refused(&page, "is no plain file");
    neuron_page_file_remove(&page);
    (void)make_page(*state, "mine");
    check_bytes("# Written by hand, and long enough to be read as a page's first line\n");
}

static void
a_page_has_one_keeper(void **state)
{
    struct neuron_page_file first = make_page(*state, "page");
    struct neuron_page_file second = first;
    struct neuron_error error = {0};

    write_page(&first, "a 1");
    check_refused(&second, "page: is kept by another neuron-monitor");
    neuron_page_file_close(&first);
    assert_ok(neuron_page_file_check(&second, &error), &error); /* one that stayed is taken over */
    write_page(&second, "a 2");
    neuron_page_file_close(&second);
}

static void
what_took_its_place_is_not_removed(void **state)
{
    struct neuron_page_file first = make_page(*state, "page");
    struct neuron_page_file second = first;

    write_page(&first, "a 1");
    assert_int_equal(unlink(path), 0);
    write_page(&second, "a 2");
    neuron_page_file_remove(&first);
    check_bytes(text);
    assert_int_equal(unlink(path), 0);
    test_file_put(path, "other", 5);
    neuron_page_file_remove(&second);
    check_refused(&second, "is no page of");
    check_bytes("other");
    neuron_page_file_close(&first);
    neuron_page_file_close(&second);
}

static void
a_folder_that_is_not_there_is_told(void **state)
{
    struct neuron_page_file page = make_page(*state, "none/page");
    struct neuron_error error = {0};

    assert_status(NEURON_SYSTEM, neuron_page_file_check(&page, &error), &error);
    assert_status(NEURON_SYSTEM, neuron_page_file_write(&page, "x", 1, &error), &error);
    assert_contains(error.text, "none/page: No such file");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_page_is_replaced_and_removed, test_folder_setup,
                                        test_folder_teardown),
        cmocka_unit_test_setup_teardown(what_is_no_page_stays, test_folder_setup,
                                        test_folder_teardown),
        cmocka_unit_test_setup_teardown(a_page_has_one_keeper, test_folder_setup,
                                        test_folder_teardown),
        cmocka_unit_test_setup_teardown(what_took_its_place_is_not_removed, test_folder_setup,
                                        test_folder_teardown),
        cmocka_unit_test_setup_teardown(a_folder_that_is_not_there_is_told, test_folder_setup,
                                        test_folder_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
