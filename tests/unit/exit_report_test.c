/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <errno.h>
#include <signal.h>

#include "exit_report.h"

enum { EXIT_CODE_SHIFT = 8, CORE_DUMPED = 0x80 }; /* of a wait status */

static struct neuron_exit_report
make_report(int wait_status)
{
    return (struct neuron_exit_report){
        .rank = 3,
        .process = 4242,
        .cores = "6-7",
        .wait_status = wait_status,
        .program = "/usr/bin/worker",
        .working_directory = "/data",
        .elapsed_ms = 3250,
        .stopped_count = 3,
    };
}

static void
check_report(const struct neuron_exit_report *report, int code, const char *line)
{
    char text[NEURON_EXIT_REPORT_BYTES] = "";

    assert_int_equal(neuron_exit_report_code(report), code);
    assert_string_equal(neuron_exit_report_format(report, text, sizeof(text)), line);
}

static void
a_killed_rank_is_named_with_its_signal(void **state)
{
    struct neuron_exit_report report = make_report(SIGSEGV);

    (void)state;
    check_report(&report, 128 + SIGSEGV,
                 "rank 3 (pid 4242, cores 6-7) was killed by SIGSEGV after 3.2 s; 3 other ranks "
                 "were stopped");
    report.wait_status = SIGABRT | CORE_DUMPED;
    report.stopped_count = 0;
    check_report(&report, 128 + SIGABRT,
                 "rank 3 (pid 4242, cores 6-7) was killed by SIGABRT (core dumped) after 3.2 s");
}

static void
a_rank_that_fails_is_named_with_its_code(void **state)
{
    struct neuron_exit_report report = make_report(5 << EXIT_CODE_SHIFT);

    (void)state;
    report.cores = "6";
    report.stopped_count = 1;
    check_report(&report, 5,
                 "rank 3 (pid 4242, core 6) exited with code 5 after 3.2 s; 1 other rank was "
                 "stopped");
}

static void
it_is_said_what_became_of_the_others(void **state)
{
    struct neuron_exit_report report = make_report(5 << EXIT_CODE_SHIFT);

    (void)state;
    report.stopped_count = 0;
    report.running_count = 2;
    check_report(&report, 5,
                 "rank 3 (pid 4242, cores 6-7) exited with code 5 after 3.2 s; 2 other ranks go "
                 "on");
    report.running_count = 1;
    check_report(&report, 5,
                 "rank 3 (pid 4242, cores 6-7) exited with code 5 after 3.2 s; 1 other rank goes "
                 "on");
    report.running_count = 0;
    report.failed_count = 2;
    report.rank_count = 4;
    check_report(&report, 5,
                 "rank 3 (pid 4242, cores 6-7) exited with code 5 after 3.2 s; 2 of 4 ranks "
                 "failed");
    report.failed_count = 1;
    check_report(&report, 5, "rank 3 (pid 4242, cores 6-7) exited with code 5 after 3.2 s");
}

static void
ranks_that_were_named_are_but_counted(void **state)
{
    char text[NEURON_EXIT_REPORT_BYTES] = "";

    (void)state;
    assert_string_equal(neuron_exit_report_count(1, 2, 4, text, sizeof(text)),
                        "2 of 4 ranks failed, rank 1 first");
    assert_string_equal(neuron_exit_report_count(0, 1, 4, text, sizeof(text)),
                        "1 of 4 ranks failed, rank 0");
}

static void
a_program_that_did_not_run_is_named_instead_of_the_rank(void **state)
{
    struct neuron_exit_report report = make_report(127 << EXIT_CODE_SHIFT);

    (void)state;
    report.failure.step = NEURON_PROCESS_EXEC;
    report.trouble.reason = ENOENT;
    check_report(&report, 127, "cannot start /usr/bin/worker: No such file or directory");
    report.trouble.reason = EACCES;
    check_report(&report, 126, "cannot start /usr/bin/worker: Permission denied");
    report.trouble.kind = NEURON_EXEC_NO_PROGRAM;
    check_report(&report, 126,
                 "cannot start /usr/bin/worker: it is no program; begin a script with its "
                 "interpreter, as #!/bin/sh");
}

static void
what_the_launcher_could_not_do_is_its_own_error(void **state)
{
    struct neuron_exit_report report = make_report(127 << EXIT_CODE_SHIFT);

    (void)state;
    report.failure =
        (struct neuron_process_failure){.step = NEURON_PROCESS_DIRECTORY, .reason = ENOENT};
    check_report(&report, 125, "cannot enter directory /data: No such file or directory");
    report.failure.step = NEURON_PROCESS_BINDING;
    report.failure.reason = EINVAL;
    check_report(&report, 125, "cannot bind rank 3 to cores 6-7: Invalid argument");
}

static void
a_rank_that_others_miss_in_mpi_init_has_failed(void **state)
{
    struct neuron_exit_report report = make_report(0);

    (void)state;
    report.mpi_end.kind = NEURON_MPI_END_MISSED;
    check_report(&report, 1,
                 "rank 3 (pid 4242, cores 6-7) exited with code 0 before MPI_Init, while others "
                 "wait for it, after 3.2 s; 3 other ranks were stopped");
}

static void
a_signal_without_a_name_has_a_number(void **state)
{
    char text[24] = "";

    (void)state;
    assert_string_equal(neuron_signal_name(SIGKILL, text, sizeof(text)), "SIGKILL");
    assert_string_equal(neuron_signal_name(40, text, sizeof(text)), "signal 40");
}

static void
a_long_list_of_cores_is_cut_at_the_text(void **state)
{
    struct neuron_exit_report report = make_report(SIGKILL);
    char cores[2000];
    char text[NEURON_EXIT_REPORT_BYTES] = "";

    (void)state;
    for (size_t i = 0; i < sizeof(cores); i += 1) {
        cores[i] = i % 2 == 0 ? '1' : ',';
    }
    cores[sizeof(cores) - 1] = '\0';
    report.cores = cores;
    (void)neuron_exit_report_format(&report, text, sizeof(text));
    assert_contains(text, "was killed by SIGKILL");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_killed_rank_is_named_with_its_signal),
        cmocka_unit_test(a_rank_that_fails_is_named_with_its_code),
        cmocka_unit_test(it_is_said_what_became_of_the_others),
        cmocka_unit_test(ranks_that_were_named_are_but_counted),
        cmocka_unit_test(a_program_that_did_not_run_is_named_instead_of_the_rank),
        cmocka_unit_test(what_the_launcher_could_not_do_is_its_own_error),
        cmocka_unit_test(a_rank_that_others_miss_in_mpi_init_has_failed),
        cmocka_unit_test(a_signal_without_a_name_has_a_number),
        cmocka_unit_test(a_long_list_of_cores_is_cut_at_the_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
