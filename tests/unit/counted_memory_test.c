/* SPDX-License-Identifier: Apache-2.0 */
/* What owners use of a device, as others read it. */
#include "counters/process_counters.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "counters/counter_reader.h"

#include "invented_machine.h"

struct bench {
    struct neuron_topology *topology;
    struct neuron_process_counters *counters;
    struct neuron_counter_sample sample;
};

static int
setup(void **state)
{
    struct bench *bench = calloc(1, sizeof(*bench));
    struct neuron_core_set *cores = cores_of("0-1");
    struct neuron_error error = {0};

    assert_non_null(bench);
    bench->topology = create_topology("core:2 pu:1");
    assert_ok(
        neuron_process_counters_create(bench->topology, cores, NULL, &bench->counters, &error),
        &error);
    neuron_core_set_destroy(cores);
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

/* Reads how many owners there are. */
static uint32_t
count_owners(struct bench *bench)
{
    struct neuron_counter_readers readers = {.count = 0};
    struct neuron_error error = {0};

    assert_ok(neuron_counter_readers_open(getpid(), &readers, &error), &error);
    assert_int_equal(readers.count, 1);
    assert_ok(neuron_counter_reader_read(readers.readers[0], &bench->sample, &error), &error);
    neuron_counter_readers_close(&readers);
    return bench->sample.memory_count;
}

/* What was read last of an owner. */
static const struct neuron_memory_sample *
owner_of(const struct bench *bench, uint32_t device, const char *name)
{
    for (uint32_t i = 0; i < bench->sample.memory_count; i += 1) {
        const struct neuron_memory_sample *memory = &bench->sample.memory[i];

        if (memory->device == device && strcmp(memory->name, name) == 0) {
            return memory;
        }
    }
    fail_msg("no owner %s on device %u", name, device);
    return NULL;
}

static void
take(struct bench *bench, uint32_t device, const char *owner, uint64_t bytes)
{
    neuron_process_counters_take_memory(bench->counters, device, owner, NEURON_MEMORY_ARENA, bytes);
}

static void
give(struct bench *bench, uint32_t device, const char *owner, uint64_t bytes)
{
    neuron_process_counters_give_memory(bench->counters, device, owner, NEURON_MEMORY_ARENA, bytes);
}

static void
memory_is_told_by_owner_device_and_use(void **state)
{
    struct bench *bench = *state;

    take(bench, 0, "a", 100);
    take(bench, 1, "a", 20);
    take(bench, 0, "b", 3);
    neuron_process_counters_take_memory(bench->counters, 0, "a", NEURON_MEMORY_WEIGHTS, 7000);
    assert_int_equal(count_owners(bench), 3);
    assert_int_equal(owner_of(bench, 0, "a")->bytes[NEURON_MEMORY_ARENA], 100);
    assert_int_equal(owner_of(bench, 0, "a")->bytes[NEURON_MEMORY_WEIGHTS], 7000);
    assert_int_equal(owner_of(bench, 0, "a")->bytes[NEURON_MEMORY_STAGES], 0);
    assert_int_equal(owner_of(bench, 0, "a")->peak_bytes, 7100);
    assert_int_equal(owner_of(bench, 1, "a")->bytes[NEURON_MEMORY_ARENA], 20);
    assert_int_equal(owner_of(bench, 0, "b")->bytes[NEURON_MEMORY_ARENA], 3);
}

static void
memory_that_is_given_back_leaves_its_peak_until_the_owner_goes(void **state)
{
    struct bench *bench = *state;

    take(bench, 0, "a", 100);
    give(bench, 0, "a", 60);
    take(bench, 0, "a", 10);
    assert_int_equal(count_owners(bench), 1);
    assert_int_equal(owner_of(bench, 0, "a")->bytes[NEURON_MEMORY_ARENA], 50);
    assert_int_equal(owner_of(bench, 0, "a")->peak_bytes, 100);
    give(bench, 0, "a", 50);
    assert_int_equal(count_owners(bench), 0);
    take(bench, 0, "a", 1);
    assert_int_equal(count_owners(bench), 1);
    assert_int_equal(owner_of(bench, 0, "a")->peak_bytes, 1);
}

static void
what_was_never_taken_is_not_given_back(void **state)
{
    struct bench *bench = *state;

    give(bench, 0, "a", 10);
    assert_int_equal(count_owners(bench), 0);
    take(bench, 0, "a", 5);
    give(bench, 0, "a", 10);
    assert_int_equal(count_owners(bench), 0);
    neuron_process_counters_take_memory(NULL, 0, "a", NEURON_MEMORY_ARENA, 10);
    neuron_process_counters_give_memory(NULL, 0, "a", NEURON_MEMORY_ARENA, 10);
}

static void
owners_beyond_the_table_are_told_together(void **state)
{
    struct bench *bench = *state;
    char name[16];

    for (uint32_t i = 0; i < NEURON_COUNTER_MEMORY_OWNERS + 2; i += 1) {
        (void)snprintf(name, sizeof(name), "owner %u", i);
        take(bench, 0, name, 1000 + i);
    }
    assert_int_equal(count_owners(bench), NEURON_COUNTER_MEMORY_OWNERS);
    const uint64_t others = (1000 + 63) + (1000 + 64) + (1000 + 65);
    assert_int_equal(owner_of(bench, UINT32_MAX, "(others)")->bytes[NEURON_MEMORY_ARENA], others);
    assert_int_equal(owner_of(bench, 0, "owner 62")->bytes[NEURON_MEMORY_ARENA], 1062);
    /* A place that comes free goes to the next one; what was noted with the others stays there. */
    give(bench, 0, "owner 3", 1003);
    take(bench, 0, "owner 64", 5);
    assert_int_equal(count_owners(bench), NEURON_COUNTER_MEMORY_OWNERS);
    assert_int_equal(owner_of(bench, 0, "owner 64")->bytes[NEURON_MEMORY_ARENA], 5);
    assert_int_equal(owner_of(bench, UINT32_MAX, "(others)")->bytes[NEURON_MEMORY_ARENA], others);
    give(bench, 0, "owner 64", 1069);
    give(bench, 0, "owner 63", 1063);
    give(bench, 0, "owner 65", 1065);
    assert_int_equal(count_owners(bench), NEURON_COUNTER_MEMORY_OWNERS - 2);
    assert_int_equal(owner_of(bench, 0, "owner 62")->bytes[NEURON_MEMORY_ARENA], 1062);
}

static void
long_names_are_cut_between_characters(void **state)
{
    struct bench *bench = *state;
    char name[NEURON_COUNTER_NAME_BYTES + 8];
    char shown[NEURON_COUNTER_NAME_BYTES];

    memset(name, 'n', sizeof(name));
    name[sizeof(name) - 1] = '\0';
    memcpy(shown, name, sizeof(shown));
    memcpy(name + NEURON_COUNTER_NAME_BYTES - 3, "\xE2\x82\xAC", 3); /* one byte too many */
    shown[NEURON_COUNTER_NAME_BYTES - 3] = '\0';
    take(bench, 0, name, 1);
    take(bench, 0, "", 2);
    take(bench, 0, "a\nb", 4);
    assert_int_equal(count_owners(bench), 3);
    assert_int_equal(owner_of(bench, 0, shown)->bytes[NEURON_MEMORY_ARENA], 1);
    assert_int_equal(owner_of(bench, 0, "(no name)")->bytes[NEURON_MEMORY_ARENA], 2);
    assert_int_equal(owner_of(bench, 0, "a?b")->bytes[NEURON_MEMORY_ARENA], 4);
    give(bench, 0, name, 1);
    give(bench, 0, "", 2);
    give(bench, 0, "a\nb", 4);
    assert_int_equal(count_owners(bench), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(memory_is_told_by_owner_device_and_use, setup, teardown),
        cmocka_unit_test_setup_teardown(
            memory_that_is_given_back_leaves_its_peak_until_the_owner_goes, setup, teardown),
        cmocka_unit_test_setup_teardown(what_was_never_taken_is_not_given_back, setup, teardown),
        cmocka_unit_test_setup_teardown(owners_beyond_the_table_are_told_together, setup, teardown),
        cmocka_unit_test_setup_teardown(long_names_are_cut_between_characters, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
