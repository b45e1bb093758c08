/* SPDX-License-Identifier: Apache-2.0 */
/* Requests that are scheduled and not waited for: what they do, and how one learns of it. */
#include "check.h"

#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

#include "async_bench.h"
#include "descriptors.h"
#include "gate.h"

/* The places of the queues among those of a core. */
enum { READ_0, READ_1, WRITE_0, WRITE_1, OP_0, OP_1, COMPUTE_0, COLLECTIVES_0 };

static void
a_scheduled_run_gives_what_the_model_computes(void **state)
{
    nrt_model_t *model = load_twice(*state, 0, -1);
    struct twice_tensors pair = create_pair(0);

    write_number(pair.x, 5);
    nrta_seq_t sequence = schedule(model, &pair, NULL);
    assert_int_equal(sequence, sequence_id(0, COMPUTE_0, 1));
    await(sequence);
    assert_vector(pair.y, 10);
    twice_tensors_destroy(&pair);
}

static void
a_model_of_many_tensors_is_scheduled(void **state)
{
    nrt_model_t *model = load_neff(crowd_neff(*state), 0, -1);
    nrt_tensor_t *inputs[CROWD_INPUTS] = {NULL};
    nrt_tensor_t *output = vector_of(0, 0);
    nrt_tensor_set_t *input_set = NULL;
    nrt_tensor_set_t *output_set = set_of("y", output);
    nrta_seq_t sequence = 0;

    assert_nrt_ok(nrt_allocate_tensor_set(&input_set));
    for (int i = 0; i < CROWD_INPUTS; i += 1) {
        char name[16] = "";

        (void)snprintf(name, sizeof(name), "x_%d", i);
        inputs[i] = vector_of(0, (float)i);
        assert_nrt_ok(nrt_add_tensor_to_tensor_set(input_set, name, inputs[i]));
    }
    for (int i = 0; i < 3; i += 1) {
        assert_nrt_ok(nrta_execute_schedule(model, input_set, output_set, 0, NULL, &sequence));
    }
    await(sequence);
    assert_vector(output, CROWD_INPUTS * (CROWD_INPUTS - 1) / 2.0F);
    for (int i = 0; i < CROWD_INPUTS; i += 1) {
        nrt_tensor_free(&inputs[i]);
    }
    nrt_tensor_free(&output);
    nrt_destroy_tensor_set(&input_set);
    nrt_destroy_tensor_set(&output_set);
}

static void
scheduling_asks_for_no_memory(void **state)
{
    nrt_model_t *model = load_twice(*state, 0, -1);
    struct twice_tensors pair = create_pair(0);
    nrta_error_tracker_t *tracker = NULL;
    nrta_seq_t sequence = 0;

    assert_nrt_ok(nrta_error_tracker_create(0, &tracker));
    await(schedule(model, &pair, tracker));
    uint32_t before = allocation_count();
    for (int i = 0; i < 20; i += 1) {
        assert_nrt_ok(nrta_tensor_write(pair.x, "1234", 0, 4, 0, tracker, &sequence));
        sequence = schedule(model, &pair, tracker);
    }
    assert_int_equal(allocation_count(), before);
    await(sequence);
    nrta_error_tracker_destroy(tracker);
    twice_tensors_destroy(&pair);
}

static void
a_run_may_write_what_it_reads(void **state)
{
    nrt_model_t *model = load_twice(*state, 0, -1);
    nrt_tensor_t *tensor = vector_of(0, 3);
    nrt_tensor_set_t *inputs = set_of("x", tensor);
    nrt_tensor_set_t *outputs = set_of("y", tensor);
    nrta_seq_t sequence = 0;

    for (int i = 0; i < 4; i += 1) {
        assert_nrt_ok(nrta_execute_schedule(model, inputs, outputs, 0, NULL, &sequence));
    }
    await(sequence);
    assert_vector(tensor, 48);
    nrt_tensor_free(&tensor);
    nrt_destroy_tensor_set(&inputs);
    nrt_destroy_tensor_set(&outputs);
}

static void
a_core_does_its_requests_in_the_order_of_their_scheduling(void **state)
{
    enum { ROUNDS = 20 };
    nrt_model_t *model = load_twice(*state, 1, -1);
    struct twice_tensors pair = create_pair(1);
    float written[ROUNDS][VECTOR_LENGTH];
    float read[ROUNDS][VECTOR_LENGTH];
    nrta_seq_t sequence = 0;

    for (int i = 0; i < ROUNDS; i += 1) {
        for (int j = 0; j < VECTOR_LENGTH; j += 1) {
            written[i][j] = (float)(i * 100 + j);
        }
        assert_nrt_ok(nrta_tensor_write(pair.x, written[i], 0, VECTOR_BYTES, 0, NULL, &sequence));
        assert_int_equal(sequence, sequence_id(1, WRITE_0, (uint64_t)i + 1));
        (void)schedule(model, &pair, NULL);
        assert_nrt_ok(nrta_tensor_read(read[i], pair.y, 0, VECTOR_BYTES, 1, NULL, &sequence));
        assert_int_equal(sequence, sequence_id(1, READ_1, (uint64_t)i + 1));
    }
    await(sequence);
    for (int i = 0; i < ROUNDS; i += 1) {
        for (int j = 0; j < VECTOR_LENGTH; j += 1) {
            assert_float_equal(read[i][j], (float)(2 * (i * 100 + j)), 0);
        }
    }
    twice_tensors_destroy(&pair);
}

