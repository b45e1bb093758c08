/* SPDX-License-Identifier: Apache-2.0 */
#include "node/host_stats.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "neuron/clock.h"

enum { LINE_BYTES = 512, TIMES = 7 };

/* Reads "cpu3 10 20 30 ..." or "cpu  10 20 30 ..."; says whether a line is one of these. */
static bool
parse_times(const char *line, struct neuron_cpu_times *times, bool *is_all)
{
    const uint64_t ns_per_tick = NEURON_NS_PER_S / (uint64_t)sysconf(_SC_CLK_TCK);
    uint64_t ticks[TIMES] = {0};
    const char *numbers = line + 3;
    char *rest = NULL;

    if (strncmp(line, "cpu", 3) != 0) {
        return false;
    }
    *is_all = line[3] == ' ';
    times->cpu = 0;
    if (!*is_all) {
        times->cpu = (uint32_t)strtoul(numbers, &rest, 10);
        numbers = rest;
    }
    for (uint32_t i = 0; i < TIMES; i += 1) {
        ticks[i] = strtoull(numbers, &rest, 10);
        numbers = rest;
    }
    times->user_ns = ticks[0] * ns_per_tick;
    times->nice_ns = ticks[1] * ns_per_tick;
    times->system_ns = ticks[2] * ns_per_tick;
    times->idle_ns = ticks[3] * ns_per_tick;
    times->io_wait_ns = ticks[4] * ns_per_tick;
    times->irq_ns = ticks[5] * ns_per_tick;
    times->soft_irq_ns = ticks[6] * ns_per_tick;
    return true;
}

static enum neuron_status
open_table(const char *path, FILE **file, struct neuron_error *error)
{
    *file = fopen(path, "re");
    if (*file == NULL) {
        return NEURON_FAIL(error, NEURON_SYSTEM, "cannot read %s: %s", path,
                           strerrordesc_np(errno));
    }
    return NEURON_OK;
}

/* Keeps the times of a line. */
static enum neuron_status
keep_times(struct neuron_host_stats *stats, const struct neuron_cpu_times *times, bool is_all,
           struct neuron_error *error)
{
    if (is_all) {
        stats->all = *times;
        return NEURON_OK;
    }
    struct neuron_cpu_times *grown =
        reallocarray(stats->cpus, (size_t)stats->cpu_count + 1, sizeof(*grown));
    if (grown == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for the times of CPUs");
    }
    stats->cpus = grown;
    grown[stats->cpu_count] = *times;
    stats->cpu_count += 1;
    return NEURON_OK;
}

static enum neuron_status
read_times(struct neuron_host_stats *stats, struct neuron_error *error)
{
    struct neuron_cpu_times times = {0};
    char line[LINE_BYTES] = "";
    bool is_all = false;
    FILE *file = NULL;
    enum neuron_status status = open_table("/proc/stat", &file, error);

    if (status != NEURON_OK) {
        return status;
    }
    stats->cpu_count = 0;
    /* The lines of CPUs come first. */
    while (status == NEURON_OK && fgets(line, sizeof(line), file) != NULL &&
           parse_times(line, &times, &is_all)) {
        status = keep_times(stats, &times, is_all, error);
    }
    (void)fclose(file);
    return status;
}

/* Reads "MemTotal:  123 kB" where a line has that name. */
static void
parse_memory(const char *line, const char *name, uint64_t *size_bytes)
{
    const uint64_t bytes_per_kib = 1024;
    size_t length = strlen(name);

    if (strncmp(line, name, length) == 0) {
        *size_bytes = strtoull(line + length, NULL, 10) * bytes_per_kib;
    }
}

static enum neuron_status
read_memory(struct neuron_host_stats *stats, struct neuron_error *error)
{
    char line[LINE_BYTES] = "";
    FILE *file = NULL;
    enum neuron_status status = open_table("/proc/meminfo", &file, error);

    if (status != NEURON_OK) {
        return status;
    }
    while (fgets(line, sizeof(line), file) != NULL) {
        parse_memory(line, "MemTotal:", &stats->memory_total_bytes);
        parse_memory(line, "MemAvailable:", &stats->memory_available_bytes);
        parse_memory(line, "SwapTotal:", &stats->swap_total_bytes);
        parse_memory(line, "SwapFree:", &stats->swap_free_bytes);
    }
    (void)fclose(file);
    return NEURON_OK;
}

enum neuron_status
neuron_host_stats_read(struct neuron_host_stats *stats, struct neuron_error *error)
{
    enum neuron_status status = read_times(stats, error);

    return status == NEURON_OK ? read_memory(stats, error) : status;
}

void
neuron_host_stats_clear(struct neuron_host_stats *stats)
{
    free(stats->cpus);
    *stats = (struct neuron_host_stats){0};
}
