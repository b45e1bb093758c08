/* SPDX-License-Identifier: Apache-2.0 */
#include "counters/counter_reader.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "counters/page_file.h"
#include "counters/printable.h"
#include "counters/sequence.h"
#include "counters/stamp.h"
#include "neuron/clock.h"
#include "neuron/process_identity.h"
#include "neuron/process_life.h"

enum { TRIES = 100 /* at something that is being changed; each change takes nanoseconds */ };

struct neuron_counter_reader {
    pid_t pid;
    uint64_t start_ticks; /* of the process: its number may be another's one day */
    unsigned char *bytes; /* mapped for reading alone */
    const struct neuron_counter_page *page;
    size_t size_bytes;
    uint32_t core_count;
    enum neuron_stamp_source source;
    uint64_t begin_stamp;
    uint64_t begin_ns;
    uint64_t machine;
};

static const struct neuron_counter_core *
core_record(const struct neuron_counter_reader *reader, uint32_t nc)
{
    /* The page is aligned to pages of memory, and each record in it. */
    return (const struct neuron_counter_core *)(const void *)(reader->bytes +
                                                              neuron_counter_core_offset(nc));
}

static uint64_t
load(const _Atomic uint64_t *word)
{
    /* Relaxed: each count is by itself. */
    return atomic_load_explicit(word, memory_order_relaxed);
}

static void
load_all(const _Atomic uint64_t *words, uint64_t *values, uint32_t count)
{
    for (uint32_t i = 0; i < count; i += 1) {
        values[i] = load(&words[i]);
    }
}

/* Two clocks tell their rate only when some time has gone by. */
static void
await_age(const struct neuron_counter_reader *reader)
{
    const uint64_t least_ns = 2 * (uint64_t)NEURON_NS_PER_MS;
    uint64_t age_ns = neuron_clock_ns() - reader->begin_ns;

    if (age_ns < least_ns) {
        (void)usleep((useconds_t)((least_ns - age_ns) / 1000 + 1));
    }
}

static enum neuron_status
open_page(pid_t pid, const struct neuron_page_file *file, struct neuron_counter_reader **reader,
          struct neuron_error *error)
{
    struct neuron_counter_reader *opened = calloc(1, sizeof(*opened));
    void *bytes = mmap(NULL, file->size_bytes, PROT_READ, MAP_SHARED, file->descriptor, 0);

    if (opened == NULL || bytes == MAP_FAILED) {
        if (bytes != MAP_FAILED) {
            (void)munmap(bytes, file->size_bytes);
        }
        free(opened);
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for the counters of pid %d",
                           (int)pid);
    }
    opened->pid = pid;
    opened->start_ticks = neuron_process_start_ticks(pid);
    opened->bytes = bytes;
    opened->page = bytes;
    opened->size_bytes = file->size_bytes;
    opened->core_count = file->core_count;
    opened->source = (enum neuron_stamp_source)opened->page->stamp_source;
    opened->begin_stamp = opened->page->begin_stamp;
    opened->begin_ns = opened->page->begin_ns;
    opened->machine = opened->page->machine;
    await_age(opened);
    *reader = opened;
    return NEURON_OK;
}

enum neuron_status
neuron_counter_readers_open(pid_t pid, struct neuron_counter_readers *readers,
                            struct neuron_error *error)
{
    struct neuron_page_file files[NEURON_COUNTER_READERS_LIMIT] = {{0}};
    struct neuron_counter_readers opened = {.count = 0};
    uint32_t count = 0;
    enum neuron_status status =
        neuron_page_files_find(pid, files, NEURON_COUNTER_READERS_LIMIT, &count, error);

    for (uint32_t i = 0; i < count; i += 1) {
        if (status == NEURON_OK) {
            status = open_page(pid, &files[i], &opened.readers[opened.count], error);
            opened.count += status == NEURON_OK ? 1 : 0;
        }
        (void)close(files[i].descriptor);
    }
    if (status != NEURON_OK) {
        neuron_counter_readers_close(&opened);
        return status;
    }
    *readers = opened;
    return NEURON_OK;
}

