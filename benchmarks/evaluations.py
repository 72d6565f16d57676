"""Network evaluations per second on this machine: each back end, batch by batch, alone and beside a busy process.

    python -m benchmarks.evaluations                          # 4x64 and 6x96 on 9x9, every back end that is there
    python -m benchmarks.evaluations --nets 6x96 --size 19 --threads 2 --batches 1,8,32

The networks are untrained: their weights have no influence on the speed. "busy" has one other process that never
pauses; on two cores a back end that keeps half of its speed there is doing well.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from itertools import product
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from nets.config import GLOBALS, PLANES, NetConfig, NetError
from nets.evaluator import Evaluator, choose_device, default_threads, evaluator_of
from nets.ranges import measured_ranges


@contextmanager
def busy_core() -> Iterator[None]:
    """A process that never pauses, for as long as the block runs."""
    process = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    try:
        yield
    finally:
        process.kill()
        process.wait()


def random_inputs(batch: int, size: int) -> tuple[np.ndarray, np.ndarray]:
    """(planes, globals) of no real positions."""
    rng = np.random.default_rng(0)
    planes = (rng.random((batch, PLANES, size, size)) < 0.3).astype(np.uint8)
    return planes, rng.normal(size=(batch, GLOBALS)).astype(np.float32)


def ranges_for(backend: str, config: NetConfig, arrays: dict[str, np.ndarray], size: int) -> list[list[float] | None]:
    """Without ranges, and with them where the back end computes in int8 then."""
    return [None, measured_ranges(config, arrays, size, *random_inputs(64, size))] if backend == "openvino" else [None]


def evaluations_per_second(evaluator: Evaluator, batch: int, seconds: float) -> float:
    """Positions evaluated per second, in batches one after the other, over about ``seconds``."""
    planes, globals_ = random_inputs(batch, evaluator.size)
    for _ in range(3):
        evaluator.evaluate(planes, globals_)
    start, count = time.perf_counter(), 0
    while time.perf_counter() - start < seconds:
        evaluator.evaluate(planes, globals_)
        count += batch
    return count / (time.perf_counter() - start)


def random_arrays(config: NetConfig) -> dict[str, np.ndarray]:
    """Weights of an untrained network, without torch."""
    from nets.config import tensor_shapes

    rng = np.random.default_rng(0)
    arrays = {}
    for name, shape in tensor_shapes(config).items():
        if name.endswith(("norm.weight", "running_var")):
            arrays[name] = np.ones(shape, np.float32)
        else:
            arrays[name] = (0.05 * rng.normal(size=shape)).astype(np.float32)
    return arrays


def backends(wanted: list[str] | None) -> list[str]:
    """The back ends asked for, or all that are there."""
    found = []
    for name in wanted or ["cuda", "openvino", "torch"]:
        try:
            found.append(choose_device(name))
        except NetError as error:
            if wanted:
                raise SystemExit(f"evaluations.py: {error}") from None
    return found


def measure(arguments: argparse.Namespace) -> list[dict[str, Any]]:
    """One row for each network, back end and batch."""
    rows = []
    for shape in arguments.nets:
        config = NetConfig.named(shape)
        arrays = random_arrays(config)
        for backend in backends(arguments.devices):
            for batch, ranges in product(arguments.batches, ranges_for(backend, config, arrays, arguments.size)):
                begin = time.perf_counter()
                evaluator = evaluator_of(
                    config, arrays, arguments.size, backend, batch, arguments.threads, ranges=ranges
                )
                evaluations_per_second(evaluator, batch, 0.0)
                ready = time.perf_counter() - begin
                row = {"net": shape, "size": arguments.size, "back end": evaluator.name, "batch": batch}
                for column, load in (("alone", nullcontext()), ("busy", busy_core())):
                    with load:
                        row[column] = round(evaluations_per_second(evaluator, batch, arguments.seconds))
                rows.append(row | {"ready_s": round(ready, 2)})
    return rows


def main() -> None:
    """Measures and prints a table."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--nets", type=lambda text: text.split(","), default=["4x64", "6x96"])
    words.add_argument("--size", type=int, default=9)
    words.add_argument("--batches", type=lambda t: [int(n) for n in t.split(",")], default=[1, 8, 32, 64, 128])
    words.add_argument("--devices", type=lambda text: text.split(","), default=None, help="openvino,torch,cuda")
    words.add_argument("--threads", type=int, default=None, help=f"default here: {default_threads()}")
    words.add_argument("--seconds", type=float, default=1.0, help="length of each measurement")
    words.add_argument("--json", action="store_true")
    arguments = words.parse_args()
    try:
        rows = measure(arguments)
    except NetError as error:
        raise SystemExit(f"evaluations.py: {error}") from None
    if arguments.json:
        print(json.dumps(rows, indent=2))
        return
    table = Table(title=f"Evaluations per second, {arguments.size}x{arguments.size}")
    for column in ("net", "back end", "batch", "alone", "beside a busy process", "ready after"):
        table.add_column(column, justify="left" if column in ("net", "back end") else "right")
    for r in rows:
        figures = (f"{r['batch']}", f"{r['alone']:,}", f"{r['busy']:,}", f"{r['ready_s']:.2f} s")
        table.add_row(r["net"], r["back end"], *figures)
    Console().print(table)


if __name__ == "__main__":
    main()
