/* SPDX-License-Identifier: Apache-2.0 */
#include "pmix_process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "process.h"
#include "rank_binding.h"

enum { READY_LIMIT_MS = 30000 };

/* How the library is to be: one store in memory, and upcalls for fences
 * (launcher/pmix/job_server.c). */
static const char *const settings[] = {
    "PMIX_MCA_gds=hash", "PMIX_MCA_pmix_server_fence_localonly_opt=0",
    "HWLOC_PLUGINS_PATH=/nonexistent", /* they look for devices */
};

static const char hurry_variable[] = "NEURONRUN_PMIX_QUICKACK=";

enum { SETTING_COUNT = sizeof(settings) / sizeof(settings[0]) };

static bool
begins_with(const char *text, const char *start)
{
    return strncmp(text, start, strlen(start)) == 0;
}

/* Says whether the server may see a variable: not where it speaks of another server. */
static bool
is_passed_on(const char *entry)
{
    return !begins_with(entry, "PMIX_") && !begins_with(entry, "PMI_") &&
           !begins_with(entry, "OMPI_") && !begins_with(entry, "HWLOC_PLUGINS_PATH=");
}

/* The server's environment: a new array of borrowed entries. NULL without memory. */
static char **
make_environment(char *const *inherited)
{
    size_t count = 0;

    while (inherited[count] != NULL) {
        count += 1;
    }
    char **entries = calloc(count + SETTING_COUNT + 1, sizeof(*entries));
    if (entries == NULL) {
        return NULL;
    }
    memcpy(entries, settings, sizeof(settings));
    size_t filled = SETTING_COUNT;
    for (size_t i = 0; i < count; i += 1) {
        if (is_passed_on(inherited[i])) {
            entries[filled] = inherited[i];
            filled += 1;
        }
    }
    return entries;
}

static bool
hurries_answers(char *const *environment)
{
    for (size_t i = 0; environment[i] != NULL; i += 1) {
        if (begins_with(environment[i], hurry_variable)) {
            return strcmp(environment[i] + strlen(hurry_variable), "0") != 0;
        }
    }
    return true;
}

/*
 * Its errors go where ours go, but only once it runs: what the dynamic linker has to say where a
 * library is missing is told in one line by us.
 */
static enum neuron_status
start_program(struct neuron_pmix_process *server, struct neuron_process_start *start,
              struct neuron_error *error)
{
    enum neuron_status status = NEURON_OK;

    start->output = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    start->errors = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (start->output < 0 || start->errors < 0 || getrlimit(RLIMIT_NOFILE, &start->files) != 0 ||
        neuron_process_start(start, &server->process, &server->watch, NULL) != NEURON_OK) {
        status = NEURON_FAIL(error, NEURON_SYSTEM, "cannot start the PMIx server: %s",
                             strerrordesc_np(errno));
    }
    if (start->output >= 0) {
        (void)close(start->output);
    }
    if (start->errors >= 0) {
        (void)close(start->errors);
    }
    return status;
}

enum neuron_status
neuron_pmix_process_start(struct neuron_pmix_process *server, char *program, char *folder,
                          char *const *environment, struct neuron_error *error)
{
    int ends[2] = {-1, -1};
    char *const arguments[] = {program, folder, hurries_answers(environment) ? "hurry" : "wait",
                               NULL};
    char **own_environment = make_environment(environment);

    if (own_environment == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for the PMIx server");
    }
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
        free(own_environment);
        return NEURON_FAIL(error, NEURON_SYSTEM, "cannot start the PMIx server: %s",
                           strerrordesc_np(errno));
    }
    struct neuron_process_start start = {.path = program,
                                         .arguments = arguments,
                                         .environment = own_environment,
                                         .input = ends[1],
                                         .failures = -1};
    enum neuron_status status = start_program(server, &start, error);
    free(own_environment);
    (void)close(ends[1]);
    if (status != NEURON_OK) {
        (void)close(ends[0]);
        return status;
    }
    server->socket = ends[0];
    return NEURON_OK;
}

/* Writes the CPUs of a rank as "0-3,8-8". What is too long for a message is left out as a whole. */
static void
format_cpus(const cpu_set_t *cpus, size_t cpus_bytes, char *text, size_t text_bytes)
{
    size_t length = 0;
    size_t limit = cpus_bytes * 8;

    text[0] = '\0';
    for (size_t first = 0; first < limit && length < text_bytes; first += 1) {
        size_t last = first;

        if (!CPU_ISSET_S(first, cpus_bytes, cpus)) {
            continue;
        }
        while (last + 1 < limit && CPU_ISSET_S(last + 1, cpus_bytes, cpus)) {
            last += 1;
        }
        length += (size_t)snprintf(text + length, text_bytes - length, "%s%zu-%zu",
                                   length == 0 ? "" : ",", first, last);
        first = last;
    }
    if (length >= text_bytes) {
        text[0] = '\0';
    }
}

