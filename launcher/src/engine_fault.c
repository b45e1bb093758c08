/* SPDX-License-Identifier: Apache-2.0 */
/* What engines and remote shells print when they fail, in words that help. */
#include "engine.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { LINE_BYTES = 200 };

/* A line that contains `sign` means `meaning`, with the line itself in place of "%s". */
struct fault {
    const char *sign;
    const char *meaning;
};

static const struct fault faults[] = {
    {"Could not resolve hostname", "unknown host: %s; check the names of --host or --hostfile"},
    {"Name or service not known", "unknown host: %s; check the names of --host or --hostfile"},
    {"No route to host", "a host cannot be reached: %s; is it up, and on this network?"},
    {"Network is unreachable", "a host cannot be reached: %s; is it up, and on this network?"},
    {"Connection refused", "a host does not let us in: %s; does its sshd run?"},
    {"Connection timed out", "a host cannot be reached: %s; is it up, and on this network?"},
    {"Permission denied", "a host does not let us in: %s; ssh must work without a password"},
    {"Host key verification failed",
     "ssh does not know a host: %s; log in to it once by hand to accept its key"},
    {"orted: command not found", "a host lacks Open MPI: %s; install openmpi-bin there"},
    {"orted: not found", "a host lacks Open MPI: %s; install openmpi-bin there"},
    {"prted: command not found", "a host lacks Open MPI: %s; install Open MPI 5 there"},
    {"orted: No such file", "a host lacks Open MPI: %s; install openmpi-bin there"},
    {"plm_rsh_agent",
     "Open MPI finds no ssh to reach other hosts with; install openssh-client, or name another "
     "with --mca plm_rsh_agent"},
    {"could not access or execute",
     "neuronrun is missing on a host; install it there under the same path, or use "
     "--preload-binary"},
    {"unable to find the specified executable",
     "neuronrun is missing on a host; install it there under the same path, or use "
     "--preload-binary"},
    {"not enough slots", "Open MPI finds too few slots; give hosts more (name:N)"},
    {"not in your allocation",
     "a host is not in the allocation of the batch system; leave out --host, or name its nodes"},
    {"Requested node configuration is not available",
     "Slurm cannot give these nodes; run inside an allocation (salloc, sbatch), or name its nodes"},
    {"Unable to contact slurm controller", "no Slurm controller answers: %s"},
    {"More processors requested than permitted",
     "Slurm gives this job too few CPUs; ask for more with salloc, or for fewer ranks"},
};

/* Copies the line that holds a position, without blanks around it. */
static void
copy_line(const char *text, const char *at, char *line, size_t size_bytes)
{
    const char *start = at;
    size_t length = 0;

    while (start > text && start[-1] != '\n') {
        start -= 1;
    }
    start += strspn(start, " \t\r");
    length = strcspn(start, "\r\n");
    while (length > 0 && start[length - 1] == ' ') {
        length -= 1;
    }
    (void)snprintf(line, size_bytes, "%.*s", (int)length, start);
}

/* What srun says of clusters that bind no tasks, where neuronrun asks it not to bind any. */
static const char harmless[] = "cluster configuration lacks support for cpu binding";

static bool
is_harmless(const char *text, size_t length)
{
    const char *found = strstr(text, harmless);

    return found != NULL && (size_t)(found - text) < length;
}

/* The first line that says something: it has words, and no frame around them. */
static const char *
find_words(const char *text)
{
    for (const char *next = text; *next != '\0';) {
        size_t length = strcspn(next, "\n");
        size_t letters = 0;

        for (size_t i = 0; i < length; i += 1) {
            letters += isalpha((unsigned char)next[i]) ? 1 : 0;
        }
        if (letters * 2 > length && length > 0 && !is_harmless(next, length)) {
            return next;
        }
        next += length + (next[length] == '\n' ? 1 : 0);
    }
    return NULL;
}

/* Writes a meaning, with the line in place of its "%s". */
static void
write_meaning(const char *meaning, const char *source, char *line, size_t size_bytes)
{
    const char *place = strstr(meaning, "%s");

    if (place == NULL) {
        (void)snprintf(line, size_bytes, "%s", meaning);
        return;
    }
    (void)snprintf(line, size_bytes, "%.*s%s%s", (int)(place - meaning), meaning, source,
                   place + 2);
}

void
neuron_engine_explain(const char *text, char *line, size_t size_bytes)
{
    char source[LINE_BYTES] = "";

    for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i += 1) {
        const char *found = strstr(text, faults[i].sign);

        if (found != NULL) {
            copy_line(text, found, source, sizeof(source) / 2);
            write_meaning(faults[i].meaning, source, line, size_bytes);
            return;
        }
    }
    const char *words = find_words(text);
    if (words != NULL) {
        copy_line(text, words, source, sizeof(source));
    }
    (void)snprintf(line, size_bytes, "%s; --verbose shows all that the engine prints",
                   words == NULL ? "the engine ended without a word" : source);
}
