/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "neuron/record_file.h"

#include "score/report_page.h"

/* Nothing is fetched from anywhere, whatever got into the page. */
static const char head[] =
    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
    "style-src 'unsafe-inline'; script-src 'unsafe-inline'\">\n"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
    "<meta name=\"color-scheme\" content=\"light dark\">\n<title>";

static const char charts[] =
    "<section><div class=\"head\"><h2>Rows per second</h2><p>over the time since the start; drag "
    "to "
    "look closer, double click for all</p><button id=\"reset\" hidden>show all</button></div>\n"
    "<div class=\"chart\" id=\"rates\"></div></section>\n"
    "<section><div class=\"head\"><h2>Cores</h2><p>what each worked on, in the colour of its rank"
    "</p></div>\n<div class=\"chart\" id=\"lanes\"><canvas></canvas></div></section>\n";

static const char foot[] =
    "<p id=\"trouble\" hidden>The charts could not be drawn.</p>\n"
    "<noscript><p>The charts need JavaScript; the figures and tables do not.</p></noscript>\n"
    "<footer>neuron-score ";

/* Until the charts are drawn, a trouble in the script is shown. */
static const char guard[] = "<script>window.addEventListener(\"error\", function () { "
                            "document.getElementById(\"trouble\").hidden = false; });</script>\n";

static enum neuron_status
print_page(const struct neuron_report_page *page, FILE *stream, struct neuron_error *error)
{
    (void)fputs(head, stream);
    neuron_report_page_print_text(stream, page->report->options->outputs.items[0].value);
    (void)fputs(" - neuron-score</title>\n<style>\n", stream);
    (void)fputs(neuron_report_page_style, stream);
    (void)fputs("</style>\n</head>\n<body>\n<main>\n", stream);
    neuron_report_page_print_overview(page, stream);
    (void)fputs(charts, stream);
    neuron_report_page_print_tables(page, stream);
    (void)fputs(foot, stream);
    neuron_report_page_print_text(stream, page->report->version);
    (void)fputs("</footer>\n</main>\n<div class=\"tip\" id=\"tip\" hidden></div>\n"
                "<script type=\"application/json\" id=\"data\">",
                stream);
    enum neuron_status status = neuron_report_page_print_data(page, stream, error);
    (void)fputs("</script>\n", stream);
    (void)fputs(guard, stream);
    (void)fputs("<script>\n", stream);
    (void)fputs(neuron_report_page_script, stream);
    (void)fputs("</script>\n</body>\n</html>\n", stream);
    return status;
}

/* Makes the page in memory, and then the file. */
static enum neuron_status
write_page(const struct neuron_report_page *page, const char *path, struct neuron_error *error)
{
    char *text = NULL;
    size_t length = 0;
    FILE *stream = open_memstream(&text, &length);

    if (stream == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory for %.150s", path);
    }
    enum neuron_status status = print_page(page, stream, error);
    bool is_whole = ferror(stream) == 0;
    is_whole = fclose(stream) == 0 && is_whole;
    if (status == NEURON_OK && !is_whole) {
        status = NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory for %.150s", path);
    }
    if (status == NEURON_OK) {
        status = neuron_record_file_write(path, text, length, error);
    }
    free(text);
    return status;
}

enum neuron_status
neuron_score_report_write_html(const struct neuron_score_report *report, const char *path,
                               struct neuron_error *error)
{
    struct neuron_core_activity activity = {0};
    struct neuron_score_summary summary = {0};
    const struct neuron_report_page page = {report, &activity, &summary};

    enum neuron_status status = neuron_core_activity_create(report, &activity, error);
    if (status == NEURON_OK) {
        status = neuron_score_summary_find(report, &activity, &summary, error);
    }
    if (status == NEURON_OK) {
        status = write_page(&page, path, error);
    }
    neuron_core_activity_destroy(&activity);
    return status;
}
