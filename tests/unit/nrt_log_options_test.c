/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "nrt/log_options.h"

static void
nothing_said_means_errors_to_the_console(void **state)
{
    const struct libnrt_log_texts texts = {.level = NULL};
    struct libnrt_log_options options = {.complaint_count = 77};

    (void)state;
    libnrt_log_options_parse(&texts, &options);
    for (int i = 0; i < LIBNRT_COMPONENT_COUNT; i += 1) {
        assert_int_equal(options.components[i].level, LIBNRT_ERROR);
        assert_int_equal(options.components[i].place, LIBNRT_CONSOLE);
        assert_null(options.components[i].path);
    }
    assert_int_equal(options.complaint_count, 0);
}

static void
levels_have_names(void **state)
{
    static const struct {
        const char *text;
        enum libnrt_level level;
    } cases[] = {{"QUIET", LIBNRT_QUIET}, {"ERROR", LIBNRT_ERROR},  {"WARN", LIBNRT_WARN},
                 {"INFO", LIBNRT_INFO},   {"WARNING", LIBNRT_WARN}, {"DEBUG", LIBNRT_DEBUG},
                 {"TRACE", LIBNRT_TRACE}, {"info", LIBNRT_INFO},    {"Warning", LIBNRT_WARN}};

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i += 1) {
        const struct libnrt_log_texts texts = {.level = cases[i].text, .location = "syslog"};
        struct libnrt_log_options options = {.complaint_count = 0};

        libnrt_log_options_parse(&texts, &options);
        assert_int_equal(options.components[LIBNRT_KMGR].level, cases[i].level);
        assert_int_equal(options.components[LIBNRT_KMGR].place, LIBNRT_SYSLOG);
        assert_int_equal(options.complaint_count, 0);
    }
}

static void
a_component_has_its_own(void **state)
{
    const struct libnrt_log_texts texts = {
        .level = "WARN",
        .location = "console",
        .component_levels = {[LIBNRT_TDRV] = "TRACE", [LIBNRT_NRT] = "QUIET"},
        .component_locations = {[LIBNRT_TDRV] = "/tmp/a file", [LIBNRT_KMGR] = "syslog"}};
    struct libnrt_log_options options = {.complaint_count = 0};

    (void)state;
    libnrt_log_options_parse(&texts, &options);
    assert_int_equal(options.components[LIBNRT_TDRV].level, LIBNRT_TRACE);
    assert_int_equal(options.components[LIBNRT_TDRV].place, LIBNRT_FILE);
    assert_string_equal(options.components[LIBNRT_TDRV].path, "/tmp/a file");
    assert_int_equal(options.components[LIBNRT_NRT].level, LIBNRT_QUIET);
    assert_int_equal(options.components[LIBNRT_NMGR].level, LIBNRT_WARN);
    assert_int_equal(options.components[LIBNRT_KMGR].place, LIBNRT_SYSLOG);
    assert_int_equal(options.components[LIBNRT_NMGR].place, LIBNRT_CONSOLE);
}

static void
what_has_no_meaning_is_complained_about(void **state)
{
    const struct libnrt_log_texts texts = {.level = "LOUD",
                                           .location = "/a/file",
                                           .component_levels = {"", "5", "INFO ", "ERRORS"},
                                           .component_locations = {[LIBNRT_NRT] = "SYSLOG"}};
    struct libnrt_log_options options = {.complaint_count = 0};

    (void)state;
    libnrt_log_options_parse(&texts, &options);
    assert_int_equal(options.complaint_count, 6);
    assert_string_equal(options.complaints[0].prefix, "NEURON_RT_LOG_LEVEL");
    assert_string_equal(options.complaints[0].component, "");
    assert_string_equal(options.complaints[0].value, "LOUD");
    assert_string_equal(options.complaints[1].prefix, "NEURON_RT_LOG_LOCATION");
    assert_string_equal(options.complaints[3].component, "TDRV");
    assert_string_equal(options.complaints[3].value, "5");
    assert_int_equal(options.components[LIBNRT_TDRV].level, LIBNRT_ERROR);
    assert_int_equal(options.components[LIBNRT_TDRV].place, LIBNRT_CONSOLE);
    assert_int_equal(options.components[LIBNRT_NRT].place, LIBNRT_SYSLOG);
}

static void
calls_belong_to_components(void **state)
{
    (void)state;
    assert_int_equal(libnrt_component_of("nrt_init"), LIBNRT_NRT);
    assert_int_equal(libnrt_component_of("nrt_get_total_nc_count"), LIBNRT_NRT);
    assert_int_equal(libnrt_component_of("nrt_tensor_read"), LIBNRT_TDRV);
    assert_int_equal(libnrt_component_of("nrta_tensor_copy"), LIBNRT_TDRV);
    assert_int_equal(libnrt_component_of("nrt_load_collectives"), LIBNRT_NMGR);
    assert_int_equal(libnrt_component_of("nrt_unload"), LIBNRT_NMGR);
    assert_int_equal(libnrt_component_of("nrt_execute_repeat"), LIBNRT_KMGR);
    assert_int_equal(libnrt_component_of("nrta_execute_schedule"), LIBNRT_KMGR);
    assert_int_equal(libnrt_component_of(""), LIBNRT_NRT);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_said_means_errors_to_the_console),
        cmocka_unit_test(levels_have_names),
        cmocka_unit_test(a_component_has_its_own),
        cmocka_unit_test(what_has_no_meaning_is_complained_about),
        cmocka_unit_test(calls_belong_to_components),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
