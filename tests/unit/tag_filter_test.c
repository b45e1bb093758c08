/* SPDX-License-Identifier: Apache-2.0 */
#include "monitor/tag_filter.h"

#include "check.h"

static void
filters_as_people_write_them_are_small(void **state)
{
    (void)state;
    assert_true(neuron_tag_filter_is_small(""));
    assert_true(neuron_tag_filter_is_small("^(train|score)-[0-9]+-[a-z]+(-[0-9]{1,4})?$"));
    assert_true(neuron_tag_filter_is_small("a+b+c+d+e+f+g+h+i+j+k+l+"));
    assert_true(neuron_tag_filter_is_small("(a{64}){64}"));
    assert_true(neuron_tag_filter_is_small("a{,9}b{}c{1}d{0}"));
    assert_true(neuron_tag_filter_is_small("[*+?]*[]?]\\*+\\"));
    assert_true(neuron_tag_filter_is_small(".*a.*b.*c.*d.*e.*f.*g.*h.*"));
}

static void
repeats_of_repeats_are_not(void **state)
{
    (void)state;
    assert_false(neuron_tag_filter_is_small("a+b+c+d+e+f+g+h+i+j+k+l+m+"));
    assert_false(neuron_tag_filter_is_small("((((((((((((((((a?)*)*)*)*)*)*)*)*)*)*)*)*)*)*)*)*"));
    assert_false(neuron_tag_filter_is_small("a**"));
    assert_false(neuron_tag_filter_is_small("a+?"));
    assert_false(neuron_tag_filter_is_small("a{2}{3}"));
    assert_false(neuron_tag_filter_is_small("[a]*{2}"));
    assert_false(neuron_tag_filter_is_small("((a{99}){99}){99}"));
    assert_false(neuron_tag_filter_is_small("(a{64}+){64}"));
    assert_false(neuron_tag_filter_is_small("a{0,4097}"));
    assert_false(neuron_tag_filter_is_small("a{99999999999999999999,1}"));
    assert_false(neuron_tag_filter_is_small("a{4294967297}"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(filters_as_people_write_them_are_small),
        cmocka_unit_test(repeats_of_repeats_are_not),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
