/* SPDX-License-Identifier: Apache-2.0 */
#include "core_file.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core_pattern.h"

enum { PATTERN_BYTES = 256 /* the kernel's own limit is half of it */ };

/* Reads the first line of a file; an empty text where there is none. */
static void
read_line(const char *path, char *line, size_t size_bytes)
{
    FILE *file = fopen(path, "re");

    line[0] = '\0';
    if (file != NULL) {
        if (fgets(line, (int)size_bytes, file) == NULL) {
            line[0] = '\0';
        }
        (void)fclose(file);
    }
}

/* Puts the directory before a relative name. */
static bool
make_absolute(const char *directory, const char *name, char *path, size_t size_bytes)
{
    char here[PATH_MAX] = "";
    int length = 0;

    if (name[0] == '/') {
        length = snprintf(path, size_bytes, "%s", name);
    } else if (directory != NULL && directory[0] == '/') {
        length = snprintf(path, size_bytes, "%s/%s", directory, name);
    } else if (getcwd(here, sizeof(here)) == NULL) {
        return false;
    } else if (directory == NULL) {
        length = snprintf(path, size_bytes, "%s/%s", here, name);
    } else {
        length = snprintf(path, size_bytes, "%s/%s/%s", here, directory, name);
    }
    return length > 0 && (size_t)length < size_bytes;
}

bool
neuron_core_file_find(const struct neuron_exit_report *report, char *path, size_t size_bytes)
{
    char pattern[PATTERN_BYTES] = "";
    char adds_pid[8] = "";
    char host[HOST_NAME_MAX + 1] = "";
    char name[PATH_MAX] = "";
    struct stat status = {0};
    struct neuron_core_pattern_process process = {
        .process = report->process,
        .user = getuid(),
        .group = getgid(),
        .program = report->program,
        .host = host,
    };

    /* That of another host is not here. */
    if (report->host != NULL || !WIFSIGNALED(report->wait_status) ||
        !WCOREDUMP(report->wait_status)) {
        return false;
    }
    process.signal_number = WTERMSIG(report->wait_status);
    read_line("/proc/sys/kernel/core_pattern", pattern, sizeof(pattern));
    read_line("/proc/sys/kernel/core_uses_pid", adds_pid, sizeof(adds_pid));
    process.adds_pid = adds_pid[0] == '1';
    (void)gethostname(host, sizeof(host) - 1);
    return neuron_core_pattern_fill(pattern, &process, name, sizeof(name)) &&
           make_absolute(report->working_directory, name, path, size_bytes) &&
           stat(path, &status) == 0 && S_ISREG(status.st_mode);
}
