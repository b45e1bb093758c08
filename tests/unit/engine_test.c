/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine.h"

static struct neuron_error error;

static void
assert_choice(enum neuron_launch_engine wish, uint32_t host_count, bool is_only_here,
              enum neuron_launch_engine expected)
{
    enum neuron_launch_engine chosen = NEURON_LAUNCH_ENGINE_AUTO;

    assert_ok(neuron_engine_choose(wish, host_count, is_only_here, &chosen, &error), &error);
    assert_int_equal(chosen, expected);
}

static void
one_host_is_launched_by_ourselves(void **state)
{
    (void)state;
    assert_choice(NEURON_LAUNCH_ENGINE_AUTO, 0, false, NEURON_LAUNCH_ENGINE_LOCAL);
    assert_choice(NEURON_LAUNCH_ENGINE_AUTO, 1, true, NEURON_LAUNCH_ENGINE_LOCAL);
    assert_choice(NEURON_LAUNCH_ENGINE_LOCAL, 1, true, NEURON_LAUNCH_ENGINE_LOCAL);
}

static void
other_hosts_are_launched_by_open_mpi(void **state)
{
    (void)state;
    assert_choice(NEURON_LAUNCH_ENGINE_AUTO, 1, false, NEURON_LAUNCH_ENGINE_MPIRUN);
    assert_choice(NEURON_LAUNCH_ENGINE_AUTO, 4, false, NEURON_LAUNCH_ENGINE_MPIRUN);
    assert_choice(NEURON_LAUNCH_ENGINE_MPIRUN, 1, true, NEURON_LAUNCH_ENGINE_MPIRUN);
    assert_choice(NEURON_LAUNCH_ENGINE_SRUN, 2, false, NEURON_LAUNCH_ENGINE_SRUN);
}

static void
the_local_engine_refuses_other_hosts(void **state)
{
    enum neuron_launch_engine chosen = NEURON_LAUNCH_ENGINE_AUTO;

    (void)state;
    assert_status(NEURON_INVALID_ARGUMENT,
                  neuron_engine_choose(NEURON_LAUNCH_ENGINE_LOCAL, 2, false, &chosen, &error),
                  &error);
    assert_int_equal(chosen, NEURON_LAUNCH_ENGINE_AUTO);
}

static void
versions_are_read_and_checked(void **state)
{
    static const struct {
        const char *text;
        bool is_accepted;
    } cases[] = {
        {"mpirun (Open MPI) 4.1.4\n\nReport bugs to", true},
        {"mpirun (Open MPI) 5.0.7\n", true},
        {"mpirun (Open MPI) 4.0.3\n", false},
        {"mpirun (Open MPI) 3.1.0", false},
        {"mpirun (Open MPI) 6.0.0", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i += 1) {
        struct neuron_engine_version version = {0};

        assert_true(neuron_engine_parse_version(cases[i].text, &version));
        assert_status(cases[i].is_accepted ? NEURON_OK : NEURON_INVALID_ARGUMENT,
                      neuron_engine_check_version(&version, "/usr/bin/mpirun", &error), &error);
    }
}

static void
other_launchers_are_not_open_mpi(void **state)
{
    static const char *const texts[] = {"HYDRA build details:\n    Version: 4.0.2", "",
                                        "(Open MPI)", "(Open MPI) x", "(Open MPI) 4"};
    struct neuron_engine_version version = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i += 1) {
        assert_false(neuron_engine_parse_version(texts[i], &version));
    }
}

/* Joins the words of a command line with blanks. */
static void
assert_command(const struct neuron_engine_request *request, const char *expected)
{
    char **arguments = NULL;
    char text[1024] = "";

    assert_ok(neuron_engine_command_create(request, &arguments, &error), &error);
    for (size_t i = 0; arguments[i] != NULL; i += 1) {
        (void)strncat(text, i == 0 ? "" : " ", sizeof(text) - strlen(text) - 1);
        (void)strncat(text, arguments[i], sizeof(text) - strlen(text) - 1);
    }
    assert_string_equal(text, expected);
    free(arguments);
}