static void
bytes_are_copied_where_the_offsets_say(void **state)
{
    struct twice_tensors pair = create_pair(2);
    char read[8] = "";
    nrta_seq_t sequence = 0;

    (void)state;
    assert_nrt_ok(nrta_tensor_write(pair.x, "0123456789", 4, 10, 1, NULL, &sequence));
    assert_int_equal(sequence, sequence_id(2, WRITE_1, 1));
    assert_nrt_ok(nrta_tensor_copy(pair.x, 6, pair.y, 8, 8, 1, NULL, &sequence));
    assert_int_equal(sequence, sequence_id(2, OP_1, 1));
    assert_nrt_ok(nrta_tensor_read(read, pair.y, 9, 4, 0, NULL, &sequence));
    assert_int_equal(sequence, sequence_id(2, READ_0, 1));
    await(sequence);
    assert_string_equal(read, "3456");
    twice_tensors_destroy(&pair);
}

static void
a_copy_inside_of_one_tensor_may_overlap(void **state)
{
    struct twice_tensors pair = create_pair(0);
    char read[8] = "";
    nrta_seq_t sequence = 0;

    (void)state;
    assert_nrt_ok(nrt_tensor_write(pair.x, "abcdef", 0, 6));
    assert_nrt_ok(nrta_tensor_copy(pair.x, 0, pair.x, 1, 5, 0, NULL, &sequence));
    await(sequence);
    assert_nrt_ok(nrt_tensor_read(pair.x, read, 0, 6));
    assert_string_equal(read, "aabcde");
    twice_tensors_destroy(&pair);
}

static void
memory_that_is_on_no_core_is_copied_on_the_first(void **state)
{
    struct twice_tensors pair = create_pair(3);
    char memory[VECTOR_BYTES] = "attached";
    char read[VECTOR_BYTES] = "";
    nrt_tensor_t *attached = NULL;
    nrta_seq_t sequence = 0;

    (void)state;
    assert_nrt_ok(nrt_tensor_allocate_empty("mine", &attached));
    assert_nrt_ok(nrt_tensor_attach_buffer(attached, memory, sizeof(memory)));
    assert_nrt_ok(nrta_tensor_read(read, attached, 0, VECTOR_BYTES, 0, NULL, &sequence));
    assert_int_equal(sequence, sequence_id(0, READ_0, 1));
    await(sequence);
    assert_string_equal(read, "attached");
    assert_nrt_ok(nrta_tensor_copy(attached, 0, pair.y, 0, VECTOR_BYTES, 0, NULL, &sequence));
    assert_int_equal(sequence, sequence_id(3, OP_0, 1));
    assert_nrt_ok(nrta_tensor_copy(pair.y, 0, attached, 4, 4, 0, NULL, &sequence));
    assert_int_equal(sequence, sequence_id(3, OP_0, 2));
    await(sequence);
    assert_string_equal(memory, "attaatta");
    nrt_tensor_free(&attached);
    twice_tensors_destroy(&pair);
}

static void
nothing_at_all_may_be_copied(void **state)
{
    struct twice_tensors pair = create_pair(0);
    nrta_seq_t sequence = 0;

    (void)state;
    assert_nrt_ok(nrta_tensor_write(pair.x, NULL, 0, 0, 0, NULL, &sequence));
    await(sequence);
    assert_nrt_ok(nrta_tensor_read(NULL, pair.x, VECTOR_BYTES, 0, 0, NULL, &sequence));
    await(sequence);
    twice_tensors_destroy(&pair);
}

static void
replicas_take_turns(void **state)
{
    nrt_model_t *model = load_twice(*state, 1, 2);
    struct twice_tensors host = {0};
    float memory[2][VECTOR_LENGTH] = {{4}, {0}};

    host = create_pair(1);
    assert_nrt_ok(nrt_tensor_attach_buffer(host.x, memory[0], VECTOR_BYTES));
    assert_nrt_ok(nrt_tensor_attach_buffer(host.y, memory[1], VECTOR_BYTES));
    for (uint64_t i = 1; i <= 5; i += 1) {
        nrta_seq_t first = schedule(model, &host, NULL);
        await(first);
        nrta_seq_t second = schedule(model, &host, NULL);
        await(second);
        assert_int_equal(first, sequence_id(1, COMPUTE_0, i));
        assert_int_equal(second, sequence_id(2, COMPUTE_0, i));
    }
    assert_float_equal(memory[1][0], 8, 0);
    twice_tensors_destroy(&host);
}

