/* SPDX-License-Identifier: Apache-2.0 */
#include "guardian.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "descendants.h"
#include "exit_report.h"
#include "session_folder.h"

void
neuron_guardian_fill_signals(sigset_t *signals)
{
    static const int taken[] = {SIGINT,  SIGTERM, SIGHUP,  SIGQUIT, SIGUSR1,
                                SIGUSR2, SIGTSTP, SIGCONT, SIGCHLD, SIGWINCH};

    (void)sigemptyset(signals);
    for (size_t i = 0; i < sizeof(taken) / sizeof(taken[0]); i += 1) {
        (void)sigaddset(signals, taken[i]);
    }
}

/* What a launch depends on, whatever its caller ignored. */
static void
prepare_signals(void)
{
    struct sigaction by_default = {.sa_handler = SIG_DFL};
    struct sigaction ignored = {.sa_handler = SIG_IGN};
    sigset_t signals;

    (void)sigaction(SIGCHLD, &by_default, NULL);
    (void)sigaction(SIGTERM, &by_default, NULL);
    (void)sigaction(SIGPIPE, &ignored, NULL);
    (void)sigaction(SIGXFSZ, &ignored, NULL); /* too large a file is as a full disk */
    neuron_guardian_fill_signals(&signals);
    (void)pthread_sigmask(SIG_BLOCK, &signals, NULL);
}

/* Passes a signal on, unless it is the terminal's or the launcher's own. */
static void
pass_on(pid_t launcher, const siginfo_t *taken)
{
    bool is_sent = taken->si_code <= 0 && taken->si_pid != launcher;

    if (taken->si_signo != SIGCHLD && (is_sent || taken->si_signo == SIGCONT)) {
        (void)kill(launcher, taken->si_signo);
    }
}

/*
 * Takes in what became of a child; says whether it has ended. When it was stopped, the guardian
 * stops, for the shell to see. The keeper has the guardian do so and goes on: stopped itself, it
 * could miss that the guardian is killed. The SIGCONT that wakes the guardian is passed on down to
 * the child.
 */
static bool
has_ended(pid_t launcher, pid_t parent, siginfo_t *end)
{
    *end = (siginfo_t){0};
    if (waitid(P_PID, (id_t)launcher, end, WEXITED | WSTOPPED | WNOHANG) != 0) {
        return errno == ECHILD;
    }
    if (end->si_pid == 0) {
        return false;
    }
    if (end->si_code == CLD_STOPPED && parent != 0) {
        (void)kill(parent, SIGSTOP);
        return false;
    }
    if (end->si_code == CLD_STOPPED) {
        (void)raise(SIGSTOP);
        (void)kill(launcher, SIGCONT);
        return false;
    }
    return true;
}

/* Ends what a launcher that was killed has left behind, and removes its files. */
static void
clear_away(void)
{
    (void)neuron_descendants_kill();
    /* One thread: NOLINTNEXTLINE(concurrency-mt-unsafe) */
    neuron_session_folder_sweep(getenv("TMPDIR"));
}

/*
 * Watches a child until it has ended, and kills all that it leaves behind.
 *
 * parent  whose end is the end of all at once; 0 for nobody's.
 *
 * Returns the exit code of the child, or 128 + the signal that killed it.
 */
static int
watch(pid_t child, pid_t parent)
{
    siginfo_t end = {0};
    sigset_t signals;

    neuron_guardian_fill_signals(&signals);
    while (!has_ended(child, parent, &end)) {
        siginfo_t taken = {0};

        if (parent != 0 && getppid() != parent) {
            clear_away();
            return NEURON_EXIT_SIGNAL_BASE + SIGKILL;
        }
        if (sigwaitinfo(&signals, &taken) > 0) {
            pass_on(child, &taken);
        }
    }
    if (end.si_code == CLD_EXITED) {
        (void)neuron_descendants_kill();
        return end.si_status;
    }
    clear_away();
    char name[24] = "";
    (void)fprintf(stderr,
                  "neuronrun: the launcher (pid %d) was killed by %s; all processes of the job "
                  "were killed\n",
                  (int)child, neuron_signal_name(end.si_status, name, sizeof(name)));
    return NEURON_EXIT_SIGNAL_BASE + end.si_status;
}

/* Forks a child that gets a signal when its parent ends, and adopts what its own children leave. */
static pid_t
fork_watched(int signal_number)
{
    pid_t parent = getpid();
    pid_t child = fork();

    if (child < 0) {
        (void)fprintf(stderr, "neuronrun: cannot start the launcher: %s\n", strerrordesc_np(errno));
    }
    if (child == 0) {
        (void)prctl(PR_SET_PDEATHSIG, signal_number);
        neuron_descendants_adopt();
        /* The parent may have ended before the signal was asked for. */
        if (getppid() != parent) {
            _exit(NEURON_EXIT_OWN_ERROR);
        }
    }
    return child;
}

/* The keeper, between the guardian and the launcher. */
static int
run_keeper(neuron_guardian_launch_fn *launch, const void *argument)
{
    pid_t guardian = getppid();
    pid_t launcher = fork_watched(SIGTERM);

    if (launcher < 0) {
        return NEURON_EXIT_OWN_ERROR;
    }
    if (launcher == 0) {
        return launch(argument);
    }
    /* Out of the group that guardian and launcher are in, so that no signal ends all three. */
    (void)setpgid(0, 0);
    return watch(launcher, guardian);
}

int
neuron_guardian_run(neuron_guardian_launch_fn *launch, const void *argument)
{
    prepare_signals();
    neuron_descendants_adopt();
    /* Any signal makes the keeper look who its parent is; this one also wakes it from a stop. */
    pid_t keeper = fork_watched(SIGCONT);
    if (keeper < 0) {
        return NEURON_EXIT_OWN_ERROR;
    }
    return keeper == 0 ? run_keeper(launch, argument) : watch(keeper, 0);
}
