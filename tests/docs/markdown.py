# SPDX-License-Identifier: Apache-2.0
"""What the checks of the documents know of a page: its blocks, headings, links and code in text."""
import dataclasses
import pathlib
import re

# What may stand behind a fence. Commands are sh and are run; what programs print is text.
LANGUAGES = {"sh", "text", "c", "cmake", "csv", "ini", "json", "python"}

_FENCE = re.compile(r"^```(\S*)\s*$")
_ORDER = re.compile(r"^<!-- (not run|run with|prepare|new shell)(?:: (.*\S))? -->$")


class PageError(Exception):
    """A page that does not say clearly what is to be run."""


@dataclasses.dataclass
class Block:
    """A fenced block: where it begins, what it is, its lines, and the comments right before it."""

    page: str
    line: int
    language: str
    text: str
    orders: dict

    @property
    def place(self):
        return f"{self.page}:{self.line}"


def pages_of(source):
    """The pages of a source tree, as paths relative to it."""
    source = pathlib.Path(source)
    found = [source / "README.md", source / "CONTRIBUTING.md", *sorted(source.glob("docs/*.md"))]
    found += sorted(source.glob("examples/**/README.md")) + sorted(source.glob("tests/*/README.md"))
    return [str(page.relative_to(source)) for page in found]


def _read_order(place, line, orders):
    match = _ORDER.match(line)
    if match is None:
        return
    name, value = match.groups()
    if (value is None) != (name == "new shell"):
        raise PageError(f"{place}: \"{line}\" is not complete; write it as docs/testing.md tells")
    orders[name] = value or ""


def blocks_of(page, text):
    """The fenced blocks of a page, in order."""
    blocks, orders, block = [], {}, None
    for number, line in enumerate(text.splitlines(), 1):
        fence = _FENCE.match(line)
        if block is not None:
            if line == "```":
                blocks.append(block)
                block = None
            else:
                block.text += line + "\n"
        elif fence:
            block = Block(page, number, fence.group(1), "", orders)
            _check(block)
            orders = {}
        elif line.startswith("<!-- "):
            _read_order(f"{page}:{number}", line, orders)
        elif orders:
            raise PageError(f"{page}:{number}: a comment for a block stands right before the block")
    if block is not None:
        raise PageError(f"{block.place}: the block does not end")
    return blocks


def _check(block):
    if block.language not in LANGUAGES:
        known = ", ".join(sorted(LANGUAGES))
        raise PageError(f"{block.place}: a block of \"{block.language}\"; give one of {known}")
    if block.orders and block.language != "sh":
        raise PageError(f"{block.place}: a comment that is for commands; only blocks of sh are run")


def without_blocks(text):
    """The lines of a page outside its fenced blocks, with their numbers."""
    inside = False
    for number, line in enumerate(text.splitlines(), 1):
        if _FENCE.match(line):
            inside = not inside
        elif not inside:
            yield number, line


def headings_of(text):
    """The names by which links reach the headings of a page."""
    names = set()
    for _, line in without_blocks(text):
        if line.startswith("#"):
            title = line.lstrip("#").strip().lower()
            names.add(re.sub(r"[^\w\- ]", "", title).replace(" ", "-"))
    return names


def links_of(text):
    """The links of a page: the number of the line, and the target."""
    for number, line in without_blocks(text):
        line = re.sub(r"`[^`]*`", "", line)
        for target in re.findall(r"\]\(([^)\s]+)\)", line):
            yield number, target


def code_in_text(text):
    """The pieces of code in the text of a page: the number of the line, and the piece."""
    for number, line in without_blocks(text):
        for piece in re.findall(r"`([^`]+)`", line):
            yield number, piece
