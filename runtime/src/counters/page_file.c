/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whoever can name a file can name it as ours, so nothing of it is believed: what is opened is a
 * plain file in memory whose size is sealed, or it is not mapped at all. To open it waits for
 * nobody.
 */
#include "counters/page_file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "counters/counter_page.h"
#include "counters/stamp.h"
#include "neuron/core_set.h"
#include "neuron/process_identity.h"

enum { PATH_BYTES = 64, LINE_BYTES = 256 };

/* What the kernel calls our files. */
static const char link_text[] = "/memfd:" NEURON_COUNTER_PAGE_NAME " (deleted)";

/* The number that a process has in its own PID namespace; 0 where the kernel does not tell. */
static int64_t
find_own_pid(pid_t pid)
{
    char path[PATH_BYTES] = "";
    char line[LINE_BYTES] = "";
    int64_t own = 0;

    (void)snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
    FILE *status = fopen(path, "re");
    while (status != NULL && own == 0 && fgets(line, sizeof(line), status) != NULL) {
        if (strncmp(line, "NSpid:", strlen("NSpid:")) == 0) {
            const char *last = strrchr(line, '\t');

            own = last == NULL ? 0 : strtoll(last, NULL, 10);
        }
    }
    if (status != NULL) {
        (void)fclose(status);
    }
    return own;
}

/* Says whether a process made a page itself; a forked one has that of its parent open, too, and in
   a namespace of its own perhaps also the number. A process without /proc does not know its start.
 */
static bool
is_of_process(const struct neuron_counter_page *header, pid_t pid)
{
    return header->pid == find_own_pid(pid) &&
           (header->start_ticks == neuron_process_start_ticks(pid) || header->start_ticks == 0);
}

/* Says whether a file is in memory, and stays as long as it is. */
static bool
is_sealed_memory(int descriptor)
{
    const int wanted = F_SEAL_SHRINK | F_SEAL_GROW;
    struct statfs system = {0};

    return fstatfs(descriptor, &system) == 0 && system.f_type == TMPFS_MAGIC &&
           (fcntl(descriptor, F_GET_SEALS) & wanted) == wanted;
}

/* Reads what stands before the counts; says whether the file has so much and is complete. */
static bool
read_header(int descriptor, struct neuron_counter_page *header, struct stat *state)
{
    size_t size_bytes = offsetof(struct neuron_counter_page, refused);

    return fstat(descriptor, state) == 0 && S_ISREG(state->st_mode) &&
           pread(descriptor, header, size_bytes, 0) == (ssize_t)size_bytes && header->magic != 0;
}

static enum neuron_status
refuse_page(pid_t pid, const char *reason, struct neuron_error *error)
{
    return NEURON_FAIL(error, NEURON_INVALID_SYNTAX,
                       "the counters of pid %d cannot be read: %s; use the neuron-ls, neuron-top "
                       "or neuron-monitor that were installed with what it runs",
                       (int)pid, reason);
}

static enum neuron_status
check_numbers(pid_t pid, const struct neuron_counter_page *header, off_t size_bytes,
              struct neuron_error *error)
{
    char reason[LINE_BYTES] = "";

    if (header->version != NEURON_COUNTER_PAGE_VERSION) {
        (void)snprintf(reason, sizeof(reason), "they are of version %u, and this program reads %d",
                       header->version, NEURON_COUNTER_PAGE_VERSION);
        return refuse_page(pid, reason, error);
    }
    if (header->core_count == 0 || header->core_count > NEURON_CORE_NUMBER_LIMIT ||
        header->size_bytes != (uint64_t)size_bytes ||
        header->size_bytes != neuron_counter_core_offset(header->core_count)) {
        return refuse_page(pid, "their size does not fit their number of cores", error);
    }
    if (header->stamp_source > NEURON_STAMP_PROCESSOR) {
        return refuse_page(pid, "they are timed by an unknown clock", error);
    }
    return NEURON_OK;
}

