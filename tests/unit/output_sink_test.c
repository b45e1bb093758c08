/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "output_sink.h"

enum { MORE_THAN_A_PIPE_BYTES = 300000 };

/* Gives the sink more than fits into a pipe or socket. */
static void
fill(struct neuron_output_sink *sink)
{
    char *bytes = calloc(1, MORE_THAN_A_PIPE_BYTES);

    assert_non_null(bytes);
    memset(bytes, 'x', MORE_THAN_A_PIPE_BYTES);
    assert_true(neuron_output_sink_reserve(sink, MORE_THAN_A_PIPE_BYTES));
    neuron_output_sink_add(sink, bytes, MORE_THAN_A_PIPE_BYTES);
    free(bytes);
}

/* Flushes and reads in turn until the sink is empty; returns how much arrived. */
static size_t
drain(struct neuron_output_sink *sink, int reader)
{
    char bytes[8192];
    size_t arrived = 0;

    while (!neuron_output_sink_is_empty(sink)) {
        ssize_t length = read(reader, bytes, sizeof(bytes));

        assert_true(length > 0);
        arrived += (size_t)length;
        neuron_output_sink_flush(sink);
    }
    while (arrived < MORE_THAN_A_PIPE_BYTES) {
        ssize_t length = read(reader, bytes, sizeof(bytes));

        assert_true(length > 0);
        arrived += (size_t)length;
    }
    return arrived;
}

static void
a_full_pipe_is_not_waited_for(void **state)
{
    struct neuron_output_sink sink;
    int ends[2] = {-1, -1};

    (void)state;
    assert_int_equal(pipe(ends), 0);
    neuron_output_sink_open(&sink, ends[1]);
    assert_int_equal(sink.kind, NEURON_SINK_REOPENED);
    fill(&sink);
    neuron_output_sink_flush(&sink);
    assert_false(neuron_output_sink_is_empty(&sink));
    assert_int_equal(sink.failure, 0);
    /* The descriptor is its owner's: it blocks as before. */
    assert_int_equal(fcntl(ends[1], F_GETFL) & O_NONBLOCK, 0);
    assert_int_equal(drain(&sink, ends[0]), MORE_THAN_A_PIPE_BYTES);
    neuron_output_sink_close(&sink);
    (void)close(ends[0]);
    (void)close(ends[1]);
}

static void
a_pipe_that_cannot_be_opened_again_is_written_in_pieces(void **state)
{
    struct neuron_output_sink sink;
    int ends[2] = {-1, -1};

    (void)state;
    assert_int_equal(pipe(ends), 0);
    sink = (struct neuron_output_sink){.file = ends[1], .kind = NEURON_SINK_IN_PIECES};
    fill(&sink);
    neuron_output_sink_flush(&sink);
    assert_false(neuron_output_sink_is_empty(&sink));
    assert_int_equal(drain(&sink, ends[0]), MORE_THAN_A_PIPE_BYTES);
    neuron_output_sink_close(&sink);
    (void)close(ends[0]);
    (void)close(ends[1]);
}

static void
a_full_socket_is_not_waited_for(void **state)
{
    struct neuron_output_sink sink;
    int ends[2] = {-1, -1};

    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    neuron_output_sink_open(&sink, ends[1]);
    assert_int_equal(sink.kind, NEURON_SINK_SOCKET);
    fill(&sink);
    neuron_output_sink_flush(&sink);
    assert_false(neuron_output_sink_is_empty(&sink));
    assert_int_equal(drain(&sink, ends[0]), MORE_THAN_A_PIPE_BYTES);
    neuron_output_sink_close(&sink);
    (void)close(ends[0]);
    (void)close(ends[1]);
}

static void
a_reader_that_is_gone_is_a_failure(void **state)
{
    struct neuron_output_sink sink;
    int ends[2] = {-1, -1};

    (void)state;
    (void)signal(SIGPIPE, SIG_IGN);
    assert_int_equal(pipe(ends), 0);
    neuron_output_sink_open(&sink, ends[1]);
    (void)close(ends[0]);
    fill(&sink);
    neuron_output_sink_flush(&sink);
    assert_int_equal(sink.failure, EPIPE);
    assert_true(neuron_output_sink_is_empty(&sink));
    assert_false(neuron_output_sink_reserve(&sink, 1));
    neuron_output_sink_close(&sink);
    (void)close(ends[1]);
}

static void
a_full_disk_is_a_failure(void **state)
{
    struct neuron_output_sink sink;
    int full = open("/dev/full", O_WRONLY);

    (void)state;
    assert_true(full >= 0);
    neuron_output_sink_open(&sink, full);
    fill(&sink);
    neuron_output_sink_flush(&sink);
    assert_int_equal(sink.failure, ENOSPC);
    neuron_output_sink_close(&sink);
    (void)close(full);
}

static void
too_much_is_refused(void **state)
{
    struct neuron_output_sink sink;
    int nothing = open("/dev/null", O_WRONLY);

    (void)state;
    assert_true(nothing >= 0);
    neuron_output_sink_open(&sink, nothing);
    fill(&sink);
    assert_false(neuron_output_sink_reserve(&sink, SIZE_MAX));
    assert_int_equal(sink.failure, ENOMEM);
    neuron_output_sink_close(&sink);
    (void)close(nothing);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_full_pipe_is_not_waited_for),
        cmocka_unit_test(a_pipe_that_cannot_be_opened_again_is_written_in_pieces),
        cmocka_unit_test(a_full_socket_is_not_waited_for),
        cmocka_unit_test(a_reader_that_is_gone_is_a_failure),
        cmocka_unit_test(a_full_disk_is_a_failure),
        cmocka_unit_test(too_much_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
