/* SPDX-License-Identifier: Apache-2.0 */
/*
 * NEVER or CLOSED --nrt_init()--> OPENING --> OPEN --nrt_close()--> CLOSING --> CLOSED
 *
 * Calls hold the library's lock shared, and look at the phase before and after they took it:
 * before, so that new calls do not keep nrt_close() waiting for ever; after, because it may have
 * come first. Whoever closes has said CLOSING before it has the lock: an nrt_init() that gets the
 * lock meanwhile gives it back, and waits for CLOSED.
 *
 * A forked child has the memory of its parent, but neither its threads nor its cores, and maybe a
 * lock that a thread held which is not there. So the mark of the process is asked before any lock.
 * A child whose parent had nothing open gets a state of its own, with locks that nobody holds, when
 * it calls nrt_init().
 */
#include "nrt/libnrt.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/types.h>
#include <unistd.h>

#include "neuron/process_mark.h"
#include "nrt/async.h"
#include "nrt/environment.h"
#include "nrt/input_dump.h"
#include "nrt/lifecycle.h"
#include "nrt/log.h"
#include "nrt/machine.h"
#include "nrt/objects.h"

enum phase { NEVER = 0, OPENING = 1, OPEN = 2, CLOSING = 3, CLOSED = 4 };

/* Of one process, from its first nrt_init() to its end. */
struct library {
    struct neuron_process_mark *mark;
    pid_t pid;
    struct library *inherited; /* the parent's, which another thread may look at yet; or NULL */
    pthread_rwlock_t lock;
    _Atomic int phase;
    struct neuron_runtime *runtime; /* written while the lock is held alone */
    pthread_cond_t close_ended;
    struct {
        pthread_mutex_t lock;
        uint64_t close_count; /* of those that ended; CLOSING ends while this lock is held */
    } closing;
};

/* NULL before the first nrt_init(). In a forked child that of the parent, until its own. */
static struct library *_Atomic current;

/* The state of this process; NULL while it has none. */
static struct library *
own_library(void)
{
    struct library *library = atomic_load(&current);

    return library != NULL && neuron_process_mark_is_own(library->mark) ? library : NULL;
}

/* Says whether something is open, opened or closed. Of a parent: when it forked. */
static bool
is_in_use(const struct library *library)
{
    int phase = atomic_load(&library->phase);

    return phase != NEVER && phase != CLOSED;
}

bool
libnrt_has_inherited(void)
{
    const struct library *library = atomic_load(&current);

    return library != NULL &&
           (library->inherited != NULL || !neuron_process_mark_is_own(library->mark));
}

bool
libnrt_is_forked_child(void)
{
    const struct library *library = atomic_load(&current);

    return library != NULL && !neuron_process_mark_is_own(library->mark) && is_in_use(library);
}

NRT_STATUS
libnrt_refuse_child(const char *call)
{
    return libnrt_refuse(
        NRT_UNINITIALIZED, call,
        "Incompatible runtime state: NRT_STATE_CHILD: this process was forked from "
        "pid %d, which has initialized the runtime; fork before nrt_init(), or "
        "execute a program anew",
        (int)atomic_load(&current)->pid);
}

static NRT_STATUS
refuse_phase(const char *call, int phase)
{
    if (phase == NEVER || phase == OPENING) {
        return libnrt_refuse(NRT_UNINITIALIZED, call, "called before nrt_init()");
    }
    return libnrt_refuse(NRT_CLOSED, call, "called after nrt_close()");
}

static int
current_phase(void)
{
    const struct library *library = atomic_load(&current);

    return library == NULL ? NEVER : atomic_load(&library->phase);
}

/*
 * Takes the lock shared if the library is open. Returns the phase that it is in. The state is not
 * that of a parent which is in use.
 */
static int
share_library(void)
{
    struct library *library = atomic_load(&current);
    int phase = library == NULL ? NEVER : atomic_load(&library->phase);

    if (phase != OPEN) {
        return phase;
    }
    (void)pthread_rwlock_rdlock(&library->lock);
    phase = atomic_load(&library->phase);
    if (phase != OPEN) {
        (void)pthread_rwlock_unlock(&library->lock);
    }
    return phase;
}

NRT_STATUS
libnrt_enter(const char *call)
{
    if (libnrt_is_forked_child()) {
        return libnrt_refuse_child(call);
    }
    int phase = share_library();
    return phase == OPEN ? NRT_SUCCESS : refuse_phase(call, phase);
}

