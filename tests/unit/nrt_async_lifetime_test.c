/* SPDX-License-Identifier: Apache-2.0 */
/* What happens to requests under way when that which they need is freed, unloaded or closed. */
#include "check.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "async_bench.h"
#include "descriptors.h"
#include "gate.h"

static void
tensors_and_sets_may_be_freed_under_way(void **state)
{
    nrt_model_t *model = load_twice(*state, 0, -1);
    struct twice_tensors pair = create_pair(0);
    char text[VECTOR_BYTES] = "";
    struct gate gate;
    nrta_seq_t sequence = 0;

    gate_close(&gate, executor_of(0));
    assert_nrt_ok(nrta_tensor_write(pair.x, "12345678", 0, 8, 0, NULL, &sequence));
    (void)schedule(model, &pair, NULL);
    assert_nrt_ok(nrta_tensor_copy(pair.x, 0, pair.y, 0, 8, 0, NULL, &sequence));
    assert_nrt_ok(nrta_tensor_read(text, pair.y, 0, 8, 0, NULL, &sequence));
    twice_tensors_destroy(&pair);
    gate_open(&gate);
    await(sequence);
    assert_string_equal(text, "12345678");
}

static void
a_tensor_may_get_other_memory_under_way(void **state)
{
    struct twice_tensors pair = create_pair(0);
    char memory[VECTOR_BYTES] = "";
    struct gate gate;
    nrta_seq_t sequence = 0;

    (void)state;
    gate_close(&gate, executor_of(0));
    assert_nrt_ok(nrta_tensor_write(pair.x, "12345678", 0, 8, 0, NULL, &sequence));
    assert_nrt_ok(nrt_tensor_attach_buffer(pair.x, memory, sizeof(memory)));
    gate_open(&gate);
    await(sequence);
    assert_string_equal(memory, "");
    twice_tensors_destroy(&pair);
}

static void
what_a_set_held_when_the_run_was_scheduled_counts(void **state)
{
    nrt_model_t *model = load_twice(*state, 0, -1);
    struct twice_tensors pair = create_pair(0);
    struct twice_tensors other = create_pair(0);
    struct gate gate;

    write_number(pair.x, 1);
    write_number(other.x, 100);
    gate_close(&gate, executor_of(0));
    nrta_seq_t sequence = schedule(model, &pair, NULL);
    assert_nrt_ok(nrt_add_tensor_to_tensor_set(pair.inputs, "x", other.x));
    assert_nrt_ok(nrt_add_tensor_to_tensor_set(pair.outputs, "y", other.y));
    gate_open(&gate);
    await(sequence);
    assert_vector(pair.y, 2);
    assert_vector(other.y, 0);
    twice_tensors_destroy(&pair);
    twice_tensors_destroy(&other);
}

/* A thread that ends something, and waits for that. */
struct ender {
    pthread_t thread;
    nrt_model_t *model; /* to be unloaded; NULL to close the library */
    NRT_STATUS status;
    _Atomic bool is_done;
};

static void *
end_it(void *argument)
{
    struct ender *ender = argument;

    if (ender->model != NULL) {
        ender->status = nrt_unload(ender->model);
    } else {
        nrt_close();
    }
    atomic_store(&ender->is_done, true);
    return NULL;
}

/* Schedules on all cores, as long as the model and the library are there. */
static NRT_STATUS
schedule_until_refused(nrt_model_t *model, const struct twice_tensors *pair)
{
    NRT_STATUS status = NRT_SUCCESS;
    nrta_seq_t sequence = 0;

    while (status == NRT_SUCCESS || status == NRT_QUEUE_FULL) {
        status = nrta_execute_schedule(model, pair->inputs, pair->outputs, 0, NULL, &sequence);
        (void)sched_yield();
    }
    return status;
}

/* The linker makes these names.
   NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp,readability-identifier-naming)
 */
void
__real_libnrt_async_tracker_record(struct nrta_error_tracker *tracker, nrta_seq_t sequence,
                                   NRT_STATUS status);
void
__wrap_libnrt_async_tracker_record(struct nrta_error_tracker *tracker, nrta_seq_t sequence,
                                   NRT_STATUS status);

