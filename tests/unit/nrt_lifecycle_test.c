/* SPDX-License-Identifier: Apache-2.0 */
/* nrt_init, nrt_close, and what every call says before, after and between. */
#include "nrt_bench.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "neuron/runtime.h"
#include "nrt/nrt_version.h"

#include "invented_machine.h"
#include "nrt_calls.h"
#include "nrt_models.h"

static NRT_STATUS
init(void)
{
    return nrt_init(NRT_FRAMEWORK_TYPE_NO_FW, "1.0", "2.0");
}

/* The first call that does not return this status; NULL for none. */
static const char *
first_that_differs(NRT_STATUS expected)
{
    char garbage = 0;

    for (size_t i = 0; i < nrt_handle_call_count; i += 1) {
        if (nrt_handle_calls[i].call(&garbage) != expected) {
            return nrt_handle_calls[i].name;
        }
    }
    for (size_t i = 0; i < nrt_plain_call_count; i += 1) {
        if (nrt_plain_calls[i].call(NULL) != expected) {
            return nrt_plain_calls[i].name;
        }
    }
    return NULL;
}

static void
every_call_before_init_is_refused(void **state)
{
    const char *differs = first_that_differs(NRT_UNINITIALIZED);
    char garbage = 0;
    nrt_tensor_t *tensor = (nrt_tensor_t *)(void *)&garbage;
    nrt_tensor_set_t *set = &garbage;

    (void)state;
    if (differs != NULL) {
        fail_msg("%s", differs);
    }
    assert_int_equal(nrt_tensor_get_size(tensor), 0);
    assert_null(nrt_tensor_get_va(tensor));
    nrt_tensor_free(&tensor);
    nrt_destroy_tensor_set(&set);
    assert_null(tensor);
    assert_null(set);
    nrt_close(); /* without init: nothing */
    assert_null(first_that_differs(NRT_UNINITIALIZED));
}

static void
every_call_after_close_is_refused(void **state)
{
    const struct nrt_bench *bench = *state;

    assert_nrt_ok(init());
    nrt_close();
    const char *differs = first_that_differs(NRT_CLOSED);
    if (differs != NULL) {
        fail_msg("%s", differs);
    }
    assert_logged(bench, "called after nrt_close() status=NRT_CLOSED");
    nrt_close();
}

static void
close_frees_what_is_left(void **state)
{
    struct twice_tensors tensors = {.x = NULL};
    nrt_tensor_info_array_t *described = NULL;

    assert_nrt_ok(init());
    twice_tensors_create(&tensors, 0, 1.0F);
    nrt_model_t *model = load_neff(twice_neff(*state), -1, -1);
    assert_nrt_ok(nrt_get_model_tensor_info(model, &described));
    nrt_close(); /* ASan finds what is left, and what is freed twice below */
    twice_tensors_destroy(&tensors);
    assert_nrt(NRT_CLOSED, nrt_unload(model));
    assert_nrt(NRT_CLOSED, nrt_free_model_tensor_info(described));
}

static void
init_works_again_after_close(void **state)
{
    struct twice_tensors tensors = {.x = NULL};

    for (int round = 0; round < 3; round += 1) {
        assert_nrt_ok(init());
        twice_tensors_create(&tensors, 1, 3.0F);
        nrt_model_t *model = load_neff(twice_neff(*state), 1, -1);
        assert_nrt_ok(nrt_execute(model, tensors.inputs, tensors.outputs));
        assert_vector(tensors.y, 6.0F);
        nrt_close();
        twice_tensors_destroy(&tensors);
    }
}

static void
a_second_init_is_refused_and_changes_nothing(void **state)
{
    struct twice_tensors tensors = {.x = NULL};
    uint32_t count = 0;

    set_variable("NEURON_RT_NUM_CORES", "2");
    assert_nrt_ok(init());
    twice_tensors_create(&tensors, 0, 1.0F);
    set_variable("NEURON_RT_NUM_CORES", "1");
    assert_nrt(NRT_INVALID, init());
    assert_logged(*state, "the runtime is initialized already");
    assert_nrt_ok(nrt_get_visible_nc_count(&count));
    assert_int_equal(count, 2);
    assert_vector(tensors.x, 1.0F);
    twice_tensors_destroy(&tensors);
}

