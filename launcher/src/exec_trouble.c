/* SPDX-License-Identifier: Apache-2.0 */
#include "exec_trouble.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

/* Our own header, by the linker: what this machine runs. */
/* The linker's name: NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */
/* NOLINTNEXTLINE(readability-identifier-naming) */
extern const ElfW(Ehdr) __ehdr_start __attribute__((visibility("hidden")));
/* NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */

/* Takes over a name of so many bytes. */
static void
take_name(struct neuron_exec_trouble *trouble, const unsigned char *name, size_t length)
{
    size_t limit = sizeof(trouble->interpreter) - 1;

    if (length > 0 && name[length - 1] == '\r') {
        trouble->has_carriage_return = true;
        length -= 1;
    }
    length = length < limit ? length : limit;
    memcpy(trouble->interpreter, name, length);
    trouble->interpreter[length] = '\0';
    for (char *next = trouble->interpreter; *next != '\0'; next += 1) {
        unsigned char byte = (unsigned char)*next;

        if (byte < ' ' || byte == 0x7f) {
            *next = '?';
        }
    }
}

/* The interpreter behind "#!". */
static void
read_script(const unsigned char *head, size_t length, struct neuron_exec_trouble *trouble)
{
    size_t begin = 2;

    while (begin < length && (head[begin] == ' ' || head[begin] == '\t')) {
        begin += 1;
    }
    size_t end = begin;
    while (end < length && memchr(" \t\n", head[end], 4) == NULL) {
        end += 1;
    }
    trouble->kind = NEURON_EXEC_BAD_INTERPRETER;
    take_name(trouble, head + begin, end - begin);
}

/* The name of the loader, as far as it lies in the beginning of the file. */
static void
read_loader(const unsigned char *head, size_t length, struct neuron_exec_trouble *trouble)
{
    ElfW(Ehdr) file;
    ElfW(Phdr) part;

    trouble->kind = NEURON_EXEC_BAD_LOADER;
    memcpy(&file, head, sizeof(file));
    for (size_t i = 0; i < file.e_phnum; i += 1) {
        if (file.e_phoff > length || (i + 1) * sizeof(part) > length - file.e_phoff) {
            return;
        }
        memcpy(&part, head + file.e_phoff + i * sizeof(part), sizeof(part));
        if (part.p_type == PT_INTERP && part.p_offset < length) {
            const unsigned char *name = head + part.p_offset;

            take_name(trouble, name, strnlen((const char *)name, length - part.p_offset));
            return;
        }
    }
}

static void
read_elf(const unsigned char *head, size_t length, struct neuron_exec_trouble *trouble)
{
    ElfW(Ehdr) file;

    if (length < sizeof(file)) {
        trouble->kind = NEURON_EXEC_DAMAGED;
        return;
    }
    memcpy(&file, head, sizeof(file));
    if (file.e_ident[EI_CLASS] != __ehdr_start.e_ident[EI_CLASS] ||
        file.e_ident[EI_DATA] != __ehdr_start.e_ident[EI_DATA] ||
        file.e_machine != __ehdr_start.e_machine) {
        trouble->kind = NEURON_EXEC_OTHER_MACHINE;
    } else if (trouble->reason == ENOEXEC) {
        trouble->kind = NEURON_EXEC_DAMAGED;
    } else if (trouble->reason == ENOENT) {
        read_loader(head, length, trouble);
    }
}

void
neuron_exec_trouble_read(const unsigned char *head, size_t length, int reason,
                         struct neuron_exec_trouble *trouble)
{
    bool is_script = length >= 2 && memcmp(head, "#!", 2) == 0;
    bool is_elf = length >= SELFMAG && memcmp(head, ELFMAG, SELFMAG) == 0;

    *trouble = (struct neuron_exec_trouble){.reason = reason};
    if (is_script) {
        read_script(head, length, trouble);
    } else if (is_elf) {
        read_elf(head, length, trouble);
    } else if (reason == ENOEXEC) {
        trouble->kind = NEURON_EXEC_NO_PROGRAM;
    }
}

/* Says whether nothing on the file system of a file may be executed. */
static bool
is_mounted_without_exec(const char *path)
{
    struct statvfs status = {0};

    return statvfs(path, &status) == 0 && (status.f_flag & ST_NOEXEC) != 0;
}

