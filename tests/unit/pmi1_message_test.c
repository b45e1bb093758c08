/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"
#include "pmi1_message.h"

#include <string.h>

static void
requests_of_mpich_are_read(void **state)
{
    struct neuron_pmi1_request request = {0};

    (void)state;
    assert_true(neuron_pmi1_request_parse("cmd=init pmi_version=1 pmi_subversion=1", &request));
    assert_int_equal(request.command, NEURON_PMI1_INIT);
    assert_true(
        neuron_pmi1_request_parse("cmd=put kvsname=kvs_1 key=bc-0 value=mpi#0=A$", &request));
    assert_int_equal(request.command, NEURON_PMI1_PUT);
    assert_string_equal(request.space, "kvs_1");
    assert_string_equal(request.key, "bc-0");
    assert_string_equal(request.value, "mpi#0=A$");
    assert_true(neuron_pmi1_request_parse("cmd=get kvsname=kvs_1 key=bc-0 ", &request));
    assert_string_equal(request.value, "");
    assert_true(neuron_pmi1_request_parse("cmd=abort exitcode=-42", &request));
    assert_int_equal(request.code, -42);
}

static void
what_is_no_request_is_refused(void **state)
{
    static const char *const refused[] = {
        "",
        "cmd",
        "cmd=",
        "cmd=dance",
        "cmd=init pmi_version",
        "cmd=put kvsname=a value=b",
        "cmd=get key=",
        "cmd=abort exitcode=",
        "cmd=abort exitcode=12x",
        "cmd=abort exitcode=99999999999",
    };
    struct neuron_pmi1_request request = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i += 1) {
        assert_false(neuron_pmi1_request_parse(refused[i], &request));
    }
}

static void
fields_that_are_too_long_are_refused(void **state)
{
    struct neuron_pmi1_request request = {0};
    char line[NEURON_PMI1_LINE_BYTES] = "cmd=put key=k value=";
    size_t start = strlen(line);

    (void)state;
    memset(line + start, 'v', NEURON_PMI1_VALUE_BYTES - 1);
    assert_true(neuron_pmi1_request_parse(line, &request));
    assert_int_equal(strlen(request.value), NEURON_PMI1_VALUE_BYTES - 1);
    line[start + NEURON_PMI1_VALUE_BYTES - 1] = 'v';
    assert_false(neuron_pmi1_request_parse(line, &request));
}

static void
a_spawn_is_read_over_its_lines_and_refused(void **state)
{
    struct neuron_pmi1_request request = {0};
    struct neuron_pmi1_answer answer = {.to = NEURON_PMI1_SPAWN};
    char text[NEURON_PMI1_LINE_BYTES] = "";

    (void)state;
    assert_true(neuron_pmi1_request_parse("mcmd=spawn", &request));
    assert_int_equal(request.command, NEURON_PMI1_SPAWN);
    assert_true(neuron_pmi1_request_parse("execname=./child with words", &request));
    assert_int_equal(request.command, NEURON_PMI1_SPAWN_PART);
    assert_true(neuron_pmi1_request_parse("endcmd", &request));
    assert_int_equal(request.command, NEURON_PMI1_SPAWN_END);
    assert_int_equal(neuron_pmi1_answer_format(&answer, text), 0);
    answer.to = NEURON_PMI1_SPAWN_END;
    assert_true(neuron_pmi1_answer_format(&answer, text) > 0);
    assert_contains(text, "cmd=spawn_result rc=-1 ");
}

static void
answers_are_lines(void **state)
{
    struct neuron_pmi1_answer answer = {.to = NEURON_PMI1_GET, .value = "A$=", .space = "s"};
    char text[NEURON_PMI1_LINE_BYTES] = "";

    (void)state;
    size_t length = neuron_pmi1_answer_format(&answer, text);
    assert_int_equal(length, strlen(text));
    assert_string_equal(text, "cmd=get_result rc=0 msg=success value=A$=\n");
    answer.value = NULL;
    (void)neuron_pmi1_answer_format(&answer, text);
    assert_contains(text, "rc=-1");
    answer.to = NEURON_PMI1_GET_MY_KVSNAME;
    (void)neuron_pmi1_answer_format(&answer, text);
    assert_string_equal(text, "cmd=my_kvsname kvsname=s\n");
    answer.to = NEURON_PMI1_ABORT;
    assert_int_equal(neuron_pmi1_answer_format(&answer, text), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests_of_mpich_are_read),
        cmocka_unit_test(what_is_no_request_is_refused),
        cmocka_unit_test(fields_that_are_too_long_are_refused),
        cmocka_unit_test(a_spawn_is_read_over_its_lines_and_refused),
        cmocka_unit_test(answers_are_lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
