/* SPDX-License-Identifier: Apache-2.0 */
#include "shim_start.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "argument_template.h"
#include "exit_report.h"
#include "job_start.h"
#include "memory_policy.h"
#include "program_path.h"
#include "rank_binding.h"
#include "rank_environment.h"

enum { LEASE_BYTES = 64 };

uint64_t
neuron_shim_setup_number(const struct neuron_shim_setup *setup, enum neuron_job_setup_number which)
{
    return setup->message.numbers[which];
}

static const char *const *
get_assignments(const struct neuron_shim_setup *setup)
{
    return setup->message.texts + NEURON_JOB_SETUP_TEXT_COUNT;
}

/* Reads the command line that the launcher was given. */
static enum neuron_status
parse_line(struct neuron_shim_setup *setup, struct neuron_error *error)
{
    const struct neuron_job_message *message = &setup->message;
    uint64_t before = NEURON_JOB_SETUP_TEXT_COUNT +
                      neuron_shim_setup_number(setup, NEURON_JOB_SETUP_ASSIGNMENT_COUNT);

    if (before >= message->text_count || message->text_count > INT32_MAX - 2) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT, "the launcher sent no program");
    }
    uint32_t count = message->text_count - (uint32_t)before;
    setup->words = calloc((size_t)count + 2, sizeof(*setup->words));
    if (setup->words == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for the command line");
    }
    /* Not constant for execve() alone: NOLINTNEXTLINE(performance-no-int-to-ptr) */
    setup->words[0] = (char *)(uintptr_t) "neuronrun";
    for (uint32_t i = 0; i < count; i += 1) {
        /* Not constant for execve() alone: NOLINTNEXTLINE(performance-no-int-to-ptr) */
        setup->words[i + 1] = (char *)(uintptr_t)message->texts[before + i];
    }
    return neuron_command_line_parse((int)count + 1, setup->words, &setup->line, error);
}

static const struct neuron_launch_program *
get_program(const struct neuron_shim_setup *setup)
{
    return neuron_command_line_program(&setup->line, setup->message.rank);
}

enum neuron_status
neuron_shim_setup_create(const void *bytes, size_t size_bytes, struct neuron_shim_setup *setup,
                         int *code, struct neuron_error *error)
{
    *setup = (struct neuron_shim_setup){.bytes = malloc(size_bytes)};
    *code = NEURON_EXIT_OWN_ERROR;
    if (setup->bytes == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for the setup");
    }
    memcpy(setup->bytes, bytes, size_bytes);
    enum neuron_status status =
        neuron_job_message_decode(setup->bytes, size_bytes, &setup->message, error);
    if (status == NEURON_OK) {
        status = parse_line(setup, error);
    }
    if (status == NEURON_OK && setup->line.program_count == 0) {
        status = NEURON_FAIL(error, NEURON_INVALID_ARGUMENT, "the launcher sent no program");
    }
    if (status != NEURON_OK) {
        return status;
    }
    const char *directory = setup->message.texts[NEURON_JOB_SETUP_DIRECTORY];
    if (chdir(directory) != 0) {
        return NEURON_FAIL(error, NEURON_SYSTEM,
                           "cannot enter directory %.120s: %s; share it, or start from one that "
                           "all hosts have",
                           directory, strerrordesc_np(errno));
    }
    /* One thread uses the environment: NOLINTNEXTLINE(concurrency-mt-unsafe) */
    *code = neuron_program_path_find(get_program(setup)->arguments[0], getenv("PATH"), &setup->path,
                                     error);
    return *code == 0 ? NEURON_OK : NEURON_INVALID_ARGUMENT;
}

void
neuron_shim_setup_destroy(struct neuron_shim_setup *setup)
{
    neuron_command_line_destroy(&setup->line);
    neuron_job_message_clear(&setup->message);
    free(setup->words);
    free(setup->path);
    free(setup->bytes);
    *setup = (struct neuron_shim_setup){0};
}

enum neuron_status
neuron_shim_claim(const struct neuron_shim_setup *setup, struct neuron_launch_plan **plan,
                  struct neuron_error *error)
{
    struct neuron_command_line local = setup->line;
    struct neuron_runtime_options options = {0};
    struct neuron_launch_plan *made = NULL;

