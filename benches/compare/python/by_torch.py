"""TT-SVD written with torch.linalg.svd. Works without NumPy."""

import torch

TYPES = {"f32": torch.float32, "f64": torch.float64}


def version():
    return f"torch {torch.__version__}"


def use_threads(threads):
    torch.set_num_threads(threads)


def load(path, shape, scalar):
    size = 1
    for n in shape:
        size *= n
    # A copy: the file is mapped, and goes away.
    return torch.from_file(str(path), shared=False, size=size, dtype=TYPES[scalar]).reshape(shape).clone()


def decompose(w, ranks):
    """Left to right; `ranks` has its unit ends."""
    cores, rest = [], w
    for k, n in enumerate(w.shape[:-1]):
        u, s, vh = torch.linalg.svd(rest.reshape(ranks[k] * n, -1), full_matrices=False)
        rank = ranks[k + 1]
        cores.append(u[:, :rank].reshape(ranks[k], n, rank))
        rest = s[:rank, None] * vh[:rank]
    cores.append(rest.reshape(ranks[-2], w.shape[-1], 1))
    return cores


def rebuild(cores):
    dense = cores[0]
    for core in cores[1:]:
        rank = core.shape[0]
        dense = dense.reshape(-1, rank) @ core.reshape(rank, -1)
    return dense.reshape([core.shape[1] for core in cores])


def squares(w, z):
    """|w - z|^2 and |w|^2, in f64."""
    w, z = w.double(), z.double()
    return float(((w - z) ** 2).sum()), float((w**2).sum())
