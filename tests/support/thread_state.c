/* SPDX-License-Identifier: Apache-2.0 */
#include "thread_state.h"

#include <dirent.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { DEADLINE_SECONDS = 10 };

/* The letter of /proc/.../stat: R runs, S sleeps; '?' when there is no such thread. */
static int
read_state(pid_t thread)
{
    char path[64] = "";
    char line[512] = "";

    (void)snprintf(path, sizeof(path), "/proc/self/task/%d/stat", (int)thread);
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        return '?';
    }
    const char *read = fgets(line, sizeof(line), file);
    (void)fclose(file);
    const char *name_end = read == NULL ? NULL : strrchr(line, ')');
    return name_end == NULL ? '?' : name_end[2];
}

static time_t
read_seconds(void)
{
    struct timespec now = {0};

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec;
}

bool
thread_falls_asleep(pid_t thread)
{
    const time_t deadline = read_seconds() + DEADLINE_SECONDS;

    while (read_state(thread) != 'S') {
        if (read_seconds() >= deadline) {
            return false;
        }
        (void)sched_yield();
    }
    return true;
}

unsigned
thread_count(void)
{
    unsigned count = 0;
    DIR *tasks = opendir("/proc/self/task");

    if (tasks == NULL) {
        return 0;
    }
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): nobody else reads this stream */
    for (const struct dirent *task = readdir(tasks); task != NULL; task = readdir(tasks)) {
        count += task->d_name[0] == '.' ? 0 : 1;
    }
    (void)closedir(tasks);
    return count;
}

static void *
note_number(void *argument)
{
    pid_t *number = argument;

    *number = gettid();
    return NULL;
}

unsigned
thread_count_at_rest(void)
{
    const time_t deadline = read_seconds() + DEADLINE_SECONDS;
    pthread_t thread;
    pid_t number = 0;

    if (pthread_create(&thread, NULL, note_number, &number) != 0 ||
        pthread_join(thread, NULL) != 0) {
        return 0;
    }
    while (read_state(number) != '?' && read_seconds() < deadline) {
        (void)sched_yield();
    }
    return thread_count();
}

bool
thread_count_falls_to(unsigned count)
{
    const time_t deadline = read_seconds() + DEADLINE_SECONDS;

    while (thread_count() > count) {
        if (read_seconds() >= deadline) {
            return false;
        }
        (void)sched_yield();
    }
    return true;
}
