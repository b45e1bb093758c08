/* SPDX-License-Identifier: Apache-2.0 */
/* The Neuron runtime interface on an invented machine, with leases and a log of its own. */
#ifndef NEURON_TESTS_NRT_BENCH_H
#define NEURON_TESTS_NRT_BENCH_H

#include "nrt/nrt.h"
#include "nrt/nrt_experimental.h"

#include "check.h"
#include "environment_variable.h"
#include "test_folder.h"

struct nrt_bench {
    struct test_folder folder; /* of lock files, compiled files, and "log" */
};

/* Fails unless `call` returns `expected`; prints both by name. */
#define assert_nrt(expected, call) check_nrt((expected), (call), #call, __FILE__, __LINE__)

/* Fails unless `call` returns NRT_SUCCESS. */
#define assert_nrt_ok(call) assert_nrt(NRT_SUCCESS, (call))

/* Fails unless the log has a line with this text, or has none. */
#define assert_logged(bench, part)     check_logged((bench), (part), __FILE__, __LINE__)
#define assert_not_logged(bench, part) check_not_logged((bench), (part), __FILE__, __LINE__)

/* Prepares the environment for a machine in hwloc's notation, with the log in a file. */
void
nrt_bench_create(struct nrt_bench *bench, const char *synthetic);

/* Closes the runtime, and removes the folder and the variables. */
void
nrt_bench_destroy(struct nrt_bench *bench);

/* cmocka setup and teardown; `*state` is a struct nrt_bench, initialized on four cores. */
int
nrt_bench_setup(void **state);
int
nrt_bench_teardown(void **state);

/* The same, but nrt_init() is left to the test. */
int
nrt_bench_setup_closed(void **state);

/* Reads the log; the caller frees it. */
char *
read_log(const struct nrt_bench *bench);

/* Empties the log. */
void
forget_log(const struct nrt_bench *bench);

/* Waits until the log has a line with this text; fails the test after ten seconds. */
void
wait_until_logged(const struct nrt_bench *bench, const char *part);

void
check_nrt(NRT_STATUS expected, NRT_STATUS actual, const char *call, const char *file, int line);

void
check_logged(const struct nrt_bench *bench, const char *part, const char *file, int line);

void
check_not_logged(const struct nrt_bench *bench, const char *part, const char *file, int line);

#endif
