/* SPDX-License-Identifier: Apache-2.0 */
#include "score/lease_message.h"

#include <stdlib.h>

#include "score/wire.h"

enum { MOST_SUMS = 16384, MOST_STATUS = NEURON_DEVICE_MEMORY_FULL };

static void
write_counters(struct neuron_wire_writer *writer, const struct neuron_rank_counters *counters)
{
    neuron_wire_write_u64(writer, counters->rows);
    neuron_wire_write_u64(writer, counters->run_ns);
    neuron_wire_write_u64(writer, counters->wait_ns);
    neuron_wire_write_u64(writer, counters->write_ns);
    neuron_wire_write_u64(writer, counters->sync_ns);
    neuron_wire_write_u64(writer, counters->read_bytes);
    neuron_wire_write_u64(writer, counters->written_bytes);
    neuron_wire_write_u64(writer, counters->peak_memory_bytes);
    neuron_wire_write_u64(writer, counters->load_ns);
    neuron_wire_write_u64(writer, counters->warm_ns);
}

static struct neuron_rank_counters
read_counters(struct neuron_wire_reader *reader)
{
    struct neuron_rank_counters counters = {.rows = neuron_wire_read_u64(reader)};

    counters.run_ns = neuron_wire_read_u64(reader);
    counters.wait_ns = neuron_wire_read_u64(reader);
    counters.write_ns = neuron_wire_read_u64(reader);
    counters.sync_ns = neuron_wire_read_u64(reader);
    counters.read_bytes = neuron_wire_read_u64(reader);
    counters.written_bytes = neuron_wire_read_u64(reader);
    counters.peak_memory_bytes = neuron_wire_read_u64(reader);
    counters.load_ns = neuron_wire_read_u64(reader);
    counters.warm_ns = neuron_wire_read_u64(reader);
    return counters;
}

static void
write_rows(struct neuron_wire_writer *writer, const struct neuron_row_range *rows)
{
    neuron_wire_write_u64(writer, rows->first);
    neuron_wire_write_u64(writer, rows->count);
}

static struct neuron_row_range
read_rows(struct neuron_wire_reader *reader)
{
    struct neuron_row_range rows = {.first = neuron_wire_read_u64(reader)};
    uint64_t end = 0;

    rows.count = neuron_wire_read_u64(reader);
    reader->is_damaged = reader->is_damaged || __builtin_add_overflow(rows.first, rows.count, &end);
    return rows;
}

static void
write_hello(struct neuron_wire_writer *writer, const struct neuron_lease_message *message)
{
    neuron_wire_write_u32(writer, message->world_size);
    neuron_wire_write_u64(writer, message->digest);
    neuron_wire_write_u64(writer, message->round_rows);
    neuron_wire_write_u32(writer, message->core_count);
    neuron_wire_write_u64(writer, (uint64_t)message->pid);
    neuron_wire_write_u64(writer, message->start_ticks);
    neuron_wire_write_u64(writer, (uint64_t)message->start_ns);
    neuron_wire_write_text(writer, message->host, sizeof(message->host));
    neuron_wire_write_text(writer, message->cores, sizeof(message->cores));
}

static void
read_hello(struct neuron_wire_reader *reader, struct neuron_lease_message *message)
{
    message->world_size = neuron_wire_read_u32(reader);
    message->digest = neuron_wire_read_u64(reader);
    message->round_rows = neuron_wire_read_u64(reader);
    message->core_count = neuron_wire_read_u32(reader);
    message->pid = (int64_t)neuron_wire_read_u64(reader);
    message->start_ticks = neuron_wire_read_u64(reader);
    message->start_ns = (int64_t)neuron_wire_read_u64(reader);
    neuron_wire_read_text(reader, message->host, sizeof(message->host));
    neuron_wire_read_text(reader, message->cores, sizeof(message->cores));
}

static void
write_lists(struct neuron_wire_writer *writer, const struct neuron_lease_message *message)
{
    neuron_wire_write_u32(writer, message->sum_count);
    for (uint32_t i = 0; i < message->sum_count; i += 1) {
        neuron_wire_write_u64(writer, message->sums[i].xxh3);
        neuron_wire_write_u32(writer, message->sums[i].crc32);
    }
    neuron_wire_write_u32(writer, message->failure_count);
    for (uint32_t i = 0; i < message->failure_count; i += 1) {
        const struct neuron_row_failure *failure = &message->failures[i];

        neuron_wire_write_u64(writer, failure->row);
        neuron_wire_write_u32(writer, (uint32_t)failure->stage);
        neuron_wire_write_u32(writer, failure->attempts);
        neuron_wire_write_u32(writer, failure->input);
        neuron_wire_write_text(writer, failure->reason, sizeof(failure->reason));
    }
    neuron_wire_write_u32(writer, message->span_count);
    for (uint32_t i = 0; i < message->span_count; i += 1) {
        const struct neuron_lease_span *span = &message->spans[i];

        neuron_wire_write_u32(writer, span->nc);
        neuron_wire_write_u32(writer, span->core);
        neuron_wire_write_u64(writer, span->begin_ns);
        neuron_wire_write_u64(writer, span->end_ns);
        neuron_wire_write_u64(writer, span->rows);
    }
}

