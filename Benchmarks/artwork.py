#!/usr/bin/env python3
"""Pictures for the watermark's bench that were never looked at while it was tuned: photographs and art from Debian
artwork packages, scaled to long edges of 512, 1024 and 2048 pixels.

Downloads the packages with apt-get (their lists have to be there; no root) and needs dpkg-deb and Pillow.
Usage: artwork.py FOLDER
"""
import os, subprocess, sys, tempfile

from PIL import Image

Image.MAX_IMAGE_PIXELS = None
BACKGROUNDS = "usr/share/backgrounds/"
PACKAGES = [
    "lomiri-wallpapers-16.04", "lomiri-wallpapers-20.04", "mate-backgrounds", "ukui-wallpapers", "gnome-backgrounds"]
PICTURES = [
    "Bridge_by_Sander_Klootwijk.jpg", "Dragonfly_by_Bolly.jpg", "Fossa_by_Jasper_Roks.jpg",
    "sunset_by_Aitzol_Berasategi.jpg", "analogpattern_by_Peter_Nerlich.jpg", "mate/nature/Dune.jpg",
    "mate/nature/RainDrops.jpg", "mate/nature/YellowFlower.jpg", "mate/abstract/Gulp.png", "mate/abstract/Waves.png",
    "city.png", "goldfish.png", "the-mouse.jpg", "gnome/pixels-l.webp", "gnome/truchet-d.webp", "gnome/wood-l.webp"]


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    folder = sys.argv[1]
    with tempfile.TemporaryDirectory() as work:
        # apt drops its rights to a user of its own, who must be able to write here.
        os.chmod(work, 0o755)
        tree = os.path.join(work, "tree")
        for package in PACKAGES:
            place = os.path.join(work, package)
            os.mkdir(place)
            subprocess.run(
                ["apt-get", "-qq", "-o", "APT::Sandbox::User=root", "download", package], cwd=place, check=True)
            file, = os.listdir(place)
            subprocess.run(["dpkg-deb", "-x", os.path.join(place, file), tree], check=True)
        for name in PICTURES:
            picture = Image.open(os.path.join(tree, BACKGROUNDS, name)).convert("RGB")
            short = os.path.basename(name).rsplit(".", 1)[0]
            for edge in (512, 1024, 2048):
                if max(picture.size) < edge:
                    continue
                size = [round(side * edge / max(picture.size)) for side in picture.size]
                target = os.path.join(folder, str(edge))
                os.makedirs(target, exist_ok=True)
                picture.resize(size, Image.LANCZOS).save(os.path.join(target, short + ".png"))


if __name__ == "__main__":
    main()
