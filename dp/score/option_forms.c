/* SPDX-License-Identifier: Apache-2.0 */
#include "score/option_forms.h"

#include <string.h>

#include "neuron/near_word.h"

#include "score/command_line.h"

enum { LEAST_MEMORY_BYTES = 1024 * 1024, LEAST_TIMEOUT_MS = 1, LEAST_SILENCE_MS = 100 };

static const struct neuron_score_choice resume_choices[] = {{"auto", NEURON_RESUME_AUTO},
                                                            {"require", NEURON_RESUME_REQUIRE},
                                                            {"never", NEURON_RESUME_NEVER},
                                                            {NULL, 0}};

static const struct neuron_score_choice schedule_choices[] = {
    {"guided", NEURON_SCHEDULE_GUIDED}, {"static", NEURON_SCHEDULE_STATIC}, {NULL, 0}};

static const struct neuron_score_choice error_choices[] = {
    {"fail", NEURON_ON_ERROR_FAIL}, {"skip", NEURON_ON_ERROR_SKIP}, {NULL, 0}};

static const struct neuron_score_choice nan_choices[] = {
    {"error", NEURON_NAN_IS_ERROR}, {"allow", NEURON_NAN_IS_ALLOWED}, {NULL, 0}};

/* By topic, as --help lists them. */
static const struct neuron_score_option options[] = {
    {"--model", NULL, "FILE", NEURON_SCORE_OPTION_TEXT, 0,
     offsetof(struct neuron_score_options, model_path), NULL},
    {"--weights", NULL, "FILE", NEURON_SCORE_OPTION_TEXT, 0,
     offsetof(struct neuron_score_options, weights_path), NULL},
    {"--config", NULL, "TEXT", NEURON_SCORE_OPTION_TEXT, 0,
     offsetof(struct neuron_score_options, config), NULL},
    {"--input", NULL, "[NAME=]PATH", NEURON_SCORE_OPTION_NAMED, 0,
     offsetof(struct neuron_score_options, inputs), NULL},
    {"--output", NULL, "[NAME=]PATH", NEURON_SCORE_OPTION_NAMED, 0,
     offsetof(struct neuron_score_options, outputs), NULL},
    {"--columns", NULL, "[INPUT=]LIST", NEURON_SCORE_OPTION_NAMED, 0,
     offsetof(struct neuron_score_options, columns), NULL},
    {"--join-key", NULL, "COL", NEURON_SCORE_OPTION_TEXT, 0,
     offsetof(struct neuron_score_options, join_key), NULL},
    {"--passthrough", NULL, "A,B", NEURON_SCORE_OPTION_WORDS, 0, 0, NULL},
    {"--rows", NULL, "A:B", NEURON_SCORE_OPTION_RANGE, 0, 0, NULL},
    {"--labels", NULL, "FILE", NEURON_SCORE_OPTION_TEXT, 0,
     offsetof(struct neuron_score_options, labels_path), NULL},
    {"--mask", NULL, "FILE", NEURON_SCORE_OPTION_TEXT, 0,
     offsetof(struct neuron_score_options, mask_path), NULL},

    {"--resume", NULL, "WHEN", NEURON_SCORE_OPTION_CHOICE, 0,
     offsetof(struct neuron_score_options, resume), resume_choices},
    {"--restart", NULL, NULL, NEURON_SCORE_OPTION_SETTING, NEURON_RESUME_RESTART,
     offsetof(struct neuron_score_options, resume), NULL},
    {"--checkpoint", NULL, "SECONDS", NEURON_SCORE_OPTION_SECONDS, 0,
     offsetof(struct neuron_score_options, checkpoint_ms), NULL},
    {"--lease-timeout", NULL, "SECONDS", NEURON_SCORE_OPTION_SECONDS, LEAST_SILENCE_MS,
     offsetof(struct neuron_score_options, lease_timeout_ms), NULL},
    {"--schedule", NULL, "HOW", NEURON_SCORE_OPTION_CHOICE, 0,
     offsetof(struct neuron_score_options, schedule), schedule_choices},

    {"--on-error", NULL, "WHAT", NEURON_SCORE_OPTION_CHOICE, 0,
     offsetof(struct neuron_score_options, on_error), error_choices},
    {"--max-errors", NULL, "N|P%", NEURON_SCORE_OPTION_BUDGET, 0, 0, NULL},
    {"--nan", NULL, "WHAT", NEURON_SCORE_OPTION_CHOICE, 0,
     offsetof(struct neuron_score_options, nan), nan_choices},
    {"--fill", NULL, "VALUE", NEURON_SCORE_OPTION_FILL, 0, 0, NULL},
    {"--isolate", NULL, NULL, NEURON_SCORE_OPTION_FLAG, 0,
     offsetof(struct neuron_score_options, is_isolated), NULL},
    {"--row-timeout", NULL, "SECONDS", NEURON_SCORE_OPTION_SECONDS, LEAST_TIMEOUT_MS,
     offsetof(struct neuron_score_options, row_timeout_ms), NULL},
    {"--audit", NULL, "P%", NEURON_SCORE_OPTION_SHARE, 0,
     offsetof(struct neuron_score_options, audit_share), NULL},
    {"--verify", NULL, NULL, NEURON_SCORE_OPTION_SETTING, NEURON_SCORE_VERIFY,
     offsetof(struct neuron_score_options, request), NULL},

    {"--device-ids", NULL, "LIST", NEURON_SCORE_OPTION_IDS, 0, 0, NULL},
    {"--split-size", NULL, "ROWS", NEURON_SCORE_OPTION_ROWS, 0,
     offsetof(struct neuron_score_options, split_size_rows), NULL},
    {"--mem-limit", NULL, "SIZE", NEURON_SCORE_OPTION_SIZE, LEAST_MEMORY_BYTES,
     offsetof(struct neuron_score_options, mem_limit_bytes), NULL},
    {"--dry-run", NULL, NULL, NEURON_SCORE_OPTION_SETTING, NEURON_SCORE_SHOW_PLAN,
     offsetof(struct neuron_score_options, request), NULL},

    {"--report", NULL, "FILE", NEURON_SCORE_OPTION_TEXT, 0,
     offsetof(struct neuron_score_options, report_path), NULL},
    {"--report-html", NULL, "FILE", NEURON_SCORE_OPTION_TEXT, 0,
     offsetof(struct neuron_score_options, report_html_path), NULL},
    {"--metrics", NULL, "FILE", NEURON_SCORE_OPTION_TEXT, 0,
     offsetof(struct neuron_score_options, metrics_path), NULL},
    {"--timeline", NULL, NULL, NEURON_SCORE_OPTION_FLAG, 0,
     offsetof(struct neuron_score_options, shows_timeline), NULL},
    {"--quiet", "-q", NULL, NEURON_SCORE_OPTION_FLAG, 0,
     offsetof(struct neuron_score_options, is_quiet), NULL},
    {"--help", "-h", NULL, NEURON_SCORE_OPTION_SETTING, NEURON_SCORE_SHOW_HELP,
     offsetof(struct neuron_score_options, request), NULL},
    {"--version", "-V", NULL, NEURON_SCORE_OPTION_SETTING, NEURON_SCORE_SHOW_VERSION,
     offsetof(struct neuron_score_options, request), NULL},
};

