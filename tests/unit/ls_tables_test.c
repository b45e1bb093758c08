/* SPDX-License-Identifier: Apache-2.0 */
#include "ls/ls_tables.h"

#include <string.h>

#include "check.h"
#include "made_node.h"
#include "made_view.h"

static const char machine[] = "pack:2 [numa(memory=8589934592)] l3:2(size=33554432) core:2 pu:2";

/* A launcher of two ranks on cores 0-3, and a program on core 6. */
static void
fill_sample(struct neuron_node_sample *sample)
{
    made_process(sample, 4242, "0-3", "neuronrun -n 2 ./score")->kind =
        NEURON_CORE_LEASE_RESERVATION;
    made_process(sample, 4243, "0-1", "./score")->parent = 0;
    made_process(sample, 4244, "2-3", "./score")->parent = 0;
    struct neuron_node_process *serve = made_process(sample, 99, "6", "serve.py --port 80");
    (void)snprintf(serve->tag, sizeof(serve->tag), "web");
}

static void
devices_have_a_row_each(void **state)
{
    static struct made_view made;

    (void)state;
    open_view(&made, machine);
    fill_sample(&made.sample);
    assert_string_equal(print_view(&made, neuron_ls_print_devices),
                        "DEVICE  CORES  FREE    MEMORY  NODE  PACKAGE  L3\n"
                        "     0  0-3    -      8.0 GiB     0        0  2 x 32.0 MiB\n"
                        "     1  4-7    4-5,7  8.0 GiB     1        1  2 x 32.0 MiB\n");
    close_view(&made);
}

static void
ranks_stand_below_their_launcher_and_free_cores_between(void **state)
{
    static struct made_view made;

    (void)state;
    open_view(&made, machine);
    fill_sample(&made.sample);
    assert_string_equal(print_view(&made, neuron_ls_print_leases),
                        "CORES   PID  USER  SINCE                TAG  COMMAND\n"
                        "0-3    4242  ana   2026-11-20 23:10:05       neuronrun -n 2 ./score\n"
                        "  0-1  4243  ana   2026-11-20 23:10:05       score\n"
                        "  2-3  4244  ana   2026-11-20 23:10:05       score\n"
                        "4-5       -  -     -                         free\n"
                        "6        99  ana   2026-11-20 23:10:05  web  serve.py --port 80\n"
                        "7         -  -     -                         free\n");
    close_view(&made);
}

static void
long_texts_are_cut_but_in_the_wide_form(void **state)
{
    static struct made_view made;
    char command[200] = "/a/folder/";

    (void)state;
    memset(command + strlen(command), 'x', sizeof(command) - 1 - strlen(command));
    open_view(&made, "numa:1 core:64 pu:1");
    (void)made_process(&made.sample, 7, "0,2,4,6,8,10,12,14,16,18,20", command);
    print_view(&made, neuron_ls_print_leases);
    assert_int_equal(longest_line(made.text), 80);
    assert_contains(made.text, "23:10:05  xxxx"); /* without its folder */
    assert_contains(made.text, "\n0,2,4,6,8,10,12,14..    7  ana ");
    made.view.is_wide = true;
    print_view(&made, neuron_ls_print_leases);
    assert_contains(made.text, command);
    assert_contains(made.text, "0,2,4,6,8,10,12,14,16,18,20 ");
    assert_true(longest_line(made.text) > 200);
    close_view(&made);
}

