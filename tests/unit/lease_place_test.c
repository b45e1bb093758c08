/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "score/lease_place.h"

#define KEY "000102030405060708090a0b0c0d0e0f0a0b0c0d0e0fa0b0c0d0e0f0ff7f8001"

static const char local_text[] = "neuron-score server 1\n"
                                 "job 42-7\n"
                                 "host node7\n"
                                 "pid 4242\n"
                                 "start 77712\n"
                                 "epoch 1790000000123456789\n"
                                 "key " KEY "\n"
                                 "at ipc://@neuron-score-00ff\n"
                                 "end\n";

static struct neuron_error error;

static struct neuron_lease_place
make_place(void)
{
    return (struct neuron_lease_place){
        .job_id = "42-7",
        .server = {.host = "node7",
                   .pid = 4242,
                   .start_ticks = 77712,
                   .epoch_ns = UINT64_C(1790000000123456789)},
        .key = KEY,
        .addresses = "ipc://@neuron-score-00ff",
    };
}

static void
a_place_on_one_host_is_written(void **state)
{
    struct neuron_lease_place place = make_place();
    char text[NEURON_LEASE_PLACE_TEXT_BYTES] = "";

    (void)state;
    assert_ok(neuron_lease_place_format(&place, text, &error), &error);
    assert_string_equal(text, local_text);
}

static void
it_is_read_back(void **state)
{
    struct neuron_lease_place place;

    (void)state;
    assert_ok(neuron_lease_place_parse(local_text, &place, &error), &error);
    assert_string_equal(place.job_id, "42-7");
    assert_string_equal(place.server.host, "node7");
    assert_int_equal(place.server.pid, 4242);
    assert_int_equal(place.server.start_ticks, 77712);
    assert_int_equal(place.server.epoch_ns, UINT64_C(1790000000123456789));
    assert_string_equal(place.key, KEY);
    assert_string_equal(place.addresses, "ipc://@neuron-score-00ff");
}

static void
many_addresses_and_long_names_fit(void **state)
{
    static const char one[] = "tcp://[fd00:1111:2222:3333:4444:5555:6666:7777]:65535";
    struct neuron_lease_place place = make_place();
    struct neuron_lease_place found;
    char text[NEURON_LEASE_PLACE_TEXT_BYTES] = "";
    size_t used = 0;

    (void)state;
    memset(place.job_id, 'j', sizeof(place.job_id) - 1);
    memset(place.server.host, 'h', sizeof(place.server.host) - 1);
    place.key[0] = '\0';
    for (size_t i = 0; i < NEURON_HOST_ADDRESS_LIMIT; i += 1) {
        used += (size_t)snprintf(place.addresses + used, sizeof(place.addresses) - used, "%s%s",
                                 i == 0 ? "" : ",", one);
    }
    assert_ok(neuron_lease_place_format(&place, text, &error), &error);
    assert_null(strstr(text, "key"));
    assert_ok(neuron_lease_place_parse(text, &found, &error), &error);
    assert_string_equal(found.addresses, place.addresses);
    assert_string_equal(found.job_id, place.job_id);
    assert_string_equal(found.key, "");
}

/* Fails unless the place is refused. */
static void
check_refusal(const struct neuron_lease_place *place)
{
    char text[NEURON_LEASE_PLACE_TEXT_BYTES] = "";

    assert_status(NEURON_INVALID_ARGUMENT, neuron_lease_place_format(place, text, &error), &error);
    assert_string_equal(text, "");
}

static void
names_that_would_break_a_line_are_refused(void **state)
{
    static const char *const names[] = {"", "a\nkey 00", "a\tb", "\x7f"};

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i += 1) {
        struct neuron_lease_place place = make_place();

        (void)snprintf(place.job_id, sizeof(place.job_id), "%s", names[i]);
        check_refusal(&place);
        assert_contains(error.text, "NEURONRUN_JOBID");
        place = make_place();
        (void)snprintf(place.server.host, sizeof(place.server.host), "%s", names[i]);
        check_refusal(&place);
    }
}

