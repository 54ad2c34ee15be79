#!/usr/bin/env python3
"""Encodes the series of dicom.zip in every way that DICOM's own programs can, as dicom-encodings.zip.

    apt-get install dcmtk libgdcm-tools python3-pydicom
    python3 make_encodings.py

Each folder is named after its encoding and the series it was made from, whose voxels it has.
"""
import pathlib
import subprocess
import tempfile
import zipfile

import pydicom
from pydicom.uid import DeflatedExplicitVRLittleEndian

here = pathlib.Path(__file__).resolve().parent
folder = pathlib.Path(tempfile.mkdtemp())
with zipfile.ZipFile(here / "dicom.zip") as archive:
    archive.extractall(folder / "from")


def deflate(source, target):
    d = pydicom.dcmread(source)
    d.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    d.save_as(target, write_like_original=False)


ENCODINGS = {
    "big-endian": lambda s, t: ["dcmconv", "+tb", s, t],
    "deflated": deflate,
    "rle-dcmtk": lambda s, t: ["dcmcrle", s, t],
    "rle-gdcm": lambda s, t: ["gdcmconv", "--rle", s, t],
    "jpeg-dcmtk": lambda s, t: ["dcmcjpeg", "+e1", s, t],
    "jpeg-fragments": lambda s, t: ["dcmcjpeg", "+e1", "+fs", "1", s, t],
    "jpeg-first-predictor": lambda s, t: ["dcmcjpeg", "+el", "+sv", "1", s, t],
    "jpeg-gdcm": lambda s, t: ["gdcmconv", "--jpeg", s, t],
    "jpeg-sixth-predictor": lambda s, t: ["dcmcjpeg", "+el", "+sv", "6", s, t],
    "no-preamble": lambda s, t: ["dcmconv", "-F", s, t],
}
SERIES = ["types/explicit-u1", "types/explicit-u2", "types/explicit-i2", "types/12-bit", "types/12-bit-signed", "types/scaled", "enhanced"]

for encoding, make in ENCODINGS.items():
    for series in SERIES:
        out = folder / "to" / encoding / series
        out.mkdir(parents=True)
        for source in sorted((folder / "from" / series).iterdir()):
            command = make(str(source), str(out / source.name))
            if command:
                subprocess.run(command, check=True, capture_output=True)

with zipfile.ZipFile(here / "dicom-encodings.zip", "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
    for path in sorted((folder / "to").rglob("*")):
        if path.is_file():
            archive.writestr(zipfile.ZipInfo(str(path.relative_to(folder / "to"))), path.read_bytes(), zipfile.ZIP_DEFLATED)
