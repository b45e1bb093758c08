/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A place in the store is empty, then building, then built; a failure makes it empty again. One
 * lock guards the list and the states. The executor that builds holds no lock while it does, and
 * whoever waits for it does so without one, so that plans of several devices build at once.
 */
#include "module/plan_store.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum state { EMPTY, BUILDING, BUILT };

struct neuron_shared_plan {
    struct neuron_plan_store *store;
    struct neuron_shared_plan *next;
    const struct neuron_graph *graph;
    uint32_t device;
    struct neuron_charge charge;   /* of the building under way */
    struct neuron_request request; /* likewise */
    struct {
        enum state state;
        uint32_t user_count;
        enum neuron_status status; /* of the last building */
        struct neuron_error error;
        struct neuron_plan *plan;
    } locked; /* guarded by the store's lock */
};

struct neuron_plan_store {
    char *cache_folder; /* of packed weights; NULL for none */
    pthread_mutex_t lock;
    pthread_cond_t built; /* some building came to its end */
    struct {
        struct neuron_shared_plan *first;
    } locked; /* guarded by `lock` */
};

enum neuron_status
neuron_plan_store_create(const char *cache_folder, struct neuron_plan_store **store,
                         struct neuron_error *error)
{
    struct neuron_plan_store *created = calloc(1, sizeof(*created));

    if (created != NULL && cache_folder != NULL) {
        created->cache_folder = strdup(cache_folder);
    }
    if (created == NULL || (cache_folder != NULL && created->cache_folder == NULL)) {
        free(created);
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for a runtime");
    }
    /* Neither can fail without attributes. */
    (void)pthread_mutex_init(&created->lock, NULL);
    (void)pthread_cond_init(&created->built, NULL);
    *store = created;
    return NEURON_OK;
}

const char *
neuron_plan_store_cache_folder(const struct neuron_plan_store *store)
{
    return store->cache_folder == NULL ? "" : store->cache_folder;
}

void
neuron_plan_store_destroy(struct neuron_plan_store *store)
{
    if (store == NULL) {
        return;
    }
    (void)pthread_cond_destroy(&store->built);
    (void)pthread_mutex_destroy(&store->lock);
    free(store->cache_folder);
    free(store);
}

/* Finds a place, while the lock is held. */
static struct neuron_shared_plan *
find_plan(const struct neuron_plan_store *store, const struct neuron_graph *graph, uint32_t device)
{
    struct neuron_shared_plan *plan = store->locked.first;

    while (plan != NULL && (plan->graph != graph || plan->device != device)) {
        plan = plan->next;
    }
    return plan;
}

/* Finds a place or adds one, while the lock is held. */
static struct neuron_shared_plan *
acquire_locked(struct neuron_plan_store *store, const struct neuron_graph *graph, uint32_t device)
{
    struct neuron_shared_plan *plan = find_plan(store, graph, device);

    if (plan == NULL) {
        plan = calloc(1, sizeof(*plan));
        if (plan == NULL) {
            return NULL;
        }
        plan->store = store;
        plan->graph = graph;
        plan->device = device;
        plan->next = store->locked.first;
        store->locked.first = plan;
    }
    plan->locked.user_count += 1;
    return plan;
}

enum neuron_status
neuron_plan_store_acquire(struct neuron_plan_store *store, const struct neuron_graph *graph,
                          uint32_t device, struct neuron_shared_plan **plan,
                          struct neuron_error *error)
{
    (void)pthread_mutex_lock(&store->lock);
    struct neuron_shared_plan *acquired = acquire_locked(store, graph, device);
    (void)pthread_mutex_unlock(&store->lock);
    if (acquired == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for a module");
    }
    *plan = acquired;
    return NEURON_OK;
}

/* Notes the end of a building, and tells those who wait for it. */
static void
end_building(struct neuron_shared_plan *plan, struct neuron_plan *built, enum neuron_status status,
             const struct neuron_error *error)
{
    struct neuron_plan_store *store = plan->store;

    (void)pthread_mutex_lock(&store->lock);
    plan->locked.state = status == NEURON_OK ? BUILT : EMPTY;
    plan->locked.status = status;
    plan->locked.plan = built;
    plan->locked.error = *error;
    (void)pthread_cond_broadcast(&store->built);
    (void)pthread_mutex_unlock(&store->lock);
}

