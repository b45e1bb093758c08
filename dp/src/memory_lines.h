/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of a cache, written past the caches and asked for ahead, where the processor can. */
#ifndef NEURON_DP_MEMORY_LINES_H
#define NEURON_DP_MEMORY_LINES_H

#if defined(__SSE2__)
#include <emmintrin.h>
#endif
#include <string.h>

enum { NEURON_LINE_BYTES = 64 };

/*
 * Copies a line to memory without reading first what stood there.
 *
 * target  aligned to a line. What others read there is defined after neuron_lines_end_streaming().
 * source  as it comes.
 */
static inline void
neuron_line_stream(unsigned char *target, const unsigned char *source)
{
#if defined(__SSE2__)
    enum { VECTOR_BYTES = 16 };

    for (int i = 0; i < NEURON_LINE_BYTES; i += VECTOR_BYTES) {
        _mm_stream_si128((__m128i *)(void *)(target + i),
                         _mm_loadu_si128((const __m128i *)(const void *)(source + i)));
    }
#else
    memcpy(target, source, NEURON_LINE_BYTES);
#endif
}

/* Orders what was streamed before all that this thread writes from now on. */
static inline void
neuron_lines_end_streaming(void)
{
#if defined(__SSE2__)
    _mm_sfence();
#endif
}

/* Has the line that holds an address brought to the first cache. Any address will do. */
static inline void
neuron_line_prefetch(const unsigned char *address)
{
#if defined(__SSE2__)
    _mm_prefetch((const char *)address, _MM_HINT_T0);
#else
    (void)address;
#endif
}

/* The same to the second cache, which takes more lines at a time. */
static inline void
neuron_line_prefetch_far(const unsigned char *address)
{
#if defined(__SSE2__)
    _mm_prefetch((const char *)address, _MM_HINT_T1);
#else
    (void)address;
#endif
}

#endif
