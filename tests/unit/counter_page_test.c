/* SPDX-License-Identifier: Apache-2.0 */
/* What is written to a page of counters, read by the process that writes it. */
#include "counters/process_counters.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "counters/counter_reader.h"
#include "neuron/process_identity.h"

#include "invented_machine.h"
#include "traced_model.h"

/* A page of four cores, that of the third device among them, and a sample of it. */
struct bench {
    struct neuron_topology *topology;
    struct neuron_process_counters *counters;
    struct neuron_counter_sample sample;
};

static void
make_page(struct bench *bench, const char *cores, const char *tag)
{
    struct neuron_error error = {0};
    struct neuron_core_set *set = cores_of(cores);

    assert_ok(neuron_process_counters_create(bench->topology, set, tag, &bench->counters, &error),
              &error);
    neuron_core_set_destroy(set);
}

static int
setup(void **state)
{
    struct bench *bench = calloc(1, sizeof(*bench));

    assert_non_null(bench);
    bench->topology = create_topology("pack:3 numa:1 core:4 pu:1");
    make_page(bench, "2-4,8", "a tag");
    *state = bench;
    return 0;
}

static int
teardown(void **state)
{
    struct bench *bench = *state;

    neuron_counter_sample_clear(&bench->sample);
    neuron_process_counters_destroy(bench->counters);
    neuron_topology_destroy(bench->topology);
    free(bench);
    return 0;
}

/* Reads the one page that this process has. */
static const struct neuron_counter_sample *
look(struct bench *bench)
{
    struct neuron_counter_readers readers = {.count = 0};
    struct neuron_error error = {0};

    assert_ok(neuron_counter_readers_open(getpid(), &readers, &error), &error);
    assert_int_equal(readers.count, 1);
    assert_ok(neuron_counter_reader_read(readers.readers[0], &bench->sample, &error), &error);
    neuron_counter_readers_close(&readers);
    return &bench->sample;
}

static void
a_new_page_tells_cores_tag_and_version_and_no_runs(void **state)
{
    const struct neuron_counter_sample *sample = look(*state);
    const uint32_t cores[] = {2, 3, 4, 8};

    assert_string_equal(sample->tag, "a tag");
    assert_true(sample->runtime_version[0] >= '0' && sample->runtime_version[0] <= '9');
    assert_int_equal(sample->core_count, 4);
    assert_int_equal(sample->module_count, 0);
    assert_int_equal(sample->memory_count, 0);
    assert_true(sample->time_ns > sample->begin_ns);
    assert_true(sample->ns_per_stamp > 0);
    for (uint32_t nc = 0; nc < 4; nc += 1) {
        const struct neuron_core_sample *core = &sample->cores[nc];

        assert_int_equal(core->core, cores[nc]);
        assert_int_equal(core->device, cores[nc] / 4);
        assert_int_equal(core->cpu, -1); /* of an invented machine */
        assert_false(core->is_busy);
        assert_int_equal(core->busy_ns, 0);
        assert_int_equal(core->module, 0);
    }
    assert_true(neuron_latency_quantile(sample->run_times.counts, 500) == 0);
}

static void
a_page_without_a_tag_is_called_by_its_pid(void **state)
{
    struct bench *bench = *state;
    char pid[16];

    (void)snprintf(pid, sizeof(pid), "%d", (int)getpid());
    for (int i = 0; i < 2; i += 1) {
        neuron_process_counters_destroy(bench->counters);
        bench->counters = NULL;
        make_page(bench, "1", i == 0 ? NULL : "");
        assert_string_equal(look(bench)->tag, pid);
        assert_string_equal(neuron_process_counters_tag(bench->counters), pid);
    }
}

static void
a_destroyed_page_is_not_found_any_more(void **state)
{
    struct bench *bench = *state;
    struct neuron_counter_readers readers = {.count = 7};
    struct neuron_error error = {0};

    neuron_process_counters_destroy(bench->counters);
    bench->counters = NULL;
    assert_ok(neuron_counter_readers_open(getpid(), &readers, &error), &error);
    assert_int_equal(readers.count, 0);
    neuron_process_counters_destroy(NULL);
    neuron_counter_readers_close(&readers);
}

static void
a_page_that_is_destroyed_while_it_is_open_is_lost(void **state)
{
    struct bench *bench = *state;
    struct neuron_counter_readers readers = {.count = 0};
    struct neuron_error error = {0};

    assert_ok(neuron_counter_readers_open(getpid(), &readers, &error), &error);
    assert_int_equal(readers.count, 1);
    neuron_process_counters_destroy(bench->counters);
    bench->counters = NULL;
    for (int i = 0; i < 2; i += 1) {
        assert_status(NEURON_PEER_LOST,
                      neuron_counter_reader_read(readers.readers[0], &bench->sample, &error),
                      &error);
        assert_contains(error.text, "has ended, or given back its cores");
    }
    neuron_counter_readers_close(&readers);
}

static void
as_many_pages_are_opened_as_there_is_room_for(void **state)
{
    struct bench *bench = *state;
    struct neuron_process_counters *more[NEURON_COUNTER_READERS_LIMIT] = {NULL};
    struct neuron_process_counters *first = bench->counters;
    struct neuron_counter_readers readers = {.count = 0};
    struct neuron_error error = {0};

    for (uint32_t i = 0; i < NEURON_COUNTER_READERS_LIMIT; i += 1) {
        assert_ok(neuron_counter_readers_open(getpid(), &readers, &error), &error);
        assert_int_equal(readers.count, i + 1);
        neuron_counter_readers_close(&readers);
        make_page(bench, "0-1", NULL);
        more[i] = bench->counters;
    }
    assert_ok(neuron_counter_readers_open(getpid(), &readers, &error), &error);
    assert_int_equal(readers.count, NEURON_COUNTER_READERS_LIMIT);
    neuron_counter_readers_close(&readers);
    for (uint32_t i = 0; i < NEURON_COUNTER_READERS_LIMIT; i += 1) {
        neuron_process_counters_destroy(more[i]);
    }
    bench->counters = first;
}

