/* SPDX-License-Identifier: Apache-2.0 */
/* neuronrun: starts a program on its own cores, several times. */
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "neuron/record_file.h"
#include "neuron/runtime.h"

#include "command_help.h"
#include "command_line.h"
#include "display_map.h"
#include "engine.h"
#include "exit_report.h"
#include "guardian.h"
#include "hosts.h"
#include "job.h"
#include "job_list.h"
#include "launch_plan.h"
#include "lease_wait.h"
#include "mpi_fit.h"
#include "mpi_world.h"
#include "plan_table.h"
#include "program_path.h"
#include "rank_environment.h"
#include "shim.h"

static int
fail(const struct neuron_error *error, int code)
{
    (void)fprintf(stderr, "neuronrun: %s\n", error->text);
    return code;
}

/* Our own files must not land on descriptors that ranks take for their input and output. */
static bool
open_standard_descriptors(void)
{
    int opened = 0;

    while (opened >= 0 && opened <= STDERR_FILENO) {
        opened = open("/dev/null", O_RDWR | O_CLOEXEC);
        if (opened >= 0 && opened <= STDERR_FILENO) {
            (void)fcntl(opened, F_SETFD, 0);
        }
    }
    if (opened > STDERR_FILENO) {
        (void)close(opened);
    }
    return opened >= 0;
}

/* Says once what the ranks do not see: that a variable which they may count on is not used here. */
static void
warn_of_group_sizes(const struct neuron_command_line *line)
{
    const struct neuron_rank_environment_request request = {
        .inherited = environ,
        .assignments = line->program_count > 0 ? line->programs[0].assignments : NULL,
        .assignment_count = line->program_count > 0 ? line->programs[0].assignment_count : 0,
    };
    const char *fate = NULL;

    switch (neuron_rank_environment_group_sizes(&request)) {
    case NEURON_GROUP_SIZES_ABSENT:
        return;
    case NEURON_GROUP_SIZES_REMOVED:
        fate = "the ranks run without it; cut cores with --procs-per-device, -np or -c, or hand it "
               "on with -x";
        break;
    case NEURON_GROUP_SIZES_PASSED_ON:
        fate = "it changes nothing here, and the ranks get it as -x says";
        break;
    }
    (void)fprintf(stderr, "neuronrun: NEURONCORE_GROUP_SIZES is deprecated: %s\n", fate);
}

/* Says once that ranks will be alone, as --mpi names the server of another MPI. */
static void
warn_of_other_mpi(const struct neuron_command_line *line, char *const *paths)
{
    char text[NEURON_MPI_FIT_BYTES] = "";

    /* One thread: NOLINTNEXTLINE(concurrency-mt-unsafe) */
    if (neuron_mpi_fit_warn(line, paths, getenv("LD_LIBRARY_PATH"), text, sizeof(text))) {
        (void)fprintf(stderr, "neuronrun: %s\n", text);
    }
}

/* Plans the launch. Only CPUs are asked about: hwloc's plugins would look for GPUs, too. */
static enum neuron_status
make_plan(const struct neuron_command_line *line, const struct neuron_runtime_options *options,
          struct neuron_launch_plan **plan, struct neuron_error *error)
{
    static const char variable[] = "HWLOC_PLUGINS_PATH";

    /* One thread: NOLINTNEXTLINE(concurrency-mt-unsafe) */
    bool is_ours = getenv(variable) == NULL && setenv(variable, "/nonexistent", 0) == 0;
    enum neuron_status status = neuron_launch_plan_create(line, options, plan, error);
    if (is_ours) {
        (void)unsetenv(variable); /* NOLINT(concurrency-mt-unsafe): as above */
    }
    if (status == NEURON_OK && line->input == NEURON_LAUNCH_INPUT_RANK &&
        line->input_rank >= (*plan)->placement->rank_count) {
        status = NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                             "--stdin %u: the ranks of this job are 0-%u", line->input_rank,
                             (*plan)->placement->rank_count - 1);
    }
    return status;
}

static int
show_plan(const struct neuron_command_line *line)
{
    struct neuron_runtime_options options = {0};
    struct neuron_launch_plan *plan = NULL;
    struct neuron_error error = {0};
    enum neuron_status status = neuron_runtime_options_read(&options, &error);

    if (status == NEURON_OK) {
        warn_of_group_sizes(line);
        status = make_plan(line, &options, &plan, &error);
    }
    if (status == NEURON_OK) {
        status = line->map == NEURON_LAUNCH_MAP_NONE ? neuron_plan_table_print(plan, stdout, &error)
                                                     : neuron_display_map(line, plan, &error);
    }
    neuron_launch_plan_destroy(plan);
    return status == NEURON_OK ? 0 : fail(&error, NEURON_EXIT_OWN_ERROR);
}

