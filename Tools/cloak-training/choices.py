"""What else choices were made by, beside study.py; over the same tuning pictures and networks that choices may see.

  choices.py bands FOLDER [NETWORK…]         noise of one band ÷ white noise at equal SSIMULACRA2: what networks answer to
  choices.py program FOLDER FIXATIVE SPEC…   the program's own cloak ÷ noise; SPEC: target:steps or target:steps:box
  choices.py generator FOLDER GENERATOR      the descent from a generator's answer and from noise, at equal cost

The autoencoder that choices look at is FOLDER/ae-chooser.safetensors (autoencoder.py --design chooser).
"""
import argparse, glob, json, os, shutil, statistics, subprocess, tempfile

import numpy as np
import torch
from PIL import Image

import descent
import graph as graphs
import measure
import study
import teachers
import visibility

KINDS = ["none", "JPEG 75", "resize 50 %", "non-local means"]
BANDS = [(0.03, 0.06), (0.06, 0.1), (0.1, 0.15), (0.15, 0.2), (0.2, 0.27), (0.27, 0.35), (0.35, 0.5)]
SHIPPED = os.path.join(os.path.dirname(__file__), "../../Sources/AntiAI/Resources/cloak")


def network(path):
    return graphs.Network(*graphs.load(path)[:2]).eval().requires_grad_(False)


def looked_at(folder, names):
    known = {"lite0": lambda: measure.torch_network(teachers.Lite0()), "ppocr": measure.ppocr,
             **{name: lambda name=name: measure.mediapipe(name) for name in measure.MEDIAPIPE},
             "taef2": lambda: measure.torch_network(teachers.taef2_encoder())}
    other = lambda name: measure.torch_network(network(f"{folder}/ae-{name}.safetensors"))
    return {name: known[name]() if name in known else other(name) for name in names.split(",")}


def others(folder, side):
    result = []
    for path in sorted(glob.glob(f"{folder}/*.png")):
        image = Image.open(path).convert("RGB")
        if min(image.size) >= side:
            x, y = (image.width - side) // 2, (image.height - side) // 2
            result.append(np.asarray(image.crop((x, y, x + side, y + side))))
    return result


def line(title, results, norms):
    """Medians over pictures of {network: {transform: (ours, noise)}}, and of butteraugli's 3-norm ÷ the control's."""
    cells = [f"{name} " + " ".join(
        f"{statistics.median(r[name][kind][0] / r[name][kind][1] for r in results):.2f}" for kind in KINDS) for name in results[0]]
    print(f"{title}: butteraugli {statistics.median(a / b for a, b in norms):.2f} | " + " | ".join(cells), flush=True)


def compared(title, pictures, changes, target, networks):
    found = [study.ratios(picture, change, target, networks, KINDS, shutil.which("butteraugli_main"))
             for picture, change in zip(pictures, changes)]
    line(title, [f[0] for f in found], [f[1] for f in found])


def bands(pictures, networks):
    for low, high in BANDS:
        changes = []
        for picture in pictures:
            noise = np.random.default_rng(1).standard_normal(picture.shape).astype(np.float32)
            radius = np.hypot(np.fft.fftfreq(picture.shape[0])[:, None], np.fft.fftfreq(picture.shape[1]))
            spectrum = np.fft.fft2(noise, axes=(0, 1)) * ((radius >= low) & (radius < high))[:, :, None]
            band = np.fft.ifft2(spectrum, axes=(0, 1)).real.astype(np.float32)
            mask = visibility.texture_mask(measure.tensor(picture))[0, 0].numpy()[:, :, None]
            changes.append(3 * band / band.std() * mask)
        compared(f"{low:.2f}…{high:.2f} cycles a pixel", pictures, changes, 72, networks)


def protected(program, folder, source, target, steps, box):
    """The program's cloak alone, rounded by the program."""
    recipe, out = f"{folder}/own.toml", f"{folder}/out.png"
    with open(recipe, "w") as file:
        file.write(f'methods = ["cloak"]\nvisibility = {target:.2f}\ncloak-steps = {steps}\n' + (f"cloak-box = {box}\n" if box else ""))
    if os.path.exists(out):
        os.remove(out)
    report = json.loads(subprocess.run(
        [program, "protect", source, "-o", out, "--recipe", recipe, "--methods", "cloak", "--format", "png", "--json",
         "--payload", "0123456789abcdef"], capture_output=True, text=True, check=True).stdout)
    return np.asarray(Image.open(out).convert("RGB")), report["seconds"]["cloak"]


