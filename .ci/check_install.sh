#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Unpacks the Debian packages of the release build to a folder of its own, and uses that copy as a
# stranger would: in an empty environment, by find_package and by pkg-config. Checks what the
# libraries export.
set -euo pipefail
shopt -s nullglob
cd "$(dirname "$0")/.."

sh cmake/build_packages.sh

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
for package in build/release/packages/*.deb; do
    dpkg-deb -x "$package" "$scratch"
done
prefix=$scratch/usr
libraries=$(dirname "$(find "$prefix" -name libneuron_runtime.so)")
stranger=(env -i PATH=/usr/bin:/bin "HOME=$scratch" "PKG_CONFIG_PATH=$libraries/pkgconfig"
    "LD_LIBRARY_PATH=$libraries")

# Nothing in the package may point back to where it was built.
if grep -rnF -e "$PWD" "$libraries/cmake" "$libraries/pkgconfig"; then
    echo "the installed package names the source folder" >&2
    exit 1
fi

# Every header alone, as C and as C++.
while read -r header; do
    for language in c c++; do
        echo "#include \"${header#"$prefix/include/"}\"" | "${stranger[@]}" clang -x "$language" \
            -Wall -Wextra -Wpedantic -Werror -fsyntax-only "-I$prefix/include" -
    done
done < <(find "$prefix/include" -name '*.h')

# Every exported symbol has the prefix of its library, and stands in its list.
for library in "$libraries"/lib*.so; do
    wanted='^neuron_'
    [ "$(basename "$library")" != libnrt.so ] || wanted='^nrta?_'
    exported=$(nm --dynamic --defined-only --format=posix "$library" | cut -d ' ' -f 1)
    if [ -z "$exported" ] || grep -vE "$wanted" <<<"$exported"; then
        echo "$(basename "$library") exports nothing, or a symbol that is not $wanted" >&2
        exit 1
    fi
done
bash .ci/check_symbols.sh "$libraries"

# By find_package: every example, from a copy that lies outside of the tree.
cp -R examples "$scratch/examples"
for project in "$scratch"/examples/*/CMakeLists.txt; do
    folder=$(dirname "$project")
    "${stranger[@]}" cmake -S "$folder" -B "$folder/build" "-DCMAKE_PREFIX_PATH=$prefix" \
        >"$folder.log"
    "${stranger[@]}" cmake --build "$folder/build" --parallel "$(nproc)" >>"$folder.log"
    echo "by find_package: examples/$(basename "$folder")"
done

# By pkg-config: the example of one file, with a plain compiler call.
example=examples/trace/twice_plus.c
read -ra flags < <("${stranger[@]}" pkg-config --cflags --libs neuron_runtime)
"${stranger[@]}" cc -std=c11 "$scratch/$example" -o "$scratch/twice_plus" "${flags[@]}"
(cd "$scratch" && "${stranger[@]}" ./twice_plus)
echo "by pkg-config: $example"

# As programs for the accelerator are built, and by pkg-config: a client of libnrt.
example=examples/nrt/run_neff.c
"${stranger[@]}" cc -D_POSIX_C_SOURCE=200809L "$scratch/$example" -o "$scratch/run_neff" \
    "-I$prefix/include" "-L$libraries" -lnrt -pthread
(cd "$scratch" && "${stranger[@]}" ./run_neff twice_plus.neff)
read -ra flags < <("${stranger[@]}" pkg-config --cflags --libs nrt)
"${stranger[@]}" cc -D_POSIX_C_SOURCE=200809L "$scratch/$example" -o "$scratch/run_neff" "${flags[@]}"
echo "by -lnrt and by pkg-config: $example"

# The installed programs start.
for program in "$prefix"/bin/*; do
    "${stranger[@]}" "$program" --version
done
