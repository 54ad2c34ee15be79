#!/usr/bin/env python3
"""Makes folders as people keep scans in them, and says what is to be found in each.

    apt-get install python3-pydicom python3-nibabel
    python3 make_layouts.py

Writes beside itself layouts.zip, a folder a layout, and layouts.json: for each layout the files that are scans (of a series its first
slice), with participant, session and run, and the labels that clash. All other files are to be passed over. Of nobody: voxels count up.
"""
import gzip
import io
import json
import pathlib
import zipfile

import nibabel as nib
import numpy as np
import pydicom
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian

here = pathlib.Path(__file__).resolve().parent
ROOT = "1.2.826.0.1.3680043.8.498.7."
files, expected = {}, {}
VOXELS = np.arange(60, dtype=np.int16).reshape((3, 4, 5), order="F")
AFFINE = np.diag([-2.0, 2, 2, 1])


def nifti():
    return nib.Nifti1Image(VOXELS, AFFINE).to_bytes()


def volume(name):
    """The bytes of a small volume of the format that a name asks for."""
    if name.endswith((".mgz", ".mgh")):
        data = nib.MGHImage(VOXELS, AFFINE).to_bytes()
    elif name.endswith(".nrrd"):
        head = "NRRD0004\ntype: int16\ndimension: 3\nspace: right-anterior-superior\nsizes: 3 4 5\nspace directions: (2,0,0) (0,2,0) (0,0,2)\nkinds: domain domain domain\nendian: little\nencoding: raw\nspace origin: (0,0,0)\n\n"
        data = head.encode() + VOXELS.tobytes(order="F")
    elif name.endswith(".mha"):
        head = "ObjectType = Image\nNDims = 3\nBinaryData = True\nBinaryDataByteOrderMSB = False\nCompressedData = False\nTransformMatrix = 1 0 0 0 1 0 0 0 1\nOffset = 0 0 0\nElementSpacing = 2 2 2\nDimSize = 3 4 5\nElementType = MET_SHORT\nElementDataFile = LOCAL\n"
        data = head.encode() + VOXELS.tobytes(order="F")
    else:
        data = nifti()
    return gzip.compress(data, mtime=0) if name.endswith((".gz", ".mgz", ".GZ")) else data


def put(layout, name, content):
    files[f"{layout}/{name}"] = content


def layout(name, scans, others=(), clashes=()):
    """A layout: scans as 'path': 'participant|session|run', and files that are passed over; volumes where the name is one of a volume."""
    entry = expected.setdefault(name, {"scans": {}, "clashes": list(clashes)})
    for path, label in scans.items():
        put(name, path, volume(path))
        entry["scans"][path] = label
    for path in others:
        known = path.lower().endswith((".nii", ".nii.gz", ".mgz"))
        put(name, path, volume(path) if known else b"Nothing to see.\n")


def series(name, folder, label=None, *, patient="P-1", person="Invented^One", study="1", uid=None, number=1, files_=None, preamble=True, syntax=ExplicitVRLittleEndian, first=None, at=range(4)):
    """A DICOM series of small slices; label goes to its first file unless it is part of one that is there."""
    uid = uid or f"{ROOT}{abs(hash_of(name, folder, number, patient or ''))}"
    names = files_ or [f"IM{i:04d}" for i in range(len(at))]
    for file, i in zip(names, at):
        d = Dataset()
        d.SOPClassUID, d.SOPInstanceUID = "1.2.840.10008.5.1.4.1.1.4", f"{uid}.{i + 1}"
        d.Modality, d.SeriesInstanceUID, d.SeriesNumber, d.InstanceNumber = "MR", uid, number, i + 1
        if patient is not None:
            d.PatientID, d.PatientName = patient, person
        if study is not None:
            d.StudyInstanceUID, d.FrameOfReferenceUID = ROOT + "1000." + study, ROOT + "2000." + study
        d.ImageType = ["ORIGINAL", "PRIMARY", "M", "ND"]
        d.Rows, d.Columns, d.SamplesPerPixel, d.PhotometricInterpretation = 4, 3, 1, "MONOCHROME2"
        d.BitsAllocated, d.BitsStored, d.HighBit, d.PixelRepresentation = 16, 16, 15, 0
        d.PixelSpacing, d.SliceThickness = [2, 2], 2
        d.ImageOrientationPatient, d.ImagePositionPatient = [1, 0, 0, 0, 1, 0], [0, 0, 2 * i]
        d.PixelData = (np.arange(12, dtype=np.uint16) + 12 * i + number).tobytes()
        meta = FileMetaDataset()
        meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID, meta.TransferSyntaxUID, meta.ImplementationClassUID = d.SOPClassUID, d.SOPInstanceUID, syntax, ROOT + "9"
        d.is_little_endian, d.is_implicit_VR = True, syntax == ImplicitVRLittleEndian
        buffer = io.BytesIO()
        if preamble:
            d.file_meta, d.preamble = meta, b"\0" * 128
            pydicom.dcmwrite(buffer, d, write_like_original=False)
        else:
            pydicom.dcmwrite(buffer, d, write_like_original=True)
        put(name, f"{folder}/{file}" if folder else file, buffer.getvalue())
    entry = expected.setdefault(name, {"scans": {}, "clashes": []})
    if label is not None:
        entry["scans"][f"{folder}/{names[0]}" if folder else names[0]] = label


