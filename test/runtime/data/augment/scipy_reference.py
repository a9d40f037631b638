"""Writes scipy.json: linear interpolation and a blur by SciPy, of an image that the test computes again."""
import json
import numpy as np
from scipy import ndimage

size = (5, 6, 4)
z, y, x = np.meshgrid(*map(np.arange, size), indexing="ij")
image = np.sin(1 + 1.3 * z + 0.7 * y + 2.1 * x)
matrix = np.array([[0.9, -0.2, 0.1], [0.3, 1.1, -0.15], [-0.05, 0.25, 0.8]])
centre = (np.array(size) - 1) / 2
affine = ndimage.affine_transform(image, matrix, offset=centre - matrix @ centre, order=1, mode="grid-constant", cval=0)
blurred = ndimage.gaussian_filter(image, sigma=[1.0, 0.6, 0.8], radius=[3, 2, 2], mode="mirror")
path = __file__.replace("scipy_reference.py", "scipy.json")
with open(path, "w") as file:
    json.dump({
        "matrix": matrix.ravel().tolist(),
        "affine": affine.round(7).ravel().tolist(),
        "blurred": blurred.round(7).ravel().tolist(),
    }, file)
