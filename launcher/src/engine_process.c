/* SPDX-License-Identifier: Apache-2.0 */
#include "engine_process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "process.h"
#include "program_path.h"

enum { VARIABLE_COUNT = 5, VERSION_LIMIT_MS = 10000 };

/* Of an enclosing MPI job: an engine would take itself for one of its ranks. */
static const char *const foreign_prefixes[] = {
    "PMIX_",          "PMI_",          "OMPI_COMM_WORLD_",
    "OMPI_MCA_orte_", "OMPI_MCA_ess_", NEURON_ENGINE_ADDRESSES_VARIABLE};

static bool
is_foreign(const char *entry)
{
    for (size_t i = 0; i < sizeof(foreign_prefixes) / sizeof(foreign_prefixes[0]); i += 1) {
        if (strncmp(entry, foreign_prefixes[i], strlen(foreign_prefixes[i])) == 0) {
            return true;
        }
    }
    return false;
}

/* The environment of an engine: ours, and what the shims need. The variables are the caller's. */
static char **
make_environment(char *const variables[VARIABLE_COUNT])
{
    size_t count = 0;

    while (environ[count] != NULL) {
        count += 1;
    }
    char **made = calloc(count + VARIABLE_COUNT + 1, sizeof(*made));
    size_t used = 0;
    for (size_t i = 0; made != NULL && i < count; i += 1) {
        if (!is_foreign(environ[i])) {
            made[used] = environ[i];
            used += 1;
        }
    }
    for (size_t i = 0; made != NULL && i < VARIABLE_COUNT; i += 1) {
        if (variables[i] != NULL) {
            made[used] = variables[i];
            used += 1;
        }
    }
    return made;
}

/* Writes those variables that there is a value for; false without memory. */
static bool
format_variables(const struct neuron_engine_start *start, char *variables[VARIABLE_COUNT])
{
    const struct {
        const char *name;
        const char *value;
    } contents[VARIABLE_COUNT] = {
        {NEURON_ENGINE_ADDRESSES_VARIABLE,
         start->contact == NULL ? NULL : start->contact->addresses},
        {NEURON_ENGINE_KEYS_VARIABLE, start->contact == NULL ? NULL : start->contact->keys},
        {"SLURM_HOSTFILE", start->slurm_host_file},
        {"OMPI_ALLOW_RUN_AS_ROOT", "1"},
        {"OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1"},
    };

    for (int i = 0; i < VARIABLE_COUNT; i += 1) {
        if (contents[i].value != NULL &&
            asprintf(&variables[i], "%s=%s", contents[i].name, contents[i].value) < 0) {
            variables[i] = NULL;
            return false;
        }
    }
    return true;
}

/* Starts it with its output in a pipe. */
static enum neuron_status
start_with(const struct neuron_engine_start *start, char *const *environment, const int *output,
           struct neuron_engine_process *process, struct neuron_error *error)
{
    int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
    struct neuron_process_start begin = {
        .path = start->path,
        .arguments = start->arguments,
        .environment = environment,
        .working_directory = start->working_directory,
        .input = nothing,
        .output = output[1],
        .errors = output[1],
        .failures = nothing,
    };

    (void)getrlimit(RLIMIT_NOFILE, &begin.files);
    if (nothing < 0) {
        return NEURON_FAIL(error, NEURON_SYSTEM, "cannot open /dev/null: %s",
                           strerrordesc_np(errno));
    }
    enum neuron_status status =
        neuron_process_start(&begin, &process->process, &process->watch, error);
    (void)close(nothing);
    return status;
}

enum neuron_status
neuron_engine_process_start(const struct neuron_engine_start *start,
                            struct neuron_engine_process *process, struct neuron_error *error)
{
    char *variables[VARIABLE_COUNT] = {NULL};
    int output[2] = {-1, -1};
    bool is_ready = format_variables(start, variables);
    char **environment = is_ready ? make_environment(variables) : NULL;
    enum neuron_status status = NEURON_OK;

    *process = (struct neuron_engine_process){.watch = -1, .output = -1};
    if (environment == NULL) {
        status = NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for an environment");
    } else if (pipe2(output, O_CLOEXEC) != 0 || fcntl(output[0], F_SETFL, O_NONBLOCK) != 0) {
        status =
            NEURON_FAIL(error, NEURON_SYSTEM, "cannot open a pipe: %s", strerrordesc_np(errno));
    }
    if (status == NEURON_OK) {
        status = start_with(start, environment, output, process, error);
    }
    if (output[1] >= 0) {
        (void)close(output[1]);
    }
    process->output = output[0];
    for (int i = 0; i < VARIABLE_COUNT; i += 1) {
        free(variables[i]);
    }
    free(environment);
    return status;
}

void
neuron_engine_process_prepare(const struct neuron_engine_process *process, struct pollfd *waits)
{
    waits[0] = (struct pollfd){.fd = process->output, .events = POLLIN};
    waits[1] = (struct pollfd){.fd = process->has_ended ? -1 : process->watch, .events = POLLIN};
}