def program(tool, spec, pictures, networks):
    """The program makes the cloak again with a higher target until butteraugli's 3-norm is not above the control's."""
    target, steps, box = (spec.split(":") + [None])[:3]
    butteraugli, results, norms, costs = shutil.which("butteraugli_main"), [], [], []
    with tempfile.TemporaryDirectory() as folder:
        source = f"{folder}/source.png"
        for picture in pictures:
            Image.fromarray(picture).save(source)
            ours, seconds = protected(tool, folder, source, float(target), steps, box)
            costs.append(seconds / (picture.shape[0] * picture.shape[1] / 1e6))
            metric = visibility.Ssimulacra2(measure.tensor(picture))

            def score(other):
                with torch.no_grad():
                    return float(metric(measure.tensor(other)))
            noise = measure.noise_control(ours.astype(np.float32) - picture)
            control = measure.rounded(picture, noise, measure.equally_visible(picture, noise, score, score(ours)))
            limit, norm = (measure.butteraugli(butteraugli, picture, other) for other in (control, ours))
            norms.append((norm, limit))
            allowance = 100 - float(target)
            for _ in range(6):
                if norm <= limit:
                    break
                allowance *= (0.99 * limit / norm) ** 1.15
                ours, _ = protected(tool, folder, source, min(100 - allowance, 97), steps, box)
                norm = measure.butteraugli(butteraugli, picture, ours)
            results.append({name: {kind: tuple(
                measure.displacement(answers(measure.TRANSFORMS[kind](picture)), answers(measure.TRANSFORMS[kind](other)))
                for other in (ours, control)) for kind in KINDS} for name, answers in networks.items()})
    line(f"{spec} ({statistics.median(costs):.1f} CPU-s a megapixel)", results, norms)


def generator(path, pictures, networks):
    made = network(path)
    files = [graphs.load(file) for file in sorted(glob.glob(f"{SHIPPED}/*.safetensors"))]
    members, weights, scales = descent.seats(files)
    for target, steps, starts in ((85, 0, True), (85, 1, False), (85, 1, True), (85, 3, False), (85, 3, True), (85, 7, False),
                                  (85, 6, True), (72, 18, False), (72, 17, True)):
        changes = []
        for picture in pictures:
            x = measure.tensor(picture)
            with torch.no_grad():
                start = 8 / 255 * visibility.texture_mask(x) * made(x) if starts else None
            change = descent.descend(x, members, steps=steps, box=8 / 255, target=target + 0.15 * (100 - target), start=start,
                                     weights=weights, rate=min(6, 1 + steps), scales=scales)
            changes.append(change[0].permute(1, 2, 0).numpy() * 255)
        compared(f"{target}, {steps} steps from {'the generator' if starts else 'noise'}", pictures, changes, target, networks)


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("verb", choices=["bands", "program", "generator"])
    arguments.add_argument("folder")
    arguments.add_argument("rest", nargs="*")
    arguments.add_argument("--images", type=int, default=4)
    arguments.add_argument("--side", type=int, default=256)
    arguments.add_argument("--pictures", help="a folder of PNG whose middle parts are taken instead of the tuning pictures")
    arguments.add_argument("--measure", default="lite0,ppocr,chooser,taef2", help="names; others are FOLDER/ae-NAME.safetensors")
    options = arguments.parse_args()
    torch.set_num_threads(1)
    networks = looked_at(options.folder, options.measure)
    pictures = others(options.pictures, options.side) if options.pictures else study.tuning(options.folder, options.side, options.images)
    if options.verb == "bands":
        bands(pictures, networks | {os.path.basename(path): measure.torch_network(network(path)) for path in options.rest})
    elif options.verb == "program":
        for spec in options.rest[1:]:
            program(options.rest[0], spec, pictures, networks)
    else:
        generator(options.rest[0], pictures, networks)


if __name__ == "__main__":
    main()