    local.rank_count = (uint32_t)neuron_shim_setup_number(setup, NEURON_JOB_SETUP_LOCAL_COUNT);
    if (local.placement.map_by == NEURON_LAUNCH_BY_NODE) {
        local.placement.map_by = NEURON_LAUNCH_BY_DEFAULT;
    }
    if (local.placement.rank_by == NEURON_LAUNCH_BY_NODE) {
        local.placement.rank_by = NEURON_LAUNCH_BY_DEFAULT;
    }
    enum neuron_status status = neuron_runtime_options_read(&options, error);
    if (status == NEURON_OK) {
        status = neuron_launch_plan_create(&local, &options, &made, error);
    }
    if (status == NEURON_OK) {
        status = neuron_launch_plan_claim(made, error);
    }
    if (status == NEURON_OK) {
        *plan = made;
    } else {
        neuron_launch_plan_destroy(made);
    }
    return status;
}

/* Formats a set into new memory, and destroys it; NULL without memory. */
static char *
take_text(struct neuron_core_set *set)
{
    size_t size_bytes = neuron_core_set_format(set, NULL, 0) + 1;
    char *text = malloc(size_bytes);

    if (text != NULL) {
        (void)neuron_core_set_format(set, text, size_bytes);
    }
    neuron_core_set_destroy(set);
    return text;
}

/* The CPUs of a rank, as a list; empty where ranks are not bound. */
static enum neuron_status
describe_cpus(const struct neuron_launch_plan *plan, uint32_t rank, char **text,
              struct neuron_error *error)
{
    size_t size_bytes = neuron_rank_binding_bytes(plan);
    struct neuron_core_set *numbers = NULL;
    enum neuron_status status = neuron_core_set_create(0, 0, &numbers, error);
    cpu_set_t *cpus = size_bytes == 0 ? NULL : CPU_ALLOC(size_bytes * 8);

    if (status == NEURON_OK && size_bytes > 0 && cpus == NULL) {
        status = NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for a set of CPUs");
    }
    if (status == NEURON_OK && cpus != NULL) {
        neuron_rank_binding_fill(plan, rank, cpus, size_bytes);
    }
    for (uint32_t i = 0; status == NEURON_OK && i < size_bytes * 8; i += 1) {
        if (CPU_ISSET_S(i, size_bytes, cpus)) {
            status = neuron_core_set_add(numbers, i, error);
        }
    }
    CPU_FREE(cpus);
    if (status != NEURON_OK) {
        neuron_core_set_destroy(numbers);
        return status;
    }
    *text = take_text(numbers);
    return NEURON_OK;
}

/* The memory node of a rank; empty where memory may come from anywhere. */
static char *
describe_node(const struct neuron_launch_plan *plan, uint32_t rank)
{
    char text[16] = "";
    uint32_t node = neuron_rank_binding_bytes(plan) > 0 &&
                            neuron_memory_policy_read() == NEURON_MEMORY_POLICY_OURS
                        ? neuron_rank_binding_node(plan, rank)
                        : NEURON_NO_NODE;

    if (node != NEURON_NO_NODE) {
        (void)snprintf(text, sizeof(text), "%u", node);
    }
    return strdup(text);
}

/* The devices of a set of cores, as a list; NULL without memory. */
static char *
describe_devices(const struct neuron_launch_plan *plan, const struct neuron_core_set *cores)
{
    struct neuron_core_set *devices = NULL;
    enum neuron_status status = neuron_core_set_create(0, 0, &devices, NULL);

    for (uint32_t i = 0; status == NEURON_OK && i < neuron_core_set_count(cores); i += 1) {
        status = neuron_core_set_add(
            devices, neuron_topology_device_of(plan->topology, neuron_core_set_at(cores, i)), NULL);
    }
    if (status != NEURON_OK) {
        neuron_core_set_destroy(devices);
        return NULL;
    }
    return take_text(devices);
}

/* Writes the place of one rank, but for the lease. */
static enum neuron_status
describe_place(const struct neuron_launch_plan *plan, uint32_t rank, char **texts,
               struct neuron_error *error)
{
    struct neuron_core_set *cores = NULL;
    enum neuron_status status = neuron_launch_plan_rank_cores(plan, rank, &cores, error);

    if (status != NEURON_OK) {
        return status;
    }
    texts[NEURON_JOB_PLACE_DEVICES - 1] = describe_devices(plan, cores);
    texts[NEURON_JOB_PLACE_CORES - 1] = take_text(cores);
    texts[NEURON_JOB_PLACE_MEMORY_NODE - 1] = describe_node(plan, rank);
    return describe_cpus(plan, rank, &texts[NEURON_JOB_PLACE_CPUS - 1], error);
}

