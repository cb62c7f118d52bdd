"""Looks for marks with keys that made none: in pictures, in pictures that carry another key's mark, and in patterns on
which naive detectors fire. Each (picture, key) pair is one full search."""
import hashlib, math, os, tempfile
from statistics import median

import numpy as np
from PIL import Image, ImageDraw

from .attacks import ATTACKS
from .measure import payload_for, save
from .tools import Fixative


def patterns(side=512):
    """Name and picture of what has no texture, or too regular one."""
    y, x = np.mgrid[:side, :side]
    dice = np.random.default_rng(5)

    def grey(values):
        return Image.fromarray(np.clip(np.rint(np.broadcast_to(values, (side, side))), 0, 255).astype(np.uint8)).convert("RGB")

    for level in (0, 7, 128, 255):
        yield f"flat {level}", grey(np.float64(level))
    yield "gradient", grey(x / 4 + y / 4)
    yield "dithered gradient", grey(x / 2 + dice.random((side, side)) - 0.5)
    for period in (2, 3, 8, 16, 64, 128):
        yield f"grid {period}", grey(np.where((x % period == 0) | (y % period == 0), 20, 235))
        yield f"stripes {period}", grey(128 + 100 * np.sin(2 * math.pi * (x + y / 3) / period))
    yield "checkerboard", grey(255.0 * ((x ^ y) & 1))
    for pitch in (4, 6.5, 9):
        angle = math.radians(15)
        u, v = x * math.cos(angle) + y * math.sin(angle), y * math.cos(angle) - x * math.sin(angle)
        screen = np.sin(2 * math.pi * u / pitch) * np.sin(2 * math.pi * v / pitch)
        yield f"halftone {pitch}", grey(np.where(screen * 128 + 128 > x * 255 / side, 255, 0))
    tile = dice.normal(128, 30, (128, 128))
    yield "one random tile repeated", grey(np.tile(tile, (side // 128, side // 128)))
    yield "white noise", grey(dice.normal(128, 40, (side, side)))
    yield "binary noise", grey(255.0 * (dice.random((side, side)) > 0.5))
    yield "rings", grey(128 + 127 * np.cos((x - side / 2) ** 2 / 600 + (y - side / 2) ** 2 / 600))
    yield "pixel art", grey(np.kron(dice.integers(0, 6, (side // 16, side // 16)) * 50.0, np.ones((16, 16))))
    for name, paper, ink in (("text", "white", "black"), ("terminal", "#101418", "#a0e0b0")):
        page = Image.new("RGB", (side, side), paper)
        pen = ImageDraw.Draw(page)
        letters = "etaoin shrdlu cmfwyp vbgkjq xz 0123456789 {}();"
        for row in range(side // 13):
            pen.text((6, 13 * row), "".join(letters[dice.integers(len(letters))] for _ in range(84)), fill=ink)
        yield name, page
        yield name + ", enlarged", page.resize((side * 3 // 2, side * 3 // 2), Image.BICUBIC)


def answered(program, rows):
    """Every answer to rows of (picture, key), with its CPU milliseconds."""
    return Fixative(program).batch("extract", rows)


def run(program, files, trials, pool):
    """Prints how many trials there were and how many were answered, by kind of picture."""
    print("\n### False positives\n")
    with tempfile.TemporaryDirectory(prefix="watermark-") as folder:
        kinds = {"unmarked pictures": [], "pictures with another key's mark": [], "the same, attacked": [], "patterns": []}
        for index, path in enumerate(files):
            original = os.path.join(folder, f"{index}.png")
            save(Image.open(path).convert("RGB"), original)
            marked = os.path.join(folder, f"{index}-marked.png")
            Fixative(program).embed([(original, marked, payload_for(path))])
            kinds["unmarked pictures"].append(original)
            kinds["pictures with another key's mark"].append(marked)
            for name in ("jpeg50", "rot5", "crop75", "resize50"):
                attacked = os.path.join(folder, f"{index}-{name}.png")
                save(ATTACKS[name](Image.open(marked).convert("RGB")), attacked)
                kinds["the same, attacked"].append(attacked)
        for index, (_, image) in enumerate(patterns()):
            path = os.path.join(folder, f"pattern-{index}.png")
            save(image, path)
            kinds["patterns"].append(path)
        everything = [(kind, path) for kind, paths in kinds.items() for path in paths]
        rounds = -(-trials // len(everything))
        print("| | pictures | (picture, wrong key) trials | answered | CPU ms a search |\n|---|---|---|---|---|")
        total = wrong = 0
        for kind, paths in kinds.items():
            rows = [
                (path, hashlib.sha256(f"{kind} {os.path.basename(path)} {index}".encode()).hexdigest())
                for path in paths for index in range(rounds)]
            parts = [rows[start:start + 100] for start in range(0, len(rows), 100)]
            answers = [answer for part in pool.map(answered, [program] * len(parts), parts) for answer in part]
            found = sum(answer != "-" for answer, _ in answers)
            total, wrong = total + len(rows), wrong + found
            print(f"| {kind} | {len(paths)} | {len(rows)} | {found} | {median(time for _, time in answers):.0f} |", flush=True)
        print(f"| **all** | {len(everything)} | **{total}** | **{wrong}** | |")
