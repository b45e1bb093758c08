/* SPDX-License-Identifier: Apache-2.0 */
#include "option_table.h"

#include <string.h>

#include "neuron/near_word.h"

#include "command_line.h"

/* "socket" is what Open MPI 4 calls a package, "l3cache" what it calls an L3. */
const struct neuron_option_choice neuron_option_map_choices[] = {
    {"core", NEURON_LAUNCH_BY_CORE},
    {"l3", NEURON_LAUNCH_BY_L3},
    {"l3cache", NEURON_LAUNCH_BY_L3},
    {"numa", NEURON_LAUNCH_BY_NUMA},
    {"package", NEURON_LAUNCH_BY_PACKAGE},
    {"socket", NEURON_LAUNCH_BY_PACKAGE},
    {"node", NEURON_LAUNCH_BY_NODE},
    {"slot", NEURON_LAUNCH_BY_CORE},
    {NULL, 0},
};

static const struct neuron_option_choice bind_choices[] = {
    {"core", NEURON_LAUNCH_BY_CORE},       {"l3", NEURON_LAUNCH_BY_L3},
    {"l3cache", NEURON_LAUNCH_BY_L3},      {"numa", NEURON_LAUNCH_BY_NUMA},
    {"package", NEURON_LAUNCH_BY_PACKAGE}, {"socket", NEURON_LAUNCH_BY_PACKAGE},
    {"none", NEURON_LAUNCH_BY_NONE},       {NULL, 0},
};

static const struct neuron_option_choice mpi_choices[] = {
    {"auto", NEURON_LAUNCH_MPI_AUTO}, {"pmix", NEURON_LAUNCH_MPI_PMIX},
    {"pmi1", NEURON_LAUNCH_MPI_PMI1}, {"off", NEURON_LAUNCH_MPI_OFF},
    {"none", NEURON_LAUNCH_MPI_OFF},  {NULL, 0},
};

static const struct neuron_option_choice engine_choices[] = {
    {"auto", NEURON_LAUNCH_ENGINE_AUTO},
    {"local", NEURON_LAUNCH_ENGINE_LOCAL},
    {"mpirun", NEURON_LAUNCH_ENGINE_MPIRUN},
    {"srun", NEURON_LAUNCH_ENGINE_SRUN},
    {NULL, 0},
};

static const struct neuron_option_choice failure_choices[] = {
    {"abort", NEURON_LAUNCH_ABORT}, {"continue", NEURON_LAUNCH_CONTINUE}, {NULL, 0}};

