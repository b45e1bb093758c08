/* SPDX-License-Identifier: Apache-2.0 */
/* Plans of invented machines, and what is drawn of them. */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "invented_machine.h"
#include "map_svg.h"
#include "map_text.h"
#include "plan_map.h"
#include "rank_binding.h"

struct bench {
    struct neuron_launch_plan *plan;
    struct neuron_plan_map map;
};

static void
open_bench(struct bench *bench, const char *machine, const struct neuron_command_line *line)
{
    struct neuron_runtime_options options = {0};
    struct neuron_error error = {0};

    *bench = (struct bench){0};
    invent_machine(machine);
    assert_ok(neuron_launch_plan_create(line, &options, &bench->plan, &error), &error);
    assert_ok(neuron_plan_map_create(bench->plan, &bench->map, &error), &error);
}

static void
close_bench(struct bench *bench)
{
    neuron_plan_map_destroy(&bench->map);
    neuron_launch_plan_destroy(bench->plan);
}

/* A drawing as a text that the caller frees. */
static char *
draw_text(const struct bench *bench, bool has_colours)
{
    char *text = NULL;
    size_t size_bytes = 0;
    FILE *stream = open_memstream(&text, &size_bytes);

    assert_non_null(stream);
    neuron_map_text_print(&bench->map, has_colours, stream);
    assert_int_equal(fclose(stream), 0);
    return text;
}

static void
each_cell_has_its_rank_and_parts(void **state)
{
    const struct neuron_command_line line = {
        .rank_count = 4, .placement = {.map_by = NEURON_LAUNCH_BY_L3, .cores_per_rank = 1}};
    struct bench bench;

    (void)state;
    open_bench(&bench, "pack:2 numa:1 l3:2 core:2 pu:1", &line);
    assert_int_equal(bench.map.cell_count, 8);
    for (uint32_t i = 0; i < 8; i += 1) {
        const struct neuron_map_cell *cell = &bench.map.cells[i];

        assert_int_equal(cell->core, i);
        assert_int_equal(cell->l3, i / 2);
        assert_int_equal(cell->package, i / 4);
        assert_int_equal(cell->rank_count, i % 2 == 0 ? 1 : 0);
        assert_int_equal(cell->rank, i % 2 == 0 ? i / 2 : 0);
    }
    close_bench(&bench);
}

static void
threads_have_cells_of_their_own(void **state)
{
    const struct neuron_command_line line = {
        .rank_count = 3, .placement = {.uses_threads = true, .cores_per_rank = 1}};
    struct bench bench;

    (void)state;
    open_bench(&bench, "core:2 pu:2", &line);
    assert_int_equal(bench.map.cell_count, 4);
    assert_true(bench.plan->shares_cores);
    for (uint32_t i = 0; i < 4; i += 1) {
        assert_int_equal(bench.map.cells[i].cpu, i);
        assert_int_equal(bench.map.cells[i].rank_count, i < 3 ? 1 : 0);
    }
    close_bench(&bench);
}

static void
caches_with_interleaved_cpus_stand_together(void **state)
{
    const struct neuron_command_line line = {.rank_count = 2,
                                             .placement = {.map_by = NEURON_LAUNCH_BY_L3}};
    struct bench bench;

    (void)state;
    open_bench(&bench, "l3:2 core:2 pu:1(indexes=0,2,1,3)", &line);
    for (uint32_t i = 0; i < 4; i += 1) {
        assert_int_equal(bench.map.cells[i].l3, i / 2);
        assert_int_equal(bench.map.cells[i].rank, i / 2);
        assert_int_equal(bench.map.cells[i].cpu % 2, i / 2);
    }
    close_bench(&bench);
}

static void
colours_are_drawn_only_where_they_are_wanted(void **state)
{
    const struct neuron_command_line line = {.rank_count = 2};
    struct bench bench;

    (void)state;
    open_bench(&bench, "core:4 pu:1", &line);
    char *plain = draw_text(&bench, false);
    char *coloured = draw_text(&bench, true);
    assert_contains(plain, "|0 0|1 1|\n");
    assert_null(strchr(plain, '\033'));
    assert_contains(coloured, "\033[30;48;5;110m0\033[0m");
    assert_contains(coloured, "\033[30;48;5;215m1\033[0m");
    free(coloured);
    free(plain);
    close_bench(&bench);
}

static void
a_picture_does_not_break_on_a_strange_name(void **state)
{
    const struct neuron_command_line line = {.rank_count = 1};
    struct bench bench;
    char *text = NULL;
    size_t size_bytes = 0;

    (void)state;
    open_bench(&bench, "core:1 pu:1", &line);
    (void)snprintf(bench.map.host, sizeof(bench.map.host), "<a & \"b\">");
    FILE *stream = open_memstream(&text, &size_bytes);
    assert_non_null(stream);
    neuron_map_svg_print(&bench.map, stream);
    assert_int_equal(fclose(stream), 0);
    assert_contains(text, "host &#60;a &#38; &#34;b&#34;&#62;: 1 rank on 1 of 1 usable cores");
    free(text);
    close_bench(&bench);
}

static void
memory_comes_from_the_node_that_a_rank_lies_in(void **state)
{
    const struct neuron_command_line line = {.rank_count = 3, .placement = {.is_uneven = true}};
    struct bench bench;

    (void)state;
    open_bench(&bench, "numa:2(indexes=0,4) core:3 pu:1", &line);
    assert_int_equal(neuron_rank_binding_node(bench.plan, 0), 0);
    assert_int_equal(neuron_rank_binding_node(bench.plan, 1), NEURON_NO_NODE); /* in both */
    assert_int_equal(neuron_rank_binding_node(bench.plan, 2), 4);
    close_bench(&bench);
    open_bench(&bench, "numa:1 core:3 pu:1", &line);
    assert_int_equal(neuron_rank_binding_node(bench.plan, 0), NEURON_NO_NODE);
    close_bench(&bench);
}

static void
a_binding_is_as_wide_as_its_part(void **state)
{
    struct neuron_command_line line = {
        .rank_count = 4,
        .placement = {.bind_to = NEURON_LAUNCH_BY_NUMA, .cores_per_rank = 1, .cpu_set = "0-2,4-7"}};
    struct bench bench;
    cpu_set_t cpus;

    (void)state;
    open_bench(&bench, "numa:2 core:4 pu:2", &line);
    neuron_rank_binding_fill(bench.plan, 0, &cpus, sizeof(cpus));
    assert_int_equal(CPU_COUNT(&cpus), 3); /* cores 0 to 2, the first thread of each */
    assert_true(CPU_ISSET(0, &cpus) && CPU_ISSET(2, &cpus) && CPU_ISSET(4, &cpus));
    close_bench(&bench);
    line.placement.bind_to = NEURON_LAUNCH_BY_CORE;
    open_bench(&bench, "numa:2 core:4 pu:2", &line);
    neuron_rank_binding_fill(bench.plan, 3, &cpus, sizeof(cpus));
    assert_int_equal(CPU_COUNT(&cpus), 1);
    assert_true(CPU_ISSET(8, &cpus));
    close_bench(&bench);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_cell_has_its_rank_and_parts),
        cmocka_unit_test(threads_have_cells_of_their_own),
        cmocka_unit_test(caches_with_interleaved_cpus_stand_together),
        cmocka_unit_test(colours_are_drawn_only_where_they_are_wanted),
        cmocka_unit_test(a_picture_does_not_break_on_a_strange_name),
        cmocka_unit_test(memory_comes_from_the_node_that_a_rank_lies_in),
        cmocka_unit_test(a_binding_is_as_wide_as_its_part),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
