"""Transfer at equal visibility, to choose surrogates and the descent. Looks only at networks that choices may see.

Usage: study.py FOLDER [--images N] [--side 256] [--target 72] [--only NAME,…] NETWORK.safetensors…
Prints, for each set of surrogates, the ratio displacement of ours ÷ equally visible noise for each measuring network and
transform, median over pictures.
"""
import argparse, os, shutil, statistics, time

import numpy as np
import torch
from PIL import Image

import descent
import graph as graphs
import images as pictures
import measure
import teachers
import visibility

# Tuning pictures, from packages of the training set; not among the public or held-out evaluation pictures.
TUNING = [
    ("mate-backgrounds", "usr/share/backgrounds/mate/nature/Garden.jpg"),
    ("plasma-workspace-wallpapers", "usr/share/wallpapers/PastelHills/contents/images/3200x2000.jpg"),
    ("mate-backgrounds", "usr/share/backgrounds/mate/nature/TwoWings.jpg"),
    ("ukui-wallpapers", "usr/share/backgrounds/goldfish.png"),
    ("plasma-workspace-wallpapers", "usr/share/wallpapers/Kokkini/contents/images/3840x2160.png"),
    ("plasma-workspace-wallpapers", "usr/share/wallpapers/Canopee/contents/images/3840x2160.png"),
]


def tuning(folder, side, count):
    result = []
    for package, name in TUNING[:count]:
        image = pictures.flat(Image.open(os.path.join(pictures.unpack(package, folder), name)))
        edge = min(image.size)
        x, y = (image.width - edge) // 2, (image.height - edge) // 2
        middle = image.crop((x, y, x + edge, y + edge)).resize((side * 2, side * 2), Image.LANCZOS)
        result.append(np.asarray(middle)[side // 2:side // 2 + side, side // 2:side // 2 + side])
    return result


def ratios(image, change, goal, networks, transforms, program):
    """{network: {transform: (ours, noise)}} with both scaled to the same SSIMULACRA2, ours further down
    where butteraugli's 3-norm asks for it."""
    metric = visibility.Ssimulacra2(measure.tensor(image))

    def score(other):
        with torch.no_grad():
            return float(metric(measure.tensor(other)))

    scale = measure.equally_visible(image, change, score, goal)
    ours = measure.rounded(image, change, scale)
    noise = measure.noise_control(change)
    control = measure.rounded(image, noise, measure.equally_visible(image, noise, score, score(ours)))
    norms = (0, 0)
    if program:
        scale, norms = measure.fair(program, image, change, control, scale)
        ours = measure.rounded(image, change, scale)
    result = {}
    for name, network in networks.items():
        result[name] = {}
        for kind in transforms:
            transform = measure.TRANSFORMS[kind]
            base = network(transform(image))
            result[name][kind] = (measure.displacement(base, network(transform(ours))),
                                  measure.displacement(base, network(transform(control))))
    return result, norms, scale


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("folder")
    arguments.add_argument("networks", nargs="*")
    arguments.add_argument("--images", type=int, default=6)
    arguments.add_argument("--side", type=int, default=256)
    arguments.add_argument("--target", type=float, default=72)
    arguments.add_argument("--steps", type=int, default=12)
    arguments.add_argument("--box", type=float, default=6)
    arguments.add_argument("--measure", default="taef2,lite0,ppocr", help="names, or paths of network files")
    arguments.add_argument("--rate", type=float, default=2.5, help="how many times the steps together cross the box")
    arguments.add_argument("--sharp", type=float, default=0, help="how much of the gradient's low frequencies is left out")
    arguments.add_argument("--above", type=float, default=4, help="the descent aims this much over the target")
    arguments.add_argument("--transforms", type=int, default=4)
    arguments.add_argument("--ensembles", help="sets of the networks, e.g. 0;1;0+1;0+1a (a: one network a step; 0+1*0.5: weights)")
    options = arguments.parse_args()
    torch.set_num_threads(1)
    special = {"teacher-taef2": teachers.taef2_encoder, "teacher-resnet7": lambda: teachers.Resnet(7),
               "teacher-resnet13": lambda: teachers.Resnet(13), "teacher-resnet3": lambda: teachers.Resnet(3),
               "teacher-resnet5": lambda: teachers.Resnet(5)}
    surrogates = [special[path]() if path in special else
                  graphs.Network(*graphs.load(path)[:2]).eval().requires_grad_(False) for path in options.networks]
    names = [os.path.basename(path).split(".")[0] for path in options.networks]
    make = {"taef2": lambda: measure.torch_network(teachers.taef2_encoder()),
            "lite0": lambda: measure.torch_network(teachers.Lite0()), "ppocr": measure.ppocr}
    program = shutil.which("butteraugli_main")
    networks = {}
    for name in options.measure.split(","):
        loaded = make[name]() if name in make else measure.torch_network(graphs.Network(*graphs.load(name)[:2]).eval())
        networks[os.path.basename(name).split(".")[0]] = loaded
    transforms = ["none", "JPEG 75", "resize 50 %", "non-local means"][:options.transforms]
    sets = options.ensembles.split(";") if options.ensembles else [str(i) for i in range(len(names))] + [""]
    for chosen in sets:
        parts = [part.split("*") for part in chosen.rstrip("a").split("+") if part]
        members, weights = [int(part[0]) for part in parts], [float((part + ["1"])[1]) for part in parts]
        collected, scales, seen = [], [], []
        used = 0.0
        for image in tuning(options.folder, options.side, options.images):
            begin = time.process_time()
            change = descent.descend(
                measure.tensor(image), [surrogates[i] for i in members], steps=options.steps, box=options.box / 255,
                target=options.target + options.above, weights=weights, rate=options.rate, sharp=options.sharp,
                alternate=chosen.endswith("a"))
            used += time.process_time() - begin
            change = change[0].permute(1, 2, 0).numpy() * 255
            result, norms, scale = ratios(image, change, options.target, networks, transforms, program)
            collected.append(result)
            scales.append(scale)
            seen.append(norms[0] / max(norms[1], 1e-9))
        label = " + ".join(f"{w:g}·{names[i]}" for i, w in zip(members, weights)) or "visibility only"
        print(f"{label}{' (alternating)' if chosen.endswith('a') else ''}: {options.steps} steps, box {options.box:g}, rate {options.rate:g}, sharp {options.sharp:g}, "
              f"scale {statistics.median(scales):.2f}, butteraugli ÷ control "
              f"{statistics.median(seen):.2f} before, {used / options.images:.1f} CPU-s an image", flush=True)
        for name in networks:
            cells = []
            for kind in transforms:
                pairs = [r[name][kind] for r in collected]
                cells.append(f"{statistics.median(a / b for a, b in pairs):.2f} ({statistics.median(a for a, _ in pairs):.2f})")
            print(f"  {name:7} " + "  ".join(cells), flush=True)


if __name__ == "__main__":
    main()
