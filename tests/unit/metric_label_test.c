/* SPDX-License-Identifier: Apache-2.0 */
#include "neuron/metric_label.h"

#include <stdlib.h>
#include <string.h>

#include "check.h"

static void
assert_printed(const char *value, const char *expected)
{
    char *text = NULL;
    size_t length = 0;
    FILE *stream = open_memstream(&text, &length);

    assert_non_null(stream);
    assert_true(neuron_metric_label_print(stream, value));
    assert_int_equal(fclose(stream), 0);
    assert_string_equal(text, expected);
    free(text);
}

static void
labels_are_quoted_and_whole(void **state)
{
    (void)state;
    assert_printed("plain", "\"plain\"");
    assert_printed("", "\"\"");
    assert_printed(NULL, "\"\"");
    assert_printed("a \"b\" \\ c", "\"a \\\"b\\\" \\\\ c\"");
    assert_printed("a\nb\tc\x7F\x01", "\"a b c  \"");
    assert_printed("gr\xC3\xBC\xC3\x9F", "\"gr\xC3\xBC\xC3\x9F\"");
    assert_printed("\xFF!\xC3", "\"\xEF\xBF\xBD!\xEF\xBF\xBD\"");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(labels_are_quoted_and_whole),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
