/* SPDX-License-Identifier: Apache-2.0 */
/* What the kernel tells of a process: processor time, memory, threads. */
#ifndef NEURON_TOOLS_NODE_PROCESS_STATS_H
#define NEURON_TOOLS_NODE_PROCESS_STATS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct neuron_process_stats {
    uint64_t user_ns;   /* processor time of all threads so far */
    uint64_t system_ns; /* likewise, in the kernel */
    uint64_t resident_bytes;
    uint32_t thread_count;
    pid_t parent;
    char state; /* as the kernel writes it: 'R', 'S', 'D', 'T' for stopped, 'Z' */
};

/* Reads /proc/PID/stat; says whether the process is there. Any thread. */
bool
neuron_process_stats_read(pid_t pid, struct neuron_process_stats *stats);

/* Says what keeps a process from running, for people: "stopped", "waits for a disk or the like";
   NULL where nothing does, and for states that come and go. */
const char *
neuron_process_obstacle(char state);

/* Parses the text of such a file; says whether it is one. */
bool
neuron_process_stats_parse(const char *text, struct neuron_process_stats *stats);

#endif
