/* SPDX-License-Identifier: Apache-2.0 */
#include "monitor/monitor_run.h"

#include <stdlib.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "counters/printable.h"
#include "neuron/clock.h"
#include "neuron/json_text.h"
#include "neuron/topology.h"

#include "monitor/metrics_page.h"
#include "monitor/monitor_paces.h"
#include "monitor/monitor_stream.h"
#include "monitor/monitor_view.h"
#include "monitor/page_file.h"
#include "monitor/report_json.h"

struct monitor {
    const struct neuron_monitor_options *options;
    const struct neuron_monitor_config *config;
    struct neuron_topology *topology;
    struct neuron_node_watch *watch;
    struct neuron_monitor_stream stream;
    struct neuron_monitor_paces paces;
    struct neuron_page_file page;
    struct neuron_monitor_round *rounds; /* one for each pace */
    struct utsname system;
    double ns_per_stamp; /* of the pages of metrics; 0 before it is known */
};

/* Reads the machine; the caller destroys the look. */
static enum neuron_status
take_look(const struct monitor *monitor, struct neuron_monitor_look **look,
          struct neuron_error *error)
{
    *look = neuron_monitor_look_create();
    if (*look == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for a look at the machine");
    }
    return neuron_node_watch_read(monitor->watch, &(*look)->sample, error);
}

/* Lists the paces that are over, with what happened since they began. */
static enum neuron_status
find_rounds(struct monitor *monitor, const struct neuron_monitor_look *look, uint64_t now_ns,
            uint32_t *count, struct neuron_error *error)
{
    enum neuron_status status = NEURON_OK;

    *count = 0;
    for (uint32_t i = 0; status == NEURON_OK && i < monitor->paces.count; i += 1) {
        struct neuron_monitor_pace *pace = &monitor->paces.paces[i];

        if (neuron_monitor_pace_is_over(pace, now_ns)) {
            status = neuron_node_rates_find(monitor->topology, &pace->before->sample, &look->sample,
                                            &pace->rates, error);
            monitor->rounds[*count] = (struct neuron_monitor_round){.period_ns = pace->period_ns,
                                                                    .before = &pace->before->sample,
                                                                    .rates = &pace->rates};
            *count += 1;
        }
    }
    return status;
}

static enum neuron_status
write_report(struct monitor *monitor, const struct neuron_monitor_view *view,
             enum neuron_stream_event *event, struct neuron_error *error)
{
    struct neuron_json_text text = {0};

    if (monitor->options->is_quiet) {
        return NEURON_OK;
    }
    enum neuron_status status = neuron_monitor_report_write(view, &text, error);
    if (status == NEURON_OK) {
        status =
            neuron_monitor_stream_write(&monitor->stream, text.bytes, text.length, event, error);
    }
    neuron_json_text_destroy(&text);
    return status;
}

static enum neuron_status
write_page(struct monitor *monitor, const struct neuron_monitor_look *look,
           struct neuron_error *error)
{
    char *bytes = NULL;
    size_t size_bytes = 0;

    if (monitor->options->metrics_path == NULL) {
        return NEURON_OK;
    }
    if (monitor->ns_per_stamp == 0) {
        monitor->ns_per_stamp = neuron_metrics_find_rate(&look->sample);
    }
    const struct neuron_metrics metrics = {.topology = monitor->topology,
                                           .config = monitor->config,
                                           .sample = &look->sample,
                                           .ns_per_stamp = monitor->ns_per_stamp};
    enum neuron_status status = neuron_metrics_page_make(&metrics, &bytes, &size_bytes, error);
    if (status == NEURON_OK) {
        status = neuron_page_file_write(&monitor->page, bytes, size_bytes, error);
    }
    free(bytes);
    return status;
}

