/* SPDX-License-Identifier: Apache-2.0 */
#include "descriptors.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <time.h>
#include <unistd.h>

#include "check.h"

enum { PATIENCE_SECONDS = 10, LOWERED_LIMIT = 256 };

uint32_t
open_descriptor_count(void)
{
    DIR *folder = opendir("/proc/self/fd");
    uint32_t count = 0;

    assert_non_null(folder);
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): the folder is this call's own */
    while (readdir(folder) != NULL) {
        count += 1;
    }
    assert_int_equal(closedir(folder), 0);
    return count - 3; /* "." and ".." and the folder itself */
}

bool
descriptor_count_becomes(uint32_t count)
{
    time_t end = time(NULL) + PATIENCE_SECONDS;

    while (open_descriptor_count() != count && time(NULL) < end) {
        (void)sched_yield();
    }
    return open_descriptor_count() == count;
}

static bool
poll_readable(int descriptor, int timeout_ms)
{
    struct pollfd polled = {.fd = descriptor, .events = POLLIN};

    return poll(&polled, 1, timeout_ms) == 1 && (polled.revents & POLLIN) != 0;
}

bool
is_readable(int descriptor)
{
    return poll_readable(descriptor, 0);
}

bool
becomes_readable(int descriptor)
{
    return poll_readable(descriptor, PATIENCE_SECONDS * 1000);
}

void
descriptor_limit_lower(struct descriptor_limit *limit, uint32_t spare)
{
    limit->filler_count = 0;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit->before), 0);
    struct rlimit lowered = {.rlim_cur = LOWERED_LIMIT, .rlim_max = limit->before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &lowered), 0);
    int filler = open("/dev/null", O_RDONLY | O_CLOEXEC);
    while (filler >= 0) {
        limit->fillers[limit->filler_count] = filler;
        limit->filler_count += 1;
        filler = open("/dev/null", O_RDONLY | O_CLOEXEC);
    }
    assert_true(limit->filler_count >= spare);
    for (uint32_t i = 0; i < spare; i += 1) {
        limit->filler_count -= 1;
        assert_int_equal(close(limit->fillers[limit->filler_count]), 0);
    }
}

void
descriptor_limit_restore(struct descriptor_limit *limit)
{
    while (limit->filler_count > 0) {
        limit->filler_count -= 1;
        assert_int_equal(close(limit->fillers[limit->filler_count]), 0);
    }
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit->before), 0);
}
