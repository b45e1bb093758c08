/* SPDX-License-Identifier: Apache-2.0 */
/* The lines of the log: their form, and where they go. */
#include "nrt_bench.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "nrt/libnrt.h"
#include "nrt/log.h"
#include "nrt/log_line.h"

static void
init(void)
{
    assert_nrt_ok(nrt_init(NRT_FRAMEWORK_TYPE_NO_FW, "", ""));
}

/* Formats an event; the line is terminated, without its line end. */
static const char *
format(const struct libnrt_event *event, char line[LIBNRT_LINE_BYTES + 1])
{
    size_t size = libnrt_line_format(event, line);

    assert_in_range(size, 1, LIBNRT_LINE_BYTES);
    assert_int_equal(line[size - 1], '\n');
    line[size - 1] = '\0';
    return line;
}

static void
a_line_has_time_process_level_call_text_and_status(void **state)
{
    struct libnrt_event event = {.time = {.tv_sec = 1794438605, .tv_nsec = 1239999},
                                 .pid = 42,
                                 .thread = 43,
                                 .level = LIBNRT_WARN,
                                 .call = "nrt_load",
                                 .text = "text field=1",
                                 .status = "NRT_INVALID"};
    char line[LIBNRT_LINE_BYTES + 1];

    (void)state;
    assert_string_equal(format(&event, line), "2026-11-11T23:10:05.001239Z 42:43 WARN "
                                              "NMGR:nrt_load  text field=1 status=NRT_INVALID");
    event.status = NULL;
    event.text = "";
    assert_string_equal(format(&event, line),
                        "2026-11-11T23:10:05.001239Z 42:43 WARN NMGR:nrt_load  ");
}

static void
control_characters_are_escaped(void **state)
{
    const struct libnrt_event event = {
        .level = LIBNRT_ERROR, .call = "nrt_init", .text = "a\nb\tc\rd\x1b[31m\x7f \xc3\xa4"};
    char line[LIBNRT_LINE_BYTES + 1];

    (void)state;
    assert_contains(format(&event, line), "  a\\nb\\tc\\rd\\x1b[31m\\x7f \xc3\xa4");
}

static void
a_long_text_is_cut_and_the_status_is_not(void **state)
{
    char text[3 * LIBNRT_LINE_BYTES] = "";
    char line[LIBNRT_LINE_BYTES + 1];
    struct libnrt_event event = {.level = LIBNRT_ERROR,
                                 .call = "nrt_init",
                                 .text = text,
                                 .status = "NRT_EXEC_HW_ERR_REPAIRABLE_HBM_UE"};

    (void)state;
    memset(text, '\x01', sizeof(text) - 1);
    const char *end = strrchr(format(&event, line), ' ');
    assert_string_equal(end, " status=NRT_EXEC_HW_ERR_REPAIRABLE_HBM_UE");
    assert_int_equal(end[-1], '1');
    /* Characters of two bytes: half of one does not stand at the end. */
    for (size_t shift = 0; shift < 2; shift += 1) {
        text[0] = '-';
        for (size_t i = shift; i + 2 < sizeof(text); i += 2) {
            text[i] = '\xc3';
            text[i + 1] = '\xa4';
        }
        end = strrchr(format(&event, line), ' ');
        assert_int_equal((unsigned char)end[-1], 0xA4);
    }
}

static void
known_dates_are_written_as_they_are_known(void **state)
{
    static const struct {
        int64_t seconds;
        struct libnrt_civil_time civil;
    } known[] = {
        {0, {1970, 1, 1, 0, 0, 0}},
        {-1, {1969, 12, 31, 23, 59, 59}},
        {951782399, {2000, 2, 28, 23, 59, 59}},
        {951782400, {2000, 2, 29, 0, 0, 0}},
        {951868800, {2000, 3, 1, 0, 0, 0}},
        {978307199, {2000, 12, 31, 23, 59, 59}},
        {2147483648, {2038, 1, 19, 3, 14, 8}},
        {4107542399, {2100, 2, 28, 23, 59, 59}},
        {4107542400, {2100, 3, 1, 0, 0, 0}},
        {-2203891200, {1900, 3, 1, 0, 0, 0}},
        {-62167219200, {0, 1, 1, 0, 0, 0}},
        {253402300799, {9999, 12, 31, 23, 59, 59}},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i += 1) {
        struct libnrt_civil_time civil = {.year = -1};

        libnrt_civil_time_of(known[i].seconds, &civil);
        assert_memory_equal(&civil, &known[i].civil, sizeof(civil));
    }
}

