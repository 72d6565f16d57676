"""OpenVINO, imported without its model converter: ``ov`` is the package, ``op`` the operations and ``core`` the
one core of this process.

The converter, which is not used here, writes an identity into the home folder when it is imported, tells a
web service of the import, and warns about a read-only home. With its module marked as absent, OpenVINO's own
import goes on without it, and faster. The mark is then taken away, for other users of the process.
"""

from __future__ import annotations

import sys

_CONVERTER = "openvino.tools.ovc"

if _CONVERTER in sys.modules:
    import openvino as ov
else:
    sys.modules[_CONVERTER] = None  # type: ignore[assignment]  # an import of it is an ImportError
    try:
        import openvino as ov
    finally:
        del sys.modules[_CONVERTER]

import numpy as np  # noqa: E402
from openvino import opset8 as op  # noqa: E402

# The first look at a tensor's data sets something up, once in a process, and gives the interpreter's lock away while it
# does. Two threads that look for the first time together wait for each other for ever: so the first look is here.
_ = ov.Tensor(np.zeros(1, np.uint8)).data

# A core's CPU plugin gives the thread that first uses it a stack for signals, and frees that stack with itself, after
# setting what was there before. Where cores go in another order than the reverse of their making, a thread is left
# with a stack that is no more, and the next Ctrl+C is a segmentation fault. One core, which stays, has no order.
core = ov.Core()

__all__ = ["core", "op", "ov"]
