/* SPDX-License-Identifier: Apache-2.0 */
/* Children of our own: started, watched, ended, and nothing left. */
#include "executor_process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "descriptors.h"
#include "test_folder.h"

/* Writes a script; the caller destroys the folder. */
static const char *
write_script(struct test_folder *folder, const char *commands, char *path)
{
    test_folder_create(folder);
    FILE *file = fopen(test_folder_path(folder, "script", path), "we");
    assert_non_null(file);
    assert_true(fprintf(file, "#!/bin/sh\n%s\n", commands) > 0);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(path, S_IRWXU), 0);
    return path;
}

/* Starts a script with a file, waits, and gives how it ended. */
static void
run_script(const char *commands, int file, char end[NEURON_PROCESS_END_BYTES])
{
    char path[TEST_PATH_BYTES];
    struct test_folder folder;
    struct neuron_executor_process process = {0};
    struct neuron_error error = {0};

    write_script(&folder, commands, path);
    assert_ok(neuron_executor_process_start(path, &file, 1, &process, &error), &error);
    assert_true(becomes_readable(process.watch));
    neuron_executor_process_reap(&process, end);
    assert_int_equal(process.pid, 0);
    test_folder_destroy(&folder);
}

static void
an_end_is_told(void **state)
{
    char end[NEURON_PROCESS_END_BYTES] = "";
    uint32_t before = open_descriptor_count();

    (void)state;
    run_script("exit 0", STDERR_FILENO, end);
    assert_string_equal(end, "exited with status 0");
    run_script("exit 41", STDERR_FILENO, end);
    assert_string_equal(end, "exited with status 41");
    run_script("kill -SEGV $$", STDERR_FILENO, end);
    assert_string_equal(end, "was killed by SIGSEGV");
    assert_int_equal(open_descriptor_count(), before);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    assert_int_equal(errno, ECHILD);
}

static void
a_process_is_killed(void **state)
{
    struct neuron_executor_process process = {0};
    struct neuron_error error = {0};
    char end[NEURON_PROCESS_END_BYTES] = "";
    char path[TEST_PATH_BYTES];
    struct test_folder folder;

    (void)state;
    write_script(&folder, "exec sleep 1000", path);
    assert_ok(neuron_executor_process_start(path, NULL, 0, &process, &error), &error);
    assert_false(is_readable(process.watch));
    neuron_executor_process_kill(&process);
    assert_true(becomes_readable(process.watch));
    neuron_executor_process_kill(&process);
    neuron_executor_process_reap(&process, end);
    assert_string_equal(end, "was killed by SIGKILL");
    test_folder_destroy(&folder);
}

static void
a_process_has_the_named_files_and_no_others(void **state)
{
    char end[NEURON_PROCESS_END_BYTES] = "";
    int ends[2] = {-1, -1};
    char text[64] = "";

    (void)state;
    /* Not closed on exec, as a careless program has them. */
    assert_int_equal(pipe(ends), 0);
    int stray = fcntl(ends[0], F_DUPFD, 50);
    run_script("cd /proc/$$/fd && echo * >&3", ends[1], end);
    assert_string_equal(end, "exited with status 0");
    assert_true(read(ends[0], text, sizeof(text) - 1) > 0);
    /* The shell has its script open at 10 or so. */
    assert_int_equal(strncmp(text, "0 1 10 2 3", 10), 0);
    assert_null(strstr(text, "50"));
    assert_int_equal(close(ends[0]), 0);
    assert_int_equal(close(ends[1]), 0);
    assert_int_equal(close(stray), 0);
}

static void
the_standard_output_is_the_standard_error(void **state)
{
    char end[NEURON_PROCESS_END_BYTES] = "";

    (void)state;
    run_script("test /proc/self/fd/1 -ef /proc/self/fd/2 && test /proc/self/fd/0 -ef /dev/null",
               STDERR_FILENO, end);
    assert_string_equal(end, "exited with status 0");
}

static void
a_process_starts_where_the_signals_of_its_parent_are_ignored(void **state)
{
    char end[NEURON_PROCESS_END_BYTES] = "";
    sigset_t all;
    sigset_t before;

    (void)state;
    assert_int_equal(sigfillset(&all), 0);
    assert_int_equal(pthread_sigmask(SIG_SETMASK, &all, &before), 0);
    run_script("kill -USR1 $$; exit 3", STDERR_FILENO, end);
    assert_string_equal(end, "was killed by SIGUSR1");
    run_script("kill -TERM $$; kill -INT $$; exit 3", STDERR_FILENO, end);
    assert_string_equal(end, "exited with status 3");
    assert_int_equal(pthread_sigmask(SIG_SETMASK, &before, NULL), 0);
}

static void
an_end_that_somebody_else_took_is_an_end(void **state)
{
    char end[NEURON_PROCESS_END_BYTES] = "";

    (void)state;
    assert_ptr_not_equal(signal(SIGCHLD, SIG_IGN), SIG_ERR);
    /* Not at once: of a process that the kernel has forgotten before it is watched nothing is
     * known. */
    run_script("sleep 0.2; exit 5", STDERR_FILENO, end);
    assert_ptr_not_equal(signal(SIGCHLD, SIG_DFL), SIG_ERR);
    assert_string_equal(end, "ended");
}

static void
a_program_that_is_not_there_is_said(void **state)
{
    struct neuron_executor_process process = {0};
    struct neuron_error error = {0};
    uint32_t before = open_descriptor_count();

    (void)state;
    assert_status(NEURON_SYSTEM,
                  neuron_executor_process_start("/nowhere/x", NULL, 0, &process, &error), &error);
    assert_contains(error.text, "cannot start /nowhere/x: No such file");
    assert_int_equal(process.pid, 0);
    assert_int_equal(open_descriptor_count(), before);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_end_is_told),
        cmocka_unit_test(a_process_is_killed),
        cmocka_unit_test(a_process_has_the_named_files_and_no_others),
        cmocka_unit_test(the_standard_output_is_the_standard_error),
        cmocka_unit_test(a_process_starts_where_the_signals_of_its_parent_are_ignored),
        cmocka_unit_test(an_end_that_somebody_else_took_is_an_end),
        cmocka_unit_test(a_program_that_is_not_there_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