static void
every_day_is_the_one_that_the_c_library_knows(void **state)
{
    enum { SECONDS_OF_DAY = 86400, LAST_DAY = 400000 };

    (void)state;
    for (int64_t day = -LAST_DAY; day <= LAST_DAY; day += 1) {
        const time_t seconds = day * SECONDS_OF_DAY + (day & 0xFFFF);
        struct libnrt_civil_time civil = {.year = -1};
        struct tm parts = {.tm_year = 0};

        libnrt_civil_time_of(seconds, &civil);
        assert_non_null(gmtime_r(&seconds, &parts));
        assert_int_equal(civil.year, parts.tm_year + 1900);
        assert_int_equal(civil.month, parts.tm_mon + 1);
        assert_int_equal(civil.day, parts.tm_mday);
        assert_int_equal(civil.hour, parts.tm_hour);
        assert_int_equal(civil.minute, parts.tm_min);
        assert_int_equal(civil.second, parts.tm_sec);
    }
}

static void
levels_decide_what_is_written(void **state)
{
    const struct nrt_bench *bench = *state;

    set_variable("NEURON_RT_LOG_LEVEL", "INFO");
    set_variable("NEURON_RT_LOG_LEVEL_TDRV", "TRACE");
    set_variable("NEURON_RT_LOG_LEVEL_KMGR", "QUIET");
    init();
    libnrt_log(LIBNRT_DEBUG, "nrt_load", "not this");
    libnrt_log(LIBNRT_INFO, "nrt_load", "but this");
    libnrt_log(LIBNRT_TRACE, "nrt_tensor_read", "also %s", "this");
    (void)libnrt_refuse(NRT_FAILURE, "nrt_execute", "and not that");
    assert_not_logged(bench, "not t");
    assert_logged(bench, " INFO NMGR:nrt_load  but this\n");
    assert_logged(bench, " TRACE TDRV:nrt_tensor_read  also this\n");
    assert_true(libnrt_log_is_on(LIBNRT_TRACE, "nrt_tensor_read"));
    assert_false(libnrt_log_is_on(LIBNRT_ERROR, "nrt_execute"));
}

static void
bad_values_are_one_line_each(void **state)
{
    const struct nrt_bench *bench = *state;

    set_variable("NEURON_RT_LOG_LEVEL_TDRV", "chatty");
    set_variable("NEURON_RT_LOG_LOCATION", "moon");
    init();
    assert_logged(bench, " WARN NRT:nrt_init  NEURON_RT_LOG_LEVEL_TDRV=chatty means nothing, and "
                         "is ignored\n");
    assert_logged(bench, "NEURON_RT_LOG_LOCATION=moon means nothing, and is ignored\n");
    assert_false(libnrt_log_is_on(LIBNRT_WARN, "nrt_tensor_read"));
}

static void
a_quiet_log_says_nothing_of_bad_values(void **state)
{
    set_variable("NEURON_RT_LOG_LEVEL", "QUIET");
    set_variable("NEURON_RT_LOG_LEVEL_TDRV", "chatty");
    set_variable("NEURON_RT_DBG_DUMP_INPUTS_ON_ERR", "9999");
    init();
    assert_not_logged(*state, "means nothing");
}

