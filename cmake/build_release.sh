#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Builds the release preset from nothing: packages, configuration, everything in build/release.
# Installs the result into build/stage, and builds each example against that copy, as a project
# that is not ours would, in build/release/examples.
set -eu
cd "$(dirname "$0")/.."
jobs=$(nproc)

sh cmake/debian_packages.sh

# A build folder that came with a moved or copied tree is of no use at the new place, nor is one of
# another generator.
fresh=
cache=build/release/CMakeCache.txt
for entry in "CMAKE_HOME_DIRECTORY:INTERNAL=$(pwd -P)" CMAKE_GENERATOR:INTERNAL=Ninja; do
    if [ -e "$cache" ] && ! grep -qxF "$entry" "$cache"; then
        fresh=--fresh
    fi
done
# shellcheck disable=SC2086 # nothing or one word
cmake --preset release $fresh
cmake --build --preset release --parallel "$jobs"

rm -rf build/stage
cmake --install build/release --prefix "$PWD/build/stage" >build/release/install.log
for project in examples/*/CMakeLists.txt; do
    [ -e "$project" ] || continue # no example yet: the pattern itself
    folder=$(dirname "$project")
    cmake ${fresh:+--fresh} -S "$folder" -B "build/release/$folder" \
        -DCMAKE_BUILD_TYPE=Release -DCMAKE_PREFIX_PATH="$PWD/build/stage" \
        -DCMAKE_EXPORT_COMPILE_COMMANDS=ON
    cmake --build "build/release/$folder" --parallel "$jobs"
done
