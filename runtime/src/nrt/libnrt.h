/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of libnrt share: the state of the process, live handles, models and tensors. */
#ifndef NEURON_NRT_LIBNRT_H
#define NEURON_NRT_LIBNRT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "neuron/device_memory.h"
#include "neuron/model.h"
#include "neuron/module.h"
#include "neuron/runtime.h"
#include "neuron/status.h"
#include "neuron/tensor.h"
#include "nrt/nrt.h"

/*
 * Two locks, taken in this order:
 *
 *   the library's, by libnrt_enter(): shared by all calls under way, so that nrt_close() waits for
 *   them, and nothing is opened or closed meanwhile;
 *
 *   that of the objects, by libnrt_lock(): held shortly, never while something runs, is copied, is
 *   logged, or is allocated near a core: executors take it, too. It guards which handles are live,
 *   what sets hold, which storage a tensor has, and all counts of uses.
 *
 * What works on a tensor or a model without the lock of the objects has counted up its use before,
 * and counts it down after.
 */

/*
 * Begins a call. On NRT_SUCCESS the library stays open until libnrt_leave(). Else the reason is
 * logged: NRT_UNINITIALIZED before nrt_init() and in a forked child, NRT_CLOSED after nrt_close().
 *
 * call  the name of the public call, for the log.
 *
 * Any thread, none that has entered already.
 */
NRT_STATUS
libnrt_enter(const char *call);
void
libnrt_leave(void);

/* The runtime of the process, for who has entered. It outlives all objects and asynchronous work.
 */
struct neuron_runtime *
libnrt_runtime(void);

/* Says whether nrt_close() waits for the calls under way. What waits for long asks it, and ends. */
bool
libnrt_is_closing(void);

/* The status that a program of the Neuron runtime knows for one of ours. */
NRT_STATUS
libnrt_status_of(enum neuron_status status);

/* The same for what a run of a model returned. */
NRT_STATUS
libnrt_run_status_of(enum neuron_status status);

/*
 * Asserts that the calling thread does not hold the lock of the objects: whoever writes to the log
 * waits for its reader, and executors wait for whoever holds the lock.
 */
void
libnrt_assert_unlocked(void);

/* Says whether a number is one of the statuses. */
bool
libnrt_is_status(long number);

/* Logs at level ERROR why a call fails, and returns the status. Called by the next one only. */
NRT_STATUS
libnrt_log_refusal(NRT_STATUS status, const char *call, const char *text, ...) NEURON_PRINTF(3, 4);

/* A status that is none of success. */
static inline NRT_STATUS
libnrt_failure(NRT_STATUS status)
{
    return status == NRT_SUCCESS ? NRT_FAILURE : status;
}

/*
 * NRT_STATUS libnrt_refuse(NRT_STATUS status, const char *call, const char *text, ...);
 *
 * Logs at level ERROR why a call fails, and returns the status. Blocks while nobody reads the
 * log, so the lock of the objects is not held.
 *
 * call  the name of the public call.
 *
 * A macro, so that static analysis sees that the status is not NRT_SUCCESS.
 */
/* NOLINTNEXTLINE(readability-identifier-naming): it is used as the function above */
#define libnrt_refuse(...) \
    (libnrt_assert_unlocked(), libnrt_failure(libnrt_log_refusal(__VA_ARGS__)))

/* Refuses with NRT_INVALID a core that the process does not own, for who has entered. */
NRT_STATUS
libnrt_check_vnc(const char *call, int64_t vnc);

/* Why a call fails, found while the lock of the objects is held, and logged when it is not. */
struct libnrt_refusal {
    NRT_STATUS status; /* NRT_SUCCESS for none */
    char text[640];
};

/* Notes why a call fails, and returns the status. Called by the next one only. */
NRT_STATUS
libnrt_note_refusal(struct libnrt_refusal *refusal, NRT_STATUS status, const char *text, ...)
    NEURON_PRINTF(3, 4);

