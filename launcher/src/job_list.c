/* SPDX-License-Identifier: Apache-2.0 */
#include "job_list.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "neuron/core_holders.h"
#include "neuron/process_identity.h"

enum { TEXT_BYTES = 64, COMMAND_BYTES = 512, CORES_BYTES = 256 };

/* Says whether a process leads a group of its own, as each rank does. */
static bool
leads_group(long pid)
{
    return getpgid((pid_t)pid) == (pid_t)pid;
}

/* How many ranks a launcher has. */
static uint32_t
count_ranks(pid_t launcher)
{
    char path[TEXT_BYTES] = "";
    char word[TEXT_BYTES] = "";
    uint32_t count = 0;

    (void)snprintf(path, sizeof(path), "/proc/%d/task/%d/children", (int)launcher, (int)launcher);
    FILE *children = fopen(path, "re");
    while (children != NULL && fscanf(children, "%63s", word) == 1) {
        count += leads_group(strtol(word, NULL, 10)) ? 1 : 0;
    }
    if (children != NULL) {
        (void)fclose(children);
    }
    return count;
}

static void
print_holder(const struct neuron_core_holder *holder, FILE *file)
{
    char user[TEXT_BYTES] = "-";
    char since[TEXT_BYTES] = "";
    char command[COMMAND_BYTES] = "";
    char cores[CORES_BYTES] = "";
    char ranks[16] = "-";

    (void)neuron_core_set_format(holder->cores, cores, sizeof(cores));
    if (holder->pid == 0) {
        (void)fprintf(file, "%8s  %-10s  %-19s  %5s  %-12s  %s\n", "-", user, "-", ranks, cores,
                      neuron_core_set_count(holder->cores) == 1 ? "a process of another container"
                                                                : "processes of other containers");
        return;
    }
    neuron_process_read_user(holder->pid, user, sizeof(user));
    neuron_process_read_start(holder->pid, since, sizeof(since));
    neuron_process_read_command(holder->pid, command, sizeof(command));
    if (holder->kind == NEURON_CORE_LEASE_RESERVATION) {
        (void)snprintf(ranks, sizeof(ranks), "%u", count_ranks(holder->pid));
    }
    for (char *next = command; *next != '\0'; next += 1) {
        /* Nothing that moves the cursor of a terminal. */
        if ((unsigned char)*next < ' ' || *next == 0x7F) {
            *next = '?';
        }
    }
    (void)fprintf(file, "%8d  %-10s  %-19s  %5s  %-12s  %s%s\n", (int)holder->pid,
                  user[0] == '\0' ? "-" : user, since, ranks, cores,
                  holder->is_invented ? "(invented machine) " : "", command);
}

enum neuron_status
neuron_job_list_print(const char *directory, FILE *file, struct neuron_error *error)
{
    struct neuron_core_holders list = {0};
    enum neuron_status status = neuron_core_holders_read(directory, &list, error);

    if (status != NEURON_OK) {
        return status;
    }
    if (list.count == 0) {
        (void)fputs("no jobs\n", file);
    } else {
        (void)fprintf(file, "%8s  %-10s  %-19s  %5s  %-12s  %s\n", "PID", "USER", "SINCE", "RANKS",
                      "CORES", "COMMAND");
    }
    for (uint32_t i = 0; i < list.count; i += 1) {
        print_holder(&list.holders[i], file);
    }
    neuron_core_holders_clear(&list);
    if (fflush(file) != 0 || ferror(file) != 0) {
        status = NEURON_FAIL(error, NEURON_SYSTEM, "cannot write the list of jobs");
    }
    return status;
}
