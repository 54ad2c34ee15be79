#!/usr/bin/env python3
"""Reads with nibabel what the tests of the writer have written.

    MRILINK_SAMPLES=samples dotnet test --project tests/MriLink.Core.Tests -- --filter-class MriLink.Core.Tests.Formats.NiftiWriterTests
    python3 check_written.py samples
"""
import json
import pathlib
import sys

import nibabel as nib
import numpy as np

folder = pathlib.Path(sys.argv[1])
bad = 0
for name, expected in json.loads((folder / "expected.json").read_text()).items():
    image = nib.load(folder / name)
    affine = np.vstack([np.reshape(expected["affine"], (3, 4)), [0, 0, 0, 1]])
    voxels = np.reshape(np.array(expected["voxels"], dtype=np.float32).astype(np.float64), expected["shape"], order="F")
    difference = np.abs(image.get_fdata() - voxels).max()
    qform, code = image.header.get_qform(coded=True)
    ok = (
        image.shape == tuple(expected["shape"])
        and np.allclose(image.affine, affine, atol=1e-5)
        and (code == 0 or np.allclose(qform, affine, atol=1e-3))
        and difference <= expected["tolerance"]
        and image.header.get_xyzt_units()[0] == "mm"
    )
    bad += not ok
    print("ok " if ok else "BAD", name, type(image).__name__, image.get_data_dtype(), f"error {difference:.3g} of {expected['tolerance']:.3g}", f"qform code {code}")
sys.exit(bad > 0)
