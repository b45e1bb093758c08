/* SPDX-License-Identifier: Apache-2.0 */
#include "mpi_world.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mpi_kind.h"
#include "openmpi_settings.h"
#include "pmi1_server.h"
#include "pmix_process.h"
#include "private_program.h"
#include "rank_binding.h"
#include "session_folder.h"

enum {
    RANK_TEXT_BYTES = 32,
    PARAMETER_BYTES = 65536, /* of a user's mca-params.conf, which few lines fill */
    LATE_MS = 30000          /* a rank that MPI_Init waits for as long is worth a word */
};

static const char rank_variable[] = "PMIX_RANK=";

struct neuron_mpi_world {
    enum neuron_launch_mpi kind;
    const struct neuron_command_line *line;
    char *const *environment;
    uint32_t rank_count;
    uint32_t inside_count;              /* ranks that have called MPI_Init */
    uint64_t late_at_ms;                /* when to say that ranks are late; UINT64_MAX for never */
    bool is_lost;                       /* the server has ended */
    enum neuron_mpi_progress *progress; /* by rank */

    /* With PMI-1. */
    struct neuron_pmi1_server *pmi1;

    /* With PMIx. */
    struct neuron_session_folder folder;
    struct neuron_pmix_process pmix;
    struct neuron_openmpi_settings settings;

    /* What ranks are started with. */
    char rank_text[RANK_TEXT_BYTES];
    const char **entries;
    size_t entry_count;
};

static const char *
find_variable(char *const *environment, const char *name)
{
    size_t length = strlen(name);

    for (size_t i = 0; environment[i] != NULL; i += 1) {
        if (strncmp(environment[i], name, length) == 0 && environment[i][length] == '=') {
            return environment[i] + length + 1;
        }
    }
    return NULL;
}

/* Starts the process of a PMIx server, which makes itself ready. */
static enum neuron_status
start_pmix(struct neuron_mpi_world *world, struct neuron_error *error)
{
    const char *temporary = find_variable(world->environment, "TMPDIR");
    char program[PATH_MAX] = "";
    enum neuron_status status = neuron_private_program_find("neuron-pmix-server", program, error);

    if (status == NEURON_OK) {
        status = neuron_session_folder_create(temporary, &world->folder, error);
    }
    if (status == NEURON_OK) {
        status = neuron_pmix_process_start(&world->pmix, program, world->folder.files,
                                           world->environment, error);
    }
    if (status == NEURON_OK) {
        neuron_session_folder_sweep(temporary);
    }
    return status;
}

enum neuron_status
neuron_mpi_world_create(const struct neuron_command_line *line, char *const *paths,
                        char *const *environment, struct neuron_mpi_world **world,
                        struct neuron_error *error)
{
    enum neuron_launch_mpi kind = NEURON_LAUNCH_MPI_OFF;
    enum neuron_status status = neuron_mpi_kind_choose(
        line, paths, find_variable(environment, "LD_LIBRARY_PATH"), &kind, error);

    if (status != NEURON_OK || kind == NEURON_LAUNCH_MPI_OFF) {
        *world = NULL;
        return status;
    }
    struct neuron_mpi_world *created = calloc(1, sizeof(*created));
    if (created == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for an MPI job");
    }
    created->kind = kind;
    created->line = line;
    created->environment = environment;
    created->late_at_ms = UINT64_MAX;
    created->folder = (struct neuron_session_folder){.files_lock = -1, .shared_lock = -1};
    created->pmix = (struct neuron_pmix_process){.socket = -1, .watch = -1};
    if (kind == NEURON_LAUNCH_MPI_PMIX) {
        status = start_pmix(created, error);
    }
    if (status != NEURON_OK) {
        neuron_mpi_world_destroy(created);
        return status;
    }
    *world = created;
    return NEURON_OK;
}

/* The text of the user's mca-params.conf, in new memory; NULL where there is none. */
static char *
read_parameters(char *const *environment)
{
    const char *home = find_variable(environment, "HOME");
    char path[PATH_MAX] = "";
    char *text = NULL;

    if (home == NULL ||
        snprintf(path, sizeof(path), "%s/.openmpi/mca-params.conf", home) >= (int)sizeof(path)) {
        return NULL;
    }
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file < 0) {
        return NULL;
    }
    text = calloc(1, PARAMETER_BYTES + 1);
    if (text != NULL && read(file, text, PARAMETER_BYTES) < 0) {
        text[0] = '\0';
    }
    (void)close(file);
    return text;
}

