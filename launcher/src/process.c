/* SPDX-License-Identifier: Apache-2.0 */
#include "process.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "memory_policy.h"

enum { EXTRA_PLACE = STDERR_FILENO + 1 };

/* From here to become_program(): runs between fork and exec, async-signal-safe calls only. */

static _Noreturn void
give_up(const struct neuron_process_start *start, enum neuron_process_step step)
{
    const struct neuron_process_failure failure = {
        .rank = start->rank, .step = step, .reason = errno};

    (void)!write(start->failures, &failure, sizeof(failure));
    _exit(127);
}

static void
reset_signals(void)
{
    struct sigaction action = {.sa_handler = SIG_DFL};
    struct sigaction hangup = {.sa_handler = SIG_DFL};
    sigset_t none;

    (void)sigaction(SIGHUP, NULL, &hangup);
    for (int i = 1; i < NSIG; i += 1) {
        if (i != SIGHUP || hangup.sa_handler != SIG_IGN) {
            (void)sigaction(i, &action, NULL);
        }
    }
    (void)sigemptyset(&none);
    (void)pthread_sigmask(SIG_SETMASK, &none, NULL);
}

static void
hide_descriptors(const struct neuron_process_start *start)
{
    if (close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC) == 0) {
        return;
    }
    for (int i = STDERR_FILENO + 1; (rlim_t)i < start->files.rlim_cur; i += 1) {
        (void)fcntl(i, F_SETFD, FD_CLOEXEC);
    }
}

/* A descriptor that stands at its place already would stay hidden. */
static void
keep_extra(int extra)
{
    if (extra == EXTRA_PLACE) {
        (void)fcntl(extra, F_SETFD, 0);
    } else if (extra > 0) {
        (void)dup2(extra, EXTRA_PLACE);
    }
}

static _Noreturn void
become_program(const struct neuron_process_start *start, pid_t launcher)
{
    (void)setpgid(0, 0);
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    /* The launcher may have ended before the line above. */
    if (getppid() != launcher) {
        _exit(127);
    }
    (void)dup2(start->input, STDIN_FILENO);
    (void)dup2(start->output, STDOUT_FILENO);
    (void)dup2(start->errors, STDERR_FILENO);
    hide_descriptors(start);
    keep_extra(start->extra);
    (void)setrlimit(RLIMIT_NOFILE, &start->files);
    if (start->cpus != NULL && sched_setaffinity(0, start->cpus_bytes, start->cpus) != 0) {
        give_up(start, NEURON_PROCESS_BINDING);
    }
    if (start->memory_node != NEURON_NO_NODE) {
        /* Where it cannot be had, memory comes from where the kernel finds some. */
        (void)neuron_memory_policy_prefer(start->memory_node);
    }
    if (start->working_directory != NULL && chdir(start->working_directory) != 0) {
        give_up(start, NEURON_PROCESS_DIRECTORY);
    }
    reset_signals();
    (void)execve(start->path, start->arguments, start->environment);
    give_up(start, NEURON_PROCESS_EXEC);
}

enum neuron_status
neuron_process_start(const struct neuron_process_start *start, pid_t *process, int *watch,
                     struct neuron_error *error)
{
    pid_t launcher = getpid();
    pid_t child = fork();

    if (child == 0) {
        become_program(start, launcher);
    }
    if (child < 0) {
        return NEURON_FAIL(error, NEURON_SYSTEM, "cannot start a process for rank %u: %s",
                           start->rank, strerrordesc_np(errno));
    }
    /* Here as well as in the child: whoever signals the group first must find it. */
    (void)setpgid(child, child);
    int opened = pidfd_open(child, 0);
    if (opened < 0) {
        int reason = errno;

        (void)kill(child, SIGKILL);
        return NEURON_FAIL(error, NEURON_SYSTEM, "cannot watch the process of rank %u: %s",
                           start->rank, strerrordesc_np(reason));
    }
    *process = child;
    *watch = opened;
    return NEURON_OK;
}