static void
open_mpi_4_is_asked_in_its_words(void **state)
{
    static const char *const parameters[] = {"btl", "self,tcp", "pml", "ob1"};

    (void)state;
    assert_command(
        &(struct neuron_engine_request){
            .engine = NEURON_LAUNCH_ENGINE_MPIRUN,
            .path = "/usr/bin/mpirun",
            .version = {4, 1},
            .shim = "/usr/bin/neuronrun",
            .host_file = "/proc/7/fd/9",
            .rank_count = 64,
            .grace_ms = 1500,
            .parameters = parameters,
            .parameter_count = 4,
        },
        "/usr/bin/mpirun --mca odls_base_cutoff 1000 --mca odls_base_sigkill_timeout 7 --bind-to "
        "none --map-by seq --hostfile /proc/7/fd/9 -np 64 -x NEURONRUN_CHANNEL -x "
        "NEURONRUN_CHANNEL_KEYS --mca btl self,tcp --mca pml ob1 /usr/bin/neuronrun --shim");
}

static void
open_mpi_5_is_asked_in_its_words(void **state)
{
    (void)state;
    assert_command(
        &(struct neuron_engine_request){
            .engine = NEURON_LAUNCH_ENGINE_MPIRUN,
            .path = "mpirun",
            .version = {5, 0},
            .shim = "neuronrun",
            .host_file = "f",
            .rank_count = 2,
            .preloaded = "/bin/true",
        },
        "mpirun --prtemca odls_base_cutoff 1000 --prtemca odls_base_sigkill_timeout 5 --bind-to "
        "none --map-by seq --hostfile f -np 2 -x NEURONRUN_CHANNEL -x NEURONRUN_CHANNEL_KEYS "
        "--preload-binary --preload-files /bin/true neuronrun --shim");
}

static void
slurm_is_asked_in_its_words(void **state)
{
    (void)state;
    assert_command(
        &(struct neuron_engine_request){
            .engine = NEURON_LAUNCH_ENGINE_SRUN,
            .path = "srun",
            .shim = "neuronrun",
            .rank_count = 6,
            .node_count = 2,
        },
        "srun --ntasks 6 --nodes 2 --distribution=arbitrary --mpi=pmix --cpu-bind=none "
        "--overcommit --kill-on-bad-exit=0 --input=none --quiet neuronrun --shim");
}

static void
assert_explained(const char *noise, const char *expected)
{
    char line[240] = "";

    neuron_engine_explain(noise, line, sizeof(line));
    if (strstr(line, expected) == NULL) {
        fail_msg("no \"%s\" in: %s", expected, line);
    }
}

static void
what_engines_say_is_explained(void **state)
{
    (void)state;
    assert_explained("ssh: Could not resolve hostname nowhere: Name or service not known\n-----\n",
                     "unknown host: ssh: Could not resolve hostname nowhere");
    assert_explained("x\nssh: connect to host b port 22: No route to host\r\n",
                     "cannot be reached: ssh: connect to host b port 22: No route to host; is");
    assert_explained("ann@b: Permission denied (publickey).\n", "without a password");
    assert_explained("bash: line 1: orted: command not found\n", "install openmpi-bin there");
    assert_explained("------\nSomething odd happened.\n------\n",
                     "Something odd happened.; --verb");
    assert_explained("srun: cluster configuration lacks support for cpu binding\n"
                     "srun: error: task 0 launch failed: Unspecified error\n",
                     "srun: error: task 0 launch failed: Unspecified error; --verb");
    assert_explained("srun: cluster configuration lacks support for cpu binding\n",
                     "ended without a word");
    assert_explained("-----\n*****\n", "ended without a word");
    assert_explained("", "ended without a word");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_host_is_launched_by_ourselves),
        cmocka_unit_test(other_hosts_are_launched_by_open_mpi),
        cmocka_unit_test(the_local_engine_refuses_other_hosts),
        cmocka_unit_test(versions_are_read_and_checked),
        cmocka_unit_test(other_launchers_are_not_open_mpi),
        cmocka_unit_test(open_mpi_4_is_asked_in_its_words),
        cmocka_unit_test(open_mpi_5_is_asked_in_its_words),
        cmocka_unit_test(slurm_is_asked_in_its_words),
        cmocka_unit_test(what_engines_say_is_explained),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
