/* SPDX-License-Identifier: Apache-2.0 */
#include "command_help.h"

#include <string.h>

/* A screen, at most 24 lines of 80 letters. */
struct topic {
    const char *name;
    const char *text;
};

static const char first_screen[] =
    "usage: neuronrun [options] [--] program [arguments] [: [options] program ...]\n"
    "\n"
    "Starts the ranks of a job, each bound to cores of its own: a contiguous range,\n"
    "claimed for the job, and named in NEURON_RT_VISIBLE_CORES.\n"
    "\n"
    "  -n, -np N             ranks; default: as many as fit\n"
    "  -c C                  cores of each rank (--cores-per-rank); default: even\n"
    "      --map-by PART     ranks in turn on core, l3, numa, package, node; PART:PE=C\n"
    "      --host a:4,b:4    hosts and their slots; or --hostfile FILE\n"
    "  -x VAR[=VALUE]        set a variable for the ranks\n"
    "  -l, --tag-output      begin each line with its rank\n"
    "      --timeout S       stop the job after S seconds, exit code 124\n"
    "      --max-restarts N  start the job again, so often, when it fails\n"
    "      --wait[=S]        wait until others give up cores; default: fail\n"
    "      --dry-run         print the plan, start nothing; --display-map draws it\n"
    "      --ps              list the jobs on this machine and their cores\n"
    "  -v, -q                say more, or nothing about how ranks ended\n"
    "\n"
    "More: neuronrun --help=placement, cores, hosts, mpi, programs, output, ends,\n"
    "exit, environment; man neuronrun\n";

static const struct topic topics[] = {
    {"placement",
     "  -n, -np, --np N           ranks; default: as many as fit\n"
     "  -c, --cores-per-rank C    cores of each rank (also --cpus-per-task); default:\n"
     "                            an even cut of the usable cores\n"
     "      --map-by PART[:PE=C]  lay ranks out in turn on core, l3, numa, package or\n"
     "                            node; default: ranges that cross fewest NUMA nodes\n"
     "      --rank-by PART        number ranks in turn over these parts\n"
     "      --bind-to PART        widen what a rank may run on: core (default), l3,\n"
     "                            numa, package, none\n"
     "      --procs-per-device K  K ranks on each NUMA node, which share its cores\n"
     "      --cpu-set LIST        use these cores only, as 0-7,16 (also --cores)\n"
     "      --smt                 each hardware thread counts as a core\n"
     "      --uneven              give the first ranks one core more where a cut\n"
     "                            leaves some\n"
     "  -O, --oversubscribe       let ranks share cores where there are too few\n"
     "      --dry-run             print which rank would get which cores, start none\n"
     "      --display-map[=HOW]   draw the plan: in text, svg:FILE, or json\n"},
    {"cores", "Jobs side by side get cores that no other job holds; a job that does not fit is\n"
              "refused, with who holds what.\n"
              "\n"
              "      --wait[=SECONDS]   wait for cores until others end, or so long\n"
              "      --ps               list the jobs on this machine and their cores\n"},
    {"hosts", "      --host a:4,b:4     hosts, with the ranks that each takes at most\n"
              "      --hostfile FILE    the same from a file, a line a host: name slots=N\n"
              "                         (also --machinefile); in a Slurm or PBS allocation\n"
              "                         its hosts are taken\n"
              "      --engine E         who starts processes: local, mpirun, srun; default:\n"
              "                         mpirun where there are several hosts\n"
              "      --mca NAME VALUE   a parameter for mpirun\n"
              "      --heartbeat S      time between signs of life, default 5; a host that\n"
              "                         misses three is dead; 0 turns it off\n"
              "      --preload-binary   copy the program to the hosts first\n"},
    {"mpi", "      --mpi auto         what the program links decides: Open MPI gets a PMIx\n"
            "                         server, MPICH a PMI-1 server, others nothing\n"
            "      --mpi pmix|pmi1    serve this one\n"
            "      --mpi off          serve none: an MPI program is a world of its own\n"},
    {"programs",
     "  -x VAR[=VALUE]   set a variable for the ranks; may be repeated\n"
     "      --wdir DIR   the ranks' working directory\n"
     "\n"
     "Several programs in one job: neuronrun -n 1 ./server : -n 7 ./worker\n"
     "Options before the first program hold for all, unless one has its own.\n"
     "In arguments, %r is the rank, %n the number of ranks, %h the host; %%r stays %r.\n"
     "\n"
     "      --stdin all|none|RANK   who reads standard input; default: a single rank\n"},
    {"output", "  -l, --tag-output           begin each line with its rank (also --label)\n"
               "      --timestamp-output     begin each line with the time\n"
               "      --output-filename DIR  also write DIR/rank.N.out, DIR/rank.N.err, and\n"
               "                             DIR/all.out with the lines of all\n"
               "  -v, --verbose              say which rank runs where\n"
               "  -q, --quiet                say nothing about how ranks ended\n"},
    {"ends", "      --timeout S                  stop the job after S seconds, exit code 124\n"
             "      --grace S                    time from SIGTERM to SIGKILL; default 10\n"
             "      --on-failure abort|continue  a failed rank stops the job (default), or not\n"
             "      --max-restarts N             start all ranks again after a failure\n"
             "      --report FILE                plan, times, ends, use of each rank, in JSON\n"
             "      --joblog FILE                add a line for each rank that has ended\n"
             "      --resume                     leave out ranks that the log calls done\n"},
    {"exit", "Exit code: that of the first rank that failed, 128 + signal when it was killed;\n"
             "124 time-out, 125 error of neuronrun (bad option, no cores), 126 program cannot\n"
             "be run, 127 program not found, 130 and 143 stopped by SIGINT and SIGTERM.\n"},
    {"environment",
     "Each rank finds NEURON_RT_VISIBLE_CORES; RANK, WORLD_SIZE, LOCAL_RANK,\n"
     "LOCAL_WORLD_SIZE, NODE_RANK, MASTER_ADDR, MASTER_PORT; OMPI_COMM_WORLD_RANK and\n"
     "_SIZE, _LOCAL_RANK, _LOCAL_SIZE, _NODE_RANK; NEURON_RESTART_COUNT; and\n"
     "OMP_NUM_THREADS, the number of its cores, unless it is set.\n"},
};

enum { TOPIC_COUNT = sizeof(topics) / sizeof(topics[0]) };

bool
neuron_command_help_print(const char *topic, FILE *stream)
{
    if (topic == NULL) {
        (void)fputs(first_screen, stream);
        return true;
    }
    for (size_t i = 0; i < TOPIC_COUNT; i += 1) {
        if (strcmp(topics[i].name, topic) == 0) {
            (void)fputs(topics[i].text, stream);
            return true;
        }
    }
    (void)fprintf(stderr, "neuronrun: --help=%.40s: there is help on", topic);
    for (size_t i = 0; i < TOPIC_COUNT; i += 1) {
        (void)fprintf(stderr, "%s %s", i > 0 ? "," : "", topics[i].name);
    }
    (void)fputc('\n', stderr);
    return false;
}
