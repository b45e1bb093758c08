/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "made_report.h"
#include "test_folder.h"

enum { FILE_LIMIT_BYTES = 1 << 20 };

typedef enum neuron_status
write_fn(const struct neuron_score_report *report, const char *path, struct neuron_error *error);

static write_fn *const writers[] = {neuron_score_report_write_json, neuron_score_report_write_html,
                                    neuron_score_report_write_metrics};

enum { JSON = 0, HTML = 1, METRICS = 2, WRITER_COUNT = 3 };

static const char hostile[] = "</script><script>bad()</script>\"'`&\\ \n\x01\xFF=";

/* Writes a report of a job, and reads the file. The caller frees the text. */
static char *
written(unsigned writer, const struct made_job *job, const struct test_folder *folder)
{
    struct made_report *made = made_report_create(job);
    char *text = calloc(1, FILE_LIMIT_BYTES);
    struct neuron_error error = {0};
    char path[TEST_PATH_BYTES];

    (void)test_folder_path(folder, "report", path);
    assert_ok(writers[writer](&made->report, path, &error), &error);
    made_report_destroy(made);
    FILE *file = fopen(path, "re");
    assert_non_null(file);
    assert_non_null(text);
    assert_in_range(fread(text, 1, FILE_LIMIT_BYTES - 1, file), 1, FILE_LIMIT_BYTES - 2);
    assert_int_equal(fclose(file), 0);
    return text;
}

static void
the_json_report_holds_what_was_done(void **state)
{
    const struct made_job job = {2, 2, 3, 1, NULL};
    char *text = written(JSON, &job, *state);

    assert_contains(text, "\"end\": \"complete_with_errors\"");
    assert_contains(text, "\"model\": \"resnet50.neff\"");
    assert_contains(text, "{\"name\": null, \"path\": \"images.npy\"}");
    assert_contains(text, "\"warm_up\": 0.055");
    assert_contains(text, "\"p99.9\": ");
    assert_contains(text, "\"efficiency\": {");
    assert_contains(text, "{\"rank\": 1, \"host\": \"node00\"");
    assert_contains(text, "\"stage\": \"nan\"");
    assert_contains(text, "\"model: resnet50.neff 51f0c3a2\",");
    assert_contains(text, "\"accuracy\": null");
    free(text);
}

static void
no_text_from_outside_is_markup(void **state)
{
    const struct made_job job = {1, 1, 2, 2, hostile};
    char *text = written(HTML, &job, *state);

    assert_null(strstr(text, "bad()</script>"));
    assert_null(strstr(text, "<script>bad"));
    assert_contains(text, "&#60;/script&#62;&#60;script&#62;bad()");
    assert_contains(text, "\\u003c/script\\u003e\\u003cscript\\u003ebad()");
    free(text);
}

static void
the_page_needs_nothing_else(void **state)
{
    const struct made_job job = {2, 1, 2, 0, NULL};
    char *text = written(HTML, &job, *state);

    assert_contains(text, "default-src 'none'");
    assert_contains(text, "id=\"data\"");
    assert_null(strstr(text, "src="));
    assert_null(strstr(text, "href="));
    assert_null(strstr(text, "@import"));
    assert_null(strstr(text, "url(h"));
    free(text);
}

static void
many_spans_become_shares_of_time(void **state)
{
    const struct made_job few = {1, 2, 100, 0, NULL};
    const struct made_job many = {4, 4, 1300, 0, NULL};
    char *text = written(HTML, &few, *state);

    assert_contains(text, "\"spans\": [");
    assert_null(strstr(text, "\"shares\": "));
    free(text);
    text = written(HTML, &many, *state);
    assert_contains(text, "\"shares\": \"");
    assert_null(strstr(text, "\"spans\": ["));
    assert_in_range(strlen(text), 1, 100000);
    free(text);
}

/* A line of metrics: a comment, or a name, labels in braces, and a number. */
static void
check_metric(const char *line)
{
    const char *brace = strchr(line, '{');
    const char *end = strstr(line, "\"} ");
    char *rest = NULL;

    if (strncmp(line, "# HELP neuron_score_", 20) == 0 ||
        strncmp(line, "# TYPE neuron_score_", 20) == 0) {
        return;
    }
    assert_int_equal(strncmp(line, "neuron_score_", 13), 0);
    assert_non_null(brace);
    assert_non_null(end);
    (void)strtod(end + 3, &rest);
    assert_true(rest > end + 3 && *rest == '\0');
}

static void
metrics_are_lines_of_their_format(void **state)
{
    const struct made_job job = {2, 2, 3, 1, hostile};
    char *text = written(METRICS, &job, *state);
    char *place = NULL;

    assert_contains(text, "# TYPE neuron_score_rank_rows_total counter\n");
    assert_contains(text, "neuron_score_lease_seconds_count{output=");
    assert_contains(text, "rank=\"1\",host=\"</script><script>bad()</script>\\\"'`&\\\\ ");
    for (char *line = strtok_r(text, "\n", &place); line != NULL;
         line = strtok_r(NULL, "\n", &place)) {
        check_metric(line);
    }
    free(text);
}

static void
buckets_count_up_to_all_leases(void **state)
{
    const struct made_job job = {2, 2, 3, 0, NULL};
    char *text = written(METRICS, &job, *state);

    assert_contains(text,
                    "neuron_score_lease_seconds_bucket{output=\"scores.npy\",le=\"0.001\"} 0\n");
    assert_contains(text,
                    "neuron_score_lease_seconds_bucket{output=\"scores.npy\",le=\"+Inf\"} 12\n");
    assert_contains(text, "neuron_score_lease_seconds_count{output=\"scores.npy\"} 12\n");
    free(text);
}

static void
a_job_without_ranks_is_reported_too(void **state)
{
    const struct made_job job = {0, 0, 0, 0, NULL};

    for (unsigned i = 0; i < WRITER_COUNT; i += 1) {
        char *text = written(i, &job, *state);

        assert_null(strstr(text, "nan"));
        assert_null(strstr(text, "inf,"));
        free(text);
    }
}

static void
what_cannot_be_written_is_named_and_leaves_nothing(void **state)
{
    const struct made_job job = {1, 1, 1, 0, NULL};
    struct made_report *made = made_report_create(&job);
    char path[TEST_PATH_BYTES];

    (void)test_folder_path(*state, "no_folder/report", path);
    for (unsigned i = 0; i < WRITER_COUNT; i += 1) {
        struct neuron_error error = {0};

        assert_status(NEURON_SYSTEM, writers[i](&made->report, path, &error), &error);
        assert_contains(error.text, "no_folder/report");
    }
    made_report_destroy(made);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_json_report_holds_what_was_done),
        cmocka_unit_test(no_text_from_outside_is_markup),
        cmocka_unit_test(the_page_needs_nothing_else),
        cmocka_unit_test(many_spans_become_shares_of_time),
        cmocka_unit_test(metrics_are_lines_of_their_format),
        cmocka_unit_test(buckets_count_up_to_all_leases),
        cmocka_unit_test(a_job_without_ranks_is_reported_too),
        cmocka_unit_test(what_cannot_be_written_is_named_and_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, test_folder_setup, test_folder_teardown);
}