static void
every_queue_says_that_it_has_completed_nothing_yet(void **state)
{
    enum { PLACES = 10 };
    static const nrta_xu_t units[PLACES] = {
        NRTA_XU_TENSOR_READ, NRTA_XU_TENSOR_READ, NRTA_XU_TENSOR_WRITE, NRTA_XU_TENSOR_WRITE,
        NRTA_XU_TENSOR_OP,   NRTA_XU_TENSOR_OP,   NRTA_XU_COMPUTE,      NRTA_XU_COLLECTIVES,
        NRTA_XU_COLLECTIVES, NRTA_XU_COLLECTIVES};
    static const int queues[PLACES] = {0, 1, 0, 1, 0, 1, 0, 0, 1, 2};

    (void)state;
    for (uint32_t i = 0; i < BENCH_CORES * PLACES; i += 1) {
        uint32_t nc = i / PLACES;
        uint32_t place = i % PLACES;
        nrta_seq_t sequence = 1;

        assert_nrt_ok(nrta_get_sequence(nc, units[place], queues[place], &sequence));
        assert_int_equal(sequence, sequence_id(nc, place, 0));
        assert_int_equal(NRTA_SEQ_GET_SEQ_NUM(sequence), 0);
        assert_int_equal(NRTA_SEQ_GET_XU_ID(sequence), nc * 16 + place);
    }
}

static void
the_last_completed_request_of_a_queue_is_known(void **state)
{
    nrt_model_t *model = load_twice(*state, 0, -1);
    struct twice_tensors pair = create_pair(0);
    struct gate gate;
    nrta_seq_t sequence = 0;

    await(schedule(model, &pair, NULL));
    gate_close(&gate, executor_of(0));
    nrta_seq_t last = schedule(model, &pair, NULL);
    assert_nrt_ok(nrta_get_sequence(0, NRTA_XU_COMPUTE, 0, &sequence));
    assert_int_equal(sequence, last - 1);
    gate_open(&gate);
    await(last);
    assert_nrt_ok(nrta_get_sequence(0, NRTA_XU_COMPUTE, 0, &sequence));
    assert_int_equal(sequence, last);
    twice_tensors_destroy(&pair);
}

static void
a_full_queue_refuses_until_one_request_is_completed(void **state)
{
    nrt_model_t *model = load_twice(*state, 0, -1);
    struct twice_tensors pair = create_pair(0);
    struct gate gate;
    nrta_seq_t first = 0;
    nrta_seq_t refused = 7;

    gate_close(&gate, executor_of(0));
    first = schedule(model, &pair, NULL);
    for (int i = 1; i < NRTA_QUEUE_LIMIT; i += 1) {
        (void)schedule(model, &pair, NULL);
    }
    assert_nrt(NRT_QUEUE_FULL,
               nrta_execute_schedule(model, pair.inputs, pair.outputs, 0, NULL, &refused));
    assert_int_equal(refused, 7);
    gate_open(&gate);
    await(first);
    nrta_seq_t next = schedule(model, &pair, NULL);
    assert_int_equal(next, first + NRTA_QUEUE_LIMIT);
    await(next);
    twice_tensors_destroy(&pair);
}

static void
other_queues_have_room_when_one_is_full(void **state)
{
    struct twice_tensors pair = create_pair(0);
    struct gate gate;
    nrta_seq_t sequence = 0;

    (void)state;
    gate_close(&gate, executor_of(0));
    for (int i = 0; i < NRTA_QUEUE_LIMIT; i += 1) {
        assert_nrt_ok(nrta_tensor_write(pair.x, "x", 0, 1, 0, NULL, &sequence));
    }
    assert_nrt(NRT_QUEUE_FULL, nrta_tensor_write(pair.x, "x", 0, 1, 0, NULL, &sequence));
    assert_nrt_ok(nrta_tensor_write(pair.x, "x", 0, 1, 1, NULL, &sequence));
    gate_open(&gate);
    await(sequence);
    twice_tensors_destroy(&pair);
}

