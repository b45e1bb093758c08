# SPDX-License-Identifier: Apache-2.0
"""Checks lines and pages of neuron-monitor against /proc and what jobs count themselves."""
import datetime
import glob
import json
import os
import re
import struct
import subprocess
import sys
import time

monitor, failing, marker = sys.argv[1], int(sys.argv[2]), sys.argv[3]
TAG = 'a "b" \\ c'
_SAMPLE = re.compile(r'([a-zA-Z_:][\w:]*)(?:\{((?:[a-zA-Z_]\w*="(?:[^"\\\n]|\\[\\"n])*",?)*)\})? '
                     r'([0-9.e+-]+|\+Inf|NaN)$')


def check(is_true, text):
    """Ends the test where something does not hold."""
    if not is_true:
        sys.exit(text)


def counts():
    """What the jobs that loop have counted, by pid."""
    return {int(path.rsplit(".", 1)[1]): struct.unpack("=Q", open(path, "rb").read())[0]
            for path in glob.glob("count.%s.*" % marker)}


def parse_page(text):
    """A page as {(name, labels): value}, by the rules of Prometheus' text format."""
    check(text.endswith("\n"), "a page that is cut off")
    check(text.startswith("# Written by neuron-monitor"), "the first line")
    samples, kinds, family = {}, {}, None
    for line in text.splitlines():
        if line.startswith("# TYPE "):
            family, kind = line.split(" ")[2:]
            check(family not in kinds, "a family twice: " + family)
            check(kind != "counter" or family.endswith("_total"), "a counter's name: " + family)
            kinds[family] = kind
        elif not line.startswith("# "):
            match = _SAMPLE.match(line)
            check(match is not None, "no sample: " + line)
            name = match[1]
            if kinds[family] == "histogram":
                name = re.sub("_(bucket|sum|count)$", "", name)
            check(name == family, "a sample of another family: " + line)
            check(match.group(1, 2) not in samples, "a sample twice: " + line)
            samples[match.group(1, 2)] = float(match[3])
    return samples


def value_of(page, name, pid, label=""):
    """The one value of a process, by a piece of its labels."""
    found = [value for (known, labels), value in page.items()
             if known == name and labels.startswith('pid="%d",' % pid) and label in labels]
    check(len(found) == 1, "%d of %s %s" % (len(found), name, label))
    return found[0]


def read_page():
    """The page as it is at this moment."""
    with open("page.prom", encoding="utf-8") as file:
        return parse_page(file.read())


def check_changes(previous):
    """Pages that are read while they are written: each is whole, and no count falls."""
    reads, first, end = 0, previous, time.monotonic() + 0.6
    while time.monotonic() < end:
        page = read_page()
        for (name, labels), value in previous.items():
            if re.search("_total$|_bucket$|_count$", name) and labels:
                check(page[name, labels] >= value, "%s %s falls" % (name, labels))
        previous, reads = page, reads + 1
    check(previous != first and reads > 10, "the page does not change")


def check_failing(process):
    """Since its beginning, which the first line has."""
    stats = process["report"]["execution_stats"]
    check(process["neuron_runtime_tag"] == TAG, "the tag: " + process["neuron_runtime_tag"])
    check(process["cores"] == [4, 5], "the cores")
    start = datetime.datetime.fromisoformat(process["start_time"])
    ticks = int(open("/proc/%d/stat" % failing).read().rpartition(")")[2].split()[19])
    wanted = time.time() - time.clock_gettime(time.CLOCK_BOOTTIME) + ticks / os.sysconf("SC_CLK_TCK")
    check(abs(start.timestamp() - wanted) < 2, "the start: %s" % start)
    check(process["state"] in tuple("RSD"), "the state: %s" % process["state"])
    command = open("/proc/%d/cmdline" % failing).read().rstrip("\0").replace("\0", " ")
    check(process["command"] == command, "the command: " + process["command"])
    check(process["user"] == subprocess.run(["id", "-un"], capture_output=True, text=True,
                                            check=True).stdout.strip(), "the user")
    check(set(stats["latency_stats"]) == {"total_latency", "device_latency"}, "latencies")