/* On the executor's thread. */
static void
build(void *argument)
{
    struct neuron_shared_plan *plan = argument;
    /* A graph that comes from no file has no identity. */
    const struct neuron_packed_place place = {
        .folder = plan->graph->has_identity ? plan->store->cache_folder : NULL,
        .identity = plan->graph->identity};
    struct neuron_plan *built = NULL;
    struct neuron_error error = {0};
    enum neuron_status status =
        neuron_plan_create_cached(plan->graph, &plan->charge, &place, &built, &error);

    end_building(plan, built, status, &error);
}

enum neuron_status
neuron_shared_plan_start(struct neuron_shared_plan *plan, struct neuron_executor *executor,
                         const struct neuron_charge *charge, struct neuron_error *error)
{
    (void)pthread_mutex_lock(&plan->store->lock);
    bool is_mine = plan->locked.state == EMPTY;
    plan->locked.state = is_mine ? BUILDING : plan->locked.state;
    (void)pthread_mutex_unlock(&plan->store->lock);
    if (!is_mine) {
        return NEURON_OK;
    }
    struct neuron_error reason = {0};
    plan->charge = *charge;
    plan->request = (struct neuron_request){.work = build, .argument = plan};
    enum neuron_status status = neuron_executor_submit(executor, &plan->request, &reason);
    if (status != NEURON_OK) {
        end_building(plan, NULL, status, &reason);
        return NEURON_FAIL(error, status, "%s", reason.text);
    }
    return NEURON_OK;
}

enum neuron_status
neuron_shared_plan_wait(struct neuron_shared_plan *plan, struct neuron_error *error)
{
    struct neuron_plan_store *store = plan->store;

    (void)pthread_mutex_lock(&store->lock);
    while (plan->locked.state == BUILDING) {
        (void)pthread_cond_wait(&store->built, &store->lock);
    }
    enum neuron_status status = plan->locked.status;
    if (status != NEURON_OK && error != NULL) {
        *error = plan->locked.error;
    }
    (void)pthread_mutex_unlock(&store->lock);
    return status;
}

enum neuron_status
neuron_shared_plan_obtain(struct neuron_shared_plan *plan, const struct neuron_charge *charge,
                          struct neuron_error *error)
{
    struct neuron_plan_store *store = plan->store;

    (void)pthread_mutex_lock(&store->lock);
    while (plan->locked.state == BUILDING) {
        (void)pthread_cond_wait(&store->built, &store->lock);
    }
    bool is_mine = plan->locked.state == EMPTY;
    plan->locked.state = is_mine ? BUILDING : plan->locked.state;
    (void)pthread_mutex_unlock(&store->lock);
    if (!is_mine) {
        return NEURON_OK;
    }
    plan->charge = *charge;
    build(plan);
    return neuron_shared_plan_wait(plan, error);
}

const struct neuron_plan *
neuron_shared_plan_get(const struct neuron_shared_plan *plan)
{
    /* Without the lock: whoever has waited for the plan saw it built, and it stays so. */
    return plan->locked.plan;
}

/* Takes a place out of the list, while the lock is held. */
static void
remove_plan(struct neuron_plan_store *store, const struct neuron_shared_plan *plan)
{
    struct neuron_shared_plan **link = &store->locked.first;

    while (*link != plan) {
        link = &(*link)->next;
    }
    *link = plan->next;
}

void
neuron_plan_store_release(struct neuron_plan_store *store, struct neuron_shared_plan *plan)
{
    if (plan == NULL) {
        return;
    }
    (void)pthread_mutex_lock(&store->lock);
    /* The last user may have given up while another device of its module was being built. */
    while (plan->locked.user_count == 1 && plan->locked.state == BUILDING) {
        (void)pthread_cond_wait(&store->built, &store->lock);
    }
    plan->locked.user_count -= 1;
    bool is_last = plan->locked.user_count == 0;
    if (is_last) {
        remove_plan(store, plan);
    }
    (void)pthread_mutex_unlock(&store->lock);
    if (is_last) {
        neuron_plan_destroy(plan->locked.plan);
        free(plan);
    }
}
