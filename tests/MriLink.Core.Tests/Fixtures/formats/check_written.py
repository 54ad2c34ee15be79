#!/usr/bin/env python3
"""Reads with ITK what the tests of the NRRD writer have written.

    MRILINK_NRRD_SAMPLES=samples dotnet test --project tests/MriLink.Core.Tests -- --filter-class MriLink.Core.Tests.Formats.NrrdWriterTests
    python3 check_written.py build/itkio samples
"""
import json
import pathlib
import subprocess
import sys

import numpy as np

bad = 0
for path in sorted(pathlib.Path(sys.argv[2]).glob("*.nrrd")):
    expected = json.loads(pathlib.Path(f"{path}.json").read_text())
    kind, affine, voxels = subprocess.run([sys.argv[1], "read", path], check=True, capture_output=True, text=True).stdout.splitlines()
    ok = (
        np.allclose([float(v) for v in affine.split()], expected["affine"], rtol=0, atol=1e-12)
        and np.array_equal(np.array(voxels.split(), "f4"), np.array(expected["voxels"], "f4"))
    )
    bad += not ok
    print("ok " if ok else "BAD", path.name, kind)
sys.exit(bad > 0)
