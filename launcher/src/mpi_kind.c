/* SPDX-License-Identifier: Apache-2.0 */
#include "mpi_kind.h"

#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "elf_needs.h"

/* How much is looked at, at most: enough for any program, and a few milliseconds. */
enum { FILE_LIMIT = 96, NAME_BYTES = 128 };

struct library_name {
    const char *start;
    enum neuron_launch_mpi kind;
};

/*
 * The first that a name begins with counts. MPICH calls itself libmpi.so.12, as all do that keep to
 * its binary interface (Intel MPI, MVAPICH2); Debian calls it libmpich.so.12.
 */
static const struct library_name library_names[] = {
    {"libmpich", NEURON_LAUNCH_MPI_PMI1},        {"libmpi.so.12", NEURON_LAUNCH_MPI_PMI1},
    {"libmpicxx.so.12", NEURON_LAUNCH_MPI_PMI1}, {"libmpifort.so.12", NEURON_LAUNCH_MPI_PMI1},
    {"libmpi.so", NEURON_LAUNCH_MPI_PMIX},       {"libmpi_cxx.so", NEURON_LAUNCH_MPI_PMIX},
    {"libmpi_mpifh.so", NEURON_LAUNCH_MPI_PMIX}, {"libmpi_usempi", NEURON_LAUNCH_MPI_PMIX},
    {"libopen-rte.so", NEURON_LAUNCH_MPI_PMIX},  {"liboshmem.so", NEURON_LAUNCH_MPI_PMIX},
    {"libpmix.so", NEURON_LAUNCH_MPI_PMIX},
};

/* Libraries that bring no MPI, and that nearly every program links. */
static const char *const passed_over[] = {
    "libc.so",       "libm.so",      "libdl.so",    "librt.so",   "libpthread.so",
    "libstdc++.so",  "libgcc_s.so",  "ld-linux",    "libz.so",    "libselinux.so",
    "libpcre2-8.so", "libtinfo.so",  "libutil.so",  "libgomp.so", "libgfortran.so",
    "libquadmath",   "libcrypto.so", "libexpat.so", "libssl.so",  "libcrypt.so",
};

/* Where the linker looks last. */
static const char default_search[] =
    "/lib/" NEURON_LIBRARY_ARCHITECTURE ":/usr/lib/" NEURON_LIBRARY_ARCHITECTURE
    ":/lib64:/usr/lib64:/usr/local/lib:/lib:/usr/lib";

/* The files to look at: those before `next` have been. */
struct search {
    char *paths[FILE_LIMIT];
    size_t path_count;
    size_t next;
    char seen[FILE_LIMIT][NAME_BYTES]; /* names of libraries that were looked for */
    size_t seen_count;
    const char *library_path;
};

static bool
begins_with(const char *text, const char *start)
{
    return strncmp(text, start, strlen(start)) == 0;
}

enum neuron_launch_mpi
neuron_mpi_kind_of_library(const char *name)
{
    for (size_t i = 0; i < sizeof(library_names) / sizeof(library_names[0]); i += 1) {
        if (begins_with(name, library_names[i].start)) {
            return library_names[i].kind;
        }
    }
    return NEURON_LAUNCH_MPI_OFF;
}

/* Says whether a library is to be looked for: the first time that it is named. */
static bool
is_new(struct search *search, const char *name)
{
    for (size_t i = 0; i < sizeof(passed_over) / sizeof(passed_over[0]); i += 1) {
        if (begins_with(name, passed_over[i])) {
            return false;
        }
    }
    for (size_t i = 0; i < search->seen_count; i += 1) {
        if (strcmp(search->seen[i], name) == 0) {
            return false;
        }
    }
    if (search->seen_count == FILE_LIMIT || strlen(name) >= NAME_BYTES) {
        return false;
    }
    memcpy(search->seen[search->seen_count], name, strlen(name) + 1);
    search->seen_count += 1;
    return true;
}

static bool
is_file(const char *path)
{
    struct stat status = {0};

    return stat(path, &status) == 0 && S_ISREG(status.st_mode);
}

/* Writes the path of a library in one folder of a list; "$ORIGIN" is the folder of its user. */
static bool
join_path(const char *folder, size_t length, const char *user, const char *name,
          char path[PATH_MAX])
{
    static const char *const origins[] = {"$ORIGIN", "${ORIGIN}"};
    const char *slash = strrchr(user, '/');
    int user_length = slash == NULL ? 1 : (int)(slash - user);

    for (size_t i = 0; i < sizeof(origins) / sizeof(origins[0]); i += 1) {
        size_t origin_length = strlen(origins[i]);

        if (length >= origin_length && strncmp(folder, origins[i], origin_length) == 0) {
            return snprintf(path, PATH_MAX, "%.*s%.*s/%s", user_length, slash == NULL ? "." : user,
                            (int)(length - origin_length), folder + origin_length, name) < PATH_MAX;
        }
    }
    return snprintf(path, PATH_MAX, "%.*s/%s", length == 0 ? 1 : (int)length,
                    length == 0 ? "." : folder, name) < PATH_MAX;
}