static enum neuron_status
make_settings(struct neuron_mpi_world *world, const struct neuron_launch_plan *plan,
              struct neuron_error *error)
{
    char *parameters = read_parameters(world->environment);
    const struct neuron_openmpi_request request = {
        .line = world->line,
        .inherited = world->environment,
        .parameters = parameters,
        .shared_folder = world->folder.shared,
        .is_oversubscribed = plan->placement->is_shared,
        .is_bound = neuron_rank_binding_bytes(plan) > 0,
    };
    enum neuron_status status = neuron_openmpi_settings_make(&request, &world->settings, error);

    free(parameters);
    return status;
}

static bool
program_assigns(const struct neuron_launch_program *program, const char *entry)
{
    size_t length = strcspn(entry, "=");

    for (uint32_t i = 0; i < program->assignment_count; i += 1) {
        if (strncmp(program->assignments[i], entry, length + 1) == 0) {
            return true;
        }
    }
    return false;
}

static bool
is_assigned(const struct neuron_mpi_world *world, const char *entry)
{
    for (uint32_t i = 0; i < world->line->program_count; i += 1) {
        if (program_assigns(&world->line->programs[i], entry)) {
            return true;
        }
    }
    return false;
}

/* Lists what all ranks are started with. What -x sets is the user's to say. */
static enum neuron_status
list_entries(struct neuron_mpi_world *world, struct neuron_error *error)
{
    world->entries =
        calloc(world->pmix.variable_count + world->settings.count + 1, sizeof(*world->entries));
    if (world->entries == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for a rank's environment");
    }
    world->entries[0] = world->rank_text;
    world->entry_count = 1;
    for (size_t i = 0; i < world->pmix.variable_count; i += 1) {
        if (strncmp(world->pmix.variables[i], rank_variable, strlen(rank_variable)) != 0) {
            world->entries[world->entry_count] = world->pmix.variables[i];
            world->entry_count += 1;
        }
    }
    for (size_t i = 0; i < world->settings.count; i += 1) {
        if (!is_assigned(world, world->settings.entries[i])) {
            world->entries[world->entry_count] = world->settings.entries[i];
            world->entry_count += 1;
        }
    }
    return NEURON_OK;
}

static enum neuron_status
start_server(struct neuron_mpi_world *world, const struct neuron_launch_plan *plan,
             struct neuron_error *error)
{
    if (world->kind == NEURON_LAUNCH_MPI_PMI1) {
        return neuron_pmi1_server_create(world->rank_count, &world->pmi1, error);
    }
    enum neuron_status status = world->pmix.socket >= 0 ? NEURON_OK : start_pmix(world, error);
    if (status == NEURON_OK) {
        status = make_settings(world, plan, error);
    }
    if (status == NEURON_OK) {
        status = neuron_pmix_process_register(&world->pmix, plan, error);
    }
    return status;
}

enum neuron_status
neuron_mpi_world_start(struct neuron_mpi_world *world, const struct neuron_launch_plan *plan,
                       struct neuron_error *error)
{
    if (world == NULL) {
        return NEURON_OK;
    }
    world->rank_count = plan->placement->rank_count;
    world->progress = calloc(world->rank_count, sizeof(*world->progress));
    if (world->progress == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for %u ranks",
                           world->rank_count);
    }
    enum neuron_status status = start_server(world, plan, error);
    if (status == NEURON_OK) {
        status = list_entries(world, error);
    }
    if (status != NEURON_OK) {
        neuron_mpi_world_stop(world);
    }
    return status;
}

void
neuron_mpi_world_describe(struct neuron_mpi_world *world, uint32_t rank,
                          struct neuron_mpi_rank *described)
{
    *described = (struct neuron_mpi_rank){0};
    if (world == NULL) {
        return;
    }
    described->entries = world->entries;
    described->entry_count = world->entry_count;
    if (world->pmi1 != NULL) {
        described->socket = neuron_pmi1_server_rank_end(world->pmi1, rank);
        (void)snprintf(world->rank_text, sizeof(world->rank_text), "PMI_FD=%d", NEURON_MPI_SOCKET);
    } else {
        (void)snprintf(world->rank_text, sizeof(world->rank_text), "%s%u", rank_variable, rank);
    }
}

void
neuron_mpi_world_let_go(struct neuron_mpi_world *world, uint32_t rank)
{
    if (world != NULL && world->pmi1 != NULL) {
        neuron_pmi1_server_close_rank_end(world->pmi1, rank);
    }
}

struct pollfd
neuron_mpi_world_prepare(const struct neuron_mpi_world *world)
{
    struct pollfd wait = {.fd = -1, .events = POLLIN};

    if (world != NULL && !world->is_lost) {
        wait.fd =
            world->pmi1 != NULL ? neuron_pmi1_server_descriptor(world->pmi1) : world->pmix.socket;
    }
    return wait;
}

uint64_t
neuron_mpi_world_deadline(const struct neuron_mpi_world *world)
{
    return world == NULL ? UINT64_MAX : world->late_at_ms;
}

