#!/usr/bin/python3
"""Makes the fixtures of the linkage tests: figures by scikit-learn, scipy and R.

Debian: python3-sklearn python3-scipy r-base-core
"""
import json
import subprocess

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.stats import genpareto, norm
from sklearn.metrics import roc_auc_score, roc_curve


def evaluation(seed, people, scans, overlap, higher):
    """All pairs of all scans; scores rounded so that ties happen."""
    random = np.random.default_rng(seed)
    person = np.repeat(np.arange(people), scans)
    ease = random.normal(0, 0.3, people * scans)
    pairs, scores, same = [], [], []
    for i in range(person.size):
        for j in range(i):
            genuine = person[i] == person[j]
            score = round(float(random.normal(overlap if genuine else 0, 1) + ease[i] + ease[j]), 1)
            pairs.append((i, j))
            scores.append(score if higher else -score)
            same.append(int(genuine))
    same = np.array(same)
    oriented = np.array(scores) * (1 if higher else -1)
    far, tar, _ = roc_curve(same, oriented, drop_intermediate=False)
    miss = 1 - tar
    at = np.argmax(far >= miss)
    before, after = miss[at - 1] - far[at - 1], far[at] - miss[at]
    part = before / (before + after)
    genuine, impostor = oriented[same == 1], oriented[same == 0]
    return {
        "higher": higher,
        "person": person.tolist(),
        "pairs": pairs,
        "scores": scores,
        "auc": roc_auc_score(same, oriented),
        "eer": far[at - 1] + part * (far[at] - far[at - 1]),
        "tar2": float(tar[far <= 1e-2].max()),
        "tar3": float(tar[far <= 1e-3].max()),
        "dprime": abs(genuine.mean() - impostor.mean())
        / np.sqrt((genuine.var(ddof=1) + impostor.var(ddof=1)) / 2),
    }


def assignment(seed, rows, columns, holes):
    random = np.random.default_rng(seed)
    values = random.normal(size=(rows, columns)).round(6)
    mask = random.random((rows, columns)) < holes
    # scipy takes a forbidden pair for one that costs more than all others together.
    rows_taken, columns_taken = linear_sum_assignment(np.where(mask, -1e6, values), maximize=True)
    kept = [(r, c) for r, c in zip(rows_taken.tolist(), columns_taken.tolist()) if not mask[r, c]]
    return {
        "values": [[None if m else v for v, m in zip(vs, ms)] for vs, ms in zip(values.tolist(), mask.tolist())],
        "pairs": len(kept),
        "total": sum(values[r, c] for r, c in kept),
    }


def bandwidths():
    """R's own: bw.nrd0 is Silverman's rule, bw.SJ Sheather and Jones's."""
    script = """
    options(digits = 17)
    for (x in list(as.numeric(precip), faithful$eruptions, as.numeric(nhtemp))) {
        cat(bw.nrd0(x), bw.SJ(x, method = "ste", tol = 1e-10), x, "\\n")
    }
    """
    lines = subprocess.run(["Rscript", "-e", script], capture_output=True, text=True, check=True).stdout
    rows = [list(map(float, line.split())) for line in lines.splitlines() if line.strip()]
    return [{"silverman": r[0], "sheatherJones": r[1], "sample": r[2:]} for r in rows]


def tails():
    """Samples of known tails: the shape's posterior mean and what lies above far values, by scipy's density on a fine grid."""
    random = np.random.default_rng(7)
    result = []
    for shape in (-0.2, 0.0, 0.3):
        sample = np.sort(genpareto.rvs(shape, scale=0.5, size=400, random_state=random)).round(9)
        shapes, scales = np.linspace(-0.4, 0.9, 261), np.exp(np.linspace(np.log(0.3), np.log(0.9), 221))
        log = np.array([[genpareto.logpdf(sample, xi, scale=sigma).sum() for sigma in scales] for xi in shapes])
        log += norm.logpdf(shapes, 0.1, 0.1)[:, None]
        weights = np.exp(log - log.max())
        weights /= weights.sum()
        scale = float((weights.sum(0) * scales).sum())
        above = []
        for excess in genpareto.isf([1e-1, 1e-3, 1e-5], shape, scale=0.5):
            mean = sum(float((weights[i] * genpareto.sf(excess, xi, scale=scales)).sum()) for i, xi in enumerate(shapes))
            above.append((float(excess), (400 * mean + float(genpareto.sf(excess, 0.1, scale=scale))) / 401))
        result.append({"excesses": sample.tolist(), "shape": float((weights.sum(1) * shapes).sum()), "above": above})
    return result


if __name__ == "__main__":
    with open("expected.json", "w", encoding="utf-8") as file:
        json.dump(
            {
                "evaluations": [evaluation(1, 15, 3, 2.5, True), evaluation(2, 20, 2, 1.0, False), evaluation(3, 8, 4, 9.0, True)],
                "assignments": [assignment(4, 12, 12, 0), assignment(5, 10, 25, 0.1), assignment(6, 25, 10, 0), assignment(8, 9, 9, 0.7)],
                "bandwidths": bandwidths(),
                "tails": tails(),
            },
            file,
        )
