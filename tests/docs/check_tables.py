# SPDX-License-Identifier: Apache-2.0
"""Compares tables of the pages and manuals with the code that they tell of.

    check_tables.py SOURCE
"""
import pathlib
import re
import sys

import c_sources
import manual
import markdown

_VARIABLE = re.compile(r"[A-Z][A-Z0-9_]*[A-Z0-9]")
# Variables that manuals name and libraries of others read.
_READ_ELSEWHERE = {"DNNL_MAX_CPU_ISA": "oneDNN"}
_STATUS_ROW = re.compile(r"`((?:NEURON|NRT)_[A-Z0-9_]+)` \((\d+)\)")


def _sections(text):
    """The sections of a page: heading and lines."""
    title, lines = "", []
    for _, line in markdown.without_blocks(text):
        if line.startswith("#"):
            yield title, lines
            title, lines = line.lstrip("# "), []
        else:
            lines.append(line)
    yield title, lines


def _section(text, wanted):
    return next((lines for title, lines in _sections(text) if title == wanted), [])


def _first_cells(lines):
    """The first cells of the rows of tables, without heads and rules."""
    rows = [line for line in lines if line.startswith("|")]
    for row, following in zip(rows, [*rows[1:], ""]):
        if not set(row) <= set("|- :") and not set(following) <= set("|- :") or following == "":
            yield row.split("|")[1].strip()


