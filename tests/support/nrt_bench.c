/* SPDX-License-Identifier: Apache-2.0 */
#include "nrt_bench.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "environment_variable.h"
#include "invented_machine.h"

static const char *const variables[] = {
    "HWLOC_SYNTHETIC",
    "NEURONCORE_GROUP_SIZES",
    "NEURONRUN_LEASE",
    "NEURON_FAIL_ON_NAN",
    "NEURON_RT_ASYNC_EXEC_MAX_INFLIGHT_REQUESTS",
    "NEURON_RT_DBG_DUMP_INPUTS_ON_ERR",
    "NEURON_RT_DEVICE_MEMORY",
    "NEURON_RT_EXEC_TIMEOUT",
    "NEURON_RT_LEASE_DIRECTORY",
    "NEURON_RT_LOCAL_CORE_DUMP_DIRECTORY",
    "NEURON_RT_LOG_LEVEL",
    "NEURON_RT_LOG_LEVEL_KMGR",
    "NEURON_RT_LOG_LEVEL_NMGR",
    "NEURON_RT_LOG_LEVEL_NRT",
    "NEURON_RT_LOG_LEVEL_TDRV",
    "NEURON_RT_LOG_LOCATION",
    "NEURON_RT_LOG_LOCATION_KMGR",
    "NEURON_RT_LOG_LOCATION_NMGR",
    "NEURON_RT_LOG_LOCATION_NRT",
    "NEURON_RT_LOG_LOCATION_TDRV",
    "NEURON_RT_NUMERICAL_ERRORS_VERBOSITY",
    "NEURON_RT_NUM_CORES",
    "NEURON_RT_VISIBLE_CORES",
};

static void
unset_variables(void)
{
    for (size_t i = 0; i < sizeof(variables) / sizeof(variables[0]); i += 1) {
        set_variable(variables[i], NULL);
    }
}

void
nrt_bench_create(struct nrt_bench *bench, const char *synthetic)
{
    static const char *const locations[] = {
        "NEURON_RT_LOG_LOCATION_KMGR", "NEURON_RT_LOG_LOCATION_NMGR", "NEURON_RT_LOG_LOCATION_NRT",
        "NEURON_RT_LOG_LOCATION_TDRV"};
    char path[TEST_PATH_BYTES];

    unset_variables();
    test_folder_create(&bench->folder);
    invent_machine(synthetic);
    set_variable("NEURON_RT_LEASE_DIRECTORY", bench->folder.path);
    test_folder_path(&bench->folder, "log", path);
    for (size_t i = 0; i < sizeof(locations) / sizeof(locations[0]); i += 1) {
        set_variable(locations[i], path);
    }
}

void
nrt_bench_destroy(struct nrt_bench *bench)
{
    nrt_close();
    test_folder_destroy(&bench->folder);
    unset_variables();
}

int
nrt_bench_setup_closed(void **state)
{
    struct nrt_bench *bench = calloc(1, sizeof(*bench));

    assert_non_null(bench);
    nrt_bench_create(bench, "core:4 pu:1");
    *state = bench;
    return 0;
}

int
nrt_bench_setup(void **state)
{
    (void)nrt_bench_setup_closed(state);
    assert_nrt_ok(nrt_init(NRT_FRAMEWORK_TYPE_NO_FW, "", ""));
    return 0;
}

int
nrt_bench_teardown(void **state)
{
    struct nrt_bench *bench = *state;

    nrt_bench_destroy(bench);
    free(bench);
    return 0;
}

char *
read_log(const struct nrt_bench *bench)
{
    enum { LOG_LIMIT_BYTES = 1 << 20 };
    char path[TEST_PATH_BYTES];
    char *text = calloc(1, LOG_LIMIT_BYTES);

    assert_non_null(text);
    int file = open(test_folder_path(&bench->folder, "log", path), O_RDONLY | O_CLOEXEC);
    if (file >= 0) {
        assert_true(read(file, text, LOG_LIMIT_BYTES - 1) >= 0);
        assert_int_equal(close(file), 0);
    } else {
        assert_int_equal(errno, ENOENT);
    }
    return text;
}

void
forget_log(const struct nrt_bench *bench)
{
    char path[TEST_PATH_BYTES];

    assert_int_equal(truncate(test_folder_path(&bench->folder, "log", path), 0), 0);
}

void
wait_until_logged(const struct nrt_bench *bench, const char *part)
{
    const struct timespec pause = {.tv_nsec = 1000000};
    bool is_there = false;

    for (int i = 0; !is_there && i < 10000; i += 1) {
        char *text = read_log(bench);

        is_there = strstr(text, part) != NULL;
        free(text);
        (void)nanosleep(&pause, NULL);
    }
    assert_true(is_there);
}

void
check_nrt(NRT_STATUS expected, NRT_STATUS actual, const char *call, const char *file, int line)
{
    if (expected != actual) {
        print_error("%s returned %s, expected %s\n", call, nrt_get_status_as_str(actual),
                    nrt_get_status_as_str(expected));
        _fail(file, line);
    }
}

void
check_logged(const struct nrt_bench *bench, const char *part, const char *file, int line)
{
    char *text = read_log(bench);
    bool is_there = strstr(text, part) != NULL;

    if (!is_there) {
        print_error("no line has \"%s\" in the log\n%s", part, text);
    }
    free(text);
    if (!is_there) {
        _fail(file, line);
    }
}

void
check_not_logged(const struct nrt_bench *bench, const char *part, const char *file, int line)
{
    char *text = read_log(bench);
    bool is_there = strstr(text, part) != NULL;

    if (is_there) {
        print_error("a line has \"%s\" in the log\n%s", part, text);
    }
    free(text);
    if (is_there) {
        _fail(file, line);
    }
}