/* How long the core was busy, in stamps, the request under way included. */
static uint64_t
read_busy(const struct neuron_counter_core *record, uint64_t now, bool *is_busy)
{
    uint64_t total = 0;
    uint64_t since = 0;
    bool is_whole = false;

    for (uint32_t tries = 0; !is_whole && tries < TRIES; tries += 1) {
        uint32_t sequence = neuron_sequence_read(&record->sequence);

        total = load(&record->busy_stamps);
        since = load(&record->busy_since);
        is_whole = neuron_sequence_holds(&record->sequence, sequence);
    }
    if (!is_whole) {
        since = 0; /* requests so short that what is done is all that counts */
    }
    *is_busy = since != 0;
    /* A request that began after the caller looked at the time has taken none yet. */
    uint64_t under_way = since != 0 && since < now ? now - since : 0;
    return under_way < UINT64_MAX - total ? total + under_way : UINT64_MAX;
}

/* What stamps are in nanoseconds; no more than a number holds, whatever a process writes. */
static uint64_t
to_ns(uint64_t stamps, double ns_per_stamp)
{
    const double limit = 18e18; /* 570 years; 2 to the power of 64 is a little more */
    double ns = (double)stamps * ns_per_stamp;

    return ns < limit ? (uint64_t)ns : UINT64_MAX;
}

static void
read_core(const struct neuron_counter_reader *reader, uint32_t nc, uint64_t now_stamp,
          struct neuron_counter_sample *sample)
{
    const struct neuron_counter_core *record = core_record(reader, nc);
    struct neuron_core_sample *core = &sample->cores[nc];

    core->core = record->core;
    core->device = record->device;
    core->cpu = record->cpu;
    core->busy_stamps = read_busy(record, now_stamp, &core->is_busy);
    core->busy_ns = to_ns(core->busy_stamps, sample->ns_per_stamp);
    core->module = load(&record->module);
    core->switch_count = load(&record->switch_count);
    load_all(record->ended, core->ended, NEURON_COUNTER_STATUSES);
}

/* Adds the durations of a core, unless it never ran anything: what is not there stays so. */
static void
add_latencies(const struct neuron_counter_core *record, const uint64_t *ended,
              struct neuron_counter_sample *sample)
{
    uint64_t runs = 0;

    for (uint32_t i = 0; i < NEURON_COUNTER_STATUSES; i += 1) {
        runs += ended[i];
    }
    for (uint32_t i = 0; runs > 0 && i < NEURON_LATENCY_BUCKETS; i += 1) {
        sample->run_times.counts[i] += load(&record->run_times[i]);
        sample->request_times.counts[i] += load(&record->request_times[i]);
    }
}

/* Says whether a core works for a module at this moment. */
static bool
is_running(const struct neuron_counter_sample *sample, uint64_t serial)
{
    for (uint32_t nc = 0; nc < sample->core_count; nc += 1) {
        if (sample->cores[nc].is_busy && sample->cores[nc].module == serial) {
            return true;
        }
    }
    return false;
}

/* Takes a module that is whole at some moment; says whether there is one. */
static bool
read_module(const struct neuron_counter_module *place, struct neuron_module_sample *module)
{
    bool is_whole = false;

    for (uint32_t tries = 0; !is_whole && tries < TRIES; tries += 1) {
        uint32_t sequence = neuron_sequence_read(&place->sequence);

        module->serial = place->serial;
        module->replica_count = place->replica_count;
        module->model_cores = place->model_cores;
        memcpy(module->identity, place->identity, sizeof(module->identity));
        memcpy(module->cores, place->cores, sizeof(module->cores));
        memcpy(module->name, place->name, sizeof(module->name));
        is_whole = neuron_sequence_holds(&place->sequence, sequence);
    }
    neuron_make_printable(module->name, sizeof(module->name));
    return is_whole && module->serial != 0;
}

static bool
read_memory(const struct neuron_counter_memory *place, struct neuron_memory_sample *memory)
{
    bool is_whole = false;

    for (uint32_t tries = 0; !is_whole && tries < TRIES; tries += 1) {
        uint32_t sequence = neuron_sequence_read(&place->sequence);

        memory->device = place->device;
        memory->peak_bytes = load(&place->peak_bytes);
        load_all(place->bytes, memory->bytes, NEURON_MEMORY_USES);
        memcpy(memory->name, place->name, sizeof(memory->name));
        is_whole = neuron_sequence_holds(&place->sequence, sequence);
    }
    neuron_make_printable(memory->name, sizeof(memory->name));
    return is_whole && memory->name[0] != '\0';
}

