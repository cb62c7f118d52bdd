#!/usr/bin/env python3
"""Our SSIMULACRA2 beside that of PyPI's `ssimulacra2`, over the same pictures and changes in one run.

For each kind of change: the largest and the mean difference of the two scores, and the range of the peer's. Then CPU
time: ours is that of the whole command `fixative compare`, which also decodes and measures PSNR, SSIM and ΔE2000; the
peer's is that of its score alone, decoding included.
Usage: quality.py FIXATIVE IMAGES [--limit N]
"""
import argparse, glob, io, json, os, resource, statistics, subprocess, sys, tempfile, time, warnings

import numpy as np
from PIL import Image, ImageEnhance, ImageFilter

warnings.filterwarnings("ignore")


def coded(kind, quality):
    def change(image):
        buffer = io.BytesIO()
        image.save(buffer, kind, quality=quality)
        return Image.open(io.BytesIO(buffer.getvalue())).convert("RGB")
    return change


def noisy(sigma):
    def change(image):
        pixels = np.asarray(image, np.float32)
        pixels = pixels + np.random.default_rng(int(sigma)).normal(0, sigma, pixels.shape)
        return Image.fromarray(np.clip(np.rint(pixels), 0, 255).astype(np.uint8))
    return change


def scaled_back(factor):
    def change(image):
        small = image.resize((round(image.width * factor), round(image.height * factor)), Image.LANCZOS)
        return small.resize(image.size, Image.BICUBIC)
    return change


def hue(degrees):
    def change(image):
        bands = list(image.convert("HSV").split())
        bands[0] = bands[0].point(lambda value: (value + round(degrees * 256 / 360)) % 256)
        return Image.merge("HSV", bands).convert("RGB")
    return change


def shifted(image):
    pixels = np.asarray(image)
    return Image.fromarray(np.concatenate([pixels[:, :1], pixels[:, :-1]], 1))


CHANGES = {
    "jpeg 95": coded("JPEG", 95), "jpeg 85": coded("JPEG", 85), "jpeg 75": coded("JPEG", 75),
    "jpeg 50": coded("JPEG", 50), "jpeg 20": coded("JPEG", 20), "webp 90": coded("WEBP", 90),
    "webp 50": coded("WEBP", 50),
    "blur σ 0.5": lambda image: image.filter(ImageFilter.GaussianBlur(0.5)),
    "blur σ 2": lambda image: image.filter(ImageFilter.GaussianBlur(2)),
    "median 3": lambda image: image.filter(ImageFilter.MedianFilter(3)),
    "sharpened": lambda image: image.filter(ImageFilter.UnsharpMask(1, 60, 0)),
    "noise σ 2": noisy(2), "noise σ 8": noisy(8),
    "scaled to 50 % and back": scaled_back(0.5),
    "contrast 90 %": lambda image: ImageEnhance.Contrast(image).enhance(0.9),
    "brightness 110 %": lambda image: ImageEnhance.Brightness(image).enhance(1.1),
    "saturation 70 %": lambda image: ImageEnhance.Color(image).enhance(0.7),
    "hue 10°": hue(10),
    "palette of 64": lambda image: image.quantize(64, dither=Image.Dither.FLOYDSTEINBERG).convert("RGB"),
    "moved by a pixel": shifted,
}


def child_time():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


class Comparison:
    def __init__(self, program):
        from ssimulacra2 import compute_ssimulacra2
        self.program = program
        self.peer = compute_ssimulacra2
        self.ours_seconds = self.peer_seconds = 0.0
        self.count = 0

    def scores(self, original, changed):
        start = child_time()
        answer = subprocess.run(
            [self.program, "compare", "--json", original, changed], capture_output=True, text=True, check=True).stdout
        self.ours_seconds += child_time() - start
        start = time.process_time()
        peer = self.peer(original, changed)
        self.peer_seconds += time.process_time() - start
        self.count += 1
        return json.loads(answer)["ssimulacra2"], peer


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("fixative")
    arguments.add_argument("images")
    arguments.add_argument("--limit", type=int, default=12)
    options = arguments.parse_args()
    found = sorted(path for kind in ("png", "jpg", "jpeg") for path in glob.glob(f"{options.images}/*.{kind}"))
    if not found:
        sys.exit(f"There are no PNG or JPEG files in {options.images}.")
    chosen = found[::max(1, len(found) // options.limit)][:options.limit]
    comparison = Comparison(options.fixative)
    rows = {name: [] for name in ["watermark, standard", *CHANGES]}
    with tempfile.TemporaryDirectory() as folder:
        for index, path in enumerate(chosen):
            original = os.path.join(folder, f"{index}.png")
            image = Image.open(path).convert("RGB")
            image.save(original, compress_level=1)
            for name in rows:
                changed = os.path.join(folder, f"{index}-changed.png")
                if name in CHANGES:
                    CHANGES[name](image).save(changed, compress_level=1)
                else:
                    subprocess.run([options.fixative, "watermark", "embed", original, changed, "--payload",
                                    "0123456789abcdef"], check=True)
                rows[name].append(comparison.scores(original, changed))
                os.unlink(changed)
    differences = [abs(ours - peer) for pairs in rows.values() for ours, peer in pairs]
    print(f"{len(chosen)} pictures of {options.images}, {len(rows)} changes, {comparison.count} comparisons\n")
    print("| change | peer's score, lowest … highest | mean difference | largest difference |\n|---|---|---|---|")
    for name, pairs in rows.items():
        peers = [peer for _, peer in pairs]
        distances = [abs(ours - peer) for ours, peer in pairs]
        print(f"| {name} | {min(peers):.1f} … {max(peers):.1f} | {statistics.mean(distances):.4f} | "
              f"{max(distances):.4f} |")
    print(f"| **all** | | **{statistics.mean(differences):.4f}** | **{max(differences):.4f}** |")
    print(f"\nCPU ms a comparison: fixative {1000 * comparison.ours_seconds / comparison.count:.0f}, "
          f"peer {1000 * comparison.peer_seconds / comparison.count:.0f}; "
          f"peer ÷ ours {comparison.peer_seconds / comparison.ours_seconds:.1f}")
    if max(differences) > 0.5:
        sys.exit("The scores differ by more than 0.5.")


if __name__ == "__main__":
    main()
