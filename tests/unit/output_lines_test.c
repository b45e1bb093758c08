/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <stdlib.h>
#include <string.h>

#include "output_lines.h"

/* Two ranks that print to one stream. */
struct stream {
    struct neuron_output_lines lines;
    struct neuron_output_assembly ranks[2];
};

static const struct neuron_output_style plain = {0};
static const struct neuron_output_style tagged = {.has_tags = true};

static void
open_stream(struct stream *stream, const struct neuron_output_style *style)
{
    *stream =
        (struct stream){.lines = {.sink = {.file = -1, .kind = NEURON_SINK_FILE}, .style = *style}};
    for (uint32_t i = 0; i < 2; i += 1) {
        stream->ranks[i] =
            (struct neuron_output_assembly){.rank = i, .targets = {&stream->lines, NULL}};
    }
}

static void
print(struct stream *stream, int rank, const char *text)
{
    neuron_output_assembly_take(&stream->ranks[rank], text, strlen(text));
}

/* Fails unless the sink holds this text, and closes the stream. */
static void
close_stream(struct stream *stream, const char *text)
{
    const struct neuron_output_sink *sink = &stream->lines.sink;

    assert_int_equal(sink->end, strlen(text));
    assert_memory_equal(sink->bytes == NULL ? "" : sink->bytes, text, sink->end);
    neuron_output_assembly_clear(&stream->ranks[0]);
    neuron_output_assembly_clear(&stream->ranks[1]);
    neuron_output_sink_close(&stream->lines.sink);
}

static void
a_line_waits_for_its_end(void **state)
{
    struct stream stream;

    (void)state;
    open_stream(&stream, &plain);
    print(&stream, 0, "one, ");
    print(&stream, 1, "other\n");
    print(&stream, 0, "two");
    print(&stream, 0, ", three\nrest");
    close_stream(&stream, "other\none, two, three\n");
}

static void
each_line_is_tagged_once(void **state)
{
    struct stream stream;

    (void)state;
    open_stream(&stream, &tagged);
    print(&stream, 0, "a\n\nb");
    print(&stream, 1, "c\nd\n");
    print(&stream, 0, "b\ne\n");
    close_stream(&stream, "[0] a\n[0] \n[1] c\n[1] d\n[0] bb\n[0] e\n");
}

static void
the_last_line_gets_an_end_only_when_tagged(void **state)
{
    struct stream stream;

    (void)state;
    open_stream(&stream, &tagged);
    print(&stream, 0, "a");
    neuron_output_assembly_end(&stream.ranks[0]);
    neuron_output_assembly_end(&stream.ranks[1]);
    close_stream(&stream, "[0] a\n");
    open_stream(&stream, &plain);
    print(&stream, 0, "a");
    neuron_output_assembly_end(&stream.ranks[0]);
    close_stream(&stream, "a");
}

static void
a_prompt_goes_on_in_its_own_line(void **state)
{
    struct stream stream;

    (void)state;
    open_stream(&stream, &tagged);
    print(&stream, 0, "name? ");
    neuron_output_assembly_show(&stream.ranks[0]);
    print(&stream, 0, "thanks\n");
    close_stream(&stream, "[0] name? thanks\n");
}

static void
somebody_elses_line_does_not_go_on_in_a_prompt(void **state)
{
    struct stream stream;

    (void)state;
    open_stream(&stream, &tagged);
    print(&stream, 0, "name? ");
    neuron_output_assembly_show(&stream.ranks[0]);
    print(&stream, 1, "other\n");
    print(&stream, 0, "late\n");
    neuron_output_lines_say(&stream.lines, "said");
    close_stream(&stream, "[0] name? \n[1] other\n[0] late\nsaid\n");
}

static void
a_terminal_shows_no_line_in_the_prompt_of_another(void **state)
{
    struct stream stream;

    (void)state;
    open_stream(&stream, &plain);
    stream.lines.breaks_lines = true;
    print(&stream, 0, "name? ");
    neuron_output_assembly_show(&stream.ranks[0]);
    print(&stream, 1, "other\n");
    print(&stream, 0, "late\n");
    close_stream(&stream, "name? \nother\nlate\n");
}

static void
each_target_has_prefixes_of_its_own(void **state)
{
    const struct timespec now = {.tv_sec = 1, .tv_nsec = 2000000};
    struct stream stream;
    struct neuron_output_lines other = {
        .sink = {.file = -1, .kind = NEURON_SINK_FILE}, .style = {.has_times = true}, .now = &now};

    (void)state;
    open_stream(&stream, &tagged);
    stream.ranks[1].targets[1] = &other;
    print(&stream, 0, "a\n");
    print(&stream, 1, "b\nc");
    neuron_output_assembly_end(&stream.ranks[1]);
    assert_int_equal(other.sink.end, 54);
    assert_memory_equal(other.sink.bytes,
                        "1970-01-01T00:00:01.002Z b\n1970-01-01T00:00:01.002Z c\n", 54);
    neuron_output_sink_close(&other.sink);
    close_stream(&stream, "[0] a\n[1] b\n[1] c\n");
}

static void
a_line_over_the_limit_goes_on_in_pieces(void **state)
{
    enum { PIECE_BYTES = 60000, PIECE_COUNT = 20 };
    struct stream stream;
    char *piece = calloc(1, PIECE_BYTES);

    (void)state;
    assert_non_null(piece);
    memset(piece, 'x', PIECE_BYTES);
    open_stream(&stream, &plain);
    for (int i = 0; i < PIECE_COUNT; i += 1) {
        neuron_output_assembly_take(&stream.ranks[0], piece, PIECE_BYTES);
        assert_true(stream.ranks[0].length <= NEURON_OUTPUT_LINE_LIMIT);
    }
    assert_true(stream.lines.sink.end > 0);
    assert_int_equal(stream.lines.sink.end + stream.ranks[0].length, PIECE_BYTES * PIECE_COUNT);
    free(piece);
    neuron_output_assembly_clear(&stream.ranks[0]);
    neuron_output_sink_close(&stream.lines.sink);
}

static void
nothing_is_kept_for_a_sink_that_failed(void **state)
{
    struct stream stream;

    (void)state;
    open_stream(&stream, &plain);
    print(&stream, 0, "a\n");
    neuron_output_sink_flush(&stream.lines.sink); /* descriptor -1 */
    assert_int_not_equal(stream.lines.sink.failure, 0);
    print(&stream, 0, "b\n");
    assert_true(neuron_output_sink_is_empty(&stream.lines.sink));
    close_stream(&stream, "");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_waits_for_its_end),
        cmocka_unit_test(each_line_is_tagged_once),
        cmocka_unit_test(the_last_line_gets_an_end_only_when_tagged),
        cmocka_unit_test(a_prompt_goes_on_in_its_own_line),
        cmocka_unit_test(somebody_elses_line_does_not_go_on_in_a_prompt),
        cmocka_unit_test(a_terminal_shows_no_line_in_the_prompt_of_another),
        cmocka_unit_test(each_target_has_prefixes_of_its_own),
        cmocka_unit_test(a_line_over_the_limit_goes_on_in_pieces),
        cmocka_unit_test(nothing_is_kept_for_a_sink_that_failed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
