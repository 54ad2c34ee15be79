#!/usr/bin/python3
"""Makes scores.json: score matrices of audits that once lost all their links, or made false ones, without a word.

Drawn, not measured: no scan of anybody is behind a number. What is drawn follows what real scans gave, on Fisher's z: strangers by local
contrast correlation have 0.15 with a standard deviation of 0.039, by NCC 0.50 with 0.08, both halves scans' ease and a pair's own error;
scans of one person lie above 0.70 and 0.905, drawn ones above 0.72 and 1.15 (Debian: python3-numpy).
"""
import json

import numpy as np

LOCAL = {"metric": "LocalNCC", "mean": 0.15, "spread": 0.039, "own": 1.2, "least": 0.72}
NCC = {"metric": "NCC", "mean": 0.50, "spread": 0.08, "own": 1.3, "least": 1.15}


def audit(name, seed, kind, probes, gallery, poor=(), poor_shift=0.0, poor_noise=1.0):
    """probes, gallery: who each scan is of (numbers). poor: gallery columns whose scans are poor."""
    random = np.random.default_rng(seed)
    rows, columns = len(probes), len(gallery)
    ease = kind["spread"] / 2
    z = (kind["mean"] + random.normal(0, ease, (rows, 1)) + random.normal(0, ease, (1, columns))
         + random.normal(0, kind["spread"] / np.sqrt(2), (rows, columns)))
    for j in poor:
        z[:, j] = kind["mean"] + poor_shift * kind["spread"] + (z[:, j] - kind["mean"]) * poor_noise
    same = np.equal.outer(probes, gallery)
    own = np.maximum(kind["least"], random.normal(kind["own"], 0.15, (rows, columns)))
    for j in poor:
        same[:, j] = False
    z[same] = own[same]
    return {
        "name": name,
        "metric": kind["metric"],
        "probes": [int(p) for p in probes],
        "gallery": [int(g) for g in gallery],
        "scores": [[round(float(v), 4) for v in row] for row in np.tanh(z)],
    }


def repeats(name, seed, kind):
    """48 probes, 97 gallery scans: 8 people on both sides, and one person's nine files, each under a label of its own (and a probe of hers)."""
    probes = list(range(8)) + list(range(100, 139)) + [99]
    gallery = list(range(8)) + list(range(200, 280)) + [99] * 9
    return audit(name, seed, kind, probes, gallery)


def labels(name, seed, kind):
    """Every scan with every other: thirty people once, and one person's nine files."""
    people = list(range(30)) + [99] * 9
    result = audit(name, seed, kind, people, people)
    scores = np.array(result["scores"])
    scores = np.triu(scores, 1)
    scores = scores + scores.T + np.eye(len(people))
    result["scores"] = [[round(float(v), 4) for v in row] for row in scores]
    return result


def poor(name, seed, kind):
    """8 people on both sides among 48 probes and 87 gallery scans, and ten poor scans of others: lower for everybody, and three times as noisy."""
    probes = list(range(8)) + list(range(100, 140))
    gallery = list(range(8)) + list(range(200, 279)) + list(range(300, 310))
    return audit(name, seed, kind, probes, gallery, poor=range(87, 97), poor_shift=-3, poor_noise=3)


def sites(name, seed, kind, shift):
    """60 x 60 scans, 30 people on both sides; every second probe and every fourth gallery scan is of a second site, whose scans are so much more alike."""
    result = audit(name, seed, kind, list(range(30)) + list(range(100, 130)), list(range(30)) + list(range(200, 230)))
    scores = np.array(result["scores"])
    z = np.arctanh(scores)
    z[np.ix_(range(1, 60, 2), range(1, 60, 4))] += shift * kind["spread"] / np.sqrt(2)
    result["scores"] = [[round(float(v), 4) for v in row] for row in np.tanh(z)]
    return result


def small_site(name, seed, kind, scans, shift):
    """40 x 60 scans, 8 people on both sides; so many scans of either side are of a second site, three of its people on both sides."""
    result = audit(name, seed, kind, list(range(8)) + list(range(100, 132)), list(range(8)) + list(range(200, 252)))
    z = np.arctanh(np.array(result["scores"]))
    z[np.ix_(range(5, 5 + scans), range(5, 5 + scans))] += shift * kind["spread"] / np.sqrt(2)
    result["scores"] = [[round(float(v), 4) for v in row] for row in np.tanh(z)]
    return result


def small(name, seed, kind, rows, columns):
    """One mate, the first of either side."""
    return audit(name, seed, kind, [0] + list(range(100, 99 + rows)), [0] + list(range(200, 199 + columns)))


if __name__ == "__main__":
    near = dict(NCC, own=1.05, least=0.95)
    site = dict(NCC, mean=0.72, spread=0.10, own=1.6)
    matrices = [
        repeats("repeats, LocalNCC", 1, LOCAL),
        repeats("repeats, NCC", 2, NCC),
        labels("labels, LocalNCC", 3, LOCAL),
        poor("poor scans, NCC", 4, NCC),
        poor("poor scans, LocalNCC", 5, LOCAL),
        small("1 x 3", 6, LOCAL, 1, 3),
        small("3 x 3", 7, LOCAL, 3, 3),
        small("4 x 4", 8, LOCAL, 4, 4),
        small("1 x 20", 9, LOCAL, 1, 20),
        small("1 x 3, NCC", 10, NCC, 1, 3),
        audit("one site", 11, NCC, range(20), range(100, 120)),
        audit("the same site", 13, NCC, range(20), range(100, 120)),
        sites("two sites", 14, near, 6),
        small_site("a small site, 4 a side", 15, NCC, 4, 6),
        small_site("a small site, 8 a side", 16, NCC, 8, 6),
        small_site("a site of 12 a side", 17, NCC, 12, 9),
        audit("another site", 12, site, list(range(8)) + list(range(300, 320)), list(range(8)) + list(range(400, 420))),
    ]
    with open("scores.json", "w", encoding="utf-8") as file:
        json.dump(matrices, file, separators=(",", ":"))
