#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Checks that C files look as clang-format 14 writes them, and that shell scripts are sound.
set -eu
cd "$(dirname "$0")/.."

files=$(sh .ci/source_files.sh '*.c' '*.h')
echo "$files" | xargs clang-format-14 --dry-run --Werror

scripts=$(sh .ci/source_files.sh '*.sh' '*.sbatch' '.ci/run')
# shellcheck disable=SC2086 # file names of this project have no blanks
shellcheck --external-sources --severity=warning $scripts

pages=$(sh .ci/source_files.sh '*.1' '*.3' 2>/dev/null || true)
# Whether pages of other packages are installed here, and in the index, is this machine's affair.
findings=$(echo "$pages" | xargs -r mandoc -T lint -W style 2>&1 |
    grep -vE ': referenced manual not found: |: outdated mandoc\.db lacks ' || true)
if [ "$findings" ]; then
    echo "$findings" >&2
    exit 1
fi

echo "$(echo "$files" | wc -l) C files, $(echo "$scripts" | wc -l) scripts"
