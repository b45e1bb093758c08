# SPDX-License-Identifier: Apache-2.0
"""Looks whether links of pages lead somewhere, whether the first page leads to all others, and
whether the pages are there that manuals name by the folder of the installed documents.

    check_links.py SOURCE
"""
import pathlib
import re
import sys

import markdown

_INSTALLED_PAGE = re.compile(r"/usr/share/doc/neuron-tools/(\S+)")


def _wrong_link(source, page, target):
    """What is wrong with a link, or None."""
    if "://" in target or target.startswith("mailto:"):
        return None
    path, _, heading = target.partition("#")
    goal = (source / page).parent / path if path else source / page
    if not goal.exists():
        return f"there is no {path}"
    if heading and heading not in markdown.headings_of(goal.read_text()):
        return f"{goal.name} has no heading #{heading}"
    return None


def main(arguments):
    source = pathlib.Path(arguments[0]).resolve()
    troubles, count = [], 0
    for page in markdown.pages_of(source):
        for number, target in markdown.links_of((source / page).read_text()):
            count += 1
            wrong = _wrong_link(source, page, target)
            if wrong is not None:
                troubles.append(f"{page}:{number}: {wrong}")
    first_page = (source / "README.md").read_text()
    first = {target.partition("#")[0] for _, target in markdown.links_of(first_page)}
    for page in sorted([*source.glob("docs/*.md"), *source.glob("docs/*.[0-9]")]):
        if f"docs/{page.name}" not in first:
            troubles.append(f"README.md: no link leads to docs/{page.name}")
    for manual in sorted(source.glob("docs/*.[0-9]")):
        for name in _INSTALLED_PAGE.findall(manual.read_text()):
            count += 1
            if not (source / "docs" / name).exists():
                troubles.append(f"docs/{manual.name}: it names {name}, which is not in docs/")
    for trouble in troubles:
        print(f"FAILED: {trouble}")
    print(f"{count} links, {len(troubles)} wrong")
    return 1 if troubles else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