static void
cores_that_are_taken_are_a_failure_that_names_the_holder(void **state)
{
    const struct nrt_bench *bench = *state;
    const struct neuron_runtime_options options = {.visible_cores = "1-2",
                                                   .lease.directory = bench->folder.path};
    struct neuron_runtime *holder = NULL;
    struct neuron_error error = {.text = ""};

    assert_ok(neuron_runtime_create(&options, &holder, &error), &error);
    set_variable("NEURON_RT_VISIBLE_CORES", "0-1");
    assert_nrt(NRT_FAILURE, init());
    assert_logged(bench, "NRT:nrt_allocate_neuron_cores  NeuronCore(s) not available - "
                         "Requested:nc0-nc1 (cores of the machine); cannot have cores 0-1 of this "
                         "machine: core 1 held by "
                         "pid ");
    set_variable("NEURON_RT_VISIBLE_CORES", NULL);
    set_variable("NEURON_RT_NUM_CORES", "3");
    assert_nrt(NRT_FAILURE, init());
    assert_logged(bench, "Requested:3; no 3 free cores in a row");
    set_variable("NEURON_RT_NUM_CORES", NULL);
    assert_nrt(NRT_FAILURE, init());
    assert_logged(bench, "Requested:all; ");
    assert_null(first_that_differs(NRT_UNINITIALIZED));
    neuron_runtime_destroy(holder);
    assert_nrt_ok(init());
}

static void
more_cores_than_there_are_is_a_failure(void **state)
{
    set_variable("NEURON_RT_NUM_CORES", "5");
    assert_nrt(NRT_FAILURE, init());
    assert_logged(*state, "NeuronCore(s) not available - Requested:5; ");
    set_variable("NEURON_RT_VISIBLE_CORES", "3-4");
    assert_nrt(NRT_FAILURE, init());
    assert_logged(*state,
                  "NeuronCore(s) not available - Requested:nc3-nc4 (cores of the machine); ");
}

static void
a_variable_with_a_bad_value_is_invalid(void **state)
{
    set_variable("NEURON_RT_NUM_CORES", "many");
    assert_nrt(NRT_INVALID, init());
    assert_logged(*state, "NEURON_RT_NUM_CORES=many");
    set_variable("NEURON_RT_NUM_CORES", NULL);
    set_variable("NEURON_RT_VISIBLE_CORES", "2-0");
    assert_nrt(NRT_INVALID, init());
    set_variable("NEURON_RT_VISIBLE_CORES", "0,2");
    assert_nrt(NRT_INVALID, init());
    set_variable("NEURON_RT_VISIBLE_CORES", NULL);
    assert_nrt_ok(init());
}

static void
counts_are_known_before_init(void **state)
{
    uint32_t count = 0;

    (void)state;
    assert_nrt_ok(nrt_get_total_nc_count(&count));
    assert_int_equal(count, 4);
    assert_nrt_ok(nrt_get_visible_nc_count(&count));
    assert_int_equal(count, 4);
    set_variable("NEURON_RT_NUM_CORES", "3");
    assert_nrt_ok(nrt_get_visible_vnc_count(&count));
    assert_int_equal(count, 3);
    set_variable("NEURON_RT_VISIBLE_CORES", "1-2");
    assert_nrt_ok(nrt_get_visible_nc_count(&count));
    assert_int_equal(count, 2);
    assert_nrt_ok(init());
    set_variable("NEURON_RT_VISIBLE_CORES", "1");
    assert_nrt_ok(nrt_get_visible_nc_count(&count));
    assert_int_equal(count, 2);
    assert_nrt_ok(nrt_get_total_vnc_count(&count));
    assert_int_equal(count, 4);
    nrt_close();
    assert_nrt_ok(nrt_get_visible_nc_count(&count));
    assert_int_equal(count, 1);
}

static void
counts_refuse_null_and_bad_variables(void **state)
{
    uint32_t count = 77;

    (void)state;
    assert_nrt(NRT_INVALID, nrt_get_total_nc_count(NULL));
    assert_nrt(NRT_INVALID, nrt_get_total_vnc_count(NULL));
    assert_nrt(NRT_INVALID, nrt_get_visible_nc_count(NULL));
    assert_nrt(NRT_INVALID, nrt_get_visible_vnc_count(NULL));
    set_variable("NEURON_RT_NUM_CORES", "-1");
    assert_nrt(NRT_INVALID, nrt_get_visible_nc_count(&count));
    set_variable("NEURON_RT_NUM_CORES", NULL);
    set_variable("NEURON_RT_VISIBLE_CORES", "a");
    assert_nrt(NRT_INVALID, nrt_get_visible_nc_count(&count));
    set_variable("NEURON_RT_VISIBLE_CORES", NULL);
    invent_machine("core:");
    assert_nrt(NRT_FAILURE, nrt_get_total_nc_count(&count));
    assert_int_equal(count, 77);
}

