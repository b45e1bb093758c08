/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Random patterns of taken cores, held by other processes: whether a run of free cores is found,
 * which one, and what the refusal says, against a computation that knows nothing of leases.
 */
#include "neuron/core_lease.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "check.h"
#include "child_process.h"
#include "invented_machine.h"
#include "random_numbers.h"
#include "test_folder.h"

enum { CORES = 16, HOLDERS = 3, PATTERNS = 300, ALL_CORES = 0xFFFF };

/* Sets of cores are masks here: bit c stands for core c. */
struct fixture {
    struct test_folder folder;
    struct neuron_topology *topology;
    uint32_t *masks; /* by holder: what it is to hold next; shared with them */
    struct child_process holders[HOLDERS];
    uint64_t random;
    uint32_t taken;  /* held by all of them now */
    uint32_t within; /* where runs are searched */
};

/* What a holder is told when it starts. */
struct holder {
    const struct fixture *fixture;
    uint32_t number;
};

/* A set of the cores of a mask; NULL without memory. The caller destroys it. */
static struct neuron_core_set *
set_of(uint32_t mask)
{
    struct neuron_core_set *cores = NULL;
    enum neuron_status status = neuron_core_set_create(0, 0, &cores, NULL);

    for (uint32_t core = 0; status == NEURON_OK && core < CORES; core += 1) {
        if ((mask >> core & 1) != 0) {
            status = neuron_core_set_add(cores, core, NULL);
        }
    }
    if (status != NEURON_OK) {
        neuron_core_set_destroy(cores);
        return NULL;
    }
    return cores;
}

/* In a child: holds what the masks say, anew with each order. */
static void
hold_as_told(const struct child_side *side, const void *argument)
{
    const struct holder *holder = argument;
    const struct fixture *fixture = holder->fixture;
    const struct neuron_core_lease_options options = {.directory = fixture->folder.path};
    struct neuron_core_lease *lease = NULL;

    while (child_side_wait(side)) {
        uint32_t mask = fixture->masks[holder->number];
        struct neuron_core_set *cores = set_of(mask);
        enum neuron_status status = cores == NULL ? NEURON_OUT_OF_MEMORY : NEURON_OK;

        neuron_core_lease_release(lease);
        lease = NULL;
        if (status == NEURON_OK && mask != 0) {
            status = neuron_core_lease_claim(fixture->topology, cores, &options, &lease, NULL);
        }
        neuron_core_set_destroy(cores);
        child_side_report(side, &status, sizeof(status));
    }
    neuron_core_lease_release(lease);
}

