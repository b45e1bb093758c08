/* SPDX-License-Identifier: Apache-2.0 */
/* What a call reports: a status, and one line of text for a person. */
#ifndef NEURON_STATUS_H
#define NEURON_STATUS_H

#include <stddef.h>

#define NEURON_API        __attribute__((visibility("default")))
#define NEURON_MUST_CHECK __attribute__((warn_unused_result))
#define NEURON_PRINTF(text_position, first_argument) \
    __attribute__((format(printf, text_position, first_argument)))

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Every call that can fail returns one of these. Values are never reused. A failing call leaves its
 * outputs and the world unchanged unless its own comment says otherwise.
 */
enum neuron_status {
    NEURON_OK = 0,
    NEURON_INVALID_ARGUMENT = 1,  /* a value from outside does not fit: shape, type, range */
    NEURON_INVALID_SYNTAX = 2,    /* a text does not parse */
    NEURON_OUT_OF_MEMORY = 3,     /* memory for the result could not be had */
    NEURON_NO_SUCH_CORE = 4,      /* a core that the machine lacks or the process may not use */
    NEURON_CORES_TAKEN = 5,       /* another owner holds a core that was asked for */
    NEURON_UNSUPPORTED_MODEL = 6, /* a model that is well formed, but cannot be run */
    NEURON_DAMAGED_MODEL = 7,     /* a compiled file that is truncated or altered, or none at all */
    NEURON_QUEUE_FULL = 8,        /* no room for more work now; try again after progress */
    NEURON_TIMED_OUT = 9,         /* the time given ran out */
    NEURON_CANCELLED = 10,        /* the caller took the work back */
    NEURON_STOPPED = 11,          /* the object no longer accepts work */
    NEURON_PEER_LOST = 12,        /* another process ended in the middle */
    NEURON_SYSTEM = 13,           /* the operating system refused; the text gives its reason */
    NEURON_NUMERICAL_ERROR = 14,  /* a run is done, and its outputs hold a NaN */
    NEURON_DEVICE_MEMORY_FULL = 15 /* the budget of a device does not allow what was asked */
};

enum { NEURON_ERROR_TEXT_BYTES = 240 };

/*
 * Why a call failed. Owned by the caller, holds no heap, and is copied by value. Its contents are
 * meaningful only after a call that returned something else than NEURON_OK.
 */
struct neuron_error {
    enum neuron_status status;
    char text[NEURON_ERROR_TEXT_BYTES]; /* one line, no line end: what, where, what to do */
};

/*
 * Names a status as it is written in the source, for example "NEURON_CORES_TAKEN".
 *
 * Returns a constant string, also for a number that is no status.
 * Any thread.
 */
NEURON_API const char *
neuron_status_name(enum neuron_status status);

/*
 * Writes a status and a formatted line into an error. Text that does not fit is cut at the end of
 * the last whole character.
 *
 * error  receives both. May be NULL: then nothing happens.
 *
 * Any thread.
 */
NEURON_API void
neuron_error_set(struct neuron_error *error, enum neuron_status status, const char *text, ...)
    NEURON_PRINTF(3, 4);

/*
 * Fills the error and yields the status: return NEURON_FAIL(error, NEURON_SYSTEM, "...", ...);
 * A macro and no function, so that static analysis sees that the status is not NEURON_OK.
 */
#define NEURON_FAIL(error, code, ...) (neuron_error_set((error), (code), __VA_ARGS__), (code))

/* Says in the source that a status is ignored on purpose. */
static inline void
neuron_ignore(enum neuron_status status)
{
    (void)status;
}

#ifdef __cplusplus
}
#endif

#endif
