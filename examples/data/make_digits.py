#!/usr/bin/env python3
"""Make digits.csv from the copy of the UCI digits that scikit-learn ships.

    pip download --no-deps scikit-learn==1.9.1
    python3 make_digits.py scikit_learn-1.9.1-*.whl digits.csv

The input is the wheel, or the file `sklearn/datasets/data/digits.csv.gz` taken out of it. The numbers
are decompressed and checked, never altered or reordered. Needs nothing but the standard library.
"""

import collections
import gzip
import hashlib
import pathlib
import sys
import zipfile

MEMBER = "sklearn/datasets/data/digits.csv.gz"
SHA256_GZ = "09f66e6debdee2cd2b5ae59e0d6abbb73fc2b0e0185d2e1957e9ebb51e23aa22"
SHA256_CSV = "6ebb3d2fee246a4e99363262ddf8a00a3c41bee6014c373ed9d9216ba7f651b8"
# Number of images of the digits 0 to 9, as UCI states them for the test part.
PER_CLASS = [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]


def require(condition, message):
    """Stop with `message` unless `condition` holds."""
    if not condition:
        sys.exit(f"make_digits.py: {message}")


def read_packed(path):
    """The bytes of digits.csv.gz, from a wheel or from the file itself."""
    if path.suffix == ".whl":
        with zipfile.ZipFile(path) as wheel:
            return wheel.read(MEMBER)
    return path.read_bytes()


def main():
    """Read, check, write."""
    require(len(sys.argv) == 3, "usage: make_digits.py WHEEL_OR_CSV_GZ OUTPUT_CSV")
    packed = read_packed(pathlib.Path(sys.argv[1]))
    require(
        hashlib.sha256(packed).hexdigest() == SHA256_GZ,
        "the packed file is not the one this script was written for",
    )
    plain = gzip.decompress(packed)

    rows = [[int(field) for field in line.split(",")] for line in plain.decode("ascii").splitlines()]
    require(len(rows) == 1797, f"expected 1797 rows, got {len(rows)}")
    require(all(len(row) == 65 for row in rows), "a row does not have 65 columns")
    require(all(0 <= x <= 16 for row in rows for x in row[:64]), "a pixel lies outside 0..16")
    count = collections.Counter(row[64] for row in rows)
    got = [count[digit] for digit in range(10)]
    require(got == PER_CLASS and sum(got) == len(rows), f"unexpected class counts {got}")

    require(hashlib.sha256(plain).hexdigest() == SHA256_CSV, "unexpected digits.csv")
    pathlib.Path(sys.argv[2]).write_bytes(plain)


if __name__ == "__main__":
    main()