/* Reads what it prints; what has no room is read, too, and dropped. */
static size_t
read_noise(struct neuron_engine_process *process)
{
    struct neuron_engine_noise *noise = &process->noise;
    size_t before = noise->length;

    while (process->output >= 0) {
        char bytes[4096];
        ssize_t length = read(process->output, bytes, sizeof(bytes));

        if (length < 0 && errno == EINTR) {
            continue;
        }
        if (length < 0 && errno == EAGAIN) {
            break;
        }
        if (length <= 0) {
            (void)close(process->output);
            process->output = -1;
            break;
        }
        size_t room = sizeof(noise->text) - 1 - noise->length;
        size_t kept = (size_t)length < room ? (size_t)length : room;
        memcpy(noise->text + noise->length, bytes, kept);
        noise->length += kept;
    }
    noise->text[noise->length] = '\0';
    return noise->length - before;
}

size_t
neuron_engine_process_run(struct neuron_engine_process *process)
{
    if (!process->has_ended && process->process > 0 &&
        waitpid(process->process, &process->wait_status, WNOHANG) == process->process) {
        process->has_ended = true;
    }
    return read_noise(process);
}

void
neuron_engine_process_end(struct neuron_engine_process *process)
{
    if (process->process > 0 && !process->has_ended) {
        /* Not reaped yet, so the pid is its own. */
        (void)kill(-process->process, SIGKILL);
        (void)kill(process->process, SIGKILL);
        while (waitpid(process->process, &process->wait_status, 0) < 0 && errno == EINTR) {
        }
        process->has_ended = true;
    }
    if (process->process > 0 && process->watch >= 0) {
        (void)close(process->watch);
        process->watch = -1;
    }
    if (process->process > 0 && process->output >= 0) {
        (void)close(process->output);
        process->output = -1;
    }
}

/* Runs "PATH --version", and keeps what it prints. */
static enum neuron_status
ask_version(const char *path, struct neuron_engine_process *process, struct neuron_error *error)
{
    /* Not constant for execve() alone: NOLINTNEXTLINE(performance-no-int-to-ptr) */
    char *const arguments[] = {(char *)(uintptr_t)path, "--version", NULL};
    const struct neuron_engine_start start = {.path = path, .arguments = arguments};
    enum neuron_status status = neuron_engine_process_start(&start, process, error);
    int left_ms = VERSION_LIMIT_MS;

    while (status == NEURON_OK && (!process->has_ended || process->output >= 0) && left_ms > 0) {
        struct pollfd waits[NEURON_ENGINE_POLL_COUNT];

        neuron_engine_process_prepare(process, waits);
        if (poll(waits, NEURON_ENGINE_POLL_COUNT, 100) == 0) {
            left_ms -= 100;
        }
        (void)neuron_engine_process_run(process);
    }
    neuron_engine_process_end(process);
    return status;
}

/* Looks for Open MPI under one of the names it has. */
static enum neuron_status
find_mpirun(const char *name, char **path, struct neuron_engine_version *version,
            struct neuron_error *error)
{
    struct neuron_engine_process *process = calloc(1, sizeof(*process));
    struct neuron_error ignored = {0};
    char *found = NULL;

    if (process == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for an engine");
    }
    /* One thread: NOLINTNEXTLINE(concurrency-mt-unsafe) */
    if (neuron_program_path_find(name, getenv("PATH"), &found, &ignored) != 0) {
        free(process);
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "several hosts need Open MPI's mpirun, which is not in PATH; install "
                           "Open MPI 4.1 or 5 (Debian: apt-get install openmpi-bin)");
    }
    enum neuron_status status = ask_version(found, process, error);
    if (status == NEURON_OK && !neuron_engine_parse_version(process->noise.text, version)) {
        status =
            NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                        "%.120s is not Open MPI's; put Open MPI 4.1 or 5 first in PATH (Debian: "
                        "apt-get install openmpi-bin)",
                        found);
    }
    if (status == NEURON_OK) {
        status = neuron_engine_check_version(version, found, error);
    }
    if (status == NEURON_OK) {
        *path = found;
    } else {
        free(found);
    }
    free(process);
    return status;
}

enum neuron_status
neuron_engine_find(enum neuron_launch_engine engine, char **path,
                   struct neuron_engine_version *version, struct neuron_error *error)
{
    struct neuron_error other = {0};

    if (engine == NEURON_LAUNCH_ENGINE_SRUN) {
        /* One thread: NOLINTNEXTLINE(concurrency-mt-unsafe) */
        if (neuron_program_path_find("srun", getenv("PATH"), path, &other) != 0) {
            return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                               "--engine srun needs Slurm's srun, which is not in PATH; leave it "
                               "out to use Open MPI");
        }
        return NEURON_OK;
    }
    enum neuron_status status = find_mpirun("mpirun", path, version, error);
    /* Debian's name of it, where another MPI has the common one. */
    if (status != NEURON_OK && find_mpirun("mpirun.openmpi", path, version, &other) == NEURON_OK) {
        return NEURON_OK;
    }
    return status;
}