static void
read_tables(const struct neuron_counter_reader *reader, struct neuron_counter_sample *sample)
{
    const struct neuron_counter_page *page = reader->page;

    sample->module_count = 0;
    for (uint32_t i = 0; i < NEURON_COUNTER_MODULES; i += 1) {
        struct neuron_module_sample *module = &sample->modules[sample->module_count];

        if (read_module(&page->modules[i], module)) {
            module->is_running = is_running(sample, module->serial);
            sample->module_count += 1;
        }
    }
    sample->memory_count = 0;
    for (uint32_t i = 0; i < NEURON_COUNTER_MEMORY_OWNERS; i += 1) {
        if (read_memory(&page->memory[i], &sample->memory[sample->memory_count])) {
            sample->memory_count += 1;
        }
    }
}

/* Reads the time by both clocks, and what one is in the other. */
static uint64_t
read_time(const struct neuron_counter_reader *reader, struct neuron_counter_sample *sample)
{
    uint64_t stamp = neuron_stamp_now(reader->source);

    sample->time_ns = neuron_clock_ns();
    sample->ns_per_stamp = 1;
    if (reader->source == NEURON_STAMP_PROCESSOR && stamp > reader->begin_stamp &&
        sample->time_ns > reader->begin_ns) {
        sample->ns_per_stamp =
            (double)(sample->time_ns - reader->begin_ns) / (double)(stamp - reader->begin_stamp);
    }
    return stamp;
}

static enum neuron_status
make_room(const struct neuron_counter_reader *reader, struct neuron_counter_sample *sample,
          struct neuron_error *error)
{
    struct neuron_core_sample *cores =
        reallocarray(sample->cores, reader->core_count, sizeof(*cores));

    if (cores == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for the counters of pid %d",
                           (int)reader->pid);
    }
    sample->cores = cores;
    sample->core_count = reader->core_count;
    return NEURON_OK;
}

enum neuron_status
neuron_counter_reader_read(struct neuron_counter_reader *reader,
                           struct neuron_counter_sample *sample, struct neuron_error *error)
{
    const struct neuron_counter_page *page = reader->page;
    enum neuron_status status = make_room(reader, sample, error);

    if (status != NEURON_OK) {
        return status;
    }
    uint64_t stamp = read_time(reader, sample);
    sample->begin_ns = reader->begin_ns;
    memcpy(sample->tag, page->tag, sizeof(sample->tag));
    memcpy(sample->runtime_version, page->runtime_version, sizeof(sample->runtime_version));
    neuron_make_printable(sample->tag, sizeof(sample->tag));
    neuron_make_printable(sample->runtime_version, sizeof(sample->runtime_version));
    load_all(page->refused, sample->refused, NEURON_COUNTER_STATUSES);
    memset(&sample->run_times, 0, sizeof(sample->run_times));
    memset(&sample->request_times, 0, sizeof(sample->request_times));
    for (uint32_t nc = 0; nc < reader->core_count; nc += 1) {
        read_core(reader, nc, stamp, sample);
        add_latencies(core_record(reader, nc), sample->cores[nc].ended, sample);
    }
    read_tables(reader, sample);
    /* Last: of a process that ends meanwhile nothing counts. */
    if (atomic_load_explicit(&page->magic, memory_order_acquire) != neuron_counter_page_magic ||
        !neuron_process_lives(reader->pid, reader->start_ticks)) {
        return NEURON_FAIL(error, NEURON_PEER_LOST, "pid %d has ended, or given back its cores",
                           (int)reader->pid);
    }
    return NEURON_OK;
}

void
neuron_counter_sample_clear(struct neuron_counter_sample *sample)
{
    free(sample->cores);
    memset(sample, 0, sizeof(*sample));
}

static void
close_page(struct neuron_counter_reader *reader)
{
    (void)munmap(reader->bytes, reader->size_bytes);
    free(reader);
}

void
neuron_counter_readers_keep(struct neuron_counter_readers *readers, uint64_t machine)
{
    uint32_t kept = 0;

    for (uint32_t i = 0; i < readers->count; i += 1) {
        struct neuron_counter_reader *reader = readers->readers[i];

        if (reader->machine == machine) {
            readers->readers[kept] = reader;
            kept += 1;
        } else {
            close_page(reader);
        }
    }
    readers->count = kept;
}

void
neuron_counter_readers_close(struct neuron_counter_readers *readers)
{
    for (uint32_t i = 0; i < readers->count; i += 1) {
        close_page(readers->readers[i]);
    }
    *readers = (struct neuron_counter_readers){.count = 0};
}