bool
libnrt_try_enter(void)
{
    return !libnrt_is_forked_child() && share_library() == OPEN;
}

void
libnrt_leave(void)
{
    (void)pthread_rwlock_unlock(&atomic_load(&current)->lock);
}

struct neuron_runtime *
libnrt_runtime(void)
{
    return atomic_load(&current)->runtime;
}

bool
libnrt_is_closing(void)
{
    return current_phase() == CLOSING;
}

/* What a variable means here that the original has, and that is not to be used any more. */
static void
log_deprecated(const struct neuron_runtime_options *options,
               const struct libnrt_environment *environment)
{
    static const char call[] = "nrt_init";

    if (options->group_sizes != NULL) {
        libnrt_log_notice(call,
                          "NEURONCORE_GROUP_SIZES=%s is deprecated: use NEURON_RT_NUM_CORES or "
                          "NEURON_RT_VISIBLE_CORES",
                          options->group_sizes);
    }
    if (environment->queued_runs != NULL) {
        libnrt_log_notice(
            call, "NEURON_RT_ASYNC_EXEC_MAX_INFLIGHT_REQUESTS does nothing: nrt_execute() waits "
                  "for its run; nrt_async.h has calls that do not");
    }
}

static NRT_STATUS
open_runtime(struct neuron_runtime **runtime)
{
    static const char call[] = "nrt_init";
    struct libnrt_environment environment = {.dump_status = NULL};
    struct libnrt_log_options log = {.complaint_count = 0};
    struct neuron_runtime_options options = {.core_count = 0};
    struct neuron_error error = {.text = ""};

    libnrt_environment_read(&environment);
    libnrt_log_options_parse(&environment.log, &log);
    libnrt_log_configure(&log);
    libnrt_input_dump_configure(environment.dump_status, environment.dump_folder);
    enum neuron_status status = neuron_runtime_options_read(&options, &error);
    if (status == NEURON_OK) {
        log_deprecated(&options, &environment);
        status = neuron_runtime_create(&options, runtime, &error);
    }
    if (status == NEURON_CORES_TAKEN || status == NEURON_NO_SUCH_CORE) {
        return libnrt_refuse_cores(&options, &error);
    }
    if (status != NEURON_OK) {
        return libnrt_refuse(libnrt_status_of(status), call, "%s", error.text);
    }
    return NRT_SUCCESS;
}

static NRT_STATUS
refuse_second_init(void)
{
    return libnrt_refuse(NRT_INVALID, "nrt_init",
                         "the runtime is initialized already; nrt_close() comes first");
}

/* Opens the library, while its lock is held alone, and it is not CLOSING. */
static NRT_STATUS
open_library(struct library *library)
{
    int phase = atomic_load(&library->phase);

    if (phase == OPEN) {
        return refuse_second_init();
    }
    atomic_store(&library->phase, OPENING);
    NRT_STATUS status = open_runtime(&library->runtime);
    atomic_store(&library->phase, status == NRT_SUCCESS ? OPEN : phase);
    return status;
}

static void
destroy_library(struct library *library)
{
    neuron_process_mark_destroy(library->mark);
    (void)pthread_rwlock_destroy(&library->lock);
    (void)pthread_mutex_destroy(&library->closing.lock);
    (void)pthread_cond_destroy(&library->close_ended);
    free(library);
}

/* Makes the state of this process. Returns NULL when memory ran out. */
static struct library *
create_library(struct library *inherited)
{
    struct library *library = calloc(1, sizeof(*library));

    if (library == NULL || neuron_process_mark_create(&library->mark, NULL) != NEURON_OK) {
        free(library);
        return NULL;
    }
    library->pid = getpid();
    library->inherited = inherited;
    (void)pthread_rwlock_init(&library->lock, NULL);
    (void)pthread_mutex_init(&library->closing.lock, NULL);
    (void)pthread_cond_init(&library->close_ended, NULL);
    return library;
}

