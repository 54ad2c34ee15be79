#!/usr/bin/env python3
"""Makes the MGH, ANALYZE, NRRD and MetaImage files that the tests read, and what nibabel and ITK say about each.

    apt-get install python3-nibabel libinsighttoolkit5-dev cmake g++
    cmake -S itk -B build && make -C build
    python3 make_fixtures.py build/itkio

Writes beside itself small files of 3 x 4 x 5 distinct voxels and expected.json: for each file the affine to RAS+ mm and the
voxels, x fastest, as the program reads it that is at home in the format: nibabel for MGH and ANALYZE, ITK for NRRD and
MetaImage, but for two files that these get wrong. Files that these do not write are derived from theirs by hand and read back by them all the same.
"""
import bz2
import gzip
import itertools
import json
import pathlib
import subprocess
import sys

import nibabel as nib
import numpy as np

here = pathlib.Path(__file__).resolve().parent
itkio = sys.argv[1]
expected = {}
SHAPE = (3, 4, 5)
COUNT = int(np.prod(SHAPE))
OBLIQUE = np.array([[1.9, 0.21, -0.12, -31.5], [-0.18, 1.4, 0.25, 17.25], [0.15, -0.2, 3.1, -8.125], [0, 0, 0, 1]])
labels = np.arange(1, COUNT + 1, dtype=np.uint8).reshape(SHAPE, order="F")
TYPES = ("u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8", "f4", "f8")


def numbers(a):
    return [float(v) for v in np.ravel(a, order="F")]


