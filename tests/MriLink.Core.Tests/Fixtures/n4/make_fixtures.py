#!/usr/bin/env python3
"""Makes the N4 fixtures: a small two-tissue volume with a mask, and ITK's log fields for it.

Needs Debian's python3-nibabel and python3-scipy and the driver of benchmarks/itk, built in out/itk (see its CMakeLists.txt):

    python3 make_fixtures.py

The three axes differ in length and the field has no symmetry, so that a swapped or flipped axis shows. Shrunk by 2 and by 3
the lengths leave a remainder, so that the place of the first voxel taken shows, and one that can be halved: where it cannot,
ITK takes either voxel, as its world coordinates happen to be rounded.
"""
import pathlib
import subprocess

import nibabel
import numpy
from scipy import ndimage, spatial

HERE = pathlib.Path(__file__).resolve().parent
DRIVER = HERE.parents[3] / "out/itk/mrilink-itk"
SHAPE = (29, 27, 21)

RUNS = {
    # One iteration: the histogram, its mapping and one fit, before errors can even out.
    "one": {"levels": 1, "iterations": 1},
    # Other than the usual parameters. Not 64 bins: rounding then puts the greatest intensity beyond the last bin's centre, and
    # ITK leaves that voxel out.
    "parameters": {"levels": 2, "iterations": 7, "points": 5, "fwhm": 0.3, "noise": 0.05, "bins": 80, "threshold": 0},
    # The usual parameters, to convergence.
    "usual": {"levels": 4, "iterations": 50},
    "shrunk2": {"levels": 2, "iterations": 20, "shrink": 2},
    "shrunk3": {"levels": 1, "iterations": 10, "shrink": 3},
}


def main():
    random = numpy.random.default_rng(20260101)
    x, y, z = numpy.meshgrid(*(numpy.linspace(-1, 1, n) for n in SHAPE), indexing="ij")
    radius = numpy.sqrt(x**2 / 0.8 + y**2 / 0.9 + z**2 / 0.7)
    tissue = numpy.where(ndimage.gaussian_filter(random.normal(size=SHAPE), 1.5) + 0.12 - 0.2 * radius > 0, 900, 500)
    tissue = ndimage.gaussian_filter(tissue.astype(float), 0.5)
    field = numpy.exp(0.25 * x - 0.15 * y + 0.1 * z + 0.15 * x * y - 0.1 * z**2 + 0.1 * x**3)
    scan = numpy.rint(tissue * field + random.normal(scale=12, size=SHAPE)).astype(numpy.int16)

    # A head with a notch and a hole, and not in the middle.
    mask = (radius < 0.95) & ~((x > 0.3) & (y > 0.2) & (z > 0.1)) & (numpy.hypot(x + 0.2, y + 0.3) > 0.15)

    # Oblique and flipped: ITK fits in voxel space, whatever the directions.
    affine = numpy.eye(4)
    affine[:3, :3] = spatial.transform.Rotation.from_euler("xyz", [10, -7, 15], degrees=True).as_matrix() @ numpy.diag([-1.9, 2.1, 2.4])
    affine[:3, 3] = 20, -30, 5
    save("scan", scan, affine)
    save("mask", mask.astype(numpy.uint8), affine)
    for name, options in RUNS.items():
        path = HERE / f"{name}.nii.gz"
        arguments = [f"--{key}={value}".split("=") for key, value in ({"shrink": 1} | options).items()]
        subprocess.run(
            [DRIVER, "n4", "--input", HERE / "scan.nii.gz", "--mask", HERE / "mask.nii.gz", "--shrunk-field", path]
            + sum(arguments, []),
            check=True,
        )


def save(name, voxels, affine):
    nibabel.save(nibabel.Nifti1Image(voxels, affine), HERE / f"{name}.nii.gz")


if __name__ == "__main__":
    main()