static int
show_jobs(void)
{
    struct neuron_error error = {0};
    /* One thread: NOLINTNEXTLINE(concurrency-mt-unsafe) */
    const char *directory = getenv("NEURON_RT_LEASE_DIRECTORY");
    bool is_set = directory != NULL && directory[0] != '\0';
    enum neuron_status status = neuron_job_list_print(is_set ? directory : NULL, stdout, &error);

    return status == NEURON_OK ? 0 : fail(&error, NEURON_EXIT_OWN_ERROR);
}

static void
destroy_paths(char **paths, uint32_t count)
{
    for (uint32_t i = 0; paths != NULL && i < count; i += 1) {
        free(paths[i]);
    }
    free(paths);
}

/* Finds all programs. Returns 0, or the exit code that the first missing one calls for. */
static int
find_programs(const struct neuron_command_line *line, char ***paths, struct neuron_error *error)
{
    int code = 0;

    *paths = calloc(line->program_count, sizeof(**paths));
    if (*paths == NULL) {
        neuron_error_set(error, NEURON_OUT_OF_MEMORY, "out of memory for %u programs",
                         line->program_count);
        return NEURON_EXIT_OWN_ERROR;
    }
    for (uint32_t i = 0; code == 0 && i < line->program_count; i += 1) {
        /* One thread: NOLINTNEXTLINE(concurrency-mt-unsafe) */
        code = neuron_program_path_find(line->programs[i].arguments[0], getenv("PATH"),
                                        &(*paths)[i], error);
        if (code == 0) {
            code =
                neuron_program_path_check((*paths)[i], line->programs[i].working_directory, error);
        }
    }
    return code;
}

/* Opens the job log for the ranks that the plan has now. */
static enum neuron_status
open_log(const struct neuron_command_line *line, const struct neuron_launch_plan *plan,
         const struct neuron_mpi_world *world, struct neuron_job_log_file *log,
         struct neuron_error *error)
{
    uint32_t rank_count = plan->placement->rank_count;
    enum neuron_status status = neuron_job_log_file_open(line, rank_count, log, error);

    if (status == NEURON_OK && world != NULL && log->done_count > 0 &&
        log->done_count < rank_count) {
        status =
            NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                        "--resume: %u of %u ranks are done, but ranks of an MPI program cannot "
                        "be left out; start all, without --resume",
                        log->done_count, rank_count);
    }
    return status;
}

/* Says whether the job log calls all ranks done, and tells the user. */
static bool
is_all_done(const struct neuron_command_line *line, const struct neuron_job_log_file *log)
{
    if (log->path == NULL || log->done_count < log->rank_count) {
        return false;
    }
    if (line->verbosity != NEURON_LAUNCH_QUIET) {
        (void)fprintf(stderr, "neuronrun: nothing to do: %s calls all %u rank%s done\n", log->path,
                      log->rank_count, log->rank_count == 1 ? "" : "s");
    }
    return true;
}

/* Runs a job that is planned. What is done already is left out, before cores are claimed. */
static int
run_plan(const struct neuron_command_line *line, struct neuron_launch_plan *plan,
         char *const *paths, struct neuron_mpi_world *world)
{
    struct neuron_job_log_file log = {0};
    struct neuron_error error = {0};
    enum neuron_status status = NEURON_OK;
    int signal_number = 0;
    int code = 0;

    if (line->resumes) {
        status = open_log(line, plan, world, &log, &error);
    }
    if (status == NEURON_OK && is_all_done(line, &log)) {
        goto done;
    }
    if (status == NEURON_OK) {
        status = neuron_lease_wait_claim(plan, line->lease_wait_ms, &signal_number, &error);
    }
    if (status == NEURON_OK) {
        status = open_log(line, plan, world, &log, &error);
    }
    if (status == NEURON_OK) {
        status = neuron_display_map(line, plan, &error);
    }
    if (status == NEURON_OK) {
        const struct neuron_job_request request = {
            .line = line,
            .plan = plan,
            .paths = paths,
            .environment = environ,
            .world = world,
            .left_out = log.done,
            .log = log.path == NULL ? NULL : &log,
        };

        code = neuron_job_run(&request);
    } else if (status == NEURON_CANCELLED) {
        code = NEURON_EXIT_SIGNAL_BASE + signal_number;
    } else {
        code = fail(&error, NEURON_EXIT_OWN_ERROR);
    }
done:
    neuron_job_log_file_close(&log);
    return code;
}

