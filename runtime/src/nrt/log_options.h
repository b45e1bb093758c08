/* SPDX-License-Identifier: Apache-2.0 */
/* What the variables of the log ask for: a function from texts to values. */
#ifndef NEURON_NRT_LOG_OPTIONS_H
#define NEURON_NRT_LOG_OPTIONS_H

#include <stdint.h>

/* A line is written where its level is at most that of its component. */
enum libnrt_level {
    LIBNRT_QUIET = 0,
    LIBNRT_ERROR = 1,
    LIBNRT_WARN = 2,
    LIBNRT_INFO = 3,
    LIBNRT_DEBUG = 4,
    LIBNRT_TRACE = 5
};

/* Parts of the Neuron runtime, as its log names them. */
enum libnrt_component {
    LIBNRT_NRT = 0,  /* the library as a whole */
    LIBNRT_TDRV = 1, /* tensors */
    LIBNRT_NMGR = 2, /* loading */
    LIBNRT_KMGR = 3, /* runs */
    LIBNRT_COMPONENT_COUNT = 4
};

enum libnrt_log_place { LIBNRT_CONSOLE = 0, LIBNRT_SYSLOG = 1, LIBNRT_FILE = 2 };

/* The values of the variables; NULL for one that is unset. */
struct libnrt_log_texts {
    const char *level;
    const char *location;
    const char *component_levels[LIBNRT_COMPONENT_COUNT];
    const char *component_locations[LIBNRT_COMPONENT_COUNT];
};

/* A variable with a value that means nothing. */
struct libnrt_log_complaint {
    const char *prefix;    /* "NEURON_RT_LOG_LEVEL" */
    const char *component; /* "" for the variable of all */
    const char *value;
};

enum { LIBNRT_LOG_COMPLAINT_LIMIT = 2 + LIBNRT_COMPONENT_COUNT };

struct libnrt_log_options {
    struct {
        enum libnrt_level level;
        enum libnrt_log_place place;
        const char *path; /* of a file; one of the texts */
    } components[LIBNRT_COMPONENT_COUNT];
    struct libnrt_log_complaint complaints[LIBNRT_LOG_COMPLAINT_LIMIT];
    uint32_t complaint_count;
};

/*
 * Parses the values. ERROR and the console hold where nothing, or nothing that has a meaning, is
 * said of a component and of all.
 */
void
libnrt_log_options_parse(const struct libnrt_log_texts *texts, struct libnrt_log_options *options);

/* The component that a public call belongs to, by its name. */
enum libnrt_component
libnrt_component_of(const char *call);

/* "NRT", "TDRV", ... */
const char *
libnrt_component_name(enum libnrt_component component);

/* "ERROR", "WARN", ... */
const char *
libnrt_level_name(enum libnrt_level level);

#endif