def hash_of(*parts):
    value = 7
    for c in "/".join(map(str, parts)):
        value = (value * 31 + ord(c)) % 1000003
    return value


# BIDS.
layout("bids", {"sub-01/anat/sub-01_T1w.nii.gz": "01", "sub-02/anat/sub-02_T1w.nii.gz": "02"},
       ["dataset_description.json", "participants.tsv", "sub-01/anat/sub-01_T2w.nii.gz", "sub-01/anat/sub-01_FLAIR.nii.gz", "sub-01/dwi/sub-01_dwi.nii.gz", "sub-01/dwi/sub-01_dwi.bval",
        "sub-01/func/sub-01_task-rest_bold.nii.gz", "sub-02/anat/sub-02_desc-brain_mask.nii.gz", "sub-02/anat/sub-02_dseg.nii.gz", "sub-02/anat/sub-02_label-GM_probseg.nii.gz"])
layout("bids-sessions", {"sub-01/ses-1/anat/sub-01_ses-1_T1w.nii.gz": "01|1", "sub-01/ses-2/anat/sub-01_ses-2_T1w.nii.gz": "01|2"})
layout("bids-runs", {"sub-01/anat/sub-01_run-1_T1w.nii.gz": "01||1", "sub-01/anat/sub-01_run-2_T1w.nii.gz": "01||2"})
layout("bids-session-folder-only", {"sub-01/ses-2/anat/sub-01_T1w.nii.gz": "01|2"})
layout("bids-derivatives", {"sub-01/anat/sub-01_T1w.nii.gz": "01"},
       ["dataset_description.json", "derivatives/prep/sub-01/anat/sub-01_desc-preproc_T1w.nii.gz", "sourcedata/sub-01/x.nii.gz"])
layout("bids-derivative", {"sub-01/anat/sub-01_space-MNI_desc-preproc_T1w.nii.gz": "01", "sub-02/anat/sub-02_space-MNI_desc-preproc_T1w.nii.gz": "02"},
       ["sub-01/anat/sub-01_space-MNI_desc-brain_mask.nii.gz", "sub-02/anat/sub-02_space-MNI_dseg.nii.gz"])
layout("bids-unit1", {"sub-01/anat/sub-01_UNIT1.nii.gz": "01"}, ["sub-01/anat/sub-01_inv-1_MP2RAGE.nii.gz", "sub-01/anat/sub-01_T1map.nii.gz"])
layout("bids-brain", {"sub-a_T1w_brain.nii.gz": "a", "sub-b_T1w_brain.nii.gz": "b"}, ["sub-a_T1w_brain_mask.nii.gz", "sub-a_T1w_brain_pve_1.nii.gz"])
layout("bids-defaced", {"sub-a_T1w_defaced.nii.gz": "a", "sub-b_T1w_defaced.nii.gz": "b"})
layout("bids-odd-suffixes", {"sub-01_brain.nii.gz": "01", "sub-02_mprage.nii.gz": "02", "sub-03.nii.gz": "03"})
layout("bids-flat", {"sub-01_T1w.nii": "01", "sub-02_T1w.nii": "02"})
layout("bids-own-folders", {"sub-1/x.nii": "1", "sub-2/ses-1/anat/T1.nii": "2|1", "sub-10/anat/sub-10_T1w.nii.gz": "10"})
layout("bids-exported", {"sub-01_desc-preproc_T1w.nii.gz": "01", "P1.nii": "P1"}, ["sub-01_desc-preproc_mask.nii.gz", "P1_mask.nii", "sub-01_desc-preproc_T1w.json"])
series("bids-slices", "sub-a", "a", files_=[f"sub-a_T1w_{i:04d}.dcm" for i in range(4)])
series("bids-slices", "sub-b", "b", files_=[f"sub-b_T1w_{i:04d}.dcm" for i in range(4)], patient="P-2", study="2")
series("bids-slices-in-one-folder", "", "a", files_=[f"sub-a_T1w_{i:04d}.dcm" for i in range(4)])
series("bids-slices-in-one-folder", "", "b", files_=[f"sub-b_T1w_{i:04d}.dcm" for i in range(4)], patient="P-2", study="2")
series("bids-dicom", "sub-01/ses-1/dicom", "01|1")
series("bids-dicom", "sub-02/ses-1/dicom", "02|1", patient="P-2", study="2")
layout("bids-alone-in-folders", {"a/sub-01_T1w.nii.gz": "01", "b/sub-01_T1w.nii.gz": "01", "c/sub-01_T1w.nii.gz": "01"}, clashes=["01"])

