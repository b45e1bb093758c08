/* SPDX-License-Identifier: Apache-2.0 */
#include "nrt/input_dump.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "nrt/log.h"

enum {
    NO_STATUS = 0, /* success is not looked for */
    FOLDER_MODE = 0755,
    FILE_MODE = 0644,
    FILE_NAME_BYTES = 32,
    TEXT_BYTES = 1024
};

/* Written by nrt_init(), while no run is under way. */
static struct {
    int status;
    char folder[PATH_MAX / 2];
} wanted;

/* How many dumps runs have asked for since then. */
static _Atomic uint32_t dump_count;

/* Where one dump goes. */
struct dump {
    char path[PATH_MAX];      /* when it is complete */
    char temporary[PATH_MAX]; /* until then */
    int folder;               /* the open temporary one; -1 for none */
};

/* Takes over where dumps go. Returns whether a path can be so long. */
static bool
take_folder(const char *folder)
{
    static const char call[] = "nrt_init";
    static const char variable[] = "NEURON_RT_LOCAL_CORE_DUMP_DIRECTORY";

    if (strlen(folder) >= sizeof(wanted.folder)) {
        libnrt_log_notice(call,
                          "%s=%.64s... is too long, and no inputs are dumped: give at most "
                          "%zu bytes",
                          variable, folder, sizeof(wanted.folder) - 1);
        return false;
    }
    memcpy(wanted.folder, folder, strlen(folder) + 1);
    if (access(folder, W_OK | X_OK) != 0) {
        /* It may be made before it is needed. */
        libnrt_log_notice(call, "cannot write to %s=%s: %s", variable, folder,
                          strerrordesc_np(errno));
    }
    return true;
}

void
libnrt_input_dump_configure(const char *status, const char *folder)
{
    static const char call[] = "nrt_init";
    char *end = NULL;

    wanted.status = NO_STATUS;
    atomic_store(&dump_count, 0);
    if (status == NULL) {
        return;
    }
    long number = strtol(status, &end, 10);
    if (end == status || *end != '\0' || !libnrt_is_status(number)) {
        libnrt_log_notice(call,
                          "NEURON_RT_DBG_DUMP_INPUTS_ON_ERR=%s means nothing, and is ignored: give "
                          "the number of a status",
                          status);
        return;
    }
    if (take_folder(folder == NULL ? "." : folder)) {
        wanted.status = (int)number;
    }
}

/* Writes a file of the dump. Returns whether that went well; errno says why not. */
static bool
write_file(const struct dump *dump, const char *name, const void *bytes, size_t size_bytes)
{
    const char *next = bytes;
    int file = openat(dump->folder, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, FILE_MODE);

    if (file < 0) {
        return false;
    }
    while (size_bytes > 0) {
        ssize_t written = write(file, next, size_bytes);

        if (written < 0 && errno != EINTR) {
            break;
        }
        next += written < 0 ? 0 : written;
        size_bytes -= written < 0 ? 0 : (size_t)written;
    }
    int reason = errno;
    bool is_closed = close(file) == 0;
    if (size_bytes > 0) {
        errno = reason;
    }
    return size_bytes == 0 && is_closed;
}

static void
name_input_file(uint32_t input, char name[static FILE_NAME_BYTES])
{
    (void)snprintf(name, FILE_NAME_BYTES, "input_%u.bin", input);
}

/* Writes the raw bytes of each input. */
static bool
write_inputs(const struct dump *dump, const struct libnrt_binding *binding)
{
    const struct nrt_model *model = binding->model;
    char name[FILE_NAME_BYTES] = "";

    for (uint32_t i = 0; i < model->input_count; i += 1) {
        name_input_file(i, name);
        if (!write_file(dump, name, binding->inputs[i], model->ports[i].size_bytes)) {
            return false;
        }
    }
    return true;
}