static void
components_have_files_of_their_own(void **state)
{
    const struct nrt_bench *bench = *state;
    char path[TEST_PATH_BYTES];
    struct stat status = {.st_size = 0};

    test_folder_path(&bench->folder, "tensors", path);
    set_variable("NEURON_RT_LOG_LOCATION_TDRV", path);
    init();
    (void)libnrt_refuse(NRT_FAILURE, "nrt_tensor_read", "elsewhere");
    assert_not_logged(bench, "elsewhere");
    assert_int_equal(stat(path, &status), 0);
    assert_int_not_equal(status.st_size, 0);
    /* After the next nrt_init() the same component writes to another file. */
    nrt_close();
    set_variable("NEURON_RT_LOG_LOCATION_TDRV", test_folder_path(&bench->folder, "log", path));
    init();
    (void)libnrt_refuse(NRT_FAILURE, "nrt_tensor_read", "here");
    assert_logged(bench, "TDRV:nrt_tensor_read  here status=NRT_FAILURE\n");
}

/* Lets a pipe be the standard error, and reads what is written there meanwhile. */
static void
read_errors(void (*act)(void), char text[4096])
{
    int ends[2] = {-1, -1};
    int before = dup(STDERR_FILENO);

    assert_true(before >= 0);
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(dup2(ends[1], STDERR_FILENO), STDERR_FILENO);
    act();
    assert_int_equal(dup2(before, STDERR_FILENO), STDERR_FILENO);
    assert_int_equal(close(ends[1]), 0);
    ssize_t size = read(ends[0], text, 4095);
    assert_true(size >= 0);
    text[size] = '\0';
    assert_int_equal(close(ends[0]), 0);
    assert_int_equal(close(before), 0);
}

static void
init_with_console(void)
{
    set_variable("NEURON_RT_LOG_LOCATION_NMGR", "console");
    set_variable("NEURON_RT_LOG_LOCATION_TDRV", "/no/such/folder/log");
    init();
    (void)libnrt_refuse(NRT_INVALID, "nrt_load", "to the console");
    (void)libnrt_refuse(NRT_INVALID, "nrt_tensor_read", "there, too");
}

static void
the_console_is_the_standard_error(void **state)
{
    char text[4096] = "";

    read_errors(init_with_console, text);
    assert_contains(text, "NMGR:nrt_load  to the console status=NRT_INVALID\n");
    assert_contains(text, "TDRV:nrt_tensor_read  there, too status=NRT_INVALID\n");
    assert_logged(*state, " WARN NRT:nrt_init  cannot write to "
                          "NEURON_RT_LOG_LOCATION_TDRV=/no/such/folder/log: No such file");
}

static void
syslog_takes_lines(void **state)
{
    (void)state;
    set_variable("NEURON_RT_LOG_LOCATION_NRT", "syslog");
    set_variable("NEURON_RT_LOG_LEVEL_NRT", "TRACE");
    init();
    libnrt_log(LIBNRT_ERROR, "nrt_init", "to syslog");
    libnrt_log(LIBNRT_WARN, "nrt_init", "to syslog");
    libnrt_log(LIBNRT_TRACE, "nrt_init", "to syslog");
    assert_not_logged(*state, "to syslog");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_has_time_process_level_call_text_and_status),
        cmocka_unit_test(known_dates_are_written_as_they_are_known),
        cmocka_unit_test(every_day_is_the_one_that_the_c_library_knows),
        cmocka_unit_test(control_characters_are_escaped),
        cmocka_unit_test(a_long_text_is_cut_and_the_status_is_not),
        cmocka_unit_test_setup_teardown(levels_decide_what_is_written, nrt_bench_setup_closed,
                                        nrt_bench_teardown),
        cmocka_unit_test_setup_teardown(bad_values_are_one_line_each, nrt_bench_setup_closed,
                                        nrt_bench_teardown),
        cmocka_unit_test_setup_teardown(a_quiet_log_says_nothing_of_bad_values,
                                        nrt_bench_setup_closed, nrt_bench_teardown),
        cmocka_unit_test_setup_teardown(components_have_files_of_their_own, nrt_bench_setup_closed,
                                        nrt_bench_teardown),
        cmocka_unit_test_setup_teardown(the_console_is_the_standard_error, nrt_bench_setup_closed,
                                        nrt_bench_teardown),
        cmocka_unit_test_setup_teardown(syslog_takes_lines, nrt_bench_setup_closed,
                                        nrt_bench_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
