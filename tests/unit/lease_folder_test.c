/* SPDX-License-Identifier: Apache-2.0 */
/* Folders and files that keep no leases, because somebody else could put his own in their place. */
#include "check.h"

#include <glob.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "neuron/core_lease.h"

#include "invented_machine.h"
#include "test_folder.h"

enum { NOBODY = 65534 };

struct fixture {
    struct test_folder folder;
    struct neuron_topology *topology;
};

static int
prepare(void **state)
{
    static struct fixture fixture;
    struct neuron_error error = {0};

    test_folder_create(&fixture.folder);
    invent_machine("core:2 pu:1");
    assert_ok(neuron_topology_create(&fixture.topology, &error), &error);
    *state = &fixture;
    return 0;
}

static int
clean_up(void **state)
{
    struct fixture *fixture = *state;

    neuron_topology_destroy(fixture->topology);
    test_folder_destroy(&fixture->folder);
    return 0;
}

/* Claims all cores with lock files in this folder. */
static enum neuron_status
claim_in(const struct fixture *fixture, const char *path, struct neuron_error *error)
{
    const struct neuron_core_lease_options options = {.directory = path};
    struct neuron_core_lease *lease = NULL;
    enum neuron_status status =
        neuron_core_lease_claim_run(fixture->topology, NULL, 0, &options, &lease, error);

    neuron_core_lease_release(lease);
    return status;
}

static void
a_link_is_no_folder_of_leases(void **state)
{
    const struct fixture *fixture = *state;
    struct neuron_error error = {0};
    char place[TEST_PATH_BYTES] = "";
    char link[TEST_PATH_BYTES] = "";

    test_folder_path(&fixture->folder, "place", place);
    test_folder_path(&fixture->folder, "link", link);
    assert_ok(claim_in(fixture, place, &error), &error);
    assert_int_equal(symlink(place, link), 0);
    assert_status(NEURON_SYSTEM, claim_in(fixture, link, &error), &error);
    assert_contains(error.text, "no link");
    test_folder_path(&fixture->folder, "link//", link);
    assert_status(NEURON_SYSTEM, claim_in(fixture, link, &error), &error);
}

static void
a_folder_that_all_may_change_is_refused_unless_it_is_sticky(void **state)
{
    const struct fixture *fixture = *state;
    struct neuron_error error = {0};
    char place[TEST_PATH_BYTES] = "";

    test_folder_path(&fixture->folder, "open", place);
    assert_int_equal(mkdir(place, S_IRWXU), 0);
    assert_ok(claim_in(fixture, place, &error), &error);
    assert_int_equal(chmod(place, S_IRWXU | S_IRWXG | S_IRWXO), 0);
    assert_status(NEURON_SYSTEM, claim_in(fixture, place, &error), &error);
    assert_contains(error.text, "sticky");
    assert_int_equal(chmod(place, S_ISVTX | S_IRWXU | S_IRWXG | S_IRWXO), 0);
    assert_ok(claim_in(fixture, place, &error), &error);
}

static void
a_lock_file_with_a_second_name_is_refused(void **state)
{
    const struct fixture *fixture = *state;
    struct neuron_error error = {0};
    char place[TEST_PATH_BYTES] = "";
    char other[TEST_PATH_BYTES] = "";
    char pattern[TEST_PATH_BYTES] = "";
    glob_t found = {0};

    test_folder_path(&fixture->folder, "named", place);
    test_folder_path(&fixture->folder, "other", other);
    assert_ok(claim_in(fixture, place, &error), &error);
    test_folder_path(&fixture->folder, "named/*-core-1", pattern);
    /* One thread: NOLINTNEXTLINE(concurrency-mt-unsafe) */
    assert_int_equal(glob(pattern, 0, NULL, &found), 0);
    assert_int_equal(link(found.gl_pathv[0], other), 0);
    globfree(&found);
    assert_status(NEURON_SYSTEM, claim_in(fixture, place, &error), &error);
    assert_contains(error.text, "no plain file");
}