def ramp(dtype, shape=SHAPE):
    """Distinct values over the whole range of a type, as far as doubles hold them exactly."""
    kind, count = np.dtype(dtype), int(np.prod(shape))
    if kind.kind == "f":
        return np.linspace(-1234.5, 987.25, count).astype(kind).reshape(shape, order="F")
    low, high = int(np.iinfo(kind).min), int(np.iinfo(kind).max)
    return np.array([low + (high - low) * i // (count - 1) for i in range(count)], dtype=kind).reshape(shape, order="F")


def orientations():
    """24 signed permutations of an oblique matrix, of both handednesses, and four rotations far from any axis."""
    for n, permutation in enumerate(itertools.permutations(range(3))):
        for m, signs in enumerate(((1, 1, 1), (-1, 1, 1), (1, -1, -1), (-1, -1, 1))):
            affine = OBLIQUE.copy()
            affine[:3, :3] = OBLIQUE[:3, :3] @ (np.eye(3)[list(permutation)] * signs)
            yield f"{n}{m}", affine
    rng = np.random.default_rng(21)
    for n in range(4):
        affine = np.eye(4)
        affine[:3, :3] = np.linalg.qr(rng.normal(size=(3, 3)))[0] @ np.diag(rng.uniform(0.5, 3, 3))
        affine[:3, 3] = rng.uniform(-90, 90, 3)
        yield f"random{n}", affine


def path(name):
    (here / name).parent.mkdir(parents=True, exist_ok=True)
    return here / name


def expect(name, shape, affine, voxels):
    expected[name] = {"shape": [int(n) for n in shape], "affine": [float(v) for v in np.ravel(affine)[:12]], "voxels": voxels}


def record_nibabel(name):
    image = nib.load(here / name)
    expect(name, image.shape, image.affine, numbers(np.asanyarray(image.dataobj)))


def record_itk(name, file=None):
    """Of integers of 64 bits the voxels are taken as the nearest double, as everywhere else."""
    kind, affine, voxels = subprocess.run([itkio, "read", file or here / name], check=True, capture_output=True, text=True).stdout.splitlines()
    shape = [int(v) for v in kind.split()[1:]]
    parse = float if kind.startswith("f") else lambda v: float(int(v))
    expect(name, shape, [float(v) for v in affine.split()], [parse(v) for v in voxels.split()])


def write_itk(name, array, affine, compress=False):
    shape = array.shape + (1,) * (4 - array.ndim)
    voxels = " ".join(repr(v) for v in np.ravel(array, order="F").tolist())
    arguments = [itkio, "write", path(name), array.dtype.str[1:], str(int(compress)), *map(str, shape), *(repr(float(v)) for v in np.ravel(affine)[:12])]
    subprocess.run(arguments, input=voxels, check=True, text=True)


# MGH.
for dtype in ("u1", "i2", "i4", "f4"):
    nib.save(nib.MGHImage(ramp(dtype), OBLIQUE), path(f"mgh/types/{dtype}.mgh"))
    record_nibabel(f"mgh/types/{dtype}.mgh")
for name, affine in orientations():
    nib.save(nib.MGHImage(labels, affine), path(f"mgh/orientations/{name}.mgz"))
    record_nibabel(f"mgh/orientations/{name}.mgz")
nib.save(nib.MGHImage(ramp("i2", SHAPE + (3,)), OBLIQUE), path("mgh/four.mgz"))
record_nibabel("mgh/four.mgz")
content = bytearray((here / "mgh/types/u1.mgh").read_bytes())
content[28:30] = b"\0\0"
path("mgh/nowhere.mgh").write_bytes(bytes(content))

# FreeSurfer's default for such a file (x_r = y_s = -1, z_a = 1); nibabel 5.0 takes the transposed matrix.
expect("mgh/nowhere.mgh", SHAPE, [-1, 0, 0, 1.5, 0, 0, 1, -2.5, 0, -1, 0, 2], numbers(ramp("u1")))

# ANALYZE. nibabel writes these variants; nib.load takes all of them for SPM2's.
for dtype in ("u1", "i2", "i4", "f4", "f8"):
    for order in "<>":
        header = nib.AnalyzeHeader(endianness=order)
        header.set_data_dtype(np.dtype(dtype).newbyteorder(order))
        image = nib.AnalyzeImage(ramp(dtype), np.diag((-1.5, 2, 2.5, 1)), header)
        name = f"analyze/types/{dtype}-{'little' if order == '<' else 'big'}"
        image.to_filename(path(name + ".img"))
        record_nibabel(name + ".hdr")
rng = np.random.default_rng(22)
for n in range(24):
    # The format knows no orientations: spacings and SPM origins instead, some of them beyond what counts.
    zooms, origin = rng.uniform(0.5, 4, 3).astype("f4"), rng.integers(-8, 14, 3)
    header = nib.Spm99AnalyzeHeader()
    header.set_data_dtype("i2")
    image = nib.Spm99AnalyzeImage(ramp("i2"), None, header)
    image.header.set_zooms(zooms)
    image.header["origin"][:3] = origin
    image.to_filename(path(f"analyze/origins/{n:02}.img"))
    (here / f"analyze/origins/{n:02}.mat").unlink(missing_ok=True)
    record_nibabel(f"analyze/origins/{n:02}.hdr")
scaled = bytearray((here / "analyze/types/i2-little.hdr").read_bytes())
scaled[112:120] = np.array([0.037, -12.5], "<f4").tobytes()
path("analyze/scaled.hdr").write_bytes(bytes(scaled))
path("analyze/scaled.img").write_bytes((here / "analyze/types/i2-little.img").read_bytes())
record_nibabel("analyze/scaled.hdr")
header = nib.AnalyzeHeader()
header.set_data_dtype("i2")
nib.AnalyzeImage(ramp("i2", SHAPE + (3,)), None, header).to_filename(path("analyze/four.img"))
record_nibabel("analyze/four.hdr")

# NRRD and MetaImage.
for dtype in TYPES:
    write_itk(f"nrrd/types/{dtype}.nrrd", ramp(dtype), OBLIQUE)
    record_itk(f"nrrd/types/{dtype}.nrrd")
    write_itk(f"nrrd/types/{dtype}-packed.nrrd", ramp(dtype), OBLIQUE, compress=True)
    record_itk(f"nrrd/types/{dtype}-packed.nrrd")
    write_itk(f"metaimage/types/{dtype}.mha", ramp(dtype), OBLIQUE)
    record_itk(f"metaimage/types/{dtype}.mha")
    write_itk(f"metaimage/types/{dtype}-packed.mha", ramp(dtype), OBLIQUE, compress=True)
    record_itk(f"metaimage/types/{dtype}-packed.mha")
for name, affine in orientations():
    write_itk(f"nrrd/orientations/{name}.nrrd", labels, affine)
    record_itk(f"nrrd/orientations/{name}.nrrd")
    write_itk(f"metaimage/orientations/{name}.mha", labels, affine)
    record_itk(f"metaimage/orientations/{name}.mha")
for kind, detached in (("nrrd", "nhdr"), ("metaimage", "mhd")):
    for packed in (False, True):
        name = f"{kind}/detached{'-packed' if packed else ''}.{detached}"
        write_itk(name, ramp("i2"), OBLIQUE, packed)
        record_itk(name)
    attached = "nrrd" if kind == "nrrd" else "mha"
    write_itk(f"{kind}/four.{attached}", ramp("i2", SHAPE + (3,)), OBLIQUE)
    record_itk(f"{kind}/four.{attached}")


def split(source):
    """Header and voxels of a file; a detached header has none of its own."""
    content = (here / source).read_bytes()
    if source.endswith("hdr"):
        return content, b""
    end = content.index(b"\n\n") + 2 if source.endswith("nrrd") else content.index(b"\n", content.index(b"ElementDataFile")) + 1
    return content[:end], content[end:]


def derive(name, source, *changes):
    """Another header over the same voxels: replacements of text, or of the voxels where the old text is None."""
    header, data = split(source)
    for old, new in changes:
        if old is None:
            data = new(data)
        else:
            assert old in header, (name, old)
            header = header.replace(old, new)
    path(name).write_bytes(header + data)


def big(dtype):
    return lambda data: np.frombuffer(data, "<" + dtype).astype(">" + dtype).tobytes()


i2 = split("nrrd/types/i2.nrrd")[1]
for dtype in TYPES[2:]:
    derive(f"nrrd/big/{dtype}.nrrd", f"nrrd/types/{dtype}.nrrd", (b"endian: little", b"endian: big"), (None, big(dtype)))
    record_itk(f"nrrd/big/{dtype}.nrrd")
    derive(f"metaimage/big/{dtype}.mha", f"metaimage/types/{dtype}.mha", (b"MSB = False", b"MSB = True"), (None, big(dtype)))
    record_itk(f"metaimage/big/{dtype}.mha")
derive("nrrd/ras.nrrd", "nrrd/types/i2.nrrd", (b"left-posterior-superior", b"right-anterior-superior"))
record_itk("nrrd/ras.nrrd")
derive("nrrd/las.nrrd", "nrrd/types/i2.nrrd", (b"left-posterior-superior", b"LAS"))


# By the definition of NRRD; ITK 5.2 turns the first axis of such a file instead of the second.
las = np.diag((-1, 1, 1, 1)) @ np.diag((-1, -1, 1, 1)) @ OBLIQUE
expect("nrrd/las.nrrd", SHAPE, las, numbers(ramp("i2")))
derive("nrrd/crlf.nrrd", "nrrd/types/u1.nrrd", (b"\n", b"\r\n"))
record_itk("nrrd/crlf.nrrd")

# No program here writes bzip2, and ITK is built without it: the voxels are those of the same file before.
derive("nrrd/bzip2.nrrd", "nrrd/types/i2.nrrd", (b"encoding: raw", b"encoding: bzip2"), (None, bz2.compress))
expected["nrrd/bzip2.nrrd"] = expected["nrrd/types/i2.nrrd"]

# Skips, lists and patterns of data files.
path("nrrd/skipped.raw").write_bytes(b"17 bytes of other" + i2)
derive("nrrd/skipped.nhdr", "nrrd/detached.nhdr", (b"data file: detached.raw", b"byte skip: 17\ndata file: skipped.raw"))
derive("nrrd/skipped-end.nhdr", "nrrd/detached.nhdr", (b"data file: detached.raw", b"byte skip: -1\ndata file: skipped.raw"))
for n in range(5):
    path(f"nrrd/slice{n + 1:02}.raw").write_bytes(i2[n * 24:(n + 1) * 24])
    path(f"metaimage/slice{n + 1:02}.raw").write_bytes(i2[n * 24:(n + 1) * 24])
derive("nrrd/pattern.nhdr", "nrrd/detached.nhdr", (b"data file: detached.raw", b"data file: slice%02d.raw 1 5 1"))
text = (here / "nrrd/detached.nhdr").read_bytes().strip().replace(b"data file: detached.raw", b"")
path("nrrd/list.nhdr").write_bytes(text.strip() + b"\ndata file: LIST\n" + b"".join(b"slice%02d.raw\n" % n for n in range(1, 6)))
for name in ("skipped", "skipped-end", "pattern", "list"):
    record_itk(f"nrrd/{name}.nhdr")
derive("metaimage/pattern.mhd", "metaimage/detached.mhd", (b"detached.raw", b"slice%02d.raw 1 5 1"))
record_itk("metaimage/pattern.mhd")
text = (here / "metaimage/detached.mhd").read_bytes()
path("metaimage/list.mhd").write_bytes(text.replace(b"detached.raw", b"LIST") + b"".join(b"slice%02d.raw\n" % n for n in range(1, 6)))
record_itk("metaimage/list.mhd")
path("metaimage/skipped.raw").write_bytes(b"17 bytes of other" + i2)
derive("metaimage/skipped.mhd", "metaimage/detached.mhd", (b"ElementType", b"HeaderSize = -1\nElementType"), (b"detached.raw", b"skipped.raw"))
record_itk("metaimage/skipped.mhd")

# Volumes interleaved: as ITK's four.nrrd, its last axis moved to the front.
four = np.frombuffer(split("nrrd/four.nrrd")[1], "<i2").reshape(SHAPE + (3,), order="F")
path("nrrd/interleaved.nrrd").write_bytes(
    b"NRRD0004\ntype: short\ndimension: 4\nspace: left-posterior-superior\nsizes: 3 3 4 5\nkinds: list domain domain domain\n"
    b"space directions: none (1,0,0) (0,2,0) (0,0,3)\nendian: little\nencoding: raw\nspace origin: (0,0,0)\n\n"
    + np.moveaxis(four, 3, 0).tobytes(order="F"))
expect("nrrd/interleaved.nrrd", SHAPE + (3,), np.diag((-1, -2, 3, 1)), numbers(four))

with open(here / "expected.json", "w") as file:
    file.write("{\n" + ",\n".join(f'"{name}": {json.dumps(value, separators=(",", ":"))}' for name, value in sorted(expected.items())) + "\n}\n")
print(len(expected), "files")