static void
refused_calls_are_counted_by_status(void **state)
{
    struct bench *bench = *state;

    neuron_process_counters_refuse(bench->counters, NEURON_INVALID_ARGUMENT);
    neuron_process_counters_refuse(bench->counters, NEURON_DEVICE_MEMORY_FULL);
    neuron_process_counters_refuse(bench->counters, NEURON_DEVICE_MEMORY_FULL);
    const struct neuron_counter_sample *sample = look(bench);
    for (uint32_t i = 0; i < NEURON_COUNTER_STATUSES; i += 1) {
        uint64_t expected = i == NEURON_INVALID_ARGUMENT     ? 1
                            : i == NEURON_DEVICE_MEMORY_FULL ? 2
                                                             : 0;

        assert_int_equal(sample->refused[i], expected);
    }
}

static void
modules_are_listed_with_their_cores_until_they_go(void **state)
{
    struct bench *bench = *state;
    struct neuron_model *model = load_dense_model();
    const uint32_t first_cores[] = {2, 0};
    const struct neuron_counted_module module = {.serial = 5,
                                                 .model = model,
                                                 .first_cores = first_cores,
                                                 .replica_count = 2,
                                                 .model_cores = 2};

    neuron_process_counters_add_module(bench->counters, &module);
    const struct neuron_counter_sample *sample = look(bench);
    assert_int_equal(sample->module_count, 1);
    assert_int_equal(sample->modules[0].serial, 5);
    assert_int_equal(sample->modules[0].replica_count, 2);
    assert_int_equal(sample->modules[0].model_cores, 2);
    assert_int_equal(sample->modules[0].cores[0], 0xF);
    assert_false(sample->modules[0].is_running);
    assert_string_equal(sample->modules[0].name, neuron_model_name(model));
    assert_memory_equal(sample->modules[0].identity, neuron_model_identity(model), 16);
    neuron_process_counters_remove_module(bench->counters, 0);
    neuron_process_counters_remove_module(bench->counters, 6);
    assert_int_equal(look(bench)->module_count, 1);
    neuron_process_counters_remove_module(bench->counters, 5);
    assert_int_equal(look(bench)->module_count, 0);
    neuron_model_destroy(model);
}

static void
modules_beyond_the_table_are_left_out(void **state)
{
    struct bench *bench = *state;
    struct neuron_model *model = load_dense_model();
    const uint32_t first_core = 3;
    struct neuron_counted_module module = {
        .model = model, .first_cores = &first_core, .replica_count = 1, .model_cores = 1};

    for (module.serial = 1; module.serial <= NEURON_COUNTER_MODULES + 2; module.serial += 1) {
        neuron_process_counters_add_module(bench->counters, &module);
    }
    assert_int_equal(look(bench)->module_count, NEURON_COUNTER_MODULES);
    neuron_process_counters_remove_module(bench->counters, NEURON_COUNTER_MODULES + 1);
    assert_int_equal(look(bench)->module_count, NEURON_COUNTER_MODULES);
    neuron_process_counters_remove_module(bench->counters, 7);
    assert_int_equal(look(bench)->module_count, NEURON_COUNTER_MODULES - 1);
    module.serial = 1000;
    neuron_process_counters_add_module(bench->counters, &module);
    const struct neuron_counter_sample *sample = look(bench);
    assert_int_equal(sample->module_count, NEURON_COUNTER_MODULES);
    assert_int_equal(sample->modules[6].serial, 1000);
    neuron_model_destroy(model);
}

static void
cores_beyond_the_bits_of_a_module_are_left_out(void **state)
{
    struct bench *bench = *state;
    struct neuron_model *model = load_dense_model();
    const uint32_t first_core = NEURON_COUNTER_CORE_WORDS * 64 - 1;
    const struct neuron_counted_module module = {.serial = 1,
                                                 .model = model,
                                                 .first_cores = &first_core,
                                                 .replica_count = 1,
                                                 .model_cores = 70};

    neuron_process_counters_add_module(bench->counters, &module);
    const struct neuron_module_sample *read = &look(bench)->modules[0];
    for (uint32_t word = 0; word < NEURON_COUNTER_CORE_WORDS; word += 1) {
        assert_int_equal(read->cores[word],
                         word + 1 == NEURON_COUNTER_CORE_WORDS ? UINT64_C(1) << 63 : 0);
    }
    neuron_model_destroy(model);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_new_page_tells_cores_tag_and_version_and_no_runs, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_page_without_a_tag_is_called_by_its_pid, setup, teardown),
        cmocka_unit_test_setup_teardown(a_destroyed_page_is_not_found_any_more, setup, teardown),
        cmocka_unit_test_setup_teardown(a_page_that_is_destroyed_while_it_is_open_is_lost, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(as_many_pages_are_opened_as_there_is_room_for, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(refused_calls_are_counted_by_status, setup, teardown),
        cmocka_unit_test_setup_teardown(modules_are_listed_with_their_cores_until_they_go, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(modules_beyond_the_table_are_left_out, setup, teardown),
        cmocka_unit_test_setup_teardown(cores_beyond_the_bits_of_a_module_are_left_out, setup,
                                        teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
