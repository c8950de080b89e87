"""Measures tt-admm and other implementations of TT-SVD on the same tensors; prints one table of ratios."""

import contextlib
import dataclasses
import json
import pathlib
import subprocess
import sys
import tempfile

import build
import environment
import machine
import openblas
import options
import rounds
import sides
import table
from notes import Notes
from process import Failed, Process

SERVE = pathlib.Path(__file__).with_name("serve.py")


def start(stack, chosen, runner, folder, notes):
    """The processes that can be measured, by name, and the kernels of OpenBLAS that were chosen."""
    arguments = [runner, folder, "--ratio", str(chosen.ratio)]
    if chosen.weights:
        arguments += ["--weights", chosen.weights]
    kernels = openblas.fastest(arguments)
    chosen_kernels = openblas.variables(kernels)
    processes = {
        "runner": stack.enter_context(Process(arguments, 1, chosen_kernels)),
        # OpenBLAS takes its number of threads from the environment, once.
        "gemm": stack.enter_context(Process(arguments, chosen.threads, chosen_kernels)),
    }
    interpreters = {}
    if "tensorly" not in chosen.without:
        interpreters["tensorly"] = environment.with_requirements(runner.parent.parent / "venv", notes)
    if "torch" not in chosen.without:
        interpreters["torch"] = environment.with_module("torch")
    for library, python in interpreters.items():
        if python is None:
            notes.leave_out(library, "no Python that can import it")
            continue
        for threads in sides.thread_counts(chosen.threads):
            process = Process([python, SERVE, library, folder, threads], threads)
            processes[f"{library}-{threads}"] = stack.enter_context(process)
    return processes, kernels


def measure(workload, scalar, processes, chosen, folder, notes):
    """The rows of one workload and scalar."""
    runner = processes["runner"]
    notes.progress(f"{workload} {scalar}: tensors")
    operations = runner.ask(f"describe {workload}")["operations"]
    measured = [
        side
        for side in sides.of(workload, operations, chosen.threads)
        if side.process in processes and side.name not in chosen.without
    ]
    if any(side.reads_files for side in measured):
        runner.ask(f"write {workload} {scalar}")
    samples = rounds.interleaved(measured, processes, workload, scalar, chosen.rounds, notes)
    for path in folder.glob(f"{workload}-{scalar}*"):
        path.unlink()
    return [
        table.Row.of(workload, scalar, side, samples[side], operations)
        for side in measured
        if samples[side]
    ]


def report(rows, before, versions, kernels, speeds, chosen, notes):
    """Everything that goes to standard output."""
    print(machine.describe())
    print(f"kernels of that OpenBLAS: {kernels or 'those it chooses itself'}")
    for line in versions:
        print(line)
    print(f"matrix products by OpenBLAS on 1 / {chosen.threads} threads, GFLOP/s: {speeds}")
    print(f"load average before and after: {before} / {machine.load()}")
    print(f"rounds: {chosen.rounds} after one that does not count, all sides in turn in each")
    print()
    print("\n".join(table.lines(rows)))
    print()
    print(table.LEGEND)
    for line in notes.left_out:
        print(line)


def gemm_speeds(processes, scalars):
    """A line on the speed of matrix products."""
    speed = lambda name, scalar: processes[name].ask(f"gemm {scalar}")["gflops"]
    return ", ".join(f"{s} {speed('runner', s):.0f} / {speed('gemm', s):.0f}" for s in scalars)


def main():
    chosen = options.parse()
    try:
        runner = build.runner()
    except build.Missing as error:
        sys.exit(f"missing: {error}")
    if chosen.trajectory:
        limits = ["--threads", str(chosen.threads), "--ratio", str(chosen.ratio)]
        sys.exit(subprocess.call([runner, *limits, "--trajectory", *chosen.trajectory]))
    before, notes, rows = machine.load(), Notes(), []
    with contextlib.ExitStack() as stack:
        folder = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tt-admm-compare-")))
        try:
            processes, kernels = start(stack, chosen, runner, folder, notes)
            versions = machine.versions(processes, notes)
            speeds = gemm_speeds(processes, ["f32", "f64"])
            for workload, scalar in sides.pairs(chosen):
                rows += measure(workload, scalar, processes, chosen, folder, notes)
        except Failed as error:
            sys.exit(f"error: {error}")
    table.mark_better(rows)
    report(rows, before, versions, kernels, speeds, chosen, notes)
    if chosen.json:
        saved = [dataclasses.asdict(row) for row in rows]
        pathlib.Path(chosen.json).write_text(json.dumps(saved, indent=1) + "\n")
