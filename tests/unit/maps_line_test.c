/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of /proc/PID/maps, and what several of them say about a range. */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "neff/maps_line.h"

static void
a_line_of_a_file_is_read_with_all_its_numbers(void **state)
{
    const char *line = "7f0a1c000000-7f0a1c021000 r-xs 00003000 fe:10 247498        /usr/bin/head";
    struct neuron_maps_line parsed = {0};

    (void)state;
    assert_true(neuron_maps_line_parse(line, &parsed));
    assert_int_equal(parsed.start, 0x7f0a1c000000);
    assert_int_equal(parsed.end, 0x7f0a1c021000);
    assert_false(parsed.is_writable);
    assert_true(parsed.is_shared);
    assert_int_equal(parsed.offset, 0x3000);
    assert_int_equal(parsed.device_major, 0xfe);
    assert_int_equal(parsed.device_minor, 0x10);
    assert_int_equal(parsed.inode, 247498);
    assert_string_equal(parsed.path, "/usr/bin/head");
    assert_ptr_equal(parsed.path, strchr(line, '/'));
}

static void
a_line_without_a_file_is_read(void **state)
{
    struct neuron_maps_line parsed = {0};

    (void)state;
    assert_true(neuron_maps_line_parse("1000-2000 rw-p 00000000 00:00 0 ", &parsed));
    assert_true(parsed.is_writable);
    assert_false(parsed.is_shared);
    assert_int_equal(parsed.inode, 0);
    assert_string_equal(parsed.path, "");
    assert_true(neuron_maps_line_parse("1000-2000 ---p 00000000 00:00 0   [stack]", &parsed));
    assert_string_equal(parsed.path, "[stack]");
}

static void
a_path_is_kept_with_its_blanks(void **state)
{
    struct neuron_maps_line parsed = {0};

    (void)state;
    assert_true(neuron_maps_line_parse("1-2 r--p 0 0:1 7  /a b/c  d (deleted)", &parsed));
    assert_string_equal(parsed.path, "/a b/c  d (deleted)");
}

static void
the_largest_numbers_are_read(void **state)
{
    const char *line = "0-ffffffffffffffff --xp ffffffffffffffff ffffffff:ffffffff "
                       "18446744073709551615 ";
    struct neuron_maps_line parsed = {0};

    (void)state;
    assert_true(neuron_maps_line_parse(line, &parsed));
    assert_true(parsed.end == UINT64_MAX && parsed.offset == UINT64_MAX);
    assert_true(parsed.device_major == UINT32_MAX && parsed.device_minor == UINT32_MAX);
    assert_true(parsed.inode == UINT64_MAX);
}

static const char *const no_lines[] = {
    "",
    "1000",
    "1000-",
    "1000-2000",
    "-2000 r--p 0 0:1 7 /a",
    "1000-2000r--p 0 0:1 7 /a",
    "1000 2000 r--p 0 0:1 7 /a",
    " 1000-2000 r--p 0 0:1 7 /a",
    "+1000-2000 r--p 0 0:1 7 /a",
    "0x1000-0x2000 r--p 0 0:1 7 /a",
    "1000-1FFF r--p 0 0:1 7 /a",
    "2000-2000 r--p 0 0:1 7 /a",
    "2000-1000 r--p 0 0:1 7 /a",
    "1000-10000000000000000 r--p 0 0:1 7 /a",
    "1000-2000 r--",
    "1000-2000 r--p",
    "1000-2000 q--p 0 0:1 7 /a",
    "1000-2000 r--x 0 0:1 7 /a",
    "1000-2000 r--pp 0 0:1 7 /a",
    "1000-2000 r--p  0 0:1 7 /a",
    "1000-2000 r--p 0",
    "1000-2000 r--p 0 01 7 /a",
    "1000-2000 r--p 0 100000000:1 7 /a",
    "1000-2000 r--p 0 0:100000000 7 /a",
    "1000-2000 r--p 0 0:1 a /a",
    "1000-2000 r--p 0 0:1 18446744073709551616 /a",
    "1000-2000 r--p 0 0:1 7/a",
    "1000-2000 r--p 0 0:1 7",
};

static void
what_is_no_line_is_refused_and_changes_nothing(void **state)
{
    struct neuron_maps_line parsed = {.start = 77};

    (void)state;
    for (size_t i = 0; i < sizeof(no_lines) / sizeof(no_lines[0]); i += 1) {
        bool is_line = neuron_maps_line_parse(no_lines[i], &parsed);

        assert_string_equal(is_line ? no_lines[i] : "refused", "refused");
        assert_int_equal(parsed.start, 77);
    }
}

static void
every_line_of_this_process_is_read(void **state)
{
    FILE *maps = fopen("/proc/self/maps", "re");
    struct neuron_maps_line parsed = {0};
    uint64_t own = (uintptr_t)&parsed;
    size_t capacity = 0;
    char *line = NULL;
    bool is_own_found = false;

    (void)state;
    assert_non_null(maps);
    while (getline(&line, &capacity, maps) > 0) {
        line[strcspn(line, "\n")] = '\0';
        assert_true(neuron_maps_line_parse(line, &parsed));
        is_own_found = is_own_found || (parsed.start <= own && own < parsed.end);
    }
    assert_true(is_own_found);
    free(line);
    assert_int_equal(fclose(maps), 0);
}

