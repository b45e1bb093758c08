/* SPDX-License-Identifier: Apache-2.0 */
#include "counters/process_counters.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "counters/sequence.h"
#include "neuron/clock.h"
#include "neuron/core_holders.h"
#include "neuron/process_identity.h"
#include "neuron/process_mark.h"

struct neuron_process_counters {
    unsigned char *bytes; /* the page, as unsigned char to find records in it */
    struct neuron_counter_page *page;
    size_t size_bytes;
    int descriptor;                      /* by which others find the page; -1 for none */
    struct neuron_process_mark *process; /* whose page it is */
    pthread_mutex_t lock;                /* of the tables of modules and memory */
};

/* Memory that others can map; where there is none, memory of our own. */
static void *
map_page(size_t size_bytes, int *descriptor)
{
    const int seals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;
    int file = memfd_create(NEURON_COUNTER_PAGE_NAME, MFD_CLOEXEC | MFD_ALLOW_SEALING);
    void *bytes = MAP_FAILED;

    if (file >= 0 && ftruncate(file, (off_t)size_bytes) == 0 &&
        fcntl(file, F_ADD_SEALS, seals) == 0) {
        bytes = mmap(NULL, size_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    }
    if (bytes != MAP_FAILED) {
        *descriptor = file;
        return bytes;
    }
    if (file >= 0) {
        (void)close(file);
    }
    *descriptor = -1;
    return mmap(NULL, size_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static void
fill_core(struct neuron_counter_core *record, const struct neuron_topology *topology, uint32_t core)
{
    record->core = core;
    record->device = neuron_topology_device_of(topology, core);
    record->cpu = neuron_topology_is_invented(topology)
                      ? -1
                      : (int32_t)neuron_topology_cpu_of(topology, core);
}

/* Fills in what never changes; the magic number last, so that no reader sees half of it. */
static void
fill_page(struct neuron_process_counters *counters, const struct neuron_topology *topology,
          const struct neuron_core_set *cores, const char *tag)
{
    struct neuron_counter_page *page = counters->page;
    uint32_t count = neuron_core_set_count(cores);

    page->version = NEURON_COUNTER_PAGE_VERSION;
    page->core_count = count;
    page->size_bytes = counters->size_bytes;
    page->pid = getpid();
    page->start_ticks = neuron_process_start_ticks(getpid());
    page->stamp_source = neuron_stamp_find_source();
    page->machine = neuron_core_holders_machine(topology);
    page->device_count = neuron_topology_device_count(topology);
    page->begin_stamp = neuron_stamp_now(page->stamp_source);
    page->begin_ns = neuron_clock_ns();
    if (tag == NULL || tag[0] == '\0') {
        (void)snprintf(page->tag, sizeof(page->tag), "%d", (int)getpid());
    } else {
        (void)snprintf(page->tag, sizeof(page->tag), "%s", tag);
    }
    (void)snprintf(page->runtime_version, sizeof(page->runtime_version), "%s", NEURON_VERSION_TEXT);
    for (uint32_t nc = 0; nc < count; nc += 1) {
        fill_core(neuron_process_counters_core(counters, nc), topology,
                  neuron_core_set_at(cores, nc));
    }
    atomic_store_explicit(&page->magic, neuron_counter_page_magic, memory_order_release);
}

enum neuron_status
neuron_process_counters_create(const struct neuron_topology *topology,
                               const struct neuron_core_set *cores, const char *tag,
                               struct neuron_process_counters **counters,
                               struct neuron_error *error)
{
    struct neuron_process_counters *created = calloc(1, sizeof(*created));
    void *bytes = MAP_FAILED;

    if (created != NULL && neuron_process_mark_create(&created->process, NULL) == NEURON_OK) {
        created->size_bytes = neuron_counter_core_offset(neuron_core_set_count(cores));
        bytes = map_page(created->size_bytes, &created->descriptor);
    }
    if (bytes == MAP_FAILED) {
        neuron_process_mark_destroy(created == NULL ? NULL : created->process);
        free(created);
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY,
                           "out of memory for the counters of %u cores",
                           neuron_core_set_count(cores));
    }
    created->bytes = bytes;
    created->page = bytes;
    (void)pthread_mutex_init(&created->lock, NULL); /* cannot fail without attributes */
    fill_page(created, topology, cores, tag);
    *counters = created;
    return NEURON_OK;
}

struct neuron_counter_core *
neuron_process_counters_core(const struct neuron_process_counters *counters, uint32_t nc)
{
    /* The page is aligned to pages of memory, and each record in it. */
    return (struct neuron_counter_core *)(void *)(counters->bytes + neuron_counter_core_offset(nc));
}

enum neuron_stamp_source
neuron_process_counters_source(const struct neuron_process_counters *counters)
{
    return (enum neuron_stamp_source)counters->page->stamp_source;
}

const char *
neuron_process_counters_tag(const struct neuron_process_counters *counters)
{
    return counters->page->tag;
}

void
neuron_process_counters_refuse(struct neuron_process_counters *counters, enum neuron_status status)
{
    if (neuron_process_mark_is_own(counters->process)) {
        /* Relaxed, here and below: each count is by itself. */
        atomic_fetch_add_explicit(&counters->page->refused[status], 1, memory_order_relaxed);
    }
}

/* A forked child has the page of its parent, in which it changes nothing, and may have the lock as
   another thread held it. Says whether the tables are the process's own, and locked then. */
static bool
lock_tables(struct neuron_process_counters *counters)
{
    return neuron_process_mark_is_own(counters->process) &&
           pthread_mutex_lock(&counters->lock) == 0;
}

/* Cuts a name where it is too long, at the end of a character. */
static void
copy_name(char *name, const char *from)
{
    size_t length = strnlen(from, NEURON_COUNTER_NAME_BYTES - 1);

    while (from[length] != '\0' && length > 0 && ((unsigned char)from[length] & 0xC0U) == 0x80) {
        length -= 1;
    }
    memcpy(name, from, length);
    memset(name + length, 0, NEURON_COUNTER_NAME_BYTES - length);
}

/* The module with a serial, or of 0 the first free place; NULL for none. With the lock held. */
static struct neuron_counter_module *
find_module(struct neuron_process_counters *counters, uint64_t serial)
{
    for (uint32_t i = 0; i < NEURON_COUNTER_MODULES; i += 1) {
        if (counters->page->modules[i].serial == serial) {
            return &counters->page->modules[i];
        }
    }
    return NULL;
}

static void
fill_module(struct neuron_counter_module *place, const struct neuron_counted_module *module)
{
    const uint32_t word_bits = 64;

    place->serial = module->serial;
    place->replica_count = module->replica_count;
    place->model_cores = module->model_cores;
    memcpy(place->identity, neuron_model_identity(module->model), sizeof(place->identity));
    memset(place->cores, 0, sizeof(place->cores));
    for (uint32_t i = 0; i < module->replica_count * module->model_cores; i += 1) {
        uint32_t nc = module->first_cores[i / module->model_cores] + i % module->model_cores;

        if (nc < NEURON_COUNTER_CORE_WORDS * word_bits) {
            place->cores[nc / word_bits] |= UINT64_C(1) << (nc % word_bits);
        }
    }
    copy_name(place->name, neuron_model_name(module->model));
}

void
neuron_process_counters_add_module(struct neuron_process_counters *counters,
                                   const struct neuron_counted_module *module)
{
    if (!lock_tables(counters)) {
        return;
    }
    struct neuron_counter_module *place = find_module(counters, 0);
    if (place != NULL) {
        neuron_sequence_begin(&place->sequence);
        fill_module(place, module);
        neuron_sequence_end(&place->sequence);
    }
    (void)pthread_mutex_unlock(&counters->lock);
}

void
neuron_process_counters_remove_module(struct neuron_process_counters *counters, uint64_t serial)
{
    if (!lock_tables(counters)) {
        return;
    }
    struct neuron_counter_module *place = serial == 0 ? NULL : find_module(counters, serial);
    if (place != NULL) {
        neuron_sequence_begin(&place->sequence);
        place->serial = 0;
        neuron_sequence_end(&place->sequence);
    }
    (void)pthread_mutex_unlock(&counters->lock);
}

/* The place of an owner on a device, or the first free one where it has none; the last one is for
   all that found no place. With the lock held. */
static struct neuron_counter_memory *
find_memory(struct neuron_process_counters *counters, uint32_t device, const char *owner)
{
    struct neuron_counter_memory *memory = counters->page->memory;
    struct neuron_counter_memory *others = &memory[NEURON_COUNTER_MEMORY_OWNERS - 1];
    struct neuron_counter_memory *unused = NULL;
    char name[NEURON_COUNTER_NAME_BYTES] = "";

    copy_name(name, owner[0] == '\0' ? "(no name)" : owner);
    for (struct neuron_counter_memory *place = memory; place < others; place += 1) {
        if (place->name[0] == '\0') {
            unused = unused == NULL ? place : unused;
        } else if (place->device == device && strcmp(place->name, name) == 0) {
            return place;
        }
    }
    struct neuron_counter_memory *place = unused == NULL ? others : unused;
    if (place->name[0] == '\0') {
        neuron_sequence_begin(&place->sequence);
        copy_name(place->name, place == others ? "(others)" : name);
        place->device = place == others ? UINT32_MAX : device;
        atomic_store_explicit(&place->peak_bytes, 0, memory_order_relaxed);
        neuron_sequence_end(&place->sequence);
    }
    return place;
}

static uint64_t
sum_uses(const struct neuron_counter_memory *place)
{
    uint64_t sum = 0;

    for (uint32_t use = 0; use < NEURON_MEMORY_USES; use += 1) {
        sum += atomic_load_explicit(&place->bytes[use], memory_order_relaxed);
    }
    return sum;
}

void
neuron_process_counters_take_memory(struct neuron_process_counters *counters, uint32_t device,
                                    const char *owner, enum neuron_memory_use use, uint64_t bytes)
{
    if (counters == NULL || !lock_tables(counters)) {
        return;
    }
    struct neuron_counter_memory *place = find_memory(counters, device, owner);
    neuron_sequence_begin(&place->sequence);
    atomic_fetch_add_explicit(&place->bytes[use], bytes, memory_order_relaxed);
    uint64_t sum = sum_uses(place);
    if (sum > atomic_load_explicit(&place->peak_bytes, memory_order_relaxed)) {
        atomic_store_explicit(&place->peak_bytes, sum, memory_order_relaxed);
    }
    neuron_sequence_end(&place->sequence);
    (void)pthread_mutex_unlock(&counters->lock);
}

/* Takes off what a place has, and returns what is left to take off. */
static uint64_t
take_off(struct neuron_counter_memory *place, enum neuron_memory_use use, uint64_t bytes)
{
    uint64_t had = atomic_load_explicit(&place->bytes[use], memory_order_relaxed);
    uint64_t taken = bytes < had ? bytes : had;

    neuron_sequence_begin(&place->sequence);
    atomic_store_explicit(&place->bytes[use], had - taken, memory_order_relaxed);
    if (sum_uses(place) == 0) {
        place->name[0] = '\0';
    }
    neuron_sequence_end(&place->sequence);
    return bytes - taken;
}

void
neuron_process_counters_give_memory(struct neuron_process_counters *counters, uint32_t device,
                                    const char *owner, enum neuron_memory_use use, uint64_t bytes)
{
    if (counters == NULL || !lock_tables(counters)) {
        return;
    }
    uint64_t left = take_off(find_memory(counters, device, owner), use, bytes);
    if (left > 0) {
        /* It was noted while there was no place for its owner. */
        (void)take_off(&counters->page->memory[NEURON_COUNTER_MEMORY_OWNERS - 1], use, left);
    }
    (void)pthread_mutex_unlock(&counters->lock);
}

void
neuron_process_counters_destroy(struct neuron_process_counters *counters)
{
    if (counters == NULL) {
        return;
    }
    if (neuron_process_mark_is_own(counters->process)) {
        /* Readers that have it open see that it is no more. */
        atomic_store_explicit(&counters->page->magic, 0, memory_order_release);
    }
    if (counters->descriptor >= 0) {
        (void)close(counters->descriptor);
    }
    (void)munmap(counters->bytes, counters->size_bytes);
    (void)pthread_mutex_destroy(&counters->lock);
    neuron_process_mark_destroy(counters->process);
    free(counters);
}
