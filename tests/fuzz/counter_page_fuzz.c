/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A page of counters of anybody: the input is one, of this process, in memory that cannot change
 * its size. By its lowest bits, the first byte says how many cores the header is made right for; 0
 * leaves it as it is.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "counters/counter_reader.h"
#include "made_page.h"

enum { CORES = 3 };

int
LLVMFuzzerTestOneInput(const uint8_t *input, size_t size);

/* All that is read of a text is printable, and ends. */
static void
check_text(const char *text, size_t size_bytes)
{
    if (memchr(text, '\0', size_bytes) == NULL) {
        abort();
    }
    for (; *text != '\0'; text += 1) {
        if ((unsigned char)*text < 0x20 || *text == 0x7F) {
            abort();
        }
    }
}

static void
check_sample(const struct neuron_counter_sample *sample)
{
    check_text(sample->tag, sizeof(sample->tag));
    check_text(sample->runtime_version, sizeof(sample->runtime_version));
    for (uint32_t i = 0; i < sample->module_count; i += 1) {
        check_text(sample->modules[i].name, sizeof(sample->modules[i].name));
    }
    for (uint32_t i = 0; i < sample->memory_count; i += 1) {
        check_text(sample->memory[i].name, sizeof(sample->memory[i].name));
    }
    for (uint32_t permille = 0; permille <= 1000; permille += 250) {
        double request = neuron_latency_quantile(sample->request_times.counts, permille);

        if (request < 0 || request > (double)neuron_latency_bucket_begin(NEURON_LATENCY_BUCKETS)) {
            abort();
        }
    }
}

static void
read_pages(void)
{
    struct neuron_counter_readers readers = {.count = 0};
    struct neuron_counter_sample sample = {0};

    neuron_ignore(neuron_counter_readers_open(getpid(), &readers, NULL));
    for (uint32_t i = 0; i < readers.count; i += 1) {
        if (neuron_counter_reader_read(readers.readers[i], &sample, NULL) == NEURON_OK) {
            check_sample(&sample);
        }
    }
    neuron_counter_sample_clear(&sample);
    neuron_counter_readers_close(&readers);
}

int
LLVMFuzzerTestOneInput(const uint8_t *input, size_t size)
{
    const size_t limit_bytes = neuron_counter_core_offset(CORES);
    uint32_t core_count = size == 0 ? 0 : input[0] % (CORES + 1);
    size_t given_bytes = size == 0 ? 0 : size - 1;
    unsigned char *content = calloc(1, limit_bytes);

    if (content == NULL || given_bytes > limit_bytes) {
        free(content);
        return 0;
    }
    memcpy(content, input + (size - given_bytes), given_bytes);
    if (core_count > 0) {
        given_bytes = neuron_counter_core_offset(core_count);
        made_page_fill((struct neuron_counter_page *)(void *)content, core_count);
    }
    int file = made_page_open(content, given_bytes, F_SEAL_SHRINK | F_SEAL_GROW);
    if (file >= 0) {
        read_pages();
        (void)close(file);
    }
    free(content);
    return 0;
}