/* Gives whoever waits for the end of a run the time to learn of it too early. */
void
__wrap_libnrt_async_tracker_record(struct nrta_error_tracker *tracker, nrta_seq_t sequence,
                                   NRT_STATUS status)
{
    enum { YIELDS = 2000 };

    for (int i = 0; i < YIELDS; i += 1) {
        (void)sched_yield();
    }
    __real_libnrt_async_tracker_record(tracker, sequence, status);
}
/* NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp,readability-identifier-naming)
 */

static bool
is_completed(nrta_seq_t sequence)
{
    bool answer = false;

    assert_nrt_ok(nrta_is_completed(sequence, &answer));
    return answer;
}

static void
a_model_is_unloaded_when_its_requests_are_completed(void **state)
{
    struct ender ender = {.model = load_twice(*state, 0, -1)};
    struct twice_tensors pair = create_pair(0);
    struct gate gate;

    write_number(pair.x, 4);
    gate_close(&gate, executor_of(0));
    nrta_seq_t sequence = schedule(ender.model, &pair, NULL);
    assert_int_equal(pthread_create(&ender.thread, NULL, end_it, &ender), 0);
    assert_nrt(NRT_INVALID_HANDLE, schedule_until_refused(ender.model, &pair));
    assert_false(atomic_load(&ender.is_done));
    gate_open(&gate);
    assert_int_equal(pthread_join(ender.thread, NULL), 0);
    assert_nrt_ok(ender.status);
    assert_true(is_completed(sequence));
    assert_vector(pair.y, 8);
    twice_tensors_destroy(&pair);
}

static void
an_unloaded_model_has_reported_its_requests_and_their_errors(void **state)
{
    enum { ROUNDS = 20 };
    struct twice_tensors pair = create_pair(0);
    struct neff neff = twice_neff(*state);
    nrta_error_tracker_t *tracker = NULL;
    nrt_model_t *model = NULL;
    const nrta_error_t *errors = NULL;
    size_t count = 0;

    write_number(pair.x, RUN_FAILS);
    assert_nrt_ok(nrta_error_tracker_create(0, &tracker));
    for (int i = 0; i < ROUNDS; i += 1) {
        assert_nrt_ok(nrt_load(neff.bytes, neff.size_bytes, 0, -1, &model));
        nrta_seq_t sequence = schedule(model, &pair, tracker);
        assert_nrt_ok(nrt_unload(model));
        assert_true(is_completed(sequence));
        assert_nrt_ok(nrta_error_tracker_get_list(tracker, &errors, &count));
        assert_int_equal(count, 1);
        assert_int_equal(errors[0].seq_id, sequence);
    }
    free(neff.bytes);
    nrta_error_tracker_destroy(tracker);
    twice_tensors_destroy(&pair);
}

static void
closing_completes_what_was_accepted(void **state)
{
    nrt_model_t *model = load_twice(*state, 0, -1);
    struct twice_tensors pair = create_pair(0);
    struct ender ender = {.model = NULL};
    char text[VECTOR_BYTES] = "";
    struct gate gate;
    nrta_seq_t sequence = 0;
    int descriptor = -1;

    gate_close(&gate, executor_of(0));
    (void)schedule(model, &pair, NULL);
    assert_nrt_ok(nrta_tensor_write(pair.x, "12345678", 0, 8, 0, NULL, &sequence));
    assert_nrt_ok(nrta_tensor_read(text, pair.x, 0, 8, 0, NULL, &sequence));
    assert_nrt_ok(nrta_get_completion_handle(sequence, &descriptor));
    assert_int_equal(pthread_create(&ender.thread, NULL, end_it, &ender), 0);
    assert_nrt(NRT_CLOSED, schedule_until_refused(model, &pair));
    gate_open(&gate);
    assert_int_equal(pthread_join(ender.thread, NULL), 0);
    assert_true(is_readable(descriptor));
    assert_int_equal(close(descriptor), 0);
    assert_string_equal(text, "12345678");
    assert_nrt_ok(nrt_init(NRT_FRAMEWORK_TYPE_NO_FW, "", ""));
}

