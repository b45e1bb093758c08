/* SPDX-License-Identifier: Apache-2.0 */
#include "memory/device_budget.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

enum { NAME_ROOM = 400 };

/* A budget with shorthand for those who take of it. */
struct bench {
    struct neuron_device_budget *budget;
    struct neuron_error error;
};

static struct bench
create_bench(uint32_t device, uint64_t limit_bytes)
{
    struct bench bench = {0};

    assert_ok(neuron_device_budget_create(device, limit_bytes, &bench.budget, &bench.error),
              &bench.error);
    return bench;
}

static enum neuron_status
take(struct bench *bench, const char *owner, uint64_t bytes)
{
    const struct neuron_charge charge = {.budget = bench->budget, .owner = owner};

    return neuron_charge_take(&charge, bytes, NEURON_MEMORY_WEIGHTS, &bench->error);
}

static void
give(const struct bench *bench, const char *owner, uint64_t bytes)
{
    const struct neuron_charge charge = {.budget = bench->budget, .owner = owner};

    neuron_charge_give(&charge, bytes, NEURON_MEMORY_WEIGHTS);
}

static uint64_t
used_bytes(const struct bench *bench)
{
    struct neuron_device_memory_stats stats = {0};

    neuron_device_budget_read(bench->budget, &stats);
    return stats.used_bytes;
}

static void
what_is_taken_counts_until_it_is_given_back(void **state)
{
    struct bench bench = create_bench(0, 1000);
    struct neuron_device_memory_stats stats = {0};

    (void)state;
    assert_ok(take(&bench, "bert", 700), &bench.error);
    assert_ok(take(&bench, "resnet", 200), &bench.error);
    assert_ok(take(&bench, "bert", 50), &bench.error);
    assert_int_equal(used_bytes(&bench), 950);
    give(&bench, "bert", 50);
    give(&bench, "resnet", 200);
    give(&bench, "bert", 700);
    neuron_device_budget_read(bench.budget, &stats);
    assert_int_equal(stats.used_bytes, 0);
    assert_int_equal(stats.peak_bytes, 950);
    assert_int_equal(stats.limit_bytes, 1000);
    neuron_device_budget_destroy(bench.budget);
}

static void
the_limit_itself_fits_and_one_byte_more_does_not(void **state)
{
    struct bench bench = create_bench(0, 1000);

    (void)state;
    assert_status(NEURON_DEVICE_MEMORY_FULL, take(&bench, "bert", 1001), &bench.error);
    assert_int_equal(used_bytes(&bench), 0);
    assert_ok(take(&bench, "bert", 1000), &bench.error);
    assert_status(NEURON_DEVICE_MEMORY_FULL, take(&bench, "bert", 1), &bench.error);
    assert_int_equal(used_bytes(&bench), 1000);
    give(&bench, "bert", 1000);
    neuron_device_budget_destroy(bench.budget);
}

static void
numbers_that_would_overflow_are_refused(void **state)
{
    struct bench bench = create_bench(0, UINT64_MAX);

    (void)state;
    assert_ok(take(&bench, "bert", UINT64_MAX - 10), &bench.error);
    assert_status(NEURON_DEVICE_MEMORY_FULL, take(&bench, "resnet", 11), &bench.error);
    assert_status(NEURON_DEVICE_MEMORY_FULL, take(&bench, "bert", UINT64_MAX), &bench.error);
    assert_ok(take(&bench, "resnet", 10), &bench.error);
    assert_true(used_bytes(&bench) == UINT64_MAX);
    give(&bench, "resnet", 10);
    give(&bench, "bert", UINT64_MAX - 10);
    neuron_device_budget_destroy(bench.budget);
}

static void
a_refusal_says_what_was_asked_who_uses_most_and_what_to_do(void **state)
{
    struct bench bench = create_bench(0, 1000000000);

    (void)state;
    assert_ok(take(&bench, "resnet", 200000000), &bench.error);
    assert_ok(take(&bench, "bert", 700000000), &bench.error);
    assert_status(NEURON_DEVICE_MEMORY_FULL, take(&bench, "resnet", 102400000), &bench.error);
    assert_string_equal(bench.error.text,
                        "device 0 has no room for the weights of resnet: 102400000 bytes asked, "
                        "900000000 of 1000000000 in use (bert 700000000, resnet 200000000); unload "
                        "a model, or raise NEURON_RT_DEVICE_MEMORY");
    give(&bench, "bert", 700000000);
    give(&bench, "resnet", 200000000);
    neuron_device_budget_destroy(bench.budget);
}

