#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Installs the Debian packages that the project needs, when some are missing; else does nothing.
#
#   sh cmake/debian_packages.sh        what building and testing need
#   sh cmake/debian_packages.sh ci     also what the checks of .ci/run need
#   sh cmake/debian_packages.sh bench  also what the benchmarks compare with
set -eu

packages="gcc libc6-dev make ninja-build cmake pkgconf libhwloc-dev libzmq3-dev libdnnl-dev
    libprotobuf-c-dev protobuf-c-compiler libxxhash-dev zlib1g-dev libjansson-dev libncurses-dev
    libpmix-dev libcmocka-dev python3-numpy python3-onnx iproute2 openmpi-bin libopenmpi-dev mpich
    libmpich-dev"
if [ "${1-}" = ci ]; then
    packages="$packages git clang clang-format-14 clang-tidy-14 libclang-rt-14-dev lld cppcheck
    universal-ctags shellcheck mandoc dpkg-dev mmdebstrap tmux"
elif [ "${1-}" = bench ]; then
    # A nodejs that is not Debian's brings npm, and Debian's npm does not go with it.
    command -v npm >/dev/null || packages="$packages nodejs npm"
elif [ $# -gt 0 ]; then
    echo "cmake/debian_packages.sh: unknown set of packages \"$1\"; give ci, bench or nothing" >&2
    exit 2
fi

if ! command -v dpkg-query >/dev/null; then
    echo "This is no Debian, so nothing is installed. Needed, by Debian's names: $packages"
    exit 0
fi

missing=
for package in $packages; do
    state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) || state=absent
    [ "$state" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

as_root=
if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null; then
        echo "cmake/debian_packages.sh: missing packages, and neither root nor sudo;" \
            "as root: apt-get install --no-install-recommends$missing" >&2
        exit 1
    fi
    as_root=sudo
fi

echo "Installing Debian packages:$missing"
if ! $as_root apt-get update -q -o Acquire::Retries=3; then
    echo "cmake/debian_packages.sh: apt-get update failed; needed:$missing" >&2
    exit 1
fi
# shellcheck disable=SC2086 # a list of words
if ! $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends \
    -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 $missing; then
    echo "cmake/debian_packages.sh: apt-get install failed; needed:$missing" >&2
    exit 1
fi
