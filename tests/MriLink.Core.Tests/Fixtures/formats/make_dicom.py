#!/usr/bin/env python3
"""Makes the DICOM series that the tests read, and what ITK says about each.

    apt-get install python3-pydicom python3-numpy libinsighttoolkit5-dev cmake g++
    cmake -S itk -B build && make -C build
    python3 make_dicom.py build/itkio

Writes beside itself dicom.zip, folders of series that pydicom wrote (of an invented person), and dicom.json: for each folder
that makes one volume the size, the affine to RAS+ mm and the voxels, x fastest, as ITK (GDCM) reads the series; multi-frame
files and several volumes at one place, which ITK does not put together, are as they were written.
"""
import itertools
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import zipfile

import numpy as np
import pydicom
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian

here = pathlib.Path(__file__).resolve().parent
itkio = sys.argv[1]
folder = pathlib.Path(tempfile.mkdtemp())
SHAPE = (3, 4, 5)
expected = {}
ROOT = "1.2.826.0.1.3680043.8.498.1."
uids = itertools.count(1)
MR, ENHANCED = "1.2.840.10008.5.1.4.1.1.4", "1.2.840.10008.5.1.4.1.1.4.1"


def ds(value):
    """A decimal string has 16 characters at most."""
    for digits in range(16, 3, -1):
        text = f"{value:.{digits}g}"
        if len(text) <= 16:
            return text


def base(path, syntax, sop_class, series):
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = sop_class
    meta.MediaStorageSOPInstanceUID = ROOT + str(next(uids))
    meta.TransferSyntaxUID = syntax
    meta.ImplementationClassUID = ROOT + "999"
    d = FileDataset(str(path), {}, file_meta=meta, preamble=b"\0" * 128)
    d.is_little_endian, d.is_implicit_VR = True, syntax == ImplicitVRLittleEndian
    d.SOPClassUID, d.SOPInstanceUID = meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID
    d.Modality, d.Manufacturer, d.ManufacturerModelName = "MR", "Nobody's", "Phantom 3T"
    d.PatientName, d.PatientID, d.PatientBirthDate, d.PatientSex = "Invented^Person", "P-0815", "19700101", "O"
    d.StudyDate, d.StudyTime, d.AccessionNumber, d.InstitutionName = "20200229", "120000", "A123", "No Hospital"
    d.StudyInstanceUID, d.SeriesInstanceUID, d.FrameOfReferenceUID = ROOT + "1000", series, ROOT + "1001"
    d.SeriesDescription, d.ProtocolName, d.SeriesNumber = "T1 invented", "T1", 7
    d.ImageType = ["ORIGINAL", "PRIMARY", "M", "ND"]
    d.SliceThickness, d.EchoTime, d.RepetitionTime = "1.5", "3.1", "2300"
    # A private element and an extra sequence, to be passed over.
    block = d.private_block(0x0029, "INVENTED", create=True)
    block.add_new(0x10, "OB", bytes(range(256)) * 20)
    item = Dataset()
    item.ReferencedSOPInstanceUID = ROOT + "1002"
    d.ReferencedImageSequence = [item]
    return d


def pixels(d, array, bits=None):
    """array: columns x rows, x first."""
    kind = array.dtype
    d.SamplesPerPixel, d.PhotometricInterpretation = 1, "MONOCHROME2"
    d.Columns, d.Rows = array.shape[:2]
    d.BitsAllocated = kind.itemsize * 8
    d.BitsStored = bits or d.BitsAllocated
    d.HighBit = d.BitsStored - 1
    d.PixelRepresentation = int(kind.kind == "i")
    d.PixelData = array.ravel(order="F").tobytes()
    if len(d.PixelData) % 2:
        d.PixelData += b"\0"


def place(affine, k):
    """Position, orientation and spacing of slice k in LPS."""
    lps = np.diag((-1, -1, 1)) @ affine[:3]
    spacing = np.linalg.norm(lps[:, :3], axis=0)
    position = lps[:, 3] + k * lps[:, 2]
    return [ds(v) for v in position], [ds(v) for v in (lps[:, :2] / spacing[:2]).T.ravel()], [ds(spacing[1]), ds(spacing[0])]


def series(name, voxels, affine, syntax=ExplicitVRLittleEndian, bits=None, slopes=None, order=None, change=None, write=None):
    """One file a slice; named so that the order of names is not that of slices."""
    uid = ROOT + str(next(uids))
    (folder / name).mkdir(parents=True, exist_ok=True)
    for n, k in enumerate(order or np.random.default_rng(5).permutation(voxels.shape[2])):
        path = folder / name / f"IM{n:04}"
        d = base(path, syntax, MR, uid)
        d.InstanceNumber = int(k) + 1
        d.ImagePositionPatient, d.ImageOrientationPatient, d.PixelSpacing = place(affine, int(k))
        pixels(d, voxels[:, :, k], bits)
        if slopes:
            d.RescaleSlope, d.RescaleIntercept = slopes
        if change:
            change(d, int(k))
        d.save_as(path, write_like_original=False)
        if write:
            write(path, int(k))


