#!/usr/bin/env python3
"""Makes the NIfTI files that the tests read, and what nibabel says about each.

    apt-get install python3-nibabel
    python3 make_fixtures.py

Writes beside itself small files of 3 x 4 x 5 distinct voxels and expected.json: for each file nibabel's affine, its
voxels with x fastest, and the affine, shape and voxels of its closest canonical orientation.
"""
import gzip
import itertools
import json
import pathlib

import nibabel as nib
import numpy as np

here = pathlib.Path(__file__).resolve().parent
expected = {}
SHAPE = (3, 4, 5)
COUNT = int(np.prod(SHAPE))
OBLIQUE = np.array([[1.9, 0.21, -0.12, -31.5], [-0.18, 1.4, 0.25, 17.25], [0.15, -0.2, 3.1, -8.125], [0, 0, 0, 1]])


def rotation(x, y, z):
    def about(axis, angle):
        c, s = np.cos(angle), np.sin(angle)
        i, j = [k for k in range(3) if k != axis]
        m = np.eye(3)
        m[i, i], m[i, j], m[j, i], m[j, j] = c, -s, s, c
        return m

    return about(2, z) @ about(1, y) @ about(0, x)


def record(name):
    image = nib.load(here / name)
    voxels = np.asanyarray(image.dataobj)
    if voxels.ndim > 3:
        image = nib.Nifti1Image(voxels.reshape(voxels.shape[:3]), image.affine)
        voxels = np.asanyarray(image.dataobj)
    canonical = nib.as_closest_canonical(image)
    turned = np.asanyarray(canonical.dataobj)

    def numbers(a):
        return [float(v) for v in np.ravel(a, order="F")]

    expected[name] = {
        "shape": list(voxels.shape),
        "affine": [float(v) for v in image.affine[:3].ravel()],
        "voxels": numbers(voxels),
        "canonicalShape": list(turned.shape),
        "canonicalAffine": [float(v) for v in canonical.affine[:3].ravel()],
        "canonicalVoxels": numbers(turned),
    }


def write(name, content, zipped=False):
    path = here / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(gzip.compress(content, 9, mtime=0) if zipped else content)


def single(name, image, change=None, zipped=False):
    """Saves an image, its header bytes changed by hand where nibabel would not write them so."""
    content = bytearray(image.to_bytes())
    if change:
        change(content)
    write(name, bytes(content), zipped)
    record(name)


