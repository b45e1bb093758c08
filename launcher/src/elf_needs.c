/* SPDX-License-Identifier: Apache-2.0 */
#include "elf_needs.h"

#include <elf.h>
#include <link.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Bounds that are far above what linkers write. */
enum { SEGMENT_LIMIT = 128, ENTRY_LIMIT = 1024, TEXT_BYTES_LIMIT = 64 << 20 };

/* A file's tables, as far as they are of use. */
struct tables {
    ElfW(Phdr) segments[SEGMENT_LIMIT];
    size_t segment_count;
    ElfW(Dyn) entries[ENTRY_LIMIT];
    size_t entry_count;
};

static bool
read_at(int file, void *bytes, size_t size_bytes, uint64_t offset)
{
    return offset <= INT64_MAX - size_bytes &&
           pread(file, bytes, size_bytes, (off_t)offset) == (ssize_t)size_bytes;
}

static bool
is_of_this_machine(const ElfW(Ehdr) * header)
{
    const uint16_t byte_order = 1;
    bool is_little = *(const uint8_t *)&byte_order == 1;

    return memcmp(header->e_ident, ELFMAG, SELFMAG) == 0 &&
           header->e_ident[EI_CLASS] == (sizeof(void *) == 8 ? ELFCLASS64 : ELFCLASS32) &&
           header->e_ident[EI_DATA] == (is_little ? ELFDATA2LSB : ELFDATA2MSB) &&
           (header->e_type == ET_EXEC || header->e_type == ET_DYN) &&
           header->e_phentsize == sizeof(ElfW(Phdr));
}

static bool
read_segments(int file, struct tables *tables)
{
    ElfW(Ehdr) header = {0};

    if (!read_at(file, &header, sizeof(header), 0) || !is_of_this_machine(&header) ||
        header.e_phnum == 0 || header.e_phnum > SEGMENT_LIMIT) {
        return false;
    }
    tables->segment_count = header.e_phnum;
    return read_at(file, tables->segments, header.e_phnum * sizeof(ElfW(Phdr)), header.e_phoff);
}

static bool
read_entries(int file, struct tables *tables)
{
    for (size_t i = 0; i < tables->segment_count; i += 1) {
        const ElfW(Phdr) *segment = &tables->segments[i];
        size_t count = segment->p_filesz / sizeof(ElfW(Dyn));

        if (segment->p_type == PT_DYNAMIC) {
            tables->entry_count = count < ENTRY_LIMIT ? count : ENTRY_LIMIT;
            return read_at(file, tables->entries, tables->entry_count * sizeof(ElfW(Dyn)),
                           segment->p_offset);
        }
    }
    return false;
}

/* The value of an entry, or 0. */
static uint64_t
value_of(const struct tables *tables, int64_t tag)
{
    for (size_t i = 0; i < tables->entry_count && tables->entries[i].d_tag != DT_NULL; i += 1) {
        if (tables->entries[i].d_tag == tag) {
            return tables->entries[i].d_un.d_val;
        }
    }
    return 0;
}

/* Where in the file the bytes for an address lie. */
static bool
find_address(const struct tables *tables, uint64_t address, uint64_t *offset)
{
    for (size_t i = 0; i < tables->segment_count; i += 1) {
        const ElfW(Phdr) *segment = &tables->segments[i];

        if (segment->p_type == PT_LOAD && address >= segment->p_vaddr &&
            address - segment->p_vaddr < segment->p_filesz) {
            return !__builtin_add_overflow(segment->p_offset, address - segment->p_vaddr, offset);
        }
    }
    return false;
}

/* The table of texts, with an end of its own behind it. */
static bool
read_texts(int file, const struct tables *tables, size_t *size_bytes, char **texts)
{
    uint64_t offset = 0;
    uint64_t wanted_bytes = value_of(tables, DT_STRSZ);

    /* Large tables belong to libraries of many symbols; the names of libraries may stand last. */
    if (wanted_bytes == 0 || wanted_bytes > TEXT_BYTES_LIMIT ||
        !find_address(tables, value_of(tables, DT_STRTAB), &offset)) {
        return false;
    }
    off_t end = lseek(file, 0, SEEK_END);
    if (end < 0 || wanted_bytes > (uint64_t)end) {
        return false;
    }
    char *read_in = malloc(wanted_bytes + 1);
    if (read_in == NULL || !read_at(file, read_in, wanted_bytes, offset)) {
        free(read_in);
        return false;
    }
    read_in[wanted_bytes] = '\0';
    *size_bytes = wanted_bytes;
    *texts = read_in;
    return true;
}

bool
neuron_elf_needs_read(int file, struct neuron_elf_needs *needs)
{
    struct tables tables = {0};
    size_t size_bytes = 0;

    *needs = (struct neuron_elf_needs){0};
    if (!read_segments(file, &tables) || !read_entries(file, &tables) ||
        !read_texts(file, &tables, &size_bytes, &needs->texts)) {
        return false;
    }
    for (size_t i = 0; i < tables.entry_count && tables.entries[i].d_tag != DT_NULL; i += 1) {
        uint64_t place = tables.entries[i].d_un.d_val;
        const char *text = place < size_bytes ? needs->texts + place : NULL;

        if (tables.entries[i].d_tag == DT_NEEDED && text != NULL &&
            needs->name_count < NEURON_ELF_NEED_LIMIT) {
            needs->names[needs->name_count] = text;
            needs->name_count += 1;
        }
        if (tables.entries[i].d_tag == DT_RUNPATH ||
            (tables.entries[i].d_tag == DT_RPATH && needs->search == NULL)) {
            needs->search = text;
        }
    }
    return true;
}

void
neuron_elf_needs_clear(struct neuron_elf_needs *needs)
{
    free(needs->texts);
    *needs = (struct neuron_elf_needs){0};
}
