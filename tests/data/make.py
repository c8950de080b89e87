"""Makes the files of this folder: python3 make.py (written by NumPy 2.4.6 and safetensors for Python; see versions below)."""
import pathlib

import numpy as np
import safetensors
import safetensors.numpy

print("numpy", np.__version__, "safetensors", safetensors.__version__)
here = pathlib.Path(__file__).parent
arrays = {
    "layer.weight": np.arange(6, dtype="<f4").reshape(2, 3) / 4,
    "half": np.array([1.0, -2.5, 65504.0], dtype="<f2"),
    "double": np.array([[1e300], [-0.0]], dtype="<f8"),
    "scalar": np.array(2.5, dtype="<f4"),
    "empty": np.zeros((0, 3), dtype="<f8"),
    "steps": np.array([[1, -2], [3, 4]], dtype="<i8"),
    "mask": np.array([True, False, True]),
}
safetensors.numpy.save_file(arrays, here / "python.safetensors", metadata={"format": "np", "what": "a test"})
np.savez(
    here / "python.npz",
    **arrays,
    fortran=np.asfortranarray(np.arange(12, dtype="<f4").reshape(3, 4)),
    big=np.arange(4, dtype=">f8").reshape(2, 2) + 0.5,
    complex=np.array([1 + 2j], dtype=">c8"),
)
np.savez_compressed(here / "python_compressed.npz", zeros=np.zeros((40, 50), dtype="<f4"), **arrays)
