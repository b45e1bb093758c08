/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a launch costs: the time from the start of a launcher to its end, of neuronrun over that of
 * others, for `true` and for a program that enters MPI and leaves it. All run in turn, round after
 * round, so that a change of the machine's load meets all; medians are compared. Nobody writes
 * anything.
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

enum { ROUND_LIMIT = 21, WARM_UPS = 1, SKIPPED = 77, ARGUMENT_LIMIT = 16, PEER_LIMIT = 3 };

/* One way to launch. posix_spawn() takes arguments that it may, but does not change. */
struct launch {
    const char *name;
    char *arguments[ARGUMENT_LIMIT];
    double target; /* for neuronrun's time over this one's */
    double times_us[ROUND_LIMIT];
};

/* The same ranks, launched by neuronrun and by others. */
struct contest {
    const char *name;
    int rounds;
    struct launch ours;
    struct launch peers[PEER_LIMIT]; /* those at the end may have no name */
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

static struct contest contests[] = {
    {.name = "true_np2",
     .rounds = 21,
     .ours = {.arguments = {NEURONRUN, "-O", "-np", "2", "true"}},
     .peers = {{.name = "mpirun",
                .arguments = {"mpirun.openmpi", "--oversubscribe", "--mca", "odls_base_cutoff",
                              "1000", "-np", "2", "true"},
                .target = 0.1},
               {.name = "hydra", .arguments = {"mpiexec.hydra", "-n", "2", "true"}, .target = 1.1},
               {.name = "hydra_bound",
                .arguments = {"mpiexec.hydra", "-bind-to", "core", "-n", "2", "true"},
                .target = 0.5}}},
    {.name = "true_np16",
     .rounds = 21,
     .ours = {.arguments = {NEURONRUN, "-O", "-np", "16", "true"}},
     .peers = {{.name = "mpirun",
                .arguments = {"mpirun.openmpi", "--oversubscribe", "--mca", "odls_base_cutoff",
                              "1000", "-np", "16", "true"},
                .target = 0.2},
               {.name = "hydra", .arguments = {"mpiexec.hydra", "-n", "16", "true"}, .target = 1.1},
               {.name = "hydra_bound",
                .arguments = {"mpiexec.hydra", "-bind-to", "core", "-n", "16", "true"},
                .target = 0.5}}},
    {.name = "true_np64",
     .rounds = 21,
     .ours = {.arguments = {NEURONRUN, "-O", "-np", "64", "true"}},
     .peers = {{.name = "mpirun",
                .arguments = {"mpirun.openmpi", "--oversubscribe", "--mca", "odls_base_cutoff",
                              "1000", "-np", "64", "true"},
                .target = 0.2},
               {.name = "hydra", .arguments = {"mpiexec.hydra", "-n", "64", "true"}, .target = 1.1},
               {.name = "hydra_bound",
                .arguments = {"mpiexec.hydra", "-bind-to", "core", "-n", "64", "true"},
                .target = 0.5}}},
#ifdef OPENMPI_HELLO
    {.name = "openmpi_np2",
     .rounds = 11,
     .ours = {.arguments = {NEURONRUN, "-O", "-np", "2", OPENMPI_HELLO, "hello"}},
     .peers = {{.name = "mpirun",
                .arguments = {"mpirun.openmpi", "--oversubscribe", "-np", "2", OPENMPI_HELLO,
                              "hello"},
                .target = 0.12},
               {.name = "mpirun_tuned",
                .arguments = {"mpirun.openmpi", "--oversubscribe", "--mca", "pml", "ob1", "--mca",
                              "btl", "self,vader", "-np", "2", OPENMPI_HELLO, "hello"},
                .target = 0.3}}},
    {.name = "mpich_np2",
     .rounds = 11,
     .ours = {.arguments = {NEURONRUN, "-O", "-np", "2", MPICH_HELLO, "hello"}},
     .peers = {{.name = "hydra",
                .arguments = {"mpiexec.hydra", "-n", "2", MPICH_HELLO, "hello"},
                .target = 1.1}}},
    {.name = "openmpi_np16",
     .rounds = 11,
     .ours = {.arguments = {NEURONRUN, "-O", "-np", "16", OPENMPI_HELLO, "hello"}},
     .peers = {{.name = "mpirun",
                .arguments = {"mpirun.openmpi", "--oversubscribe", "-np", "16", OPENMPI_HELLO,
                              "hello"},
                .target = 0.3},
               {.name = "mpirun_tuned",
                .arguments = {"mpirun.openmpi", "--oversubscribe", "--mca", "pml", "ob1", "--mca",
                              "btl", "self,vader", "-np", "16", OPENMPI_HELLO, "hello"},
                .target = 0.45}}},
    {.name = "mpich_np16",
     .rounds = 11,
     .ours = {.arguments = {NEURONRUN, "-O", "-np", "16", MPICH_HELLO, "hello"}},
     .peers = {{.name = "hydra",
                .arguments = {"mpiexec.hydra", "-n", "16", MPICH_HELLO, "hello"},
                .target = 1.1}}},
#endif
};

/* Runs all ways of one contest once. */
static bool
run_round(struct contest *contest, int round)
{
    bool is_good = time_launch(&contest->ours, round);

    for (int i = 0; is_good && i < PEER_LIMIT && contest->peers[i].name != NULL; i += 1) {
        is_good = time_launch(&contest->peers[i], round);
    }
    return is_good;
}

static bool
run_contest(struct contest *contest)
{
    bool is_good = true;

    for (int i = -WARM_UPS; is_good && i < contest->rounds; i += 1) {
        is_good = run_round(contest, i);
    }
    return is_good;
}

static void
print_contest(struct contest *contest)
{
    double our_median = median(contest->ours.times_us, (size_t)contest->rounds);

    printf("launch_%s_neuronrun %.3f ms -\n", contest->name, our_median / 1e3);
    for (int i = 0; i < PEER_LIMIT && contest->peers[i].name != NULL; i += 1) {
        struct launch *peer = &contest->peers[i];
        double peer_median = median(peer->times_us, (size_t)contest->rounds);

        printf("launch_%s_%s %.3f ms -\n", contest->name, peer->name, peer_median / 1e3);
        printf("launch_%s_over_%s %.4f ratio <=%.2f\n", contest->name, peer->name,
               our_median / peer_median, peer->target);
    }
}

int
main(void)
{
    char *mpirun[] = {"mpirun.openmpi", "--version", NULL};
    char *hydra[] = {"mpiexec.hydra", "--version", NULL};

    if (run_silently(mpirun) != 0 || run_silently(hydra) != 0) {
        (void)fprintf(stderr, "launch: no mpirun.openmpi or no mpiexec.hydra here to compare with; "
                              "install openmpi-bin and mpich\n");
        return SKIPPED;
    }
    for (size_t i = 0; i < sizeof(contests) / sizeof(contests[0]); i += 1) {
        if (!run_contest(&contests[i])) {
            return EXIT_FAILURE;
        }
        print_contest(&contests[i]);
    }
    return EXIT_SUCCESS;
}
