/* SPDX-License-Identifier: Apache-2.0 */
#include "child_process.h"

#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

enum { REPORT_DEADLINE_MS = 10000 };

/* Children started later hold the test's ends too, so a close alone would not end the earlier. */
static const char go_on = 'g';
static const char end_now = 'e';

void
child_process_start(struct child_process *child, child_process_fn *body, const void *argument)
{
    int reports[2] = {-1, -1};
    int orders[2] = {-1, -1};

    assert_int_equal(pipe(reports), 0);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, orders), 0);
    child->pid = fork();
    assert_true(child->pid >= 0);
    if (child->pid == 0) {
        struct child_side side = {.reports = reports[1], .orders = orders[0]};

        close(reports[0]);
        close(orders[1]);
        body(&side, argument);
        _exit(0);
    }
    close(reports[1]);
    close(orders[0]);
    child->reports = reports[0];
    child->orders = orders[1];
}

void
child_side_report(const struct child_side *side, const void *report, size_t size_bytes)
{
    if (write(side->reports, report, size_bytes) != (ssize_t)size_bytes) {
        _exit(1);
    }
}

bool
child_side_wait(const struct child_side *side)
{
    char order = end_now;

    return read(side->orders, &order, 1) == 1 && order == go_on;
}

void
child_process_read(const struct child_process *child, void *report, size_t size_bytes)
{
    struct pollfd end = {.fd = child->reports, .events = POLLIN};
    int ready = poll(&end, 1, REPORT_DEADLINE_MS);

    if (ready != 1) {
        fail_msg("child %d did not report within %d ms", (int)child->pid, REPORT_DEADLINE_MS);
    }
    assert_int_equal(read(child->reports, report, size_bytes), size_bytes);
}

void
child_process_order(const struct child_process *child)
{
    assert_int_equal(send(child->orders, &go_on, 1, MSG_NOSIGNAL), 1);
}

void
child_process_kill(struct child_process *child)
{
    if (child->pid > 0) {
        assert_int_equal(kill(child->pid, SIGKILL), 0);
        assert_int_equal(waitpid(child->pid, NULL, 0), child->pid);
        child->pid = 0;
    }
}

int
child_process_finish(struct child_process *child)
{
    int wait_status = 0;

    (void)send(child->orders, &end_now, 1, MSG_NOSIGNAL); /* it may have ended by itself */
    close(child->orders);
    if (child->pid > 0) {
        assert_int_equal(waitpid(child->pid, &wait_status, 0), child->pid);
    }
    close(child->reports);
    child->pid = 0;
    child->reports = -1;
    child->orders = -1;
    return wait_status;
}
