/* SPDX-License-Identifier: Apache-2.0 */
#include "compiler/graph_dump.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "whole_file.h"

typedef void
print_fn(const struct neuron_graph *graph, FILE *file);

enum neuron_status
neuron_graph_dump_begin(struct neuron_graph_dump *dump, const char *folder,
                        struct neuron_error *error)
{
    const mode_t everybody_reads = S_IRWXU | S_IRGRP | S_IXGRP | S_IROTH | S_IXOTH;

    if (mkdir(folder, everybody_reads) != 0 && errno != EEXIST) {
        return NEURON_FAIL(error, NEURON_SYSTEM, "%.160s: cannot make this folder: %s", folder,
                           strerrordesc_np(errno));
    }
    *dump = (struct neuron_graph_dump){.folder = folder};
    return NEURON_OK;
}

/* Prints into memory; the caller frees the text also on failure. */
static enum neuron_status
print_text(const struct neuron_graph *graph, print_fn *print, char **text, size_t *size_bytes,
           struct neuron_error *error)
{
    FILE *stream = open_memstream(text, size_bytes);

    if (stream == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for a graph as text");
    }
    print(graph, stream);
    bool is_whole = ferror(stream) == 0;
    is_whole = fclose(stream) == 0 && is_whole;
    return is_whole ? NEURON_OK
                    : NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for a graph as text");
}

/* The file appears whole, and in the place of whatever has its name: nothing is written through a
   link. */
static enum neuron_status
write_file(const struct neuron_graph *graph, const char *path, print_fn *print,
           struct neuron_error *error)
{
    size_t size_bytes = 0;
    char *text = NULL;
    enum neuron_status status = print_text(graph, print, &text, &size_bytes, error);

    if (status == NEURON_OK) {
        status = neuron_whole_file_save(path, text, size_bytes, error);
    }
    free(text);
    return status;
}

enum neuron_status
neuron_graph_dump_write(const struct neuron_graph *graph, const char *name, void *dump,
                        struct neuron_error *error)
{
    const struct {
        const char *suffix;
        print_fn *print;
    } forms[2] = {{"txt", neuron_graph_print_text}, {"dot", neuron_graph_print_dot}};
    struct neuron_graph_dump *target = dump;
    char path[PATH_MAX];

    for (int i = 0; i < 2; i += 1) {
        int length = snprintf(path, sizeof(path), "%s/%02u-%s.%s", target->folder, target->count,
                              name, forms[i].suffix);

        if (length < 0 || length >= (int)sizeof(path)) {
            return NEURON_FAIL(error, NEURON_SYSTEM, "%.160s: the path is too long",
                               target->folder);
        }
        enum neuron_status status = write_file(graph, path, forms[i].print, error);
        if (status != NEURON_OK) {
            return status;
        }
    }
    target->count += 1;
    return NEURON_OK;
}
