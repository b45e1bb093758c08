/* SPDX-License-Identifier: Apache-2.0 */
/* The executors of a runtime that has all cores of the real machine. */
#include "neuron/executor.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <unistd.h>

#include "check.h"
#include "gate.h"
#include "runtime_body.h"
#include "test_runtime.h"
#include "thread_state.h"

enum { LIVES = 20000, MANY = 5000 };

static int
create_runtime(void **state)
{
    static struct test_runtime test;

    test_runtime_create(&test, NULL, 0);
    *state = &test;
    return 0;
}

static int
destroy_runtime(void **state)
{
    test_runtime_destroy(*state);
    return 0;
}

static struct neuron_executor *
first_executor(void **state)
{
    const struct test_runtime *test = *state;

    return neuron_runtime_executor(test->runtime, 0);
}

static struct neuron_completion *
create_completion(void)
{
    struct neuron_completion *completion = NULL;
    struct neuron_error error = {0};

    assert_ok(neuron_completion_create(&completion, &error), &error);
    return completion;
}

static void
submit(struct neuron_executor *executor, const struct neuron_request *request)
{
    struct neuron_error error = {0};

    assert_ok(neuron_executor_submit(executor, request, &error), &error);
}

/* Has the executor run one piece of work, and waits for it. */
static void
run_once(struct neuron_executor *executor, neuron_work_fn *work, void *argument)
{
    struct neuron_completion *completion = create_completion();
    const struct neuron_request request = {work, argument, completion};

    neuron_completion_arm(completion, 1);
    submit(executor, &request);
    neuron_completion_wait(completion);
    neuron_completion_destroy(completion);
}

/* Numbers as they were run; only the executor writes. */
struct record {
    uint32_t numbers[MANY];
    uint32_t count;
};

struct step {
    struct record *record;
    uint32_t number;
};

static void
record_step(void *argument)
{
    const struct step *step = argument;

    step->record->numbers[step->record->count] = step->number;
    step->record->count += 1;
}

static void
add_one(void *argument)
{
    uint32_t *count = argument;

    *count += 1;
}

static void
requests_run_in_the_order_of_their_submission(void **state)
{
    enum { STEPS = 500 };
    static struct record record;
    struct step steps[STEPS];
    struct neuron_request requests[STEPS];
    struct neuron_completion *completion = create_completion();

    neuron_completion_arm(completion, STEPS);
    for (uint32_t i = 0; i < STEPS; i += 1) {
        steps[i] = (struct step){&record, i};
        requests[i] = (struct neuron_request){record_step, &steps[i], completion};
        submit(first_executor(state), &requests[i]);
    }
    neuron_completion_wait(completion);
    assert_int_equal(record.count, STEPS);
    for (uint32_t i = 0; i < STEPS; i += 1) {
        assert_int_equal(record.numbers[i], i);
    }
    neuron_completion_destroy(completion);
}

static void
read_cpu(void *argument)
{
    int *cpu = argument;

    *cpu = sched_getcpu();
}

static void
requests_run_on_the_cpu_of_their_core(void **state)
{
    const struct test_runtime *test = *state;
    const struct neuron_topology *topology = neuron_runtime_topology(test->runtime);

    for (uint32_t nc = 0; nc < neuron_runtime_core_count(test->runtime); nc += 1) {
        uint32_t core = neuron_core_set_at(neuron_runtime_cores(test->runtime), nc);
        int cpu = -1;

        run_once(neuron_runtime_executor(test->runtime, nc), read_cpu, &cpu);
        assert_int_equal(cpu, neuron_topology_cpu_of(topology, core));
    }
}

static void
read_affinity(void *argument)
{
    (void)sched_getaffinity(0, sizeof(cpu_set_t), argument);
}

static void
an_executor_may_run_on_one_cpu_only(void **state)
{
    cpu_set_t cpus;

    CPU_ZERO(&cpus);
    run_once(first_executor(state), read_affinity, &cpus);
    assert_int_equal(CPU_COUNT(&cpus), 1);
}

static void
read_name(void *argument)
{
    (void)pthread_getname_np(pthread_self(), argument, 16);
}

static void
an_executor_thread_bears_its_core_in_its_name(void **state)
{
    char name[16] = "";

    run_once(first_executor(state), read_name, name);
    assert_string_equal(name, "neuron:exec-0");
    assert_int_equal(neuron_executor_core(first_executor(state)), 0);
}

static void
read_signal_mask(void *argument)
{
    (void)pthread_sigmask(SIG_BLOCK, NULL, argument);
}

static void
no_signal_is_delivered_to_an_executor(void **state)
{
    sigset_t blocked;

    (void)sigemptyset(&blocked);
    run_once(first_executor(state), read_signal_mask, &blocked);
    assert_int_equal(sigismember(&blocked, SIGINT), 1);
    assert_int_equal(sigismember(&blocked, SIGTERM), 1);
    assert_int_equal(sigismember(&blocked, SIGCHLD), 1);
    assert_int_equal(pthread_sigmask(SIG_BLOCK, NULL, &blocked), 0);
    assert_int_equal(sigismember(&blocked, SIGINT), 0);
}