def expect(name, affine, voxels):
    expected[name] = {"shape": [int(n) for n in voxels.shape], "affine": [float(v) for v in np.ravel(affine)[:12]], "voxels": [float(v) for v in np.ravel(voxels, order="F")]}


def record(name):
    lines = subprocess.run([itkio, "series", folder / name], check=True, capture_output=True, text=True).stdout.splitlines()
    assert len(lines) == 3, (name, len(lines))
    shape = [int(v) for v in lines[0].split()[1:]]
    expected[name] = {"shape": shape, "affine": [float(v) for v in lines[1].split()], "voxels": [float(v) for v in lines[2].split()]}


def ramp(dtype, low=None, high=None):
    info = np.iinfo(dtype)
    low, high = info.min if low is None else low, info.max if high is None else high
    return np.array([low + (high - low) * i // 59 for i in range(60)], dtype=dtype).reshape(SHAPE, order="F")


def rotation(seed):
    q = np.linalg.qr(np.random.default_rng(seed).normal(size=(3, 3)))[0]
    return q if np.linalg.det(q) > 0 else q @ np.diag((1, 1, -1))


# DICOM's slices follow one another along the normal, rows x columns: proper rotations in LPS.
OBLIQUE = np.eye(4)
small = np.array([[0.9928, -0.0998, 0.0662], [0.0929, 0.9906, 0.1008], [-0.0756, -0.0939, 0.9927]])
u, _, v = np.linalg.svd(small)
OBLIQUE[:3, :3] = np.diag((-1, -1, 1)) @ (u @ v) @ np.diag((1.5, 0.75, 2.5))
OBLIQUE[:3, 3] = (31.5, 17.25, -8.125)

for syntax, kind in ((ExplicitVRLittleEndian, "explicit"), (ImplicitVRLittleEndian, "implicit")):
    for dtype in ("u1", "i1", "u2", "i2"):
        series(f"types/{kind}-{dtype}", ramp(dtype), OBLIQUE, syntax)
        record(f"types/{kind}-{dtype}")
series("types/12-bit", ramp("u2", 0, 4095), OBLIQUE, bits=12)
record("types/12-bit")
series("types/12-bit-signed", ramp("i2", -2048, 2047), OBLIQUE, bits=12)
record("types/12-bit-signed")
series("types/scaled", ramp("u2"), OBLIQUE, slopes=("0.037", "-12.5"))
record("types/scaled")

n = 0
for permutation in itertools.permutations(range(3)):
    for signs in itertools.product((1, -1), repeat=3):
        turn = np.eye(3)[list(permutation)] * signs
        if np.linalg.det(turn) > 0:
            affine = OBLIQUE.copy()
            affine[:3, :3] = OBLIQUE[:3, :3] @ np.diag(1 / np.linalg.norm(OBLIQUE[:3, :3], axis=0)) @ turn @ np.diag((1.5, 0.75, 2.5))
            series(f"orientations/{n:02}", ramp("u1", 1, 60), affine)
            record(f"orientations/{n:02}")
            n += 1
for seed in range(4):
    affine = np.eye(4)
    affine[:3, :3] = np.diag((-1, -1, 1)) @ rotation(seed) @ np.diag((0.9, 1.1, 3))
    affine[:3, 3] = (10, -20, 30)
    series(f"orientations/random{seed}", ramp("u1", 1, 60), affine)
    record(f"orientations/random{seed}")

# A tilted gantry: each slice is shifted along its rows. ITK makes the grid straight; the positions say otherwise.
tilted = OBLIQUE.copy()
tilted[:3, 2] += 0.3 * OBLIQUE[:3, 1]
series("tilted", ramp("i2"), tilted)
expect("tilted", tilted, ramp("i2"))

# Two volumes at the same places, told apart by the time index.
both = np.concatenate([ramp("i2"), ramp("i2")[::-1]], axis=2)
uid = ROOT + str(next(uids))


def time_of(d, k):
    d.SeriesInstanceUID = uid
    d.TemporalPositionIdentifier = k // 5 + 1
    d.ImagePositionPatient = place(OBLIQUE, k % 5)[0]


series("times", both, OBLIQUE, change=time_of)
expect("times", OBLIQUE, both.reshape((3, 4, 5, 2), order="F"))


def enhanced(name, voxels, affine, undefined=False):
    path = folder / name / "multi.dcm"
    path.parent.mkdir(parents=True, exist_ok=True)
    d = base(path, ExplicitVRLittleEndian, ENHANCED, ROOT + str(next(uids)))
    del d.SliceThickness
    pixels(d, voxels, 16)
    d.NumberOfFrames = voxels.shape[2]
    _, orientation, spacing = place(affine, 0)
    shared, measures, turned, transformation = Dataset(), Dataset(), Dataset(), Dataset()
    measures.PixelSpacing, measures.SliceThickness = spacing, "2.5"
    turned.ImageOrientationPatient = orientation
    transformation.RescaleSlope, transformation.RescaleIntercept, transformation.RescaleType = "2", "-3", "US"
    shared.PixelMeasuresSequence, shared.PlaneOrientationSequence, shared.PixelValueTransformationSequence = [measures], [turned], [transformation]
    d.SharedFunctionalGroupsSequence = [shared]
    frames = []
    for k in range(voxels.shape[2]):
        frame, position, content = Dataset(), Dataset(), Dataset()
        position.ImagePositionPatient = place(affine, k)[0]
        content.StackID, content.InStackPositionNumber = "1", k + 1
        frame.PlanePositionSequence, frame.FrameContentSequence = [position], [content]
        frames.append(frame)
    d.PerFrameFunctionalGroupsSequence = frames
    if undefined:
        d["PerFrameFunctionalGroupsSequence"].is_undefined_length = True
        for frame in frames:
            frame.is_undefined_length_sequence_item = True
    d.save_as(path, write_like_original=False)
    expect(name, affine, voxels * 2.0 - 3)


enhanced("enhanced", ramp("i2"), OBLIQUE)
enhanced("enhanced-undefined", ramp("i2"), OBLIQUE, undefined=True)

# What cannot be read, or makes no volume.
series("bad/gap", ramp("i2"), OBLIQUE, order=[4, 0, 1, 3])
series("bad/uneven", ramp("i2"), OBLIQUE, change=lambda d, k: setattr(d, "ImagePositionPatient", place(OBLIQUE, k + (0.4 if k == 2 else 0))[0]))
series("bad/copies", ramp("i2"), OBLIQUE)
shutil.copy(folder / "bad/copies/IM0002", folder / "bad/copies/copy")
series("bad/twice", np.repeat(ramp("i2"), 2, axis=2), OBLIQUE, change=lambda d, k: setattr(d, "ImagePositionPatient", place(OBLIQUE, k // 2)[0]))
series("bad/mixed", ramp("i2"), OBLIQUE, change=lambda d, k: setattr(d, "ImageOrientationPatient", [1, 0, 0, 0, 0, -1]) if k > 2 else None)
series("bad/sizes", ramp("i2"), OBLIQUE, change=lambda d, k: pixels(d, ramp("i2")[:, :3, k]) if k > 2 else None)
series("bad/single", ramp("i2"), OBLIQUE, order=[0])
series("bad/nowhere", ramp("i2"), OBLIQUE, change=lambda d, k: delattr(d, "ImagePositionPatient"))
series("bad/colour", ramp("u1"), OBLIQUE, change=lambda d, k: (setattr(d, "SamplesPerPixel", 3), setattr(d, "PhotometricInterpretation", "RGB")))
series("bad/mosaic", ramp("i2"), OBLIQUE, change=lambda d, k: setattr(d, "ImageType", ["ORIGINAL", "PRIMARY", "M", "MOSAIC"]))
series("bad/shifted", ramp("i2"), OBLIQUE, change=lambda d, k: setattr(d, "ImagePositionPatient", [ds(float(v) + (2 if k == 3 else 0) * n) for v, n in zip(place(OBLIQUE, k)[0], (u @ v)[:, 0])]))
series("bad/cut", ramp("i2"), OBLIQUE, write=lambda path, k: path.write_bytes(path.read_bytes()[:-5]) if k == 4 else None)
series("two-series", ramp("i2"), OBLIQUE)
series("two-series-b", ramp("i2"), OBLIQUE, change=lambda d, k: setattr(d, "SeriesNumber", 8))
for path in (folder / "two-series-b").iterdir():
    shutil.move(path, folder / "two-series" / f"b{path.name}")
(folder / "two-series-b").rmdir()
for syntax in ("rle", "jpegls"):
    shutil.copytree(folder / "types/explicit-u2", folder / f"bad/{syntax}")
    for path in (folder / f"bad/{syntax}").iterdir():
        subprocess.run(["gdcmconv", "--rle" if syntax == "rle" else "--jpegls", path, path], check=True, capture_output=True)

with zipfile.ZipFile(here / "dicom.zip", "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            archive.writestr(zipfile.ZipInfo(str(path.relative_to(folder))), path.read_bytes(), zipfile.ZIP_DEFLATED)
with open(here / "dicom.json", "w") as file:
    file.write("{\n" + ",\n".join(f'"{name}": {json.dumps(value, separators=(",", ":"))}' for name, value in sorted(expected.items())) + "\n}\n")
shutil.rmtree(folder)
print(len(expected), "volumes")
