/* SPDX-License-Identifier: Apache-2.0 */
#include "ls/ls_drawing.h"

#include <string.h>

#include "check.h"
#include "ls/holder_signs.h"
#include "made_node.h"
#include "made_view.h"

static void
signs_are_as_long_as_it_takes(void **state)
{
    char text[NEURON_SIGN_BYTES] = "";

    (void)state;
    assert_int_equal(neuron_sign_length(0), 1);
    assert_int_equal(neuron_sign_length(52), 1);
    assert_int_equal(neuron_sign_length(53), 2);
    assert_int_equal(neuron_sign_length(2704), 2);
    assert_int_equal(neuron_sign_length(65536), 3);
    assert_string_equal(neuron_sign_format(0, 1, text), "A");
    assert_string_equal(neuron_sign_format(51, 1, text), "z");
    assert_string_equal(neuron_sign_format(53, 2, text), "BB");
    assert_string_equal(neuron_sign_format(65535, 3, text), "YMP");
}

static void
boxes_hold_what_the_machine_has(void **state)
{
    static struct made_view made;

    (void)state;
    open_view(&made, "pack:2 [numa(memory=8589934592)] l3:2(size=33554432) core:2 pu:2");
    made_process(&made.sample, 4242, "0-2", "neuronrun ./score")->kind =
        NEURON_CORE_LEASE_RESERVATION;
    made_process(&made.sample, 4243, "0-1", "./score")->parent = 0;
    (void)made_process(&made.sample, 99, "6", "serve.py");
    assert_string_equal(print_view(&made, neuron_ls_print_drawing),
                        "+ package 0 ----------------------------------+\n"
                        "| + device 0, NUMA node 0, 8.0 GiB ---------+ |\n"
                        "| | L3 32.0 MiB  cores 0-1  CPUs 0-3    A A | |\n"
                        "| | L3 32.0 MiB  cores 2-3  CPUs 4-7    B . | |\n"
                        "| +-----------------------------------------+ |\n"
                        "+---------------------------------------------+\n"
                        "+ package 1 ----------------------------------+\n"
                        "| + device 1, NUMA node 1, 8.0 GiB ---------+ |\n"
                        "| | L3 32.0 MiB  cores 4-5  CPUs 8-11   . . | |\n"
                        "| | L3 32.0 MiB  cores 6-7  CPUs 12-15  C . | |\n"
                        "| +-----------------------------------------+ |\n"
                        "+---------------------------------------------+\n"
                        "   CORES   PID  USER  COMMAND\n"
                        "A  0-1    4243  ana   score\n"
                        "B  0-2    4242  ana   neuronrun ./score\n"
                        "C  6        99  ana   serve.py\n"
                        ".  free\n");
    close_view(&made);
}

static void
unicode_is_for_screens_that_have_it(void **state)
{
    static struct made_view made;

    (void)state;
    open_view(&made, "core:2 pu:1");
    made.view.screen.is_utf8 = true;
    print_view(&made, neuron_ls_print_drawing);
    assert_contains(made.text, "\u250c package 0 \u2500");
    assert_contains(made.text, "\u2502 \u2502 cores 0-1  CPUs 0-1  . . ");
    assert_null(strchr(made.text, '+'));
    close_view(&made);
}

static void
cores_that_are_shared_have_a_mark(void **state)
{
    static struct made_view made;

    (void)state;
    open_view(&made, "core:2 pu:1");
    made_process(&made.sample, 1, "0-1", "neuronrun")->kind = NEURON_CORE_LEASE_RESERVATION;
    made_process(&made.sample, 2, "0", "first")->parent = 0;
    made_process(&made.sample, 3, "0", "second")->parent = 0;
    print_view(&made, neuron_ls_print_drawing);
    assert_contains(made.text, "A+ B ");
    assert_contains(made.text, "\n+  shared with others of the same launcher\n");
    assert_contains(made.text, "\nA  0        2  ana   first\n");
    assert_null(strstr(made.text, "second"));
    close_view(&made);
}

static void
a_large_machine_fits_any_screen(void **state)
{
    static const size_t widths[] = {40, 80, 200};
    static struct made_view made;

    (void)state;
    open_view(&made, "pack:8 [numa] l3:16 core:8 pu:1");
    for (int i = 0; i < 128; i += 1) {
        char cores[32] = "";

        (void)snprintf(cores, sizeof(cores), "%d-%d", i * 8, i * 8 + 7);
        (void)made_process(&made.sample, 100 + i, cores, "rank");
    }
    for (size_t i = 0; i < sizeof(widths) / sizeof(widths[0]); i += 1) {
        made.view.screen.columns = widths[i];
        print_view(&made, neuron_ls_print_drawing);
        assert_true(longest_line(made.text) <= widths[i]);
        assert_contains(made.text, " CX CX CX CX ");
    }
    assert_contains(made.text, "cores 1016-1023  CPUs 1016-1023  CX CX CX CX CX CX CX CX ");
    close_view(&made);
}

/* CPUs of two packages, numbered in turn. */
static void
scattered_cpus_are_cut_at_a_number(void **state)
{
    static struct made_view made;
    char synthetic[512] = "pack:2 core:32 pu:1(indexes=0";
    size_t length = strlen(synthetic);

    (void)state;
    for (int i = 1; i < 64; i += 1) {
        length += (size_t)snprintf(synthetic + length, sizeof(synthetic) - length, ",%d",
                                   i < 32 ? 2 * i : 2 * i - 63);
    }
    (void)snprintf(synthetic + length, sizeof(synthetic) - length, ")");
    open_view(&made, synthetic);
    print_view(&made, neuron_ls_print_drawing);
    assert_true(longest_line(made.text) <= 80);
    assert_contains(made.text, "cores 32-39  CPUs 1,3,5,7,9,11,13,15 ");
    made.view.screen.columns = 300;
    assert_contains(print_view(&made, neuron_ls_print_drawing), ",32,34,36,38,.. ");
    close_view(&made);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signs_are_as_long_as_it_takes),
        cmocka_unit_test(boxes_hold_what_the_machine_has),
        cmocka_unit_test(unicode_is_for_screens_that_have_it),
        cmocka_unit_test(cores_that_are_shared_have_a_mark),
        cmocka_unit_test(a_large_machine_fits_any_screen),
        cmocka_unit_test(scattered_cpus_are_cut_at_a_number),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