static void
legacy_groups_are_counted_and_deprecated(void **state)
{
    uint32_t count = 0;

    set_variable("NEURONCORE_GROUP_SIZES", "1,2");
    assert_nrt_ok(nrt_get_visible_nc_count(&count));
    assert_int_equal(count, 3);
    set_variable("NEURONCORE_GROUP_SIZES", "2x1");
    assert_nrt_ok(nrt_get_visible_nc_count(&count));
    assert_int_equal(count, 2);
    assert_nrt_ok(init());
    assert_logged(
        *state,
        " WARN NRT:nrt_init  NEURONCORE_GROUP_SIZES=2x1 is deprecated: use NEURON_RT_NUM_CORES or "
        "NEURON_RT_VISIBLE_CORES");
}

static void
a_quiet_log_says_nothing_of_groups(void **state)
{
    set_variable("NEURONCORE_GROUP_SIZES", "2");
    set_variable("NEURON_RT_LOG_LEVEL", "QUIET");
    assert_nrt_ok(init());
    assert_not_logged(*state, "GROUP_SIZES");
}

static void
queued_runs_are_said_to_do_nothing(void **state)
{
    set_variable("NEURON_RT_ASYNC_EXEC_MAX_INFLIGHT_REQUESTS", "3");
    assert_nrt_ok(init());
    assert_logged(*state, "NEURON_RT_ASYNC_EXEC_MAX_INFLIGHT_REQUESTS does nothing");
}

/* What a forked child finds; its exit status is 0 where all is as it should be. */
static int
try_all_in_child(void)
{
    uint32_t count = 0;
    nrt_tensor_t *tensor = NULL;

    if (first_that_differs(NRT_UNINITIALIZED) != NULL || init() != NRT_UNINITIALIZED ||
        nrt_get_visible_nc_count(&count) != NRT_UNINITIALIZED ||
        nrt_get_total_nc_count(&count) != NRT_SUCCESS ||
        nrt_tensor_allocate(NRT_TENSOR_PLACEMENT_HOST, 0, 1, NULL, &tensor) != NRT_UNINITIALIZED) {
        return EXIT_FAILURE;
    }
    nrt_close();
    return EXIT_SUCCESS;
}

static void
expect_child_success(int (*body)(void))
{
    int end = 0;
    pid_t child = fork();

    if (child == 0) {
        _exit(body());
    }
    assert_true(child > 0);
    assert_int_equal(waitpid(child, &end, 0), child);
    assert_true(WIFEXITED(end));
    assert_int_equal(WEXITSTATUS(end), EXIT_SUCCESS);
}

static void
a_forked_child_is_told_so_and_harms_nobody(void **state)
{
    struct twice_tensors tensors = {.x = NULL};

    assert_nrt_ok(init());
    twice_tensors_create(&tensors, 0, 2.0F);
    nrt_model_t *model = load_neff(twice_neff(*state), -1, -1);
    expect_child_success(try_all_in_child);
    assert_logged(*state, "Incompatible runtime state: NRT_STATE_CHILD");
    assert_nrt_ok(nrt_execute(model, tensors.inputs, tensors.outputs));
    assert_vector(tensors.y, 4.0F);
    twice_tensors_destroy(&tensors);
}

static int
init_in_child(void)
{
    if (init() != NRT_SUCCESS) {
        return EXIT_FAILURE;
    }
    nrt_close();
    return EXIT_SUCCESS;
}

static void
a_child_of_a_closed_process_may_initialize(void **state)
{
    (void)state;
    expect_child_success(init_in_child);
    assert_nrt_ok(init());
    nrt_close();
    expect_child_success(init_in_child);
}

static void
init_and_close_are_logged_at_info(void **state)
{
    set_variable("NEURON_RT_LOG_LEVEL", "INFO");
    set_variable("NEURON_RT_VISIBLE_CORES", "1-3");
    assert_nrt_ok(init());
    nrt_close();
    assert_logged(*state, " INFO NRT:nrt_init  initialized cores=1-3 framework=1 fw_version=1.0 "
                          "fal_version=2.0\n");
    assert_logged(*state, " INFO NRT:nrt_close  closed\n");
    assert_nrt_ok(nrt_init(NRT_FRAMEWORK_TYPE_PYTORCH, NULL, NULL));
}

static void
version_and_machine_are_known_at_any_time(void **state)
{
    nrt_version_t version = {.rt_major = 0};
    nrt_instance_info_t machine = {.family = 77};

    (void)state;
    assert_nrt_ok(nrt_get_version(&version, sizeof(version)));
    assert_int_equal(version.rt_major, 2);
    assert_int_equal(version.rt_minor, 0);
    assert_contains(version.rt_detail, "neuron ");
    assert_string_equal(version.git_hash, "");
    assert_nrt_ok(nrt_get_instance_info(&machine, sizeof(machine)));
    assert_int_equal(machine.family, NRT_INSTANCE_UNKNOWN);
    assert_int_equal(machine.size, NRT_INSTANCE_SIZE_UNKNOWN);
    assert_int_not_equal(machine.arch_name[0], '\0');
    assert_nrt(NRT_INVALID, nrt_get_version(NULL, sizeof(version)));
    assert_nrt(NRT_INVALID, nrt_get_instance_info(NULL, sizeof(machine)));
}

