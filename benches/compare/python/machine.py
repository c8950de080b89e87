"""What the figures were measured on."""

import os
import pathlib
import platform
import subprocess

from process import Failed


def describe():
    """Processor, its number of cores, compiler and library of the Rust side."""
    compiler = output(["rustc", "--version"]) or "rustc"
    blas = output(["pkg-config", "--modversion", "openblas"]) or "of an unknown version"
    return f"{processor()}, {os.cpu_count()} logical cores; {compiler}; OpenBLAS {blas} (gesdd, matrix products)"


def processor():
    try:
        for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(": ")[2]
    except OSError:
        pass
    return platform.processor() or platform.machine()


def load():
    """The load average of the last minute; near 0 before a run on a machine that nobody else uses."""
    return f"{os.getloadavg()[0]:.1f}"


def versions(processes, notes):
    """A line for each Python library. A process that cannot say is taken out of `processes`."""
    found = {}
    for name, process in list(processes.items()):
        if name in ["runner", "gemm"]:
            continue
        try:
            found[name.partition("-")[0]] = process.ask("version")["version"]
        except Failed as error:
            notes.leave_out(name, error)
            del processes[name]
    return list(found.values())


def output(command):
    """What a command prints; empty if there is no such command."""
    try:
        return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout.strip()
    except OSError:
        return ""
