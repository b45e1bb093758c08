/* SPDX-License-Identifier: Apache-2.0 */
#include "resident_memory.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"

/* A line that starts a mapping has a range of addresses first; the others have a name. */
static bool
starts_mapping(const char *line)
{
    return line[strspn(line, "0123456789abcdef")] == '-';
}

size_t
resident_bytes_of_file(const char *path)
{
    static const char name[] = "Rss:";
    FILE *file = fopen("/proc/self/smaps", "re");
    char line[1024] = "";
    bool is_of_file = false;
    size_t bytes = 0;

    assert_non_null(file);
    while (fgets(line, sizeof(line), file) != NULL) {
        if (starts_mapping(line)) {
            is_of_file = strstr(line, path) != NULL;
        } else if (is_of_file && strncmp(line, name, strlen(name)) == 0) {
            bytes += strtoul(line + strlen(name), NULL, 10) * 1024;
        }
    }
    (void)fclose(file);
    return bytes;
}
