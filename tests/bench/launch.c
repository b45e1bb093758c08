/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a launch costs: the time from the start of `neuronrun -np 2 true` to its end, over that of
 * mpirun. Both run in turn, round after round, so that a change of the machine's load meets both;
 * medians are compared. Ranks do nothing, and nobody writes anything.
 */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "measure.h"

enum { ROUNDS = 31, WARM_UPS = 3, SKIPPED = 77 };

/* One way to launch two ranks. posix_spawn() takes arguments that it may, but does not change. */
struct launch {
    char *arguments[8];
    double times_us[ROUNDS];
};

/* The exit status, as a shell tells it; -1 when the program cannot be started. */
static int
run_silently(char *const *arguments)
{
    posix_spawn_file_actions_t actions;
    pid_t pid = 0;
    int status = 0;

    if (posix_spawn_file_actions_init(&actions) != 0) {
        return -1;
    }
    int error = posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    if (error == 0) {
        error = posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    }
    if (error == 0) {
        error = posix_spawnp(&pid, arguments[0], &actions, NULL, arguments, environ);
    }
    (void)posix_spawn_file_actions_destroy(&actions);
    if (error != 0) {
        return -1;
    }
    while (waitpid(pid, &status, 0) < 0) {
        if (errno != EINTR) {
            return -1;
        }
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* Runs a launch once and keeps its time, unless it warms up. Says so when it fails. */
static bool
time_launch(struct launch *launch, int round)
{
    double begin_us = read_clock_us();
    int status = run_silently(launch->arguments);
    double time_us = read_clock_us() - begin_us;

    if (status != 0) {
        (void)fprintf(stderr, "launch: %s ended with %d\n", launch->arguments[0], status);
        return false;
    }
    if (round >= 0) {
        launch->times_us[round] = time_us;
    }
    return true;
}

int
main(void)
{
    struct launch ours = {.arguments = {NEURONRUN, "-np", "2", "true"}};
    struct launch theirs = {.arguments = {"mpirun", "-np", "2", "--oversubscribe", "true"}};
    char *version[] = {"mpirun", "--version", NULL};

    if (run_silently(version) != 0) {
        (void)fprintf(stderr, "launch: no mpirun here to compare with; install openmpi-bin\n");
        return SKIPPED;
    }
    for (int i = -WARM_UPS; i < ROUNDS; i += 1) {
        if (!time_launch(&ours, i) || !time_launch(&theirs, i)) {
            return EXIT_FAILURE;
        }
    }
    double our_median = median(ours.times_us, ROUNDS);
    double their_median = median(theirs.times_us, ROUNDS);
    printf("launch_neuronrun %.3f ms -\n", our_median / 1e3);
    printf("launch_mpirun %.3f ms -\n", their_median / 1e3);
    printf("launch_neuronrun_over_mpirun %.4f ratio <=0.1\n", our_median / their_median);
    return EXIT_SUCCESS;
}
