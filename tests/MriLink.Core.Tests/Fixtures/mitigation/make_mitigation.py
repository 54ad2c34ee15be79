"""Makes mitigation.json: a small volume, and it blurred by scipy and averaged over blocks by scikit-image.

    python3 make_mitigation.py        # beside this file; needs numpy, scipy 1.10 or later and scikit-image
"""
import json
import math
import pathlib

import numpy as np
from scipy import ndimage
from skimage import measure

rng = np.random.default_rng(7)
size = (12, 8, 8)  # x, y, z
spacing = (1.0, 1.0, 2.0)  # mm
volume = np.round(rng.normal(100, 30, size), 3)
flat = lambda a: np.round(a, 6).ravel(order="F").tolist()

fwhm = 3.5  # mm
sigma = [fwhm / (2 * math.sqrt(2 * math.log(2))) / s for s in spacing]
blurred = ndimage.gaussian_filter(volume, sigma, mode="nearest", radius=[math.ceil(3 * s) for s in sigma])
blocks = measure.block_reduce(volume, (4, 4, 2), np.mean)  # 4 mm
pathlib.Path(__file__).with_name("mitigation.json").write_text(json.dumps({
    "size": size, "spacing": spacing, "voxels": flat(volume), "fwhm": fwhm, "blurred": flat(blurred), "blocks": flat(blocks),
}) + "\n")
