"""Makes the volumes and expected scores of the similarity tests.

Everything expected comes from scikit-image 0.19, scipy and numpy in double precision. Windowed measures within a mask, which
scikit-image lacks, are written out here with whole three-dimensional windows (no separable filter, no shared code).

    python3 make_fixtures.py        # beside this file
"""
import gzip
import json
import pathlib

import numpy as np
from scipy import ndimage, stats
from skimage import metrics

HERE = pathlib.Path(__file__).parent
BINS = 64
MS_WEIGHTS = [0.0448, 0.2856, 0.3001, 0.2363, 0.1333]


def smooth(rng, shape, sigma):
    field = ndimage.gaussian_filter(rng.standard_normal(shape), sigma)
    return field / field.std()


def save(name, array):
    """Stores thousandths as 16-bit integers, x fastest, and gives back what a reader will see."""
    stored = np.round(array * 1000).astype("<i2")
    with gzip.GzipFile(HERE / f"{name}.i2.gz", "wb", mtime=0) as f:
        f.write(stored.tobytes(order="F"))
    return (stored.astype(np.float32) / np.float32(1000)).astype(np.float64)


def save_mask(name, mask):
    with gzip.GzipFile(HERE / f"{name}.u1.gz", "wb", mtime=0) as f:
        f.write(mask.astype("u1").tobytes(order="F"))
    return mask


def gaussian_window():
    d = np.arange(-5, 6)
    w = np.exp(-0.5 * d**2 / 1.5**2)
    w /= w.sum()
    return w[:, None, None] * w[None, :, None] * w[None, None, :]


def box_window(radius):
    n = 2 * radius + 1
    return np.full((n, n, n), 1.0 / n**3)


def interior(mask, radius):
    inner = np.zeros_like(mask)
    core = tuple(slice(radius, n - radius) for n in mask.shape)
    inner[core] = mask[core]
    return inner


def local(x, y, mask, window):
    """Means, variances and covariance over the mask's voxels within a window."""
    m = mask.astype(float)

    def total(v):
        return ndimage.convolve(v * m, window, mode="constant", cval=0.0)

    w = np.where(mask, total(np.ones_like(m)), 1.0)
    mx, my = total(x) / w, total(y) / w
    return mx, my, total(x * x) / w - mx**2, total(y * y) / w - my**2, total(x * y) / w - mx * my


def contrast(v, mask, sigma=1.0, smoothing=0.5, floor=0.2):
    """Local contrast normalisation within a mask; widths in voxels (2 and 1 mm on these grids of 2 mm), kernels end at three of them."""
    m = mask.astype(float)

    def mean_around(u, width):
        # Of 1.5 voxels scipy's kernel takes 2 as ours does: it rounds half up, ours rounds up.
        def total(x):
            return ndimage.gaussian_filter(x * m, width, mode="constant", truncate=3.0)

        return total(u) / np.where(mask, total(np.ones_like(m)), 1.0)

    z = mean_around((v - v[mask].mean()) / v[mask].std(), smoothing)
    mean = mean_around(z, sigma)
    s = np.sqrt(np.maximum(mean_around(z * z, sigma) - mean**2, 0))
    return (z - mean) / (s + floor * np.median(s[mask]))


def edges(v, mask, smoothing=0.7, noise=1.0, sigma=1.2):
    """Directions of edges within a mask as five numbers a voxel; widths in voxels (1.4 and 2.4 mm on these grids of 2 mm)."""
    reach = int(np.ceil(3 * smoothing))
    window = np.exp(-0.5 * np.arange(-reach, reach + 1) ** 2 / smoothing**2)
    window /= window.sum()
    # Room around the grid, so that a border voxel has neighbours.
    v, inside = np.pad(v * mask, 4), np.pad(mask, 4)

    def total(x):
        for axis in range(3):
            x = ndimage.correlate1d(x, window, axis=axis, mode="constant")
        return x

    weight = total(inside.astype(float))
    g = np.stack(np.gradient(np.where(weight > 1e-6, total(v) / np.maximum(weight, 1e-6), 0) / 2.0), -1)
    square = (g**2).sum(-1)
    n = g / np.sqrt(square + noise * np.median(square[inside]))[..., None]
    x, y, z = (n[4:-4, 4:-4, 4:-4, a] for a in range(3))
    numbers = [(x * x - y * y) / np.sqrt(2), (2 * z * z - x * x - y * y) / np.sqrt(6),
               np.sqrt(2) * x * y, np.sqrt(2) * x * z, np.sqrt(2) * y * z]
    return np.stack([contrast(u, mask, sigma=sigma, smoothing=1e-3) for u in numbers], -1)


def ssim_maps(x, y, mask, data_range):
    mx, my, vx, vy, cov = local(x, y, mask, gaussian_window())
    c1, c2 = (0.01 * data_range) ** 2, (0.03 * data_range) ** 2
    cs = (2 * cov + c2) / (vx + vy + c2)
    return cs * (2 * mx * my + c1) / (mx**2 + my**2 + c1), cs


