/* SPDX-License-Identifier: Apache-2.0 */
#include "counters/stamp.h"

#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

/* The clock that the kernel has found to be right on all cores of the machine. */
static const char clock_path[] = "/sys/devices/system/clocksource/clocksource0/current_clocksource";

/* Says whether the kernel tells time by this counter of the processor. */
static bool
is_kernel_clock(const char *name)
{
    char text[32] = "";
    int file = open(clock_path, O_RDONLY | O_CLOEXEC);

    if (file < 0) {
        return false;
    }
    ssize_t length = read(file, text, sizeof(text) - 1);
    (void)close(file);
    text[length < 0 ? 0 : length] = '\0';
    text[strcspn(text, "\n")] = '\0';
    return strcmp(text, name) == 0;
}

enum neuron_stamp_source
neuron_stamp_find_source(void)
{
#if defined(__x86_64__)
    return is_kernel_clock("tsc") ? NEURON_STAMP_PROCESSOR : NEURON_STAMP_CLOCK;
#elif defined(__aarch64__)
    return is_kernel_clock("arch_sys_counter") ? NEURON_STAMP_PROCESSOR : NEURON_STAMP_CLOCK;
#else
    return is_kernel_clock("none") ? NEURON_STAMP_PROCESSOR : NEURON_STAMP_CLOCK;
#endif
}
