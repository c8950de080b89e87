"""Python interpreters that have what a side needs."""

import pathlib
import subprocess
import sys

REQUIREMENTS = pathlib.Path(__file__).with_name("requirements.txt")


def with_requirements(folder, notes):
    """An interpreter with the pinned packages: that of a virtual environment in `folder`, which is made if need
    be. Without one, the interpreter of this script if it happens to have the packages; otherwise `None`."""
    python, stamp = folder / "bin" / "python3", folder / "requirements.txt"
    wanted = REQUIREMENTS.read_text()
    if stamp.is_file() and stamp.read_text() == wanted and succeeds([python, "-c", "import tensorly"]):
        return python
    notes.progress(f"a virtual environment with {', '.join(wanted.split())}")
    steps = [
        ([sys.executable, "-m", "venv", "--clear", folder], "is python3-venv installed?"),
        (
            [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", REQUIREMENTS],
            "could pip reach its index?",
        ),
    ]
    for command, question in steps:
        if not succeeds(command, stdout=sys.stderr):
            notes.progress(f"no virtual environment; {question}")
            return with_module("tensorly")
    stamp.write_text(wanted)
    return python


def with_module(module):
    """An interpreter that can import a module, if that of this script or the system's can."""
    for python in [sys.executable, "/usr/bin/python3"]:
        if succeeds([python, "-c", f"import {module}"], stderr=subprocess.DEVNULL):
            return python
    return None


def succeeds(command, **redirected):
    try:
        return subprocess.run(command, **redirected).returncode == 0
    except OSError:
        return False
