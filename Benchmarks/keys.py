#!/usr/bin/env python3
"""What a second key's mark in the same picture costs: recovery of the whole payload with one mark and with two.

Usage: keys.py FIXATIVE IMAGES [--limit N]
"""
import argparse, glob, io, json, os, statistics, subprocess, sys, tempfile

from PIL import Image, ImageFilter


def coded(kind, quality):
    def attack(image):
        buffer = io.BytesIO()
        image.save(buffer, kind, quality=quality)
        return Image.open(io.BytesIO(buffer.getvalue())).convert("RGB")
    return attack


def scaled(factor):
    return lambda image: image.resize((round(image.width * factor), round(image.height * factor)), Image.LANCZOS)


def cropped(area):
    def attack(image):
        width, height = round(image.width * area ** 0.5), round(image.height * area ** 0.5)
        x, y = (image.width - width) // 2, (image.height - height) // 3
        return image.crop((x, y, x + width, y + height))
    return attack


ATTACKS = {
    "none": lambda image: image, "jpeg 75": coded("JPEG", 75), "jpeg 50": coded("JPEG", 50),
    "jpeg 30": coded("JPEG", 30), "webp 80": coded("WEBP", 80), "webp 50": coded("WEBP", 50),
    "resize 50 %": scaled(0.5), "crop to 75 %": cropped(0.75), "crop to 50 %": cropped(0.5),
    "rotate 5°": lambda image: image.rotate(5, Image.BICUBIC, expand=True),
    "mirror": lambda image: image.transpose(Image.FLIP_LEFT_RIGHT),
    "blur σ 1": lambda image: image.filter(ImageFilter.GaussianBlur(1)),
    "screenshot": lambda image: coded("JPEG", 80)(scaled(0.8)(image)),
}
PAYLOAD = "5eed0123456789ab"


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
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "XDG_DATA_HOME": f"{folder}/data", "XDG_CONFIG_HOME": f"{folder}/config"}

        def run(*words):
            return subprocess.run(
                [options.fixative, *words], capture_output=True, text=True, env=environment).stdout

        key = f"{folder}/key"
        with open(key, "w") as file:
            file.write("0f1e2d3c4b5a69788796a5b4c3d2e1f0" * 2)
        ways = {"public alone": [], "private alone": ["--key", key], "both": ["--key", key, "--also-public"]}
        scores = {way: [] for way in ways}
        columns = ["public alone", "private alone", "public of both", "private of both"]
        right = {name: {column: 0 for column in columns} for name in ATTACKS}
        wrong = 0
        for path in chosen:
            original = f"{folder}/original.png"
            Image.open(path).convert("RGB").save(original)
            for way, flags in ways.items():
                marked = f"{folder}/marked.png"
                run("watermark", "embed", original, marked, "--payload", PAYLOAD, *flags)
                scores[way].append(json.loads(run("compare", "--json", original, marked))["ssimulacra2"])
                for name, attack in ATTACKS.items():
                    attacked = f"{folder}/attacked.png"
                    attack(Image.open(marked).convert("RGB")).save(attacked, compress_level=1)
                    for reader, words in (("public", []), ("private", ["--key", key])):
                        column = f"{reader} of both" if way == "both" else way
                        if way != "both" and not way.startswith(reader):
                            continue
                        answer = run("watermark", "extract", attacked, *words).strip()
                        right[name][column] += answer == PAYLOAD
                        wrong += answer not in ("", PAYLOAD)
                os.unlink(marked)
    print(f"{len(chosen)} pictures of {options.images}, strength standard, whole payloads read, per cent\n")
    print("| | " + " | ".join(columns) + " |\n|" + "---|" * (len(columns) + 1))
    for name, row in right.items():
        print(f"| {name} | " + " | ".join(f"{100 * row[column] / len(chosen):.0f}" for column in columns) + " |")
    means = [statistics.mean(100 * row[column] / len(chosen) for row in right.values()) for column in columns]
    print("| **mean** | " + " | ".join(f"**{mean:.1f}**" for mean in means) + " |")
    print("\nSSIMULACRA2 median / worst: " + ", ".join(
        f"{way} {statistics.median(values):.1f} / {min(values):.1f}" for way, values in scores.items()))
    print(f"Wrong payloads: {wrong}")


if __name__ == "__main__":
    main()
