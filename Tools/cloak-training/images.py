"""The training pictures: Debian's artwork packages, fetched with `apt-get download`, cut into square crops.

Public test pictures (NOT_TRAINED) and the packages of the held-out evaluation (HELD_OUT) never become crops.
Usage: images.py FOLDER [--crops N] [--side PIXELS] [--seed N]   writes FOLDER/crops.npy and FOLDER/manifest.json
"""
import argparse, glob, json, os, random, subprocess, warnings

import numpy as np
from PIL import Image

warnings.filterwarnings("ignore")
Image.MAX_IMAGE_PIXELS = None

# package: (weight of its crops, path pattern inside it)
TRAINING = {
    "mate-backgrounds": (3, "usr/share/backgrounds/mate/**/*"),
    "plasma-workspace-wallpapers": (3, "usr/share/wallpapers/*/contents/images/*"),
    "lomiri-wallpapers-16.04": (2, "usr/share/backgrounds/*"),
    "lomiri-wallpapers-20.04": (1, "usr/share/backgrounds/*"),
    "ukui-wallpapers": (1, "usr/share/backgrounds/*"),
    "gnome-backgrounds": (1, "usr/share/backgrounds/gnome/*"),
    "endless-sky-data": (1, "usr/share/games/endless-sky/images/[ls]*[de]/*.jpg"),
    "krita-data": (1, "usr/share/krita/patterns/*.png"),
}
# The twelve pictures that the project's benchmarks use, by the start of their path.
NOT_TRAINED = [
    "life_by_Aitzol_Berasategi", "picosdeeuropa_by_Aitzol_Berasategi", "wallpapers/EveningGlow/", "nature/LadyBird",
    "nature/Storm", "Picture_1A_by_freespace", "wallpapers/Altai/", "wallpapers/SafeLanding", "Painting-Colors_by__hero",
    "backgrounds/desert", "backgrounds/firstgeneration", "abstract/Elephants",
]
# Packages of the held-out evaluation: photographs and paintings that no network here has seen.
HELD_OUT = {
    "lxqt-themes": ["flowers.png", "fog.jpg", "after-the-rain.jpg", "Valendas.png", "appleflower.png", "cloud.png",
                    "this-is-not-windows.jpg", "butterfly.png"],
    "wesnoth-1.16-data": ["landscape-castle.jpg", "swamp-02.jpg", "landscape-hills-01.jpg", "landscape-coast.jpg",
                          "landscape-battlefield.jpg", "grim-altar.jpg", "landscape-bridge_sun.jpg",
                          "landscape-mountains-02.jpg"],
}


def unpack(package, folder):
    """The folder that holds the package's files; downloads and unpacks it if it is not there yet."""
    target = os.path.join(folder, "packages", package)
    if not os.path.isdir(target):
        os.makedirs(target + ".part", exist_ok=True)
        subprocess.run(["apt-get", "download", "-q", package], cwd=target + ".part", check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        archive = glob.glob(f"{target}.part/*.deb")[0]
        subprocess.run(["dpkg-deb", "-x", archive, target + ".part"], check=True)
        version = os.path.basename(archive).split("_")[1]
        with open(f"{target}.part/version", "w") as file:
            file.write(version)
        os.remove(archive)
        os.rename(target + ".part", target)
    return target


def flat(image):
    """RGB; transparent pixels on grey."""
    if image.mode in ("RGBA", "LA", "P"):
        image = image.convert("RGBA")
        ground = Image.new("RGBA", image.size, (128, 128, 128, 255))
        image = Image.alpha_composite(ground, image)
    return image.convert("RGB")


def held_out(folder, side=512):
    """Writes the held-out pictures, the largest centre square scaled to `side`, and returns their paths."""
    target = os.path.join(folder, f"held-out-{side}")
    os.makedirs(target, exist_ok=True)
    paths = []
    for package, names in HELD_OUT.items():
        for name in names:
            kind = "photo" if package == "lxqt-themes" else "art"
            path = os.path.join(target, f"{kind}_{name.rsplit('.', 1)[0]}.png")
            paths.append(path)
            if os.path.exists(path):
                continue
            found = glob.glob(f"{unpack(package, folder)}/usr/share/**/{name}", recursive=True)
            image = flat(Image.open(sorted(found)[0]))
            edge = min(image.size)
            x, y = (image.width - edge) // 2, (image.height - edge) // 2
            image.crop((x, y, x + edge, y + edge)).resize((side, side), Image.LANCZOS).save(path)
    return paths


def sources(folder):
    rows = []
    for package, (weight, pattern) in TRAINING.items():
        base = unpack(package, folder)
        version = open(f"{base}/version").read().strip()
        best = {}
        for path in sorted(glob.glob(f"{base}/{pattern}", recursive=True)):
            short = os.path.relpath(path, base)
            if not path.lower().endswith((".jpg", ".jpeg", ".png", ".webp")) or any(n in short for n in NOT_TRAINED):
                continue
            try:
                width, height = Image.open(path).size
            except Exception:
                continue
            # Of one wallpaper in many sizes, the largest.
            name = os.path.dirname(short) if "/contents/images" in short else short
            if min(width, height) >= 240 and (name not in best or width * height > best[name][0]):
                best[name] = (width * height, short)
        rows += [(package, version, weight, short) for _, short in best.values()]
    return rows


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("folder")
    arguments.add_argument("--crops", type=int, default=6000)
    arguments.add_argument("--side", type=int, default=160)
    arguments.add_argument("--seed", type=int, default=1)
    options = arguments.parse_args()
    os.makedirs(options.folder, exist_ok=True)
    draw = random.Random(options.seed)
    rows = sources(options.folder)
    total = sum(weight for _, _, weight, _ in rows)
    crops, manifest = [], []
    for package, version, weight, short in rows:
        image = flat(Image.open(os.path.join(options.folder, "packages", package, short)))
        if max(image.size) > 2560:
            image.thumbnail((2560, 2560), Image.LANCZOS)
        count = max(4, round(options.crops * weight / total))
        manifest.append({"package": package, "version": version, "file": short, "crops": count})
        for _ in range(count):
            for _ in range(6):  # a crop without any structure teaches nothing: try elsewhere
                edge = min(min(image.size), round(options.side * draw.choice((1, 1, 1.5, 2, 3, 4))))
                x, y = draw.randint(0, image.width - edge), draw.randint(0, image.height - edge)
                crop = image.crop((x, y, x + edge, y + edge)).resize((options.side, options.side), Image.LANCZOS)
                pixels = np.asarray(crop)
                if pixels.std(axis=(0, 1)).mean() > 6:
                    break
            crops.append(pixels[:, ::-1] if draw.random() < 0.5 else pixels)
    order = np.random.default_rng(options.seed).permutation(len(crops))
    np.save(os.path.join(options.folder, "crops.npy"), np.stack(crops)[order])
    with open(os.path.join(options.folder, "manifest.json"), "w") as file:
        json.dump(manifest, file, indent=1)
    print(f"{len(crops)} crops of {options.side} from {len(rows)} pictures in {len(TRAINING)} packages")


if __name__ == "__main__":
    main()