static void
the_wide_form_tells_of_runtimes_and_troubles(void **state)
{
    static struct made_view made;

    (void)state;
    open_view(&made, machine);
    struct neuron_counter_sample *runtime =
        made_runtime(made_process(&made.sample, 5, "0-1", "serve"));
    runtime->memory_count = 1;
    runtime->memory[0].bytes[NEURON_MEMORY_WEIGHTS] = 3U << 20U;
    struct neuron_node_process *other = made_process(&made.sample, 6, "2", "other");
    (void)snprintf(other->trouble, sizeof(other->trouble), "pid 6 is of bob");
    made.view.is_wide = true;
    print_view(&made, neuron_ls_print_leases);
    assert_contains(made.text, "0-1    0-3   use       0    5  ana   2026-11-20 23:10:05  S      "
                               "1.0 MiB        3.0 MiB        3  1.2.3    5    serve\n");
    assert_contains(made.text, "1.0 MiB              -        3  -        -    other\n");
    assert_string_equal(print_view(&made, neuron_ls_print_notes), "pid 6 is of bob\n");
    made.view.is_wide = false;
    assert_string_equal(print_view(&made, neuron_ls_print_notes), "");
    close_view(&made);
}

static void
processes_that_cannot_be_seen_are_named_so(void **state)
{
    static struct made_view made;

    (void)state;
    open_view(&made, "core:2 pu:1");
    (void)made_process(&made.sample, 0, "0", "");
    print_view(&made, neuron_ls_print_leases);
    assert_contains(made.text, "0        -  -     -      a process of another container\n");
    assert_ok(neuron_core_set_add(made.sample.processes[0].cores, 1, NULL), NULL);
    print_view(&made, neuron_ls_print_leases);
    assert_contains(made.text, "0-1      -  -     -      processes of other containers\n");
    close_view(&made);
}

static void
borrowers_are_shown_where_all_are_asked_for(void **state)
{
    static struct made_view made;

    (void)state;
    open_view(&made, "core:2 pu:1");
    (void)made_process(&made.sample, 5, "0-1", "lender");
    struct neuron_node_process *borrower = made_process(&made.sample, 6, "", "borrower");
    borrower->parent = 0;
    borrower->kind = NEURON_CORE_LEASE_BORROWED;
    assert_null(strstr(print_view(&made, neuron_ls_print_leases), "borrower"));
    made.view.shows_all = true;
    assert_contains(print_view(&made, neuron_ls_print_leases), "\n  -      6  ana ");
    close_view(&made);
}

static void
who_works_on_cores_that_nobody_can_tell_is_shown(void **state)
{
    static struct made_view made;

    (void)state;
    open_view(&made, "core:2 pu:1");
    struct neuron_node_process *lost = made_process(&made.sample, 6, "", "worker");
    lost->kind = NEURON_CORE_LEASE_BORROWED;
    (void)snprintf(lost->trouble, sizeof(lost->trouble), "pid 6 counts in another version");
    (void)made_process(&made.sample, 7, "0", "other");
    (void)snprintf(made.sample.processes[1].trouble, NEURON_ERROR_TEXT_BYTES, "pid 7 is of bob");
    print_view(&made, neuron_ls_print_leases);
    assert_contains(made.text, "\n-        6  ana   2026-11-20 23:10:05  worker\n");
    assert_string_equal(print_view(&made, neuron_ls_print_notes),
                        "pid 6 counts in another version\n");
    close_view(&made);
}

static void
texts_are_of_the_encoding_of_the_screen(void **state)
{
    static struct made_view made;

    (void)state;
    open_view(&made, "core:2 pu:1");
    (void)made_process(&made.sample, 5, "0", "caf\u00e9");
    assert_contains(print_view(&made, neuron_ls_print_leases), "caf?\n");
    made.view.screen.is_utf8 = true;
    assert_contains(print_view(&made, neuron_ls_print_leases), "caf\u00e9\n");
    close_view(&made);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(devices_have_a_row_each),
        cmocka_unit_test(ranks_stand_below_their_launcher_and_free_cores_between),
        cmocka_unit_test(long_texts_are_cut_but_in_the_wide_form),
        cmocka_unit_test(the_wide_form_tells_of_runtimes_and_troubles),
        cmocka_unit_test(processes_that_cannot_be_seen_are_named_so),
        cmocka_unit_test(borrowers_are_shown_where_all_are_asked_for),
        cmocka_unit_test(who_works_on_cores_that_nobody_can_tell_is_shown),
        cmocka_unit_test(texts_are_of_the_encoding_of_the_screen),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