# A folder that is called as a subject's and is none.
layout("sub-study", {"sub-study/patA/T1.nii": "patA", "sub-study/patB/T1.nii": "patB"})
layout("sub-study-flat", {"sub-study/alice.nii": "alice", "sub-study/bob.nii": "bob"})
series("sub-study-dicom", "sub-study/patA/T1", "patA")
series("sub-study-dicom", "sub-study/patB/T1", "patB", patient="P-2", study="2")
layout("sub-studies", {"sub-one/patA/T1.nii": "patA", "sub-one/patB/T1.nii": "patB", "sub-two/patC/T1.nii": "patC", "sub-two/patD/T1.nii": "patD"})

# FreeSurfer, HCP, ABIDE, OASIS, ADNI, IXI.
layout("freesurfer", {"bert/mri/T1.mgz": "bert", "ernie/mri/T1.mgz": "ernie"})
layout("freesurfer-one", {"bert/mri/T1.mgz": "bert"})
layout("freesurfer-whole", {f"bert/mri/{n}.mgz": "bert" for n in ("T1", "orig", "nu", "norm", "brain", "brainmask", "rawavg", "orig/001", "orig/002")},
       [f"bert/mri/{n}.mgz" for n in ("aseg", "aparc+aseg", "aparc.a2009s+aseg", "wm", "wm.seg", "filled", "ribbon", "lh.ribbon", "wmparc")] + ["bert/surf/lh.white", "bert/stats/aseg.stats"])
layout("freesurfer-nifti", {"bert/mri/T1.nii.gz": "bert", "ernie/mri/T1.nii.gz": "ernie"}, ["bert/mri/aseg.nii.gz", "bert/mri/aparc+aseg.nii.gz"])
layout("freesurfer-of-bids", {"sub-01/mri/T1.mgz": "01", "sub-02/mri/T1.mgz": "02"})
layout("freesurfer-longitudinal", {"bert/mri/T1.mgz": "bert", "bert.long.base/mri/T1.mgz": "bert.long.base"})
layout("hcp", {f"{s}/T1w/{n}.nii.gz": s for s in ("100307", "100408") for n in ("T1w_acpc_dc_restore", "T1w_acpc_dc_restore_brain", "T1w_acpc_dc")},
       ["100307/T1w/aparc+aseg.nii.gz", "100307/T1w/wmparc.nii.gz", "100307/T1w/brainmask.nii.gz"])
layout("hcp-unprocessed", {f"{s}/unprocessed/3T/T1w_MPR1/{s}_3T_T1w_MPR1.nii.gz": s + "||1" for s in ("100307", "100408")})
layout("hcp-with-freesurfer", {f"{s}/T1w/{n}": s for s in ("100307", "100408") for n in ("T1w_acpc_dc.nii.gz", f"{s}/mri/T1.mgz", f"{s}/mri/orig.mgz")})
layout("hcp-standard-space", {f"{s}/MNINonLinear/T1w_restore.nii.gz": s for s in ("100307", "100408")})
layout("abide", {"0050003/session_1/anat_1/mprage.nii.gz": "0050003|1|1", "0050003/session_1/anat_2/mprage.nii.gz": "0050003|1|2", "0050004/session_1/anat_1/mprage.nii.gz": "0050004|1|1"})
layout("abide-xnat", {f"{s}/scans/anat/resources/NIfTI/files/mprage.nii.gz": s for s in ("Caltech_51456", "Pitt_50003")})
layout("abide-flat", {"Pitt_0050003.nii.gz": "Pitt_0050003", "Pitt_0050004.nii.gz": "Pitt_0050004"})
layout("oasis", {f"OAS1_000{s}_MR1/RAW/OAS1_000{s}_MR1_mpr-{i}_anon.nii": f"OAS1_000{s}_MR1" for s in (1, 2) for i in (1, 2)})
layout("adni-visits", {f"002_S_0295/MP-RAGE/{d}_08_20_30.0/T1.nii": f"002_S_0295|{d}" for d in ("2006-04-18", "2006-11-02")} | {"002_S_0413/MP-RAGE/2006-05-02_08_20_30.0/T1.nii": "002_S_0413|2006-05-02"})
layout("ixi", {"IXI002-Guys-0828-T1.nii.gz": "IXI002-Guys-0828-T1", "IXI012-HH-1211-T1.nii.gz": "IXI012-HH-1211-T1"})

