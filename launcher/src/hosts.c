/* SPDX-License-Identifier: Apache-2.0 */
#include "hosts.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "neuron/record_file.h"

#include "engine_process.h"
#include "exit_report.h"
#include "hosts_job.h"
#include "mpi_fit.h"

enum { FILE_LIMIT_BYTES = 16 * 1024 * 1024 };

/* Says whether one of our addresses is written so. */
static bool
has_address(const char *name)
{
    struct ifaddrs *interfaces = NULL;
    bool is_found = false;

    if (strpbrk(name, ".:") == NULL || getifaddrs(&interfaces) != 0) {
        return false;
    }
    for (const struct ifaddrs *next = interfaces; next != NULL; next = next->ifa_next) {
        char text[INET6_ADDRSTRLEN] = "";
        struct sockaddr_in four = {0};
        struct sockaddr_in6 six = {0};

        if (next->ifa_addr != NULL && next->ifa_addr->sa_family == AF_INET) {
            memcpy(&four, next->ifa_addr, sizeof(four));
            (void)inet_ntop(AF_INET, &four.sin_addr, text, sizeof(text));
        } else if (next->ifa_addr != NULL && next->ifa_addr->sa_family == AF_INET6) {
            memcpy(&six, next->ifa_addr, sizeof(six));
            (void)inet_ntop(AF_INET6, &six.sin6_addr, text, sizeof(text));
        }
        is_found = is_found || strcmp(text, name) == 0;
    }
    freeifaddrs(interfaces);
    return is_found;
}

bool
neuron_hosts_is_here(const char *name)
{
    char own[HOST_NAME_MAX + 1] = "";
    size_t length = strcspn(name, ".");

    (void)gethostname(own, sizeof(own) - 1);
    /* A short name means the long one, and the other way round. */
    bool is_own = strcasecmp(name, own) == 0 || (own[0] != '\0' && strcspn(own, ".") == length &&
                                                 strncasecmp(name, own, length) == 0 &&
                                                 (name[length] == '\0' || own[length] == '\0'));
    return is_own || strcmp(name, "localhost") == 0 || strncmp(name, "127.", 4) == 0 ||
           strcmp(name, "::1") == 0 || has_address(name);
}

/* Reads a whole file of hosts. */
static enum neuron_status
read_file(const char *path, struct neuron_host_list *list, struct neuron_error *error)
{
    FILE *file = fopen(path, "re");
    char *text = calloc(1, FILE_LIMIT_BYTES + 1);
    enum neuron_status status = NEURON_OK;
    size_t length = 0;

    if (file == NULL || text == NULL) {
        status = NEURON_FAIL(error, NEURON_INVALID_ARGUMENT, "cannot read the host file %.120s: %s",
                             path, strerrordesc_np(errno));
    } else {
        length = fread(text, 1, FILE_LIMIT_BYTES + 1, file);
        if (ferror(file) != 0 || length > FILE_LIMIT_BYTES || strlen(text) != length) {
            status = NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                                 "%.120s is no host file: it cannot be read as text", path);
        }
    }
    if (status == NEURON_OK) {
        status = neuron_host_list_parse_file(text, path, list, error);
    }
    if (file != NULL) {
        (void)fclose(file);
    }
    free(text);
    return status;
}

/* What a batch system gives us; nothing inside a rank of a launch, which has its own cores. */
static enum neuron_status
read_allocation(struct neuron_host_list *list, struct neuron_error *error)
{
    /* One thread: NOLINTBEGIN(concurrency-mt-unsafe) */
    const char *nodes = getenv("SLURM_JOB_NODELIST");
    const char *tasks = getenv("SLURM_TASKS_PER_NODE");
    const char *pbs = getenv("PBS_NODEFILE");

    if (getenv("NEURONRUN_LEASE") != NULL) {
        return NEURON_OK;
    }
    if (nodes != NULL) {
        return neuron_host_list_parse_slurm(
            nodes, tasks == NULL ? getenv("SLURM_JOB_CPUS_PER_NODE") : tasks, list, error);
    }
    /* NOLINTEND(concurrency-mt-unsafe) */
    return pbs == NULL ? NEURON_OK : read_file(pbs, list, error);
}

static bool
are_all_here(const struct neuron_host_list *list)
{
    for (uint32_t i = 0; i < list->host_count; i += 1) {
        if (!neuron_hosts_is_here(list->hosts[i].name)) {
            return false;
        }
    }
    return true;
}

/* Without hosts, an engine of ours is asked for this one, with one slot a rank. */
static enum neuron_status
name_this_host(const struct neuron_command_line *line, struct neuron_host_list *list,
               struct neuron_error *error)
{
    if (line->rank_count == 0) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "--engine needs hosts, or the number of ranks for this one (-np)");
    }
    return neuron_host_list_add(list, "localhost", strlen("localhost"), line->rank_count, error);
}