/*
 * Checks an opened file.
 *
 * file  receives it where it is a page of this process that is complete; its core count is 0 else.
 */
static enum neuron_status
check_page(pid_t pid, int descriptor, struct neuron_page_file *file, struct neuron_error *error)
{
    struct neuron_counter_page *header = calloc(1, sizeof(*header));
    struct stat state = {0};
    enum neuron_status status = NEURON_OK;

    *file = (struct neuron_page_file){.descriptor = descriptor};
    if (header == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for the counters of pid %d",
                           (int)pid);
    }
    bool is_complete = read_header(descriptor, header, &state);
    if (is_complete && header->magic != neuron_counter_page_magic) {
        status = refuse_page(pid, "they begin with other bytes", error);
    } else if (is_complete && !is_sealed_memory(descriptor)) {
        status = refuse_page(pid, "their size may change", error);
    } else if (is_complete && is_of_process(header, pid)) {
        status = check_numbers(pid, header, state.st_size, error);
        file->size_bytes = (size_t)state.st_size;
        file->core_count = status == NEURON_OK ? header->core_count : 0;
    }
    free(header);
    return status;
}

/* Says whether an open file of a process bears our name. */
static bool
has_our_name(int folder, const char *entry)
{
    char text[sizeof(link_text) + 1] = "";
    ssize_t length = readlinkat(folder, entry, text, sizeof(text));

    return length == (ssize_t)strlen(link_text) && memcmp(text, link_text, strlen(link_text)) == 0;
}

static enum neuron_status
add_entry(pid_t pid, int folder, const char *entry, struct neuron_page_file *file,
          struct neuron_error *error)
{
    file->core_count = 0;
    if (!has_our_name(folder, entry)) {
        return NEURON_OK;
    }
    int descriptor = openat(folder, entry, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (descriptor < 0) {
        return NEURON_OK; /* it was closed meanwhile */
    }
    enum neuron_status status = check_page(pid, descriptor, file, error);
    if (file->core_count == 0) {
        (void)close(descriptor);
    }
    return status;
}

static enum neuron_status
refuse_folder(pid_t pid, int reason, struct neuron_error *error)
{
    char user[PATH_BYTES] = "";

    if (reason == ENOENT || reason == ESRCH) {
        return NEURON_FAIL(error, NEURON_PEER_LOST, "there is no process with pid %d", (int)pid);
    }
    neuron_process_read_user(pid, user, sizeof(user));
    bool is_root = strcmp(user, "root") == 0;
    return NEURON_FAIL(error, NEURON_SYSTEM,
                       "cannot look into pid %d of user %s: %s; run this as %s%s", (int)pid,
                       user[0] == '\0' ? "(unknown)" : user, strerrordesc_np(reason),
                       is_root || user[0] == '\0' ? "" : user,
                       is_root || user[0] == '\0' ? "root" : ", or as root");
}

enum neuron_status
neuron_page_files_find(pid_t pid, struct neuron_page_file *files, uint32_t limit, uint32_t *count,
                       struct neuron_error *error)
{
    char path[PATH_BYTES] = "";
    enum neuron_status status = NEURON_OK;

    *count = 0;
    (void)snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);
    DIR *folder = opendir(path);
    if (folder == NULL) {
        return refuse_folder(pid, errno, error);
    }
    /* The stream is this thread's alone. NOLINTNEXTLINE(concurrency-mt-unsafe) */
    for (const struct dirent *entry = readdir(folder);
         status == NEURON_OK && entry != NULL && *count < limit;
         entry = readdir(folder)) { /* NOLINT(concurrency-mt-unsafe): as above */
        status = add_entry(pid, dirfd(folder), entry->d_name, &files[*count], error);
        *count += files[*count].core_count > 0 ? 1 : 0;
    }
    (void)closedir(folder);
    return status;
}