static void
an_unused_device_has_nothing_to_unload(void **state)
{
    struct bench bench = create_bench(3, 10);

    (void)state;
    assert_ok(take(&bench, "gone", 5), &bench.error);
    give(&bench, "gone", 5);
    assert_status(NEURON_DEVICE_MEMORY_FULL, take(&bench, "bert", 11), &bench.error);
    assert_string_equal(bench.error.text,
                        "device 3 has no room for the weights of bert: 11 bytes asked, 0 of 10 in "
                        "use; raise NEURON_RT_DEVICE_MEMORY");
    neuron_device_budget_destroy(bench.budget);
}

static void
the_smallest_of_many_owners_are_counted_only(void **state)
{
    struct bench bench = create_bench(1, 10000);
    char name[24];

    (void)state;
    for (int i = 1; i <= 20; i += 1) {
        (void)snprintf(name, sizeof(name), "model-%d", i);
        assert_ok(take(&bench, name, (uint64_t)i * 10), &bench.error);
    }
    assert_status(NEURON_DEVICE_MEMORY_FULL, take(&bench, "late", 9000), &bench.error);
    assert_contains(bench.error.text, "2100 of 10000 in use (model-20 200, model-19 190, model-18");
    assert_contains(bench.error.text, ", and 1");
    assert_contains(bench.error.text, " others); unload a model, or raise NEURON_RT_DEVICE_MEMORY");
    for (int i = 1; i <= 20; i += 1) {
        (void)snprintf(name, sizeof(name), "model-%d", i);
        give(&bench, name, (uint64_t)i * 10);
    }
    assert_int_equal(used_bytes(&bench), 0);
    neuron_device_budget_destroy(bench.budget);
}

/* Refuses with names of this many euro signs, which take three bytes each. */
static void
check_length(size_t first, size_t second)
{
    struct bench bench = create_bench(UINT32_MAX, UINT64_MAX - 1);
    char names[2][NAME_ROOM] = {"", ""};

    for (size_t i = 0; i < first; i += 1) {
        memcpy(names[0] + 3 * i, "\xE2\x82\xAC", 4);
    }
    for (size_t i = 0; i < second; i += 1) {
        memcpy(names[1] + 3 * i, "\xE2\x82\xAC", 4);
    }
    assert_ok(take(&bench, names[0], UINT64_MAX - 2), &bench.error);
    assert_status(NEURON_DEVICE_MEMORY_FULL, take(&bench, names[1], UINT64_MAX), &bench.error);
    assert_true(strlen(bench.error.text) + strlen("nc:4095: ") < NEURON_ERROR_TEXT_BYTES);
    assert_contains(bench.error.text, "or raise NEURON_RT_DEVICE_MEMORY");
    assert_contains(bench.error.text,
                    second > 6
                        ? "of \xE2\x82\xAC\xE2\x82\xAC...\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC: "
                          "18446744073709551615 bytes"
                        : ": 18446744073709551615 bytes");
    give(&bench, names[0], UINT64_MAX - 2);
    neuron_device_budget_destroy(bench.budget);
}

static void
the_text_has_room_whatever_the_length_of_names_and_numbers(void **state)
{
    (void)state;
    check_length(0, 0);
    check_length(1, 7);
    check_length(7, 8);
    check_length(8, 7);
    check_length(100, 100);
}

static void
long_names_keep_what_tells_them_apart(void **state)
{
    static const char name[] = "a_model_with_a_rather_long_name_7";
    struct bench bench = create_bench(0, 10);

    (void)state;
    assert_ok(take(&bench, name, 5), &bench.error);
    assert_status(NEURON_DEVICE_MEMORY_FULL, take(&bench, "a_model_with_a_rather_long_name_8", 6),
                  &bench.error);
    assert_contains(bench.error.text, "of a_mode...ong_name_8: 6 bytes asked");
    assert_contains(bench.error.text, "(a_mode...ong_name_7 5)");
    give(&bench, name, 5);
    neuron_device_budget_destroy(bench.budget);
}

static void
names_are_copied(void **state)
{
    struct bench bench = create_bench(0, 100);
    char name[] = "bert";

    (void)state;
    assert_ok(take(&bench, name, 60), &bench.error);
    name[0] = 'x';
    assert_status(NEURON_DEVICE_MEMORY_FULL, take(&bench, name, 60), &bench.error);
    assert_contains(bench.error.text, "(bert 60)");
    give(&bench, "bert", 60);
    neuron_device_budget_destroy(bench.budget);
}

