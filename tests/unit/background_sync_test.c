/* SPDX-License-Identifier: Apache-2.0 */
/* Syncs beside the work: one that takes long, one that fails, and the end in the middle of one. */
#include "check.h"

#include <pthread.h>

#include "neuron/clock.h"
#include "score/background_sync.h"
#include "thread_state.h"

enum { LONG_MS = 20000 };

/* What the syncs do that the thread asks for. */
static struct {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    uint32_t begun;
    uint32_t open; /* how many may end */
    enum neuron_status status;
} disk = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

static int place; /* stands for the outputs */

/* The linker makes the name.
   NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp,readability-identifier-naming)
 */
enum neuron_status
__wrap_neuron_output_set_sync(const struct neuron_output_set *set, struct neuron_error *error);

enum neuron_status
__wrap_neuron_output_set_sync(const struct neuron_output_set *set, struct neuron_error *error)
{
    (void)pthread_mutex_lock(&disk.lock);
    disk.begun += 1;
    (void)pthread_cond_broadcast(&disk.changed);
    while (disk.open < disk.begun) {
        (void)pthread_cond_wait(&disk.changed, &disk.lock);
    }
    enum neuron_status status =
        (const void *)set == (const void *)&place ? disk.status : NEURON_STOPPED;
    (void)pthread_mutex_unlock(&disk.lock);
    return status == NEURON_OK ? NEURON_OK
                               : NEURON_FAIL(error, status, "y.npy.part: Input/output error");
}
/* NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp,readability-identifier-naming)
 */

static void
let_end(uint32_t count)
{
    (void)pthread_mutex_lock(&disk.lock);
    disk.open += count;
    (void)pthread_cond_broadcast(&disk.changed);
    (void)pthread_mutex_unlock(&disk.lock);
}

static void
await_begin(uint32_t count)
{
    (void)pthread_mutex_lock(&disk.lock);
    while (disk.begun < count) {
        (void)pthread_cond_wait(&disk.changed, &disk.lock);
    }
    (void)pthread_mutex_unlock(&disk.lock);
}

static struct neuron_background_sync *
make_sync(void)
{
    struct neuron_background_sync *sync = NULL;
    struct neuron_error error = {0};

    disk.begun = 0;
    disk.open = 0;
    disk.status = NEURON_OK;
    assert_ok(neuron_background_sync_create((const void *)&place, &sync, &error), &error);
    return sync;
}

static void
a_sync_is_over_once(void **state)
{
    struct neuron_background_sync *sync = make_sync();
    enum neuron_status status = NEURON_STOPPED;
    struct neuron_error error = {0};

    (void)state;
    assert_false(neuron_background_sync_is_begun(sync));
    assert_false(neuron_background_sync_is_done(sync, LONG_MS, &status, &error));
    for (uint32_t i = 0; i < 3; i += 1) {
        let_end(1);
        neuron_background_sync_begin(sync);
        assert_true(neuron_background_sync_is_begun(sync));
        status = NEURON_STOPPED;
        assert_true(neuron_background_sync_is_done(sync, LONG_MS, &status, &error));
        assert_int_equal(status, NEURON_OK);
        assert_false(neuron_background_sync_is_begun(sync));
        assert_false(neuron_background_sync_is_done(sync, 0, &status, &error));
    }
    assert_int_equal(disk.begun, 3);
    neuron_background_sync_destroy(sync);
}

static void
a_long_sync_holds_nobody_up(void **state)
{
    struct neuron_background_sync *sync = make_sync();
    enum neuron_status status = NEURON_STOPPED;
    struct neuron_error error = {0};

    (void)state;
    neuron_background_sync_begin(sync);
    await_begin(1);
    assert_false(neuron_background_sync_is_done(sync, 0, &status, &error));
    assert_false(neuron_background_sync_is_done(sync, 1, &status, &error));
    assert_true(neuron_background_sync_is_begun(sync));
    assert_int_equal(status, NEURON_STOPPED);
    assert_int_equal(neuron_background_sync_total_ns(sync), 0);
    let_end(1);
    assert_true(neuron_background_sync_is_done(sync, LONG_MS, &status, &error));
    assert_int_equal(status, NEURON_OK);
    assert_true(neuron_background_sync_total_ns(sync) > NEURON_NS_PER_MS);
    neuron_background_sync_destroy(sync);
}

static void
a_failure_is_told_and_the_next_one_is_tried(void **state)
{
    struct neuron_background_sync *sync = make_sync();
    enum neuron_status status = NEURON_OK;
    struct neuron_error error = {0};

    (void)state;
    disk.status = NEURON_SYSTEM;
    let_end(2);
    neuron_background_sync_begin(sync);
    assert_true(neuron_background_sync_is_done(sync, LONG_MS, &status, &error));
    assert_status(NEURON_SYSTEM, status, &error);
    assert_contains(error.text, "Input/output error");
    disk.status = NEURON_OK;
    neuron_background_sync_begin(sync);
    assert_true(neuron_background_sync_is_done(sync, LONG_MS, &status, &error));
    assert_int_equal(status, NEURON_OK);
    assert_string_equal(error.text, "");
    neuron_background_sync_destroy(sync);
}

static void
the_end_waits_for_a_sync_under_way(void **state)
{
    struct neuron_background_sync *sync = make_sync();
    unsigned threads = thread_count();

    (void)state;
    neuron_background_sync_begin(sync);
    await_begin(1);
    let_end(1);
    neuron_background_sync_destroy(sync);
    assert_int_equal(disk.begun, 1);
    assert_true(thread_count_falls_to(threads - 1));
}

static void
one_that_never_synced_ends_too(void **state)
{
    (void)state;
    neuron_background_sync_destroy(make_sync());
    neuron_background_sync_destroy(NULL);
    assert_int_equal(disk.begun, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sync_is_over_once),
        cmocka_unit_test(a_long_sync_holds_nobody_up),
        cmocka_unit_test(a_failure_is_told_and_the_next_one_is_tried),
        cmocka_unit_test(the_end_waits_for_a_sync_under_way),
        cmocka_unit_test(one_that_never_synced_ends_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