def check_failures(page):
    """The runs that failing_job describes."""
    wanted = {"completed": 5, "completed_with_err": 0, "completed_with_num_err": 4, "timed_out": 2,
              "incorrect_input": 3, "failed_to_queue": 0}
    for kind, count in wanted.items():
        found = value_of(page, "execution_status_total", failing, 'status_type="%s"' % kind)
        check(found == count, "%s is %g" % (kind, found))
    for kind, count in {"generic": 3, "numerical": 4, "runtime": 2, "hardware": 0}.items():
        found = value_of(page, "execution_errors_total", failing, 'error_type="%s"' % kind)
        check(found == count, "errors of kind %s are %g" % (kind, found))
    check(value_of(page, "neuron_run_seconds_count", failing) == 11, "runs that were timed")
    check(value_of(page, "neuron_run_seconds_bucket", failing, 'le="0.05"') == 9, "quick runs")
    check(value_of(page, "neuron_run_seconds_bucket", failing, 'le="+Inf"') == 11, "all runs")


def check_loops(lines, before, after):
    """Ranks that run all the time."""
    for pid in before:
        done, busy, used = 0, 0, 0
        for line in lines:
            process, = [one for one in line["neuron_runtime_data"] if one["pid"] == pid]
            report = process["report"]
            check(process["error"] == "", "an error: " + process["error"])
            done += report["execution_stats"]["execution_summary"]["completed"]
            cores = report["neuroncore_counters"]["neuroncores_in_use"]
            core, = process["cores"]
            check(list(cores) == [str(core)], "the cores of a rank")
            busy = max(busy, cores[str(core)]["neuroncore_utilization"])
            latency = report["execution_stats"]["latency_stats"]
            for kind in ("total_latency", "device_latency"):
                values = [latency[kind][p] for p in "p0 p1 p25 p50 p75 p99 p100".split()]
                check(0 < values[0] and values == sorted(values), "latencies: %s" % values)
            memory = report["memory_used"]["neuron_runtime_used_bytes"]
            by_core = memory["usage_breakdown"]["neuroncore_memory_usage"][str(core)]
            check(0 < sum(by_core.values()) == memory["neuron_device"], "memory: %s" % memory)
            usage = report["neuron_runtime_vcpu_usage"]
            used += (usage["user_cpus"] + usage["system_cpus"]) * usage["period"]
        check(0 < done <= after[pid] - before[pid] + 1, "%d runs" % done)
        check(busy > 1, "the core is never busy")
        ticks = open("/proc/%d/stat" % pid).read().rpartition(")")[2].split()[11:13]
        most = sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")
        check(0 < used <= most + 0.05, "%.2f s of CPU of %.2f" % (used, most))


def check_machine(line):
    """What stands there of the machine."""
    hardware = line["neuron_hardware_info"]
    check(hardware["neuron_device_count"] == 2 and hardware["neuroncore_per_device_count"] == 3,
          "the devices: %s" % hardware)
    total = int(re.search(r"MemTotal: *(\d+)", open("/proc/meminfo").read())[1]) * 1024
    check(line["system_data"]["memory_info"]["memory_total_bytes"] == total, "the memory")
    usage = line["system_data"]["vcpu_usage"]
    check(len(usage["usage_data"]) == os.cpu_count(), "the CPUs")
    check(99 < sum(usage["average_usage"].values()) < 101, "the CPUs' time")
    check(line["instance_info"]["instance_name"] == os.uname().nodename, "the host")


def main():
    """Three lines and their page, then pages that are read while they are written."""
    before = counts()
    out = subprocess.run([monitor, "-p", "0.2", "-n", "3", "--prometheus", "page.prom"], check=True,
                         capture_output=True, text=True).stdout
    after = counts()
    lines = [json.loads(line) for line in out.splitlines()]
    check(len(lines) == 3, "%d lines" % len(lines))
    pids = {process["pid"] for process in lines[2]["neuron_runtime_data"]}
    check(pids == set(before) | {failing}, "the processes are %s" % pids)
    check_loops(lines, before, after)
    check_failing([one for one in lines[0]["neuron_runtime_data"] if one["pid"] == failing][0])
    check_machine(lines[1])
    starts = [line["timestamp"] for line in lines]
    check(starts == sorted(starts), "the times")
    page = read_page()  # it stays after so many lines as were asked for
    check_failures(page)
    pid = min(before)
    done = value_of(page, "execution_status_total", pid, '"completed"')
    check(before[pid] <= done <= after[pid] + 1, "runs on the page")

    with subprocess.Popen([monitor, "-q", "-p", "0.1", "--prometheus", "page.prom",
                           "--verbose", marker]) as process:
        try:
            check_changes(page)
        finally:
            process.terminate()
        check(process.wait() == 0, "the end")


main()
