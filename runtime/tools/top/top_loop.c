/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signals come through a descriptor, and so between two steps of the loop: none of them finds the
 * terminal half drawn. Those that end, or stop, the program give the terminal back first.
 */
#include "top/top_loop.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "neuron/clock.h"

#include "node/tool_output.h"
#include "top/screen.h"

enum { FIRST_DELAY_MS = 250 /* until the second look, without which there is nothing to show */ };

struct loop {
    struct neuron_looks *looks;
    struct neuron_screen *screen;
    struct neuron_top_view view;
    struct neuron_canvas canvas;
    int signals; /* the descriptor */
    uint64_t next_look_ns;
    uint32_t look_count;
    int end_signal; /* 0 for none */
};

/* Has all signals that matter come through a descriptor. */
static enum neuron_status
open_signals(int *descriptor, struct neuron_error *error)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGCONT, SIGWINCH};
    sigset_t set;

    (void)sigemptyset(&set);
    for (uint32_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i += 1) {
        (void)sigaddset(&set, numbers[i]);
    }
    if (pthread_sigmask(SIG_BLOCK, &set, NULL) != 0) {
        return NEURON_FAIL(error, NEURON_SYSTEM, "signals cannot be blocked");
    }
    *descriptor = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (*descriptor < 0) {
        return NEURON_FAIL(error, NEURON_SYSTEM, "no descriptor for signals: %s",
                           strerrordesc_np(errno));
    }
    return NEURON_OK;
}

static void
take_signal(struct loop *loop, int number)
{
    switch (number) {
    case SIGTSTP:
        neuron_screen_leave(loop->screen);
        (void)raise(SIGSTOP);
        neuron_screen_return(loop->screen);
        break;
    case SIGCONT:
        neuron_screen_return(loop->screen);
        break;
    case SIGWINCH:
        break; /* the next picture is as large as the terminal is then */
    default:
        loop->end_signal = number;
        break;
    }
}

static void
take_signals(struct loop *loop)
{
    struct signalfd_siginfo signal = {0};

    while (loop->end_signal == 0 &&
           read(loop->signals, &signal, sizeof(signal)) == (ssize_t)sizeof(signal)) {
        take_signal(loop, (int)signal.ssi_signo);
    }
}

static void
take_keys(struct loop *loop)
{
    struct neuron_picture_source source = neuron_looks_source(loop->looks);

    for (uint32_t key = neuron_screen_take_key(loop->screen); key != NEURON_KEY_NONE;
         key = neuron_screen_take_key(loop->screen)) {
        uint32_t delay_ms = loop->view.delay_ms;

        if (key == NEURON_KEY_RESIZE) {
            continue;
        }
        neuron_top_view_press(&loop->view, key, source.sample);
        if (loop->view.delay_ms != delay_ms) {
            loop->next_look_ns =
                neuron_clock_ns() + loop->view.delay_ms * (uint64_t)NEURON_NS_PER_MS;
        }
    }
}

/* Takes a look when it is time for one. A look that fails is told, and the one before stays. */
static enum neuron_status
look(struct loop *loop, struct neuron_error *error)
{
    uint64_t now_ns = neuron_clock_ns();
    bool is_time = loop->look_count < 2 || !loop->view.is_paused;

    if (!loop->view.wants_look && (!is_time || now_ns < loop->next_look_ns)) {
        return NEURON_OK;
    }
    enum neuron_status status = neuron_looks_take(loop->looks, error);
    if (status == NEURON_OK) {
        struct neuron_picture_source source = neuron_looks_source(loop->looks);

        loop->look_count += loop->look_count < 2 ? 1 : 0;
        neuron_top_view_update(&loop->view, source.sample);
    } else if (loop->look_count > 0 && status == NEURON_SYSTEM) {
        (void)snprintf(loop->view.note, sizeof(loop->view.note), "%s", error->text);
        status = NEURON_OK;
    }
    uint32_t delay_ms = loop->view.delay_ms;
    delay_ms = loop->look_count < 2 && delay_ms > FIRST_DELAY_MS ? FIRST_DELAY_MS : delay_ms;
    loop->view.wants_look = false;
    loop->next_look_ns = now_ns + delay_ms * (uint64_t)NEURON_NS_PER_MS;
    return status;
}

static enum neuron_status
draw(struct loop *loop, struct neuron_error *error)
{
    struct neuron_picture_source source = neuron_looks_source(loop->looks);
    uint32_t height = 0;

    if (loop->look_count < 2) {
        return NEURON_OK;
    }
    neuron_screen_measure(loop->screen, &loop->canvas.width, &height);
    enum neuron_status status =
        neuron_picture_compose(&source, &loop->view, height, &loop->canvas, error);
    if (status == NEURON_OK) {
        neuron_screen_show(loop->screen, &loop->canvas);
    }
    return status;
}

/* How long nothing happens unless a key or a signal comes; -1 for ever. */
static int
find_timeout_ms(const struct loop *loop)
{
    uint64_t now_ns = neuron_clock_ns();

    if (loop->view.is_paused && loop->look_count == 2) {
        return -1;
    }
    if (now_ns >= loop->next_look_ns) {
        return 0;
    }
    return (int)((loop->next_look_ns - now_ns + NEURON_NS_PER_MS - 1) / NEURON_NS_PER_MS);
}

/* Waits for a key, a signal or the time of a look. A terminal that is gone ends it like SIGHUP. */
static void
wait_for_something(struct loop *loop)
{
    struct pollfd sources[] = {{.fd = STDIN_FILENO, .events = POLLIN},
                               {.fd = loop->signals, .events = POLLIN}};

    if (poll(sources, 2, find_timeout_ms(loop)) <= 0) {
        return;
    }
    if (sources[1].revents != 0) {
        take_signals(loop);
    }
    if ((sources[0].revents & (POLLHUP | POLLERR | POLLNVAL)) != 0 && loop->end_signal == 0) {
        loop->end_signal = SIGHUP;
    }
    if (loop->end_signal == 0 && (sources[0].revents & POLLIN) != 0) {
        take_keys(loop);
    }
}

static enum neuron_status
run(struct loop *loop, struct neuron_error *error)
{
    enum neuron_status status = NEURON_OK;

    while (status == NEURON_OK && !loop->view.is_over && loop->end_signal == 0) {
        status = look(loop, error);
        if (status == NEURON_OK) {
            status = draw(loop, error);
        }
        if (status == NEURON_OK) {
            wait_for_something(loop);
        }
    }
    return status;
}

enum neuron_status
neuron_top_loop(struct neuron_looks *looks, const struct neuron_top_options *options,
                bool wants_color, int *signal, struct neuron_error *error)
{
    struct loop loop = {.looks = looks,
                        .view = {.delay_ms = (uint32_t)options->delay_ms, .wants_look = true},
                        .canvas = {.is_unicode = neuron_tool_screen_find(stdout).is_utf8},
                        .signals = -1};
    enum neuron_status status = open_signals(&loop.signals, error);

    if (status == NEURON_OK) {
        status = neuron_screen_open(wants_color, &loop.screen, error);
    }
    if (status == NEURON_OK) {
        status = run(&loop, error);
    }
    neuron_screen_close(loop.screen);
    neuron_canvas_clear(&loop.canvas);
    if (loop.signals >= 0) {
        (void)close(loop.signals);
    }
    *signal = loop.end_signal;
    return status;
}
