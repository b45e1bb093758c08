/* SPDX-License-Identifier: Apache-2.0 */
/* A forked child has a runtime's memory, but neither its threads nor its cores. */
#include "check.h"

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "neuron/executor.h"

#include "test_runtime.h"

static void
do_nothing(void *argument)
{
    (void)argument;
}

static enum neuron_status
submit(const struct neuron_runtime *runtime, struct neuron_error *error)
{
    struct neuron_completion *completion = NULL;
    enum neuron_status status = neuron_completion_create(&completion, error);

    if (status != NEURON_OK) {
        return status;
    }
    const struct neuron_request request = {.work = do_nothing, .completion = completion};
    neuron_completion_arm(completion, 1);
    status = neuron_executor_submit(neuron_runtime_executor(runtime, 0), &request, error);
    if (status != NEURON_OK) {
        neuron_completion_count_down(completion);
    }
    neuron_completion_wait(completion);
    neuron_completion_destroy(completion);
    return status;
}

static void
a_child_submits_nothing_and_destroys_without_harm(void **state)
{
    struct test_runtime owner = {0};
    struct neuron_error error = {0};
    int end = 0;

    (void)state;
    test_runtime_create(&owner, "core:2 pu:1", 2);
    pid_t child = fork();
    if (child == 0) {
        bool is_refused = submit(owner.runtime, NULL) == NEURON_STOPPED;

        neuron_runtime_destroy(owner.runtime);
        _exit(is_refused ? EXIT_SUCCESS : EXIT_FAILURE);
    }
    assert_true(child > 0);
    assert_int_equal(waitpid(child, &end, 0), child);
    assert_true(WIFEXITED(end));
    assert_int_equal(WEXITSTATUS(end), EXIT_SUCCESS);
    /* Nothing was taken from the parent. */
    assert_ok(submit(owner.runtime, &error), &error);
    test_runtime_destroy(&owner);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_child_submits_nothing_and_destroys_without_harm)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
