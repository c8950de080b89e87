"""What is measured on which workload."""

import dataclasses

NETWORKS = ["W1", "W2", "W3", "weights"]
RINGS = ["R64", "R128", "R256"]
# TensorLy takes too long for the others.
SMALL = ["2^20", "2^22", "8^8", "50^4"]


@dataclasses.dataclass(frozen=True)
class Side:
    """One row of the table for a workload.

    `process` is the one that is asked, `request` what it is asked, with places for workload and scalar. A floor
    is no competitor: it does less than the task.
    """

    name: str
    threads: int
    process: str
    request: str
    floor: bool = False

    @property
    def reads_files(self):
        """Whether the tensors come from files."""
        return self.process not in ["runner", "gemm"]


def thread_counts(threads):
    """One, and all."""
    return sorted({1, threads})


def of(workload, operations, threads):
    """All sides of a workload; `operations` is its count, `None` or 0 if no bound follows from it."""
    if workload in NETWORKS:
        bound = Side("lower bound", threads, "gemm", "gemm {scalar}", floor=True)
        return [
            *(by_runner(name, threads) for name in ["ours", "warm", "gesdd"]),
            *by_python("tensorly", "update", threads),
            *by_python("torch", "update", threads),
            *([bound] if operations else []),
        ]
    if workload in RINGS:
        return [
            by_runner("ours", threads),
            *by_python("tensorly", "lstsq", threads),
            *by_python("tensorly", "normal_eq", threads, name="normal eq."),
        ]
    copies = [by_runner("copy", n, floor=True) for n in thread_counts(threads)]
    others = by_python("tensorly", "cores", threads) if workload in SMALL else []
    return [by_runner("ours", threads), *others, *copies]


def by_runner(name, threads, floor=False):
    request = f"measure {{workload}} {{scalar}} {name} {threads}"
    return Side(name, threads, "runner", request, floor)


def by_python(library, task, threads, name=None):
    request = f"measure {{workload}} {{scalar}} {task}"
    return [Side(name or library, n, f"{library}-{n}", request) for n in thread_counts(threads)]


def pairs(chosen):
    """Workloads with their scalars, in the order of the table."""
    for workload in chosen.workloads:
        for scalar in chosen.scalars if workload in [*NETWORKS, *RINGS] else ["f64"]:
            yield workload, scalar
