"""The kernels of the OpenBLAS that the Rust side is linked to."""

import os
import pathlib

from process import Failed, Process

VARIABLE = "OPENBLAS_CORETYPE"

# Kernels, and what the processor must have for them.
CANDIDATES = {"SkylakeX": {"avx512f", "avx512vl", "avx512dq", "avx512bw"}, "Haswell": {"avx2", "fma"}}


def fastest(runner_arguments):
    """The kernels with the fastest matrix product: "" for those that OpenBLAS chooses itself.

    A version older than the processor may fall back to kernels without wide vectors, which would flatter the other
    side. A choice of the user is kept.
    """
    if os.environ.get(VARIABLE):
        return os.environ[VARIABLE]
    names = [name for name, needed in CANDIDATES.items() if needed <= flags()]
    speeds = {name: speed(runner_arguments, name) for name in ["", *names]}
    best = max(speeds, key=speeds.get)
    # What OpenBLAS chooses stays unless it is clearly slower.
    return best if speeds[best] > 1.2 * speeds[""] else ""


def variables(name):
    """The environment that chooses these kernels."""
    return {VARIABLE: name} if name else {}


def speed(runner_arguments, name):
    """GFLOP/s of a product on one thread; 0 where it cannot be measured."""
    try:
        with Process(runner_arguments, threads=1, variables=variables(name)) as process:
            return max(process.ask("gemm f64")["gflops"] for _ in range(3))
    except Failed:
        return 0.0


def flags():
    """What the processor has, as far as the system tells."""
    try:
        for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("flags"):
                return set(line.partition(": ")[2].split())
    except OSError:
        pass
    return set()
