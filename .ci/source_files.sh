#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Prints the project's files that match the patterns, one a line: those that git tracks and those
# that it does not ignore, so that a check before a commit sees new files. None at all is an error.
#
#   sh .ci/source_files.sh '*.c' '*.h'
set -eu
cd "$(dirname "$0")/.."

# A checkout that belongs to another user, as a container sees it, is trusted here.
listed=$(git -c safe.directory="$PWD" ls-files --cached --others --exclude-standard --deduplicate \
    -- "$@")
echo "$listed" | while read -r file; do
    [ ! -f "$file" ] || echo "$file"
done | grep . || {
    echo ".ci/source_files.sh: git lists no file that matches: $*" >&2
    exit 1
}