def ramp(dtype):
    """Distinct values over the whole range of a type, as far as doubles hold them exactly."""
    kind = np.dtype(dtype)
    if kind.kind == "f":
        return np.linspace(-1234.5, 987.25, COUNT).astype(kind).reshape(SHAPE, order="F")
    low, high = np.iinfo(kind).min, np.iinfo(kind).max
    return np.array([low + (high - low) * i // (COUNT - 1) for i in range(COUNT)], dtype=kind).reshape(SHAPE, order="F")


labels = np.arange(1, COUNT + 1, dtype=np.uint8).reshape(SHAPE, order="F")

for dtype in ("u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8", "f4", "f8"):
    for order in "<>":
        header = nib.Nifti1Header(endianness=order)
        header.set_data_dtype(np.dtype(dtype).newbyteorder(order))
        single(f"types/{dtype}-{'little' if order == '<' else 'big'}.nii", nib.Nifti1Image(ramp(dtype), OBLIQUE, header))

# Every signed permutation of the axes, with an oblique part that does not change which axis is nearest to which.
for n, permutation in enumerate(itertools.permutations(range(3))):
    for m, signs in enumerate(itertools.product((1, -1), repeat=3)):
        affine = OBLIQUE.copy()
        affine[:3, :3] = OBLIQUE[:3, :3] @ (np.eye(3)[list(permutation)] * signs)
        single(f"orientations/{n}{m}.nii", nib.Nifti1Image(labels, affine))

# Matrices for which the nearest axes are not obvious: far from any axis, and sheared.
rng = np.random.default_rng(20)
for n in range(12):
    affine = np.eye(4)
    turn = np.linalg.qr(rng.normal(size=(3, 3)))[0]
    shear = np.eye(3) + (0.3 * np.triu(rng.normal(size=(3, 3)), 1) if n % 2 else 0)
    affine[:3, :3] = turn @ shear @ np.diag(rng.uniform(0.5, 3, 3))
    affine[:3, 3] = rng.uniform(-90, 90, 3)
    single(f"orientations/random{n:02}.nii", nib.Nifti1Image(labels, affine))


def form_image(sform_code, qform_code, qform, cls=nib.Nifti1Image):
    image = cls(labels, OBLIQUE)
    image.set_sform(OBLIQUE, code=sform_code)
    image.set_qform(qform, code=qform_code, strip_shears=True)
    return image


turns = {"none": (0, 0, 0), "small": (0.1, -0.2, 0.3), "half": (np.pi, 0, 0), "large": (2.2, 1.1, -2.9)}
for name, angles in turns.items():
    for qfac in (1, -1):
        affine = np.eye(4)
        affine[:3, :3] = rotation(*angles) @ np.diag((1.5, 0.75, 2.5 * qfac))
        affine[:3, 3] = (-12.5, 30.25, 7)
        single(f"forms/qform-{name}{'+' if qfac > 0 else '-'}.nii", form_image(0, 1, affine))
rotated = np.eye(4)
rotated[:3, :3] = rotation(0.4, 0.5, 0.6) * 1.25
single("forms/both.nii", form_image(2, 1, rotated))
single("forms/sform-only.nii", form_image(1, 0, rotated))
single("forms/neither.nii", form_image(0, 0, rotated))


def set_f4(at, value):
    return lambda b: b.__setitem__(slice(at, at + 4), np.float32(value).tobytes())


single("forms/qfac-0.nii", form_image(0, 1, rotated), set_f4(76, 0))

# Scaling.
stored = nib.Nifti1Image(ramp("i2"), OBLIQUE)


def slope_inter(slope, inter):
    return lambda b: (set_f4(112, slope)(b), set_f4(116, inter)(b))


single("scaling/slope.nii", stored, slope_inter(0.037, -12.5))
single("scaling/negative.nii", stored, slope_inter(-2, 100))
single("scaling/zero.nii", stored, slope_inter(0, 55))
single("scaling/nan.nii", stored, slope_inter(np.nan, 55))
single("scaling/float.nii", nib.Nifti1Image(ramp("f4"), OBLIQUE), slope_inter(0.5, 3))
single("scaling/int32.nii", nib.Nifti1Image(ramp("i4"), OBLIQUE), slope_inter(0.001, 3))

# Containers.
single("containers/one.nii.gz", nib.Nifti1Image(labels, OBLIQUE), zipped=True)
single("containers/two.nii", nib.Nifti2Image(ramp("i2"), OBLIQUE))
single("containers/two-qform.nii.gz", form_image(0, 1, rotated, nib.Nifti2Image), zipped=True)
big = nib.Nifti2Header(endianness=">")
big.set_data_dtype(">f4")
single("containers/two-big.nii", nib.Nifti2Image(ramp("f4"), OBLIQUE, big))
single("containers/four-of-one.nii", nib.Nifti1Image(labels.reshape(SHAPE + (1, 1)), OBLIQUE))
extended = nib.Nifti1Image(labels, OBLIQUE)
extended.header.extensions.append(nib.nifti1.Nifti1Extension("comment", b"voxels start later than usual " * 5))
single("containers/extension.nii", extended)
for name, zipped in (("pair", False), ("zipped", True)):
    pair = nib.Nifti1Pair(ramp("i2"), OBLIQUE)
    pair.to_filename(here / "containers" / f"{name}.hdr")
    if zipped:
        for part in ("hdr", "img"):
            plain = here / "containers" / f"{name}.{part}"
            write(f"containers/{name}.{part}.gz", plain.read_bytes(), zipped=True)
            plain.unlink()
    record(f"containers/{name}.hdr{'.gz' if zipped else ''}")

with open(here / "expected.json", "w") as file:
    file.write("{\n" + ",\n".join(f'"{name}": {json.dumps(value, separators=(",", ":"))}' for name, value in sorted(expected.items())) + "\n}\n")
