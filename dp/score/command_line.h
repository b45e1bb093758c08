/* SPDX-License-Identifier: Apache-2.0 */
/* What neuron-score is asked to do. */
#ifndef NEURON_SCORE_COMMAND_LINE_H
#define NEURON_SCORE_COMMAND_LINE_H

#include <stdbool.h>
#include <stdint.h>

#include "neuron/status.h"

/* What kind of call it is. */
enum neuron_score_request {
    NEURON_SCORE_FILE = 0,
    NEURON_SCORE_SHOW_HELP = 1,
    NEURON_SCORE_SHOW_VERSION = 2,
    NEURON_SCORE_SHOW_PLAN = 3, /* --dry-run */
    NEURON_SCORE_VERIFY = 4     /* --verify */
};

/* How the rows are shared out over the ranks. */
enum neuron_score_schedule {
    NEURON_SCHEDULE_GUIDED = 0, /* leases, large ones first */
    NEURON_SCHEDULE_STATIC = 1  /* equal parts */
};

/* What becomes of an unfinished job that is found. */
enum neuron_score_resume {
    NEURON_RESUME_AUTO = 0,    /* it goes on; if there is none, a new one starts */
    NEURON_RESUME_REQUIRE = 1, /* it goes on, or it is an error that there is none */
    NEURON_RESUME_NEVER = 2,   /* it is an error that there is one */
    NEURON_RESUME_RESTART = 3  /* it is thrown away */
};

/* What a row that fails does. */
enum neuron_score_on_error { NEURON_ON_ERROR_FAIL = 0, NEURON_ON_ERROR_SKIP = 1 };

/* What a result is that is no number. */
enum neuron_score_nan { NEURON_NAN_IS_ERROR = 0, NEURON_NAN_IS_ALLOWED = 1 };

/*
 * "NAME=VALUE", or "VALUE" where there is only one. A name is of letters, digits and "_-.:/", and
 * begins neither with "." nor with "/"; else the "=" is a part of the value: "./a=b.npy".
 */
struct neuron_named_text {
    const char *name; /* NULL for the only one */
    const char *value;
};

/* A list that may grow by an option that is given several times. */
struct neuron_named_list {
    struct neuron_named_text *items;
    uint32_t count;
};

/* Paths point into the arguments that were parsed. */
struct neuron_score_options {
    enum neuron_score_request request;
    const char *model_path;
    const char *weights_path;         /* NULL for those that the model has */
    const char *config;               /* of a library in place of a model; NULL for none */
    struct neuron_named_list inputs;  /* --input [NAME=]PATH: a file, a folder or a pattern */
    struct neuron_named_list outputs; /* --output [NAME=]PATH; the ending says the kind */
    struct neuron_named_list columns; /* --columns [INPUT=]LIST: names or positions "a,b,4-7" */
    const char *join_key;             /* NULL for none */
    const char **passthrough;         /* names of columns */
    uint32_t passthrough_count;
    uint64_t first_row;
    uint64_t end_row; /* UINT64_MAX for all */
    const char *labels_path;
    const char *mask_path;
    enum neuron_score_resume resume;
    enum neuron_score_schedule schedule;
    enum neuron_score_on_error on_error;
    enum neuron_score_nan nan;
    uint64_t max_errors;      /* with SKIP: most rows that may fail; UINT64_MAX for all */
    double max_error_share;   /* the same as a share of all rows, 0 to 1: both hold */
    double fill;              /* for the results of rows that failed; NaN, or 0 for whole numbers */
    uint64_t mem_limit_bytes; /* for rows and results of a rank; 0 for the usual 192 MiB */
    uint64_t row_timeout_ms;  /* 0 for none; implies is_isolated */
    double audit_share;       /* of the leases, 0 to 1 */
    uint64_t lease_timeout_ms; /* silence after which a rank counts as lost (30 s) */
    uint64_t checkpoint_ms;    /* between syncs of what was scored (2 s) */
    const char *report_path;
    const char *report_html_path;
    const char *metrics_path;
    const char **device_ids; /* NULL for all cores */
    uint32_t device_id_count;
    uint32_t split_size_rows; /* 0 for the compiled batch */
    bool has_fill;
    bool is_isolated; /* runs are done by processes that may die */
    bool is_quiet;
    bool shows_timeline; /* of the block that took longest */
    char *list_text;     /* what names and lists point into */
};

/*
 * Parses the arguments of the program, "--name value" or "--name=value" in any order. Of --help and
 * --version the first one ends the parsing.
 *
 * arguments  the program's name first; outlive the options.
 * options    overwritten; destroyed by the caller. Zeroed on failure.
 *
 * Returns NEURON_INVALID_SYNTAX with the offending argument, or NEURON_OUT_OF_MEMORY.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_score_options_parse(int argument_count, char *const *arguments,
                           struct neuron_score_options *options, struct neuron_error *error);

/* Frees what the options own. Accepts zeroed ones. */
void
neuron_score_options_destroy(struct neuron_score_options *options);

/* The text of --help. */
extern const char neuron_score_help[];

#endif
