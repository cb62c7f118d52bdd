#!/usr/bin/env python3
"""What the noise method leaves after denoising, against white noise of equal visibility.

    Benchmarks/noise.py [--tool PATH] [--recipe standard] [--images DIR] [--limit N]

Needs numpy, pillow, scikit-image, PyWavelets and opencv-python-headless (PyPI). `PATH protect` and `PATH compare` are
the program's own commands. For each picture: protect it with the noise alone, scale white luma noise until its
SSIMULACRA2 is the same, denoise both and the untouched picture, and compare. Figures are medians over the pictures:

    remains   root mean square of D(x + n) - D(x) over that of n: how much of the noise a denoiser D leaves
    kept      projection of D(x + n) - D(x) on n: how much of that is still the same noise
    ratio     remains in grey levels, ours over white noise of equal visibility: above 1 we are better
    cost      dB of PSNR against the clean original that denoising our picture loses against denoising the original
"""
import argparse, collections, glob, json, os, subprocess, sys, tempfile

import cv2
import numpy as np
from PIL import Image
from skimage.restoration import denoise_wavelet

DENOISERS = {
    "non-local means h=5": lambda y: cv2.fastNlMeansDenoisingColored(y, None, 5, 5, 7, 21),
    "wavelet BayesShrink": lambda y: np.clip(np.rint(255 * denoise_wavelet(
        y / 255.0, method="BayesShrink", mode="soft", channel_axis=2, convert2ycbcr=True, rescale_sigma=True)),
        0, 255).astype(np.uint8),
    "median 3x3": lambda y: cv2.medianBlur(y, 3),
    "bilateral d=5": lambda y: cv2.bilateralFilter(y, 5, 20, 3),
}


def rms(values):
    return float(np.sqrt(np.mean(np.square(values.astype(float)))))


def psnr(a, b):
    return 20 * np.log10(255 / max(rms(a.astype(float) - b), 1e-6))


class Tool:
    def __init__(self, path, folder):
        self.path, self.folder = path, folder

    def protect(self, file, recipe):
        out = os.path.join(self.folder, "noise.png")
        if os.path.exists(out):
            os.remove(out)
        subprocess.run([self.path, "protect", file, "-o", out, "--methods", "noise", "--recipe", recipe],
                       check=True, stdout=subprocess.DEVNULL)
        return np.asarray(Image.open(out).convert("RGB"))

    def score(self, original, changed):
        paths = [os.path.join(self.folder, name) for name in ("a.png", "b.png")]
        for path, pixels in zip(paths, (original, changed)):
            Image.fromarray(pixels).save(path, compress_level=1)
        out = subprocess.run([self.path, "compare", *paths, "--json"], check=True, capture_output=True, text=True)
        answer = json.loads(out.stdout)
        return answer.get("ssimulacra2", answer.get("visibility"))


def white(tool, original, target, seed):
    field = np.random.default_rng(seed).standard_normal(original.shape[:2])[..., None]
    low, high, result = 0.05, 30.0, original
    for _ in range(9):
        gain = (low * high) ** 0.5
        result = np.clip(np.rint(original + gain * field), 0, 255).astype(np.uint8)
        score = tool.score(original, result)
        if abs(score - target) < 0.2:
            break
        low, high = (gain, high) if score > target else (low, gain)
    return result


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--tool", default=".build/release/fixative")
    parser.add_argument("--recipe", default="standard")
    parser.add_argument("--images", default="../shared/data/images/512")
    parser.add_argument("--limit", type=int, default=100)
    options = parser.parse_args()
    files = sorted(glob.glob(os.path.join(options.images, "*.png")))[: options.limit]
    if not files:
        sys.exit(f"no PNG files in {options.images}")
    rows, looks = collections.defaultdict(list), []
    with tempfile.TemporaryDirectory() as folder:
        tool = Tool(options.tool, folder)
        for index, file in enumerate(files):
            original = np.ascontiguousarray(np.asarray(Image.open(file).convert("RGB")))
            clean = os.path.join(folder, "clean.png")
            Image.fromarray(original).save(clean)
            ours = tool.protect(clean, options.recipe)
            score = tool.score(original, ours)
            control = white(tool, original, score, index)
            looks.append((score, psnr(original, ours), psnr(original, control)))
            for name, denoise in DENOISERS.items():
                base = denoise(original)
                figures = []
                for changed in (ours, control):
                    noise = changed.astype(float) - original
                    after = denoise(changed)
                    left = after.astype(float) - base
                    kept = float((left * noise).sum() / max((noise * noise).sum(), 1e-9))
                    figures.append((rms(left) / max(rms(noise), 1e-9), kept, rms(left),
                                    psnr(original, base) - psnr(original, after)))
                rows[name].append(figures)
    score, mine, theirs = np.median(np.array(looks), axis=0)
    print(f"{options.recipe}: {len(files)} pictures, SSIMULACRA2 {score:.1f}, "
          f"PSNR {mine:.1f} dB (white noise of equal visibility {theirs:.1f} dB)\n")
    print("| denoiser | remains: ours | white | kept: ours | white | ratio median | worst | cost dB: ours | white |")
    print("|---|---|---|---|---|---|---|---|---|")
    for name, figures in rows.items():
        data = np.array(figures)
        ratio = data[:, 0, 2] / np.maximum(data[:, 1, 2], 1e-9)
        m = np.median(data, axis=0)
        print(f"| {name} | {m[0, 0]:.2f} | {m[1, 0]:.2f} | {m[0, 1]:.2f} | {m[1, 1]:.2f} | {np.median(ratio):.2f} | "
              f"{ratio.min():.2f} | {m[0, 3]:.2f} | {m[1, 3]:.2f} |")


if __name__ == "__main__":
    main()
