#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The page of a report in a browser: all charts are drawn, whatever the size of the job, and no text
# from outside becomes markup or script. Skips without a browser.
browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome) || {
    echo "skipped: no chromium"
    exit 77
}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1

fail() {
    echo "failed: $*" >&2
    exit 1
}

# render NAME ARGUMENTS...: makes a page, and lets the browser run it; the result is in dom.
render() {
    name=$1
    shift
    "$NEURON_BUILD/tests/report_page" html "$name.html" "$@" || fail "no page $name"
    timeout 50 "$browser" --headless --no-sandbox --disable-gpu --disable-dev-shm-usage \
        --user-data-dir="$work/profile" --window-size=1280,900 --dump-dom \
        "file://$work/$name.html" >dom 2>browser.log || fail "$name: $(tail -n 3 browser.log)"
    grep -q 'data-state="drawn"' dom || fail "$name: the script did not come to its end"
    grep -q '<p id="trouble" hidden' dom || fail "$name: the page says that there is trouble"
}

# has TEXT: what the page has when it is drawn.
has() {
    grep -qF -- "$1" dom || fail "$name lacks $1"
}

render one 1 1 40
has 'data-lanes="1" data-bars="40"'
has 'data-points="240"'
has 'class="area"'
render eight 8 4 60 250
has 'data-lanes="32" data-bars="1920"'
has 'the first 200 of 250'
[ "$(grep -o 'class="bar" x=' dom | wc -l)" -ge 20 ] || fail "no chart of times"
[ "$(grep -c '<tr><td class="text"' dom)" -eq 8 ] || fail "no table of 8 ranks"
render thousand 250 4 200
has 'data-lanes="1000"'
[ "$(grep -o 'data-bars="[0-9]*"' dom | head -n 1 | tr -dc 0-9)" -ge 100000 ] || fail "too few bars"
render nothing 0 0 0
has 'data-lanes="0" data-bars="0"'

render hostile 2 2 10 5 '</script><script>document.title="pwned"</script><img src=x onerror="document.title=1">'
if grep -q '<img\|<script>document\|<title>pwned\|<title>1<' dom; then
    fail "a text became markup"
fi
has '&lt;/script&gt;&lt;script&gt;document.title='
