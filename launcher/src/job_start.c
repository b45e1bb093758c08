/* SPDX-License-Identifier: Apache-2.0 */
#include "job_start.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "neuron/process_identity.h"
#include "neuron/secret_key.h"

#include "argument_template.h"
#include "free_port.h"
#include "job_report.h"
#include "memory_policy.h"
#include "rank_binding.h"
#include "rank_environment.h"

enum {
    TEXT_BYTES = 64,
    FILES_PER_RANK = 8, /* its pidfd, three pipes, two files, and what PMI takes */
    FILES_BESIDES = 64
};

/* What all starts of a job have in common. */
struct start_settings {
    const struct neuron_job_request *request;
    struct neuron_output_relay *relay;
    struct neuron_input_relay *input;
    char lease[TEXT_BYTES];
    char job_id[TEXT_BYTES];
    char key[NEURON_SECRET_KEY_DIGITS + 1];
    char host[HOST_NAME_MAX + 1];
    uint16_t port;
    cpu_set_t *cpus; /* NULL for no binding */
    size_t cpus_bytes;
    bool binds_memory;
    int nothing; /* /dev/null */
};

/* The descriptors of one rank. Ends that become the rank's are closed after its start. */
struct rank_ends {
    int input;
    int output;
    int errors;
};

struct neuron_output_style
neuron_job_output_style(const struct neuron_command_line *line)
{
    return (struct neuron_output_style){
        .has_tags = line->tags_output,
        .has_times = line->timestamps_output,
        /* One thread: NOLINTNEXTLINE(concurrency-mt-unsafe) */
        .has_colors = neuron_output_prefix_may_color(getenv("NO_COLOR"), getenv("TERM")),
    };
}