/* Tells the server of the ranks. An end of the server shows when its answer is awaited. */
static enum neuron_status
send_job(const struct neuron_pmix_process *server, const struct neuron_launch_plan *plan,
         struct neuron_error *error)
{
    struct neuron_pmix_message message = {.kind = NEURON_PMIX_JOB,
                                          .rank = plan->placement->rank_count,
                                          .code = (int32_t)plan->placement->core_count};
    size_t cpus_bytes = neuron_rank_binding_bytes(plan);
    cpu_set_t *cpus = cpus_bytes == 0 ? NULL : CPU_ALLOC(cpus_bytes * 8);

    if (cpus_bytes > 0 && cpus == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for a set of CPUs");
    }
    bool is_sent = neuron_pmix_message_send(server->socket, &message);
    for (uint32_t i = 0; is_sent && i < plan->placement->rank_count; i += 1) {
        message = (struct neuron_pmix_message){.kind = NEURON_PMIX_RANK, .rank = i};
        if (cpus != NULL) {
            neuron_rank_binding_fill(plan, i, cpus, cpus_bytes);
            format_cpus(cpus, cpus_bytes, message.text, sizeof(message.text));
        }
        is_sent = neuron_pmix_message_send(server->socket, &message);
    }
    CPU_FREE(cpus);
    return NEURON_OK;
}

static enum neuron_status
add_variable(struct neuron_pmix_process *server, const char *text, struct neuron_error *error)
{
    if (server->variable_count == NEURON_PMIX_VARIABLE_LIMIT) {
        return NEURON_FAIL(error, NEURON_SYSTEM, "the PMIx server names too many variables");
    }
    server->variables[server->variable_count] = strdup(text);
    if (server->variables[server->variable_count] == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for a rank's environment");
    }
    server->variable_count += 1;
    return NEURON_OK;
}

/* Waits for the next message of the server. */
static enum neuron_status
await(const struct neuron_pmix_process *server, struct neuron_pmix_message *message,
      struct neuron_error *error)
{
    struct pollfd wait = {.fd = server->socket, .events = POLLIN};

    for (;;) {
        switch (neuron_pmix_message_receive(server->socket, message)) {
        case NEURON_PMIX_RECEIVED:
            return NEURON_OK;
        case NEURON_PMIX_ENDED:
            return NEURON_FAIL(error, NEURON_SYSTEM,
                               "the PMIx server for this Open MPI program does not start; install "
                               "libpmix2, or say --mpi off for ranks that know nothing of each "
                               "other");
        case NEURON_PMIX_NOTHING:
            break;
        }
        if (poll(&wait, 1, READY_LIMIT_MS) == 0) {
            return NEURON_FAIL(error, NEURON_SYSTEM,
                               "the PMIx server does not get ready within %d s; --mpi off goes "
                               "without",
                               READY_LIMIT_MS / 1000);
        }
    }
}

enum neuron_status
neuron_pmix_process_register(struct neuron_pmix_process *server,
                             const struct neuron_launch_plan *plan, struct neuron_error *error)
{
    struct neuron_pmix_message message = {0};
    enum neuron_status status = send_job(server, plan, error);

    while (status == NEURON_OK) {
        status = await(server, &message, error);
        if (status != NEURON_OK || message.kind == NEURON_PMIX_READY) {
            break;
        }
        if (message.kind == NEURON_PMIX_VARIABLE) {
            status = add_variable(server, message.text, error);
        } else if (message.kind == NEURON_PMIX_REFUSED) {
            status = NEURON_FAIL(error, NEURON_SYSTEM,
                                 "the PMIx server does not start: %.120s; --mpi off goes without",
                                 message.text);
        }
    }
    return status;
}

void
neuron_pmix_process_stop(struct neuron_pmix_process *server)
{
    if (server->watch >= 0) {
        (void)pidfd_send_signal(server->watch, SIGKILL, NULL, 0);
        while (waitpid(server->process, NULL, 0) < 0 && errno == EINTR) {
        }
        (void)close(server->watch);
    }
    if (server->socket >= 0) {
        (void)close(server->socket);
    }
    for (size_t i = 0; i < server->variable_count; i += 1) {
        free(server->variables[i]);
    }
    *server = (struct neuron_pmix_process){.socket = -1, .watch = -1};
}
