#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Builds the release preset and makes Debian packages of it, in build/release/packages.
set -eu
cd "$(dirname "$0")/.."

umask 022 # which is seen in the packages
sh cmake/build_release.sh
rm -f build/release/packages/*.deb
cpack --config build/release/CPackConfig.cmake >build/release/cpack.log 2>&1 || {
    cat build/release/cpack.log >&2
    echo "cmake/build_packages.sh: cpack failed; it takes Debian and its package dpkg-dev" >&2
    exit 1
}