static void
the_inbox_is_full_exactly_at_its_limit(void **state)
{
    struct gate gate;
    struct neuron_completion *completion = create_completion();
    struct neuron_error error = {0};
    uint32_t count = 0;
    const struct neuron_request request = {add_one, &count, completion};

    neuron_completion_arm(completion, NEURON_INBOX_LIMIT);
    gate_close(&gate, first_executor(state));
    gate_await_arrival(&gate);
    for (uint32_t i = 0; i < NEURON_INBOX_LIMIT; i += 1) {
        submit(first_executor(state), &request);
    }
    assert_status(NEURON_QUEUE_FULL,
                  neuron_executor_submit(first_executor(state), &request, &error), &error);
    assert_contains(error.text, "nc:0 has 1000 requests waiting");
    gate_open(&gate);
    neuron_completion_wait(completion);
    assert_int_equal(count, NEURON_INBOX_LIMIT);
    run_once(first_executor(state), add_one, &count);
    neuron_completion_destroy(completion);
}

static void
a_request_that_was_refused_is_counted_off_by_its_owner(void **state)
{
    struct neuron_completion *completion = create_completion();
    uint32_t count = 0;
    const struct neuron_request request = {add_one, &count, completion};

    neuron_completion_arm(completion, 2);
    submit(first_executor(state), &request);
    neuron_completion_count_down(completion);
    neuron_completion_wait(completion);
    assert_int_equal(count, 1);
    neuron_completion_destroy(completion);
}

static void
a_completion_may_be_destroyed_right_after_every_wait(void **state)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < LIVES; i += 1) {
        run_once(first_executor(state), add_one, &count);
    }
    assert_int_equal(count, LIVES);
}

static void
remember_thread(void *argument)
{
    _Atomic pid_t *thread = argument;

    atomic_store(thread, gettid());
}

static void
an_executor_that_fell_asleep_wakes_for_a_request(void **state)
{
    _Atomic pid_t thread = 0;
    uint32_t count = 0;

    run_once(first_executor(state), remember_thread, &thread);
    for (uint32_t i = 1; i <= 20; i += 1) {
        assert_true(thread_falls_asleep(thread));
        run_once(first_executor(state), add_one, &count);
        assert_int_equal(count, i);
    }
}

/* A thread that submits beside others; it gives way while the inbox is full. */
struct submitter {
    pthread_t thread;
    struct neuron_executor *executor;
    struct neuron_request request;
    bool has_failed;
};

static void *
submit_many(void *argument)
{
    struct submitter *submitter = argument;

    for (uint32_t i = 0; i < MANY; i += 1) {
        enum neuron_status status = NEURON_QUEUE_FULL;

        while (status == NEURON_QUEUE_FULL) {
            status = neuron_executor_submit(submitter->executor, &submitter->request, NULL);
            (void)sched_yield();
        }
        submitter->has_failed = submitter->has_failed || status != NEURON_OK;
    }
    return NULL;
}

static void
several_threads_submit_to_one_executor(void **state)
{
    enum { THREADS = 3 };
    struct submitter submitters[THREADS];
    struct neuron_completion *completion = create_completion();
    uint32_t count = 0;

    neuron_completion_arm(completion, THREADS * MANY);
    for (uint32_t i = 0; i < THREADS; i += 1) {
        submitters[i] = (struct submitter){.executor = first_executor(state),
                                           .request = {add_one, &count, completion}};
        assert_int_equal(pthread_create(&submitters[i].thread, NULL, submit_many, &submitters[i]),
                         0);
    }
    for (uint32_t i = 0; i < THREADS; i += 1) {
        assert_int_equal(pthread_join(submitters[i].thread, NULL), 0);
        assert_false(submitters[i].has_failed);
    }
    neuron_completion_wait(completion);
    assert_int_equal(count, THREADS * MANY);
    neuron_completion_destroy(completion);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests_run_in_the_order_of_their_submission),
        cmocka_unit_test(requests_run_on_the_cpu_of_their_core),
        cmocka_unit_test(an_executor_may_run_on_one_cpu_only),
        cmocka_unit_test(an_executor_thread_bears_its_core_in_its_name),
        cmocka_unit_test(no_signal_is_delivered_to_an_executor),
        cmocka_unit_test(the_inbox_is_full_exactly_at_its_limit),
        cmocka_unit_test(a_request_that_was_refused_is_counted_off_by_its_owner),
        cmocka_unit_test(a_completion_may_be_destroyed_right_after_every_wait),
        cmocka_unit_test(an_executor_that_fell_asleep_wakes_for_a_request),
        cmocka_unit_test(several_threads_submit_to_one_executor),
    };
    return cmocka_run_group_tests(tests, create_runtime, destroy_runtime);
}
