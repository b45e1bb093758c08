/* SPDX-License-Identifier: Apache-2.0 */
/* The part file between processes, which live, end and are killed. */
#include "check.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "part_place.h"
#include "score/part_file.h"

/* A rank as a process of its own, which takes commands. */
struct rank_process {
    pid_t pid;
    int commands; /* 'f' finish, 'a' abandon */
    int answers;  /* the status of joining, as one byte */
};

/* What a rank process does; its exit status is the status of its last call. */
static void
obey(const struct part_place *place, const struct neuron_rank_identity *identity, int commands,
     int answers)
{
    struct neuron_part_plan plan = part_place_plan(place, identity, PART_PLACE_ROWS);
    struct neuron_part_outcome outcome = {0};
    struct neuron_part_file *part = NULL;

    enum neuron_status status = neuron_part_file_join(&plan, &part, NULL);
    unsigned char answer = (unsigned char)status;
    char command = '\0';
    if (write(answers, &answer, 1) != 1 || status != NEURON_OK ||
        read(commands, &command, 1) != 1) {
        _exit((int)status);
    }
    if (command == 'a') {
        neuron_part_file_abandon(part);
        _exit(0);
    }
    status = part_place_write_rows(part, identity, PART_PLACE_ROWS);
    if (status == NEURON_OK) {
        status = neuron_part_file_finish(part, 1, place->output, &outcome, NULL);
    }
    _exit((int)status);
}

static struct rank_process
start_rank(const struct part_place *place, const struct neuron_rank_identity *identity)
{
    int commands[2] = {-1, -1};
    int answers[2] = {-1, -1};

    assert_int_equal(pipe2(commands, O_CLOEXEC), 0);
    assert_int_equal(pipe2(answers, O_CLOEXEC), 0);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        (void)alarm(30);
        (void)close(commands[1]);
        obey(place, identity, commands[0], answers[1]);
    }
    (void)close(commands[0]);
    (void)close(answers[1]);
    return (struct rank_process){.pid = pid, .commands = commands[1], .answers = answers[0]};
}

static enum neuron_status
wait_joined(const struct rank_process *rank)
{
    unsigned char answer = 0xFF;

    assert_int_equal(read(rank->answers, &answer, 1), 1);
    return (enum neuron_status)answer;
}

static void
command(const struct rank_process *rank, char what)
{
    assert_int_equal(write(rank->commands, &what, 1), 1);
}