static void
trackers_that_are_left_are_destroyed_by_closing(void **state)
{
    nrt_model_t *model = load_twice(*state, 0, -1);
    struct twice_tensors pair = create_pair(0);
    nrta_error_tracker_t *tracker = NULL;
    const nrta_error_t *errors = NULL;
    size_t count = 0;

    write_number(pair.x, RUN_FAILS);
    for (int i = 0; i < 20; i += 1) {
        assert_nrt_ok(nrta_error_tracker_create(1, &tracker));
        (void)schedule(model, &pair, tracker);
    }
    nrt_close();
    assert_nrt(NRT_CLOSED, nrta_error_tracker_get_list(tracker, &errors, &count));
    assert_nrt_ok(nrt_init(NRT_FRAMEWORK_TYPE_NO_FW, "", ""));
    assert_nrt(NRT_INVALID_HANDLE, nrta_error_tracker_get_list(tracker, &errors, &count));
}

/* What a forked child finds: every call returns a status. */
static bool
child_is_refused(nrt_model_t *model, const struct twice_tensors *pair, nrta_seq_t sequence,
                 nrta_error_tracker_t *tracker)
{
    const nrta_error_t *errors = NULL;
    bool is_completed = false;
    size_t count = 0;
    int descriptor = -1;

    nrta_error_tracker_destroy(tracker);
    bool is_refused =
        nrta_execute_schedule(model, pair->inputs, pair->outputs, 0, NULL, &sequence) ==
            NRT_UNINITIALIZED &&
        nrta_tensor_write(pair->x, "x", 0, 1, 0, NULL, &sequence) == NRT_UNINITIALIZED &&
        nrta_is_completed(sequence, &is_completed) == NRT_UNINITIALIZED &&
        nrta_get_sequence(0, NRTA_XU_COMPUTE, 0, &sequence) == NRT_UNINITIALIZED &&
        nrta_get_completion_handle(sequence, &descriptor) == NRT_UNINITIALIZED &&
        nrta_error_tracker_create(0, &tracker) == NRT_UNINITIALIZED &&
        nrta_error_tracker_get_list(tracker, &errors, &count) == NRT_UNINITIALIZED;
    nrt_close();
    return is_refused;
}

static void
a_forked_child_is_refused_and_its_parent_goes_on(void **state)
{
    nrt_model_t *model = load_twice(*state, 0, -1);
    struct twice_tensors pair = create_pair(0);
    nrta_error_tracker_t *tracker = NULL;
    struct gate gate;
    int end = 0;

    assert_nrt_ok(nrta_error_tracker_create(0, &tracker));
    write_number(pair.x, 1);
    gate_close(&gate, executor_of(0));
    nrta_seq_t sequence = schedule(model, &pair, tracker);
    pid_t child = fork();
    if (child == 0) {
        _exit(child_is_refused(model, &pair, sequence, tracker) ? EXIT_SUCCESS : EXIT_FAILURE);
    }
    assert_true(child > 0);
    assert_int_equal(waitpid(child, &end, 0), child);
    assert_true(WIFEXITED(end));
    assert_int_equal(WEXITSTATUS(end), EXIT_SUCCESS);
    gate_open(&gate);
    await(sequence);
    assert_vector(pair.y, 2);
    nrta_error_tracker_destroy(tracker);
    twice_tensors_destroy(&pair);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(tensors_and_sets_may_be_freed_under_way, nrt_bench_setup,
                                        nrt_bench_teardown),
        cmocka_unit_test_setup_teardown(a_tensor_may_get_other_memory_under_way, nrt_bench_setup,
                                        nrt_bench_teardown),
        cmocka_unit_test_setup_teardown(what_a_set_held_when_the_run_was_scheduled_counts,
                                        nrt_bench_setup, nrt_bench_teardown),
        cmocka_unit_test_setup_teardown(a_model_is_unloaded_when_its_requests_are_completed,
                                        nrt_bench_setup, nrt_bench_teardown),
        cmocka_unit_test_setup_teardown(
            an_unloaded_model_has_reported_its_requests_and_their_errors, nrt_bench_setup,
            nrt_bench_teardown),
        cmocka_unit_test_setup_teardown(closing_completes_what_was_accepted, nrt_bench_setup,
                                        nrt_bench_teardown),
        cmocka_unit_test_setup_teardown(trackers_that_are_left_are_destroyed_by_closing,
                                        nrt_bench_setup, nrt_bench_teardown),
        cmocka_unit_test_setup_teardown(a_forked_child_is_refused_and_its_parent_goes_on,
                                        nrt_bench_setup, nrt_bench_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
