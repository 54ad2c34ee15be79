#!/usr/bin/env python3
"""Makes signals.json: what a spin echo shows of each tissue, by following the magnetisation through the sequence in time.

No closed formula is used, so that one in the library can be held against it: dM/dt of Bloch's equations is integrated (Runge-Kutta, fourth
order) over repetitions until the state before excitation stays, inversion and excitation turn the magnetisation at once, and refocusing is ideal.
The inversion time is searched for, where fluid's longitudinal magnetisation goes through zero.

Relaxation times, ms, and proton densities, by tissue:
  1.5 T: BrainWeb's tissue_mr_parameters.txt (Kwan et al. 1999)
  3 T:   Stanisz et al. 2005 (white, grey, muscle), Rooney et al. 2007 and Piechnik et al. 2009 (fluid), Gold et al. 2004 (fat),
         Madhuranthakam et al. 2012 (lesion); densities as at 1.5 T
Repetition and echo times, ms: IXI's dual echo at Guy's (1.5 T) and Hammersmith (3 T); FLAIR of MS-SMART. Of fat, FLAIR leaves a tenth.

Needs nothing but Python.
"""
import json
import math
import pathlib

TISSUES = {
    1.5: {"White": (500, 70, .77), "Grey": (833, 83, .86), "Fluid": (2569, 329, 1), "Muscle": (900, 47, 1), "Fat": (350, 70, 1),
          "Lesion": (752, 237, .76)},
    3.0: {"White": (1084, 69, .77), "Grey": (1820, 99, .86), "Fluid": (4300, 503, 1), "Muscle": (1412, 50, 1), "Fat": (371, 133, 1),
          "Lesion": (1350, 100, .76)},
}
SEQUENCES = {
    1.5: {"T2w": (8178.34, 100), "PD": (8178.34, 8), "FLAIR": (10000, 120)},
    3.0: {"T2w": (5725.79, 100), "PD": (5725.79, 8), "FLAIR": (9500, 120)},
}


def follow(value, rest, time_constant, duration):
    """The magnetisation after a while of relaxing towards rest."""
    steps = max(1, math.ceil(duration / (time_constant / 200)))
    h = duration / steps
    for _ in range(steps):
        k1 = (rest - value) / time_constant
        k2 = (rest - value - h / 2 * k1) / time_constant
        k3 = (rest - value - h / 2 * k2) / time_constant
        k4 = (rest - value - h * k3) / time_constant
        value += h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
    return value


def before_excitation(t1, density, repetition, inversion):
    """Longitudinal magnetisation when it is excited, once the sequence has run for long."""
    longitudinal, last = density, None
    while last is None or abs(longitudinal - last) > 1e-12:
        last = longitudinal
        longitudinal = 0.0  # turned into the transverse plane
        if inversion is None:
            longitudinal = follow(longitudinal, density, t1, repetition)
        else:
            longitudinal = -follow(longitudinal, density, t1, repetition - inversion)
            longitudinal = follow(longitudinal, density, t1, inversion)
    return longitudinal


def zero_of(t1, density, repetition):
    low, high = 0.0, repetition
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (middle, high) if before_excitation(t1, density, repetition, middle) < 0 else (low, middle)
    return (low + high) / 2


cases = []
for field, sequences in SEQUENCES.items():
    for contrast, (repetition, echo) in sequences.items():
        fluid = TISSUES[field]["Fluid"]
        inversion = zero_of(fluid[0], fluid[2], repetition) if contrast == "FLAIR" else None
        signals = {}
        for tissue, (t1, t2, density) in TISSUES[field].items():
            signal = follow(before_excitation(t1, density, repetition, inversion), 0, t2, echo)
            signals[tissue] = round(signal * (0.1 if contrast == "FLAIR" and tissue == "Fat" else 1), 7) + 0.0
        cases.append({"fieldStrength": field, "contrast": contrast, "inversionTime": inversion and round(inversion, 2), "signals": signals})
pathlib.Path(__file__).with_name("signals.json").write_text(json.dumps(cases, indent=1) + "\n")
