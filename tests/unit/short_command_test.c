/* SPDX-License-Identifier: Apache-2.0 */
#include "node/short_command.h"

#include "check.h"

static void
the_folder_of_the_program_is_left_out(void **state)
{
    (void)state;
    assert_string_equal(neuron_short_command("/opt/bin/serve.py --all /a/b"),
                        "serve.py --all /a/b");
    assert_string_equal(neuron_short_command("./score"), "score");
}

static void
what_has_none_stays_whole(void **state)
{
    (void)state;
    assert_string_equal(neuron_short_command("serve.py /a/b"), "serve.py /a/b");
    assert_string_equal(neuron_short_command("folder/ x"), "folder/ x");
    assert_string_equal(neuron_short_command("/"), "/");
    assert_string_equal(neuron_short_command(""), "");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_folder_of_the_program_is_left_out),
        cmocka_unit_test(what_has_none_stays_whole),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