enum neuron_status
neuron_shim_describe(const struct neuron_launch_plan *plan, char ***texts, uint32_t *count,
                     struct neuron_error *error)
{
    uint32_t rank_count = plan->placement->rank_count;
    char lease[LEASE_BYTES] = "";
    enum neuron_status status = NEURON_OK;

    *count = 1 + (NEURON_JOB_PLACE_TEXTS - 1) * rank_count;
    *texts = calloc(*count, sizeof(**texts));
    if (*texts == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for the cores of the ranks");
    }
    neuron_launch_plan_format_lease(plan, lease, sizeof(lease));
    (*texts)[0] = strdup(lease);
    for (uint32_t i = 0; status == NEURON_OK && i < rank_count; i += 1) {
        status =
            describe_place(plan, i, *texts + 1 + (size_t)(NEURON_JOB_PLACE_TEXTS - 1) * i, error);
    }
    for (uint32_t i = 0; status == NEURON_OK && i < *count; i += 1) {
        if ((*texts)[i] == NULL) {
            status = NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for a list of cores");
        }
    }
    return status;
}

/* Makes a CPU set of a list; NULL with a size of 0 for an empty one. */
static enum neuron_status
parse_cpus(const char *text, cpu_set_t **cpus, size_t *size_bytes, struct neuron_error *error)
{
    struct neuron_core_set *numbers = NULL;

    *cpus = NULL;
    if (text[0] == '\0') {
        return NEURON_OK;
    }
    enum neuron_status status = neuron_core_set_parse(text, &numbers, error);
    if (status != NEURON_OK) {
        return status;
    }
    uint32_t count = neuron_core_set_count(numbers);
    uint32_t last = neuron_core_set_at(numbers, count - 1);
    *size_bytes = CPU_ALLOC_SIZE(last + 1);
    *cpus = CPU_ALLOC(last + 1);
    if (*cpus == NULL) {
        status = NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for a set of CPUs");
    } else {
        CPU_ZERO_S(*size_bytes, *cpus);
    }
    for (uint32_t i = 0; *cpus != NULL && i < count; i += 1) {
        CPU_SET_S(neuron_core_set_at(numbers, i), *size_bytes, *cpus);
    }
    neuron_core_set_destroy(numbers);
    return status;
}

static uint32_t
parse_node(const char *text)
{
    return text[0] == '\0' ? NEURON_NO_NODE : (uint32_t)strtoul(text, NULL, 10);
}

/* Opens a pipe whose end of ours does not block. */
static bool
open_pipe(int *ours, int *theirs, bool we_read)
{
    int ends[2] = {-1, -1};

    if (pipe2(ends, O_CLOEXEC) != 0) {
        return false;
    }
    *ours = ends[we_read ? 0 : 1];
    *theirs = ends[we_read ? 1 : 0];
    return fcntl(*ours, F_SETFL, O_NONBLOCK) == 0;
}

/* Starts the process with its environment and CPUs; closes the rank's ends of the pipes. */
static enum neuron_status
start_process(const struct neuron_shim_setup *setup, struct neuron_process_start *start,
              char *cores, struct neuron_rank_table *table, struct neuron_shim_pipes *pipes,
              struct neuron_error *error)
{
    int theirs[3] = {-1, -1, -1};
    bool reads_input = neuron_shim_setup_number(setup, NEURON_JOB_SETUP_READS_INPUT) != 0;
    bool is_open = reads_input ? open_pipe(&pipes->input, &theirs[0], false)
                               : (theirs[0] = open("/dev/null", O_RDONLY | O_CLOEXEC)) >= 0;
    enum neuron_status status = NEURON_OK;

    is_open = is_open && open_pipe(&pipes->output[0], &theirs[1], true) &&
              open_pipe(&pipes->output[1], &theirs[2], true);
    if (is_open) {
        start->input = theirs[0];
        start->output = theirs[1];
        start->errors = theirs[2];
        status = neuron_rank_table_start(table, start, cores, neuron_job_now_ms(), error);
    } else {
        status =
            NEURON_FAIL(error, NEURON_SYSTEM, "cannot open a pipe: %s", strerrordesc_np(errno));
    }
    for (int i = 0; i < 3; i += 1) {
        if (theirs[i] >= 0) {
            (void)close(theirs[i]);
        }
    }
    return status;
}

