# SPDX-License-Identifier: Apache-2.0
"""The node tests of ONNX's backend collection, as Debian's python3-onnx makes them."""
import warnings

import numpy as np

# Names that numpy 1.24 took away, and that the collection of onnx 1.12 still uses.
_REMOVED_ALIASES = {"bool": bool, "complex": complex, "float": float, "int": int,
                    "object": object, "str": str}


def _restore_numpy_aliases():
    for name, kind in _REMOVED_ALIASES.items():
        if name not in vars(np):
            setattr(np, name, kind)


def collect():
    """All cases, each with its model and one set of inputs and outputs."""
    _restore_numpy_aliases()
    np.random.seed(0)  # the collection draws its inputs, and does not seed
    from onnx.backend.test.case.node import collect_testcases

    with warnings.catch_warnings():
        # The cases divide by zero and cast NaN on purpose.
        warnings.simplefilter("ignore")
        return collect_testcases(None)