/* Follows lines for a range; says whether they cover it. */
static bool
follow(struct neuron_maps_cover *cover, const char *const *lines)
{
    struct neuron_maps_line parsed = {0};

    for (; *lines != NULL && cover->reached < cover->end; lines += 1) {
        assert_true(neuron_maps_line_parse(*lines, &parsed));
        if (!neuron_maps_cover_extend(cover, &parsed)) {
            return false;
        }
    }
    return cover->reached == cover->end;
}

static bool
covers(const char *first, const char *second)
{
    const char *const lines[] = {first, second, NULL};
    struct neuron_maps_cover cover = {.start = 0x1800, .end = 0x2800, .reached = 0x1800};

    return follow(&cover, lines);
}

static void
a_range_inside_one_line_has_its_offset_in_the_file(void **state)
{
    const char *const lines[] = {"100-200 rw-p 0 00:00 0 ", "1000-9000 rw-p 5000 8:1 7 /a", NULL};
    struct neuron_maps_cover cover = {.start = 0x1840, .end = 0x8fff, .reached = 0x1840};

    (void)state;
    assert_true(follow(&cover, lines));
    assert_int_equal(cover.offset, 0x5840);
    assert_int_equal(cover.device_major, 8);
    assert_int_equal(cover.device_minor, 1);
    assert_int_equal(cover.inode, 7);
}

static void
lines_that_go_on_in_one_file_cover_a_range(void **state)
{
    (void)state;
    assert_true(covers("1000-2000 r--p 5000 8:1 7 /a", "2000-3000 rw-p 6000 8:1 7 /a"));
    assert_true(covers("1000-2000 r--s 5000 8:1 7 /a", "2000-3000 r--p 6000 8:1 7 /b"));
    assert_true(covers("1000-2000 r--p 5000 8:1 7 /a", "2000-2800 r--p 6000 8:1 7 /a"));
}

static void
lines_that_do_not_go_on_cover_nothing(void **state)
{
    static const char first[] = "1000-2000 r--p 5000 8:1 7 /a";

    (void)state;
    assert_false(covers(first, NULL));
    assert_false(covers(first, "2000-2700 r--p 6000 8:1 7 /a"));
    assert_false(covers(first, "3000-4000 r--p 7000 8:1 7 /a"));
    assert_false(covers(first, "2000-3000 r--p 7000 8:1 7 /a"));
    assert_false(covers(first, "2000-3000 r--p 6000 8:1 8 /a"));
    assert_false(covers(first, "2000-3000 r--p 6000 8:2 7 /a"));
    assert_false(covers(first, "2000-3000 r--p 6000 9:1 7 /a"));
    assert_false(covers(first, "2000-3000 rw-p 0 0:0 0 "));
    assert_false(covers("1900-3000 r--p 5000 8:1 7 /a", NULL));
}

static void
what_is_no_file_covers_nothing(void **state)
{
    (void)state;
    assert_false(covers("1000-3000 rw-p 0 00:00 0 ", NULL));
    assert_false(covers("1000-3000 rw-p 0 00:00 0 [heap]", NULL));
    assert_false(covers("1000-3000 r--p 0 00:00 0 /a", NULL));
    assert_false(covers("1000-3000 r--p 0 0:1 7 anon_inode:a", NULL));
    assert_false(covers("1000-3000 r--p 0 0:1 7 (unreachable)/a", NULL));
    assert_false(covers("1000-3000 r--p ffffffffffffffff 8:1 7 /a", NULL));
}

static void
memory_through_which_the_file_can_be_written_covers_nothing(void **state)
{
    (void)state;
    assert_false(covers("1000-3000 rw-s 0 8:1 7 /a", NULL));
    assert_false(covers("1000-2000 r--s 0 8:1 7 /a", "2000-3000 rw-s 1000 8:1 7 /a"));
    assert_true(covers("1000-3000 rw-p 0 8:1 7 /a", NULL));
    assert_true(covers("1000-3000 r--s 0 8:1 7 /a", NULL));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_of_a_file_is_read_with_all_its_numbers),
        cmocka_unit_test(a_line_without_a_file_is_read),
        cmocka_unit_test(a_path_is_kept_with_its_blanks),
        cmocka_unit_test(the_largest_numbers_are_read),
        cmocka_unit_test(what_is_no_line_is_refused_and_changes_nothing),
        cmocka_unit_test(every_line_of_this_process_is_read),
        cmocka_unit_test(a_range_inside_one_line_has_its_offset_in_the_file),
        cmocka_unit_test(lines_that_go_on_in_one_file_cover_a_range),
        cmocka_unit_test(lines_that_do_not_go_on_cover_nothing),
        cmocka_unit_test(what_is_no_file_covers_nothing),
        cmocka_unit_test(memory_through_which_the_file_can_be_written_covers_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
