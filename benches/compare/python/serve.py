"""A Python side, measured on request.

    python3 serve.py tensorly|torch FOLDER THREADS

Reads lines `version` and `measure WORKLOAD SCALAR TASK`, and answers each by a line of JSON. The tensors are read
from FOLDER. The task `update` is timed with the dense tensors rebuilt, `cores` without; `lstsq` and `normal_eq` fit
rings, least squares being solved in that way.
"""

import importlib
import json
import pathlib
import statistics
import sys
import time

# Short calls are repeated until so many seconds have been measured, or so often.
ENOUGH = 0.1
MOST = 50


class Side:
    """A library with the tensors last asked for."""

    def __init__(self, library, folder, threads):
        self.library = importlib.import_module(f"by_{library}")
        self.library.use_threads(threads)
        self.folder = folder
        self.loaded = None
        self.errors = {}

    def load(self, name):
        """The tensors of `NAME.json`; the last ones go first."""
        if self.loaded != name:
            self.tensors, self.ranks, self.errors = [], [], {}
            for entry in json.loads((self.folder / f"{name}.json").read_text()):
                path, scalar = self.folder / entry["file"], name.rpartition("-")[2]
                self.tensors.append(self.library.load(path, entry["shape"], scalar))
                self.ranks.append(entry["ranks"])
            self.loaded = name

    def cores(self):
        return [self.library.decompose(w, list(ranks)) for w, ranks in zip(self.tensors, self.ranks)]

    def update(self):
        return [self.library.rebuild(self.library.decompose(w, list(r))) for w, r in zip(self.tensors, self.ranks)]

    def rings(self, ls_solve):
        return [self.library.fit_ring(w, list(ranks), ls_solve) for w, ranks in zip(self.tensors, self.ranks)]

    def measure(self, workload, scalar, task):
        """The median time of the task, and the error of the dense result, which is determined once."""
        self.load(f"{workload}-{scalar}")
        work, rebuild = {
            "update": lambda: (self.update, lambda dense: dense),
            "cores": lambda: (self.cores, self.library.rebuild),
            "lstsq": lambda: (lambda: self.rings(task), self.library.rebuild_ring),
            "normal_eq": lambda: (lambda: self.rings(task), self.library.rebuild_ring),
        }[task]()
        times = []
        while sum(times) < ENOUGH and len(times) < MOST:
            start = time.perf_counter()
            result = work()
            times.append(time.perf_counter() - start)
        if task not in self.errors:
            squares = [self.library.squares(w, rebuild(z)) for w, z in zip(self.tensors, result)]
            difference, norm = (sum(terms) for terms in zip(*squares))
            self.errors[task] = (difference / norm) ** 0.5
        return {"ms": 1e3 * statistics.median(times), "error": self.errors[task]}

    def answer(self, request):
        match request.split():
            case ["version"]:
                return {"version": self.library.version()}
            case ["measure", workload, scalar, task]:
                return self.measure(workload, scalar, task)
            case _:
                raise ValueError(f"no such request: {request!r}")


def main():
    library, folder, threads = sys.argv[1:]
    side = Side(library, pathlib.Path(folder), int(threads))
    for request in sys.stdin:
        try:
            answer = side.answer(request)
        except Exception as error:  # one measurement fails, not the run
            answer = {"failed": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