static void
structs_are_filled_as_far_as_the_caller_knows_them(void **state)
{
    struct {
        nrt_version_t version;
        char beyond[8];
    } larger = {.beyond = "beyond"};
    nrt_version_t version = {.rt_minor = 77};
    nrt_instance_info_t machine = {.size = 77};

    (void)state;
    assert_nrt_ok(nrt_get_version(&version, sizeof(version.rt_major)));
    assert_int_equal(version.rt_major, 2);
    assert_int_equal(version.rt_minor, 77);
    assert_nrt_ok(nrt_get_version(&larger.version, sizeof(larger)));
    assert_string_equal(larger.beyond, "beyond");
    assert_nrt_ok(nrt_get_instance_info(&machine, sizeof(machine.family)));
    assert_int_equal(machine.size, 77);
}

static void
statuses_have_names(void **state)
{
    (void)state;
    assert_string_equal(nrt_get_status_as_str(NRT_SUCCESS), "NRT_SUCCESS");
    assert_string_equal(nrt_get_status_as_str(NRT_LOAD_NOT_ENOUGH_NC), "NRT_LOAD_NOT_ENOUGH_NC");
    assert_string_equal(nrt_get_status_as_str(NRT_NETWORK_PROXY_FAILURE),
                        "NRT_NETWORK_PROXY_FAILURE");
    assert_string_equal(nrt_get_status_as_str((NRT_STATUS)8), "UNKNOWN");
    assert_string_equal(nrt_get_status_as_str((NRT_STATUS)-1), "UNKNOWN");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        /* The first one, while the process has never been initialized. */
        cmocka_unit_test_setup_teardown(every_call_before_init_is_refused, nrt_bench_setup_closed,
                                        nrt_bench_teardown),
        cmocka_unit_test_setup_teardown(cores_that_are_taken_are_a_failure_that_names_the_holder,
                                        nrt_bench_setup_closed, nrt_bench_teardown),
        cmocka_unit_test_setup_teardown(every_call_after_close_is_refused, nrt_bench_setup_closed,
                                        nrt_bench_teardown),
        cmocka_unit_test_setup_teardown(close_frees_what_is_left, nrt_bench_setup_closed,
                                        nrt_bench_teardown),
        cmocka_unit_test_setup_teardown(init_works_again_after_close, nrt_bench_setup_closed,
                                        nrt_bench_teardown),
        cmocka_unit_test_setup_teardown(a_second_init_is_refused_and_changes_nothing,
                                        nrt_bench_setup_closed, nrt_bench_teardown),
        cmocka_unit_test_setup_teardown(more_cores_than_there_are_is_a_failure,
                                        nrt_bench_setup_closed, nrt_bench_teardown),
        cmocka_unit_test_setup_teardown(a_variable_with_a_bad_value_is_invalid,
                                        nrt_bench_setup_closed, nrt_bench_teardown),
        cmocka_unit_test_setup_teardown(counts_are_known_before_init, nrt_bench_setup_closed,
                                        nrt_bench_teardown),
        cmocka_unit_test_setup_teardown(counts_refuse_null_and_bad_variables,
                                        nrt_bench_setup_closed, nrt_bench_teardown),
        cmocka_unit_test_setup_teardown(legacy_groups_are_counted_and_deprecated,
                                        nrt_bench_setup_closed, nrt_bench_teardown),
        cmocka_unit_test_setup_teardown(a_quiet_log_says_nothing_of_groups, nrt_bench_setup_closed,
                                        nrt_bench_teardown),
        cmocka_unit_test_setup_teardown(queued_runs_are_said_to_do_nothing, nrt_bench_setup_closed,
                                        nrt_bench_teardown),
        cmocka_unit_test_setup_teardown(a_forked_child_is_told_so_and_harms_nobody,
                                        nrt_bench_setup_closed, nrt_bench_teardown),
        cmocka_unit_test_setup_teardown(a_child_of_a_closed_process_may_initialize,
                                        nrt_bench_setup_closed, nrt_bench_teardown),
        cmocka_unit_test_setup_teardown(init_and_close_are_logged_at_info, nrt_bench_setup_closed,
                                        nrt_bench_teardown),
        cmocka_unit_test_setup_teardown(version_and_machine_are_known_at_any_time,
                                        nrt_bench_setup_closed, nrt_bench_teardown),
        cmocka_unit_test_setup_teardown(structs_are_filled_as_far_as_the_caller_knows_them,
                                        nrt_bench_setup_closed, nrt_bench_teardown),
        cmocka_unit_test(statuses_have_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
