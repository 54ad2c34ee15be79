#!/usr/bin/env python3
"""Builds the embedded Colin27 template from Debian's mricron-data.

    apt-get install mricron-data python3-nibabel
    python3 build_template.py [folder with ch2.nii.gz and ch2bet.nii.gz]

Writes beside itself:
  colin27-head.nii.gz   the head as it is: 181 x 217 x 181, 1 mm, uint8
  colin27-mask.nii.gz   1 where ch2bet is not zero, its cavities filled (BET leaves dark CSF voxels at 0 inside)

The brain is the head inside the mask, so it needs no file of its own. gzip members carry no name and no
time, so that the same input gives the same bytes.

What preprocessing makes of the two is embedded as well (colin27-prepared-*.nii). Whenever it would make something else, a test
fails; it also writes the files anew, and the next build embeds them:

    MRILINK_PREPARED=src/MriLink.Core/Templates dotnet test --project tests/MriLink.Core.Tests -- --filter-class '*PreparedTemplateTests'
"""
import gzip
import pathlib
import sys

import nibabel as nib
import numpy as np
from scipy import ndimage

source = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "/usr/share/mricron/templates")
target = pathlib.Path(__file__).resolve().parent


def write(name: str, voxels: np.ndarray, affine: np.ndarray) -> None:
    image = nib.Nifti1Image(voxels.astype(np.uint8), affine)
    image.header.set_xyzt_units("mm")
    image.set_sform(affine, code=4)  # 4: MNI 152 space
    image.set_qform(affine, code=4)
    with open(target / name, "wb") as file, gzip.GzipFile("", "wb", 9, file, mtime=0) as stream:
        stream.write(image.to_bytes())


head = nib.load(source / "ch2.nii.gz")
brain = np.asanyarray(nib.load(source / "ch2bet.nii.gz").dataobj)
write("colin27-head.nii.gz", np.asanyarray(head.dataobj), head.affine)
write("colin27-mask.nii.gz", ndimage.binary_fill_holes(brain > 0), head.affine)