/* Looks once, and writes what is due. */
static enum neuron_status
tell(struct monitor *monitor, enum neuron_stream_event *event, struct neuron_error *error)
{
    struct neuron_monitor_look *look = NULL;
    uint64_t now_ns = neuron_clock_ns();
    uint32_t round_count = 0;
    enum neuron_status status = take_look(monitor, &look, error);

    if (status == NEURON_OK) {
        status = find_rounds(monitor, look, now_ns, &round_count, error);
    }
    if (status == NEURON_OK) {
        /* Before the lines: who reads these slowly does not hold it back. */
        status = write_page(monitor, look, error);
    }
    if (status == NEURON_OK) {
        const struct neuron_monitor_view view = {.topology = monitor->topology,
                                                 .host = monitor->system.nodename,
                                                 .config = monitor->config,
                                                 .sample = &look->sample,
                                                 .rounds = monitor->rounds,
                                                 .round_count = round_count};

        status = write_report(monitor, &view, event, error);
    }
    if (status == NEURON_OK) {
        neuron_monitor_paces_advance(&monitor->paces, now_ns, look);
    }
    neuron_monitor_look_destroy(look);
    return status;
}

/* Tells until there is an end. */
static enum neuron_status
go_on(struct monitor *monitor, enum neuron_stream_event *event, struct neuron_error *error)
{
    uint32_t limit = monitor->options->count;
    enum neuron_status status = NEURON_OK;

    *event = NEURON_STREAM_GOES_ON;
    for (uint32_t i = 0; limit == 0 || i < limit; i += limit == 0 ? 0 : 1) {
        *event = neuron_monitor_stream_wait(&monitor->stream,
                                            neuron_monitor_paces_next(&monitor->paces));
        if (*event == NEURON_STREAM_GOES_ON) {
            status = tell(monitor, event, error);
        }
        if (status != NEURON_OK || *event != NEURON_STREAM_GOES_ON) {
            return status;
        }
    }
    return NEURON_OK;
}

static enum neuron_status
begin(struct monitor *monitor, struct neuron_error *error)
{
    struct neuron_monitor_look *look = NULL;
    int output = monitor->options->is_quiet ? -1 : STDOUT_FILENO;

    (void)uname(&monitor->system);
    neuron_make_printable(monitor->system.nodename, sizeof(monitor->system.nodename));
    enum neuron_status status = neuron_monitor_stream_open(output, &monitor->stream, error);
    if (status == NEURON_OK) {
        status = neuron_topology_create(&monitor->topology, error);
    }
    if (status == NEURON_OK) {
        status = neuron_node_watch_create(monitor->topology, monitor->options->lease_directory,
                                          &monitor->watch, error);
    }
    if (status == NEURON_OK) {
        status = take_look(monitor, &look, error);
    }
    if (status == NEURON_OK) {
        status = neuron_monitor_paces_begin(monitor->config, look, &monitor->paces, error);
    }
    if (status == NEURON_OK) {
        monitor->rounds = calloc(monitor->paces.count, sizeof(*monitor->rounds));
    }
    if (status == NEURON_OK && monitor->rounds == NULL) {
        status = NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for periods");
    }
    neuron_monitor_look_destroy(look);
    return status;
}

enum neuron_status
neuron_monitor_run(const struct neuron_monitor_options *options,
                   const struct neuron_monitor_config *config, struct neuron_error *error)
{
    struct monitor monitor = {.options = options,
                              .config = config,
                              .stream = {-1, -1},
                              .page = {.path = options->metrics_path, .file = -1}};
    enum neuron_stream_event event = NEURON_STREAM_GOES_ON;
    enum neuron_status status = begin(&monitor, error);

    if (status == NEURON_OK) {
        status = go_on(&monitor, &event, error);
        /* After so many lines as were asked for it stays: that is what a timer starts. Else a page
           that nobody keeps up to date any more would be read as if nothing changed. */
        if (status != NEURON_OK || event != NEURON_STREAM_GOES_ON) {
            neuron_page_file_remove(&monitor.page);
        }
    }
    neuron_page_file_close(&monitor.page);
    neuron_monitor_paces_clear(&monitor.paces);
    free(monitor.rounds);
    neuron_node_watch_destroy(monitor.watch);
    neuron_topology_destroy(monitor.topology);
    neuron_monitor_stream_close(&monitor.stream);
    return status;
}
