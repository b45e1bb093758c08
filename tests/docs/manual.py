# SPDX-License-Identifier: Apache-2.0
"""What the checks of the documents know of manuals, which are written in mdoc."""
import re

_MACRO = re.compile(r"\.?[A-Z][a-z]")
_WORD = re.compile(r"-?\w[\w-]*")


def marked(line, macro):
    """The words of a line that a macro marks: o and -output in "Fl o , -output Ar file"."""
    is_marked = False
    for word in line.replace("\\&", "").split():
        if _MACRO.fullmatch(word):
            is_marked = word.endswith(macro)
        elif is_marked and _WORD.fullmatch(word):
            yield word