/* Fails unless a claim there is refused with this in the text, by a user without special rights. */
static void
check_refused_to_others(const struct fixture *fixture, const char *path, const char *part)
{
    struct neuron_error error = {0};
    bool is_root = geteuid() == 0;

    assert_true(!is_root || seteuid(NOBODY) == 0);
    enum neuron_status status = claim_in(fixture, path, &error);
    assert_true(!is_root || seteuid(0) == 0);
    assert_status(NEURON_SYSTEM, status, &error);
    assert_contains(error.text, path);
    assert_contains(error.text, part);
}

static void
a_folder_that_cannot_be_written_is_refused(void **state)
{
    const struct fixture *fixture = *state;
    char place[TEST_PATH_BYTES] = "";

    assert_int_equal(chmod(fixture->folder.path, S_IRWXU | S_IXGRP | S_IXOTH), 0);
    test_folder_path(&fixture->folder, "closed", place);
    assert_int_equal(mkdir(place, S_IRWXU), 0);
    assert_int_equal(chmod(place, S_IRUSR | S_IXUSR | S_IRGRP | S_IXGRP | S_IROTH | S_IXOTH), 0);
    check_refused_to_others(fixture, place, "Permission denied; set NEURON_RT_LEASE_DIRECTORY to");
}

static void
a_folder_that_cannot_be_made_is_refused(void **state)
{
    const struct fixture *fixture = *state;
    char place[TEST_PATH_BYTES] = "";

    assert_int_equal(chmod(fixture->folder.path, S_IRUSR | S_IXUSR | S_IXGRP | S_IXOTH), 0);
    test_folder_path(&fixture->folder, "new", place);
    check_refused_to_others(fixture, place, "Permission denied; set NEURON_RT_LEASE_DIRECTORY to");
    assert_int_equal(chmod(fixture->folder.path, S_IRWXU), 0);
}

static void
a_lock_file_that_is_closed_to_this_user_is_refused(void **state)
{
    const struct fixture *fixture = *state;
    struct neuron_error error = {0};
    char place[TEST_PATH_BYTES] = "";
    char pattern[TEST_PATH_BYTES] = "";
    glob_t found = {0};

    assert_int_equal(chmod(fixture->folder.path, S_IRWXU | S_IXGRP | S_IXOTH), 0);
    test_folder_path(&fixture->folder, "usual", place);
    assert_ok(claim_in(fixture, place, &error), &error);
    test_folder_path(&fixture->folder, "usual/*-core-1", pattern);
    /* One thread: NOLINTNEXTLINE(concurrency-mt-unsafe) */
    assert_int_equal(glob(pattern, 0, NULL, &found), 0);
    assert_int_equal(chmod(found.gl_pathv[0], S_IRUSR), 0);
    globfree(&found);
    check_refused_to_others(fixture, place, "core-1: Permission denied; set");
}

static void
a_file_is_no_folder_of_leases(void **state)
{
    const struct fixture *fixture = *state;
    struct neuron_error error = {0};
    char place[TEST_PATH_BYTES] = "";
    FILE *file = NULL;

    test_folder_path(&fixture->folder, "file", place);
    file = fopen(place, "we");
    assert_non_null(file);
    assert_int_equal(fclose(file), 0);
    assert_status(NEURON_SYSTEM, claim_in(fixture, place, &error), &error);
    assert_contains(error.text, "Not a directory; it must be a folder");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_link_is_no_folder_of_leases, prepare, clean_up),
        cmocka_unit_test_setup_teardown(a_folder_that_all_may_change_is_refused_unless_it_is_sticky,
                                        prepare, clean_up),
        cmocka_unit_test_setup_teardown(a_lock_file_with_a_second_name_is_refused, prepare,
                                        clean_up),
        cmocka_unit_test_setup_teardown(a_folder_that_cannot_be_written_is_refused, prepare,
                                        clean_up),
        cmocka_unit_test_setup_teardown(a_folder_that_cannot_be_made_is_refused, prepare, clean_up),
        cmocka_unit_test_setup_teardown(a_lock_file_that_is_closed_to_this_user_is_refused, prepare,
                                        clean_up),
        cmocka_unit_test_setup_teardown(a_file_is_no_folder_of_leases, prepare, clean_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
