"""TensorLy on NumPy. The number of threads of its OpenBLAS comes from the environment."""

import numpy
import tensorly
from tensorly.decomposition import tensor_ring_als, tensor_train

tensorly.set_backend("numpy")
TYPES = {"f32": "<f4", "f64": "<f8"}
# Of alternating least squares, as in `src/rings.rs`.
SWEEPS = 5


def version():
    blas = numpy.show_config(mode="dicts")["Build Dependencies"]["blas"]
    return f"tensorly {tensorly.__version__} on numpy {numpy.__version__} with {blas['name']} {blas['version']}"


def use_threads(_threads):
    """Nothing to do here."""


def load(path, shape, scalar):
    return numpy.fromfile(path, dtype=TYPES[scalar]).reshape(shape)


def decompose(w, ranks):
    return tensor_train(w, rank=ranks)


def rebuild(cores):
    return tensorly.tt_to_tensor(cores)


def fit_ring(w, ranks, ls_solve):
    """From random cores; without a tolerance no error is computed."""
    return tensor_ring_als(w, ranks, ls_solve=ls_solve, n_iter_max=SWEEPS, tol=0, random_state=1)


def rebuild_ring(cores):
    return tensorly.tr_to_tensor(cores)


def squares(w, z):
    """|w - z|^2 and |w|^2, in f64."""
    w, z = w.astype("f8"), z.astype("f8")
    return float(((w - z) ** 2).sum()), float((w**2).sum())
