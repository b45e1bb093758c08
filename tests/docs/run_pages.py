# SPDX-License-Identifier: Apache-2.0
"""Runs the commands of the documents, so that none of them is wrong for long.

    run_pages.py SOURCE BUILD STAGE FOLDER [PAGE...]

Each page has a scratch folder that looks like the source tree. Its blocks of sh run there in order,
with the installed programs first on the PATH; variables and the working folder go on from block to
block. docs/testing.md tells what a page can say of a block. Whole programs in C are compiled.
"""
import os
import pathlib
import re
import shlex
import signal
import subprocess
import sys
import time

import markdown

_BLOCK_SECONDS = 30
_LACKS = 77  # how a prelude exits where the machine lacks what it needs
_EXIT_REMARK = re.compile(r"^(.*?\S)\s+#.*\bexits with (\d+)$")
_SOURCE_LINKS = (".ci", "CHANGELOG.md", "CMakeLists.txt", "CMakePresets.json", "README.md", "cmake",
                 "docs", "dp", "examples", "launcher", "runtime", "tests")
_NOT_PASSED_ON = ("HWLOC", "NEURONCORE", "NEURONRUN", "NEURON_RT", "OMPI", "PMI")


def _expected_exits(text):
    """Commands that say how they exit, as commands that fail where they exit otherwise."""
    lines = []
    for line in text.replace("\\\n", " ").splitlines():
        match = _EXIT_REMARK.match(line)
        if match:
            command, code = match.groups()
            line = (f"docs_code=0; {command} || docs_code=$?\n[ $docs_code -eq {code} ] || "
                    f"{{ echo \"exit code $docs_code instead of {code}\" >&2; exit 1; }}")
        lines.append(line)
    return "\n".join(lines) + "\n"


class Page:
    """The scratch folder of a page, and the shell that goes on from block to block."""

    def __init__(self, source, build, stage, folder):
        self.source = source
        self.folder = folder
        self.root = folder / "tree"
        self.state = folder / "state"
        build_folder = self.root / "build"
        build_folder.mkdir(parents=True)
        (folder / "home").mkdir()
        (folder / "leases").mkdir(mode=0o1777)
        for name in _SOURCE_LINKS:
            (self.root / name).symlink_to(source / name)
        (build_folder / "release").symlink_to(build)
        (build_folder / "stage").symlink_to(stage)
        self.fresh_environment = self._environment(stage)
        self.begin()

    def _environment(self, stage):
        # Leases of their own, so that nothing else on this machine is in the way.
        kept = {name: value for name, value in os.environ.items()
                if not name.startswith(_NOT_PASSED_ON)}
        kept.pop("NEURON_EXECUTOR_PATH", None)
        kept.update(HOME=str(self.folder / "home"), PATH=f"{stage / 'bin'}:{os.environ['PATH']}",
                    NEURON_RT_LEASE_DIRECTORY=str(self.folder / "leases"),
                    OMPI_ALLOW_RUN_AS_ROOT="1", OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1",
                    NEURON_DOCS_SOURCE=str(self.source))
        if len(os.sched_getaffinity(0)) < 2:
            kept["HWLOC_SYNTHETIC"] = "core:2 pu:1"  # pages start two workers
        return kept

    def begin(self):
        """A new shell: nothing of the blocks before is known."""
        self.state.write_text(f"cd {shlex.quote(str(self.root))}\n")

    def _script(self, block):
        settings = shlex.split(block.orders.get("run with", ""))
        names = [setting.partition("=")[0] for setting in settings]
        lines = ["set -eua", f". {shlex.quote(str(self.state))}"]
        lines += [f"{name}={shlex.quote(setting.partition('=')[2])}"
                  for name, setting in zip(names, settings)]
        for name in block.orders.get("prepare", "").split():
            prelude = self.source / "tests" / "docs" / "preludes" / f"{name}.sh"
            if not prelude.exists():
                raise markdown.PageError(f"there is no prelude {prelude}")
            lines.append(f". {shlex.quote(str(prelude))}")
        forget = f"unset {' '.join(names)}; " if names else ""
        keep = f"{{ {forget}export -p; printf 'cd \"%s\"\\n' \"$PWD\"; }}"
        keep += f" >{shlex.quote(str(self.state))}\n"
        return "\n".join(lines) + "\n" + _expected_exits(block.text) + keep

    def run(self, block):
        """Runs a block; returns what is wrong with it, and what this machine lacks, or None."""
        if "new shell" in block.orders:
            self.begin()
        try:
            script = self._script(block)
        except markdown.PageError as error:
            return str(error), None
        log = self.folder / "log"
        with open(log, "wb") as output:
            shell = subprocess.Popen(["sh", "-c", script], stdin=subprocess.DEVNULL,
                                     stdout=output, stderr=subprocess.STDOUT, cwd=self.root,
                                     env=self.fresh_environment, start_new_session=True)
            code = _wait(shell)
        said = log.read_text(errors="replace").splitlines()
        if code == _LACKS and said and said[-1].startswith("skipped: "):
            return None, said[-1][len("skipped: "):]
        if code == 0:
            return None, None
        what = f"not done in {_BLOCK_SECONDS} s" if code is None else f"exit code {code}"
        return what + "".join(f"\n    {line}" for line in said[-25:]), None


