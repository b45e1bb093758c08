# SPDX-License-Identifier: Apache-2.0
"""What the installed programs say of themselves: which there are, and the options of each."""
import pathlib
import re
import subprocess

_OPTION = re.compile(r"(?<![\w\]=-])(--?[A-Za-z][\w-]*)")
_TOPICS = re.compile(r"--help=((?:\w+,\s+)+\w+)")
_UNKNOWN = re.compile(r"(unknown|no such|is no|unrecogni[sz]ed|invalid) option")
_MADE_UP = "--no-such-option"


def options_in(text):
    """The options that a text names."""
    return set(_OPTION.findall(text))


class Program:
    """An installed program. `shown` are the options of its help, on all its screens."""

    def __init__(self, path, folder):
        self.name = path.name
        self._path = path
        self._folder = folder
        screens = [self._call("--help")[1]]
        topics = _TOPICS.search(screens[0])
        if topics:
            screens += [self._call(f"--help={topic}")[1]
                        for topic in re.split(r",\s+", topics.group(1))]
        self.help = "\n".join(screens)
        # Options stand at the beginning of a line, before what is said of them.
        heads = [re.split(r"\s{2,}", line.strip())[0] for line in self.help.splitlines()
                 if line.lstrip().startswith("-")]
        self.shown = options_in("\n".join(heads))
        self._known = options_in(self.help) | {"--help", "--version"}
        self._refused = set()

    def _call(self, *arguments):
        done = subprocess.run([str(self._path), *arguments], capture_output=True, text=True,
                              stdin=subprocess.DEVNULL, cwd=self._folder, timeout=20)
        return done.returncode, done.stdout, done.stderr

    def has(self, option):
        """Whether the program takes an option: its help has it, or the program knows it when asked."""
        if option not in self._known | self._refused:
            code, _, said = self._call(option)
            is_known = code == 0 or _UNKNOWN.search(said) is None
            (self._known if is_known else self._refused).add(option)
        return option in self._known

    def answers(self):
        """Whether an option that there is not is refused in words that has() understands."""
        return not self.has(_MADE_UP)


def installed_programs(stage, folder):
    """The programs for people, by name."""
    found = sorted((pathlib.Path(stage) / "bin").iterdir())
    return {path.name: Program(path, folder) for path in found}


def inner_programs(stage):
    """The names of programs that only other programs start."""
    return {path.name for path in (pathlib.Path(stage) / "libexec").rglob("*") if path.is_file()}
