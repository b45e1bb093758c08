#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A client of the Neuron runtime interface builds against the installed package in each way that its
# readers use, and runs what the trace example compiles.
# shellcheck source=tests/acceptance/build_example.sh
. "$NEURON_SOURCE/tests/acceptance/build_example.sh"

build_example trace
mv "$work/build" "$work/trace"
build_example nrt
cd "$work" || exit 1
libraries=$(dirname "$(find "$work/prefix" -name libnrt.so)")

run "twice_plus" trace/twice_plus twice_plus.neff
printf '\000\000\200\077\000\000\000\100\000\000\100\100' >x      # 1 2 3
printf '\000\000\000\077\000\000\200\076\000\000\000\076' >y      # 0.5 0.25 0.125

# check PROGRAM: prints 2 * x + y for both inputs, and y alone where x is not given.
check() {
    run "$1" "$1" twice_plus.neff input_0 x input_1 y
    [ "$(cat log)" = "output_0: 2.5 4.25 6.125" ] || fail "$1: $(cat log)"
    run "$1" "$1" twice_plus.neff input_1 y
    [ "$(cat log)" = "output_0: 0.5 0.25 0.125" ] || fail "$1: $(cat log)"
}

check build/run_neff
run "async_pipeline" build/async_pipeline twice_plus.neff 500
grep -q "500" log || fail "async_pipeline: $(cat log)"

# The compiler call of programs for the accelerator, and by pkg-config.
source=$NEURON_SOURCE/examples/nrt/run_neff.c
run "cc -lnrt" cc -D_POSIX_C_SOURCE=200809L "$source" -o plain -I"$work/prefix/include" \
    -L"$libraries" -lnrt -pthread
PKG_CONFIG_PATH=$libraries/pkgconfig
LD_LIBRARY_PATH=$libraries
export PKG_CONFIG_PATH LD_LIBRARY_PATH
check ./plain
# shellcheck disable=SC2046 # flags are words
run "pkg-config nrt" cc -D_POSIX_C_SOURCE=200809L "$source" -o by_pkg_config \
    $(pkg-config --cflags --libs nrt)
check ./by_pkg_config

# Whoever has libnrt at run time only finds it by the name that the original has.
[ -e "$libraries/libnrt.so.1" ] || fail "there is no libnrt.so.1"

NEURON_RT_LOG_LEVEL=QUIET
export NEURON_RT_LOG_LEVEL
refuse 1 "no/such/file.neff: " build/run_neff no/such/file.neff
refuse 1 "x: NRT_INVALID" build/run_neff x
refuse 1 "input_2: NRT_FAILURE" build/run_neff twice_plus.neff input_2 x
refuse 1 "twice_plus.neff: NRT_INVALID" build/run_neff twice_plus.neff input_0 twice_plus.neff
