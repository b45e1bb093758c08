/* SPDX-License-Identifier: Apache-2.0 */
#include "monitor/monitor_stream.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "neuron/clock.h"

#include "check.h"

static const uint64_t never_ns = UINT64_MAX;

static struct neuron_monitor_stream
open_stream(int output)
{
    struct neuron_monitor_stream stream = {-1, -1};
    struct neuron_error error = {0};

    assert_ok(neuron_monitor_stream_open(output, &stream, &error), &error);
    return stream;
}

static enum neuron_stream_event
write_all(const struct neuron_monitor_stream *stream, const char *bytes, size_t size_bytes)
{
    enum neuron_stream_event event = NEURON_STREAM_STOPPED;
    struct neuron_error error = {0};

    assert_ok(neuron_monitor_stream_write(stream, bytes, size_bytes, &event, &error), &error);
    return event;
}

static void
a_line_is_written_and_a_time_comes(void **state)
{
    int ends[2];
    char bytes[4] = "";

    (void)state;
    assert_int_equal(pipe(ends), 0);
    struct neuron_monitor_stream stream = open_stream(ends[1]);
    assert_int_equal(write_all(&stream, "abc", 3), NEURON_STREAM_GOES_ON);
    assert_int_equal(read(ends[0], bytes, 3), 3);
    assert_string_equal(bytes, "abc");
    uint64_t time_ns = neuron_clock_ns() + NEURON_NS_PER_MS;
    assert_int_equal(neuron_monitor_stream_wait(&stream, time_ns), NEURON_STREAM_GOES_ON);
    assert_true(neuron_clock_ns() >= time_ns);
    assert_int_equal(neuron_monitor_stream_wait(&stream, 0), NEURON_STREAM_GOES_ON);
    (void)close(ends[0]);
    (void)close(ends[1]);
    neuron_monitor_stream_close(&stream);
}

static void
a_reader_that_goes_ends_it(void **state)
{
    int ends[2];

    (void)state;
    assert_int_equal(pipe(ends), 0);
    struct neuron_monitor_stream stream = open_stream(ends[1]);
    (void)close(ends[0]);
    assert_int_equal(write_all(&stream, "abc", 3), NEURON_STREAM_CLOSED);
    assert_int_equal(neuron_monitor_stream_wait(&stream, never_ns), NEURON_STREAM_CLOSED);
    (void)close(ends[1]);
    neuron_monitor_stream_close(&stream);
}

/* A reader that does not read holds up neither a signal nor, by memory, anything else. */
static void
a_signal_ends_a_wait_and_a_write(void **state)
{
    static const char line[300000] = "";
    int ends[2];

    (void)state;
    assert_int_equal(pipe(ends), 0);
    struct neuron_monitor_stream stream = open_stream(ends[1]);
    assert_int_equal(kill(getpid(), SIGTERM), 0);
    assert_int_equal(neuron_monitor_stream_wait(&stream, never_ns), NEURON_STREAM_STOPPED);
    assert_int_equal(write_all(&stream, line, sizeof(line)), NEURON_STREAM_STOPPED);
    struct neuron_monitor_stream quiet = {-1, stream.signals};
    assert_int_equal(neuron_monitor_stream_wait(&quiet, never_ns), NEURON_STREAM_STOPPED);
    (void)close(ends[0]);
    (void)close(ends[1]);
    neuron_monitor_stream_close(&stream);
}

static void
a_full_disk_is_an_error(void **state)
{
    enum neuron_stream_event event = NEURON_STREAM_GOES_ON;
    struct neuron_error error = {0};
    int full = open("/dev/full", O_WRONLY | O_CLOEXEC);

    (void)state;
    assert_true(full >= 0);
    /* The signal of the test before is still pending here: this listens for none. */
    struct neuron_monitor_stream stream = {full, -1};
    assert_status(NEURON_SYSTEM, neuron_monitor_stream_write(&stream, "a", 1, &event, &error),
                  &error);
    assert_contains(error.text, "standard output cannot be written: No space left");
    (void)close(full);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_is_written_and_a_time_comes),
        cmocka_unit_test(a_reader_that_goes_ends_it),
        cmocka_unit_test(a_signal_ends_a_wait_and_a_write),
        cmocka_unit_test(a_full_disk_is_an_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