static void
nothing_is_counted_without_a_budget_or_bytes(void **state)
{
    const struct neuron_charge none = {.owner = "bert"};
    struct bench bench = create_bench(0, 100);

    (void)state;
    assert_ok(neuron_charge_take(NULL, UINT64_MAX, NEURON_MEMORY_ARENA, &bench.error),
              &bench.error);
    neuron_charge_give(NULL, UINT64_MAX, NEURON_MEMORY_ARENA);
    assert_ok(neuron_charge_take(&none, UINT64_MAX, NEURON_MEMORY_ARENA, &bench.error),
              &bench.error);
    neuron_charge_give(&none, UINT64_MAX, NEURON_MEMORY_ARENA);
    assert_ok(take(&bench, "bert", 0), &bench.error);
    give(&bench, "bert", 0);
    assert_status(NEURON_DEVICE_MEMORY_FULL, take(&bench, "bert", 101), &bench.error);
    assert_contains(bench.error.text, "0 of 100 in use;");
    neuron_device_budget_destroy(bench.budget);
    neuron_device_budget_destroy(NULL);
}

enum { THREADS = 4, ROUNDS = 5000 };

/* What a thread does, and how it came out. */
struct taker {
    struct neuron_device_budget *budget;
    const char *owner;
    uint32_t refused;
    uint32_t above_limit;
};

static void *
take_and_give(void *argument)
{
    struct taker *taker = argument;
    const struct neuron_charge charge = {.budget = taker->budget, .owner = taker->owner};
    struct neuron_device_memory_stats stats = {0};

    for (uint32_t i = 0; i < ROUNDS; i += 1) {
        if (neuron_charge_take(&charge, 40, NEURON_MEMORY_ARENA, NULL) != NEURON_OK) {
            taker->refused += 1;
            continue;
        }
        neuron_device_budget_read(taker->budget, &stats);
        taker->above_limit += stats.used_bytes > stats.limit_bytes || stats.used_bytes < 40 ? 1 : 0;
        neuron_charge_give(&charge, 40, NEURON_MEMORY_ARENA);
    }
    return NULL;
}

static void
threads_never_take_more_than_the_limit_together(void **state)
{
    struct bench bench = create_bench(0, 100);
    struct taker takers[THREADS] = {{.owner = "a"}, {.owner = "b"}, {.owner = "a"}, {.owner = "c"}};
    pthread_t threads[THREADS];
    struct neuron_device_memory_stats stats = {0};

    (void)state;
    for (int i = 0; i < THREADS; i += 1) {
        takers[i].budget = bench.budget;
        assert_int_equal(pthread_create(&threads[i], NULL, take_and_give, &takers[i]), 0);
    }
    for (int i = 0; i < THREADS; i += 1) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_int_equal(takers[i].above_limit, 0);
    }
    neuron_device_budget_read(bench.budget, &stats);
    assert_int_equal(stats.used_bytes, 0);
    assert_true(stats.peak_bytes == 40 || stats.peak_bytes == 80);
    neuron_device_budget_destroy(bench.budget);
}

static void
a_forked_child_takes_nothing_and_destroys_without_harm(void **state)
{
    struct bench bench = create_bench(0, 100);
    int end = 0;

    (void)state;
    assert_ok(take(&bench, "bert", 60), &bench.error);
    pid_t child = fork();
    if (child == 0) {
        bool is_stopped = take(&bench, "bert", 10) == NEURON_STOPPED && used_bytes(&bench) == 60;

        give(&bench, "bert", 60);
        neuron_device_budget_destroy(bench.budget);
        _exit(is_stopped ? EXIT_SUCCESS : EXIT_FAILURE);
    }
    assert_true(child > 0);
    assert_int_equal(waitpid(child, &end, 0), child);
    assert_true(WIFEXITED(end));
    assert_int_equal(WEXITSTATUS(end), EXIT_SUCCESS);
    assert_int_equal(used_bytes(&bench), 60);
    give(&bench, "bert", 60);
    neuron_device_budget_destroy(bench.budget);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_taken_counts_until_it_is_given_back),
        cmocka_unit_test(the_limit_itself_fits_and_one_byte_more_does_not),
        cmocka_unit_test(numbers_that_would_overflow_are_refused),
        cmocka_unit_test(a_refusal_says_what_was_asked_who_uses_most_and_what_to_do),
        cmocka_unit_test(an_unused_device_has_nothing_to_unload),
        cmocka_unit_test(the_smallest_of_many_owners_are_counted_only),
        cmocka_unit_test(the_text_has_room_whatever_the_length_of_names_and_numbers),
        cmocka_unit_test(long_names_keep_what_tells_them_apart),
        cmocka_unit_test(names_are_copied),
        cmocka_unit_test(nothing_is_counted_without_a_budget_or_bytes),
        cmocka_unit_test(threads_never_take_more_than_the_limit_together),
        cmocka_unit_test(a_forked_child_takes_nothing_and_destroys_without_harm),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
