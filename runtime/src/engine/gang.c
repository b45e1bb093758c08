/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How far a core is, is one number that only grows: the run in its upper bits, the moment in the
 * lower ones. Each has a cache line of its own, which only its core writes.
 *
 * No wake-up is lost: who wants to sleep says so first and looks at the numbers then; who writes a
 * number looks for sleepers after. Both orders are sequentially consistent, so one of the two sees
 * the other.
 */
#include "engine/gang.h"

#include <pthread.h>
#include <sched.h>
#include <stdlib.h>

#include "neuron/clock.h"

enum {
    ARENA_ALIGNMENT = 4096,
    LINE_BYTES = 64,
    POLLS_BEFORE_YIELD = 64, /* about a microsecond: what a part is usually late by */
    POLL_NS = 2 * 1000 * 1000
};

struct place {
    _Alignas(LINE_BYTES) _Atomic uint64_t reached;
};

struct neuron_gang {
    uint32_t core_count;
    unsigned char *arena;
    size_t arena_bytes;
    struct neuron_charge charge;
    uint64_t charged_bytes;
    struct place *places; /* by core */
    pthread_mutex_t lock; /* of those who sleep */
    pthread_cond_t changed;
    _Atomic uint32_t sleeper_count;
};

static enum neuron_status
refuse_memory(struct neuron_error *error)
{
    return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for a program of several cores");
}

static enum neuron_status
create_memory(struct neuron_gang *gang, size_t arena_bytes, struct neuron_error *error)
{
    size_t padded_bytes = 0;

    if (__builtin_add_overflow(arena_bytes, ARENA_ALIGNMENT, &padded_bytes)) {
        return refuse_memory(error);
    }
    padded_bytes -= padded_bytes % ARENA_ALIGNMENT;
    enum neuron_status status =
        neuron_charge_take(&gang->charge, padded_bytes, NEURON_MEMORY_ARENA, error);
    if (status != NEURON_OK) {
        return status;
    }
    gang->charged_bytes = padded_bytes;
    gang->arena_bytes = padded_bytes;
    gang->arena = aligned_alloc(ARENA_ALIGNMENT, padded_bytes);
    gang->places = aligned_alloc(LINE_BYTES, gang->core_count * sizeof(*gang->places));
    if (gang->arena == NULL || gang->places == NULL) {
        return refuse_memory(error);
    }
    for (uint32_t i = 0; i < gang->core_count; i += 1) {
        atomic_init(&gang->places[i].reached, 0);
    }
    return NEURON_OK;
}

enum neuron_status
neuron_gang_create(uint32_t core_count, size_t arena_bytes, const struct neuron_charge *charge,
                   struct neuron_gang **gang, struct neuron_error *error)
{
    struct neuron_gang *created = calloc(1, sizeof(*created));

    if (created == NULL) {
        return refuse_memory(error);
    }
    created->core_count = core_count;
    created->charge = *charge;
    /* Neither can fail without attributes. */
    (void)pthread_mutex_init(&created->lock, NULL);
    (void)pthread_cond_init(&created->changed, NULL);
    enum neuron_status status = create_memory(created, arena_bytes, error);
    if (status != NEURON_OK) {
        neuron_gang_destroy(created);
        return status;
    }
    *gang = created;
    return NEURON_OK;
}

unsigned char *
neuron_gang_arena(const struct neuron_gang *gang)
{
    return gang->arena;
}

size_t
neuron_gang_arena_bytes(const struct neuron_gang *gang)
{
    return gang->arena_bytes;
}

static uint64_t
number_of(const struct neuron_gang_run *run, uint32_t moment)
{
    return run->number << NEURON_GANG_MOMENT_BITS | moment;
}

static void
wake_sleepers(struct neuron_gang *gang)
{
    if (atomic_load(&gang->sleeper_count) > 0) {
        (void)pthread_mutex_lock(&gang->lock);
        (void)pthread_cond_broadcast(&gang->changed);
        (void)pthread_mutex_unlock(&gang->lock);
    }
}

void
neuron_gang_reach(struct neuron_gang *gang, const struct neuron_gang_run *run, uint32_t core,
                  uint32_t moment)
{
    /* What the core wrote to the arena is visible to whoever sees the number. */
    atomic_store(&gang->places[core].reached, number_of(run, moment));
    wake_sleepers(gang);
}

void
neuron_gang_leave(struct neuron_gang *gang, const struct neuron_gang_run *run, uint32_t core)
{
    neuron_gang_reach(gang, run, core, (1U << NEURON_GANG_MOMENT_BITS) - 1);
}

/* Says whether all other cores have reached a number. */
static bool
have_reached(const struct neuron_gang *gang, uint32_t core, uint64_t number)
{
    for (uint32_t i = 0; i < gang->core_count; i += 1) {
        if (i != core && atomic_load(&gang->places[i].reached) < number) {
            return false;
        }
    }
    return true;
}

/* Polls for a bounded time. Returns whether there is nothing to wait for any more. */
static bool
poll_others(const struct neuron_gang *gang, const struct neuron_gang_run *run, uint32_t core,
            uint64_t number)
{
    uint64_t end_ns = 0;

    for (uint32_t polls = 0; end_ns == 0 || neuron_clock_ns() < end_ns; polls += 1) {
        if (have_reached(gang, core, number) || atomic_load(&run->is_over)) {
            return true;
        }
        if (polls >= POLLS_BEFORE_YIELD) {
            end_ns = end_ns == 0 ? neuron_clock_ns() + POLL_NS : end_ns;
            (void)sched_yield();
        }
    }
    return false;
}

static void
sleep_until_reached(struct neuron_gang *gang, const struct neuron_gang_run *run, uint32_t core,
                    uint64_t number)
{
    (void)pthread_mutex_lock(&gang->lock);
    (void)atomic_fetch_add(&gang->sleeper_count, 1);
    while (!have_reached(gang, core, number) && !atomic_load(&run->is_over)) {
        (void)pthread_cond_wait(&gang->changed, &gang->lock);
    }
    (void)atomic_fetch_sub(&gang->sleeper_count, 1);
    (void)pthread_mutex_unlock(&gang->lock);
}

bool
neuron_gang_await(struct neuron_gang *gang, const struct neuron_gang_run *run, uint32_t core,
                  uint32_t moment)
{
    uint64_t number = number_of(run, moment);

    if (!poll_others(gang, run, core, number)) {
        sleep_until_reached(gang, run, core, number);
    }
    return !atomic_load(&run->is_over);
}

void
neuron_gang_give_up(struct neuron_gang *gang, struct neuron_gang_run *run)
{
    atomic_store(&run->is_over, true);
    wake_sleepers(gang);
}

void
neuron_gang_destroy(struct neuron_gang *gang)
{
    if (gang == NULL) {
        return;
    }
    neuron_charge_give(&gang->charge, gang->charged_bytes, NEURON_MEMORY_ARENA);
    (void)pthread_cond_destroy(&gang->changed);
    (void)pthread_mutex_destroy(&gang->lock);
    free(gang->arena);
    free(gang->places);
    free(gang);
}
