# SPDX-License-Identifier: Apache-2.0
"""Compares the programs and options that pages and manuals name with those that there are.

    check_options.py SOURCE STAGE FOLDER
"""
import pathlib
import re
import sys

import manual
import markdown
import programs

# What our pages name, and whose it is.
_NOT_OURS = {
    "neuron-profile": "the Neuron SDK",
    "neuron-counters": "the name of a file in memory",
    "neuron-tools": "a package",
    "-lnrt": "cc",
    "--collector": "node exporter",
    "--xterm": "mpirun",
    "-bind-to": "mpiexec of MPICH",
    "-inf": "a number",
    "-Infinity": "a number",
}
_PROGRAM = re.compile(r"(?<![\w./-])(neuron(?:run|-[a-z][a-z-]*[a-z]))(?![\w/.-])")


def _options_of_call(words, start):
    """The options of the program at a place of a command line: up to the program that it starts."""
    for word in words[start + 1:]:
        if word in {"--", "|", ";", "&&", ":", ">"} or word.startswith("./"):
            return
        if _PROGRAM.fullmatch(word) or word.startswith("#"):
            return
        if re.match(r"--?[A-Za-z]", word):
            yield re.match(r"--?[A-Za-z][\w-]*", word).group(0)


class Check:
    """What is wrong, and what was looked at."""

    def __init__(self, known, inner):
        self.known = known
        self.inner = inner
        self.troubles = []
        self.count = 0

    def _expect(self, is_right, place, what):
        self.count += 1
        if not is_right:
            self.troubles.append(f"{place}: {what}")

    def command(self, place, text):
        """A command line: each of our programs on it takes the options behind it."""
        words = text.split()
        for index, word in enumerate(words):
            program = self.known.get(word)
            if program is not None:
                for option in _options_of_call(words, index):
                    self._expect(program.has(option), place, f"{word} has no option {option}")

    def option(self, place, option):
        """An option alone: one of our programs takes it."""
        is_known = option in _NOT_OURS or any(program.has(option)
                                             for program in self.known.values())
        self._expect(is_known, place, f"no program has an option {option}")

    def names(self, place, text):
        """Names of programs in code."""
        for name in _PROGRAM.findall(text):
            is_there = name in self.known or name in self.inner or name in _NOT_OURS
            self._expect(is_there, place, f"there is no program {name}")

    def page(self, page, text):
        has_theirs = pathlib.Path(page).name.startswith("from-")
        for number, piece in markdown.code_in_text(text):
            place = f"{page}:{number}"
            self.command(place, piece)
            self.names(place, piece)
            if piece.startswith("-") and not has_theirs:
                for option in programs.options_in(piece):
                    self.option(place, option)
        for block in markdown.blocks_of(page, text):
            for line in block.text.replace("\\\n", " ").splitlines():
                if block.language in {"sh", "text"}:
                    self.command(block.place, line)

    def manual(self, page, text):
        """A manual: it has the options of its program's help, and no others."""
        program = self.known.get(pathlib.Path(page).stem)
        named, described = set(), set()
        for number, line in enumerate(text.splitlines(), 1):
            if not line.startswith(".") or line.startswith(".Dl "):
                self.command(f"{page}:{number}", line)
            found = {f"-{word}" for word in manual.marked(line, "Fl")}
            named |= found
            if line.startswith(".It Fl"):
                described |= found
        for option in sorted(named):
            self._expect(program.has(option), page, f"{program.name} has no option {option}")
        for option in sorted(program.shown):
            is_there = option in described or re.sub(r"\d$", "", option) in described
            self._expect(is_there, page, f"it lacks {option}, which {program.name} --help has")


def main(arguments):
    source, stage, folder = (pathlib.Path(path).resolve() for path in arguments)
    known = programs.installed_programs(stage, folder)
    check = Check(known, programs.inner_programs(stage))
    for program in known.values():
        if not program.answers():
            check.troubles.append(f"{program.name} does not say that an unknown option is none")
        if not (source / "docs" / f"{program.name}.1").exists():
            check.troubles.append(f"{program.name} has no manual in docs/")
    for page in markdown.pages_of(source):
        check.page(page, (source / page).read_text())
    for page in sorted(source.glob("docs/*.1")):
        if page.stem in known:
            check.manual(f"docs/{page.name}", page.read_text())
        else:
            check.troubles.append(f"docs/{page.name}: there is no program {page.stem}")
    for trouble in check.troubles:
        print(f"FAILED: {trouble}")
    print(f"{check.count} names of programs and options, {len(check.troubles)} wrong")
    return 1 if check.troubles else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
