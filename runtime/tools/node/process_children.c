/* SPDX-License-Identifier: Apache-2.0 */
#include "node/process_children.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "growing_array.h"

/* Adds the children of a thread: a file of decimal numbers and blanks. */
static enum neuron_status
add_of_thread(FILE *file, struct neuron_process_children *children, struct neuron_error *error)
{
    long number = 0;

    /* The kernel writes numbers that fit. NOLINTNEXTLINE(cert-err34-c) */
    while (fscanf(file, "%ld", &number) == 1) {
        pid_t *grown =
            neuron_grow(children->pids, children->count, &children->room, sizeof(*grown));

        if (grown == NULL) {
            return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY,
                               "out of memory for a list of processes");
        }
        children->pids = grown;
        grown[children->count] = (pid_t)number;
        children->count += 1;
    }
    return NEURON_OK;
}

enum neuron_status
neuron_process_children_add(pid_t pid, struct neuron_process_children *children,
                            struct neuron_error *error)
{
    char path[320] = "";
    enum neuron_status status = NEURON_OK;

    (void)snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
    DIR *folder = opendir(path);
    if (folder == NULL) {
        return NEURON_OK;
    }
    /* The stream is this thread's alone. NOLINTNEXTLINE(concurrency-mt-unsafe) */
    for (const struct dirent *entry = readdir(folder); status == NEURON_OK && entry != NULL;
         entry = readdir(folder)) { /* NOLINT(concurrency-mt-unsafe): as above */
        (void)snprintf(path, sizeof(path), "/proc/%d/task/%s/children", (int)pid, entry->d_name);
        FILE *file = entry->d_name[0] == '.' ? NULL : fopen(path, "re");
        if (file != NULL) {
            status = add_of_thread(file, children, error);
            (void)fclose(file);
        }
    }
    (void)closedir(folder);
    return status;
}

void
neuron_process_children_clear(struct neuron_process_children *children)
{
    free(children->pids);
    *children = (struct neuron_process_children){0};
}
