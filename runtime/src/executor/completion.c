/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One word holds both how many requests are open and whether somebody sleeps, so that the count
 * that reaches 0 learns in the same step whether there is anyone to wake.
 *
 * The waiter may destroy the completion as soon as it sees the word at 0, while the thread that
 * counted down last is still inside count_down. So that thread must not touch the completion after
 * the word may have become 0:
 *
 *   nobody sleeps   its decrement, which makes the word 0, is its last access.
 *   somebody sleeps its decrement leaves the sleeper's bit, so nobody sees 0 yet. Then one system
 *                   call, FUTEX_WAKE_OP, sets the word to 0 and wakes. The kernel does both under
 *                   the lock of the futex's queue and does not read the word again, so not even a
 *                   futex that reuses the address can get a stray wake-up.
 *
 * A store of 0 followed by FUTEX_WAKE would name freed memory; a wake before the store would find
 * the sleeper going back to sleep.
 *
 * No wake-up is lost: the kernel puts a thread to sleep only while the word still is what the
 * thread saw, sleeper's bit included, and the bit is never taken off but by the wake-up itself.
 */
#include "neuron/executor.h"

#include <assert.h>
#include <limits.h>
#include <linux/futex.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "executor/patience.h"
#include "neuron/clock.h"

static const uint32_t sleeper_bit = 0x80000000U; /* the rest of the word is the count */

struct neuron_completion {
    _Atomic uint32_t word;
    struct neuron_patience patience;
};

static const uint64_t no_deadline = UINT64_MAX;

/*
 * Sleeps while the word has this value, but no longer than until the deadline. May return early;
 * the caller looks again.
 */
static void
sleep_on_word(_Atomic uint32_t *word, uint32_t value, uint64_t deadline_ns)
{
    const struct timespec deadline = {.tv_sec = (time_t)(deadline_ns / NEURON_NS_PER_S),
                                      .tv_nsec = (long)(deadline_ns % NEURON_NS_PER_S)};

    /* The operation that takes a point in time, as opposed to a duration, wants a set of bits. */
    (void)syscall(SYS_futex, word, FUTEX_WAIT_BITSET_PRIVATE, value,
                  deadline_ns == no_deadline ? NULL : &deadline, NULL, FUTEX_BITSET_MATCH_ANY);
}

/* Sets the word to 0 and wakes all who sleep on it, in one step; see above. */
static void
clear_word_and_wake(_Atomic uint32_t *word)
{
    /* The comparison is for waking sleepers of a second futex, of which there are none. */
    const int operation = FUTEX_OP(FUTEX_OP_SET, 0, FUTEX_OP_CMP_EQ, 0);

    (void)syscall(SYS_futex, word, FUTEX_WAKE_OP_PRIVATE, INT_MAX, NULL, word, operation);
}

enum neuron_status
neuron_completion_create(struct neuron_completion **completion, struct neuron_error *error)
{
    struct neuron_completion *created = calloc(1, sizeof(*created));

    if (created == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for a completion");
    }
    *completion = created;
    return NEURON_OK;
}

void
neuron_completion_arm(struct neuron_completion *completion, uint32_t count)
{
    assert(count < sleeper_bit);
    assert(atomic_load_explicit(&completion->word, memory_order_relaxed) == 0);
    /* Relaxed: whoever counts down or waits got the completion from this thread, in order. */
    atomic_store_explicit(&completion->word, count, memory_order_relaxed);
}

void
neuron_completion_count_down(struct neuron_completion *completion)
{
    /*
     * Release: what this thread wrote is visible to whoever acquires the word in wait. The word is
     * changed by read-modify-write only, so the waiter that sees 0 sees the work of every thread
     * that counted down before.
     */
    uint32_t before = atomic_fetch_sub_explicit(&completion->word, 1, memory_order_release);

    assert((before & ~sleeper_bit) != 0);
    if (before == (sleeper_bit | 1)) {
        clear_word_and_wake(&completion->word);
    }
}

/* Polls for a bounded time; returns what the word was last. */
static uint32_t
poll_word(const struct neuron_completion *completion, const struct neuron_wait *wait)
{
    uint32_t word = 0;

    do {
        /* Acquire: pairs with the release in count_down. */
        word = atomic_load_explicit(&completion->word, memory_order_acquire);
    } while (word != 0 && neuron_wait_yield(wait));
    return word;
}

/* Sleeps until the word is 0, or the deadline is over. Returns what the word was last. */
static uint32_t
sleep_until_done(struct neuron_completion *completion, uint32_t word, uint64_t deadline_ns)
{
    while (word != 0 && (deadline_ns == no_deadline || neuron_clock_ns() < deadline_ns)) {
        /* A weak exchange that fails has read the word anew. */
        if ((word & sleeper_bit) != 0 ||
            atomic_compare_exchange_weak_explicit(&completion->word, &word, word | sleeper_bit,
                                                  memory_order_acquire, memory_order_acquire)) {
            sleep_on_word(&completion->word, word | sleeper_bit, deadline_ns);
            word = atomic_load_explicit(&completion->word, memory_order_acquire);
        }
    }
    return word;
}

static bool
wait_until(struct neuron_completion *completion, uint64_t deadline_ns)
{
    /* Acquire, here and above: pairs with the release in count_down. */
    uint32_t word = atomic_load_explicit(&completion->word, memory_order_acquire);

    if (word == 0) {
        return true;
    }
    struct neuron_wait wait = neuron_wait_begin(&completion->patience);
    word = poll_word(completion, &wait);
    word = sleep_until_done(completion, word, deadline_ns);
    neuron_wait_end(&wait, &completion->patience);
    return word == 0;
}

void
neuron_completion_wait(struct neuron_completion *completion)
{
    (void)wait_until(completion, no_deadline);
}

bool
neuron_completion_wait_until(struct neuron_completion *completion, uint64_t deadline_ns)
{
    return wait_until(completion, deadline_ns);
}

bool
neuron_completion_is_complete(const struct neuron_completion *completion)
{
    return atomic_load_explicit(&completion->word, memory_order_acquire) == 0;
}

void
neuron_completion_destroy(struct neuron_completion *completion)
{
    assert(completion == NULL ||
           atomic_load_explicit(&completion->word, memory_order_relaxed) == 0);
    free(completion);
}
