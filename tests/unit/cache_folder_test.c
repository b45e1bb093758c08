/* SPDX-License-Identifier: Apache-2.0 */
#include "cache_folder.h"

#include <string.h>

#include "check.h"

#include "environment.h"
#include "environment_variable.h"
#include "neuron/runtime.h"

enum { FOLDER_BYTES = 64 };

/* Fails unless these variables name that folder; none for NULL. */
static void
expect_folder(const char *url, const char *xdg, const char *home, const char *expected)
{
    const struct neuron_cache_variables variables = {
        .cache_url = url, .xdg_cache_home = xdg, .home = home};
    char folder[FOLDER_BYTES] = "as it was";
    struct neuron_error error = {0};

    assert_ok(neuron_cache_folder_choose(&variables, folder, sizeof(folder), &error), &error);
    assert_string_equal(folder, expected != NULL ? expected : "");
}

/* Fails unless a URL is refused with the text, whatever else is set. */
static void
expect_refusal(const char *url, const char *home, const char *text)
{
    const struct neuron_cache_variables variables = {
        .cache_url = url, .xdg_cache_home = "/xdg", .home = home};
    char folder[FOLDER_BYTES] = "as it was";
    struct neuron_error error = {0};

    assert_status(NEURON_INVALID_SYNTAX,
                  neuron_cache_folder_choose(&variables, folder, sizeof(folder), &error), &error);
    assert_contains(error.text, text);
    assert_contains(error.text, "NEURON_COMPILE_CACHE_URL=");
    assert_string_equal(folder, "as it was");
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
a_url_of_another_place_is_refused(void **state)
{
    (void)state;
    expect_refusal("s3://bucket/neff", "/home/u", "=s3://bucket/neff is no folder of this machine");
    expect_refusal("file://host/neff", "/home/u", "is no folder of this machine");
    expect_refusal("file://~/neff", "/home/u", "is no folder of this machine");
    expect_refusal("file://", "/home/u", "is no folder of this machine");
}

static void
a_tilde_is_the_user_s_home(void **state)
{
    (void)state;
    expect_folder("~/neff", "/xdg", "/home/u", "/home/u/neff");
    expect_folder("~/neff/", NULL, "/home/u/", "/home/u/neff");
    expect_folder("~", NULL, "/home/u", "/home/u");
    expect_folder("~/", NULL, "/home/u", "/home/u");
    /* These are names like any other. */
    expect_folder("~other/neff", NULL, "/home/u", "~other/neff");
    expect_folder("below/~/neff", NULL, "/home/u", "below/~/neff");
    expect_folder("file:///~/neff", NULL, "/home/u", "/~/neff");
    expect_refusal("~/neff", NULL, "HOME names none");
    expect_refusal("~/neff", "home", "HOME names none");
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
a_path_that_does_not_fit_names_none(void **state)
{
    char path[FOLDER_BYTES + 1];

    (void)state;
    memset(path, 'p', FOLDER_BYTES);
    path[0] = '/';
    path[FOLDER_BYTES] = '\0';
    expect_refusal(path, NULL, "is too long");
    path[FOLDER_BYTES - 1] = '\0';
    expect_folder(path, NULL, NULL, path);
    expect_folder(NULL, path, NULL, NULL);
    expect_folder(NULL, NULL, path, NULL);
}

static void
expect_environment(const char *expected)
{
    char folder[FOLDER_BYTES] = "";
    struct neuron_error error = {0};

    assert_ok(neuron_environment_cache_folder(folder, sizeof(folder), &error), &error);
    assert_string_equal(folder, expected);
}

static void
the_environment_is_asked(void **state)
{
    struct neuron_runtime_options options = {0};
    struct neuron_error error = {0};

    (void)state;
    set_variable("NEURON_COMPILE_CACHE_URL", "file:///neff");
    set_variable("XDG_CACHE_HOME", "/xdg");
    set_variable("HOME", "/home/u");
    expect_environment("/neff");
    set_variable("NEURON_COMPILE_CACHE_URL", "");
    expect_environment("/xdg/neuron");
    set_variable("XDG_CACHE_HOME", NULL);
    expect_environment("/home/u/.cache/neuron");
    set_variable("HOME", NULL);
    expect_environment("");
    set_variable("NEURON_COMPILE_CACHE_URL", "s3://bucket/neff");
    assert_status(NEURON_INVALID_SYNTAX, neuron_runtime_options_read(&options, &error), &error);
    assert_contains(error.text, "s3://bucket/neff is no folder of this machine");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_url_of_this_machine_comes_first),
        cmocka_unit_test(a_url_of_another_place_is_refused),
        cmocka_unit_test(a_tilde_is_the_user_s_home),
        cmocka_unit_test(the_user_s_folders_come_next),
        cmocka_unit_test(relative_folders_of_a_user_do_not_count),
        cmocka_unit_test(a_path_that_does_not_fit_names_none),
        cmocka_unit_test(the_environment_is_asked),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