def halve(v, mask):
    nx, ny, nz = (n // 2 for n in v.shape)
    blocks = v[: 2 * nx, : 2 * ny, : 2 * nz].reshape(nx, 2, ny, 2, nz, 2)
    inside = mask[: 2 * nx, : 2 * ny, : 2 * nz].reshape(nx, 2, ny, 2, nz, 2)
    count = inside.sum(axis=(1, 3, 5))
    return (blocks * inside).sum(axis=(1, 3, 5)) / np.maximum(count, 1), count >= 4


def ms_ssim(x, y, mask, data_range):
    product = 1.0
    for scale, weight in enumerate(MS_WEIGHTS):
        full, cs = ssim_maps(x, y, mask, data_range)
        last = scale == len(MS_WEIGHTS) - 1
        product *= max(0.0, (full if last else cs)[mask].mean()) ** weight
        if not last:
            x, coarse = halve(x, mask)
            y, _ = halve(y, mask)
            mask = coarse
    return product, int(mask.sum())


def gradient(v):
    out = []
    for axis in range(3):
        g = v
        for other in range(3):
            kernel = np.array([-1.0, 0, 1]) if other == axis else np.ones(3) / 3
            g = ndimage.correlate1d(g, kernel, axis=other, mode="nearest")
        out.append(g)
    return np.sqrt(sum(g**2 for g in out))


def gmsd(x, y, mask, data_range):
    inside = ndimage.binary_erosion(mask, np.ones((3, 3, 3)))
    gx, gy = gradient(x), gradient(y)
    c = 170 / 255**2 * data_range**2
    return ((2 * gx * gy + c) / (gx**2 + gy**2 + c))[inside].std()


def distributions(x, y, low, high):
    p = np.histogram(np.clip(x, low, high), BINS, (low, high))[0] / x.size
    q = np.histogram(np.clip(y, low, high), BINS, (low, high))[0] / y.size
    return p, q


def expected(x, y, mask_x, mask_y, data_range=None):
    joint = mask_x & mask_y
    a, b = x[joint], y[joint]
    lo_x, hi_x = np.percentile(x[mask_x], [1, 99])
    lo_y, hi_y = np.percentile(y[mask_y], [1, 99])
    full = bool(joint.all())
    given = data_range is not None
    if not given:
        data_range = max(hi_x, hi_y) - min(lo_x, lo_y)

    clipped_a, clipped_b = np.clip(a, lo_x, hi_x), np.clip(b, lo_y, hi_y)
    # Histograms over exactly the range of each volume: its ends are put in as a frame of their own.
    h = np.histogram2d(clipped_a, clipped_b, BINS, [[lo_x, hi_x], [lo_y, hi_y]])[0] / a.size
    hx, hy, hxy = stats.entropy(h.sum(1)), stats.entropy(h.sum(0)), stats.entropy(h.ravel())
    which = np.clip(np.floor((clipped_a - lo_x) / (hi_x - lo_x) * BINS).astype(int), 0, BINS - 1)
    within = sum(b[which == k].size * b[which == k].var() for k in range(BINS) if (which == k).any()) / b.size
    p, q = distributions(a, b, min(lo_x, lo_y), max(hi_x, hi_y))

    mse = metrics.mean_squared_error(a, b)
    scores = {
        "MAE": np.abs(a - b).mean(),
        "MSE": mse,
        "RMSE": np.sqrt(mse),
        "NRMSE": np.sqrt(mse) / data_range,
        "PSNR": metrics.peak_signal_noise_ratio(a, b, data_range=data_range),
        "NCC": np.corrcoef(a, b)[0, 1],
        "LocalNCC": np.corrcoef(contrast(x, mask_x)[joint], contrast(y, mask_y)[joint])[0, 1],
        "NGF": np.corrcoef(edges(x, mask_x)[joint].ravel(), edges(y, mask_y)[joint].ravel())[0, 1],
        "Cosine": a @ b / np.sqrt((a @ a) * (b @ b)),
        "Spearman": stats.spearmanr(a, b)[0],
        "MI": hx + hy - hxy,
        "NMI": (hx + hy) / hxy,
        "CR": 1 - within / b.var(),
        "HistogramIntersection": np.minimum(p, q).sum(),
        "Bhattacharyya": np.sqrt(p * q).sum(),
        "JensenShannon": (stats.entropy(p, (p + q) / 2) + stats.entropy(q, (p + q) / 2)) / 2,
        "GMSD": gmsd(x, y, joint, data_range),
    }
    if full:
        # The same numbers once more by scikit-image's own routine: ranges equal those of the clipped volumes when nothing is masked.
        assert abs(metrics.normalized_mutual_information(clipped_a, clipped_b, bins=BINS) - scores["NMI"]) < 1e-12
        scores["SSIM"] = metrics.structural_similarity(
            x, y, gaussian_weights=True, sigma=1.5, use_sample_covariance=False, data_range=data_range)
        scores["UQI"] = metrics.structural_similarity(x, y, win_size=7, K1=0, K2=0, data_range=1, use_sample_covariance=False)
    else:
        centers = interior(joint, 5)
        scores["SSIM"] = ssim_maps(x, y, joint, data_range)[0][centers].mean()
        mx, my, vx, vy, cov = local(x, y, joint, box_window(3))
        uqi = 4 * cov * mx * my / ((vx + vy) * (mx**2 + my**2))
        scores["UQI"] = uqi[interior(joint, 3)].mean()
    _, _, vx, vy, cov = local(x, y, joint, box_window(2))
    scores["LNCC"] = (cov**2 / (vx * vy))[interior(joint, 2)].mean()
    score, coarsest = ms_ssim(x, y, joint, data_range)
    if coarsest >= 8:
        scores["MS-SSIM"] = score
    return {
        "dataRange": float(data_range) if given else None,
        "jointVoxels": int(joint.sum()),
        "dice": float(2 * joint.sum() / (mask_x.sum() + mask_y.sum())),
        "scores": {k: float(v) for k, v in scores.items()},
    }


def main():
    rng = np.random.default_rng(20260210)
    shape = (24, 28, 20)
    base = smooth(rng, shape, 1.6)
    a = save("a", base + 0.3 * smooth(rng, shape, 0.7))
    b = save("b", 0.9 * base + 0.5 * smooth(rng, shape, 0.9) + 0.1)
    # Another scale and offset, as intensities that were never standardised have, with a bent contrast.
    c = save("c", 9 + 4 * np.tanh(0.6 * base + 0.2 * smooth(rng, shape, 1.0)))
    assert min(np.abs(v).max() for v in (a, b, c)) < 32.7

    x, y, z = np.meshgrid(*(np.linspace(-1, 1, n) for n in shape), indexing="ij")
    ball = x**2 + y**2 + z**2 < 0.95
    hole = (x - 0.2) ** 2 + (y + 0.1) ** 2 + z**2 < 0.06
    m1 = save_mask("m1", ball & ~hole & (smooth(rng, shape, 1.5) > -2.0))
    m2 = save_mask("m2", (x**2 + (y - 0.15) ** 2 + (z + 0.1) ** 2 < 0.9) & ~(hole & (z > 0)))

    big = (50, 53, 41)
    base = smooth(rng, big, 2.0)
    p = save("p", base + 0.2 * smooth(rng, big, 1.0))
    q = save("q", base + 0.4 * smooth(rng, big, 1.2))
    x, y, z = np.meshgrid(*(np.linspace(-1, 1, n) for n in big), indexing="ij")
    m3 = save_mask("m3", x**2 + 0.9 * y**2 + z**2 < 0.9)
    m4 = save_mask("m4", (x - 0.05) ** 2 + y**2 + z**2 < 0.85)

    volumes = {"a": a, "b": b, "c": c, "p": p, "q": q}
    masks = {"m1": m1, "m2": m2, "m3": m3, "m4": m4}
    cases = [
        ("a", "b", None, None, None),
        ("a", "b", None, None, 6.5),
        ("a", "c", None, None, 12.0),
        ("a", "b", "m1", "m1", None),
        ("a", "b", "m1", "m2", None),
        ("c", "a", "m2", "m1", None),
        ("p", "q", None, None, None),
        ("p", "q", "m3", "m3", None),
        ("p", "q", "m3", "m4", 5.0),
    ]
    result = []
    for first, second, mask_x, mask_y, data_range in cases:
        v, w = volumes[first], volumes[second]
        full = np.ones(v.shape, bool)
        entry = {"x": first, "y": second, "maskX": mask_x, "maskY": mask_y}
        entry.update(expected(v, w, masks.get(mask_x, full), masks.get(mask_y, full), data_range))
        result.append(entry)
        print(entry)
    # Twenty random pairs: five people who share a little, each with a mask of its own, in both orders.
    medium = (48, 50, 40)
    shared = smooth(rng, medium, 2.0)
    x, y, z = np.meshgrid(*(np.linspace(-1, 1, n) for n in medium), indexing="ij")
    ball = 0.95 - (x**2 + y**2 + z**2)
    people = range(1, 6)
    for person in people:
        own = smooth(rng, medium, 2.0)
        noise = 0.3 * smooth(rng, medium, 1.0)
        # Hundredths, so that the files stay small.
        volumes[f"r{person}"] = save(f"r{person}", np.round(0.5 * shared + own + noise, 2))
        masks[f"n{person}"] = save_mask(f"n{person}", ball + 0.04 * smooth(rng, medium, 3.0) > 0)
    for first in people:
        for second in people:
            if first != second:
                names = (f"r{first}", f"r{second}", f"n{first}", f"n{second}")
                entry = dict(zip(("x", "y", "maskX", "maskY"), names))
                entry.update(expected(volumes[names[0]], volumes[names[1]], masks[names[2]], masks[names[3]]))
                result.append(entry)
    sizes = {"a": shape, "b": shape, "c": shape, "m1": shape, "m2": shape, "p": big, "q": big, "m3": big, "m4": big}
    sizes.update({f"{kind}{person}": medium for kind in "rn" for person in people})
    (HERE / "expected.json").write_text(json.dumps({"sizes": sizes, "cases": result}, indent=1) + "\n")


main()