/*
 * NRT_STATUS libnrt_note(struct libnrt_refusal *refusal, NRT_STATUS status, const char *text, ...);
 *
 * Notes why a call fails, and returns the status. A macro, as libnrt_refuse().
 */
/* NOLINTNEXTLINE(readability-identifier-naming): it is used as the function above */
#define libnrt_note(...) libnrt_failure(libnrt_note_refusal(__VA_ARGS__))

/* Logs what was noted, as libnrt_refuse(). Returns its status, which may be NRT_SUCCESS. */
NRT_STATUS
libnrt_refuse_noted(const char *call, const struct libnrt_refusal *refusal);

/* What a handle that was given out is. */
enum libnrt_kind {
    LIBNRT_NOTHING = 0,
    LIBNRT_MODEL = 1,
    LIBNRT_TENSOR = 2,
    LIBNRT_TENSOR_SET = 3,
    LIBNRT_TENSOR_INFO = 4,
    LIBNRT_ERROR_TRACKER = 5
};

/*
 * The registry of live handles. It looks at no memory but its own, so a handle may be garbage.
 * These take the lock of the objects themselves; libnrt_register() returns false when memory ran
 * out, libnrt_unregister() whether the handle was live until now: then it is the caller's alone.
 */
bool
libnrt_register(const void *handle, enum libnrt_kind kind);
bool
libnrt_unregister(const void *handle, enum libnrt_kind kind);

/* Unregisters any handle of a kind and returns it; NULL when there is none. */
void *
libnrt_take_any(enum libnrt_kind kind);

/* The lock of the objects, and what is asked while it is held. */
void
libnrt_lock(void);
void
libnrt_unlock(void);
bool
libnrt_knows(const void *handle, enum libnrt_kind kind);
bool
libnrt_forget(const void *handle, enum libnrt_kind kind); /* libnrt_unregister() */

/*
 * Wakes all who wait, and waits for that, while the lock of the objects is held. The waiter looks
 * again at what it waits for.
 *
 * deadline_ns  of CLOCK_MONOTONIC; UINT64_MAX for none.
 */
void
libnrt_announce_change(void);
void
libnrt_wait_for_change(uint64_t deadline_ns);

/* Memory of tensors: a tensor's own, its slices', and that of what works on it. */
struct libnrt_storage {
    uint32_t use_count; /* guarded by the lock of the objects; the rest never changes */
    int32_t vnc;        /* the core that it is near; -1 for the host's and the caller's */
    unsigned char *address;
    size_t size_bytes;
    struct neuron_buffer *buffer; /* of the device, or NULL */
    void *host_memory;            /* to be freed, or NULL */
};

struct nrt_tensor {
    uint64_t serial; /* tells it from an earlier one at the same address; never changes */
    char name[NEURON_NAME_LIMIT_BYTES];
    struct {                            /* guarded by the lock of the objects */
        struct libnrt_storage *storage; /* NULL for none */
        size_t offset;                  /* of its first byte in the storage */
        size_t size_bytes;
        uint64_t completion_count; /* how often a run wrote it */
    } locked;
};

/* Bytes of a tensor that somebody works on. */
struct libnrt_span {
    unsigned char *address;
    struct libnrt_storage *storage; /* its use is counted */
};

/*
 * Finds bytes of a tensor, and keeps their memory until libnrt_release_span(), whatever happens to
 * the tensor.
 *
 * offset, size_bytes  any numbers.
 *
 * Returns NRT_INVALID_HANDLE for what is no live tensor; NRT_INVALID for one without memory, or
 * bytes outside of it.
 * Any thread that has entered.
 */
NRT_STATUS
libnrt_hold_span(const char *call, const nrt_tensor_t *tensor, uint64_t offset, uint64_t size_bytes,
                 struct libnrt_span *span);

/* Gives the memory of a span back. Does nothing for a zeroed one. Any thread. */
void
libnrt_release_span(struct libnrt_span *span);

