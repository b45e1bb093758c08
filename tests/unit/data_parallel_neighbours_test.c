/* SPDX-License-Identifier: Apache-2.0 */
/* Where device ids lead in a process that sees a part of the machine, as documented. */
#include "check.h"

#include "neuron/data_parallel.h"
#include "neuron/data_parallel_call.h"

#include "invented_machine.h"
#include "scored_batch.h"
#include "test_folder.h"
#include "traced_model.h"

/* Chips are devices: four of four cores each, or twelve of two. */
#define INF1_6XLARGE  "numa:4 core:4 pu:1"
#define INF2_48XLARGE "numa:12 core:2 pu:1"

/* Two runtimes that share a machine, as those of two processes do. */
struct neighbours {
    struct test_folder folder;
    struct neuron_model *model;
    struct neuron_runtime *runtimes[2];
};

/* Makes them, with the cores that each is to see; `second` is NULL for one that is alone. */
static void
neighbours_create(struct neighbours *neighbours, const char *machine, const char *first,
                  const char *second)
{
    struct neuron_runtime_options options = {.core_count = 0};
    const char *const visible[2] = {first, second};
    struct neuron_error error = {0};

    invent_machine(machine);
    test_folder_create(&neighbours->folder);
    options.lease.directory = neighbours->folder.path;
    neighbours->model = load_dense_model();
    neighbours->runtimes[1] = NULL;
    for (int i = 0; i < (second == NULL ? 1 : 2); i += 1) {
        neighbours->runtimes[i] = NULL;
        options.visible_cores = visible[i];
        assert_ok(neuron_runtime_create(&options, &neighbours->runtimes[i], &error), &error);
    }
}

static void
neighbours_destroy(struct neighbours *neighbours)
{
    neuron_runtime_destroy(neighbours->runtimes[0]);
    neuron_runtime_destroy(neighbours->runtimes[1]);
    neuron_model_destroy(neighbours->model);
    test_folder_destroy(&neighbours->folder);
}

/* Where a device id leads: a core of the machine. */
struct machine_core {
    uint32_t device;
    uint32_t core; /* of the whole machine */
};

static void
assert_leads_to(const struct neighbours *neighbours, int process, const char *id,
                struct machine_core expected)
{
    const struct neuron_data_parallel_options options = {.device_ids = &id, .device_id_count = 1};
    struct neuron_data_parallel *parallel = NULL;
    struct neuron_data_parallel_report *report = NULL;
    struct neuron_error error = {0};

    assert_ok(neuron_data_parallel_create(neighbours->runtimes[process], neighbours->model,
                                          &options, &parallel, &error),
              &error);
    assert_ok(neuron_data_parallel_report_create(parallel, &report, &error), &error);
    const struct neuron_data_parallel_call_options call = {.report = report};
    struct scored_batch batch;
    scored_batch_create(&batch, neighbours->model, 9);
    const struct neuron_batch_tensors tensors = {
        .inputs = batch.inputs, .outputs = batch.outputs, .input_count = 1, .output_count = 1};
    assert_ok(neuron_data_parallel_run_with(parallel, &tensors, &call, &error), &error);
    const struct neuron_data_parallel_share *share = neuron_data_parallel_report_share(report, 0);
    assert_int_equal(share->core, expected.core);
    assert_int_equal(share->row_count, 9);
    assert_int_equal(neuron_runtime_device(neighbours->runtimes[process], share->nc),
                     expected.device);
    scored_batch_destroy(&batch);
    neuron_data_parallel_report_destroy(report);
    neuron_data_parallel_destroy(parallel);
}

static void
assert_leads_nowhere(const struct neighbours *neighbours, int process, const char *id,
                     const char *text)
{
    const struct neuron_data_parallel_options options = {.device_ids = &id, .device_id_count = 1};
    struct neuron_data_parallel *parallel = NULL;
    struct neuron_error error = {0};

    assert_status(NEURON_NO_SUCH_CORE,
                  neuron_data_parallel_create(neighbours->runtimes[process], neighbours->model,
                                              &options, &parallel, &error),
                  &error);
    assert_null(parallel);
    assert_string_equal(error.text, text);
}

static void
two_processes_number_their_own_cores(void **state)
{
    struct neighbours neighbours;

    (void)state;
    neighbours_create(&neighbours, INF1_6XLARGE, "0-6", "7-15");
    assert_leads_nowhere(&neighbours, 0, "nc:14",
                         "device id nc:14: this process owns nc:0 to nc:6");
    assert_leads_nowhere(&neighbours, 1, "nc:14",
                         "device id nc:14: this process owns nc:0 to nc:8");
    assert_leads_to(&neighbours, 1, "nc:7", (struct machine_core){.device = 3, .core = 14});
    assert_leads_to(&neighbours, 0, "nc:0", (struct machine_core){.device = 0, .core = 0});
    assert_leads_to(&neighbours, 1, "nc:0", (struct machine_core){.device = 1, .core = 7});
    neighbours_destroy(&neighbours);

    neighbours_create(&neighbours, INF2_48XLARGE, "0-11", "12-23");
    assert_leads_nowhere(&neighbours, 0, "13", "device id nc:13: this process owns nc:0 to nc:11");
    assert_leads_to(&neighbours, 1, "1", (struct machine_core){.device = 6, .core = 13});
    neighbours_destroy(&neighbours);
}

/* One process alone on the machine numbers its cores as the machine does. */
static void
one_process_alone_numbers_cores_as_the_machine_does(void **state)
{
    struct neighbours alone;

    (void)state;
    neighbours_create(&alone, INF1_6XLARGE, NULL, NULL);
    assert_leads_to(&alone, 0, "nc:0", (struct machine_core){.device = 0, .core = 0});
    assert_leads_to(&alone, 0, "nc:14", (struct machine_core){.device = 3, .core = 14});
    assert_leads_nowhere(&alone, 0, "nc:16", "device id nc:16: this process owns nc:0 to nc:15");
    neighbours_destroy(&alone);

    neighbours_create(&alone, INF2_48XLARGE, NULL, NULL);
    assert_leads_to(&alone, 0, "nc:13", (struct machine_core){.device = 6, .core = 13});
    neighbours_destroy(&alone);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_process_alone_numbers_cores_as_the_machine_does),
        cmocka_unit_test(two_processes_number_their_own_cores),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
