#!/usr/bin/env python3
"""Pictures for the watermark's bench that nobody looked at while it was tuned: photographs and art from Debian packages,
none of which the tuning pictures came from, scaled to long edges of 512, 1024 and 2048 pixels.

Downloads the packages with apt-get (its lists have to be there; no root) and needs dpkg-deb and Pillow.
Usage: artwork.py FOLDER
"""
import os, subprocess, sys, tempfile

from PIL import Image

Image.MAX_IMAGE_PIXELS = None
EDGES = (512, 1024, 2048)
BACKGROUNDS = "usr/share/backgrounds"
STORY = "usr/share/games/wesnoth/1.16/data/core/images"
PYTHON = "usr/lib/python3/dist-packages"
# Package, file, whether it is a photograph.
PICTURES = [
    ("gnome-backgrounds", f"{BACKGROUNDS}/gnome/adwaita-l.webp", False),
    ("gnome-backgrounds", f"{BACKGROUNDS}/gnome/licorice-d.webp", False),
    ("gnome-backgrounds", f"{BACKGROUNDS}/gnome/pixels-l.webp", False),
    ("gnome-backgrounds", f"{BACKGROUNDS}/gnome/symbolic-l.webp", False),
    ("gnome-backgrounds", f"{BACKGROUNDS}/gnome/truchet-d.webp", False),
    ("gnome-backgrounds", f"{BACKGROUNDS}/gnome/wood-l.webp", False),
    ("sway-backgrounds", f"{BACKGROUNDS}/sway/Sway_Wallpaper_Blue_2048x1536.png", False),
    ("wesnoth-1.16-data", f"{STORY}/maps/background.jpg", False),
    ("wesnoth-1.16-data", f"{STORY}/story/landscape-castle.jpg", False),
    ("wesnoth-1.16-data", f"{STORY}/story/grim-altar.jpg", False),
    ("digikam-data", "usr/share/digikam/about/images/body-background.jpg", True),
    ("stellarium-data", "usr/share/stellarium/textures/moon_4k.jpg", True),
    ("python3-skimage", f"{PYTHON}/skimage/data/retina.jpg", True),
    ("python3-skimage", f"{PYTHON}/skimage/data/astronaut.png", True),
    ("python3-skimage", f"{PYTHON}/skimage/data/coffee.png", True),
    ("python3-skimage", f"{PYTHON}/skimage/data/rocket.jpg", True),
    ("python3-sklearn", f"{PYTHON}/sklearn/datasets/images/china.jpg", True),
    ("python3-sklearn", f"{PYTHON}/sklearn/datasets/images/flower.jpg", True),
]


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    folder = sys.argv[1]
    with tempfile.TemporaryDirectory() as work:
        # apt drops its rights to a user of its own, who must be able to write here.
        os.chmod(work, 0o755)
        tree = os.path.join(work, "tree")
        for package in dict.fromkeys(package for package, _, _ in PICTURES):
            place = os.path.join(work, package)
            os.mkdir(place)
            subprocess.run(
                ["apt-get", "-qq", "-o", "APT::Sandbox::User=root", "download", package], cwd=place, check=True)
            file, = os.listdir(place)
            subprocess.run(["dpkg-deb", "-x", os.path.join(place, file), tree], check=True)
        for _, name, isPhotograph in PICTURES:
            picture = Image.open(os.path.join(tree, name)).convert("RGB")
            short = ("photo_" if isPhotograph else "art_") + os.path.basename(name).rsplit(".", 1)[0]
            for edge in EDGES:
                if max(picture.size) < edge:
                    continue
                size = [round(side * edge / max(picture.size)) for side in picture.size]
                target = os.path.join(folder, str(edge))
                os.makedirs(target, exist_ok=True)
                picture.resize(size, Image.LANCZOS).save(os.path.join(target, short + ".png"), compress_level=1)


if __name__ == "__main__":
    main()
