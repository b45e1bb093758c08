/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A component's file keeps its descriptor for the life of the process: another file takes its place
 * by dup3(), so that no thread that logs meanwhile meets a closed one.
 */
#include "nrt/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "nrt/libnrt.h"
#include "nrt/lifecycle.h"
#include "nrt/log_line.h"

enum { TEXT_BYTES = 768, FILE_MODE = 0644 };

/* Each field is read and written alone; a line may follow the configuration before. */
static struct {
    _Atomic int level;
    _Atomic int place;
    _Atomic int descriptor; /* of the file; 0 while there was none */
} components[LIBNRT_COMPONENT_COUNT] = {[LIBNRT_NRT] = {.level = LIBNRT_ERROR},
                                        [LIBNRT_TDRV] = {.level = LIBNRT_ERROR},
                                        [LIBNRT_NMGR] = {.level = LIBNRT_ERROR},
                                        [LIBNRT_KMGR] = {.level = LIBNRT_ERROR}};

static int
syslog_priority(enum libnrt_level level)
{
    if (level == LIBNRT_ERROR) {
        return LOG_ERR;
    }
    if (level == LIBNRT_WARN) {
        return LOG_WARNING;
    }
    return level == LIBNRT_INFO ? LOG_INFO : LOG_DEBUG;
}

static void
write_event(struct libnrt_event *event)
{
    enum libnrt_component component = libnrt_component_of(event->call);
    int place = atomic_load_explicit(&components[component].place, memory_order_relaxed);
    char line[LIBNRT_LINE_BYTES] = "";

    (void)clock_gettime(CLOCK_REALTIME, &event->time);
    event->pid = getpid();
    event->thread = gettid();
    size_t size = libnrt_line_format(event, line);
    /* A child waits for ever for a lock of syslog() that a thread of its parent held. */
    if (place == LIBNRT_SYSLOG && !libnrt_has_inherited()) {
        syslog(syslog_priority(event->level), "%.*s", (int)size - 1, line);
        return;
    }
    int descriptor = STDERR_FILENO;
    if (place == LIBNRT_FILE) {
        descriptor = atomic_load_explicit(&components[component].descriptor, memory_order_relaxed);
    }
    int errno_before = errno;
    if (write(descriptor, line, size) < 0) {
        /* There is nobody to tell. */
        errno = errno_before;
    }
}

bool
libnrt_log_is_on(enum libnrt_level level, const char *call)
{
    enum libnrt_component component = libnrt_component_of(call);

    return (int)level <= atomic_load_explicit(&components[component].level, memory_order_relaxed);
}

/* Puts the text of an event together, and writes it. */
NEURON_PRINTF(2, 0)
static void
write_text(struct libnrt_event *event, const char *text, va_list arguments)
{
    char formatted[TEXT_BYTES] = "";

    (void)vsnprintf(formatted, sizeof(formatted), text, arguments);
    event->text = formatted;
    write_event(event);
}

void
libnrt_log(enum libnrt_level level, const char *call, const char *text, ...)
{
    struct libnrt_event event = {.level = level, .call = call};
    va_list arguments;

    if (libnrt_log_is_on(level, call)) {
        va_start(arguments, text);
        write_text(&event, text, arguments);
        va_end(arguments);
    }
}

void
libnrt_log_notice(const char *call, const char *text, ...)
{
    struct libnrt_event event = {.level = LIBNRT_WARN, .call = call};
    va_list arguments;

    if (libnrt_log_is_on(LIBNRT_ERROR, call)) {
        va_start(arguments, text);
        write_text(&event, text, arguments);
        va_end(arguments);
    }
}

NRT_STATUS
libnrt_log_refusal(NRT_STATUS status, const char *call, const char *text, ...)
{
    struct libnrt_event event = {
        .level = LIBNRT_ERROR, .call = call, .status = nrt_get_status_as_str(status)};
    va_list arguments;

    if (libnrt_log_is_on(LIBNRT_ERROR, call)) {
        va_start(arguments, text);
        write_text(&event, text, arguments);
        va_end(arguments);
    }
    return status;
}

/* Opens a component's file in the place of the one that it had. Returns whether that went well. */
static bool
open_file(enum libnrt_component component, const char *path)
{
    int former = atomic_load(&components[component].descriptor);
    int opened = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, FILE_MODE);

    if (opened < 0) {
        return false;
    }
    if (former == 0) {
        atomic_store(&components[component].descriptor, opened);
        return true;
    }
    bool is_replaced = dup3(opened, former, O_CLOEXEC) >= 0;
    (void)close(opened);
    return is_replaced;
}

void
libnrt_log_configure(const struct libnrt_log_options *options)
{
    static const char call[] = "nrt_init";
    int reasons[LIBNRT_COMPONENT_COUNT] = {0};

    for (int i = 0; i < LIBNRT_COMPONENT_COUNT; i += 1) {
        enum libnrt_log_place place = options->components[i].place;

        if (place == LIBNRT_FILE &&
            !open_file((enum libnrt_component)i, options->components[i].path)) {
            reasons[i] = errno;
            place = LIBNRT_CONSOLE;
        }
        atomic_store(&components[i].level, (int)options->components[i].level);
        atomic_store(&components[i].place, (int)place);
    }
    for (int i = 0; i < LIBNRT_COMPONENT_COUNT; i += 1) {
        if (reasons[i] != 0) {
            libnrt_log_notice(call, "cannot write to NEURON_RT_LOG_LOCATION_%s=%s: %s",
                              libnrt_component_name((enum libnrt_component)i),
                              options->components[i].path, strerrordesc_np(reasons[i]));
        }
    }
    for (uint32_t i = 0; i < options->complaint_count; i += 1) {
        const struct libnrt_log_complaint *complaint = &options->complaints[i];

        libnrt_log_notice(call, "%s%s%s=%s means nothing, and is ignored", complaint->prefix,
                          complaint->component[0] == '\0' ? "" : "_", complaint->component,
                          complaint->value);
    }
}