# Names of people's own.
layout("flat", {"a.nii": "a", "b.nii.gz": "b", "c [1].nii": "c [1]"})
layout("flat-numbers", {"001.nii": "001", "002.nii": "002"})
layout("flat-words-with-numbers", {"scan_1.nii": "scan_1", "scan_2.nii": "scan_2", "T1_003.nii": "T1_003"})
layout("folder-a-person", {"P1/T1.nii": "P1", "P2/T1.nii": "P2"})
layout("folder-a-person-odd-name", {"P1/xyzzy.nii": "P1", "P2/xyzzy.nii": "P2", "P3/xyzzy.nii": "P3"})
layout("folder-above-a-person", {"P1/scanner/xyzzy.nii": "P1", "P2/scanner/xyzzy.nii": "P2"})
layout("folder-in-the-name", {"P001/P001_T1.nii": "P001", "P002/P002_T1.nii": "P002", "P002/raw/P002_T1_2.nii": "P002"})
layout("folder-in-every-name", {"study7/study7_1.nii": "study7_1", "study7/study7_2.nii": "study7_2"})
layout("folder-of-containers", {"data/subjects/bert/raw/T1.nii": "bert", "data/subjects/ernie/raw/T1.nii": "ernie"})
layout("folder-with-spaces", {"Anna B/T1 MPRAGE.nii": "Anna B", "Zoë Ü/T1 MPRAGE.nii": "Zoë Ü"})
layout("visits", {f"{p}/visit{v}/T1.nii": f"{p}|{v}" for p in ("bert", "ernie") for v in (1, 2)})
layout("visits-around", {"visit1/P001.nii": "P001|1", "visit1/P002.nii": "P002|1", "visit2/P001.nii": "P001|2"})
layout("visits-in-names", {"P1/baseline.nii": "P1|baseline", "P1/followup_2.nii": "P1|2", "P2/baseline.nii": "P2|baseline"})
layout("visits-by-date", {"P1/20240117/T1.nii": "P1|20240117", "P1/2025-02-01/T1.nii": "P1|2025-02-01", "P2/20240301/T1.nii": "P2|20240301"})
layout("numbered-folders", {"scan1/T1.nii": "scan1", "scan2/T1.nii": "scan2", "scan3/T1.nii": "scan3"})
layout("numbered-people", {f"subject_{s}/{n}.nii": f"subject_{s}" for s in (1, 2) for n in ("T1", "T2")})
layout("numbered-folders-of-several", {f"pool/scan_{s}/{n}.nii": "pool" for s in (1, 2) for n in ("T1", "T2")}, clashes=["pool"])
layout("protocol-folders", {f"{p}/ProtocolX/T1.nii": p for p in ("bert", "ernie")})
layout("one-by-date", {"pool/20240117/T1.nii": "pool|20240117", "pool/20240203/T1.nii": "pool|20240203"}, clashes=["pool"])
layout("sites", {"siteA/001.nii": "001", "siteA/002.nii": "002", "siteB/003.nii": "003"})
layout("sites-share-numbers", {"siteA/001/T1.nii": "001", "siteA/002/T1.nii": "002", "siteB/001/T1.nii": "001"}, clashes=["001"])
layout("sites-share-files", {"siteA/x1.nii": "x1", "siteA/x2.nii": "x2", "siteB/x1.nii": "x1", "siteB/x2.nii": "x2"}, clashes=["x1", "x2"])
layout("contrasts-of-one", {"P1/T1.nii": "P1", "P1/T2.nii": "P1", "P1/FLAIR.nii": "P1", "P2/T1.nii": "P2"})
layout("fsl", {"P1_brain.nii.gz": "P1_brain"}, ["P1_brain_pve_0.nii.gz", "P1_brain_pveseg.nii.gz", "P1_brain_mask.nii.gz", "P1_seg.nii.gz", "P1_labels.nii.gz"])
layout("formats", {"P1.nrrd": "P1", "P2.mha": "P2", "P3.nii.gz": "P3", "P4.mgz": "P4", "P5.NII.GZ": "P5"})
layout("odd-endings", {"P1.nii.gz.bak": "P1.nii.gz", "P2": "P2"}, ["notes.txt", "table.tsv", "README"])
layout("hidden", {"P1.nii": "P1"}, [".git/P2.nii", "._P1.nii", ".DS_Store"])
layout("junk", {}, ["notes.txt", "README.md", "figure.png"])

