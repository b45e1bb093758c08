/* SPDX-License-Identifier: Apache-2.0 */
#include "hosts_setup.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "neuron/process_identity.h"
#include "neuron/secret_key.h"

#include "free_port.h"
#include "host_input.h"
#include "hosts.h"

enum { ID_BYTES = 64 };

/* The host of each rank, one a line, in memory that goes with this process: a file would stay
   behind when it is killed. */
static int
write_hosts(const struct neuron_hosts_request *request)
{
    int file = memfd_create("neuronrun-hosts", MFD_CLOEXEC);
    char own[HOST_NAME_MAX + 1] = "";

    (void)gethostname(own, sizeof(own) - 1);
    for (uint32_t i = 0; file >= 0 && i < request->places->rank_count; i += 1) {
        const char *name = request->hosts->hosts[request->places->host_of_rank[i]].name;

        /* Open MPI knows its own host by this name alone. */
        if (dprintf(file, "%s\n", neuron_hosts_is_here(name) ? own : name) < 0) {
            (void)close(file);
            file = -1;
        }
    }
    return file;
}

enum neuron_status
neuron_hosts_setup_start_engine(const struct neuron_hosts_request *request,
                                const struct neuron_job_contact *contact, int *host_file,
                                struct neuron_engine_process *engine, struct neuron_error *error)
{
    char shim[PATH_MAX] = "";
    char hosts[64] = "";
    char **arguments = NULL;

    if (*host_file < 0) {
        *host_file = write_hosts(request);
    }
    if (*host_file < 0 || readlink("/proc/self/exe", shim, sizeof(shim) - 1) < 0) {
        return NEURON_FAIL(error, NEURON_SYSTEM, "cannot write the list of hosts: %s",
                           strerrordesc_np(errno));
    }
    (void)snprintf(hosts, sizeof(hosts), "/proc/%d/fd/%d", (int)getpid(), *host_file);
    const struct neuron_engine_request wanted = {
        .engine = request->engine,
        .path = request->engine_path,
        .version = request->version,
        .shim = shim,
        .host_file = hosts,
        .rank_count = request->places->rank_count,
        .node_count = neuron_hosts_count_used(request->hosts, request->places),
        .grace_ms = request->line->grace_ms,
        .parameters = request->line->engine_parameters,
        .parameter_count = request->line->engine_parameter_count,
    };
    enum neuron_status status = neuron_engine_command_create(&wanted, &arguments, error);
    if (status == NEURON_OK) {
        const struct neuron_engine_start start = {
            .path = request->engine_path,
            .arguments = arguments,
            .contact = contact,
            .slurm_host_file = request->engine == NEURON_LAUNCH_ENGINE_SRUN ? hosts : NULL,
        };

        status = neuron_engine_process_start(&start, engine, error);
    }
    free(arguments);
    return status;
}

/* The address by which all hosts reach the first one. */
static const char *
find_address(const struct neuron_host_ranks *ranks)
{
    const struct neuron_host_rank *first = &ranks->ranks[0];
    /* An IPv4 address as a socket for both kinds sees it. */
    bool is_mapped = strncmp(first->address, "::ffff:", 7) == 0;
    const char *address = first->address + (is_mapped ? 7 : 0);

    if (strncmp(address, "127.", 4) != 0 && strcmp(address, "::1") != 0) {
        return address;
    }
    /* The first host is this one, so its address is that at which others have found us. */
    for (uint32_t i = 0; i < ranks->rank_count; i += 1) {
        if (ranks->ranks[i].node != first->node) {
            return ranks->ranks[i].reached;
        }
    }
    return "127.0.0.1";
}

/* What is said to every rank of one program. */
struct parts {
    const char **texts;
    uint32_t count;
    char **owned; /* assignments that were made here */
    uint32_t owned_count;
    uint32_t restart_count;
    uint16_t port;
};

/* Makes "VAR=VALUE" of "VAR", with the value that it has here; nothing where it has none. */
static bool
make_assignment(struct parts *parts, const char *name)
{
    /* One thread uses the environment: NOLINTNEXTLINE(concurrency-mt-unsafe) */
    const char *value = getenv(name);
    char *made = NULL;

    if (value == NULL) {
        return true;
    }
    if (asprintf(&made, "%s=%s", name, value) < 0) {
        return false;
    }
    parts->owned[parts->owned_count] = made;
    parts->owned_count += 1;
    parts->texts[parts->count] = made;
    parts->count += 1;
    return true;
}

/* Adds the assignments of a program. */
static bool
add_assignments(struct parts *parts, const struct neuron_launch_program *program)
{
    bool is_added = true;

    for (uint32_t i = 0; is_added && i < program->assignment_count; i += 1) {
        const char *text = program->assignments[i];

        if (strchr(text, '=') == NULL) {
            is_added = make_assignment(parts, text);
        } else {
            parts->texts[parts->count] = text;
            parts->count += 1;
        }
    }
    return is_added;
}

