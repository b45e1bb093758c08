/* SPDX-License-Identifier: Apache-2.0 */
#include "executor_process.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    FIRST_FILE = 3,
    FIRST_COPY = FIRST_FILE + NEURON_PROCESS_FILE_LIMIT /* above all that the child will have */
};

/* What the child is to have. Returns 0, or why it failed, here and below. */
static int
describe_files(posix_spawn_file_actions_t *actions, const int *copies, uint32_t count)
{
    bool has_error_output = fcntl(STDERR_FILENO, F_GETFD) >= 0;
    int reason = posix_spawn_file_actions_addopen(actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);

    if (reason == 0 && has_error_output) {
        reason = posix_spawn_file_actions_adddup2(actions, STDERR_FILENO, STDOUT_FILENO);
    } else if (reason == 0) {
        reason = posix_spawn_file_actions_addopen(actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    }
    for (uint32_t i = 0; reason == 0 && i < count; i += 1) {
        reason = posix_spawn_file_actions_adddup2(actions, copies[i], FIRST_FILE + (int)i);
    }
    if (reason == 0) {
        reason = posix_spawn_file_actions_addclosefrom_np(actions, FIRST_FILE + (int)count);
    }
    return reason;
}

/* The thread that starts it may have all signals blocked, and the program may ignore some. */
static int
describe_signals(posix_spawnattr_t *attributes)
{
    static const int kept_out[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM};
    sigset_t all;
    sigset_t blocked;

    (void)sigfillset(&all);
    (void)sigemptyset(&blocked);
    for (size_t i = 0; i < sizeof(kept_out) / sizeof(kept_out[0]); i += 1) {
        (void)sigaddset(&blocked, kept_out[i]);
    }
    int reason = posix_spawnattr_setsigdefault(attributes, &all);
    if (reason == 0) {
        reason = posix_spawnattr_setsigmask(attributes, &blocked);
    }
    if (reason == 0) {
        reason =
            posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
    }
    return reason;
}

static int
spawn_with(const char *path, const posix_spawn_file_actions_t *actions,
           const posix_spawnattr_t *attributes, pid_t *pid)
{
    const char *name = strrchr(path, '/');
    char argument[64] = "";
    char *const arguments[] = {argument, NULL};

    (void)snprintf(argument, sizeof(argument), "%s", name == NULL ? path : name + 1);
    return posix_spawn(pid, path, actions, attributes, arguments, environ);
}

static int
spawn(const char *path, const int *copies, uint32_t count, pid_t *pid)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    int reason = posix_spawn_file_actions_init(&actions);

    if (reason != 0) {
        return reason;
    }
    reason = posix_spawnattr_init(&attributes);
    if (reason == 0) {
        reason = describe_files(&actions, copies, count);
        if (reason == 0) {
            reason = describe_signals(&attributes);
        }
        if (reason == 0) {
            reason = spawn_with(path, &actions, &attributes, pid);
        }
        (void)posix_spawnattr_destroy(&attributes);
    }
    (void)posix_spawn_file_actions_destroy(&actions);
    return reason;
}

/* Watches a child that was just started. */
static int
watch(pid_t pid, struct neuron_executor_process *process)
{
    struct neuron_executor_process started = {.pid = pid, .watch = pidfd_open(pid, 0)};
    int reason = errno;

    if (started.watch < 0) {
        (void)kill(pid, SIGKILL);
        (void)waitpid(pid, NULL, 0);
        return reason;
    }
    *process = started;
    return 0;
}

enum neuron_status
neuron_executor_process_start(const char *path, const int *files, uint32_t count,
                              struct neuron_executor_process *process, struct neuron_error *error)
{
    int copies[NEURON_PROCESS_FILE_LIMIT] = {0};
    uint32_t copied = 0;
    int reason = 0;
    pid_t pid = 0;

    assert(count <= NEURON_PROCESS_FILE_LIMIT);
    /* Copies above the numbers that they get in the child: no one overwrites another there. */
    while (reason == 0 && copied < count) {
        copies[copied] = fcntl(files[copied], F_DUPFD_CLOEXEC, FIRST_COPY);
        reason = copies[copied] < 0 ? errno : 0;
        copied += reason == 0 ? 1 : 0;
    }
    if (reason == 0) {
        reason = spawn(path, copies, count, &pid);
    }
    if (reason == 0) {
        reason = watch(pid, process);
    }
    while (copied > 0) {
        copied -= 1;
        (void)close(copies[copied]);
    }
    if (reason != 0) {
        return NEURON_FAIL(error, NEURON_SYSTEM, "cannot start %.120s: %s", path,
                           strerrordesc_np(reason));
    }
    return NEURON_OK;
}

void
neuron_executor_process_kill(const struct neuron_executor_process *process)
{
    (void)pidfd_send_signal(process->watch, SIGKILL, NULL, 0);
}

/* Says how a process ended. */
static void
describe_end(const siginfo_t *ended, char end[NEURON_PROCESS_END_BYTES])
{
    if (ended->si_code == CLD_EXITED) {
        (void)snprintf(end, NEURON_PROCESS_END_BYTES, "exited with status %d", ended->si_status);
        return;
    }
    const char *name = sigabbrev_np(ended->si_status);

    if (name == NULL) {
        (void)snprintf(end, NEURON_PROCESS_END_BYTES, "was killed by signal %d", ended->si_status);
    } else {
        (void)snprintf(end, NEURON_PROCESS_END_BYTES, "was killed by SIG%s", name);
    }
}

void
neuron_executor_process_reap(struct neuron_executor_process *process,
                             char end[NEURON_PROCESS_END_BYTES])
{
    siginfo_t ended = {0};
    int waited = 0;

    do {
        waited = waitid(P_PIDFD, (id_t)process->watch, &ended, WEXITED);
    } while (waited != 0 && errno == EINTR);
    if (waited == 0) {
        describe_end(&ended, end);
    } else {
        /* The program waits for all children, or lets the kernel do so. */
        (void)snprintf(end, NEURON_PROCESS_END_BYTES, "ended");
    }
    (void)close(process->watch);
    *process = (struct neuron_executor_process){0};
}