/* Waits for the end of a rank; returns its exit status, or 128 and the signal. */
static int
end_rank(struct rank_process *rank)
{
    int status = 0;

    assert_int_equal(waitpid(rank->pid, &status, 0), rank->pid);
    (void)close(rank->commands);
    (void)close(rank->answers);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int
kill_rank(struct rank_process *rank)
{
    assert_int_equal(kill(rank->pid, SIGKILL), 0);
    return end_rank(rank);
}

static void
ranks_at_the_same_time_make_one_output(void **state)
{
    enum { RANKS = 16 };
    const struct part_place *place = *state;
    struct rank_process ranks[RANKS];

    for (uint32_t i = 0; i < RANKS; i += 1) {
        struct neuron_rank_identity identity = part_place_identity("job", i, RANKS);
        ranks[i] = start_rank(place, &identity);
        command(&ranks[i], 'f');
    }
    for (uint32_t i = 0; i < RANKS; i += 1) {
        assert_int_equal(wait_joined(&ranks[i]), NEURON_OK);
        assert_int_equal(end_rank(&ranks[i]), NEURON_OK);
    }
    part_place_check_output(place, PART_PLACE_ROWS);
}

static void
another_job_is_refused_while_a_rank_lives(void **state)
{
    const struct part_place *place = *state;
    struct neuron_rank_identity theirs = part_place_identity("theirs", 1, 2);
    struct neuron_rank_identity ours = part_place_identity("ours", 0, 1);
    struct rank_process rank = start_rank(place, &theirs);
    struct neuron_part_outcome outcome = {0};
    struct neuron_error error = {0};
    char pid[32] = "";

    assert_int_equal(wait_joined(&rank), NEURON_OK);
    assert_status(NEURON_STOPPED,
                  part_place_run_rank(place, &ours, PART_PLACE_ROWS, &outcome, &error), &error);
    (void)snprintf(pid, sizeof(pid), "pid %d", (int)rank.pid);
    assert_contains(error.text, pid);
    assert_true(part_place_exists(place->part));
    assert_int_equal(kill_rank(&rank), 128 + SIGKILL);
    assert_ok(part_place_run_rank(place, &ours, PART_PLACE_ROWS, &outcome, &error), &error);
    part_place_check_output(place, PART_PLACE_ROWS);
}

static void
a_rank_of_this_job_that_is_there_already_is_refused(void **state)
{
    const struct part_place *place = *state;
    struct neuron_rank_identity identity = part_place_identity("job", 0, 2);
    struct rank_process rank = start_rank(place, &identity);
    struct neuron_part_outcome outcome = {0};
    struct neuron_error error = {0};

    assert_int_equal(wait_joined(&rank), NEURON_OK);
    assert_status(NEURON_STOPPED,
                  part_place_run_rank(place, &identity, PART_PLACE_ROWS, &outcome, &error), &error);
    assert_contains(error.text, "rank 0 of this job");
    command(&rank, 'f');
    assert_int_equal(end_rank(&rank), NEURON_OK);
}

static void
ranks_that_write_something_else_are_refused(void **state)
{
    const struct part_place *place = *state;
    struct neuron_rank_identity identity = part_place_identity("job", 0, 2);
    struct neuron_rank_identity other = part_place_identity("job", 1, 2);
    struct neuron_rank_identity larger_world = part_place_identity("job", 1, 3);
    struct rank_process rank = start_rank(place, &identity);
    struct neuron_part_outcome outcome = {0};
    struct neuron_error error = {0};

    assert_int_equal(wait_joined(&rank), NEURON_OK);
    assert_status(NEURON_INVALID_ARGUMENT,
                  part_place_run_rank(place, &other, PART_PLACE_ROWS + 1, &outcome, &error),
                  &error);
    assert_contains(error.text, "another model, input or number of ranks");
    assert_status(NEURON_INVALID_ARGUMENT,
                  part_place_run_rank(place, &larger_world, PART_PLACE_ROWS, &outcome, &error),
                  &error);
    command(&rank, 'f');
    assert_int_equal(end_rank(&rank), NEURON_OK);
    assert_ok(part_place_run_rank(place, &other, PART_PLACE_ROWS, &outcome, &error), &error);
    part_place_check_output(place, PART_PLACE_ROWS);
}

static void
the_others_learn_that_a_rank_was_killed(void **state)
{
    const struct part_place *place = *state;
    struct neuron_rank_identity first = part_place_identity("job", 0, 2);
    struct neuron_rank_identity second = part_place_identity("job", 1, 2);
    struct rank_process rank = start_rank(place, &first);
    struct neuron_part_outcome outcome = {0};
    struct neuron_error error = {0};

    assert_int_equal(wait_joined(&rank), NEURON_OK);
    assert_int_equal(kill_rank(&rank), 128 + SIGKILL);
    assert_status(NEURON_PEER_LOST,
                  part_place_run_rank(place, &second, PART_PLACE_ROWS, &outcome, &error), &error);
    assert_contains(error.text, "rank 0 of the job died");
    assert_false(part_place_exists(place->output));
}

static void
a_new_attempt_of_the_same_job_starts_afresh(void **state)
{
    const struct part_place *place = *state;
    struct neuron_rank_identity first = part_place_identity("job", 0, 2);
    struct neuron_rank_identity second = part_place_identity("job", 1, 2);
    struct rank_process rank = start_rank(place, &first);
    struct neuron_part_outcome outcome = {0};
    struct neuron_error error = {0};

    assert_int_equal(wait_joined(&rank), NEURON_OK);
    assert_int_equal(kill_rank(&rank), 128 + SIGKILL);
    assert_ok(part_place_run_rank(place, &first, PART_PLACE_ROWS, &outcome, &error), &error);
    assert_ok(part_place_run_rank(place, &first, PART_PLACE_ROWS, &outcome, &error), &error);
    assert_false(outcome.is_complete);
    assert_ok(part_place_run_rank(place, &second, PART_PLACE_ROWS, &outcome, &error), &error);
    part_place_check_output(place, PART_PLACE_ROWS);
}

static void
a_rank_that_abandons_the_output_stops_the_others(void **state)
{
    const struct part_place *place = *state;
    struct neuron_rank_identity first = part_place_identity("job", 0, 2);
    struct neuron_rank_identity second = part_place_identity("job", 1, 2);
    struct rank_process failing = start_rank(place, &first);
    struct neuron_part_plan plan = part_place_plan(place, &second, PART_PLACE_ROWS);
    struct neuron_part_file *part = NULL;
    struct neuron_part_outcome outcome = {0};
    struct neuron_error error = {0};

    assert_int_equal(wait_joined(&failing), NEURON_OK);
    assert_ok(neuron_part_file_join(&plan, &part, &error), &error);
    assert_ok(neuron_part_file_check(part, &error), &error);
    command(&failing, 'a');
    assert_int_equal(end_rank(&failing), 0);
    assert_false(part_place_exists(place->part));
    assert_status(NEURON_PEER_LOST, neuron_part_file_check(part, &error), &error);
    assert_status(NEURON_PEER_LOST,
                  neuron_part_file_finish(part, 1, place->output, &outcome, &error), &error);
    neuron_part_file_destroy(part);
}

/* A rank that gets this far before it is killed, by turns of the scheduler. */
static void
run_and_kill(const struct part_place *place, const char *job_id, int turns)
{
    struct neuron_rank_identity identity = part_place_identity(job_id, 0, 1);
    struct neuron_part_outcome outcome = {0};
    int status = 0;
    pid_t pid = fork();

    assert_true(pid >= 0);
    if (pid == 0) {
        _exit((int)part_place_run_rank(place, &identity, PART_PLACE_ROWS, &outcome, NULL));
    }
    for (int i = 0; i < turns; i += 1) {
        (void)sched_yield();
    }
    (void)kill(pid, SIGKILL);
    assert_int_equal(waitpid(pid, &status, 0), pid);
}

static void
wherever_a_rank_is_killed_the_next_job_succeeds(void **state)
{
    const struct part_place *place = *state;

    for (int turns = 0; turns < 400; turns += 4) {
        struct neuron_rank_identity identity = part_place_identity("next", 0, 1);
        struct neuron_part_outcome outcome = {0};
        struct neuron_error error = {0};

        run_and_kill(place, "killed", turns);
        if (part_place_exists(place->output)) {
            part_place_check_output(place, PART_PLACE_ROWS);
        }
        assert_ok(part_place_run_rank(place, &identity, PART_PLACE_ROWS, &outcome, &error), &error);
        part_place_check_output(place, PART_PLACE_ROWS);
        assert_int_equal(unlink(place->output), 0);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(ranks_at_the_same_time_make_one_output, part_place_set_up,
                                        part_place_tear_down),
        cmocka_unit_test_setup_teardown(another_job_is_refused_while_a_rank_lives,
                                        part_place_set_up, part_place_tear_down),
        cmocka_unit_test_setup_teardown(a_rank_of_this_job_that_is_there_already_is_refused,
                                        part_place_set_up, part_place_tear_down),
        cmocka_unit_test_setup_teardown(ranks_that_write_something_else_are_refused,
                                        part_place_set_up, part_place_tear_down),
        cmocka_unit_test_setup_teardown(the_others_learn_that_a_rank_was_killed, part_place_set_up,
                                        part_place_tear_down),
        cmocka_unit_test_setup_teardown(a_new_attempt_of_the_same_job_starts_afresh,
                                        part_place_set_up, part_place_tear_down),
        cmocka_unit_test_setup_teardown(a_rank_that_abandons_the_output_stops_the_others,
                                        part_place_set_up, part_place_tear_down),
        cmocka_unit_test_setup_teardown(wherever_a_rank_is_killed_the_next_job_succeeds,
                                        part_place_set_up, part_place_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
