"""Makes smooth.json: small volumes, some narrower than a vector and some that do not fill their last one, and what scipy's Gaussian makes of them.

    python3 make_smooth.py        # beside this file; needs numpy and scipy
"""
import json
import pathlib

import numpy as np
from scipy import ndimage

rng = np.random.default_rng(21)
cases = []
for size in [(5, 4, 3), (8, 3, 4), (19, 4, 3), (45, 2, 3)]:  # x, y, z
    volume = np.round(rng.normal(100, 30, size), 1)
    # Both end their kernels at three whole standard deviations, and repeat the outermost voxel.
    smooth = ndimage.gaussian_filter(volume, (1, 2, 1), truncate=3, mode="nearest")
    cases.append({
        "size": size,
        "voxels": volume.ravel(order="F").tolist(),
        "smooth": np.round(smooth.ravel(order="F"), 5).tolist(),
    })

pathlib.Path(__file__).with_name("smooth.json").write_text(json.dumps({"sigma": [1, 2, 1], "cases": cases}) + "\n")