/* By topic, as --help lists them. Spellings of the same option stand together. */
static const struct neuron_option options[] = {
    {.name = "--np", .kind = NEURON_OPTION_RANKS, .value_name = "a number of ranks"},
    {.name = "-np", .kind = NEURON_OPTION_RANKS, .value_name = "a number of ranks"},
    {.name = "-n", .kind = NEURON_OPTION_RANKS, .value_name = "a number of ranks"},
    {.name = "-x", .kind = NEURON_OPTION_ASSIGNMENT, .value_name = "VAR or VAR=VALUE"},
    {.name = "--wdir", .kind = NEURON_OPTION_DIRECTORY, .value_name = "a directory"},
    {.name = "-wdir", .kind = NEURON_OPTION_DIRECTORY, .value_name = "a directory"},

    {"--procs-per-device", NEURON_OPTION_COUNT, false, "a number of ranks",
     offsetof(struct neuron_command_line, placement.ranks_per_device), 1, NULL},
    {"--cores-per-rank", NEURON_OPTION_COUNT, false, "a number of cores",
     offsetof(struct neuron_command_line, placement.cores_per_rank), 1, NULL},
    {"--cpus-per-task", NEURON_OPTION_COUNT, false, "a number of cores",
     offsetof(struct neuron_command_line, placement.cores_per_rank), 1, NULL},
    {"-c", NEURON_OPTION_COUNT, false, "a number of cores",
     offsetof(struct neuron_command_line, placement.cores_per_rank), 1, NULL},
    {"--uneven", NEURON_OPTION_FLAG, false, NULL,
     offsetof(struct neuron_command_line, placement.is_uneven), 0, NULL},
    {"--oversubscribe", NEURON_OPTION_FLAG, false, NULL,
     offsetof(struct neuron_command_line, placement.oversubscribes), 0, NULL},
    {"-O", NEURON_OPTION_FLAG, false, NULL,
     offsetof(struct neuron_command_line, placement.oversubscribes), 0, NULL},
    {"--smt", NEURON_OPTION_FLAG, false, NULL,
     offsetof(struct neuron_command_line, placement.uses_threads), 0, NULL},
    {"--use-hwthread-cpus", NEURON_OPTION_FLAG, false, NULL,
     offsetof(struct neuron_command_line, placement.uses_threads), 0, NULL},
    {.name = "--map-by", .kind = NEURON_OPTION_MAP_BY, .value_name = "a part of the machine"},
    {"--rank-by", NEURON_OPTION_CHOICE, false, "a part of the machine",
     offsetof(struct neuron_command_line, placement.rank_by), 0, neuron_option_map_choices},
    {"--bind-to", NEURON_OPTION_CHOICE, false, "a part of the machine",
     offsetof(struct neuron_command_line, placement.bind_to), 0, bind_choices},
    {"--cpu-set", NEURON_OPTION_TEXT, false, "a list of cores",
     offsetof(struct neuron_command_line, placement.cpu_set), 0, NULL},
    {"--cores", NEURON_OPTION_TEXT, false, "a list of cores",
     offsetof(struct neuron_command_line, placement.cpu_set), 0, NULL},
    {"--dry-run", NEURON_OPTION_SETTING, false, NULL, offsetof(struct neuron_command_line, action),
     NEURON_LAUNCH_SHOW_PLAN, NULL},
    {.name = "--display-map",
     .kind = NEURON_OPTION_PICTURE,
     .is_optional = true,
     .value_name = "svg:FILE or json"},
    {.name = "--wait", .kind = NEURON_OPTION_WAIT, .is_optional = true, .value_name = "seconds"},
    {"--ps", NEURON_OPTION_SETTING, false, NULL, offsetof(struct neuron_command_line, action),
     NEURON_LAUNCH_SHOW_JOBS, NULL},

    {"--mpi", NEURON_OPTION_CHOICE, false, "a kind of MPI",
     offsetof(struct neuron_command_line, mpi), 0, mpi_choices},

    {"--host", NEURON_OPTION_TEXT, false, "hosts", offsetof(struct neuron_command_line, hosts), 0,
     NULL},
    {"-host", NEURON_OPTION_TEXT, false, "hosts", offsetof(struct neuron_command_line, hosts), 0,
     NULL},
    {"-H", NEURON_OPTION_TEXT, false, "hosts", offsetof(struct neuron_command_line, hosts), 0,
     NULL},
    {"--hostfile", NEURON_OPTION_TEXT, false, "a file",
     offsetof(struct neuron_command_line, host_file), 0, NULL},
    {"-hostfile", NEURON_OPTION_TEXT, false, "a file",
     offsetof(struct neuron_command_line, host_file), 0, NULL},
    {"--machinefile", NEURON_OPTION_TEXT, false, "a file",
     offsetof(struct neuron_command_line, host_file), 0, NULL},
    {"--engine", NEURON_OPTION_CHOICE, false, "an engine",
     offsetof(struct neuron_command_line, engine), 0, engine_choices},
    {"--heartbeat", NEURON_OPTION_SECONDS, false, "seconds",
     offsetof(struct neuron_command_line, heartbeat_ms), 0, NULL},
    {"--preload-binary", NEURON_OPTION_FLAG, false, NULL,
     offsetof(struct neuron_command_line, preloads_binary), 0, NULL},
    {.name = "--mca", .kind = NEURON_OPTION_PARAMETER, .value_name = "a name and a value"},
    {.name = "-mca", .kind = NEURON_OPTION_PARAMETER, .value_name = "a name and a value"},

    {.name = "--stdin", .kind = NEURON_OPTION_INPUT, .value_name = "all, none or a rank"},
    {"--tag-output", NEURON_OPTION_FLAG, false, NULL,
     offsetof(struct neuron_command_line, tags_output), 0, NULL},
    {"--label", NEURON_OPTION_FLAG, false, NULL, offsetof(struct neuron_command_line, tags_output),
     0, NULL},
    {"-l", NEURON_OPTION_FLAG, false, NULL, offsetof(struct neuron_command_line, tags_output), 0,
     NULL},
    {"--timestamp-output", NEURON_OPTION_FLAG, false, NULL,
     offsetof(struct neuron_command_line, timestamps_output), 0, NULL},
    {"--output-filename", NEURON_OPTION_TEXT, false, "a directory",
     offsetof(struct neuron_command_line, output_directory), 0, NULL},
    {"--verbose", NEURON_OPTION_SETTING, false, NULL,
     offsetof(struct neuron_command_line, verbosity), NEURON_LAUNCH_VERBOSE, NULL},
    {"-v", NEURON_OPTION_SETTING, false, NULL, offsetof(struct neuron_command_line, verbosity),
     NEURON_LAUNCH_VERBOSE, NULL},
    {"--report-bindings", NEURON_OPTION_SETTING, false, NULL,
     offsetof(struct neuron_command_line, verbosity), NEURON_LAUNCH_VERBOSE, NULL},
    {"--quiet", NEURON_OPTION_SETTING, false, NULL, offsetof(struct neuron_command_line, verbosity),
     NEURON_LAUNCH_QUIET, NULL},
    {"-q", NEURON_OPTION_SETTING, false, NULL, offsetof(struct neuron_command_line, verbosity),
     NEURON_LAUNCH_QUIET, NULL},

    {"--timeout", NEURON_OPTION_SECONDS, false, "seconds",
     offsetof(struct neuron_command_line, timeout_ms), 1, NULL},
    {"--grace", NEURON_OPTION_SECONDS, false, "seconds",
     offsetof(struct neuron_command_line, grace_ms), 0, NULL},
    {"--on-failure", NEURON_OPTION_CHOICE, false, "what to do",
     offsetof(struct neuron_command_line, on_failure), 0, failure_choices},
    {"--max-restarts", NEURON_OPTION_COUNT, false, "a number of restarts",
     offsetof(struct neuron_command_line, restart_limit), 0, NULL},
    {"--report", NEURON_OPTION_TEXT, false, "a file",
     offsetof(struct neuron_command_line, report_path), 0, NULL},
    {"--joblog", NEURON_OPTION_TEXT, false, "a file",
     offsetof(struct neuron_command_line, job_log_path), 0, NULL},
    {"--resume", NEURON_OPTION_FLAG, false, NULL, offsetof(struct neuron_command_line, resumes), 0,
     NULL},

    {.name = "--allow-run-as-root", .kind = NEURON_OPTION_IGNORED},
    {"--version", NEURON_OPTION_SETTING, false, NULL, offsetof(struct neuron_command_line, action),
     NEURON_LAUNCH_SHOW_VERSION, NULL},
    {.name = "--help", .kind = NEURON_OPTION_HELP, .is_optional = true, .value_name = "a topic"},
    {.name = "-h", .kind = NEURON_OPTION_HELP, .is_optional = true, .value_name = "a topic"},
};

enum { OPTION_COUNT = sizeof(options) / sizeof(options[0]) };

const struct neuron_option *
neuron_option_find(const char *word, size_t length)
{
    for (size_t i = 0; i < OPTION_COUNT; i += 1) {
        if (strlen(options[i].name) == length && strncmp(options[i].name, word, length) == 0) {
            return &options[i];
        }
    }
    return NULL;
}

enum neuron_status
neuron_option_refuse(const char *word, size_t length, struct neuron_error *error)
{
    struct neuron_near_word search = {.word = word, .length = length};

    for (size_t i = 0; i < OPTION_COUNT; i += 1) {
        /* A single letter is near to every other one. */
        if (strlen(options[i].name) > 2) {
            neuron_near_word_try(&search, options[i].name);
        }
    }
    if (search.nearest == NULL) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "unknown option %.60s; neuronrun --help lists them all", word);
    }
    return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT, "unknown option %.60s; did you mean %s?",
                       word, search.nearest);
}