/* Makes room for a list of which each entry takes at least so many bytes of the message. */
static void *
make_list(struct neuron_wire_reader *reader, uint32_t count, size_t least_bytes, size_t entry_bytes)
{
    void *list = NULL;

    if (reader->is_damaged || reader->left_bytes / least_bytes < count) {
        reader->is_damaged = true;
        return NULL;
    }
    list = calloc(count > 0 ? count : 1, entry_bytes);
    reader->is_damaged = list == NULL;
    return list;
}

static void
read_sums(struct neuron_wire_reader *reader, struct neuron_lease_message *message)
{
    uint32_t count = neuron_wire_read_up_to(reader, MOST_SUMS);

    message->sums = make_list(reader, count, 12, sizeof(*message->sums));
    message->sum_count = message->sums == NULL ? 0 : count;
    for (uint32_t i = 0; i < message->sum_count; i += 1) {
        message->sums[i].xxh3 = neuron_wire_read_u64(reader);
        message->sums[i].crc32 = neuron_wire_read_u32(reader);
    }
}

static void
read_failures(struct neuron_wire_reader *reader, struct neuron_lease_message *message)
{
    uint32_t count = neuron_wire_read_up_to(reader, NEURON_LEASE_FAILURE_LIMIT);

    message->failures = make_list(reader, count, 24, sizeof(*message->failures));
    message->failure_count = message->failures == NULL ? 0 : count;
    for (uint32_t i = 0; i < message->failure_count; i += 1) {
        struct neuron_row_failure *failure = &message->failures[i];

        failure->row = neuron_wire_read_u64(reader);
        failure->stage = (enum neuron_bad_stage)neuron_wire_read_up_to(reader, NEURON_BAD_CRASH);
        failure->attempts = neuron_wire_read_u32(reader);
        failure->input = neuron_wire_read_u32(reader);
        neuron_wire_read_text(reader, failure->reason, sizeof(failure->reason));
    }
}

static void
read_spans(struct neuron_wire_reader *reader, struct neuron_lease_message *message)
{
    uint32_t count = neuron_wire_read_up_to(reader, NEURON_LEASE_SPAN_LIMIT);

    message->spans = make_list(reader, count, 32, sizeof(*message->spans));
    message->span_count = message->spans == NULL ? 0 : count;
    for (uint32_t i = 0; i < message->span_count; i += 1) {
        struct neuron_lease_span *span = &message->spans[i];

        span->nc = neuron_wire_read_u32(reader);
        span->core = neuron_wire_read_u32(reader);
        span->begin_ns = neuron_wire_read_u64(reader);
        span->end_ns = neuron_wire_read_u64(reader);
        span->rows = neuron_wire_read_u64(reader);
    }
}

static void
write_done(struct neuron_wire_writer *writer, const struct neuron_lease_message *message)
{
    write_counters(writer, &message->counters);
    neuron_wire_write_u64(writer, message->end.id);
    neuron_wire_write_u64(writer, message->end.busy_ns);
    neuron_wire_write_u32(writer, message->end.nc);
    write_rows(writer, &message->rows);
    neuron_wire_write_u64(writer, message->chunk_ns);
    neuron_wire_write_u8(writer, message->audit_differs ? 1 : 0);
    write_lists(writer, message);
}

static void
read_done(struct neuron_wire_reader *reader, struct neuron_lease_message *message)
{
    message->counters = read_counters(reader);
    message->end.id = neuron_wire_read_u64(reader);
    message->end.busy_ns = neuron_wire_read_u64(reader);
    message->end.nc = neuron_wire_read_u32(reader);
    message->rows = read_rows(reader);
    message->chunk_ns = neuron_wire_read_u64(reader);
    message->audit_differs = neuron_wire_read_u8(reader) != 0;
    read_sums(reader, message);
    read_failures(reader, message);
    read_spans(reader, message);
}

static void
write_lease(struct neuron_wire_writer *writer, const struct neuron_lease *lease)
{
    neuron_wire_write_u64(writer, lease->id);
    neuron_wire_write_u32(writer, (uint32_t)lease->kind);
    write_rows(writer, &lease->rows);
    neuron_wire_write_u32(writer, lease->rank);
    neuron_wire_write_u8(writer, lease->is_copy ? 1 : 0);
    neuron_wire_write_u32(writer, lease->avoid_nc);
}

static struct neuron_lease
read_lease(struct neuron_wire_reader *reader)
{
    struct neuron_lease lease = {.id = neuron_wire_read_u64(reader)};

    lease.kind = (enum neuron_lease_kind)neuron_wire_read_up_to(reader, NEURON_LEASE_AUDIT);
    lease.rows = read_rows(reader);
    lease.rank = neuron_wire_read_u32(reader);
    lease.is_copy = neuron_wire_read_u8(reader) != 0;
    lease.avoid_nc = neuron_wire_read_u32(reader);
    return lease;
}

