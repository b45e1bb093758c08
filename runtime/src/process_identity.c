/* SPDX-License-Identifier: Apache-2.0 */
#include "neuron/process_identity.h"

#include <fcntl.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "process_start.h"

enum { SHOWN_COMMAND_BYTES = 48, SHOWN_USER_BYTES = 33 }; /* errors are one line */

/* Reads the start of a small file; returns the length, 0 on failure. The text is terminated. */
static size_t
read_file(const char *path, char *text, size_t size_bytes)
{
    int file = open(path, O_RDONLY | O_CLOEXEC);

    text[0] = '\0';
    if (file < 0) {
        return 0;
    }
    ssize_t length = read(file, text, size_bytes - 1);
    (void)close(file);
    if (length < 0) {
        length = 0;
    }
    text[length] = '\0';
    return (size_t)length;
}

uint64_t
neuron_process_start_ticks(pid_t pid)
{
    char path[64] = "";
    char text[1024] = "";

    /* In a new PID namespace, /proc may still go by the numbers of the one around it. */
    if (pid == getpid()) {
        (void)snprintf(path, sizeof(path), "/proc/self/stat");
    } else {
        (void)snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
    }
    if (read_file(path, text, sizeof(text)) == 0) {
        return 0;
    }
    /* The command stands in parentheses and may hold some itself; 20 fields on comes the start. */
    const char *field = strrchr(text, ')');
    for (int i = 0; field != NULL && i < 20; i += 1) {
        field = strchr(field + 1, ' ');
    }
    return field == NULL ? 0 : strtoull(field + 1, NULL, 10);
}

void
neuron_process_read_command(pid_t pid, char *command, size_t size_bytes)
{
    char path[64] = "";

    (void)snprintf(path, sizeof(path), "/proc/%d/cmdline", (int)pid);
    size_t length = read_file(path, command, size_bytes);
    if (length == 0) {
        (void)snprintf(path, sizeof(path), "/proc/%d/comm", (int)pid);
        length = read_file(path, command, size_bytes);
    }
    while (length > 0 && (command[length - 1] == '\0' || command[length - 1] == '\n')) {
        length -= 1;
    }
    command[length] = '\0';
    for (size_t i = 0; i < length; i += 1) {
        if (command[i] == '\0') {
            command[i] = ' ';
        }
    }
}

/* The command without the folder of its program, which tells a person least and is cut last. */
static const char *
without_folder(const char *command)
{
    const char *end = command + strcspn(command, " ");
    const char *start = end;

    while (start > command && start[-1] != '/') {
        start -= 1;
    }
    return start;
}

time_t
neuron_process_start_time(pid_t pid)
{
    struct timespec now = {0};
    struct timespec up = {0};
    uint64_t ticks = neuron_process_start_ticks(pid);
    long ticks_per_second = sysconf(_SC_CLK_TCK);

    if (ticks == 0 || ticks_per_second <= 0 || clock_gettime(CLOCK_REALTIME, &now) != 0 ||
        clock_gettime(CLOCK_BOOTTIME, &up) != 0) {
        return -1;
    }
    /* In nanoseconds, and rounded to a second at the end: else the same start is told in two ways.
     */
    int64_t boot_ns = ((int64_t)now.tv_sec - up.tv_sec) * 1000000000 + now.tv_nsec - up.tv_nsec;
    int64_t start_ns = boot_ns + (int64_t)(ticks * (1000000000 / (uint64_t)ticks_per_second));
    return (time_t)((start_ns + 500000000) / 1000000000);
}

void
neuron_process_read_start(pid_t pid, char *since, size_t size_bytes)
{
    struct tm local = {0};
    time_t start = neuron_process_start_time(pid);

    since[0] = '\0';
    if (start == -1 || localtime_r(&start, &local) == NULL ||
        strftime(since, size_bytes, "%Y-%m-%d %H:%M:%S", &local) == 0) {
        since[0] = '\0';
    }
}

/* Reads the real user of a process; the folder in /proc is root's where it may not be looked into.
 */
static bool
read_user_number(pid_t pid, uid_t *number)
{
    static const char name[] = "\nUid:\t";
    char path[64] = "";
    char text[1024] = "";

    (void)snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
    (void)read_file(path, text, sizeof(text));
    const char *line = strstr(text, name);
    if (line != NULL) {
        *number = (uid_t)strtoul(line + sizeof(name) - 1, NULL, 10);
    }
    return line != NULL;
}

void
neuron_process_read_user(pid_t pid, char *user, size_t size_bytes)
{
    char buffer[4096] = "";
    struct passwd entry = {0};
    struct passwd *found = NULL;
    uid_t number = 0;

    user[0] = '\0';
    if (!read_user_number(pid, &number)) {
        return;
    }
    if (getpwuid_r(number, &entry, buffer, sizeof(buffer), &found) == 0 && found != NULL) {
        (void)snprintf(user, size_bytes, "%s", found->pw_name);
    } else {
        (void)snprintf(user, size_bytes, "%u", number);
    }
}

/* Writes " of alice" for a process of somebody else; nothing for one of ours. */
static void
describe_user(pid_t pid, char *text, size_t size_bytes)
{
    char user[SHOWN_USER_BYTES] = "";
    uid_t number = 0;

    text[0] = '\0';
    if (read_user_number(pid, &number) && number != getuid()) {
        neuron_process_read_user(pid, user, sizeof(user));
        (void)snprintf(text, size_bytes, " of %s", user);
    }
}

const char *
neuron_process_describe(pid_t pid, char *text, size_t size_bytes)
{
    char command[512] = "";
    char since[40] = "";
    char owner[SHOWN_USER_BYTES + 4] = "";

    if (pid <= 0) {
        (void)snprintf(text, size_bytes, "a process of another container");
        return text;
    }
    neuron_process_read_command(pid, command, sizeof(command));
    const char *shown = without_folder(command);
    neuron_process_read_start(pid, since, sizeof(since));
    describe_user(pid, owner, sizeof(owner));
    const char *word = since[0] == '\0' ? "" : " since ";
    if (command[0] == '\0') {
        (void)snprintf(text, size_bytes, "pid %d%s%s%s", (int)pid, owner, word, since);
    } else {
        bool is_long = strlen(shown) > SHOWN_COMMAND_BYTES;

        (void)snprintf(text, size_bytes, "pid %d (%.*s%s)%s%s%s", (int)pid,
                       (int)SHOWN_COMMAND_BYTES, shown, is_long ? "..." : "", owner, word, since);
    }
    return text;
}
