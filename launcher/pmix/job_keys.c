/* SPDX-License-Identifier: Apache-2.0 */
#include "job_keys.h"

#include <pmix_server.h>
#include <stdio.h>
#include <stdlib.h>

#include "cpu_topology.h"

enum { RANK_TEXT_BYTES = 12 /* a number and a comma */ };

/* Keys in the making. The first that fails counts. */
struct key_list {
    void *list;
    pmix_status_t status;
};

static void
add_key(struct key_list *keys, const char *name, const void *value, pmix_data_type_t type)
{
    if (keys->status == PMIX_SUCCESS) {
        keys->status = PMIx_Info_list_add(keys->list, name, value, type);
    }
}

static void
add_number(struct key_list *keys, const char *name, uint32_t number)
{
    add_key(keys, name, &number, PMIX_UINT32);
}

static void
add_rank(struct key_list *keys, const char *name, pmix_rank_t rank)
{
    add_key(keys, name, &rank, PMIX_PROC_RANK);
}

static void
begin_keys(struct key_list *keys)
{
    *keys = (struct key_list){.list = PMIx_Info_list_start()};
    if (keys->list == NULL) {
        keys->status = PMIX_ERR_NOMEM;
    }
}

static pmix_status_t
end_keys(struct key_list *keys, pmix_data_array_t *array)
{
    if (keys->status == PMIX_SUCCESS) {
        keys->status = PMIx_Info_list_convert(keys->list, array);
    }
    if (keys->list != NULL) {
        PMIx_Info_list_release(keys->list);
    }
    return keys->status;
}

/* "0,1,2,3" in new memory; NULL without memory. */
static char *
list_ranks(uint32_t rank_count)
{
    size_t size_bytes = (size_t)rank_count * RANK_TEXT_BYTES + 1;
    char *text = calloc(1, size_bytes);
    size_t length = 0;

    for (uint32_t i = 0; text != NULL && i < rank_count; i += 1) {
        length +=
            (size_t)snprintf(text + length, size_bytes - length, "%s%u", i == 0 ? "" : ",", i);
    }
    return text;
}

/* Which ranks are on which host. From these two the library derives most of what is asked for. */
static void
add_maps(struct key_list *keys, const char *host, const char *ranks)
{
    char *hosts_map = NULL;
    char *ranks_map = NULL;

    if (keys->status == PMIX_SUCCESS) {
        keys->status = PMIx_generate_regex(host, &hosts_map);
    }
    add_key(keys, PMIX_NODE_MAP, hosts_map, PMIX_REGEX);
    if (keys->status == PMIX_SUCCESS) {
        keys->status = PMIx_generate_ppn(ranks, &ranks_map);
    }
    add_key(keys, PMIX_PROC_MAP, ranks_map, PMIX_REGEX);
    free(hosts_map);
    free(ranks_map);
}

static void
add_place(struct key_list *keys, const struct neuron_job_place *place)
{
    bool is_true = true;

    add_key(keys, PMIX_JOBID, place->name_space, PMIX_STRING);
    add_key(keys, PMIX_TMPDIR, place->folder, PMIX_STRING);
    add_key(keys, PMIX_NSDIR, place->job_folder, PMIX_STRING);
    add_key(keys, PMIX_TDIR_RMCLEAN, &is_true, PMIX_BOOL);
}

static void
add_sizes(struct key_list *keys, const struct neuron_pmix_job *job, const char *ranks)
{
    add_number(keys, PMIX_JOB_SIZE, job->rank_count);
    add_number(keys, PMIX_MAX_PROCS, job->rank_count);
    add_number(keys, PMIX_LOCAL_SIZE, job->rank_count);
    add_number(keys, PMIX_NODE_SIZE, job->rank_count);
    add_number(keys, PMIX_UNIV_SIZE, job->core_count);
    add_number(keys, PMIX_NUM_NODES, 1);
    add_number(keys, PMIX_JOB_NUM_APPS, 1);
    add_rank(keys, PMIX_LOCALLDR, 0);
    add_key(keys, PMIX_LOCAL_PEERS, ranks, PMIX_STRING);
}

/* Which caches, NUMA nodes and packages a rank's CPUs are in, in the words of the library. */
static void
add_cpus(struct key_list *keys, const char *text)
{
    pmix_cpuset_t cpus = {.source = "hwloc", .bitmap = neuron_cpu_topology_parse_cpus(text)};
    char *locality = NULL;

    if (cpus.bitmap != NULL &&
        PMIx_server_generate_locality_string(&cpus, &locality) == PMIX_SUCCESS &&
        locality != NULL) {
        add_key(keys, PMIX_LOCALITY_STRING, locality, PMIX_STRING);
        add_key(keys, PMIX_CPUSET, text, PMIX_STRING);
    }
    free(locality);
    neuron_cpu_topology_destroy_cpus(cpus.bitmap);
}

/* What is asked of one rank. The library wants PMIX_RANK to be the first. */
static void
add_rank_data(struct key_list *keys, const struct neuron_pmix_job *job, uint32_t rank,
              const char *host)
{
    uint16_t local_rank = (uint16_t)rank;
    pmix_data_array_t data = {0};
    struct key_list own = {0};

    begin_keys(&own);
    add_rank(&own, PMIX_RANK, rank);
    add_key(&own, PMIX_LOCAL_RANK, &local_rank, PMIX_UINT16);
    add_key(&own, PMIX_NODE_RANK, &local_rank, PMIX_UINT16);
    add_rank(&own, PMIX_GLOBAL_RANK, rank);
    add_rank(&own, PMIX_APP_RANK, rank);
    add_number(&own, PMIX_APPNUM, 0);
    add_number(&own, PMIX_NODEID, 0);
    add_key(&own, PMIX_HOSTNAME, host, PMIX_STRING);
    if (job->cpus[rank][0] != '\0') {
        add_cpus(&own, job->cpus[rank]);
    }
    pmix_status_t status = end_keys(&own, &data);
    if (keys->status == PMIX_SUCCESS) {
        keys->status = status;
    }
    add_key(keys, PMIX_PROC_DATA, &data, PMIX_DATA_ARRAY);
    PMIX_DATA_ARRAY_DESTRUCT(&data);
}

pmix_status_t
neuron_job_keys_make(const struct neuron_pmix_job *job, const struct neuron_job_place *place,
                     pmix_data_array_t *keys)
{
    char *ranks = list_ranks(job->rank_count);
    struct key_list list = {0};

    begin_keys(&list);
    if (ranks == NULL) {
        list.status = PMIX_ERR_NOMEM;
    }
    add_maps(&list, place->host, ranks);
    add_place(&list, place);
    add_sizes(&list, job, ranks);
    for (uint32_t i = 0; i < job->rank_count; i += 1) {
        add_rank_data(&list, job, i, place->host);
    }
    free(ranks);
    return end_keys(&list, keys);
}
