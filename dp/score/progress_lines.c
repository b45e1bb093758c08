/* SPDX-License-Identifier: Apache-2.0 */
#include "score/progress_lines.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { BAR_LIMIT = 40, LEAST_BAR = 6, FORM_LIMIT = 5, HOST_BYTES = 11 };

static const int64_t silence_ns = 5000000000;

/* Texts of the same meaning, the longest first. */
struct forms {
    char texts[FORM_LIMIT][NEURON_PROGRESS_LINE_BYTES];
    unsigned count;
};

/* Takes the first form that leaves the last column free. */
static size_t
take_form(const struct forms *forms, unsigned columns, char *text)
{
    for (unsigned i = 0; i < forms->count; i += 1) {
        size_t length = strlen(forms->texts[i]);

        if (length < columns) {
            memcpy(text, forms->texts[i], length + 1);
            return length;
        }
    }
    text[0] = '\0';
    return 0;
}

/* Writes "0:05" or "2:03:05". */
static void
format_time(double seconds, char *text, size_t size_bytes)
{
    uint64_t whole = seconds < 1e9 ? (uint64_t)(seconds + 0.5) : 0;

    if (seconds >= 1e9) {
        (void)snprintf(text, size_bytes, "long");
    } else if (whole >= 3600) {
        (void)snprintf(text, size_bytes, "%" PRIu64 ":%02" PRIu64 ":%02" PRIu64, whole / 3600,
                       whole / 60 % 60, whole % 60);
    } else {
        (void)snprintf(text, size_bytes, "%" PRIu64 ":%02" PRIu64, whole / 60, whole % 60);
    }
}

/* The percentage is 100 only when all is done. */
static unsigned
percent_of(uint64_t part, uint64_t whole)
{
    double share = whole == 0 ? 1.0 : (double)part / (double)whole;

    return part >= whole ? 100 : share < 0.99 ? (unsigned)(share * 100.0) : 99;
}

size_t
neuron_progress_line(const struct neuron_progress_state *state, unsigned columns, char *text)
{
    struct forms forms = {.count = 4};
    char left[32] = "";
    double rate = state->rows_per_s < 1e18 ? state->rows_per_s : 1e18;
    unsigned percent = percent_of(state->done_rows, state->rows);
    uint64_t missing = state->done_rows < state->rows ? state->rows - state->done_rows : 0;

    format_time(missing == 0 ? 0.0 : rate > 0.0 ? (double)missing / rate : 1e9, left, sizeof(left));
    (void)snprintf(forms.texts[0], sizeof(forms.texts[0]),
                   "%u%% %" PRIu64 "/%" PRIu64 " rows, %.0f rows/s, %s left", percent,
                   state->done_rows, state->rows, rate, left);
    (void)snprintf(forms.texts[1], sizeof(forms.texts[1]), "%u%% %.0f rows/s, %s left", percent,
                   rate, left);
    (void)snprintf(forms.texts[2], sizeof(forms.texts[2]), "%u%% %s left", percent, left);
    (void)snprintf(forms.texts[3], sizeof(forms.texts[3]), "%u%%", percent);
    return take_form(&forms, columns, text);
}

enum neuron_lane_state
neuron_lane_state_of(const struct neuron_report_rank *rank, int64_t now_ns)
{
    if (!rank->is_alive) {
        return NEURON_LANE_LOST;
    }
    if (rank->heard_ns > 0 && now_ns - rank->heard_ns > silence_ns) {
        return NEURON_LANE_SILENT;
    }
    return rank->running_rows > 0 ? NEURON_LANE_RUNNING : NEURON_LANE_WAITING;
}

static const char *
state_word(enum neuron_lane_state state)
{
    static const char *const words[] = {"running", "waiting", "silent", "lost"};

    return words[state];
}

/* Rows per second since the rank joined. */
static double
rate_of(const struct neuron_report_rank *rank, int64_t now_ns)
{
    double seconds = ((double)now_ns - (double)rank->joined_ns) / 1e9;

    return rank->joined_ns > 0 && seconds > 0.0 ? (double)rank->counters.rows / seconds : 0.0;
}

/* Says whether the first of two ranks deserves attention more than the second. */
static bool
is_worse(const struct neuron_report_rank *one, const struct neuron_report_rank *other,
         int64_t now_ns)
{
    enum neuron_lane_state state = neuron_lane_state_of(one, now_ns);
    enum neuron_lane_state other_state = neuron_lane_state_of(other, now_ns);

    return state != other_state ? state > other_state
                                : rate_of(one, now_ns) < rate_of(other, now_ns);
}

/* Puts a rank among the worst ones so far, which stand in that order. */
static void
insert_worst(const struct neuron_score_report *report, int64_t now_ns, uint32_t index,
             struct neuron_lane_choice *choice, uint32_t limit)
{
    uint32_t place = choice->count;

    while (place > 0 &&
           is_worse(&report->ranks[index], &report->ranks[choice->indices[place - 1]], now_ns)) {
        place -= 1;
    }
    if (place >= limit) {
        return;
    }
    choice->count += choice->count < limit ? 1 : 0;
    for (uint32_t i = choice->count - 1; i > place; i -= 1) {
        choice->indices[i] = choice->indices[i - 1];
    }
    choice->indices[place] = index;
}

