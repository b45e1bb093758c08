#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Compares what the shared libraries export with the lists in tests/abi/, which say since which version.
#
#   bash .ci/check_symbols.sh [FOLDER]            the libraries in FOLDER, else of build/release
#   bash .ci/check_symbols.sh --update [FOLDER]   writes the lists anew, unless that would hide that
#                                                 programs break
set -euo pipefail
shopt -s nullglob
cd "$(dirname "$0")/.."

does_update=
if [ "${1-}" = --update ]; then
    does_update=yes
    shift
fi
libraries=(build/release/{runtime,dp}/lib*.so)
[ $# -eq 0 ] || libraries=("$1"/lib*.so)
version=$(sed -n 's/^project(neuron VERSION \([0-9.]*\).*/\1/p' CMakeLists.txt)
# What no release has had may still go.
unreleased=
! grep -qF "## $version, not released yet" CHANGELOG.md || unreleased=$version

# listed LIST: the names in it, sorted.
listed()
{
    [ ! -e "$1" ] || sed -n 's/^ \([^@]*\)@.*/\1/p' "$1" | sort
}

# lasting LIST: those that a release has had.
lasting()
{
    [ ! -e "$1" ] || sed -n 's/^ \([^@]*\)@Base \(.*\)/\2 \1/p' "$1" |
        awk -v unreleased="$unreleased" '$1 != unreleased { print $2 }' | sort
}

# write_list LIST SONAME NAMES: names that are in it keep their version, if its first line has the
# soname.
write_list()
{
    local kept=/dev/null
    [ ! -e "$1" ] || [ "$(head -n 1 "$1" | cut -d ' ' -f 1)" != "$2" ] || kept=$1
    {
        echo "$2 libneuron${version%%.*} #MINVER#"
        echo "* Build-Depends-Package: libneuron-dev"
        awk -v version="$version" -F '[ @]' '
            FILENAME != "-" { if (/^ /) since[$2] = $4; next }
            { print " " $1 "@Base " ($1 in since ? since[$1] : version) }' "$kept" - <<<"$3"
    } >"$1.new"
    mv "$1.new" "$1"
}

failed=
for library in "${libraries[@]}"; do
    name=$(basename "$library" .so)
    list=tests/abi/$name.symbols
    soname=$(readelf --dynamic "$library" | sed -n 's/.*(SONAME).*\[\(.*\)\]/\1/p')
    exported=$(nm --dynamic --defined-only --format=posix "$library" | sed 's/[@ ].*//' | sort)
    wanted=$(head -n 1 "$list" 2>/dev/null | cut -d ' ' -f 1) || wanted=
    gone=$(comm -23 <(listed "$list") - <<<"$exported")
    broken=$(comm -23 <(lasting "$list") - <<<"$exported")
    new=$(comm -13 <(listed "$list") - <<<"$exported")
    gone=${gone//$'\n'/ } broken=${broken//$'\n'/ } new=${new//$'\n'/ }

    if [ "$does_update" ] && { [ -z "$broken" ] || [ "$wanted" != "$soname" ]; }; then
        write_list "$list" "$soname" "$exported"
    elif [ "$wanted" != "$soname" ]; then
        echo "$list is ${wanted:+of $wanted, and }not of $soname: run" \
            "\`bash .ci/check_symbols.sh --update\` and commit it" >&2
        failed=yes
    elif [ "$broken" ]; then
        echo "$soname exports no more, so that programs which use it do not start:" \
            "$broken - bring it back; else give $name the next SOVERSION in its neuron_library(), and run" \
            "\`bash .ci/check_symbols.sh --update\`" >&2
        failed=yes
    elif [ "$gone$new" ]; then
        echo "$soname does not export what $list says: new: ${new:-nothing}; gone:" \
            "${gone:-nothing}; if that is meant, run \`bash .ci/check_symbols.sh --update\` and" \
            "commit $list" >&2
        failed=yes
    fi
    echo "$soname: $(wc -l <<<"$exported") exported symbols"
done
for list in tests/abi/*.symbols; do
    name=$(basename "$list" .symbols)
    if [[ " ${libraries[*]##*/} " != *" $name.so "* ]]; then
        echo "$list: there is no $name.so among: ${libraries[*]:-no library; build them first}" >&2
        failed=yes
    fi
done
[ -z "$failed" ]
