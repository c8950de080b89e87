"""The table: rows of measured sides, with their ratios to ours."""

import dataclasses
import statistics

LEGEND = """\
ms: median over the rounds; +-: half the range of all rounds over the median. warm: ours from the last result,
weights moved by 1 % in between.
/ ours: how many times as long as ours it takes. ours /: how many times a floor ours takes; the lower bound is the
operation count of the cheapest exact algorithm at the speed of matrix products, copy that of the tensor. Of a side
measured with two numbers of threads the faster counts. error: sqrt(sum |W - Z|^2 / sum |W|^2) from the dense Z.
memory: peak beyond what was held before the call, in sizes of the tensor. NumPy computes the SVD of f32 in f64."""


@dataclasses.dataclass
class Row:
    """One side of one workload. `counts` is false for the slower of two numbers of threads."""

    workload: str
    scalar: str
    side: str
    threads: int
    times: list[float]
    error: float | None = None
    memory: float | None = None
    floor: bool = False
    counts: bool = True

    @classmethod
    def of(cls, workload, scalar, side, samples, operations):
        """The row of a side with at least one sample; a speed becomes the time of so many operations."""
        last = samples[-1]
        times = [s["ms"] if "ms" in s else operations / s["gflops"] / 1e6 for s in samples]
        error, memory = last.get("error"), last.get("extra_memory")
        return cls(workload, scalar, side.name, side.threads, times, error, memory, side.floor)

    @property
    def ms(self):
        return statistics.median(self.times)

    @property
    def spread(self):
        """Half the range of the times over their median."""
        return (max(self.times) - min(self.times)) / 2 / self.ms


def mark_better(rows):
    """Of rows that differ in their number of threads only the fastest counts."""
    groups = {}
    for row in rows:
        groups.setdefault((row.workload, row.scalar, row.side), []).append(row)
    for group in groups.values():
        best = min(group, key=lambda row: row.ms)
        for row in group:
            row.counts = row is best


HEAD = ["workload", "scalar", "side", "threads", "ms", "+-", "/ ours", "ours /", "error", "memory"]
# How many columns hold words.
WORDS = 3


def lines(rows):
    """The table as lines of equal columns, with an empty line before every workload and scalar."""
    ours = {(row.workload, row.scalar): row.ms for row in rows if row.side == "ours"}
    body, last = [HEAD], None
    for row in rows:
        group = (row.workload, row.scalar)
        if group != last:
            body.append([])
        body.append(cells(row, ours.get(group), first=group != last))
        last = group
    widths = [max(len(line[k]) for line in body if line) for k in range(len(HEAD))]
    return [aligned(line, widths) for line in body]


def cells(row, ours, first):
    """The cells of a row; the names of its workload and scalar stand in the first row only."""
    compared = ours is not None and row.counts
    return [
        row.workload if first else "",
        row.scalar if first else "",
        row.side,
        str(row.threads),
        number(row.ms),
        f"{100 * row.spread:.0f}%",
        f"{row.ms / ours:.2f}" if compared and not row.floor else "",
        f"{ours / row.ms:.2f}" if compared and row.floor else "",
        "" if row.error is None else f"{row.error:.6g}",
        "" if row.memory is None else f"{row.memory:.2f}",
    ]


def number(ms):
    """Three digits or more."""
    return f"{ms:.3f}" if ms < 1 else f"{ms:.2f}" if ms < 10 else f"{ms:.1f}" if ms < 100 else f"{ms:.0f}"


def aligned(line, widths):
    pairs = enumerate(zip(line, widths))
    return "  ".join(c.ljust(w) if k < WORDS else c.rjust(w) for k, (c, w) in pairs).rstrip()