uint64_t
neuron_job_now_ms(void)
{
    struct timespec now = {0};

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

bool
neuron_job_is_direct(const struct neuron_job_request *request)
{
    const struct neuron_command_line *line = request->line;

    return request->plan->placement->rank_count == 1 && !line->tags_output &&
           !line->timestamps_output && line->output_directory == NULL;
}

static bool
reads_input(const struct neuron_job_request *request, uint32_t rank)
{
    const struct neuron_command_line *line = request->line;

    if (line->input == NEURON_LAUNCH_INPUT_ALL) {
        return true;
    }
    if (line->input == NEURON_LAUNCH_INPUT_DEFAULT) {
        return request->plan->placement->rank_count == 1 &&
               (!neuron_input_relay_is_terminal() || neuron_input_relay_is_ours());
    }
    return line->input == NEURON_LAUNCH_INPUT_RANK && line->input_rank == rank;
}

/* Says whether a rank's input goes through us: from a terminal, or what several ranks read. */
static bool
is_input_relayed(const struct neuron_job_request *request)
{
    return neuron_input_relay_is_terminal() || (request->line->input == NEURON_LAUNCH_INPUT_ALL &&
                                                request->plan->placement->rank_count > 1);
}

void
neuron_job_raise_file_limit(uint32_t rank_count, struct rlimit *before)
{
    rlim_t needed = (rlim_t)rank_count * FILES_PER_RANK + FILES_BESIDES;

    if (getrlimit(RLIMIT_NOFILE, before) != 0) {
        *before = (struct rlimit){.rlim_cur = 1024, .rlim_max = 1024};
    }
    if (before->rlim_cur < needed) {
        struct rlimit raised = {.rlim_cur = needed < before->rlim_max ? needed : before->rlim_max,
                                .rlim_max = before->rlim_max};

        (void)setrlimit(RLIMIT_NOFILE, &raised);
    }
}

static void
close_settings(struct start_settings *settings)
{
    CPU_FREE(settings->cpus);
    if (settings->nothing >= 0) {
        (void)close(settings->nothing);
    }
}

/* Says whether ranks are told where to take memory from: where they are bound, on several nodes. */
static bool
binds_memory(const struct start_settings *settings)
{
    const struct neuron_job_request *request = settings->request;
    bool is_verbose = request->line->verbosity == NEURON_LAUNCH_VERBOSE;

    if (settings->cpus == NULL || neuron_topology_device_count(request->plan->topology) == 1) {
        return false;
    }
    enum neuron_memory_policy policy = neuron_memory_policy_read();
    if (policy == NEURON_MEMORY_POLICY_UNAVAILABLE && is_verbose) {
        neuron_job_say(settings->relay, "memory is not bound to NUMA nodes: the kernel or this "
                                        "container does not permit it");
    }
    return policy == NEURON_MEMORY_POLICY_OURS;
}

static enum neuron_status
open_settings(struct start_settings *settings, struct neuron_error *error)
{
    const struct neuron_launch_plan *plan = settings->request->plan;

    neuron_launch_plan_format_lease(plan, settings->lease, sizeof(settings->lease));
    (void)snprintf(settings->job_id, sizeof(settings->job_id), "%d-%llu", (int)getpid(),
                   (unsigned long long)neuron_process_start_ticks(getpid()));
    (void)gethostname(settings->host, sizeof(settings->host) - 1);
    settings->port = neuron_free_port_find();
    settings->cpus_bytes = neuron_rank_binding_bytes(plan);
    if (settings->cpus_bytes > 0) {
        settings->cpus = CPU_ALLOC(settings->cpus_bytes * 8);
        if (settings->cpus == NULL) {
            return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for a set of CPUs");
        }
    }
    settings->binds_memory = binds_memory(settings);
    settings->nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (settings->nothing < 0) {
        return NEURON_FAIL(error, NEURON_SYSTEM, "cannot open /dev/null: %s",
                           strerrordesc_np(errno));
    }
    enum neuron_status status = neuron_secret_key_make(settings->key, error);
    if (status != NEURON_OK) {
        return status;
    }
    const char *directory = settings->request->line->output_directory;
    return directory == NULL ? NEURON_OK
                             : neuron_output_relay_open_files(settings->relay, directory, error);
}

/* A pipe from a rank into the relay; yields the writing end. */
static enum neuron_status
open_output(const struct start_settings *settings, uint32_t rank, enum neuron_output_stream stream,
            int *end, struct neuron_error *error)
{
    int ends[2] = {-1, -1};

    if (pipe2(ends, O_CLOEXEC) != 0 || fcntl(ends[0], F_SETFL, O_NONBLOCK) != 0) {
        return NEURON_FAIL(error, NEURON_SYSTEM, "cannot open a pipe for the output of rank %u: %s",
                           rank, strerrordesc_np(errno));
    }
    enum neuron_status status =
        neuron_output_relay_add(settings->relay, rank, stream, ends[0], error);
    if (status != NEURON_OK) {
        (void)close(ends[0]);
        (void)close(ends[1]);
        return status;
    }
    *end = ends[1];
    return NEURON_OK;
}

/* A pipe from our input to a rank; yields the reading end. */
static enum neuron_status
open_input(const struct start_settings *settings, int *end, struct neuron_error *error)
{
    int ends[2] = {-1, -1};

    if (pipe2(ends, O_CLOEXEC) != 0 || fcntl(ends[1], F_SETFL, O_NONBLOCK) != 0) {
        return NEURON_FAIL(error, NEURON_SYSTEM, "cannot open a pipe for standard input: %s",
                           strerrordesc_np(errno));
    }
    enum neuron_status status = neuron_input_relay_add(settings->input, ends[1], error);
    if (status != NEURON_OK) {
        (void)close(ends[0]);
        (void)close(ends[1]);
        return status;
    }
    *end = ends[0];
    return NEURON_OK;
}

static void
close_ends(const struct start_settings *settings, const struct rank_ends *ends)
{
    if (ends->input > STDERR_FILENO && ends->input != settings->nothing) {
        (void)close(ends->input);
    }
    if (ends->output > STDERR_FILENO) {
        (void)close(ends->output);
    }
    if (ends->errors > STDERR_FILENO) {
        (void)close(ends->errors);
    }
}

static enum neuron_status
open_ends(const struct start_settings *settings, uint32_t rank, struct rank_ends *ends,
          struct neuron_error *error)
{
    enum neuron_status status = NEURON_OK;

    *ends = (struct rank_ends){
        .input = settings->nothing, .output = STDOUT_FILENO, .errors = STDERR_FILENO};
    if (reads_input(settings->request, rank)) {
        ends->input = STDIN_FILENO;
        if (is_input_relayed(settings->request)) {
            status = open_input(settings, &ends->input, error);
        }
    }
    if (neuron_job_is_direct(settings->request)) {
        return status;
    }
    if (status == NEURON_OK) {
        status = open_output(settings, rank, NEURON_OUTPUT_STDOUT, &ends->output, error);
    }
    if (status == NEURON_OK) {
        status = open_output(settings, rank, NEURON_OUTPUT_STDERR, &ends->errors, error);
    }
    if (status != NEURON_OK) {
        close_ends(settings, ends);
    }
    return status;
}

/* The whole text of a rank's cores, in new memory. */
static enum neuron_status
format_cores(const struct neuron_launch_plan *plan, uint32_t rank, char **text,
             struct neuron_error *error)
{
    struct neuron_core_set *cores = NULL;
    enum neuron_status status = neuron_launch_plan_rank_cores(plan, rank, &cores, error);

    if (status != NEURON_OK) {
        return status;
    }
    size_t size_bytes = neuron_core_set_format(cores, NULL, 0) + 1;
    char *formatted = malloc(size_bytes);
    if (formatted == NULL) {
        status = NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for a list of cores");
    } else {
        (void)neuron_core_set_format(cores, formatted, size_bytes);
        *text = formatted;
    }
    neuron_core_set_destroy(cores);
    return status;
}

const char *
neuron_job_path(const struct neuron_job_request *request, uint32_t rank)
{
    return request
        ->paths[neuron_command_line_program(request->line, rank) - request->line->programs];
}

static enum neuron_status
start_process(const struct start_settings *settings, struct neuron_rank_table *ranks, uint32_t rank,
              char *cores, const struct neuron_process_start *prepared, struct neuron_error *error)
{
    const struct neuron_job_request *request = settings->request;
    const struct neuron_launch_program *program = neuron_command_line_program(request->line, rank);
    const struct neuron_argument_values values = {
        .rank = rank, .rank_count = request->plan->placement->rank_count, .host = settings->host};
    struct rank_ends ends = {0};
    char **expanded = NULL;
    enum neuron_status status =
        neuron_argument_template_expand(program->arguments, &values, &expanded, error);

    if (status == NEURON_OK) {
        status = open_ends(settings, rank, &ends, error);
    }
    if (status != NEURON_OK) {
        free(expanded);
        return status;
    }
    if (settings->cpus != NULL) {
        neuron_rank_binding_fill(request->plan, rank, settings->cpus, settings->cpus_bytes);
    }
    struct neuron_process_start start = *prepared;
    start.path = neuron_job_path(request, rank);
    start.arguments = expanded == NULL ? program->arguments : expanded;
    start.working_directory = program->working_directory;
    start.input = ends.input;
    start.output = ends.output;
    start.errors = ends.errors;
    start.cpus = settings->cpus;
    start.cpus_bytes = settings->cpus_bytes;
    start.files = request->files;
    start.memory_node =
        settings->binds_memory ? neuron_rank_binding_node(request->plan, rank) : NEURON_NO_NODE;
    status = neuron_rank_table_start(ranks, &start, cores, neuron_job_now_ms(), error);
    close_ends(settings, &ends);
    free(expanded);
    return status;
}

static enum neuron_status
start_rank(const struct start_settings *settings, struct neuron_rank_table *ranks, uint32_t rank,
           struct neuron_error *error)
{
    const struct neuron_job_request *request = settings->request;
    const struct neuron_launch_program *program = neuron_command_line_program(request->line, rank);
    struct neuron_rank_environment *environment = NULL;
    struct neuron_mpi_rank mpi = {0};
    char *cores = NULL;
    enum neuron_status status = format_cores(request->plan, rank, &cores, error);

    if (status != NEURON_OK) {
        return status;
    }
    neuron_mpi_world_describe(request->world, rank, &mpi);
    struct neuron_rank_environment_request wanted = {
        .inherited = request->environment,
        .assignments = program->assignments,
        .assignment_count = program->assignment_count,
        .rank = rank,
        .rank_count = request->plan->placement->rank_count,
        .core_count = request->plan->placement->ranges[rank].count,
        .cores = cores,
        .lease = settings->lease,
        .job_id = settings->job_id,
        .key = settings->key,
        .port = settings->port,
        .served = mpi.entries,
        .served_count = mpi.entry_count,
        .restart_count = request->restart_count,
    };
    status = neuron_rank_environment_create(&wanted, &environment, error);
    if (status == NEURON_OK) {
        const struct neuron_process_start prepared = {
            .rank = rank, .environment = environment->entries, .extra = mpi.socket};

        status = start_process(settings, ranks, rank, cores, &prepared, error);
        neuron_mpi_world_let_go(request->world, rank);
    }
    if (status != NEURON_OK) {
        free(cores);
    }
    neuron_rank_environment_destroy(environment);
    return status;
}

enum neuron_status
neuron_job_start_ranks(const struct neuron_job_request *request, struct neuron_rank_table *ranks,
                       struct neuron_output_relay *relay, struct neuron_input_relay *input,
                       struct neuron_error *error)
{
    struct start_settings settings = {
        .request = request, .relay = relay, .input = input, .nothing = -1};
    enum neuron_status status = open_settings(&settings, error);

    if (status == NEURON_OK) {
        status = neuron_mpi_world_start(request->world, request->plan, error);
    }
    for (uint32_t i = 0; status == NEURON_OK && i < ranks->rank_count; i += 1) {
        if (request->left_out == NULL || !request->left_out[i]) {
            status = start_rank(&settings, ranks, i, error);
        }
    }
    close_settings(&settings);
    return status;
}
