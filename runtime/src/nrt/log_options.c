/* SPDX-License-Identifier: Apache-2.0 */
#include "nrt/log_options.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

static const char *const component_names[LIBNRT_COMPONENT_COUNT] = {
    [LIBNRT_NRT] = "NRT", [LIBNRT_TDRV] = "TDRV", [LIBNRT_NMGR] = "NMGR", [LIBNRT_KMGR] = "KMGR"};

static const char *const level_names[] = {
    [LIBNRT_QUIET] = "QUIET", [LIBNRT_ERROR] = "ERROR", [LIBNRT_WARN] = "WARN",
    [LIBNRT_INFO] = "INFO",   [LIBNRT_DEBUG] = "DEBUG", [LIBNRT_TRACE] = "TRACE"};

const char *
libnrt_component_name(enum libnrt_component component)
{
    return component_names[component];
}

const char *
libnrt_level_name(enum libnrt_level level)
{
    return level_names[level];
}

enum libnrt_component
libnrt_component_of(const char *call)
{
    static const struct {
        const char *prefix;
        enum libnrt_component component;
    } parts[] = {
        {"nrt_tensor", LIBNRT_TDRV},    {"nrta_tensor", LIBNRT_TDRV},
        {"nrt_memcpy", LIBNRT_TDRV},    {"nrt_get_vnc_memory", LIBNRT_TDRV},
        {"nrt_load", LIBNRT_NMGR},      {"nrt_unload", LIBNRT_NMGR},
        {"nrt_get_model", LIBNRT_NMGR}, {"nrt_execute", LIBNRT_KMGR},
        {"nrta_execute", LIBNRT_KMGR},
    };

    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i += 1) {
        if (strncmp(call, parts[i].prefix, strlen(parts[i].prefix)) == 0) {
            return parts[i].component;
        }
    }
    return LIBNRT_NRT;
}

static bool
parse_level(const char *text, enum libnrt_level *level)
{
    for (int i = LIBNRT_QUIET; i <= LIBNRT_TRACE; i += 1) {
        if (strcasecmp(text, level_names[i]) == 0) {
            *level = (enum libnrt_level)i;
            return true;
        }
    }
    if (strcasecmp(text, "WARNING") == 0) {
        *level = LIBNRT_WARN;
        return true;
    }
    return false;
}

static bool
parse_place(const char *text, enum libnrt_log_place *place)
{
    if (strcasecmp(text, "console") == 0) {
        *place = LIBNRT_CONSOLE;
        return true;
    }
    if (strcasecmp(text, "syslog") == 0) {
        *place = LIBNRT_SYSLOG;
        return true;
    }
    return false;
}

static void
complain(struct libnrt_log_options *options, const char *prefix, const char *component,
         const char *value)
{
    options->complaints[options->complaint_count] =
        (struct libnrt_log_complaint){.prefix = prefix, .component = component, .value = value};
    options->complaint_count += 1;
}

void
libnrt_log_options_parse(const struct libnrt_log_texts *texts, struct libnrt_log_options *options)
{
    static const char level_variable[] = "NEURON_RT_LOG_LEVEL";
    enum libnrt_level level = LIBNRT_ERROR;
    enum libnrt_log_place place = LIBNRT_CONSOLE;

    memset(options, 0, sizeof(*options));
    if (texts->level != NULL && !parse_level(texts->level, &level)) {
        complain(options, level_variable, "", texts->level);
    }
    if (texts->location != NULL && !parse_place(texts->location, &place)) {
        complain(options, "NEURON_RT_LOG_LOCATION", "", texts->location);
    }
    for (int i = 0; i < LIBNRT_COMPONENT_COUNT; i += 1) {
        const char *component_level = texts->component_levels[i];
        const char *location = texts->component_locations[i];

        options->components[i].level = level;
        options->components[i].place = place;
        if (component_level != NULL &&
            !parse_level(component_level, &options->components[i].level)) {
            complain(options, level_variable, component_names[i], component_level);
        }
        /* What is neither of the two words is a file. */
        if (location != NULL && !parse_place(location, &options->components[i].place)) {
            options->components[i].place = LIBNRT_FILE;
            options->components[i].path = location;
        }
    }
}
