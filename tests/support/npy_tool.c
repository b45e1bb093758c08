/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes inputs for the tests of programs that score, and checks their outputs, without any of our
 * code:
 *
 *   npy_tool make FILE ROWS COLUMNS     float32 rows of small multiples of 1/8
 *   npy_tool check FILE ROWS COLUMNS    every element is twice that of `make`, plus one
 *   npy_tool twice FILE ROWS COLUMNS    every element is twice that of `make`
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HEADER_BYTES = 128 };

static float
element_of(uint64_t row, uint64_t column)
{
    return (float)((row * 31 + column * 7) % 4096) / 8.0F;
}

static void
format_header(uint64_t rows, uint64_t columns, char *header)
{
    static const char start[] = "\x93NUMPY\x01\x00\x76\x00";

    memset(header, ' ', HEADER_BYTES);
    memcpy(header, start, sizeof(start) - 1);
    int length = snprintf(header + 10, HEADER_BYTES - 10,
                          "{'descr': '<f4', 'fortran_order': False, 'shape': (%llu, %llu), }",
                          (unsigned long long)rows, (unsigned long long)columns);
    header[10 + length] = ' ';
    header[HEADER_BYTES - 1] = '\n';
}

static bool
make(FILE *file, uint64_t rows, uint64_t columns)
{
    char header[HEADER_BYTES];

    format_header(rows, columns, header);
    bool is_written = fwrite(header, sizeof(header), 1, file) == 1;
    for (uint64_t i = 0; is_written && i < rows * columns; i += 1) {
        float element = element_of(i / columns, i % columns);
        is_written = fwrite(&element, sizeof(element), 1, file) == 1;
    }
    return is_written;
}

static bool
check(FILE *file, uint64_t rows, uint64_t columns, float term)
{
    char expected[HEADER_BYTES];
    char actual[HEADER_BYTES];

    format_header(rows, columns, expected);
    if (fread(actual, sizeof(actual), 1, file) != 1 ||
        memcmp(actual, expected, sizeof(actual)) != 0) {
        (void)fprintf(stderr, "npy_tool: another header than expected\n");
        return false;
    }
    for (uint64_t i = 0; i < rows * columns; i += 1) {
        float wanted = 2.0F * element_of(i / columns, i % columns) + term;
        float element = 0.0F;

        if (fread(&element, sizeof(element), 1, file) != 1 || element != wanted) {
            (void)fprintf(stderr, "npy_tool: row %llu: %g, expected %g\n",
                          (unsigned long long)(i / columns), (double)element, (double)wanted);
            return false;
        }
    }
    return fgetc(file) == EOF;
}

int
main(int argument_count, char **arguments)
{
    if (argument_count != 5) {
        (void)fprintf(stderr, "usage: npy_tool make|check|twice FILE ROWS COLUMNS\n");
        return 2;
    }
    bool makes = strcmp(arguments[1], "make") == 0;
    uint64_t rows = strtoull(arguments[3], NULL, 10);
    uint64_t columns = strtoull(arguments[4], NULL, 10);
    FILE *file = fopen(arguments[2], makes ? "wbe" : "rbe");
    if (file == NULL) {
        perror(arguments[2]);
        return 1;
    }
    float term = strcmp(arguments[1], "check") == 0 ? 1.0F : 0.0F;
    bool is_right = makes ? make(file, rows, columns) : check(file, rows, columns, term);
    return fclose(file) == 0 && is_right ? 0 : 1;
}
