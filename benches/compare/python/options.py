"""The command line."""

import argparse
import os

from sides import RINGS

LARGE = ["2^20", "2^22", "2^24", "8^8", "50^4"]
VERY_LARGE = "2^26"
NAMES = ["W1", "W2", "W3", *LARGE, VERY_LARGE, *RINGS]


def words(known):
    """A parser of lists such as `f32,f64`."""

    def parse(text):
        found = [word for word in text.split(",") if word]
        for word in found:
            if word not in known:
                raise argparse.ArgumentTypeError(f"no `{word}`; known are {', '.join(known)}")
        return found

    return parse


def at_least_one(text):
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number


def parser():
    made = argparse.ArgumentParser(
        prog="benches/compare/run",
        description="Measures tt-admm and other implementations of TT-SVD on the same tensors; "
        "prints one table of ratios.",
    )
    made.add_argument(
        "--workloads",
        type=words([*NAMES, "W4", "W5"]),
        help=f"of {', '.join(NAMES)}; W4 is {', '.join(LARGE)}, W5 {', '.join(RINGS)}; "
        "by default W1 to W4, or none with --weights",
    )
    made.add_argument("--large", action="store_true", help=f"W4 with {VERY_LARGE}: 0.5 GiB, several times")
    made.add_argument(
        "--scalars",
        type=words(["f32", "f64"]),
        default=["f32", "f64"],
        help="element types of W1 to W3, W5 and of the weights; W4 is f64 (default: f32,f64)",
    )
    made.add_argument("--rounds", type=at_least_one, default=5, help="default: %(default)s")
    made.add_argument(
        "--threads",
        type=at_least_one,
        default=min(2, os.cpu_count() or 1),
        help="of the Rust sides; the Python sides take 1 and this many (default: %(default)s)",
    )
    made.add_argument("--weights", metavar="FILE", help="safetensors; its 3x3 kernels are a workload")
    made.add_argument(
        "--trajectory",
        metavar="FILE",
        nargs="+",
        help="instead of all this: cold and warm projections of the weights of successive updates, a safetensors file each",
    )
    made.add_argument("--ratio", type=float, default=3.0, help="times fewer parameters for them (default: 3)")
    made.add_argument(
        "--without",
        type=words(["warm", "gesdd", "tensorly", "torch"]),
        default=[],
        help="sides to leave out, for example tensorly,torch",
    )
    made.add_argument("--json", metavar="FILE", help="the rows with every time measured")
    return made


def parse(arguments=None):
    """The options, with `workloads` written out."""
    chosen = parser().parse_args(arguments)
    given = chosen.workloads
    if given is None:
        given = [] if chosen.weights else ["W1", "W2", "W3", "W4"]
    groups, names = {"W4": LARGE + [VERY_LARGE] * chosen.large, "W5": RINGS}, []
    for name in given:
        names += groups.get(name, [name])
    if chosen.weights:
        names.append("weights")
    chosen.workloads = names
    return chosen
