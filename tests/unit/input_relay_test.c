/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "input_relay.h"

enum { RANK_COUNT = 3, INPUT_BYTES = 1000000 };

/* Our standard input is a file; ranks are pipes. */
struct fixture {
    struct neuron_input_relay relay;
    int readers[RANK_COUNT];
    int original;
};

static void
open_fixture(struct fixture *fixture)
{
    static const char bytes[INPUT_BYTES];
    char path[] = "/tmp/input-relay-XXXXXX";
    int file = mkstemp(path);
    struct neuron_error error = {0};

    assert_true(file >= 0);
    (void)unlink(path);
    assert_int_equal(write(file, bytes, sizeof(bytes)), INPUT_BYTES);
    assert_int_equal(lseek(file, 0, SEEK_SET), 0);
    *fixture = (struct fixture){.original = dup(STDIN_FILENO)};
    (void)dup2(file, STDIN_FILENO);
    (void)close(file);
    for (int i = 0; i < RANK_COUNT; i += 1) {
        int ends[2] = {-1, -1};

        assert_int_equal(pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
        assert_ok(neuron_input_relay_add(&fixture->relay, ends[1], &error), &error);
        fixture->readers[i] = ends[0];
    }
}

static void
close_fixture(struct fixture *fixture)
{
    neuron_input_relay_close(&fixture->relay);
    (void)dup2(fixture->original, STDIN_FILENO);
    (void)close(fixture->original);
    for (int i = 0; i < RANK_COUNT; i += 1) {
        if (fixture->readers[i] >= 0) {
            (void)close(fixture->readers[i]);
        }
    }
}

/* Lets the relay do what it can now. */
static void
run(struct fixture *fixture)
{
    struct pollfd wait = neuron_input_relay_prepare(&fixture->relay);

    while (wait.fd >= 0 && poll(&wait, 1, 0) > 0) {
        neuron_input_relay_run(&fixture->relay, wait.revents);
        wait = neuron_input_relay_prepare(&fixture->relay);
    }
}

/* Reads what there is now; returns how much. */
static size_t
drain(int reader)
{
    char bytes[8192];
    size_t total = 0;
    ssize_t length = 0;

    while ((length = read(reader, bytes, sizeof(bytes))) > 0) {
        total += (size_t)length;
    }
    return total;
}

static void
the_slowest_holds_the_others_back(void **state)
{
    struct fixture fixture;

    (void)state;
    open_fixture(&fixture);
    run(&fixture);
    size_t first = drain(fixture.readers[0]);
    assert_in_range(first, 1, INPUT_BYTES / 2);
    run(&fixture);
    /* One more chunk at most, while the others have room for none. */
    assert_in_range(first + drain(fixture.readers[0]), first, INPUT_BYTES / 2);
    close_fixture(&fixture);
}

static void
each_gets_all_and_those_that_are_gone_are_left_out(void **state)
{
    struct fixture fixture;
    size_t totals[RANK_COUNT] = {0};

    (void)state;
    (void)signal(SIGPIPE, SIG_IGN);
    open_fixture(&fixture);
    run(&fixture);
    (void)close(fixture.readers[1]);
    fixture.readers[1] = -1;
    for (int i = 0; i < INPUT_BYTES && totals[0] + totals[2] < 2UL * INPUT_BYTES; i += 1) {
        totals[0] += drain(fixture.readers[0]);
        totals[2] += drain(fixture.readers[2]);
        run(&fixture);
    }
    assert_int_equal(totals[0], INPUT_BYTES);
    assert_int_equal(totals[2], INPUT_BYTES);
    char byte = 0;
    assert_int_equal(read(fixture.readers[0], &byte, 1), 0);
    assert_int_equal(neuron_input_relay_prepare(&fixture.relay).fd, -1);
    close_fixture(&fixture);
}

static void
one_that_is_not_in_use_waits_for_nothing(void **state)
{
    struct neuron_input_relay relay = {0};

    (void)state;
    assert_int_equal(neuron_input_relay_prepare(&relay).fd, -1);
    neuron_input_relay_run(&relay, POLLIN);
    neuron_input_relay_close(&relay);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_slowest_holds_the_others_back),
        cmocka_unit_test(each_gets_all_and_those_that_are_gone_are_left_out),
        cmocka_unit_test(one_that_is_not_in_use_waits_for_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