static void
sort_indices(struct neuron_lane_choice *choice)
{
    for (uint32_t i = 1; i < choice->count; i += 1) {
        uint32_t index = choice->indices[i];
        uint32_t place = i;

        while (place > 0 && choice->indices[place - 1] > index) {
            choice->indices[place] = choice->indices[place - 1];
            place -= 1;
        }
        choice->indices[place] = index;
    }
}

/* Adds up what all ranks have done, and what those have that are not shown. */
static void
add_sums(const struct neuron_score_report *report, int64_t now_ns,
         struct neuron_lane_choice *choice)
{
    uint32_t shown = 0;

    for (uint32_t i = 0; i < report->rank_count; i += 1) {
        const struct neuron_report_rank *rank = &report->ranks[i];
        uint64_t rows = rank->counters.rows;

        choice->all_rows += rows;
        choice->most_rows = rows > choice->most_rows ? rows : choice->most_rows;
        if (shown < choice->count && choice->indices[shown] == i) {
            shown += 1;
            continue;
        }
        choice->rest += 1;
        choice->rest_rows_per_s += rate_of(rank, now_ns);
        choice->bad_count += neuron_lane_state_of(rank, now_ns) >= NEURON_LANE_SILENT ? 1 : 0;
    }
}

void
neuron_lane_choose(const struct neuron_score_report *report, int64_t now_ns, uint32_t limit,
                   struct neuron_lane_choice *choice)
{
    bool fit = report->rank_count <= limit;
    uint32_t room = fit ? report->rank_count : limit - 1;

    *choice = (struct neuron_lane_choice){.indices = choice->indices};
    for (uint32_t i = 0; i < report->rank_count && room > 0; i += 1) {
        insert_worst(report, now_ns, i, choice, room);
    }
    sort_indices(choice);
    add_sums(report, now_ns, choice);
}

/* Writes a bar of a number of cells. */
static void
draw_bar(double share, unsigned cells, char *bar)
{
    unsigned filled = (unsigned)(share * cells + 0.5);

    for (unsigned i = 0; i < cells; i += 1) {
        bar[i] = i < filled ? '#' : ' ';
    }
    bar[cells] = '\0';
}

/* The beginning of a host's name, of which nothing moves a cursor. */
static void
copy_host(const char *host, char *copy, size_t size_bytes)
{
    size_t length = 0;

    while (length + 1 < size_bytes && host[length] != '\0') {
        copy[length] = host[length];
        if (host[length] < ' ' || host[length] > '~') {
            copy[length] = '?';
        }
        length += 1;
    }
    copy[length] = '\0';
}

size_t
neuron_lane_line(const struct neuron_report_rank *rank, const struct neuron_lane_choice *choice,
                 int64_t now_ns, unsigned columns, char *text)
{
    enum { FIXED = 52 /* columns of the longest form beside the bar */ };
    struct forms forms = {.count = FORM_LIMIT};
    char bar[BAR_LIMIT + 1] = "";
    char host[HOST_BYTES] = "";
    const char *state = state_word(neuron_lane_state_of(rank, now_ns));
    double rows = (double)rank->counters.rows;
    double share = choice->all_rows > 0 ? rows / (double)choice->all_rows * 100.0 : 0.0;
    unsigned cells = columns > FIXED + LEAST_BAR ? columns - FIXED : LEAST_BAR;

    copy_host(rank->host, host, sizeof(host));
    draw_bar(choice->most_rows > 0 ? rows / (double)choice->most_rows : 0.0,
             cells < BAR_LIMIT ? cells : BAR_LIMIT, bar);
    (void)snprintf(forms.texts[0], sizeof(forms.texts[0]),
                   "rank %-4" PRIu32 " [%s] %5.1f%% %9.0f rows/s %-7s %s", rank->rank, bar, share,
                   rate_of(rank, now_ns), state, host);
    (void)snprintf(forms.texts[1], sizeof(forms.texts[1]),
                   "rank %-4" PRIu32 " %5.1f%% %9.0f rows/s %s", rank->rank, share,
                   rate_of(rank, now_ns), state);
    (void)snprintf(forms.texts[2], sizeof(forms.texts[2]), "rank %-4" PRIu32 " %5.1f%% %s",
                   rank->rank, share, state);
    (void)snprintf(forms.texts[3], sizeof(forms.texts[3]), "%" PRIu32 " %s", rank->rank, state);
    (void)snprintf(forms.texts[4], sizeof(forms.texts[4]), "%" PRIu32, rank->rank);
    return take_form(&forms, columns, text);
}

size_t
neuron_lane_rest_line(const struct neuron_lane_choice *choice, unsigned columns, char *text)
{
    struct forms forms = {.count = 3};
    char bad[40] = "";

    if (choice->bad_count > 0) {
        (void)snprintf(bad, sizeof(bad), ", %" PRIu32 " silent or lost", choice->bad_count);
    }
    (void)snprintf(forms.texts[0], sizeof(forms.texts[0]), "%" PRIu32 " more ranks: %.0f rows/s%s",
                   choice->rest, choice->rest_rows_per_s, bad);
    (void)snprintf(forms.texts[1], sizeof(forms.texts[1]), "%" PRIu32 " more ranks", choice->rest);
    (void)snprintf(forms.texts[2], sizeof(forms.texts[2]), "+%" PRIu32, choice->rest);
    return take_form(&forms, columns, text);
}