static enum neuron_status
place_ranks(struct neuron_command_line *line, struct neuron_hosts *hosts,
            struct neuron_error *error)
{
    const struct neuron_host_places_request request = {
        .list = &hosts->list,
        .rank_count = line->rank_count,
        .in_turn = line->placement.map_by == NEURON_LAUNCH_BY_NODE,
        .oversubscribes = line->placement.oversubscribes,
    };
    enum neuron_status status = neuron_host_places_create(&request, &hosts->places, error);

    if (status == NEURON_OK && line->input == NEURON_LAUNCH_INPUT_RANK &&
        line->input_rank >= hosts->places.rank_count) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "--stdin %u: the ranks of this job are 0-%u", line->input_rank,
                           hosts->places.rank_count - 1);
    }
    if (status == NEURON_OK) {
        line->rank_count = hosts->places.rank_count;
    }
    return status;
}

/* What only the launcher's own engine has. */
static enum neuron_status
check_options(const struct neuron_command_line *line, struct neuron_error *error)
{
    if (line->preloads_binary) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "--preload-binary cannot be used on several hosts; put the program "
                           "where all hosts find it");
    }
    if (line->map != NEURON_LAUNCH_MAP_NONE) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "--display-map draws one host; on several, --dry-run lists which rank "
                           "goes where, and --report on which cores it ran");
    }
    if (line->mpi == NEURON_LAUNCH_MPI_PMI1) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "--mpi pmi1 cannot be used on several hosts: their MPI world is that of "
                           "the engine; leave it out, or take --mpi off");
    }
    if (line->job_log_path != NULL) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "--joblog cannot be used on several hosts; take --report");
    }
    /* One thread: NOLINTNEXTLINE(concurrency-mt-unsafe) */
    return neuron_mpi_fit_check_hosts(line, getenv("PATH"), getenv("LD_LIBRARY_PATH"), error);
}

enum neuron_status
neuron_hosts_prepare(struct neuron_command_line *line, struct neuron_hosts *hosts,
                     struct neuron_error *error)
{
    enum neuron_status status = NEURON_OK;

    *hosts = (struct neuron_hosts){.engine = NEURON_LAUNCH_ENGINE_LOCAL};
    if (line->hosts != NULL) {
        status = neuron_host_list_parse(line->hosts, &hosts->list, error);
    } else if (line->host_file != NULL) {
        status = read_file(line->host_file, &hosts->list, error);
    } else if (line->engine != NEURON_LAUNCH_ENGINE_LOCAL) {
        status = read_allocation(&hosts->list, error);
    }
    if (status == NEURON_OK) {
        status = neuron_engine_choose(line->engine, hosts->list.host_count,
                                      hosts->list.host_count > 0 && are_all_here(&hosts->list),
                                      &hosts->engine, error);
    }
    if (status != NEURON_OK) {
        return status;
    }
    if (hosts->engine == NEURON_LAUNCH_ENGINE_LOCAL) {
        bool is_named = line->hosts != NULL || line->host_file != NULL;

        return is_named ? place_ranks(line, hosts, error) : NEURON_OK;
    }
    status = check_options(line, error);
    if (status == NEURON_OK && hosts->list.host_count == 0) {
        status = name_this_host(line, &hosts->list, error);
    }
    return status == NEURON_OK ? place_ranks(line, hosts, error) : status;
}

uint32_t
neuron_hosts_count_used(const struct neuron_host_list *list,
                        const struct neuron_host_places *places)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < list->host_count; i += 1) {
        uint32_t rank = 0;

        while (rank < places->rank_count && places->host_of_rank[rank] != i) {
            rank += 1;
        }
        count += rank < places->rank_count ? 1 : 0;
    }
    return count;
}

void
neuron_hosts_print(const struct neuron_hosts *hosts)
{
    (void)printf("rank  host\n");
    for (uint32_t i = 0; i < hosts->places.rank_count; i += 1) {
        (void)printf("%4u  %s\n", i, hosts->list.hosts[hosts->places.host_of_rank[i]].name);
    }
    (void)printf("Each host chooses the cores of its ranks when they start.\n");
}

int
neuron_hosts_launch(const struct neuron_command_line *line, char *const *words,
                    const struct neuron_hosts *hosts)
{
    struct neuron_hosts_request request = {
        .line = line,
        .words = words,
        .hosts = &hosts->list,
        .places = &hosts->places,
        .engine = hosts->engine,
    };
    struct neuron_error error = {0};
    char *path = NULL;
    int code = NEURON_EXIT_OWN_ERROR;

    if ((line->report_path != NULL &&
         neuron_record_file_check(line->report_path, &error) != NEURON_OK) ||
        neuron_engine_find(hosts->engine, &path, &request.version, &error) != NEURON_OK) {
        (void)fprintf(stderr, "neuronrun: %s\n", error.text);
    } else {
        request.engine_path = path;
        code = neuron_hosts_job_run(&request);
    }
    free(path);
    return code;
}

void
neuron_hosts_destroy(struct neuron_hosts *hosts)
{
    neuron_host_list_destroy(&hosts->list);
    neuron_host_places_destroy(&hosts->places);
}