/* Says in a text file what the others are. */
static bool
write_description(const struct dump *dump, const struct libnrt_binding *binding, NRT_STATUS status)
{
    const struct nrt_model *model = binding->model;
    char *text = NULL;
    size_t size_bytes = 0;
    FILE *stream = open_memstream(&text, &size_bytes);

    if (stream == NULL) {
        return false;
    }
    (void)fprintf(stream, "model %s\nstatus %s\n", neuron_model_name(model->model),
                  nrt_get_status_as_str(status));
    for (uint32_t i = 0; i < model->input_count; i += 1) {
        const struct neuron_tensor_spec *spec = model->ports[i].spec;
        char name[FILE_NAME_BYTES] = "";
        char shape[TEXT_BYTES] = "";

        name_input_file(i, name);
        (void)fprintf(stream, "%s %s %zu %s\n", name,
                      neuron_tensor_shape_format(&spec->shape, shape, sizeof(shape)),
                      model->ports[i].size_bytes, spec->name);
    }
    bool is_done = fclose(stream) == 0 && write_file(dump, "inputs.txt", text, size_bytes);
    int reason = errno;
    free(text);
    errno = reason;
    return is_done;
}

/* Chooses the names, and makes the temporary folder. */
static bool
open_dump(struct dump *dump, uint64_t execution)
{
    uint32_t random = 0;
    char name[64] = "";

    if (getrandom(&random, sizeof(random), 0) != (ssize_t)sizeof(random)) {
        return false;
    }
    (void)snprintf(name, sizeof(name), "input_dump_%08x_h_nn_%llu", random,
                   (unsigned long long)execution);
    (void)snprintf(dump->path, sizeof(dump->path), "%s/%s", wanted.folder, name);
    (void)snprintf(dump->temporary, sizeof(dump->temporary), "%s/.%s.part", wanted.folder, name);
    if (mkdir(dump->temporary, FOLDER_MODE) != 0) {
        return false;
    }
    dump->folder = open(dump->temporary, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return dump->folder >= 0;
}

/* Removes what was written of a dump. */
static void
discard_dump(const struct dump *dump, const struct nrt_model *model)
{
    char name[FILE_NAME_BYTES] = "";

    for (uint32_t i = 0; dump->folder >= 0 && i < model->input_count; i += 1) {
        name_input_file(i, name);
        (void)unlinkat(dump->folder, name, 0);
    }
    if (dump->folder >= 0) {
        (void)unlinkat(dump->folder, "inputs.txt", 0);
    }
    (void)rmdir(dump->temporary);
}

static void
dump_inputs(const char *call, const struct libnrt_binding *binding, NRT_STATUS status,
            uint64_t execution)
{
    struct dump dump = {.folder = -1};

    if (open_dump(&dump, execution) && write_inputs(&dump, binding) &&
        write_description(&dump, binding, status) && rename(dump.temporary, dump.path) == 0) {
        libnrt_log_notice(call, "the inputs of this run are in %s model=%u", dump.path,
                          binding->model->id);
    } else {
        libnrt_log_notice(call, "cannot dump the inputs of this run to %s: %s model=%u", dump.path,
                          strerrordesc_np(errno), binding->model->id);
        discard_dump(&dump, binding->model);
    }
    if (dump.folder >= 0) {
        (void)close(dump.folder);
    }
}

void
libnrt_input_dump(const char *call, const struct libnrt_binding *binding, NRT_STATUS status)
{
    static _Atomic uint64_t last_execution;
    uint64_t execution = atomic_fetch_add_explicit(&last_execution, 1, memory_order_relaxed) + 1;

    if (wanted.status == NO_STATUS || wanted.status != (int)status) {
        return;
    }
    uint32_t former_count = atomic_load_explicit(&dump_count, memory_order_relaxed);
    if (former_count <= LIBNRT_DUMP_LIMIT) {
        former_count = atomic_fetch_add_explicit(&dump_count, 1, memory_order_relaxed);
    }
    if (former_count < LIBNRT_DUMP_LIMIT) {
        dump_inputs(call, binding, status, execution);
    } else if (former_count == LIBNRT_DUMP_LIMIT) {
        libnrt_log_notice(call, "no more inputs are dumped: those of %d runs were since nrt_init()",
                          LIBNRT_DUMP_LIMIT);
    }
}
