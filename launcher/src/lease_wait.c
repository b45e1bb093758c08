/* SPDX-License-Identifier: Apache-2.0 */
#include "lease_wait.h"

#include <signal.h>
#include <stdio.h>
#include <time.h>

#include "command_line.h"
#include "guardian.h"
#include "job_start.h"

enum { FIRST_PAUSE_MS = 20, LONGEST_PAUSE_MS = 500 };

/* Waits for some time, or for a signal that asks for an end, which it returns; else 0. */
static int
pause_for(uint64_t pause_ms)
{
    uint64_t until_ms = neuron_job_now_ms() + pause_ms;
    sigset_t signals;

    neuron_guardian_fill_signals(&signals);
    for (uint64_t now_ms = neuron_job_now_ms(); now_ms < until_ms; now_ms = neuron_job_now_ms()) {
        uint64_t left_ms = until_ms - now_ms;
        const struct timespec left = {.tv_sec = (time_t)(left_ms / 1000),
                                      .tv_nsec = (long)(left_ms % 1000) * 1000000};

        switch (sigtimedwait(&signals, NULL, &left)) {
        case SIGINT:
            return SIGINT;
        case SIGTERM:
            return SIGTERM;
        case SIGHUP:
            return SIGHUP;
        case SIGQUIT:
            return SIGQUIT;
        case SIGTSTP:
            (void)raise(SIGSTOP);
            break;
        default:
            break;
        }
    }
    return 0;
}

static uint64_t
smaller(uint64_t left, uint64_t right)
{
    return left < right ? left : right;
}

/* Adds what to do to the text of a refusal, which is cut where there is no room for both. */
static void
add_hint(struct neuron_error *error)
{
    static const char hint[] = "; --wait waits for them";
    const struct neuron_error reason = *error;

    neuron_error_set(error, NEURON_CORES_TAKEN, "%.*s%s", (int)(sizeof(reason.text) - sizeof(hint)),
                     reason.text, hint);
}

enum neuron_status
neuron_lease_wait_claim(struct neuron_launch_plan *plan, uint64_t wait_ms, int *signal_number,
                        struct neuron_error *error)
{
    uint32_t core_limit = plan->request.core_limit;
    uint64_t began_ms = neuron_job_now_ms();
    uint64_t pause_ms = FIRST_PAUSE_MS;
    enum neuron_status status = neuron_launch_plan_claim(plan, error);

    if (status == NEURON_CORES_TAKEN && wait_ms > 0) {
        (void)fprintf(stderr, "neuronrun: waiting: %s\n", error->text);
    }
    if (status == NEURON_CORES_TAKEN && wait_ms == 0) {
        add_hint(error);
        return status;
    }
    while (status == NEURON_CORES_TAKEN) {
        uint64_t waited_ms = neuron_job_now_ms() - began_ms;

        if (waited_ms >= wait_ms) {
            return status;
        }
        *signal_number = pause_for(smaller(pause_ms, wait_ms - waited_ms));
        if (*signal_number != 0) {
            return NEURON_CANCELLED;
        }
        pause_ms = smaller(pause_ms * 2, LONGEST_PAUSE_MS);
        /* An earlier try may have left a plan for what was free then. */
        status = neuron_launch_plan_place(plan, plan->usable, core_limit, error);
        if (status == NEURON_OK) {
            status = neuron_launch_plan_claim(plan, error);
        }
    }
    return status;
}
