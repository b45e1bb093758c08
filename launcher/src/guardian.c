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

/* Takes in what became of the launcher; says whether it has ended. A stopped one stops us, too. */
static bool
has_ended(pid_t launcher, siginfo_t *end)
{
    *end = (siginfo_t){0};
    if (waitid(P_PID, (id_t)launcher, end, WEXITED | WSTOPPED | WNOHANG) != 0) {
        return errno == ECHILD;
    }
    if (end->si_pid == 0) {
        return false;
    }
    if (end->si_code == CLD_STOPPED) {
        (void)raise(SIGSTOP);
        (void)kill(launcher, SIGCONT);
        return false;
    }
    return true;
}

static int
watch_launcher(pid_t launcher)
{
    siginfo_t end = {0};
    sigset_t signals;

    neuron_guardian_fill_signals(&signals);
    while (!has_ended(launcher, &end)) {
        siginfo_t taken = {0};

        if (sigwaitinfo(&signals, &taken) > 0) {
            pass_on(launcher, &taken);
        }
    }
    (void)neuron_descendants_kill();
    if (end.si_code == CLD_EXITED) {
        return end.si_status;
    }
    char name[24] = "";
    (void)fprintf(stderr,
                  "neuronrun: the launcher (pid %d) was killed by %s; all processes of the job "
                  "were killed\n",
                  (int)launcher, neuron_signal_name(end.si_status, name, sizeof(name)));
    return NEURON_EXIT_SIGNAL_BASE + end.si_status;
}

int
neuron_guardian_run(neuron_guardian_launch_fn *launch, const void *argument)
{
    pid_t guardian = getpid();

    prepare_signals();
    neuron_descendants_adopt();
    pid_t launcher = fork();
    if (launcher < 0) {
        (void)fprintf(stderr, "neuronrun: cannot start the launcher: %s\n", strerrordesc_np(errno));
        return NEURON_EXIT_OWN_ERROR;
    }
    if (launcher > 0) {
        return watch_launcher(launcher);
    }
    (void)prctl(PR_SET_PDEATHSIG, SIGTERM);
    neuron_descendants_adopt();
    /* The guardian may have ended before the signal was asked for. */
    return getppid() == guardian ? launch(argument) : NEURON_EXIT_OWN_ERROR;
}
