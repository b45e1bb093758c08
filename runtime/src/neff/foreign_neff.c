/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Such a file is a header of 1024 bytes and an archive (tar, or tar in gzip). It has no mark, so
 * its numbers have to tell: the kind of the package, the size of the header, which is always the
 * same, and that of the archive, which fits into the file; a version as people write them; and
 * texts that end. The archive itself is not looked at: who gives a model in memory may be wrong
 * about its size, and the header alone decides well enough what only changes the words of a
 * refusal.
 */
#include "neff/foreign_neff.h"

/* Where the fields lie; all numbers are little-endian, of 8 bytes. */
enum {
    AT_PACKAGE_VERSION = 0, /* 1: tar, 2: tar in gzip */
    AT_HEADER_BYTES = 8,
    AT_DATA_BYTES = 16,
    AT_VERSION_MAJOR = 24,
    AT_VERSION_MINOR = 32,
    AT_BUILD = 40, /* a text */
    BUILD_BYTES = 128,
    AT_NAME = 220, /* a text */
    NAME_BYTES = 256,
    LAST_PACKAGE_VERSION = 2,
    VERSION_LIMIT = 1000 /* of either number, in this life */
};

static uint64_t
decode_number(const unsigned char *bytes)
{
    uint64_t number = 0;

    for (uint32_t i = 0; i < 8; i += 1) {
        number |= (uint64_t)bytes[i] << (8 * i);
    }
    return number;
}

/* Says whether a text ends inside its field, and is of printable characters of ASCII or beyond. */
static bool
is_text(const unsigned char *bytes, uint32_t size_bytes)
{
    uint32_t length = 0;

    while (length < size_bytes && bytes[length] != 0) {
        if (bytes[length] < ' ' || bytes[length] == 0x7F) {
            return false;
        }
        length += 1;
    }
    return length < size_bytes;
}

bool
neuron_foreign_neff_recognize(const unsigned char *bytes, size_t size_bytes,
                              struct neuron_foreign_neff *foreign)
{
    if (size_bytes <= NEURON_FOREIGN_NEFF_HEADER_BYTES) {
        return false;
    }
    uint64_t package = decode_number(bytes + AT_PACKAGE_VERSION);
    uint64_t data_bytes = decode_number(bytes + AT_DATA_BYTES);
    uint64_t major = decode_number(bytes + AT_VERSION_MAJOR);
    uint64_t minor = decode_number(bytes + AT_VERSION_MINOR);
    bool is_known_package = package >= 1 && package <= LAST_PACKAGE_VERSION;
    bool has_sizes = decode_number(bytes + AT_HEADER_BYTES) == NEURON_FOREIGN_NEFF_HEADER_BYTES &&
                     data_bytes > 0 && data_bytes <= size_bytes - NEURON_FOREIGN_NEFF_HEADER_BYTES;
    bool has_version = major < VERSION_LIMIT && minor < VERSION_LIMIT;

    if (!is_known_package || !has_sizes || !has_version ||
        !is_text(bytes + AT_BUILD, BUILD_BYTES) || !is_text(bytes + AT_NAME, NAME_BYTES)) {
        return false;
    }
    *foreign = (struct neuron_foreign_neff){.version_major = major, .version_minor = minor};
    return true;
}
