/* SPDX-License-Identifier: Apache-2.0 */
#include "shim_join.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine.h"
#include "job_message.h"

enum { CONNECT_MS = 60000, TEXT_BYTES = 64 };

void
neuron_shim_join(struct neuron_job_channel *channel, uint32_t rank)
{
    char host[NEURON_JOB_PEER_BYTES * 2 + 1] = "";
    char boot[TEXT_BYTES] = "";
    char identity[2 * sizeof(host) + 2] = "";
    struct neuron_error error;
    size_t size_bytes = 0;
    void *bytes = NULL;
    FILE *file = fopen("/proc/sys/kernel/random/boot_id", "re");

    (void)gethostname(host, sizeof(host) - 1);
    if (file != NULL) {
        (void)!fgets(boot, sizeof(boot), file);
        (void)fclose(file);
    }
    boot[strcspn(boot, "\n")] = '\0';
    /* Hosts may have equal names, and containers of one host have the same boot. */
    (void)snprintf(identity, sizeof(identity), "%s/%s", host, boot);
    const char *const texts[] = {host, identity, neuron_job_channel_reached(channel)};
    const struct neuron_job_message message = {.kind = NEURON_JOB_JOIN,
                                               .rank = rank,
                                               .numbers = {(uint64_t)getpid()},
                                               .texts = texts,
                                               .text_count = 3};
    if (neuron_job_message_encode(&message, &bytes, &size_bytes, &error) == NEURON_OK) {
        neuron_job_channel_send(channel, NULL, bytes, size_bytes);
        free(bytes);
    }
}

/* Which rank this is, as the engine tells. */
static bool
find_rank(uint32_t *rank)
{
    static const char *const names[] = {"OMPI_COMM_WORLD_RANK", "PMIX_RANK", "SLURM_PROCID"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i += 1) {
        /* One thread: NOLINTNEXTLINE(concurrency-mt-unsafe) */
        const char *text = getenv(names[i]);
        char *end = NULL;
        unsigned long number = text == NULL ? 0 : strtoul(text, &end, 10);

        if (text != NULL && end != text && *end == '\0' && number < UINT32_MAX) {
            *rank = (uint32_t)number;
            return true;
        }
    }
    return false;
}

enum neuron_status
neuron_shim_connect(uint32_t *rank, struct neuron_job_channel **channel, struct neuron_error *error)
{
    struct neuron_job_contact contact = {0};
    /* One thread: NOLINTBEGIN(concurrency-mt-unsafe) */
    const char *addresses = getenv(NEURON_ENGINE_ADDRESSES_VARIABLE);
    const char *keys = getenv(NEURON_ENGINE_KEYS_VARIABLE);
    /* NOLINTEND(concurrency-mt-unsafe) */
    void *greeting = NULL;
    size_t size_bytes = 0;

    if (addresses == NULL || keys == NULL || !find_rank(rank)) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "--shim is for mpirun and srun to start neuronrun on other hosts; use "
                           "--host");
    }
    const struct neuron_job_message hello = {.kind = NEURON_JOB_HELLO, .rank = *rank};
    (void)snprintf(contact.addresses, sizeof(contact.addresses), "%s", addresses);
    (void)snprintf(contact.keys, sizeof(contact.keys), "%s", keys);
    enum neuron_status status = neuron_job_message_encode(&hello, &greeting, &size_bytes, error);
    if (status == NEURON_OK) {
        status =
            neuron_job_channel_connect(&contact, greeting, size_bytes, CONNECT_MS, channel, error);
    }
    free(greeting);
    return status;
}