static void
read_file(const char *path, int reason, struct neuron_exec_trouble *trouble)
{
    unsigned char head[NEURON_EXEC_HEAD_BYTES];
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    ssize_t length = file < 0 ? -1 : read(file, head, sizeof(head));

    if (length >= 0) {
        neuron_exec_trouble_read(head, (size_t)length, reason, trouble);
    }
    if (file >= 0) {
        (void)close(file);
    }
}

/* Looks at a file as it is seen from here. */
static void
find_here(const char *path, int reason, struct neuron_exec_trouble *trouble)
{
    struct stat status = {0};

    if (stat(path, &status) != 0) {
        return;
    }
    if (S_ISDIR(status.st_mode)) {
        trouble->kind = NEURON_EXEC_DIRECTORY;
    } else if (reason == EACCES && is_mounted_without_exec(path)) {
        trouble->kind = NEURON_EXEC_NO_MOUNT;
    } else if (reason == EACCES && (status.st_mode & (S_IXUSR | S_IXGRP | S_IXOTH)) == 0) {
        trouble->kind = NEURON_EXEC_NO_PERMISSION;
    } else if (S_ISREG(status.st_mode) && access(path, X_OK) == 0) {
        read_file(path, reason, trouble);
    }
}

void
neuron_exec_trouble_find(const char *path, const char *directory, int reason,
                         struct neuron_exec_trouble *trouble)
{
    char *joined = NULL;

    *trouble = (struct neuron_exec_trouble){.reason = reason};
    if (reason == ETXTBSY) {
        trouble->kind = NEURON_EXEC_BUSY;
    } else if (path[0] == '/' || directory == NULL) {
        find_here(path, reason, trouble);
    } else if (asprintf(&joined, "%s/%s", directory, path) >= 0) {
        find_here(joined, reason, trouble);
        free(joined);
    }
}

int
neuron_exec_trouble_code(const struct neuron_exec_trouble *trouble)
{
    bool is_missing = trouble->reason == ENOENT || trouble->reason == ENOTDIR;

    return trouble->kind == NEURON_EXEC_UNKNOWN && is_missing ? NEURON_EXIT_NOT_FOUND
                                                              : NEURON_EXIT_NOT_EXECUTABLE;
}

/* What is wrong, where it is always said in the same words; NULL elsewhere. */
static const char *
describe(const struct neuron_exec_trouble *trouble)
{
    switch (trouble->kind) {
    case NEURON_EXEC_DIRECTORY:
        return "it is a directory";
    case NEURON_EXEC_NO_PERMISSION:
        return "it is not executable; chmod +x, or name another program";
    case NEURON_EXEC_NO_MOUNT:
        return "its file system is mounted noexec; copy it to another one";
    case NEURON_EXEC_BUSY:
        return "it is open for writing; wait until it is whole";
    case NEURON_EXEC_NO_PROGRAM:
        return "it is no program; begin a script with its interpreter, as #!/bin/sh";
    case NEURON_EXEC_OTHER_MACHINE:
        return "it was built for another machine; build it for this one";
    case NEURON_EXEC_DAMAGED:
        return "it is damaged; build or copy it again";
    case NEURON_EXEC_UNKNOWN:
    case NEURON_EXEC_BAD_INTERPRETER:
    case NEURON_EXEC_BAD_LOADER:
        break;
    }
    return NULL;
}

const char *
neuron_exec_trouble_format(const struct neuron_exec_trouble *trouble, const char *program,
                           char *text, size_t size_bytes)
{
    const char *known = describe(trouble);
    const char *error = strerrordesc_np(trouble->reason);

    if (known != NULL) {
        (void)snprintf(text, size_bytes, "cannot start %.160s: %s", program, known);
    } else if (trouble->kind == NEURON_EXEC_UNKNOWN) {
        (void)snprintf(text, size_bytes, "cannot start %.160s: %s", program, error);
    } else if (trouble->kind == NEURON_EXEC_BAD_LOADER) {
        (void)snprintf(text, size_bytes,
                       "cannot start %.120s: its loader%s%s is not there; build it for this system",
                       program, trouble->interpreter[0] == '\0' ? "" : " ", trouble->interpreter);
    } else if (trouble->interpreter[0] == '\0') {
        (void)snprintf(text, size_bytes, "cannot start %.160s: its #! line names no interpreter",
                       program);
    } else {
        (void)snprintf(text, size_bytes, "cannot start %.120s: bad interpreter %s: %s", program,
                       trouble->interpreter,
                       trouble->has_carriage_return
                           ? "a carriage return follows its name; give the file Unix line ends"
                           : error);
    }
    return text;
}
