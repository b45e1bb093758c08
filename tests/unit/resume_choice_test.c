/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <string.h>

#include "score/resume_choice.h"

/* An unfinished job of the same things, whose part files are there. */
static struct neuron_resume_finding
unfinished(void)
{
    return (struct neuron_resume_finding){.wish = NEURON_RESUME_AUTO,
                                          .state = NEURON_JOURNAL_OPEN,
                                          .difference = "",
                                          .has_parts = true,
                                          .output_path = "y.npy",
                                          .done_rows = 12,
                                          .rows = 20};
}

static void
expect_choice(const struct neuron_resume_finding *finding, enum neuron_resume_choice wanted)
{
    enum neuron_resume_choice choice = NEURON_RESUME_START;
    struct neuron_error error = {0};

    assert_ok(neuron_resume_choose(finding, &choice, &error), &error);
    assert_int_equal(choice, wanted);
}

static void
expect_refusal(const struct neuron_resume_finding *finding, const char *part)
{
    enum neuron_resume_choice choice = NEURON_RESUME_DONE;
    struct neuron_error error = {0};

    assert_status(NEURON_INVALID_ARGUMENT, neuron_resume_choose(finding, &choice, &error), &error);
    assert_int_equal(choice, NEURON_RESUME_DONE);
    if (strstr(error.text, part) == NULL) {
        fail_msg("no \"%s\" in \"%s\"", part, error.text);
    }
}

static void
an_unfinished_job_goes_on(void **state)
{
    struct neuron_resume_finding finding = unfinished();

    (void)state;
    expect_choice(&finding, NEURON_RESUME_GO_ON);
    finding.wish = NEURON_RESUME_REQUIRE;
    expect_choice(&finding, NEURON_RESUME_GO_ON);
}

static void
an_unfinished_job_is_thrown_away_only_when_told(void **state)
{
    struct neuron_resume_finding finding = unfinished();

    (void)state;
    finding.wish = NEURON_RESUME_NEVER;
    expect_refusal(&finding, "12 of 20 rows done");
    finding.difference = "model: was a, is b";
    expect_refusal(&finding, "--restart");
    finding.wish = NEURON_RESUME_RESTART;
    expect_choice(&finding, NEURON_RESUME_START);
}

static void
another_unfinished_job_is_refused_with_the_difference(void **state)
{
    struct neuron_resume_finding finding = unfinished();

    (void)state;
    finding.difference = "model: was a, is b";
    expect_refusal(&finding, "model: was a, is b");
    finding.state = NEURON_JOURNAL_SEALED;
    expect_refusal(&finding, "model: was a, is b");
    finding.wish = NEURON_RESUME_REQUIRE;
    expect_refusal(&finding, "model: was a, is b");
}

static void
a_sealed_job_needs_its_renames_alone(void **state)
{
    struct neuron_resume_finding finding = unfinished();

    (void)state;
    finding.state = NEURON_JOURNAL_SEALED;
    finding.has_parts = false;
    expect_choice(&finding, NEURON_RESUME_FINISH);
}

static void
a_finished_job_is_done_unless_it_is_another(void **state)
{
    struct neuron_resume_finding finding = unfinished();

    (void)state;
    finding.state = NEURON_JOURNAL_ENDED;
    finding.is_published = true;
    expect_choice(&finding, NEURON_RESUME_DONE);
    finding.wish = NEURON_RESUME_NEVER;
    expect_choice(&finding, NEURON_RESUME_START);
    finding.wish = NEURON_RESUME_AUTO;
    finding.difference = "rows: was 3, is 4";
    expect_choice(&finding, NEURON_RESUME_START);
    finding.wish = NEURON_RESUME_REQUIRE;
    expect_refusal(&finding, "no unfinished job");
}

static void
a_finished_job_whose_output_is_gone_starts_again(void **state)
{
    struct neuron_resume_finding finding = unfinished();

    (void)state;
    finding.state = NEURON_JOURNAL_ENDED;
    expect_choice(&finding, NEURON_RESUME_START);
}

static void
without_parts_or_journal_there_is_nothing_to_go_on_with(void **state)
{
    struct neuron_resume_finding finding = unfinished();

    (void)state;
    finding.has_parts = false;
    expect_choice(&finding, NEURON_RESUME_START);
    finding.state = NEURON_JOURNAL_ABSENT;
    expect_choice(&finding, NEURON_RESUME_START);
    finding.wish = NEURON_RESUME_NEVER;
    expect_choice(&finding, NEURON_RESUME_START);
    finding.wish = NEURON_RESUME_REQUIRE;
    expect_refusal(&finding, "no unfinished job");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_unfinished_job_goes_on),
        cmocka_unit_test(an_unfinished_job_is_thrown_away_only_when_told),
        cmocka_unit_test(another_unfinished_job_is_refused_with_the_difference),
        cmocka_unit_test(a_sealed_job_needs_its_renames_alone),
        cmocka_unit_test(a_finished_job_is_done_unless_it_is_another),
        cmocka_unit_test(a_finished_job_whose_output_is_gone_starts_again),
        cmocka_unit_test(without_parts_or_journal_there_is_nothing_to_go_on_with),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