static int
prepare(void **state)
{
    static struct fixture fixture;

    test_folder_create(&fixture.folder);
    fixture.topology = create_topology("numa:2 core:8 pu:1");
    fixture.masks = mmap(NULL, HOLDERS * sizeof(*fixture.masks), PROT_READ | PROT_WRITE,
                         MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (fixture.masks == MAP_FAILED) {
        return -1;
    }
    for (uint32_t i = 0; i < HOLDERS; i += 1) {
        const struct holder holder = {.fixture = &fixture, .number = i};

        child_process_start(&fixture.holders[i], hold_as_told, &holder);
    }
    *state = &fixture;
    return 0;
}

static int
clean_up(void **state)
{
    struct fixture *fixture = *state;

    for (uint32_t i = 0; i < HOLDERS; i += 1) {
        assert_int_equal(child_process_finish(&fixture->holders[i]), 0);
    }
    neuron_topology_destroy(fixture->topology);
    test_folder_destroy(&fixture->folder);
    return munmap(fixture->masks, HOLDERS * sizeof(*fixture->masks));
}

/* Has the holders hold what the masks say now. */
static void
give_orders(const struct fixture *fixture)
{
    for (uint32_t i = 0; i < HOLDERS; i += 1) {
        child_process_order(&fixture->holders[i]);
    }
    for (uint32_t i = 0; i < HOLDERS; i += 1) {
        enum neuron_status status = NEURON_SYSTEM;

        child_process_read(&fixture->holders[i], &status, sizeof(status));
        assert_int_equal(status, NEURON_OK);
    }
}

/* Has the holders hold these cores between them, and no others. */
static void
occupy(struct fixture *fixture, uint32_t taken)
{
    fixture->taken = taken;
    memset(fixture->masks, 0, HOLDERS * sizeof(*fixture->masks));
    give_orders(fixture);
    for (uint32_t core = 0; core < CORES; core += 1) {
        fixture->masks[random_below(&fixture->random, HOLDERS)] |= taken & (1U << core);
    }
    give_orders(fixture);
}

/* The first of `count` free cores in a row, or CORES where there are none. */
static uint32_t
find_run(uint32_t free, uint32_t count)
{
    uint32_t run = (1U << count) - 1;

    for (uint32_t first = 0; first + count <= CORES; first += 1) {
        if ((free >> first & run) == run) {
            return first;
        }
    }
    return CORES;
}

static uint32_t
find_longest(uint32_t free)
{
    uint32_t longest = 0;

    while (longest < CORES && find_run(free, longest + 1) < CORES) {
        longest += 1;
    }
    return longest;
}

/* What a refusal is to begin with. */
static void
expect_refusal(uint32_t free, uint32_t count, char *text, size_t size_bytes)
{
    uint32_t longest = find_longest(free);
    uint32_t first = find_run(free, longest);

    if (longest == 0) {
        (void)snprintf(text, size_bytes, "no core is free");
    } else if (longest == 1) {
        (void)snprintf(text, size_bytes, "no %u free cores in a row, the longest run is core %u",
                       count, first);
    } else {
        (void)snprintf(text, size_bytes,
                       "no %u free cores in a row, the longest run is cores %u-%u", count, first,
                       first + longest - 1);
    }
}

/* Says whether a claim of `count` cores came out as it must. */
static bool
is_right(const struct fixture *fixture, const struct neuron_core_lease *lease, uint32_t count,
         const struct neuron_error *error)
{
    uint32_t free = fixture->within & ~fixture->taken;
    uint32_t first = find_run(free, count);
    char expected[NEURON_ERROR_TEXT_BYTES] = "";

    if (first < CORES) {
        struct neuron_core_set *run = set_of(((1U << count) - 1) << first);
        bool is_equal = lease != NULL && run != NULL &&
                        neuron_core_set_equals(neuron_core_lease_cores(lease), run);

        neuron_core_set_destroy(run);
        return is_equal;
    }
    expect_refusal(free, count, expected, sizeof(expected));
    size_t length = strlen(expected);
    return lease == NULL && error->status == NEURON_CORES_TAKEN &&
           strncmp(error->text, expected, length) == 0 &&
           (error->text[length] == ':' || error->text[length] == ',');
}

/* Claims so many cores in a row. */
static void
check_length(const struct fixture *fixture, const struct neuron_core_set *within, uint32_t count)
{
    const struct neuron_core_lease_options options = {.directory = fixture->folder.path};
    struct neuron_core_lease *lease = NULL;
    struct neuron_error error = {0};
    enum neuron_status status =
        neuron_core_lease_claim_run(fixture->topology, within, count, &options, &lease, &error);

    if (!is_right(fixture, lease, count, &error)) {
        fail_msg("cores %#06x are taken, %u in a row within %#06x: %s, %s", fixture->taken, count,
                 fixture->within, neuron_status_name(status), error.text);
    }
    neuron_core_lease_release(lease);
}

/* Claims runs of every length within the cores of the fixture. */
static void
check_all_lengths(const struct fixture *fixture)
{
    struct neuron_core_set *within = set_of(fixture->within);

    for (uint32_t count = 1; count <= neuron_core_set_count(within); count += 1) {
        check_length(fixture, within, count);
    }
    neuron_core_set_destroy(within);
}

/* As many cores as an expected density says. */
static uint32_t
random_mask(struct fixture *fixture)
{
    uint32_t density = random_below(&fixture->random, 9);
    uint32_t mask = 0;

    for (uint32_t core = 0; core < CORES; core += 1) {
        mask |= random_below(&fixture->random, 8) < density ? 1U << core : 0;
    }
    return mask;
}

static void
every_run_that_there_is_is_found_first_fit(void **state)
{
    struct fixture *fixture = *state;

    fixture->random = 16;
    fixture->within = ALL_CORES;
    for (int i = 0; i < PATTERNS; i += 1) {
        occupy(fixture, random_mask(fixture));
        check_all_lengths(fixture);
    }
}

static void
every_run_within_given_cores_is_found_first_fit(void **state)
{
    struct fixture *fixture = *state;

    fixture->random = 61;
    for (int i = 0; i < PATTERNS; i += 1) {
        fixture->within = random_mask(fixture) | 1U << random_below(&fixture->random, CORES);
        occupy(fixture, random_mask(fixture));
        check_all_lengths(fixture);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_run_that_there_is_is_found_first_fit, prepare,
                                        clean_up),
        cmocka_unit_test_setup_teardown(every_run_within_given_cores_is_found_first_fit, prepare,
                                        clean_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
