/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host_list.h"

static struct neuron_error error;

/* Writes a list as "a:4 b:2/8 ". */
static const char *
describe(struct neuron_host_list *list, char *text, size_t size_bytes)
{
    size_t length = 0;

    text[0] = '\0';
    for (uint32_t i = 0; i < list->host_count; i += 1) {
        const struct neuron_host *host = &list->hosts[i];

        length += (size_t)snprintf(text + length, size_bytes - length, "%s=%u", host->name,
                                   host->slot_count);
        if (host->slot_limit > 0) {
            length += (size_t)snprintf(text + length, size_bytes - length, "/%u", host->slot_limit);
        }
        length += (size_t)snprintf(text + length, size_bytes - length, " ");
    }
    neuron_host_list_destroy(list);
    return text;
}

static void
assert_hosts(const char *text, const char *expected)
{
    struct neuron_host_list list = {0};
    char described[256];

    assert_ok(neuron_host_list_parse(text, &list, &error), &error);
    assert_string_equal(describe(&list, described, sizeof(described)), expected);
}

static void
assert_file(const char *text, const char *expected)
{
    struct neuron_host_list list = {0};
    char described[256];

    assert_ok(neuron_host_list_parse_file(text, "hosts", &list, &error), &error);
    assert_string_equal(describe(&list, described, sizeof(described)), expected);
}

static void
assert_slurm(const char *nodes, const char *slots, const char *expected)
{
    struct neuron_host_list list = {0};
    char described[256];

    assert_ok(neuron_host_list_parse_slurm(nodes, slots, &list, &error), &error);
    assert_string_equal(describe(&list, described, sizeof(described)), expected);
}

static void
assert_refused(enum neuron_status status, const char *reason)
{
    assert_status(NEURON_INVALID_ARGUMENT, status, &error);
    if (strstr(error.text, reason) == NULL) {
        fail_msg("no \"%s\" in: %s", reason, error.text);
    }
}

static void
hosts_have_slots_and_add_up(void **state)
{
    (void)state;
    assert_hosts("a:4,b:4", "a=4 b=4 ");
    assert_hosts("a,a,b", "a=2 b=1 ");
    assert_hosts("b:2,a,b", "b=3 a=1 ");
    assert_hosts("10.0.0.1:2", "10.0.0.1=2 ");
    assert_hosts("[fd00::7]:3,[fe80::1%eth0]", "fd00::7=3 fe80::1%eth0=1 ");
}

static void
bad_hosts_are_refused_with_the_place(void **state)
{
    struct neuron_host_list list = {0};

    (void)state;
    assert_refused(neuron_host_list_parse("", &list, &error), "name of a host");
    assert_refused(neuron_host_list_parse("a,,b", &list, &error), "name of a host");
    assert_refused(neuron_host_list_parse("a:0", &list, &error), "number of slots");
    assert_refused(neuron_host_list_parse("a:x", &list, &error), "number of slots");
    assert_refused(neuron_host_list_parse("a:99999999999999999999", &list, &error), "slots");
    assert_refused(neuron_host_list_parse("fd00::7", &list, &error), "brackets");
    assert_refused(neuron_host_list_parse("[fd00::7", &list, &error), "brackets");
    assert_refused(neuron_host_list_parse("a b", &list, &error), "cannot read");
    assert_refused(neuron_host_list_parse("a:65536,a", &list, &error), "more than");
    assert_null(list.hosts);
}

static void
a_host_is_never_an_option_or_a_command(void **state)
{
    struct neuron_host_list list = {0};

    (void)state;
    assert_refused(neuron_host_list_parse("-oProxyCommand=x", &list, &error), "name of a host");
    assert_refused(neuron_host_list_parse("a;reboot", &list, &error), "cannot read");
    assert_refused(neuron_host_list_parse("$(id)", &list, &error), "name of a host");
    assert_refused(neuron_host_list_parse_slurm("-x", NULL, &list, &error), "SLURM_JOB_NODELIST");
}

static void
host_files_are_those_of_open_mpi(void **state)
{
    (void)state;
    assert_file("# all\nnode1 slots=4 max_slots=8\n\nnode2:4 # second\nnode3\n",
                "node1=4/8 node2=4 node3=1 ");
    assert_file("a slots = 2\r\nb  max-slots=3", "a=2 b=1/3 ");
    assert_file("[fd00::1] slots=2\n10.0.0.2", "fd00::1=2 10.0.0.2=1 ");
}

static void
host_files_of_pbs_repeat_names(void **state)
{
    (void)state;
    assert_file("n1\nn1\nn2\nn1\n", "n1=3 n2=1 ");
}

static void
bad_host_files_are_refused_with_the_line(void **state)
{
    struct neuron_host_list list = {0};

    (void)state;
    assert_refused(neuron_host_list_parse_file("a\nb slots=", "f", &list, &error), "f, line 2");
    assert_refused(neuron_host_list_parse_file("a slot=2", "f", &list, &error), "line 1");
    assert_refused(neuron_host_list_parse_file("a slots 2", "f", &list, &error), "slots=N");
    assert_refused(neuron_host_list_parse_file("a slots=9 max_slots=2", "f", &list, &error),
                   "max_slots");
    assert_refused(neuron_host_list_parse_file("# none\n", "f", &list, &error), "names no host");
    assert_null(list.hosts);
}

static void
nodes_of_slurm_are_expanded(void **state)
{
    (void)state;
    assert_slurm("n[01-03,7],m", "2(x3),1,4", "n01=2 n02=2 n03=2 n7=1 m=4 ");
    assert_slurm("rack[1-2]-n[08-10]", NULL,
                 "rack1-n08=1 rack1-n09=1 rack1-n10=1 rack2-n08=1 rack2-n09=1 rack2-n10=1 ");
    assert_slurm("single", "16", "single=16 ");
    assert_slurm("a,b", "3(x2)", "a=3 b=3 ");
}

static void
bad_lists_of_slurm_are_refused(void **state)
{
    static const char *const nodes[] = {"",      "n[",  "n[1-",          "n[3-1]", "n[x]", "n[1,]",
                                        "n[1]]", "n[]", "n[1-99999999]", "a b",    ",",    "n[1-2"};
    struct neuron_host_list list = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(nodes) / sizeof(nodes[0]); i += 1) {
        assert_refused(neuron_host_list_parse_slurm(nodes[i], NULL, &list, &error), "SLURM_JOB");
    }
    assert_refused(neuron_host_list_parse_slurm("a", "x", &list, &error), "SLURM_TASKS_PER_NODE");
    assert_refused(neuron_host_list_parse_slurm("a", "2(x", &list, &error), "SLURM_TASKS_PER_NODE");
    assert_refused(neuron_host_list_parse_slurm("a", "0", &list, &error), "SLURM_TASKS_PER_NODE");
    assert_refused(neuron_host_list_parse_slurm("n[0-9][0-9][0-9][0-9]", NULL, &list, &error),
                   "at most");
    assert_null(list.hosts);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hosts_have_slots_and_add_up),
        cmocka_unit_test(bad_hosts_are_refused_with_the_place),
        cmocka_unit_test(a_host_is_never_an_option_or_a_command),
        cmocka_unit_test(host_files_are_those_of_open_mpi),
        cmocka_unit_test(host_files_of_pbs_repeat_names),
        cmocka_unit_test(bad_host_files_are_refused_with_the_line),
        cmocka_unit_test(nodes_of_slurm_are_expanded),
        cmocka_unit_test(bad_lists_of_slurm_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
