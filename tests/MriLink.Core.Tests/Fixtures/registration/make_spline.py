"""Makes spline.json: a small volume and what scipy's cubic spline interpolation says of it between the voxels.

    python3 make_spline.py        # beside this file; needs numpy and scipy
"""
import json
import pathlib

import numpy as np
from scipy import ndimage

rng = np.random.default_rng(20)
size = (9, 8, 7)  # x, y, z
volume = np.round(rng.normal(100, 30, size), 3)
points = np.round(rng.uniform(1, np.array(size)[None, :] - 2.001, (40, 3)), 4)
values = ndimage.map_coordinates(volume, points.T, order=3, mode="mirror")
pathlib.Path(__file__).with_name("spline.json").write_text(json.dumps({
    "size": size,
    "voxels": volume.ravel(order="F").tolist(),
    "points": points.tolist(),
    "values": np.round(values, 6).tolist(),
}) + "\n")
