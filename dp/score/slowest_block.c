/* SPDX-License-Identifier: Apache-2.0 */
#include "score/slowest_block.h"

#include <inttypes.h>
#include <stdlib.h>

enum { CHART_COLUMNS = 60 };

struct neuron_slowest_block {
    struct neuron_data_parallel_report *kept;
    struct neuron_row_range kept_rows;
    uint64_t kept_number; /* of the block, from 1; 0 for none yet */
    uint64_t block_count;
};

enum neuron_status
neuron_slowest_block_create(const struct neuron_data_parallel *parallel,
                            struct neuron_slowest_block **slowest, struct neuron_error *error)
{
    struct neuron_slowest_block *made = calloc(1, sizeof(*made));

    if (made == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory for a timeline");
    }
    enum neuron_status status = neuron_data_parallel_report_create(parallel, &made->kept, error);
    if (status != NEURON_OK) {
        neuron_slowest_block_destroy(made);
        return status;
    }
    *slowest = made;
    return NEURON_OK;
}

void
neuron_slowest_block_offer(struct neuron_slowest_block *slowest,
                           struct neuron_data_parallel_report **report,
                           const struct neuron_row_range *rows)
{
    struct neuron_data_parallel_report *offered = *report;

    slowest->block_count += 1;
    if (slowest->kept_number > 0 && neuron_data_parallel_report_duration_ns(offered) <=
                                        neuron_data_parallel_report_duration_ns(slowest->kept)) {
        return;
    }
    *report = slowest->kept;
    slowest->kept = offered;
    slowest->kept_rows = *rows;
    slowest->kept_number = slowest->block_count;
}

static void
write_text(const struct neuron_slowest_block *slowest, const struct neuron_rank_identity *identity,
           FILE *stream)
{
    (void)fputs("neuron-score: ", stream);
    if (identity->world_size > 1) {
        (void)fprintf(stream, "rank %" PRIu32 ": ", identity->rank);
    }
    if (slowest->kept_number == 0) {
        (void)fputs("no timeline, as there were no rows\n", stream);
        return;
    }
    (void)fprintf(stream,
                  "block %" PRIu64 " of %" PRIu64 ", the slowest: rows %" PRIu64 "-%" PRIu64 "\n",
                  slowest->kept_number, slowest->block_count, slowest->kept_rows.first,
                  slowest->kept_rows.first + slowest->kept_rows.count - 1);
    neuron_data_parallel_report_print(slowest->kept, CHART_COLUMNS, stream);
}

void
neuron_slowest_block_print(const struct neuron_slowest_block *slowest,
                           const struct neuron_rank_identity *identity, FILE *stream)
{
    char *text = NULL;
    size_t size_bytes = 0;
    /* Ranks share a standard error that has no buffer: lines would mix. */
    FILE *gathered = open_memstream(&text, &size_bytes);

    if (gathered == NULL) {
        (void)fputs("neuron-score: no memory for the timeline\n", stream);
        return;
    }
    write_text(slowest, identity, gathered);
    if (fclose(gathered) == 0) {
        (void)fwrite(text, 1, size_bytes, stream);
    }
    free(text);
}

void
neuron_slowest_block_destroy(struct neuron_slowest_block *slowest)
{
    if (slowest == NULL) {
        return;
    }
    neuron_data_parallel_report_destroy(slowest->kept);
    free(slowest);
}
