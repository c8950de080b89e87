"""What is said besides the table."""

import sys


class Notes:
    """Progress goes to standard error at once; what is left out is also kept for the end of the report."""

    def __init__(self):
        self.left_out = []

    def progress(self, text):
        print(text, file=sys.stderr, flush=True)

    def leave_out(self, what, reason):
        line = f"{what}: left out: {reason}"
        self.progress(line)
        self.left_out.append(line)