/* The next message of the PMIx server. */
static bool
next_of_pmix(struct neuron_mpi_world *world, struct neuron_mpi_event *event)
{
    struct neuron_pmix_message message = {0};
    enum neuron_pmix_receipt receipt =
        world->is_lost || world->pmix.socket < 0
            ? NEURON_PMIX_NOTHING
            : neuron_pmix_message_receive(world->pmix.socket, &message);

    if (receipt == NEURON_PMIX_NOTHING) {
        return false;
    }
    *event = (struct neuron_mpi_event){.rank = message.rank, .code = message.code};
    if (receipt == NEURON_PMIX_ENDED) {
        world->is_lost = true;
        event->kind = NEURON_MPI_LOST;
        (void)snprintf(event->text, sizeof(event->text),
                       "the PMIx server of the job (pid %d) has ended, and its ranks cannot go on "
                       "without it",
                       (int)world->pmix.process);
        return true;
    }
    event->kind = message.kind == NEURON_PMIX_CONNECTED   ? NEURON_MPI_CONNECTED
                  : message.kind == NEURON_PMIX_FINALIZED ? NEURON_MPI_FINALIZED
                  : message.kind == NEURON_PMIX_ABORTED   ? NEURON_MPI_ABORTED
                                                          : NEURON_MPI_LOGGED;
    memcpy(event->text, message.text, strlen(message.text) + 1);
    return true;
}

/* Takes in how far a rank has come. Returns whether the caller should know of the event. */
static bool
take_event(struct neuron_mpi_world *world, uint64_t now_ms, const struct neuron_mpi_event *event)
{
    if (event->kind == NEURON_MPI_SAID || event->kind == NEURON_MPI_LOGGED ||
        event->kind == NEURON_MPI_LOST) {
        return true;
    }
    if (event->rank >= world->rank_count) {
        return false;
    }
    if (event->kind == NEURON_MPI_FINALIZED) {
        world->progress[event->rank] = NEURON_MPI_DONE;
    } else if (event->kind == NEURON_MPI_CONNECTED) {
        world->inside_count += world->progress[event->rank] == NEURON_MPI_ABSENT ? 1 : 0;
        world->progress[event->rank] = NEURON_MPI_INSIDE;
        if (world->inside_count == 1) {
            world->late_at_ms = now_ms + LATE_MS;
        }
        if (world->inside_count == world->rank_count) {
            world->late_at_ms = UINT64_MAX;
        }
    }
    return event->kind == NEURON_MPI_ABORTED;
}

static void
say_late(struct neuron_mpi_world *world, struct neuron_mpi_event *event)
{
    uint32_t absent = 0;

    while (absent + 1 < world->rank_count && world->progress[absent] != NEURON_MPI_ABSENT) {
        absent += 1;
    }
    world->late_at_ms = UINT64_MAX;
    *event = (struct neuron_mpi_event){.kind = NEURON_MPI_SAID, .rank = absent};
    (void)snprintf(event->text, sizeof(event->text),
                   "%u of %u ranks, rank %u among them, have not called MPI_Init, where the others "
                   "have waited for %d s",
                   world->rank_count - world->inside_count, world->rank_count, absent,
                   LATE_MS / 1000);
}

bool
neuron_mpi_world_next(struct neuron_mpi_world *world, uint64_t now_ms,
                      struct neuron_mpi_event *event)
{
    if (world == NULL) {
        return false;
    }
    while (world->pmi1 != NULL ? neuron_pmi1_server_next(world->pmi1, event)
                               : next_of_pmix(world, event)) {
        if (take_event(world, now_ms, event)) {
            return true;
        }
    }
    if (now_ms >= world->late_at_ms) {
        say_late(world, event);
        return true;
    }
    return false;
}

enum neuron_mpi_progress
neuron_mpi_world_progress(const struct neuron_mpi_world *world, uint32_t rank)
{
    return world == NULL || world->progress == NULL ? NEURON_MPI_ABSENT : world->progress[rank];
}

void
neuron_mpi_world_stop(struct neuron_mpi_world *world)
{
    if (world == NULL) {
        return;
    }
    neuron_pmi1_server_destroy(world->pmi1);
    world->pmi1 = NULL;
    neuron_pmix_process_stop(&world->pmix);
    neuron_session_folder_destroy(&world->folder);
    neuron_openmpi_settings_clear(&world->settings);
    free(world->entries);
    free(world->progress);
    world->entries = NULL;
    world->entry_count = 0;
    world->progress = NULL;
    world->inside_count = 0;
    world->late_at_ms = UINT64_MAX;
    world->is_lost = false;
}

void
neuron_mpi_world_destroy(struct neuron_mpi_world *world)
{
    neuron_mpi_world_stop(world);
    free(world);
}