/* Refuses with NRT_INVALID a copy between two tensors of the device on different cores. */
NRT_STATUS
libnrt_check_copy(const char *call, const struct libnrt_span *from, const struct libnrt_span *to);

/* Counts a use down, while the lock of the objects is held. What it returns, if anything, is to be
   destroyed without the lock. */
struct libnrt_storage *
libnrt_drop_storage(struct libnrt_storage *storage);
void
libnrt_destroy_storage(struct libnrt_storage *storage); /* accepts NULL */

/* An input or output of a loaded model. */
struct libnrt_port {
    const struct neuron_tensor_spec *spec;
    size_t size_bytes;
    uint64_t name_hash;
};

struct libnrt_shared_model; /* one neuron_model of all equal models that are loaded */

struct nrt_model {
    uint32_t use_count; /* runs and requests under way; guarded by the lock of the objects */
    uint32_t id;        /* in the log: 1, 2, ... */
    struct libnrt_shared_model *shared;
    const struct neuron_model *model;
    struct neuron_module *module;
    uint32_t input_count;
    uint32_t output_count;
    struct libnrt_port *ports;        /* the inputs, then the outputs */
    struct neuron_tensor_view *views; /* as many, without data */
    uint32_t replica_count;
    uint32_t replica_core_count; /* of each replica */
    uint32_t first_vnc;          /* of the first replica */
    bool *has_core;              /* by the process's number of a core: a replica is on it */
};

enum { LIBNRT_FEW = 8 }; /* inputs and outputs for which a binding allocates nothing */

/* A tensor that a run reads or writes. */
struct libnrt_bound {
    struct nrt_tensor *tensor; /* only compared, and asked while it is live */
    uint64_t serial;
    struct libnrt_storage *storage; /* its use is counted */
    unsigned char *address;
};

/*
 * The tensors of one run of a model. It is zeroed before it is bound for the first time, is not
 * copied, and may be bound anew when it was unbound: then it uses the memory that it has.
 */
struct libnrt_binding {
    struct nrt_model *model; /* its use is counted; NULL when unbound */
    void **inputs;           /* what neuron_module_run_replica() takes */
    void **outputs;
    struct libnrt_bound *bound; /* inputs, then outputs */
    void *detour;               /* memory in the place of tensors' own, see detour.h; or NULL */
    void *few_addresses[LIBNRT_FEW];
    struct libnrt_bound few_bound[LIBNRT_FEW];
    void *many; /* both arrays, where the model has more */
    uint32_t many_count;
};

/*
 * Looks up each input and output of a model in the sets, and keeps the model and all memory until
 * the binding is finished or unbound.
 *
 * Returns what nrt_execute() says of handles and tensors, or NRT_RESOURCE. The binding is then
 * unbound.
 * Any thread that has entered.
 */
NRT_STATUS
libnrt_bind(const char *call, nrt_model_t *model, const nrt_tensor_set_t *input_set,
            nrt_tensor_set_t *output_set, struct libnrt_binding *binding);

/*
 * Ends a binding whose run has ended: outputs are put where they belong, their completions counted,
 * a failure is logged and, where the environment wants it, its inputs are dumped; then unbinds.
 *
 * status, error  what the run returned.
 * kept           receives the model, whose use the caller gives up when all know of the end; NULL
 *                to have it given up here.
 *
 * Returns the status for the program.
 * Any thread, also an executor's.
 */
NRT_STATUS
libnrt_finish(const char *call, struct libnrt_binding *binding, enum neuron_status status,
              const struct neuron_error *error, struct nrt_model **kept);

/* Gives up the use of a model that libnrt_finish() handed over: it may be unloaded. Any thread. */
void
libnrt_give_up_model(struct nrt_model *model);

/* Gives back what a binding keeps, for one that was not run. Any thread. */
void
libnrt_unbind(struct libnrt_binding *binding);

/* Frees the memory of an unbound binding. Accepts a zeroed one. */
void
libnrt_binding_dispose(struct libnrt_binding *binding);

#endif