static enum neuron_status
create_environment(const struct neuron_shim_setup *setup, const char *const *place,
                   struct neuron_rank_environment **environment, struct neuron_error *error)
{
    struct neuron_core_set *cores = NULL;
    enum neuron_status status = neuron_core_set_parse(place[NEURON_JOB_PLACE_CORES], &cores, error);

    if (status != NEURON_OK) {
        return status;
    }
    struct neuron_rank_environment_request wanted = {
        .inherited = environ,
        .assignments = get_assignments(setup),
        .assignment_count =
            (uint32_t)neuron_shim_setup_number(setup, NEURON_JOB_SETUP_ASSIGNMENT_COUNT),
        .rank = setup->message.rank,
        .rank_count = (uint32_t)neuron_shim_setup_number(setup, NEURON_JOB_SETUP_RANK_COUNT),
        .core_count = neuron_core_set_count(cores),
        .cores = place[NEURON_JOB_PLACE_CORES],
        .lease = place[NEURON_JOB_PLACE_LEASE],
        .job_id = setup->message.texts[NEURON_JOB_SETUP_JOB_ID],
        .key = setup->message.texts[NEURON_JOB_SETUP_KEY],
        .local_rank = (uint32_t)neuron_shim_setup_number(setup, NEURON_JOB_SETUP_LOCAL_RANK),
        .local_count = (uint32_t)neuron_shim_setup_number(setup, NEURON_JOB_SETUP_LOCAL_COUNT),
        .node = (uint32_t)neuron_shim_setup_number(setup, NEURON_JOB_SETUP_NODE),
        .address = setup->message.texts[NEURON_JOB_SETUP_ADDRESS],
        .port = (uint16_t)neuron_shim_setup_number(setup, NEURON_JOB_SETUP_PORT),
        .restart_count = (uint32_t)neuron_shim_setup_number(setup, NEURON_JOB_SETUP_RESTART_COUNT),
        .keeps_world = setup->line.mpi != NEURON_LAUNCH_MPI_OFF,
    };
    neuron_core_set_destroy(cores);
    return neuron_rank_environment_create(&wanted, environment, error);
}

/* Replaces %r, %n and %h in the arguments of the rank; NULL where there is nothing to replace. */
static enum neuron_status
expand_arguments(const struct neuron_shim_setup *setup, char ***expanded,
                 struct neuron_error *error)
{
    char host[HOST_NAME_MAX + 1] = "";
    const struct neuron_argument_values values = {
        .rank = setup->message.rank,
        .rank_count = (uint32_t)neuron_shim_setup_number(setup, NEURON_JOB_SETUP_RANK_COUNT),
        .host = host,
    };

    if (gethostname(host, sizeof(host)) != 0) {
        (void)snprintf(host, sizeof(host), "localhost");
    }
    return neuron_argument_template_expand(get_program(setup)->arguments, &values, expanded, error);
}

enum neuron_status
neuron_shim_start_rank(const struct neuron_shim_setup *setup, const char *const *place,
                       struct neuron_rank_table *table, struct neuron_shim_pipes *pipes,
                       struct neuron_error *error)
{
    struct neuron_rank_environment *environment = NULL;
    const struct neuron_launch_program *program = get_program(setup);
    struct neuron_process_start start = {.path = setup->path,
                                         .working_directory = program->working_directory,
                                         .memory_node =
                                             parse_node(place[NEURON_JOB_PLACE_MEMORY_NODE])};
    cpu_set_t *cpus = NULL;
    char **expanded = NULL;
    char *cores = strdup(place[NEURON_JOB_PLACE_CORES]);
    enum neuron_status status =
        parse_cpus(place[NEURON_JOB_PLACE_CPUS], &cpus, &start.cpus_bytes, error);

    if (status == NEURON_OK && cores == NULL) {
        status = NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for a list of cores");
    }
    if (status == NEURON_OK) {
        status = expand_arguments(setup, &expanded, error);
    }
    if (status == NEURON_OK) {
        status = create_environment(setup, place, &environment, error);
    }
    if (status == NEURON_OK) {
        start.arguments = expanded == NULL ? program->arguments : expanded;
        start.environment = environment->entries;
        start.cpus = cpus;
        (void)getrlimit(RLIMIT_NOFILE, &start.files);
        status = start_process(setup, &start, cores, table, pipes, error);
    }
    if (status != NEURON_OK) {
        free(cores);
    }
    neuron_rank_environment_destroy(environment);
    free(expanded);
    CPU_FREE(cpus);
    return status;
}
