/* SPDX-License-Identifier: Apache-2.0 */
/* The records of a zip archive: where their fields lie, for those who read and who write them. */
#ifndef NEURON_NPY_ZIP_FORMAT_H
#define NEURON_NPY_ZIP_FORMAT_H

#include <stdint.h>

/* Before the bytes of each member. Its name and its extra fields follow. */
enum {
    NEURON_ZIP_LOCAL_BYTES = 30,
    NEURON_ZIP_LOCAL_VERSION = 4,
    NEURON_ZIP_LOCAL_FLAGS = 6,
    NEURON_ZIP_LOCAL_METHOD = 8,
    NEURON_ZIP_LOCAL_DATE = 12,
    NEURON_ZIP_LOCAL_CHECKSUM = 14,
    NEURON_ZIP_LOCAL_STORED_SIZE = 18,
    NEURON_ZIP_LOCAL_SIZE = 22,
    NEURON_ZIP_LOCAL_NAME_LENGTH = 26,
    NEURON_ZIP_LOCAL_EXTRA_LENGTH = 28
};

/* In the directory, one for each member. Its name, extra fields and comment follow. */
enum {
    NEURON_ZIP_ENTRY_BYTES = 46,
    NEURON_ZIP_ENTRY_VERSION_MADE = 4,
    NEURON_ZIP_ENTRY_VERSION = 6,
    NEURON_ZIP_ENTRY_FLAGS = 8,
    NEURON_ZIP_ENTRY_METHOD = 10,
    NEURON_ZIP_ENTRY_DATE = 14,
    NEURON_ZIP_ENTRY_CHECKSUM = 16,
    NEURON_ZIP_ENTRY_STORED_SIZE = 20,
    NEURON_ZIP_ENTRY_SIZE = 24,
    NEURON_ZIP_ENTRY_NAME_LENGTH = 28,
    NEURON_ZIP_ENTRY_EXTRA_LENGTH = 30,
    NEURON_ZIP_ENTRY_COMMENT_LENGTH = 32,
    NEURON_ZIP_ENTRY_DISK = 34,
    NEURON_ZIP_ENTRY_OFFSET = 42
};

/* At the end of the archive, before its comment. */
enum {
    NEURON_ZIP_END_BYTES = 22,
    NEURON_ZIP_END_DISK = 4,
    NEURON_ZIP_END_DIRECTORY_DISK = 6,
    NEURON_ZIP_END_DISK_COUNT = 8,
    NEURON_ZIP_END_COUNT = 10,
    NEURON_ZIP_END_DIRECTORY_SIZE = 12,
    NEURON_ZIP_END_DIRECTORY_OFFSET = 16,
    NEURON_ZIP_END_COMMENT_LENGTH = 20
};

/* Directly before that end where a number of it does not fit: it says where the large end is. */
enum {
    NEURON_ZIP_LOCATOR_BYTES = 20,
    NEURON_ZIP_LOCATOR_OFFSET = 8,
    NEURON_ZIP_LOCATOR_DISKS = 16
};

/* The end with numbers of 64 bits, directly before the locator. */
enum {
    NEURON_ZIP_LARGE_END_BYTES = 56,
    NEURON_ZIP_LARGE_END_SIZE = 4,
    NEURON_ZIP_LARGE_END_VERSION_MADE = 12,
    NEURON_ZIP_LARGE_END_VERSION = 14,
    NEURON_ZIP_LARGE_END_DISK = 16,
    NEURON_ZIP_LARGE_END_DIRECTORY_DISK = 20,
    NEURON_ZIP_LARGE_END_DISK_COUNT = 24,
    NEURON_ZIP_LARGE_END_COUNT = 32,
    NEURON_ZIP_LARGE_END_DIRECTORY_SIZE = 40,
    NEURON_ZIP_LARGE_END_DIRECTORY_OFFSET = 48
};

enum {
    NEURON_ZIP_EXTRA_HEAD_BYTES = 4, /* of each extra field: what it is, and its length */
    NEURON_ZIP_EXTRA_LARGE = 0x0001, /* numbers of 64 bits, for those that are all ones */
    NEURON_ZIP_METHOD_STORED = 0,
    NEURON_ZIP_METHOD_DEFLATED = 8,
    NEURON_ZIP_VERSION = 20, /* of the format, times ten */
    NEURON_ZIP_VERSION_LARGE = 45,
    NEURON_ZIP_SMALL_COUNT_LIMIT = 0xFFFF
};

#define NEURON_ZIP_LOCAL_MARK       UINT32_C(0x04034b50)
#define NEURON_ZIP_ENTRY_MARK       UINT32_C(0x02014b50)
#define NEURON_ZIP_END_MARK         UINT32_C(0x06054b50)
#define NEURON_ZIP_LOCATOR_MARK     UINT32_C(0x07064b50)
#define NEURON_ZIP_LARGE_END_MARK   UINT32_C(0x06064b50)
#define NEURON_ZIP_SMALL_SIZE_LIMIT UINT32_C(0xFFFFFFFF)

#endif
