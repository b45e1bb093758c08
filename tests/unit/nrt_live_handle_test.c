/* SPDX-License-Identifier: Apache-2.0 */
/* A handle is live from the moment on when the call that makes it is done with it. */
#include "nrt_bench.h"

#include <stdbool.h>
#include <string.h>

#include "nrt/libnrt.h"
#include "nrt/log.h"
#include "nrt_models.h"

/* What a model's line in the log met. */
static bool is_logged;
static bool was_live;

/* The work of the linker (--wrap): the test stands where lines are written.
   NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl50-cpp,cert-dcl51-cpp,readability-identifier-naming)
 */
void
__wrap_libnrt_log(enum libnrt_level level, const char *call, const char *text, ...);

void
__wrap_libnrt_log(enum libnrt_level level, const char *call, const char *text, ...)
{
    (void)level;
    (void)call;
    if (strncmp(text, "loaded ", strlen("loaded ")) == 0) {
        const void *model = libnrt_take_any(LIBNRT_MODEL);

        is_logged = true;
        was_live = model != NULL && libnrt_register(model, LIBNRT_MODEL);
    }
}
/* NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl50-cpp,cert-dcl51-cpp,readability-identifier-naming)
 */

static bool
is_live(const nrt_model_t *model)
{
    libnrt_lock();
    bool is_known = libnrt_knows(model, LIBNRT_MODEL);
    libnrt_unlock();
    return is_known;
}

static void
a_model_is_live_when_its_load_is_done_with_it(void **state)
{
    nrt_model_t *model = load_neff(twice_neff(*state), 0, -1);

    assert_true(is_logged);
    assert_false(was_live);
    assert_true(is_live(model));
    assert_nrt_ok(nrt_unload(model));
    assert_false(is_live(model));
    assert_nrt(NRT_INVALID_HANDLE, nrt_unload(model));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_model_is_live_when_its_load_is_done_with_it),
    };

    return cmocka_run_group_tests(tests, nrt_bench_setup, nrt_bench_teardown);
}
