/* SPDX-License-Identifier: Apache-2.0 */
/*
 * NEVER or CLOSED --nrt_init()--> OPEN --nrt_close()--> CLOSING --> CLOSED
 *
 * Calls hold the library's lock shared, and look at the phase before and after they took it:
 * before, so that new calls do not keep nrt_close() waiting for ever; after, because it may have
 * come first.
 *
 * A forked child has the memory of its parent, but neither its threads nor its cores, and maybe a
 * lock that a thread held which is not there. So who owns the library is asked before any lock.
 */
#include "nrt/libnrt.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/types.h>
#include <unistd.h>

#include "nrt/async.h"
#include "nrt/environment.h"
#include "nrt/input_dump.h"
#include "nrt/lifecycle.h"
#include "nrt/log.h"
#include "nrt/machine.h"
#include "nrt/objects.h"

enum phase { NEVER = 0, OPEN = 1, CLOSING = 2, CLOSED = 3 };

static struct {
    pthread_rwlock_t lock;
    _Atomic int phase;
    _Atomic int owner;              /* the pid of who is opening or has it open; 0 for nobody */
    struct neuron_runtime *runtime; /* written while the lock is held alone */
} library = {.lock = PTHREAD_RWLOCK_INITIALIZER};

bool
libnrt_is_forked_child(void)
{
    int owner = atomic_load(&library.owner);

    return owner != 0 && owner != (int)getpid();
}

NRT_STATUS
libnrt_refuse_child(const char *call)
{
    return libnrt_refuse(
        NRT_UNINITIALIZED, call,
        "Incompatible runtime state: NRT_STATE_CHILD: this process was forked from "
        "pid %d, which has initialized the runtime; fork before nrt_init(), or "
        "execute a program anew",
        atomic_load(&library.owner));
}

static NRT_STATUS
refuse_phase(const char *call, int phase)
{
    if (phase == NEVER) {
        return libnrt_refuse(NRT_UNINITIALIZED, call, "called before nrt_init()");
    }
    return libnrt_refuse(NRT_CLOSED, call, "called after nrt_close()");
}

NRT_STATUS
libnrt_enter(const char *call)
{
    if (libnrt_is_forked_child()) {
        return libnrt_refuse_child(call);
    }
    int phase = atomic_load(&library.phase);
    if (phase != OPEN) {
        return refuse_phase(call, phase);
    }
    (void)pthread_rwlock_rdlock(&library.lock);
    phase = atomic_load(&library.phase);
    if (phase != OPEN) {
        (void)pthread_rwlock_unlock(&library.lock);
        return refuse_phase(call, phase);
    }
    return NRT_SUCCESS;
}

bool
libnrt_try_enter(void)
{
    if (libnrt_is_forked_child() || atomic_load(&library.phase) != OPEN) {
        return false;
    }
    (void)pthread_rwlock_rdlock(&library.lock);
    if (atomic_load(&library.phase) != OPEN) {
        (void)pthread_rwlock_unlock(&library.lock);
        return false;
    }
    return true;
}

void
libnrt_leave(void)
{
    (void)pthread_rwlock_unlock(&library.lock);
}

struct neuron_runtime *
libnrt_runtime(void)
{
    return library.runtime;
}

bool
libnrt_is_closing(void)
{
    return atomic_load(&library.phase) == CLOSING;
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
        libnrt_log(LIBNRT_WARN, call,
                   "NEURON_RT_ASYNC_EXEC_MAX_INFLIGHT_REQUESTS does nothing: nrt_execute() waits "
                   "for its run; nrt_async.h has calls that do not");
    }
}

static NRT_STATUS
open_runtime(void)
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
        status = neuron_runtime_create(&options, &library.runtime, &error);
    }
    if (status == NEURON_CORES_TAKEN || status == NEURON_NO_SUCH_CORE) {
        return libnrt_refuse_cores(&options, &error);
    }
    if (status != NEURON_OK) {
        return libnrt_refuse(libnrt_status_of(status), call, "%s", error.text);
    }
    return NRT_SUCCESS;
}

/* Opens the library, while its lock is held alone. */
static NRT_STATUS
open_library(void)
{
    if (atomic_load(&library.phase) == OPEN) {
        return libnrt_refuse(NRT_INVALID, "nrt_init",
                             "the runtime is initialized already; nrt_close() comes first");
    }
    atomic_store(&library.owner, (int)getpid());
    NRT_STATUS status = open_runtime();
    if (status != NRT_SUCCESS) {
        atomic_store(&library.owner, 0);
        return status;
    }
    atomic_store(&library.phase, OPEN);
    return NRT_SUCCESS;
}

NRT_STATUS
nrt_init(nrt_framework_type_t framework, const char *fw_version, const char *fal_version)
{
    static const char call[] = "nrt_init";
    char cores[64] = "";

    if (libnrt_is_forked_child()) {
        return libnrt_refuse_child(call);
    }
    if (atomic_load(&library.phase) == OPEN) {
        /* Without the lock: calls that hold it may take long. */
        return libnrt_refuse(NRT_INVALID, call,
                             "the runtime is initialized already; nrt_close() comes first");
    }
    (void)pthread_rwlock_wrlock(&library.lock);
    NRT_STATUS status = open_library();
    if (status == NRT_SUCCESS) {
        (void)neuron_core_set_format(neuron_runtime_cores(library.runtime), cores, sizeof(cores));
        libnrt_log(LIBNRT_INFO, call,
                   "initialized cores=%s framework=%d fw_version=%s fal_version=%s", cores,
                   (int)framework, fw_version == NULL ? "" : fw_version,
                   fal_version == NULL ? "" : fal_version);
    }
    (void)pthread_rwlock_unlock(&library.lock);
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
close_library(void)
{
    libnrt_at_close();
    destroy_objects();
    neuron_runtime_destroy(library.runtime);
    library.runtime = NULL;
    libnrt_log(LIBNRT_INFO, "nrt_close", "closed");
}

void
nrt_close(void)
{
    int phase = OPEN;

    if (libnrt_is_forked_child()) {
        return;
    }
    bool is_mine = atomic_compare_exchange_strong(&library.phase, &phase, CLOSING);
    if (!is_mine && phase != CLOSING) {
        return;
    }
    if (is_mine) {
        libnrt_lock();
        libnrt_announce_change();
        libnrt_unlock();
    }
    (void)pthread_rwlock_wrlock(&library.lock);
    /* Where another thread closes, this one has waited until it is done. */
    if (is_mine) {
        close_library();
        atomic_store(&library.phase, CLOSED);
        atomic_store(&library.owner, 0);
    }
    (void)pthread_rwlock_unlock(&library.lock);
}