static void
addresses_of_another_kind_are_refused(void **state)
{
    static const char *const addresses[] = {
        "",
        "ipc://@",
        "ipc:///tmp/socket",
        "ipc://@a/b",
        "inproc://a",
        "no-scheme-at-all",
        "tcp://",
        "tcp://:1",
        "tcp://a.b.c:",
        "tcp://host.example:1",
        "tcp://127.0.0.1",
        "tcp://127.0.0.1:4000,",
        ",tcp://127.0.0.1:4000",
        "tcp://127.0.0.1:4000,pgm://1.1.1.1:1",
        "ipc://@aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i += 1) {
        struct neuron_lease_place place = make_place();

        (void)snprintf(place.addresses, sizeof(place.addresses), "%s", addresses[i]);
        check_refusal(&place);
    }
}

static void
keys_and_pids_that_are_none_are_refused(void **state)
{
    struct neuron_lease_place place = make_place();

    (void)state;
    place.key[10] = 'X';
    check_refusal(&place);
    place = make_place();
    place.key[63] = '\0';
    check_refusal(&place);
    place = make_place();
    place.server.pid = 0;
    check_refusal(&place);
}

static void
every_cut_is_noticed(void **state)
{
    struct neuron_lease_place place;

    (void)state;
    for (size_t length = 0; length < sizeof(local_text) - 1; length += 1) {
        char *text = strndup(local_text, length);

        assert_non_null(text);
        assert_status(NEURON_INVALID_SYNTAX, neuron_lease_place_parse(text, &place, &error),
                      &error);
        assert_string_equal(place.addresses, "");
        free(text);
    }
}

/* Fails unless the text with a part replaced is refused with these words. */
static void
check_damage(const char *part, const char *other, const char *words)
{
    char text[NEURON_LEASE_PLACE_TEXT_BYTES] = "";
    struct neuron_lease_place place;
    const char *found = strstr(local_text, part);

    assert_non_null(found);
    (void)snprintf(text, sizeof(text), "%.*s%s%s", (int)(found - local_text), local_text, other,
                   found + strlen(part));
    assert_status(NEURON_INVALID_SYNTAX, neuron_lease_place_parse(text, &place, &error), &error);
    assert_contains(error.text, words);
}

static void
damage_is_told_with_its_line(void **state)
{
    (void)state;
    check_damage("server 1", "server 2", "line 1 is not \"neuron-score server 1\"");
    check_damage("pid 4242", "pid  4242", "line 4 ");
    check_damage("pid 4242", "pid 4242x", "line 4 ");
    check_damage("pid 4242", "pid 99999999999", "missing, or damaged");
    check_damage("start 77712", "start 077712", "line 5 ");
    check_damage("epoch 1790000000123456789", "epoch 99999999999999999999999", "line 6 ");
    check_damage("key 00", "key 0", "missing, or damaged");
    check_damage("end\n", "end\nmore\n", "line 10 ");
    check_damage("end\n", "end", "line 9 ");
    check_damage("end\n", "at tcp://1.1.1.1:1\n", "line 10 ");
    check_damage("host node7\n", "", "missing, or damaged");
    check_damage("job 42-7\n", "job 42-7\njob 42-7\n", "missing, or damaged");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_place_on_one_host_is_written),
        cmocka_unit_test(it_is_read_back),
        cmocka_unit_test(many_addresses_and_long_names_fit),
        cmocka_unit_test(names_that_would_break_a_line_are_refused),
        cmocka_unit_test(addresses_of_another_kind_are_refused),
        cmocka_unit_test(keys_and_pids_that_are_none_are_refused),
        cmocka_unit_test(every_cut_is_noticed),
        cmocka_unit_test(damage_is_told_with_its_line),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