/* Finds the state of this process, and makes it where there is none. */
static NRT_STATUS
find_library(struct library **found)
{
    static const char call[] = "nrt_init";
    struct library *library = atomic_load(&current);

    while (library == NULL || !neuron_process_mark_is_own(library->mark)) {
        if (library != NULL && is_in_use(library)) {
            return libnrt_refuse_child(call);
        }
        struct library *created = create_library(library);
        if (created == NULL) {
            return libnrt_refuse(NRT_RESOURCE, call, "out of memory for the state of the library");
        }
        if (atomic_compare_exchange_strong(&current, &library, created)) {
            library = created;
        } else {
            destroy_library(created); /* another thread was faster */
        }
    }
    *found = library;
    return NRT_SUCCESS;
}

/* Waits until the nrt_close() that is under way has ended; not for one that comes after. */
static void
wait_for_close(struct library *library)
{
    (void)pthread_mutex_lock(&library->closing.lock);
    uint64_t before = library->closing.close_count;
    while (atomic_load(&library->phase) == CLOSING && library->closing.close_count == before) {
        (void)pthread_cond_wait(&library->close_ended, &library->closing.lock);
    }
    (void)pthread_mutex_unlock(&library->closing.lock);
}

/* Takes the lock alone, when no nrt_close() waits for it or holds it. */
static void
lock_unless_closing(struct library *library)
{
    (void)pthread_rwlock_wrlock(&library->lock);
    while (atomic_load(&library->phase) == CLOSING) {
        (void)pthread_rwlock_unlock(&library->lock);
        wait_for_close(library);
        (void)pthread_rwlock_wrlock(&library->lock);
    }
}

NRT_STATUS
nrt_init(nrt_framework_type_t framework, const char *fw_version, const char *fal_version)
{
    struct library *library = NULL;
    char cores[64] = "";
    NRT_STATUS status = find_library(&library);

    if (status != NRT_SUCCESS) {
        return status;
    }
    if (atomic_load(&library->phase) == OPEN) {
        /* Without the lock: calls that hold it may take long. */
        return refuse_second_init();
    }
    lock_unless_closing(library);
    status = open_library(library);
    if (status == NRT_SUCCESS) {
        (void)neuron_core_set_format(neuron_runtime_cores(library->runtime), cores, sizeof(cores));
        libnrt_log(LIBNRT_INFO, "nrt_init",
                   "initialized cores=%s framework=%d fw_version=%s fal_version=%s", cores,
                   (int)framework, fw_version == NULL ? "" : fw_version,
                   fal_version == NULL ? "" : fal_version);
    }
    (void)pthread_rwlock_unlock(&library->lock);
    return status;
}

/* Frees what the program has left. Models first: they know no tensor, but use the cores. */
static void
destroy_objects(void)
{
    void *object = NULL;

    while ((object = libnrt_take_any(LIBNRT_MODEL)) != NULL) {
        libnrt_model_destroy(object);
    }
    while ((object = libnrt_take_any(LIBNRT_TENSOR_SET)) != NULL) {
        libnrt_tensor_set_destroy(object);
    }
    while ((object = libnrt_take_any(LIBNRT_TENSOR)) != NULL) {
        libnrt_tensor_destroy(object);
    }
    while ((object = libnrt_take_any(LIBNRT_TENSOR_INFO)) != NULL) {
        free(object);
    }
}

/* Ends and frees all, while the lock is held alone. */
static void
close_library(struct library *library)
{
    libnrt_at_close();
    destroy_objects();
    neuron_runtime_destroy(library->runtime);
    library->runtime = NULL;
    libnrt_log(LIBNRT_INFO, "nrt_close", "closed");
}

/* Says CLOSED, to those who wait for it, too. */
static void
announce_close(struct library *library)
{
    (void)pthread_mutex_lock(&library->closing.lock);
    library->closing.close_count += 1;
    atomic_store(&library->phase, CLOSED);
    (void)pthread_cond_broadcast(&library->close_ended);
    (void)pthread_mutex_unlock(&library->closing.lock);
}

void
nrt_close(void)
{
    struct library *library = own_library();
    int phase = OPEN;

    if (library == NULL) {
        return; /* before nrt_init(), or in a forked child */
    }
    if (!atomic_compare_exchange_strong(&library->phase, &phase, CLOSING)) {
        if (phase == CLOSING) {
            wait_for_close(library); /* another thread closes */
        }
        return;
    }
    libnrt_lock();
    libnrt_announce_change();
    libnrt_unlock();
    (void)pthread_rwlock_wrlock(&library->lock);
    close_library(library);
    (void)pthread_rwlock_unlock(&library->lock);
    announce_close(library);
}