# DICOM.
for p in ("A", "B"):
    number = "12"["AB".index(p)]
    series("dicom-folder-a-series", f"pat{p}/T1", f"pat{p}", patient="P-" + number, study=number)
    series("dicom-folder-a-person", f"pat{p}", f"pat{p}", patient="P-" + number, study=number)
    series("dicom-no-preamble", f"pat{p}", f"pat{p}", patient="P-" + number, study=number, preamble=False)
    series("dicom-no-preamble-implicit", f"pat{p}", f"pat{p}", patient="P-" + number, study=number, preamble=False, syntax=ImplicitVRLittleEndian, files_=[f"IM{i}.dcm" for i in range(4)])
    series("dicom-export", f"DICOM/PA00000{number}/ST000001/SE000001", f"PA00000{number}||000001", patient="P-" + number, study=number)
    series("dicom-anonymised", f"pat{p}", f"pat{p}", patient="ANON", person="ANON", study=number)
    series("dicom-anonymised-alike", f"pat{p}", f"pat{p}", patient="ANON", person="ANON", study="1")
    series("dicom-nothing-said", f"pat{p}/T1", f"pat{p}", patient=None, study=None)
    series("dicom-two-series", f"pat{p}/AX_BRAVO", f"pat{p}", patient="P-" + number, study=number, number=2)
    series("dicom-two-series", f"pat{p}/ODD_NAME_{p}", f"pat{p}", patient="P-" + number, study=number, number=3)
    series("dicom-sites", f"site{p}/001/T1", f"site{p}-001", patient="P-" + number, study=number)
    series("dicom-uid-folders", f"pat{p}/1.2.840.113619.2.{number}/1.2.840.113619.2.{number}.5", f"pat{p}", patient="P-" + number, study=number)
series("dicom-sites", "siteA/002/T1", "002", patient="P-3", study="3")
series("dicom-two-people-in-a-folder", "all", "all_a0|", patient="P-1", files_=[f"a{i}" for i in range(4)])
series("dicom-two-people-in-a-folder", "all", "all_b0|", patient="P-2", study="2", files_=[f"b{i}" for i in range(4)])
series("dicom-two-series-in-a-folder", "pat", "pat||1", number=1, files_=[f"a{i}" for i in range(4)])
series("dicom-two-series-in-a-folder", "pat", "pat||2", number=2, files_=[f"b{i}" for i in range(4)])
series("dicom-over-folders", "pat/D1", "pat", uid=ROOT + "55", at=range(0, 3))
series("dicom-over-folders", "pat/D2", uid=ROOT + "55", at=range(3, 6), files_=[f"IM{i:04d}" for i in range(3, 6)])
series("dicom-among-others", "pat/T1", "pat")
layout("dicom-among-others", {}, ["pat/T1/notes.txt", "pat/T1/index.html", "pat/viewer.exe"])
layout("dicom-and-nifti", {"P7/T1.nii": "P7"})
series("dicom-and-nifti", "P8/T1", "P8")
for n in ("1", "2"):
    series("dicom-numbered-folders", f"dicoms/T1_00{n}", f"T1_00{n}", patient="P-" + n, study=n)

with zipfile.ZipFile(here / "layouts.zip", "w", zipfile.ZIP_DEFLATED) as out:
    for path in sorted(files):
        out.writestr(zipfile.ZipInfo(path, (2020, 1, 1, 0, 0, 0)), files[path], zipfile.ZIP_DEFLATED)
(here / "layouts.json").write_text(json.dumps(expected, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
print(len(expected), "layouts,", len(files), "files")