static void
send_setup(const struct neuron_hosts_request *request, const struct neuron_host_ranks *ranks,
           uint32_t number, const struct parts *parts, uint32_t assignment_count)
{
    const struct neuron_host_rank *rank = &ranks->ranks[number];
    struct neuron_host_input input;

    neuron_host_input_init(&input, request->line, ranks->rank_count);
    struct neuron_job_message message = {
        .kind = NEURON_JOB_SETUP,
        .numbers =
            {
                [NEURON_JOB_SETUP_RANK_COUNT] = ranks->rank_count,
                [NEURON_JOB_SETUP_LOCAL_RANK] = rank->local_rank,
                [NEURON_JOB_SETUP_LOCAL_COUNT] = rank->local_count,
                [NEURON_JOB_SETUP_NODE] = rank->node,
                [NEURON_JOB_SETUP_NODE_COUNT] = ranks->node_count,
                [NEURON_JOB_SETUP_HEARTBEAT_MS] = request->line->heartbeat_ms,
                [NEURON_JOB_SETUP_READS_INPUT] = neuron_host_input_is_for(&input, number) ? 1 : 0,
                [NEURON_JOB_SETUP_ASSIGNMENT_COUNT] = assignment_count,
                [NEURON_JOB_SETUP_RESTART_COUNT] = parts->restart_count,
                [NEURON_JOB_SETUP_PORT] = parts->port,
            },
        .texts = parts->texts,
        .text_count = parts->count,
    };
    neuron_host_ranks_send(ranks, number, &message);
}

/* Sends the setup of one rank with its texts. */
static bool
send_to_rank(const struct neuron_hosts_request *request, const struct neuron_host_ranks *ranks,
             uint32_t number, struct parts *parts)
{
    const struct neuron_launch_program *program =
        neuron_command_line_program(request->line, number);
    uint32_t before = parts->count;

    if (!add_assignments(parts, program)) {
        return false;
    }
    uint32_t assignment_count = parts->count - before;
    for (uint32_t i = 0; request->words[i] != NULL; i += 1) {
        parts->texts[parts->count] = request->words[i];
        parts->count += 1;
    }
    send_setup(request, ranks, number, parts, assignment_count);
    parts->count = before;
    for (uint32_t i = 0; i < parts->owned_count; i += 1) {
        free(parts->owned[i]);
    }
    parts->owned_count = 0;
    return true;
}

enum neuron_status
neuron_hosts_setup_send(const struct neuron_hosts_request *request,
                        const struct neuron_host_ranks *ranks, uint32_t restart_count,
                        struct neuron_error *error)
{
    char directory[PATH_MAX] = "/";
    char job_id[ID_BYTES] = "";
    char key[NEURON_SECRET_KEY_DIGITS + 1] = "";
    size_t word_count = 0;
    size_t assignment_count = 0;

    enum neuron_status status = neuron_secret_key_make(key, error);
    if (status != NEURON_OK) {
        return status;
    }
    (void)!getcwd(directory, sizeof(directory));
    (void)snprintf(job_id, sizeof(job_id), "%d-%llu", (int)getpid(),
                   (unsigned long long)neuron_process_start_ticks(getpid()));
    while (request->words[word_count] != NULL) {
        word_count += 1;
    }
    for (uint32_t i = 0; i < request->line->program_count; i += 1) {
        assignment_count += request->line->programs[i].assignment_count;
    }
    struct parts parts = {
        .texts = calloc(NEURON_JOB_SETUP_TEXT_COUNT + word_count + assignment_count,
                        sizeof(*parts.texts)),
        .count = NEURON_JOB_SETUP_TEXT_COUNT,
        .owned = calloc(assignment_count + 1, sizeof(*parts.owned)),
        .restart_count = restart_count,
        .port = neuron_free_port_find(),
    };
    bool is_sent = parts.texts != NULL && parts.owned != NULL;
    if (is_sent) {
        parts.texts[NEURON_JOB_SETUP_DIRECTORY] = directory;
        parts.texts[NEURON_JOB_SETUP_JOB_ID] = job_id;
        parts.texts[NEURON_JOB_SETUP_KEY] = key;
        parts.texts[NEURON_JOB_SETUP_ADDRESS] = find_address(ranks);
    }
    for (uint32_t i = 0; is_sent && i < ranks->rank_count; i += 1) {
        is_sent = send_to_rank(request, ranks, i, &parts);
    }
    free(parts.owned);
    free(parts.texts);
    return is_sent ? NEURON_OK
                   : NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for the ranks' setup");
}
