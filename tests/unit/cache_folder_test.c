/* SPDX-License-Identifier: Apache-2.0 */
#include "cache_folder.h"

#include <string.h>

#include "check.h"

#include "environment.h"
#include "environment_variable.h"

enum { FOLDER_BYTES = 64 };

/* Fails unless these variables name that folder; none for NULL. */
static void
expect_folder(const char *url, const char *xdg, const char *home, const char *expected)
{
    const struct neuron_cache_variables variables = {
        .cache_url = url, .xdg_cache_home = xdg, .home = home};
    char folder[FOLDER_BYTES] = "as it was";
    bool is_found = neuron_cache_folder_choose(&variables, folder, sizeof(folder));

    assert_int_equal(is_found, expected != NULL);
    assert_string_equal(folder, expected != NULL ? expected : "as it was");
}

static void
a_url_of_this_machine_comes_first(void **state)
{
    (void)state;
    expect_folder("/var/neff", "/xdg", "/home/u", "/var/neff");
    expect_folder("file:///var/neff", "/xdg", "/home/u", "/var/neff");
    expect_folder("file:///var/neff//", NULL, NULL, "/var/neff");
    expect_folder("below/here", "/xdg", "/home/u", "below/here");
    expect_folder("/", NULL, NULL, "/");
}

static void
a_url_of_another_place_names_no_folder(void **state)
{
    (void)state;
    expect_folder("s3://bucket/neff", "/xdg", "/home/u", NULL);
    expect_folder("file://host/neff", "/xdg", "/home/u", NULL);
    expect_folder("file://", "/xdg", "/home/u", NULL);
}

static void
the_user_s_folders_come_next(void **state)
{
    (void)state;
    expect_folder(NULL, "/xdg", "/home/u", "/xdg/neuron");
    expect_folder(NULL, "/xdg/", "/home/u", "/xdg/neuron");
    expect_folder(NULL, NULL, "/home/u", "/home/u/.cache/neuron");
}

static void
relative_folders_of_a_user_do_not_count(void **state)
{
    (void)state;
    expect_folder(NULL, "cache", "/home/u", "/home/u/.cache/neuron");
    expect_folder(NULL, "cache", "home", NULL);
    expect_folder(NULL, NULL, NULL, NULL);
}

static void
a_path_that_does_not_fit_is_none(void **state)
{
    char path[FOLDER_BYTES + 1];

    (void)state;
    memset(path, 'p', FOLDER_BYTES);
    path[0] = '/';
    path[FOLDER_BYTES] = '\0';
    expect_folder(path, NULL, NULL, NULL);
    path[FOLDER_BYTES - 1] = '\0';
    expect_folder(path, NULL, NULL, path);
    expect_folder(NULL, path, NULL, NULL);
    expect_folder(NULL, NULL, path, NULL);
}

static void
the_environment_is_asked(void **state)
{
    char folder[FOLDER_BYTES] = "";

    (void)state;
    set_variable("NEURON_COMPILE_CACHE_URL", "file:///neff");
    set_variable("XDG_CACHE_HOME", "/xdg");
    set_variable("HOME", "/home/u");
    assert_true(neuron_environment_cache_folder(folder, sizeof(folder)));
    assert_string_equal(folder, "/neff");
    set_variable("NEURON_COMPILE_CACHE_URL", "");
    assert_true(neuron_environment_cache_folder(folder, sizeof(folder)));
    assert_string_equal(folder, "/xdg/neuron");
    set_variable("XDG_CACHE_HOME", NULL);
    assert_true(neuron_environment_cache_folder(folder, sizeof(folder)));
    assert_string_equal(folder, "/home/u/.cache/neuron");
    set_variable("HOME", NULL);
    assert_false(neuron_environment_cache_folder(folder, sizeof(folder)));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_url_of_this_machine_comes_first),
        cmocka_unit_test(a_url_of_another_place_names_no_folder),
        cmocka_unit_test(the_user_s_folders_come_next),
        cmocka_unit_test(relative_folders_of_a_user_do_not_count),
        cmocka_unit_test(a_path_that_does_not_fit_is_none),
        cmocka_unit_test(the_environment_is_asked),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