static void
a_completion_handle_is_readable_once_the_request_is_done(void **state)
{
    struct twice_tensors pair = create_pair(0);
    struct gate gate;
    nrta_seq_t sequence = 0;
    int early = -1;
    int closed = -1;
    int late = -1;

    (void)state;
    gate_close(&gate, executor_of(0));
    assert_nrt_ok(nrta_tensor_write(pair.x, "x", 0, 1, 0, NULL, &sequence));
    assert_nrt_ok(nrta_get_completion_handle(sequence, &early));
    assert_nrt_ok(nrta_get_completion_handle(sequence, &closed));
    assert_int_not_equal(early, closed);
    assert_int_equal(close(closed), 0);
    assert_false(is_readable(early));
    gate_open(&gate);
    assert_true(becomes_readable(early));
    assert_nrt_ok(nrta_get_completion_handle(sequence, &late));
    assert_true(is_readable(late));
    assert_int_equal(close(early), 0);
    assert_int_equal(close(late), 0);
    twice_tensors_destroy(&pair);
}

static void
sequences_start_anew_when_the_library_is_opened_anew(void **state)
{
    for (int i = 0; i < 3; i += 1) {
        nrt_model_t *model = load_twice(*state, 0, -1);
        struct twice_tensors pair = create_pair(0);

        assert_int_equal(schedule(model, &pair, NULL), sequence_id(0, COMPUTE_0, 1));
        nrt_close();
        twice_tensors_destroy(&pair);
        assert_nrt_ok(nrt_init(NRT_FRAMEWORK_TYPE_NO_FW, "", ""));
    }
}

static void
an_opened_and_closed_library_leaves_no_descriptor(void **state)
{
    nrt_close();
    uint32_t before = open_descriptor_count();
    assert_nrt_ok(nrt_init(NRT_FRAMEWORK_TYPE_NO_FW, "", ""));
    nrt_model_t *model = load_twice(*state, 0, -1);
    struct twice_tensors pair = create_pair(0);
    int descriptor = -1;
    for (int i = 0; i < 10; i += 1) {
        nrta_seq_t sequence = schedule(model, &pair, NULL);

        assert_nrt_ok(nrta_get_completion_handle(sequence, &descriptor));
        assert_int_equal(close(descriptor), 0);
    }
    twice_tensors_destroy(&pair);
    nrt_close();
    assert_int_equal(open_descriptor_count(), before);
    assert_nrt_ok(nrt_init(NRT_FRAMEWORK_TYPE_NO_FW, "", ""));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_scheduled_run_gives_what_the_model_computes,
                                        nrt_bench_setup, nrt_bench_teardown),
        cmocka_unit_test_setup_teardown(a_model_of_many_tensors_is_scheduled, nrt_bench_setup,
                                        nrt_bench_teardown),
        cmocka_unit_test_setup_teardown(scheduling_asks_for_no_memory, nrt_bench_setup,
                                        nrt_bench_teardown),
        cmocka_unit_test_setup_teardown(a_run_may_write_what_it_reads, nrt_bench_setup,
                                        nrt_bench_teardown),
        cmocka_unit_test_setup_teardown(a_core_does_its_requests_in_the_order_of_their_scheduling,
                                        nrt_bench_setup, nrt_bench_teardown),
        cmocka_unit_test_setup_teardown(bytes_are_copied_where_the_offsets_say, nrt_bench_setup,
                                        nrt_bench_teardown),
        cmocka_unit_test_setup_teardown(a_copy_inside_of_one_tensor_may_overlap, nrt_bench_setup,
                                        nrt_bench_teardown),
        cmocka_unit_test_setup_teardown(memory_that_is_on_no_core_is_copied_on_the_first,
                                        nrt_bench_setup, nrt_bench_teardown),
        cmocka_unit_test_setup_teardown(nothing_at_all_may_be_copied, nrt_bench_setup,
                                        nrt_bench_teardown),
        cmocka_unit_test_setup_teardown(replicas_take_turns, nrt_bench_setup, nrt_bench_teardown),
        cmocka_unit_test_setup_teardown(every_queue_says_that_it_has_completed_nothing_yet,
                                        nrt_bench_setup, nrt_bench_teardown),
        cmocka_unit_test_setup_teardown(the_last_completed_request_of_a_queue_is_known,
                                        nrt_bench_setup, nrt_bench_teardown),
        cmocka_unit_test_setup_teardown(a_full_queue_refuses_until_one_request_is_completed,
                                        nrt_bench_setup, nrt_bench_teardown),
        cmocka_unit_test_setup_teardown(other_queues_have_room_when_one_is_full, nrt_bench_setup,
                                        nrt_bench_teardown),
        cmocka_unit_test_setup_teardown(a_completion_handle_is_readable_once_the_request_is_done,
                                        nrt_bench_setup, nrt_bench_teardown),
        cmocka_unit_test_setup_teardown(sequences_start_anew_when_the_library_is_opened_anew,
                                        nrt_bench_setup, nrt_bench_teardown),
        cmocka_unit_test_setup_teardown(an_opened_and_closed_library_leaves_no_descriptor,
                                        nrt_bench_setup, nrt_bench_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
