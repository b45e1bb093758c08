/* SPDX-License-Identifier: Apache-2.0 */
#include "node/process_stats.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "neuron/clock.h"

enum { TEXT_BYTES = 1024 };

bool
neuron_process_stats_parse(const char *text, struct neuron_process_stats *stats)
{
    const char *rest = strrchr(text, ')'); /* the name before it may hold anything */
    uint64_t user_ticks = 0;
    uint64_t system_ticks = 0;
    uint64_t resident_pages = 0;
    int parent = 0;
    long ticks_per_s = sysconf(_SC_CLK_TCK);
    long page_bytes = sysconf(_SC_PAGESIZE);

    /* Fields 3, 4, 14, 15, 20 and 24 of proc(5). */
    if (rest == NULL ||
        /* The kernel's numbers fit. NOLINTNEXTLINE(cert-err34-c) */
        sscanf(rest,
               ") %c %d %*d %*d %*d %*d %*u %*u %*u %*u %*u %" SCNu64 " %" SCNu64
               " %*d %*d %*d %*d %" SCNu32 " %*d %*u %*u %" SCNu64,
               &stats->state, &parent, &user_ticks, &system_ticks, &stats->thread_count,
               &resident_pages) != 6) {
        return false;
    }
    stats->parent = parent;
    stats->user_ns = user_ticks * (NEURON_NS_PER_S / (uint64_t)ticks_per_s);
    stats->system_ns = system_ticks * (NEURON_NS_PER_S / (uint64_t)ticks_per_s);
    stats->resident_bytes = resident_pages * (uint64_t)page_bytes;
    return true;
}

bool
neuron_process_stats_read(pid_t pid, struct neuron_process_stats *stats)
{
    char path[32] = "";
    char text[TEXT_BYTES] = "";

    (void)snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        return false;
    }
    size_t length = fread(text, 1, sizeof(text) - 1, file);
    (void)fclose(file);
    text[length] = '\0';
    return neuron_process_stats_parse(text, stats);
}

const char *
neuron_process_obstacle(char state)
{
    switch (state) {
    case 'T':
        return "stopped";
    case 't':
        return "stopped by a debugger";
    case 'D':
        return "waits for a disk or the like";
    case 'Z':
        return "has ended";
    default:
        return NULL;
    }
}