static void
write_end(struct neuron_wire_writer *writer, const struct neuron_lease_message *message)
{
    neuron_wire_write_u32(writer, (uint32_t)message->score_end);
    neuron_wire_write_u32(writer, (uint32_t)message->status);
    neuron_wire_write_u64(writer, message->done_rows);
    neuron_wire_write_text(writer, message->text, sizeof(message->text));
}

static void
read_end(struct neuron_wire_reader *reader, struct neuron_lease_message *message)
{
    message->score_end =
        (enum neuron_score_end)neuron_wire_read_up_to(reader, NEURON_SCORE_INTERRUPTED);
    message->status = (enum neuron_status)neuron_wire_read_up_to(reader, MOST_STATUS);
    message->done_rows = neuron_wire_read_u64(reader);
    neuron_wire_read_text(reader, message->text, sizeof(message->text));
}

static void
write_fields(struct neuron_wire_writer *writer, const struct neuron_lease_message *message)
{
    switch (message->kind) {
    case NEURON_LEASE_HELLO:
        write_hello(writer, message);
        break;
    case NEURON_LEASE_ASK:
        neuron_wire_write_u32(writer, message->wanted);
        neuron_wire_write_u64(writer, message->running_rows);
        write_counters(writer, &message->counters);
        break;
    case NEURON_LEASE_DONE:
        write_done(writer, message);
        break;
    case NEURON_LEASE_BYE:
        write_counters(writer, &message->counters);
        break;
    case NEURON_LEASE_FAIL:
    case NEURON_LEASE_STOP:
        write_end(writer, message);
        break;
    case NEURON_LEASE_GIVE:
    case NEURON_LEASE_DROP:
        write_lease(writer, &message->lease);
        break;
    case NEURON_LEASE_WELCOME:
    case NEURON_LEASE_DRY:
        break;
    }
}

static void
read_fields(struct neuron_wire_reader *reader, struct neuron_lease_message *message)
{
    switch (message->kind) {
    case NEURON_LEASE_HELLO:
        read_hello(reader, message);
        return;
    case NEURON_LEASE_ASK:
        message->wanted = neuron_wire_read_u32(reader);
        message->running_rows = neuron_wire_read_u64(reader);
        message->counters = read_counters(reader);
        return;
    case NEURON_LEASE_DONE:
        read_done(reader, message);
        return;
    case NEURON_LEASE_BYE:
        message->counters = read_counters(reader);
        return;
    case NEURON_LEASE_FAIL:
    case NEURON_LEASE_STOP:
        read_end(reader, message);
        return;
    case NEURON_LEASE_GIVE:
    case NEURON_LEASE_DROP:
        message->lease = read_lease(reader);
        return;
    case NEURON_LEASE_WELCOME:
    case NEURON_LEASE_DRY:
        return;
    }
    reader->is_damaged = true;
}

enum neuron_status
neuron_lease_message_encode(const struct neuron_lease_message *message, unsigned char **bytes,
                            size_t *size_bytes, struct neuron_error *error)
{
    struct neuron_wire_writer writer = {0};

    neuron_wire_write_u8(&writer, NEURON_LEASE_MESSAGE_VERSION);
    neuron_wire_write_u8(&writer, (uint8_t)message->kind);
    neuron_wire_write_u32(&writer, message->rank);
    write_fields(&writer, message);
    if (writer.lacks_memory) {
        free(writer.bytes);
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory for a message");
    }
    *bytes = writer.bytes;
    *size_bytes = writer.size_bytes;
    return NEURON_OK;
}

enum neuron_status
neuron_lease_message_decode(const unsigned char *bytes, size_t size_bytes,
                            struct neuron_lease_message *message, struct neuron_error *error)
{
    struct neuron_wire_reader reader = {.bytes = bytes, .left_bytes = size_bytes};

    *message = (struct neuron_lease_message){0};
    uint8_t version = neuron_wire_read_u8(&reader);
    message->kind = (enum neuron_lease_message_kind)neuron_wire_read_u8(&reader);
    message->rank = neuron_wire_read_u32(&reader);
    if (!reader.is_damaged && version != NEURON_LEASE_MESSAGE_VERSION) {
        *message = (struct neuron_lease_message){0};
        return NEURON_FAIL(error, NEURON_INVALID_SYNTAX,
                           "a message of version %u, where %d is spoken; use one version of "
                           "neuron-score on all hosts",
                           version, NEURON_LEASE_MESSAGE_VERSION);
    }
    read_fields(&reader, message);
    if (reader.is_damaged || reader.left_bytes > 0) {
        neuron_lease_message_destroy(message);
        return NEURON_FAIL(error, NEURON_INVALID_SYNTAX, "a damaged message");
    }
    return NEURON_OK;
}

void
neuron_lease_message_destroy(struct neuron_lease_message *message)
{
    free(message->sums);
    free(message->failures);
    free(message->spans);
    *message = (struct neuron_lease_message){0};
}
