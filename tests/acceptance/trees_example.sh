#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The forest builds against the installed package as a custom program: a shared library that exports
# its one function, and needs no library of ours. Linked in and loaded, it scores on every core as
# it does alone.
# shellcheck source=tests/acceptance/build_example.sh
. "$NEURON_SOURCE/tests/acceptance/build_example.sh"

build_example trees
cd "$work/build" || exit 1

nm --dynamic --defined-only --format=posix libcustom_trees.so >symbols || fail "no symbols"
[ "$(cut -d ' ' -f 1 symbols)" = neuron_custom_program ] || fail "exported: $(cat symbols)"
objdump -p libcustom_trees.so >headers || fail "no headers"
grep NEEDED headers >needed
! grep -v 'libc\.so' needed || fail "it needs more than libc"

# same_scores TREES ARGUMENTS...
same_scores() {
    trees=$1
    shift
    run "score_trees $*" ./score_trees "$@"
    grep -qx "20000 rows, $trees trees: the same scores on [0-9]* cores* as alone" "$work/log" ||
        fail "score_trees $*: $(cat "$work/log")"
}

same_scores 100
same_scores 100 "" ./libcustom_trees.so
same_scores 37 trees=37,depth=11,features=5,seed=4294967295
same_scores 37 trees=37,depth=11,features=5,seed=4294967295 ./libcustom_trees.so

refuse 1 "\"depth=17\": depth must be 1 to 16" ./score_trees trees=1,depth=17
refuse 1 "\"leaves=3\" is no forest" ./score_trees leaves=3
refuse 1 "./no_library.so: cannot be loaded" ./score_trees "" ./no_library.so
cp "$(find "$work/prefix" -name 'libneuron_runtime.so.*.*')" other.so
refuse 1 "other.so: defines no function neuron_custom_program()" ./score_trees "" ./other.so
