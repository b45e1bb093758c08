/* SPDX-License-Identifier: Apache-2.0 */
#include "command_line.h"

const char *
neuron_command_line_help(void)
{
    return "usage: neuronrun [options] [--] program [arguments]\n"
           "\n"
           "Starts the ranks of a job on this machine. Each rank owns its own cores: a contiguous\n"
           "range, claimed for the job, bound, and named in NEURON_RT_VISIBLE_CORES.\n"
           "\n"
           "  -n, -np, --np N            ranks; default: as many as fit\n"
           "      --procs-per-device K   K ranks on each device (NUMA node), which share its "
           "cores\n"
           "  -c, --cores-per-rank C     cores of each rank (also --cpus-per-task); default: an\n"
           "                             even cut of the usable cores\n"
           "      --uneven               give the first ranks one core more where a cut leaves "
           "some\n"
           "  -O, --oversubscribe        let ranks share cores where there are too few\n"
           "      --dry-run              print which rank would get which cores, start nothing\n"
           "  -x VAR[=VALUE]             set a variable for the ranks; may be repeated\n"
           "      --wdir DIR             the ranks' working directory\n"
           "      --stdin none|RANK      who reads standard input; default: a single rank does\n"
           "  -l, --tag-output           begin each line with its rank (also --label)\n"
           "      --timeout SECONDS      stop the job after this time, exit code 124\n"
           "      --grace SECONDS        time from SIGTERM to SIGKILL; default 10\n"
           "      --allow-run-as-root    accepted, no effect: root needs no permission\n"
           "  -v, --verbose              say which rank runs where\n"
           "  -q, --quiet                say nothing about how ranks ended\n"
           "      --version, --help\n"
           "\n"
           "Exit code: that of the first rank that failed, 128 + signal when it was killed;\n"
           "124 time-out, 125 error of neuronrun (bad option, no cores), 126 program cannot be "
           "run,\n"
           "127 program not found, 130 and 143 stopped by SIGINT and SIGTERM.\n";
}
