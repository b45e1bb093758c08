/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs conformance cases:
 *
 *   conformance CASES REPORTS [PREFIX]
 *
 * CASES holds a folder for each case. Those whose names start with the prefix are run, one by one;
 * their names go to REPORTS/passed.txt or, with the reason, to REPORTS/failed.txt and the terminal.
 * REPORTS/skipped.txt, if there is one, is counted. The last line has the counts; the exit status
 * is 0 when no case failed and at least one passed.
 */
#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "case_file.h"
#include "case_process.h"

enum { EXIT_USAGE = 2, SKIPPED_LINE_BYTES = 1024 };

/* The run of all cases. */
struct conformance {
    const char *cases;
    const char *prefix;
    char scratch[CASE_PATH_BYTES]; /* for compiled files and leases; stays for the next run */
    FILE *passed;
    FILE *failed;
    unsigned passed_count;
    unsigned failed_count;
};

static bool
say_errno(const char *path)
{
    (void)fprintf(stderr, "conformance: %s: %s\n", path, strerrordesc_np(errno));
    return false;
}

static bool
has_prefix(const char *name, const char *prefix)
{
    return strncmp(name, prefix, strlen(prefix)) == 0;
}

/* Writes "FOLDER/NAME". */
static bool
join(const char *folder, const char *name, char *path)
{
    int length = snprintf(path, CASE_PATH_BYTES, "%s/%s", folder, name);

    if (length < 0 || length >= CASE_PATH_BYTES) {
        (void)fprintf(stderr, "conformance: %s/%s: the path is too long\n", folder, name);
        return false;
    }
    return true;
}

/* Opens a report without a buffer, of which a child process would write its copy as well. */
static bool
open_report(const char *reports, const char *name, FILE **file)
{
    char path[CASE_PATH_BYTES];

    if (!join(reports, name, path)) {
        return false;
    }
    *file = fopen(path, "we");
    return *file != NULL ? setvbuf(*file, NULL, _IONBF, 0) == 0 : say_errno(path);
}

static bool
run_case(struct conformance *run, const char *name)
{
    char folder[CASE_PATH_BYTES];
    struct neuron_error error = {0};

    if (!join(run->cases, name, folder)) {
        return false;
    }
    if (case_process_run(folder, run->scratch, &error)) {
        run->passed_count += 1;
        (void)fprintf(run->passed, "%s\n", name);
    } else {
        run->failed_count += 1;
        (void)fprintf(run->failed, "%s: %s\n", name, error.text);
        (void)printf("%s: %s\n", name, error.text);
    }
    return true;
}

/* Runs the cases in the order of their names. */
static bool
run_cases(struct conformance *run)
{
    struct dirent **entries = NULL;
    bool is_done = true;
    int count = scandir(run->cases, &entries, NULL, alphasort);

    if (count < 0) {
        return say_errno(run->cases);
    }
    for (int i = 0; i < count; i += 1) {
        const char *name = entries[i]->d_name;

        if (is_done && name[0] != '.' && has_prefix(name, run->prefix)) {
            is_done = run_case(run, name);
        }
        free(entries[i]);
    }
    free(entries);
    return is_done;
}

static unsigned
count_skipped(const char *reports, const char *prefix)
{
    char path[CASE_PATH_BYTES];
    char line[SKIPPED_LINE_BYTES];
    unsigned count = 0;
    FILE *file = join(reports, "skipped.txt", path) ? fopen(path, "re") : NULL;

    while (file != NULL && fgets(line, sizeof(line), file) != NULL) {
        count += has_prefix(line, prefix) ? 1 : 0;
    }
    if (file != NULL) {
        (void)fclose(file);
    }
    return count;
}

/* What was written is on disk, or the reports say less than is true. Takes NULL. */
static bool
close_report(FILE *report)
{
    if (report == NULL) {
        return true;
    }
    bool is_written = ferror(report) == 0;

    return (fclose(report) == 0 && is_written) || say_errno("a report");
}

/* Makes the folder and the files that a run writes to. */
static bool
open_run(struct conformance *run, const char *reports)
{
    if (!join(reports, "scratch", run->scratch)) {
        return false;
    }
    if (mkdir(run->scratch, S_IRWXU) != 0 && errno != EEXIST) {
        return say_errno(run->scratch);
    }
    if (!open_report(reports, "passed.txt", &run->passed)) {
        return false;
    }
    return open_report(reports, "failed.txt", &run->failed);
}

int
main(int argc, char **argv)
{
    struct conformance run = {0};

    if (argc < 3 || argc > 4) {
        (void)fprintf(stderr, "usage: conformance CASES REPORTS [PREFIX]\n");
        return EXIT_USAGE;
    }
    run.cases = argv[1];
    run.prefix = argc == 4 ? argv[3] : "";
    (void)setvbuf(stdout, NULL, _IONBF, 0);
    bool is_done = open_run(&run, argv[2]) && run_cases(&run);
    is_done = close_report(run.passed) && is_done;
    is_done = close_report(run.failed) && is_done;
    (void)printf("conformance: %u passed, %u failed, %u skipped\n", run.passed_count,
                 run.failed_count, count_skipped(argv[2], run.prefix));
    return is_done && run.failed_count == 0 && run.passed_count > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
