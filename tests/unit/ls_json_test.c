/* SPDX-License-Identifier: Apache-2.0 */
#include "ls/ls_json.h"

#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "made_node.h"
#include "made_view.h"

/* Prints the object in one line. */
static enum neuron_status
print_json(const struct neuron_ls_view *view, FILE *stream, struct neuron_error *error)
{
    struct neuron_json_text text = {0};
    enum neuron_status status = neuron_ls_add_json(view, "host1", &text, error);

    if (status == NEURON_OK) {
        status = neuron_json_text_finish(&text, error);
    }
    if (status == NEURON_OK) {
        (void)fputs(text.bytes, stream);
    }
    neuron_json_text_destroy(&text);
    return status;
}

/* Blanks between the values do not count. */
static void
drop_blanks(char *text)
{
    char *kept = text;

    for (const char *c = text; *c != '\0'; c += 1) {
        if (*c != ' ' && *c != '\n') {
            *kept = *c;
            kept += 1;
        }
    }
    *kept = '\0';
}

static void
machine_devices_and_cores_are_whole(void **state)
{
    static struct made_view made;

    (void)state;
    open_view(&made, "pack:2 [numa(memory=8589934592)] l3:1(size=33554432) core:2 pu:2");
    (void)made_process(&made.sample, 99, "3", "serve.py");
    print_view(&made, print_json);
    drop_blanks(made.text);
    assert_contains(made.text, "{\"machine\":{\"host\":\"host1\",\"is_invented\":true,");
    assert_contains(made.text, "\"core_count\":4,\"device_count\":2,\"package_count\":2,"
                               "\"l3_count\":2,\"allowed_cores\":[0,1,2,3],\"core_limit\":4,");
    assert_contains(made.text, "{\"device\":1,\"numa_node\":1,\"package\":1,\"memory_bytes\":"
                               "8589934592,\"cores\":[2,3],\"free_cores\":[2]}");
    assert_contains(made.text, "{\"core\":3,\"device\":1,\"package\":1,\"l3\":1,\"cpus\":[6,7],"
                               "\"l1_bytes\":null,\"l2_bytes\":null,\"l3_bytes\":33554432,"
                               "\"is_allowed\":true,\"lease\":0}");
    close_view(&made);
}

static void
leases_tell_what_is_inside_them(void **state)
{
    static struct made_view made;

    (void)state;
    open_view(&made, "core:4 pu:1");
    made_process(&made.sample, 4242, "0-3", "neuronrun")->kind = NEURON_CORE_LEASE_RESERVATION;
    struct neuron_node_process *rank = made_process(&made.sample, 4243, "0-1", "./\"score\"");
    rank->parent = 0;
    struct neuron_counter_sample *runtime = made_runtime(rank);
    runtime->memory_count = 1;
    runtime->memory[0].bytes[NEURON_MEMORY_ARENA] = 4096;
    (void)snprintf(runtime->memory[0].name, sizeof(runtime->memory[0].name), "net");
    print_view(&made, print_json);
    drop_blanks(made.text);
    assert_contains(
        made.text,
        "{\"lease\":1,\"inside\":0,\"depth\":1,\"kind\":\"use\",\"cores\":"
        "[0,1],\"pid\":4243,\"user\":\"ana\",\"tag\":\"4243\",\"since\":"
        "\"2026-11-2023:10:05\",\"start_time\":\"2026-11-20T23:10:05+00:00\","
        "\"start_ticks\":4343,\"command\":"
        "\"./\\\"score\\\"\",\"state\":\"S\",\"thread_count\":3,\"resident_bytes\":1048576,");
    assert_contains(made.text, "\"runtimes\":[{\"version\":\"1.2.3\",\"module_count\":0,\"memory\":"
                               "[{\"device\":0,\"name\":\"net\",\"weights_bytes\":0,"
                               "\"arena_bytes\":4096,\"stages_bytes\":0,\"buffer_bytes\":0}]}],"
                               "\"error\":null}");
    assert_contains(made.text, "{\"core\":3,\"device\":0,\"package\":0,\"l3\":null,");
    close_view(&made);
}

static void
what_cannot_be_seen_is_null(void **state)
{
    static struct made_view made;

    (void)state;
    open_view(&made, "core:2 pu:1");
    (void)made_process(&made.sample, 0, "1", "");
    struct neuron_node_process *other = made_process(&made.sample, 7, "0", "");
    (void)snprintf(other->trouble, sizeof(other->trouble), "of bob");
    print_view(&made, print_json);
    drop_blanks(made.text);
    assert_contains(made.text, "\"cores\":[1],\"pid\":null,\"user\":null,\"tag\":null,\"since\":"
                               "null,\"start_time\":null,\"start_ticks\":null,\"command\":null,"
                               "\"state\":null,");
    assert_contains(made.text, "\"tag\":null,\"since\":\"2026-11-2023:10:05\",\"start_time\":"
                               "\"2026-11-20T23:10:05+00:00\",\"start_ticks\":107,"
                               "\"command\":null,");
    assert_contains(made.text, "\"error\":\"ofbob\"}");
    struct neuron_node_process *lost = made_process(&made.sample, 8, "", "worker");
    lost->kind = NEURON_CORE_LEASE_BORROWED;
    (void)snprintf(lost->trouble, sizeof(lost->trouble), "version");
    print_view(&made, print_json);
    drop_blanks(made.text);
    assert_contains(made.text, "\"kind\":\"borrowed\",\"cores\":[],\"pid\":8,");
    assert_contains(made.text, "\"error\":\"version\"}");
    close_view(&made);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(machine_devices_and_cores_are_whole),
        cmocka_unit_test(leases_tell_what_is_inside_them),
        cmocka_unit_test(what_cannot_be_seen_is_null),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