def _wait(shell):
    """The exit code of a shell, or None where it took too long; nothing of it is left."""
    try:
        code = shell.wait(_BLOCK_SECONDS)
    except subprocess.TimeoutExpired:
        code = None
    try:
        os.killpg(shell.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    shell.wait()
    return code


def _compile(stage, block, folder):
    """A whole program in C must compile as it stands, against the installed headers."""
    program = folder / "program.c"
    program.write_text(block.text)
    done = subprocess.run(["cc", "-std=c11", "-Wall", "-Wextra", "-Werror", "-fsyntax-only",
                           f"-I{stage / 'include'}", str(program)], capture_output=True, text=True)
    return None if done.returncode == 0 else f"it does not compile:\n{done.stderr}"


def _run_page(page, paths, counts, excused):
    """Runs the blocks of one page; returns what is wrong, a text for each."""
    source, build, stage, folder = paths
    scratch = Page(source, build, stage, folder)
    troubles = []
    for block in markdown.blocks_of(page, (source / page).read_text()):
        if block.language == "c" and block.text.startswith("#include") and "main(" in block.text:
            counts["compiled"] += 1
            trouble = _compile(stage, block, folder)
        elif block.language != "sh":
            continue
        elif "not run" in block.orders:
            excused.append(f"{block.place}: {block.orders['not run']}")
            continue
        else:
            trouble, lack = scratch.run(block)
            if lack is not None:
                excused.append(f"{block.place}: {lack}")
            else:
                counts["run"] += 1
        if trouble is not None:
            troubles.append(f"{block.place}: {trouble}")
    return troubles


def main(arguments):
    source, build, stage, folder = (pathlib.Path(path).resolve() for path in arguments[:4])
    pages = arguments[4:] or markdown.pages_of(source)
    counts, excused, troubles = {"run": 0, "compiled": 0}, [], []
    for number, page in enumerate(pages):
        begin = time.monotonic()
        try:
            found = _run_page(page, (source, build, stage, folder / str(number)), counts, excused)
        except markdown.PageError as error:
            found = [str(error)]
        troubles += found
        print(f"{page}: {len(found)} wrong, {time.monotonic() - begin:.1f} s", flush=True)
    for line in excused:
        print(f"not run: {line}")
    for line in troubles:
        print(f"FAILED: {line}")
    print(f"{len(pages)} pages: {counts['run']} blocks run, {counts['compiled']} programs compiled, "
          f"{len(excused)} blocks not run, {len(troubles)} wrong")
    return 1 if troubles else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
