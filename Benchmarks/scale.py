#!/usr/bin/env python3
"""Memory and CPU time of marking pictures up to 100 megapixels.

The peak is that of the resident set (`ru_maxrss`), which counts pages of mapped files as well as memory. Very large
pictures lie in files without a name meanwhile; the pages of those that are in the page cache at the end are the
kernel's to drop and are not counted.
Usage: scale.py FIXATIVE IMAGES [--quick]
"""
import argparse, glob, os, subprocess, sys, tempfile, time

import numpy as np
from PIL import Image

Image.MAX_IMAGE_PIXELS = None


# A process begins with the peak of the one that starts it, so a small one does that, and not this one with its pictures.
STARTER = """
import os, sys
child = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ, file_actions=[
    (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0o600)])
_, status, usage = os.wait4(child, 0)
print(usage.ru_maxrss, usage.ru_utime + usage.ru_stime, os.waitstatus_to_exitcode(status))
"""


def run(*command, environment):
    """Peak of the resident set in MB, CPU seconds, exit code."""
    peak, seconds, code = subprocess.run(
        [sys.executable, "-I", "-S", "-c", STARTER, *command], env=environment, check=True, stdout=subprocess.PIPE,
        text=True).stdout.split()
    return int(peak) * 1024 / 1e6, float(seconds), int(code)


def picture(images, width, height):
    """The pictures of a folder as tiles of 1500 pixels, each enlarged, with fine grain."""
    generator = np.random.default_rng(1)
    tiles = [np.asarray(Image.open(path).convert("RGB").resize((1500, 1500), Image.BICUBIC), np.int16)
             for path in images[:6]]
    canvas = np.empty((height, width, 3), np.uint8)
    for row in range(0, height, 1500):
        for column in range(0, width, 1500):
            tile = tiles[(row // 1500 * 7 + column // 1500) % len(tiles)]
            grain = generator.integers(-3, 4, (1500, 1500, 1), np.int16)
            part = canvas[row:row + 1500, column:column + 1500]
            part[:] = np.clip(tile + grain, 0, 255)[:part.shape[0], :part.shape[1]]
    return Image.fromarray(canvas)


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("fixative")
    arguments.add_argument("images")
    arguments.add_argument("--quick", action="store_true", help="up to 24 megapixels, PNG and JPEG only")
    options = arguments.parse_args()
    images = sorted(path for kind in ("png", "jpg") for path in glob.glob(f"{options.images}/*.{kind}"))
    if not images:
        sys.exit(f"There are no PNG or JPEG files in {options.images}.")
    sizes = [(3000, 2000), (4000, 3000), (6000, 4000)]
    if not options.quick:
        sizes += [(8000, 6250), (10000, 10000)]
    highest = 0
    with tempfile.TemporaryDirectory(dir=".") as folder:
        environment = {**os.environ, "XDG_DATA_HOME": f"{folder}/data", "XDG_CONFIG_HOME": f"{folder}/config"}
        print("| picture | file | command | peak of the resident set | CPU | CPU for each Mpx |\n|---|---|---|---|---|---|")

        def measure(name, source, *command):
            nonlocal highest
            target = f"{folder}/out{os.path.splitext(source)[1]}"
            words = [target if word == "OUT" else word for word in command]
            peak, seconds, code = run(options.fixative, *words, environment=environment)
            if code != 0:
                sys.exit(f"{' '.join(command)}: exit code {code}")
            megapixels = np.prod(Image.open(source).size) / 1e6
            verb = " ".join(word for word in command[:4] if not word.startswith((folder, "OUT")))
            print(f"| {name} | {os.path.getsize(source) / 1e6:.0f} MB | `{verb}` | {peak:.0f} MB | {seconds:.1f} s | "
                  f"{seconds / megapixels:.2f} s |", flush=True)
            highest = max(highest, peak)
            return target

        def measure_all(name, source, everything=True):
            mark = ["--payload", "0123456789abcdef"]
            marked = measure(name, source, "watermark", "embed", source, "OUT", *mark)
            if everything:
                measure(name, marked, "verify", marked)
            os.unlink(marked)
            if everything:
                os.unlink(measure(name, source, "protect", "--recipe", "mark", source, "-o", "OUT", *mark))

        for width, height in sizes:
            image = picture(images, width, height)
            name = f"{width}×{height}"
            forms = [("png", {"compress_level": 1}), ("jpg", {"quality": 92})]
            for kind, form in forms:
                source = f"{folder}/in.{kind}"
                image.save(source, **form)
                measure_all(f"{name} {kind.upper()}", source)
                os.unlink(source)
            if (width, height) == (10000, 10000):
                source = f"{folder}/in.jpg"
                image.save(source, quality=92, progressive=True)
                measure_all(f"{name} JPEG, progressive", source, False)
                os.unlink(source)
                source = f"{folder}/in.webp"
                # A hundred megapixels have more modes of macroblocks than WebP's first partition can hold.
                image.crop((0, 0, 8000, 6250)).save(source, quality=90, method=0)
                measure_all("8000×6250 WebP", source, False)
                os.unlink(source)
                source = f"{folder}/in.png"
                image.putalpha(Image.linear_gradient("L").resize(image.size))
                image.save(source, compress_level=1)
                measure_all(f"{name} PNG with alpha", source, False)
    print(f"\nHighest peak: {highest:.0f} MB")


if __name__ == "__main__":
    main()