enum { OPTION_COUNT = sizeof(options) / sizeof(options[0]) };

uint32_t
neuron_score_option_count(void)
{
    return OPTION_COUNT;
}

const struct neuron_score_option *
neuron_score_option_at(uint32_t index)
{
    return &options[index];
}

uint32_t
neuron_score_option_find(const char *argument, const char **value)
{
    size_t length = strcspn(argument, "=");
    uint32_t index = 0;

    *value = NULL;
    for (index = 0; index < OPTION_COUNT; index += 1) {
        const struct neuron_score_option *option = &options[index];

        if (option->short_form != NULL && strcmp(option->short_form, argument) == 0) {
            return index;
        }
        if (strlen(option->long_form) == length &&
            strncmp(option->long_form, argument, length) == 0) {
            *value = argument[length] == '=' ? argument + length + 1 : NULL;
            return index;
        }
    }
    return OPTION_COUNT;
}

void
neuron_score_option_refuse(const char *argument, struct neuron_error *error)
{
    size_t length = strcspn(argument, "=");
    struct neuron_near_word search = {.word = argument, .length = length};

    if (argument[0] != '-') {
        neuron_error_set(error, NEURON_INVALID_SYNTAX,
                         "'%.100s' stands alone; name files as in --input x.npy", argument);
        return;
    }
    for (size_t i = 0; i < OPTION_COUNT; i += 1) {
        neuron_near_word_try(&search, options[i].long_form);
    }
    if (search.nearest == NULL) {
        neuron_error_set(error, NEURON_INVALID_SYNTAX,
                         "'%.100s' is no option; see neuron-score --help", argument);
        return;
    }
    neuron_error_set(error, NEURON_INVALID_SYNTAX, "'%.100s' is no option; did you mean %s?",
                     argument, search.nearest);
}
