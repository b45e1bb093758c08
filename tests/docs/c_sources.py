# SPDX-License-Identifier: Apache-2.0
"""What the checks of the documents read in the C sources: variables, enumerators, tables."""
import pathlib
import re

# Begin the names of environment variables, wherever a name stands in the code.
_PREFIXES = ("DNNL_", "HWLOC_", "MASTER_", "MPI_", "NEURON_", "NEURONCORE_", "NEURONRUN_", "OMPI_",
             "OMP_", "ONEDNN_", "PBS_", "PMIX_", "PMI_", "SLURM_", "XDG_")
_LITERAL = re.compile(r'"([A-Z][A-Z0-9_]*[A-Z0-9])(?:=[^"]*)?"')
_READ = re.compile(r'\b(?:getenv|read_variable)\("([A-Za-z_]+)"\)')
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)


def read(path):
    """A source without its comments."""
    return _COMMENT.sub(" ", pathlib.Path(path).read_text())


def sources_of(source):
    """The C files of what is installed."""
    for part in ("runtime", "dp", "launcher"):
        yield from sorted((pathlib.Path(source) / part).rglob("*.[ch]"))


def enumerators(path, prefix=""):
    """The enumerators of a header that are given a number: name to number."""
    found = re.findall(r"\b([A-Z][A-Z0-9_]*) = (\d+)\s*[,}\s]", read(path))
    return {name: int(number) for name, number in found if name.startswith(prefix)}


def capital_literals(path):
    """Texts of a source that could be the names of variables, also those with a value behind."""
    return set(_LITERAL.findall(read(path)))


def variables_of(source):
    """The environment variables that the code reads or sets: name to the files that have it."""
    statuses = enumerators(pathlib.Path(source) / "runtime/include/neuron/status.h")
    found = {}
    for path in sources_of(source):
        text = read(path)
        names = {name for name in _LITERAL.findall(text)
                 if name.startswith(_PREFIXES) or "environment" in path.name}
        for name in (names | set(_READ.findall(text))) - set(statuses):
            found.setdefault(name, set()).add(str(path.relative_to(source)))
    return found


def operator_names(path):
    """The first texts of the rows of a table of operators."""
    return set(re.findall(r'\{"([A-Z][A-Za-z0-9]+)",', read(path)))


def words(paths, prefix):
    """The identifiers with a prefix that sources use, but for tables that give each its name."""
    texts = [re.sub(r'\{(\w+), "\1"\}', "", read(path)) for path in paths]
    return {word for text in texts for word in re.findall(rf"\b{prefix}[A-Z0-9_]+\b", text)}