static bool
find_in(const char *folders, const char *user, const char *name, char path[PATH_MAX])
{
    while (folders != NULL) {
        size_t length = strcspn(folders, ":");

        if (length < PATH_MAX && join_path(folders, length, user, name, path) && is_file(path)) {
            return true;
        }
        folders = folders[length] == ':' ? folders + length + 1 : NULL;
    }
    return false;
}

/* Adds a library to the files to look at, where it is found. */
static void
add_library(struct search *search, const char *name, const char *user, const char *user_search)
{
    char path[PATH_MAX] = "";

    if (search->path_count < FILE_LIMIT &&
        (find_in(search->library_path, user, name, path) ||
         find_in(user_search, user, name, path) || find_in(default_search, user, name, path))) {
        search->paths[search->path_count] = strdup(path);
        search->path_count += search->paths[search->path_count] != NULL ? 1 : 0;
    }
}

/* What a list of libraries tells. */
static enum neuron_launch_mpi
kind_of_needs(const struct neuron_elf_needs *needs)
{
    enum neuron_launch_mpi kind = NEURON_LAUNCH_MPI_OFF;

    for (size_t i = 0; kind == NEURON_LAUNCH_MPI_OFF && i < needs->name_count; i += 1) {
        kind = neuron_mpi_kind_of_library(needs->names[i]);
    }
    return kind;
}

/* What a file's own list tells; where that is nothing, its libraries are added to the search. */
static enum neuron_launch_mpi
look_at(struct search *search, const char *path)
{
    struct neuron_elf_needs needs = {0};
    enum neuron_launch_mpi kind = NEURON_LAUNCH_MPI_OFF;
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

    if (file < 0) {
        return NEURON_LAUNCH_MPI_OFF;
    }
    if (neuron_elf_needs_read(file, &needs)) {
        kind = kind_of_needs(&needs);
    }
    for (size_t i = 0; kind == NEURON_LAUNCH_MPI_OFF && i < needs.name_count; i += 1) {
        if (strchr(needs.names[i], '/') == NULL && is_new(search, needs.names[i])) {
            add_library(search, needs.names[i], path, needs.search);
        }
    }
    neuron_elf_needs_clear(&needs);
    (void)close(file);
    return kind;
}

enum neuron_launch_mpi
neuron_mpi_kind_of_program(const char *path, const char *library_path)
{
    struct search *search = calloc(1, sizeof(*search));

    if (search == NULL) {
        return NEURON_LAUNCH_MPI_OFF;
    }
    if (library_path != NULL && library_path[0] != '\0') {
        search->library_path = library_path;
    }
    enum neuron_launch_mpi kind = look_at(search, path);
    while (kind == NEURON_LAUNCH_MPI_OFF && search->next < search->path_count) {
        kind = look_at(search, search->paths[search->next]);
        search->next += 1;
    }
    for (size_t i = 0; i < search->path_count; i += 1) {
        free(search->paths[i]);
    }
    free(search);
    return kind;
}

enum neuron_status
neuron_mpi_kind_choose(const struct neuron_command_line *line, char *const *paths,
                       const char *library_path, enum neuron_launch_mpi *kind,
                       struct neuron_error *error)
{
    enum neuron_launch_mpi chosen = NEURON_LAUNCH_MPI_OFF;

    if (line->mpi != NEURON_LAUNCH_MPI_AUTO) {
        *kind = line->mpi;
        return NEURON_OK;
    }
    for (uint32_t i = 0; i < line->program_count; i += 1) {
        enum neuron_launch_mpi wanted = neuron_mpi_kind_of_program(paths[i], library_path);

        if (wanted != NEURON_LAUNCH_MPI_OFF && chosen != NEURON_LAUNCH_MPI_OFF &&
            wanted != chosen) {
            return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                               "%.120s links another MPI than the programs before it: build all "
                               "with one, or say --mpi pmix, pmi1 or off",
                               paths[i]);
        }
        chosen = wanted == NEURON_LAUNCH_MPI_OFF ? chosen : wanted;
    }
    *kind = chosen;
    return NEURON_OK;
}
