"""The Rust side."""

import json
import pathlib
import subprocess

PACKAGE = pathlib.Path(__file__).resolve().parent.parent


class Missing(Exception):
    """The runner cannot be built."""


def runner():
    """Builds it; the path of the program."""
    command = ["cargo", "build", "--release", "--locked", "--message-format", "json-render-diagnostics"]
    try:
        done = subprocess.run(command, cwd=PACKAGE, stdout=subprocess.PIPE, text=True)
    except FileNotFoundError:
        raise Missing("cargo") from None
    if done.returncode != 0:
        raise Missing("the Rust side was not built; it needs libopenblas-dev and pkg-config")
    for line in done.stdout.splitlines():
        executable = json.loads(line).get("executable")
        if executable:
            return pathlib.Path(executable)
    raise Missing("cargo built no program")