class Tables:
    """The source tree, and what is wrong in its pages."""

    def __init__(self, source):
        self.source = source
        self.troubles = []
        self.count = 0

    def expect(self, is_right, what):
        self.count += 1
        if not is_right:
            self.troubles.append(what)

    def expect_same(self, page, in_page, in_code, where):
        """A page names exactly what the code has."""
        for name in sorted(in_page - in_code):
            self.expect(False, f"{page}: {name} is not in {where}")
        for name in sorted(in_code - in_page):
            self.expect(False, f"{page}: it lacks {name} of {where}")
        self.count += len(in_page & in_code)

    def page(self, name):
        return (self.source / name).read_text()

    def variables(self):
        """Every variable of the code is on the page, and stands where its section says."""
        page = "docs/environment.md"
        in_code, in_page = c_sources.variables_of(self.source), set()
        for title, lines in _sections(self.page(page)):
            text = "\n".join(lines)
            files = re.findall(r"`([\w/.-]+\.[ch])`", text)
            there = set()
            for file in files:
                self.expect((self.source / file).exists(), f"{page}: there is no {file}")
                if (self.source / file).exists():
                    there |= c_sources.capital_literals(self.source / file)
            for cell in _first_cells(lines):
                names = set(_VARIABLE.findall(re.sub(r"_<\w+>", "", cell)))
                in_page |= names
                for name in sorted(names):
                    self.expect(name in there, f"{page}: {title}: {name} is not in {files}")
        for name in sorted(set(in_code) - in_page):
            self.expect(False, f"{page}: it lacks {name}, which is in {sorted(in_code[name])}")

    def manual_variables(self):
        """Variables of the manuals are there, and neuronrun's has all that a rank gets."""
        in_code = set(c_sources.variables_of(self.source)) | set(_READ_ELSEWHERE)
        named = {}
        for path in sorted(self.source.glob("docs/*.[0-9]")):
            named[path.name] = {word for line in path.read_text().splitlines()
                                for word in manual.marked(line, "Ev")}
            for word in sorted(named[path.name]):
                self.expect(word in in_code, f"docs/{path.name}: no code reads or sets {word}")
        for_ranks = c_sources.capital_literals(self.source / "launcher/src/rank_environment.c")
        kept_away = {"NEURON_RT_NUM_CORES", "NEURONCORE_GROUP_SIZES"}
        for word in sorted(for_ranks - kept_away):
            self.expect(word in named["neuronrun.1"], f"docs/neuronrun.1: it lacks {word}")

    def statuses(self):
        """Names and numbers of statuses are those of the headers, and tables are complete."""
        neuron = c_sources.enumerators(self.source / "runtime/include/neuron/status.h", "NEURON_")
        del neuron["NEURON_ERROR_TEXT_BYTES"]
        nrt = c_sources.enumerators(self.source / "runtime/include/nrt/nrt_status.h", "NRT_")
        for page in markdown.pages_of(self.source):
            for name, number in _STATUS_ROW.findall(self.page(page)):
                value = {**neuron, **nrt}.get(name)
                self.expect(value == int(number), f"{page}: {name} is {value}, and not {number}")
        if (self.source / "docs/errors.md").exists():
            rows = set(re.findall(r"NEURON_[A-Z_]+", " ".join(
                _first_cells(_section(self.page("docs/errors.md"), "Statuses")))))
            self.expect_same("docs/errors.md", rows, set(neuron), "neuron/status.h")
        rows = set(re.findall(r"NRT_[A-Z_]+", " ".join(
            _first_cells(_section(self.page("docs/nrt.md"), "Statuses")))))
        self.expect_same("docs/nrt.md", rows, self._returned_statuses(nrt), "runtime/src/nrt")

    def _returned_statuses(self, all_of_them):
        """The statuses, but for success, that libnrt returns."""
        paths = sorted((self.source / "runtime/src/nrt").glob("*.c"))
        return (c_sources.words(paths, "NRT_") & set(all_of_them)) - {"NRT_SUCCESS"}

    def exit_codes(self):
        """Exit codes of the programs are the same in the code, the manuals and the pages."""
        enums = {
            "neuronrun": [self.source / "launcher/src/exit_report.h",
                          self.source / "launcher/src/exec_trouble.h"],
            "neuron-score": [self.source / "dp/score/main.c"],
            "neuron-cc": [self.source / "runtime/tools/cc_exit.h"],
            "neuron-ls": [self.source / "runtime/tools/node/tool_output.h"],
            "neuron-monitor": [self.source / "runtime/tools/node/tool_output.h"],
        }
        for program, paths in enums.items():
            codes = {0} | ({1} if program != "neuronrun" else set())
            for path in paths:
                codes |= {number for name, number in c_sources.enumerators(path).items()
                          if "EXIT_" in name and number < 128}
            manual = f"docs/{program}.1"
            part = self.page(manual).partition(".Sh EXIT STATUS")[2].partition("\n.Sh ")[0]
            listed = {int(number) for line in re.findall(r"^\.It ([\d ,]+)$", part, re.MULTILINE)
                      for number in re.findall(r"\d+", line)}
            self.expect_same(manual, {code for code in listed if code < 128}, codes, str(paths[0]))
            if program == "neuronrun":
                self._same_codes("docs/ends.md", "Exit codes", listed)
            elif program == "neuron-score":
                self._same_codes("examples/cluster/README.md", "Scoring on a cluster",
                                 listed | {137})

    def _same_codes(self, page, title, wanted):
        cells = " ".join(_first_cells(_section(self.page(page), title)))
        found = {int(number) for number in re.findall(r"\b\d+\b", cells)}
        self.expect_same(page, found, wanted, "the manual")

    def operators(self):
        """The table of ONNX operators is that of the importer."""
        cells = _first_cells(_section(self.page("docs/onnx.md"), "What is imported"))
        rows = set(re.findall(r"\b[A-Z][A-Za-z0-9]+\b", " ".join(cells)))
        path = "runtime/src/frontend/onnx/operators.c"
        self.expect_same("docs/onnx.md", rows, c_sources.operator_names(self.source / path), path)

    def folders(self):
        """The folders of the architecture are there, and none is left out."""
        cells = " ".join(_first_cells(
            [line for _, lines in _sections(self.page("docs/architecture.md")) for line in lines]))
        rows = set(re.findall(r"`src/(\w+)`", cells))
        there = {path.name for path in (self.source / "runtime/src").iterdir() if path.is_dir()}
        self.expect_same("docs/architecture.md", rows, there, "runtime/src")
        for part in re.findall(r"`(\w+)/`", cells):
            self.expect((self.source / part).is_dir(), f"docs/architecture.md: there is no {part}/")


def main(arguments):
    tables = Tables(pathlib.Path(arguments[0]).resolve())
    tables.variables()
    tables.manual_variables()
    tables.statuses()
    tables.exit_codes()
    tables.operators()
    tables.folders()
    for trouble in tables.troubles:
        print(f"FAILED: {trouble}")
    print(f"{tables.count} entries of tables, {len(tables.troubles)} wrong")
    return 1 if tables.troubles else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
