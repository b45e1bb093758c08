/* SPDX-License-Identifier: Apache-2.0 */
/* A log whose reader has stopped: who writes to it waits, and nobody else does. */
#include "nrt_bench.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "nrt_calls.h"
#include "nrt_models.h"
#include "thread_state.h"

enum { THREAD_LIMIT = 64, RUNS = 50, DEADLINE_SECONDS = 10 };

/* What the calls are made with. */
struct calls {
    nrt_model_t *model;
    struct twice_tensors tensors;
    nrt_tensor_set_t *nothing; /* an empty set */
    nrt_tensor_t *empty;       /* without memory */
};

static NRT_STATUS
execute_without_tensors(void *argument)
{
    const struct calls *calls = argument;

    return nrt_execute(calls->model, calls->nothing, calls->tensors.outputs);
}

static NRT_STATUS
read_beyond_the_end(void *argument)
{
    const struct calls *calls = argument;
    char byte = 0;

    return nrt_tensor_read(calls->tensors.x, &byte, VECTOR_BYTES, 1);
}

static NRT_STATUS
read_without_memory(void *argument)
{
    const struct calls *calls = argument;
    char byte = 0;

    return nrt_tensor_read(calls->empty, &byte, 0, 1);
}

static NRT_STATUS
get_an_unknown_tensor(void *argument)
{
    const struct calls *calls = argument;
    nrt_tensor_t *tensor = NULL;

    return nrt_get_tensor_from_tensor_set(calls->tensors.inputs, "unknown", &tensor);
}

static NRT_STATUS
add_no_tensor(void *argument)
{
    const struct calls *calls = argument;

    return nrt_add_tensor_to_tensor_set(calls->nothing, "x", (nrt_tensor_t *)calls->nothing);
}

static NRT_STATUS
ask_without_a_place(void *argument)
{
    const struct calls *calls = argument;

    return nrt_get_model_nc_count(calls->model, NULL);
}

static nrt_call_fn *const refused_calls[] = {execute_without_tensors, read_beyond_the_end,
                                             read_without_memory,     get_an_unknown_tensor,
                                             add_no_tensor,           ask_without_a_place};

/* A thread that is refused, and waits for the log. */
struct refused {
    pthread_t thread;
    nrt_call_fn *call;
    void *argument;
    _Atomic pid_t id;
    NRT_STATUS status;
};

static void *
be_refused(void *argument)
{
    struct refused *refused = argument;

    atomic_store(&refused->id, gettid());
    refused->status = refused->call(refused->argument);
    return NULL;
}

static void
start_refused(struct refused *refused, nrt_call_fn *call, void *argument)
{
    refused->call = call;
    refused->argument = argument;
    refused->status = NRT_SUCCESS;
    atomic_init(&refused->id, 0);
    assert_int_equal(pthread_create(&refused->thread, NULL, be_refused, refused), 0);
    while (atomic_load(&refused->id) == 0) {
        (void)sched_yield();
    }
}

/* Starts a thread for each call that is refused; returns how many they are. */
static size_t
start_all_refused(struct refused *refused, struct calls *calls)
{
    static char garbage[64];
    size_t count = 0;

    assert_in_range(nrt_handle_call_count, 1, THREAD_LIMIT / 2);
    for (size_t i = 0; i < nrt_handle_call_count; i += 1) {
        start_refused(&refused[count], nrt_handle_calls[i].call, garbage);
        count += 1;
    }
    for (size_t i = 0; i < sizeof(refused_calls) / sizeof(refused_calls[0]); i += 1) {
        start_refused(&refused[count], refused_calls[i], calls);
        count += 1;
    }
    for (size_t i = 0; i < count; i += 1) {
        assert_true(thread_falls_asleep(atomic_load(&refused[i].id)));
    }
    return count;
}

/* Puts a pipe in the place of the log, and initializes the runtime. Returns the reader's end. */
static int
open_log_pipe(const struct nrt_bench *bench)
{
    char path[TEST_PATH_BYTES];

    assert_int_equal(mkfifo(test_folder_path(&bench->folder, "log", path), S_IRUSR | S_IWUSR), 0);
    int reader = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    assert_true(reader >= 0);
    assert_nrt_ok(nrt_init(NRT_FRAMEWORK_TYPE_NO_FW, "", ""));
    return reader;
}

/* Leaves no room in the pipe. */
static void
fill_log_pipe(const struct nrt_bench *bench)
{
    char path[TEST_PATH_BYTES];
    int writer =
        open(test_folder_path(&bench->folder, "log", path), O_WRONLY | O_NONBLOCK | O_CLOEXEC);

    assert_true(writer >= 0);
    while (write(writer, "\n", 1) == 1) {
        /* There is room yet. */
    }
    assert_int_equal(errno, EAGAIN);
    assert_int_equal(close(writer), 0);
}

/* Reads the pipe until the thread has ended. */
static void
read_until_joined(int reader, pthread_t thread)
{
    char bytes[4096];

    while (pthread_tryjoin_np(thread, NULL) == EBUSY) {
        (void)!read(reader, bytes, sizeof(bytes));
        (void)sched_yield();
    }
}

/* A thread that uses the runtime as programs do. */
static void *
run_and_copy(void *argument)
{
    const struct calls *calls = argument;
    static NRT_STATUS status;
    float number = 0.0F;

    status = NRT_SUCCESS;
    for (int i = 0; status == NRT_SUCCESS && i < RUNS; i += 1) {
        status = nrt_execute(calls->model, calls->tensors.inputs, calls->tensors.outputs);
        if (status == NRT_SUCCESS) {
            status = nrt_tensor_read(calls->tensors.y, &number, 0, sizeof(number));
        }
    }
    return &status;
}

/* Joins a thread in time; returns NULL when it has not ended. */
static NRT_STATUS *
join_in_time(pthread_t thread)
{
    struct timespec deadline = {.tv_sec = 0};
    void *result = NULL;

    (void)clock_gettime(CLOCK_REALTIME, &deadline);
    deadline.tv_sec += DEADLINE_SECONDS;
    return pthread_timedjoin_np(thread, &result, &deadline) == 0 ? result : NULL;
}

static void
refusals_that_nobody_reads_stop_no_run(void **state)
{
    static struct refused refused[THREAD_LIMIT];
    struct calls calls = {.model = NULL};
    int reader = open_log_pipe(*state);
    pthread_t runner;

    calls.model = load_neff(twice_neff(*state), 0, -1);
    twice_tensors_create(&calls.tensors, 0, 1.0F);
    assert_nrt_ok(nrt_allocate_tensor_set(&calls.nothing));
    assert_nrt_ok(nrt_tensor_allocate_empty("empty", &calls.empty));
    fill_log_pipe(*state);
    size_t count = start_all_refused(refused, &calls);
    assert_int_equal(pthread_create(&runner, NULL, run_and_copy, &calls), 0);
    const NRT_STATUS *status = join_in_time(runner);
    for (size_t i = 0; i < count; i += 1) {
        read_until_joined(reader, refused[i].thread);
        assert_int_not_equal(refused[i].status, NRT_SUCCESS);
    }
    if (status == NULL) {
        read_until_joined(reader, runner);
    }
    assert_non_null(status);
    if (status != NULL) { /* as the analyzer does not know */
        assert_nrt_ok(*status);
    }
    assert_int_equal(close(reader), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(refusals_that_nobody_reads_stop_no_run,
                                        nrt_bench_setup_closed, nrt_bench_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