/* The launcher proper, inside its guardian. */
static int
launch(const void *argument)
{
    const struct neuron_command_line *line = argument;
    struct neuron_runtime_options options = {0};
    struct neuron_launch_plan *plan = NULL;
    struct neuron_error error = {0};
    struct neuron_mpi_world *world = NULL;
    char **paths = NULL;
    int code = find_programs(line, &paths, &error);

    if (code != 0) {
        destroy_paths(paths, line->program_count);
        return fail(&error, code);
    }
    enum neuron_status status = neuron_runtime_options_read(&options, &error);
    if (status == NEURON_OK && line->report_path != NULL) {
        status = neuron_record_file_check(line->report_path, &error);
    }
    if (status == NEURON_OK) {
        warn_of_other_mpi(line, paths);
        status = neuron_mpi_world_create(line, paths, environ, &world, &error);
    }
    if (status == NEURON_OK) {
        warn_of_group_sizes(line);
        status = make_plan(line, &options, &plan, &error);
    }
    code = status == NEURON_OK ? run_plan(line, plan, paths, world)
                               : fail(&error, NEURON_EXIT_OWN_ERROR);
    neuron_mpi_world_destroy(world);
    neuron_launch_plan_destroy(plan);
    destroy_paths(paths, line->program_count);
    return code;
}

/* A launch whose ranks may be on other hosts. */
struct launch {
    struct neuron_command_line *line;
    struct neuron_hosts *hosts;
    char *const *words;
};

static int
launch_on_hosts(const void *argument)
{
    const struct launch *launch = argument;

    return neuron_hosts_launch(launch->line, launch->words, launch->hosts);
}

/* Starts a job, or shows where it would run: on the hosts that are asked for. */
static int
start_job(struct neuron_command_line *line, char *const *words)
{
    struct neuron_hosts hosts;
    const struct launch start = {.line = line, .hosts = &hosts, .words = words};
    struct neuron_error error = {0};
    int code = 0;

    if (neuron_hosts_prepare(line, &hosts, &error) != NEURON_OK) {
        code = fail(&error, NEURON_EXIT_OWN_ERROR);
    } else if (hosts.engine == NEURON_LAUNCH_ENGINE_LOCAL) {
        code =
            line->action == NEURON_LAUNCH_RUN ? neuron_guardian_run(launch, line) : show_plan(line);
    } else if (line->action == NEURON_LAUNCH_SHOW_PLAN) {
        neuron_hosts_print(&hosts);
    } else {
        code = neuron_guardian_run(launch_on_hosts, &start);
    }
    neuron_hosts_destroy(&hosts);
    return code;
}

int
main(int argument_count, char **arguments)
{
    struct neuron_command_line line = {0};
    struct neuron_error error = {0};
    int code = 0;

    if (!open_standard_descriptors()) {
        return NEURON_EXIT_OWN_ERROR;
    }
    if (argument_count == 2 && strcmp(arguments[1], NEURON_ENGINE_SHIM_WORD) == 0) {
        return neuron_shim_run();
    }
    if (neuron_command_line_parse(argument_count, arguments, &line, &error) != NEURON_OK) {
        neuron_command_line_destroy(&line);
        return fail(&error, NEURON_EXIT_OWN_ERROR);
    }
    switch (line.action) {
    case NEURON_LAUNCH_SHOW_HELP:
        if (!neuron_command_help_print(line.help_topic, stdout)) {
            code = NEURON_EXIT_OWN_ERROR;
        }
        break;
    case NEURON_LAUNCH_SHOW_JOBS:
        code = show_jobs();
        break;
    case NEURON_LAUNCH_SHOW_VERSION:
        (void)puts("neuronrun " NEURON_VERSION);
        break;
    case NEURON_LAUNCH_SHOW_PLAN:
    case NEURON_LAUNCH_RUN:
        code = start_job(&line, arguments + 1);
        break;
    }
    neuron_command_line_destroy(&line);
    /* Help that nobody could read. What ranks write does not go this way. */
    return fflush(stdout) != 0 && code == 0 ? NEURON_EXIT_OWN_ERROR : code;
}
