/* SPDX-License-Identifier: Apache-2.0 */
#include "descendants.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    ROUND_MS = 20,
    ROUND_LIMIT = 500 /* rounds without a death: ten seconds */
};

void
neuron_descendants_adopt(void)
{
    (void)prctl(PR_SET_CHILD_SUBREAPER, 1);
}

/* The children of this process's only thread. NULL where the kernel does not list them. */
static FILE *
open_children(void)
{
    char path[64] = "";

    (void)snprintf(path, sizeof(path), "/proc/self/task/%d/children", (int)getpid());
    return fopen(path, "re");
}

static bool
read_child(FILE *children, pid_t *child)
{
    long number = 0;

    /* The kernel writes decimal numbers that fit. NOLINTNEXTLINE(cert-err34-c) */
    if (fscanf(children, "%ld", &number) != 1) {
        return false;
    }
    *child = (pid_t)number;
    return true;
}

static uint32_t
kill_children(void)
{
    FILE *children = open_children();
    uint32_t count = 0;
    pid_t child = 0;

    while (children != NULL && read_child(children, &child)) {
        (void)kill(child, SIGKILL);
        count += 1;
    }
    if (children != NULL) {
        (void)fclose(children);
    }
    return count;
}

/* Reaps every child that has ended; says whether there was one. */
static bool
reap_children(void)
{
    bool has_reaped = false;

    while (waitpid(-1, NULL, WNOHANG) > 0) {
        has_reaped = true;
    }
    return has_reaped;
}

uint32_t
neuron_descendants_kill(void)
{
    const struct timespec round = {.tv_nsec = ROUND_MS * 1000000L};
    sigset_t child_signal;
    uint32_t left = 0;
    uint32_t idle_rounds = 0;

    (void)sigemptyset(&child_signal);
    (void)sigaddset(&child_signal, SIGCHLD);
    for (;;) {
        idle_rounds = reap_children() ? 0 : idle_rounds + 1;
        left = kill_children();
        if (left == 0 || idle_rounds > ROUND_LIMIT) {
            return left;
        }
        (void)sigtimedwait(&child_signal, NULL, &round);
    }
}

void
neuron_descendants_reap(neuron_descendants_keep_fn *keep, const void *argument)
{
    FILE *children = open_children();
    pid_t child = 0;

    while (children != NULL && read_child(children, &child)) {
        if (!keep(child, argument)) {
            (void)waitpid(child, NULL, WNOHANG);
        }
    }
    if (children != NULL) {
        (void)fclose(children);
    }
}
