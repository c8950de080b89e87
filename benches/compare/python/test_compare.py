"""Tests of the parts that measure nothing: python3 -m unittest discover benches/compare/python."""

import json
import os
import pathlib
import sys
import tempfile
import unittest
from unittest import mock

import openblas
import options
import rounds
import serve
import sides
import table
from notes import Notes
from process import Failed


def row(side, threads, *times, **more):
    return table.Row("W1", "f32", side, threads, list(times), **more)


class TableTest(unittest.TestCase):
    def test_the_faster_number_of_threads_counts(self):
        rows = [row("ours", 2, 4.0), row("tensorly", 1, 60.0), row("tensorly", 2, 50.0)]
        table.mark_better(rows)
        self.assertEqual([r.counts for r in rows], [True, False, True])
        self.assertEqual([line.split()[-1] for line in table.lines(rows)[2:]], ["1.00", "0%", "12.50"])

    def test_floors_are_compared_the_other_way_round(self):
        rows = [row("ours", 2, 6.0, 4.0, 5.0), row("lower bound", 2, 0.5, floor=True)]
        ours, floor = (table.cells(r, 5.0, first=False) for r in rows)
        self.assertEqual(ours[4:8], ["5.00", "20%", "1.00", ""])
        self.assertEqual(floor[4:8], ["0.500", "0%", "", "10.00"])

    def test_columns_are_aligned_and_groups_apart(self):
        rows = [row("ours", 2, 4.0, error=0.25), table.Row("2^20", "f64", "ours", 2, [123.4], memory=1.5)]
        lines = table.lines(rows)
        self.assertEqual([line == "" for line in lines], [False, True, False, True, False])
        ends = {line.index(word) + len(word) for line, word in [(lines[0], " ms"), (lines[2], "4.00"), (lines[4], "123")]}
        self.assertEqual(len(ends), 1)

    def test_without_ours_there_are_no_ratios(self):
        self.assertEqual(table.cells(row("gesdd", 2, 9.0), None, first=True)[6:8], ["", ""])

    def test_a_speed_becomes_a_time(self):
        side = sides.Side("lower bound", 2, "gemm", "gemm {scalar}", floor=True)
        made = table.Row.of("W1", "f64", side, [{"gflops": 100.0}, {"gflops": 50.0}], 1e9)
        self.assertEqual((made.times, made.floor), ([10.0, 20.0], True))


class FakeProcess:
    """Answers with the number of the request, or fails."""

    def __init__(self, fails_at=None):
        self.fails_at = fails_at
        self.requests = []

    def ask(self, request):
        if len(self.requests) == self.fails_at:
            raise Failed("no")
        self.requests.append(request)
        return {"ms": float(len(self.requests))}


class RoundsTest(unittest.TestCase):
    def test_the_first_round_does_not_count_and_failures_end_a_side(self):
        good, bad = sides.by_runner("ours", 2), sides.Side("torch", 1, "torch-1", "measure {workload} {scalar} update")
        processes, notes = {"runner": FakeProcess(), "torch-1": FakeProcess(fails_at=2)}, Notes()
        notes.progress = lambda text: None
        samples = rounds.interleaved([good, bad], processes, "W1", "f32", 3, notes)
        self.assertEqual([s["ms"] for s in samples[good]], [2.0, 3.0, 4.0])
        self.assertEqual(samples[bad], [])
        self.assertEqual(processes["runner"].requests[0], "measure W1 f32 ours 2")
        self.assertEqual(processes["torch-1"].requests, ["measure W1 f32 update"] * 2)
        self.assertEqual(notes.left_out, ["W1 f32, torch, threads: 1: left out: no"])


class OpenblasTest(unittest.TestCase):
    def chosen(self, speeds, flags, **environment):
        others = {name: value for name, value in os.environ.items() if name != openblas.VARIABLE}
        with (
            mock.patch.dict(os.environ, others | environment, clear=True),
            mock.patch.object(openblas, "flags", lambda: flags),
            mock.patch.object(openblas, "speed", lambda _, name: speeds[name]),
        ):
            return openblas.variables(openblas.fastest([]))

    def test_faster_kernels_that_the_processor_has_are_chosen(self):
        speeds = {"": 16, "Haswell": 30, "SkylakeX": 70}
        wide = openblas.CANDIDATES["SkylakeX"] | openblas.CANDIDATES["Haswell"]
        self.assertEqual(self.chosen(speeds, wide), {openblas.VARIABLE: "SkylakeX"})
        self.assertEqual(self.chosen(speeds, {"avx2", "fma"}), {openblas.VARIABLE: "Haswell"})
        self.assertEqual(self.chosen(speeds, set()), {})
        self.assertEqual(self.chosen(speeds | {"": 65}, wide), {})

    def test_a_choice_of_the_user_is_kept(self):
        self.assertEqual(self.chosen({}, set(), OPENBLAS_CORETYPE="Zen"), {openblas.VARIABLE: "Zen"})


class OptionsTest(unittest.TestCase):
    def test_workloads_are_written_out(self):
        names = lambda *words: options.parse(words).workloads
        self.assertEqual(names("--workloads", "W1,W4", "--large"), ["W1", *options.LARGE, "2^26"])
        self.assertEqual(names("--weights", "net.safetensors"), ["weights"])
        self.assertEqual(names()[:3], ["W1", "W2", "W3"])
        self.assertEqual(names("--workloads", "W5"), sides.RINGS)

    def test_sides_of_workloads(self):
        names = lambda *args: [(side.name, side.threads) for side in sides.of(*args)]
        self.assertEqual(names("2^24", None, 2), [("ours", 2), ("copy", 1), ("copy", 2)])
        self.assertIn(("lower bound", 2), names("W1", 1e8, 2))
        self.assertNotIn(("lower bound", 2), names("weights", 0, 2))
        self.assertEqual(names("2^20", None, 1), [("ours", 1), ("tensorly", 1), ("copy", 1)])
        self.assertEqual(names("R64", None, 1), [("ours", 1), ("tensorly", 1), ("normal eq.", 1)])

    def test_rings_have_the_scalars_that_are_asked_for(self):
        pairs = lambda *words: list(sides.pairs(options.parse(words)))
        self.assertEqual(pairs("--workloads", "R64", "--scalars", "f32"), [("R64", "f32")])
        self.assertEqual(pairs("--workloads", "2^20", "--scalars", "f32"), [("2^20", "f64")])


class FakeLibrary:
    """Rings of numbers: a fit halves them, by normal equations it takes a quarter."""

    use_threads = staticmethod(lambda threads: None)
    load = staticmethod(lambda path, shape, scalar: 4.0)
    fit_ring = staticmethod(lambda w, ranks, ls_solve: w / {"lstsq": 2, "normal_eq": 4}[ls_solve])
    rebuild_ring = staticmethod(lambda z: z)
    squares = staticmethod(lambda w, z: ((w - z) ** 2, w**2))


class ServeTest(unittest.TestCase):
    def test_every_task_has_its_own_error(self):
        with tempfile.TemporaryDirectory() as folder, mock.patch.dict(sys.modules, by_fake=FakeLibrary):
            entry = {"file": "R64-f32-0.bin", "shape": [1], "ranks": [1, 1]}
            pathlib.Path(folder, "R64-f32.json").write_text(json.dumps([entry]))
            side = serve.Side("fake", pathlib.Path(folder), 1)
            errors = [side.answer(f"measure R64 f32 {task}")["error"] for task in ["lstsq", "normal_eq", "lstsq"]]
        self.assertEqual(errors, [0.5, 0.75, 0.5])


if __name__ == "__main__":
    unittest.main()
