#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The checks of the documents find what is wrong: commands, comments, programs in C and links of pages
# that are made for it.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
tree=$folder/tree
mkdir -p "$tree/docs" "$tree/tests/docs/preludes" "$folder/build" "$folder/stage/bin" "$folder/stage/include"
printf 'echo "skipped: no such machine"\nexit 77\n' >"$tree/tests/docs/preludes/lacking.sh"
printf 'made=by_prelude\n' >"$tree/tests/docs/preludes/variable.sh"
touch "$tree/CONTRIBUTING.md"

# page NAME: the page is standard input, where ''' stands for a fence.
page() {
    sed "s/^'''/\`\`\`/" >"$tree/$1"
}

# expect WORD COUNT TEXT: the pages have COUNT lines with TEXT in what WORD (links, pages) wrote.
expect() {
    found=$(grep -cF -- "$3" "$folder/$1") || true
    [ "$found" -eq "$2" ] || {
        cat "$folder/$1"
        echo "FAILED: $found lines instead of $2 with: $3"
        exit 1
    }
}

page README.md <<'END'
# First
'''sh
first=1; mkdir below; cd below
'''
<!-- prepare: variable -->
<!-- run with: second="2 3" -->
'''sh
test "$first $second $made $(basename "$PWD")" = "1 2 3 by_prelude below"
sh -c 'exit 3' # refused: exits with 3
'''
'''sh
test -z "${second-}"; echo "said aloud"; false
'''
<!-- new shell -->
'''sh
test -z "${first-}"
test -d below # exits with 1
'''
<!-- not run: the moon is far -->
'''sh
false
'''
<!-- prepare: lacking -->
'''sh
false
'''
<!-- prepare: missing -->
'''sh
true
'''
'''c
#include <stdio.h>
int main(void) { return missing; }
'''
'''c
missing();
'''
A [link](docs/a.md#a-heading), [none](docs/none.md), [none](docs/a.md#no-heading).
END
printf '# A heading\n<!-- not run: far -->\n\n```sh\n```\n' >"$tree/docs/a.md"
printf '```bash\n```\n' >"$tree/docs/b.md"
printf '<!-- run with -->\n```sh\n```\n' >"$tree/docs/c.md"
printf '```sh\ntrue\n' >"$tree/docs/d.md"

checks=$NEURON_SOURCE/tests/docs
code=0
/usr/bin/python3 -B "$checks/run_pages.py" "$tree" "$folder/build" "$folder/stage" "$folder/scratch" \
    >"$folder/pages" 2>&1 || code=$?
expect pages 1 "FAILED: README.md:11: exit code 1"
expect pages 1 "    said aloud"
expect pages 1 "FAILED: README.md:15: exit code 1"
expect pages 1 "    exit code 0 instead of 1"
expect pages 1 "not run: README.md:20: the moon is far"
expect pages 1 "not run: README.md:24: no such machine"
expect pages 1 "FAILED: README.md:28: there is no prelude"
expect pages 1 "FAILED: README.md:31: it does not compile"
expect pages 1 "FAILED: docs/a.md:3: a comment for a block stands right before the block"
expect pages 1 'FAILED: docs/b.md:1: a block of "bash"'
expect pages 1 'FAILED: docs/c.md:1: "<!-- run with -->" is not complete'
expect pages 1 "FAILED: docs/d.md:1: the block does not end"
expect pages 8 "FAILED: "
[ "$code" -eq 1 ] || { echo "FAILED: exit code $code of run_pages.py"; exit 1; }

code=0
/usr/bin/python3 -B "$checks/check_links.py" "$tree" >"$folder/links" 2>&1 || code=$?
expect links 1 "README.md:38: there is no docs/none.md"
expect links 1 "README.md:38: a.md has no heading #no-heading"
expect links 1 "README.md: no link leads to docs/b.md"
expect links 5 "FAILED: "
[ "$code" -eq 1 ] || { echo "FAILED: exit code $code of check_links.py"; exit 1; }
