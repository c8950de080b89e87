"""Processes that measure on request: a line in, a line of JSON out."""

import json
import os
import subprocess


class Failed(Exception):
    """A process answered with an error, or not at all."""


class Process:
    """One process; it ends with the `with` block."""

    def __init__(self, command, threads, variables=None):
        self.command = [str(word) for word in command]
        names = ["OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"]
        self.environment = os.environ | {name: str(threads) for name in names} | (variables or {})

    def __enter__(self):
        self.process = subprocess.Popen(
            self.command,
            env=self.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.communicate()

    def ask(self, request):
        """The answer to a request; `Failed` with the reason if there is none."""
        try:
            self.process.stdin.write(request + "\n")
            self.process.stdin.flush()
            line = self.process.stdout.readline()
        except BrokenPipeError:
            line = ""
        if not line:
            raise Failed(f"{' '.join(self.command)} ended")
        answer = json.loads(line)
        if "failed" in answer:
            raise Failed(answer["failed"])
        return answer
