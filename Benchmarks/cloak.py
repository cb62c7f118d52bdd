#!/usr/bin/env python3
"""How far the cloak moves what image networks see, against noise that is equally visible; its cost; and its controls.

Protects pictures with the built `fixative protect`, then, for every network at hand and every transform T, prints
‖E(T(x′)) − E(T(x))‖ / ‖E(T(x))‖ of ours and its ratio to the control: the perturbation's own magnitude with random signs,
scaled until SSIMULACRA2 is the same. Ours is then scaled down until butteraugli's 3-norm is not above the control's
either. Medians over pictures, none of which was used in training or in choosing anything.

Usage: cloak.py FIXATIVE IMAGES --work DIR [--full] [--recipes subtle,standard,strong] [--methods cloak] [--limit N]
"""
import argparse, glob, io, json, os, resource, shutil, statistics, subprocess, sys, tempfile, time

import numpy as np
import torch
from PIL import Image

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "Tools", "cloak-training"))
import graph as graphs
import images as pictures
import measure
import teachers
import visibility

RESOURCES = os.path.join(HERE, "..", "Sources", "AntiAI", "Resources", "cloak")
UNSEEN = os.path.join(HERE, "data", "unseen-autoencoder.safetensors")
BAR = {  # none, JPEG 75, resize 50 %, non-local means; CPU-s a megapixel
    "subtle": {"score": 85, "autoencoder": (1.3, 1.1, 1.3, 1.0), "recognition": (1.3, 1.2, 1.3, 1.1), "seconds": 3},
    "standard": {"score": 72, "autoencoder": (1.4, 1.2, 1.4, 1.1), "recognition": (1.4, 1.3, 1.4, 1.2), "seconds": 10},
    "strong": {"score": 55, "autoencoder": (1.5, 1.3, 1.5, 1.2), "recognition": (1.6, 1.4, 1.6, 1.3), "seconds": 25},
}
BARRED = ["none", "JPEG 75", "resize 50 %", "non-local means"]
median = statistics.median


def run(arguments):
    """(standard output, CPU seconds, peak memory in MB, wall seconds) of a child process."""
    begin = time.time()
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(arguments, stdout=output, stderr=subprocess.PIPE)
        message = process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
        output.seek(0)
        if status:
            sys.exit(f"{' '.join(arguments)} failed:\n{message.decode()}")
        return (output.read().decode(), usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, time.time() - begin)


def protect(program, path, folder, recipe, methods):
    """The protected pixels, the report and what the process used."""
    target = os.path.join(folder, f"{recipe}-{methods or 'all'}-{os.path.basename(path)}")
    arguments = [program, "protect", path, "-o", target, "--recipe", recipe, "--format", "png", "--json", "--payload",
                 "0123456789abcdef"]
    output, seconds, memory, wall = run(arguments + (["--methods", methods] if methods else []))
    report = json.loads(output)
    report = report[0] if isinstance(report, list) else report
    return np.asarray(Image.open(target).convert("RGB")), report, seconds, memory, wall


def ssimulacra2(image):
    """A function giving PyPI's SSIMULACRA2 of another picture against this one."""
    from ssimulacra2 import compute_ssimulacra2

    def encoded(pixels):
        buffer = io.BytesIO()
        Image.fromarray(pixels).save(buffer, "PNG", compress_level=1)
        buffer.seek(0)
        return buffer
    return lambda other: float(compute_ssimulacra2(encoded(image), encoded(other)))


def fast_score(image):
    metric = visibility.Ssimulacra2(measure.tensor(image))

    def score(other):
        with torch.no_grad():
            return float(metric(measure.tensor(other)))
    return score


def centre(network, side):
    """A network too large for this bench looks at the centre only."""
    def answers(image):
        edge = min(side, *image.shape[:2]) // 8 * 8
        y, x = (image.shape[0] - edge) // 2, (image.shape[1] - edge) // 2
        return network(np.ascontiguousarray(image[y:y + edge, x:x + edge]))
    return answers


def networks(full):
    """name: (answers, whether anything was chosen or trained on it, family)"""
    found = {
        "unseen autoencoder": (measure.torch_network(graphs.Network(*graphs.load(UNSEEN)[:2]).eval()), False, "autoencoder"),
        "ResNet-50": (measure.resnet50(), False, "recognition"),
        "YOLOv8n": (measure.yolov8n(), False, "recognition"),
    }
    if full:
        found["ResNet-50 at 224"] = (measure.resnet50(224), False, "")
    found["EfficientNet-Lite0"] = (measure.torch_network(teachers.Lite0()), True, "")
    found["PP-OCRv4"] = (measure.ppocr(), True, "")
    if os.path.exists(os.path.join(teachers.TEACHERS, "taef2_encoder.pth")):
        found["taef2"] = (centre(measure.torch_network(teachers.taef2_encoder()), 512 if full else 256), True, "")
    return found


def compare(image, other, measuring, transforms, butteraugli):
    """Displacements {network: {transform: (ours, equal visibility, same magnitude)}} and how visible they are."""
    change = other.astype(np.float32) - image
    score = fast_score(image)
    goal = score(other)
    noise = measure.noise_control(change)
    control = measure.rounded(image, noise, measure.equally_visible(image, noise, score, goal))
    scale, norms = measure.fair(butteraugli, image, change, control)
    ours = measure.rounded(image, change, scale)
    same = measure.rounded(image, noise)
    table = {}
    for name, (network, _, _) in measuring.items():
        table[name] = {}
        for kind in transforms:
            transform = measure.TRANSFORMS[kind]
            base = network(transform(image))
            table[name][kind] = tuple(measure.displacement(base, network(transform(p))) for p in (ours, control, same))
    return {"table": table, "score": ssimulacra2(image)(other), "scale": scale, "butteraugli": norms,
            "psnr": float(-10 * np.log10(np.mean((change / 255) ** 2) + 1e-12))}


def show(title, results, measuring, transforms, bar):
    print(f"\n### {title}\n")
    print(f"SSIMULACRA2 median {median(r['score'] for r in results):.1f}, worst {min(r['score'] for r in results):.1f}; PSNR "
          f"{median(r['psnr'] for r in results):.1f} dB; butteraugli 3-norm {median(r['butteraugli'][0] for r in results):.2f}, "
          f"control {median(r['butteraugli'][1] for r in results):.2f}, ours scaled by {median(r['scale'] for r in results):.2f} "
          f"for it; {len(results)} pictures.\n")
    print("Ratio to equally visible noise (displacement: ours / equally visible / same magnitude), medians; * under the bar:\n")
    print("| network | " + " | ".join(transforms) + " |\n|---" * 1 + "|---" * len(transforms) + "|")
    missed = []
    for name, (_, seen, family) in measuring.items():
        cells = []
        for kind in transforms:
            triples = [r["table"][name][kind] for r in results]
            ratio = median(a / b for a, b, _ in triples)
            mark = ""
            if bar and family and kind in BARRED and ratio < bar[family][BARRED.index(kind)]:
                mark = "*"
                missed.append(f"{name}, {kind}: {ratio:.2f} < {bar[family][BARRED.index(kind)]}")
            cells.append(f"**{ratio:.2f}**{mark} ({' / '.join(f'{median(t[i] for t in triples):.2f}' for i in range(3))})")
        print(f"| {name}{' (seen)' if seen else ''} | " + " | ".join(cells) + " |", flush=True)
    return missed


def controls(images, measuring, transforms, butteraugli, target):
    """The reference descent in torch with the shipped networks; then with random weights, and with the sign reversed."""
    loaded = [graphs.load(path)[:2] for path in sorted(glob.glob(f"{RESOURCES}/*.safetensors"))
              if graphs.load(path)[2].get("fixative_role") != "generator"]
    draw = torch.Generator().manual_seed(5)
    shuffled = [(graph, {name: torch.randn(t.shape, generator=draw) * t.std() for name, t in tensors.items()})
                for graph, tensors in loaded]
    make = lambda pairs: [graphs.Network(*pair).eval().requires_grad_(False) for pair in pairs]
    kinds = {"reference in torch": (make(loaded), 1.0), "random weights": (make(shuffled), 1.0),
             "wrong sign": (make(loaded), -1.0), "no network, visibility gradient only": ([], 1.0)}
    for title, (members, sign) in kinds.items():
        results = []
        for image in images:
            change = visibility.descend(measure.tensor(image), members, steps=10, target=target + 4, sign=sign)
            change = change[0].permute(1, 2, 0).numpy() * 255
            scale = measure.equally_visible(image, change, fast_score(image), target)
            results.append(compare(image, measure.rounded(image, change, scale), measuring, transforms, butteraugli))
        show(f"control: {title}", results, measuring, transforms, None)


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("fixative")
    arguments.add_argument("images")
    arguments.add_argument("--work", required=True, help="where downloaded packages and protected pictures are kept")
    arguments.add_argument("--full", action="store_true", help="every recipe, network, picture, and the controls")
    arguments.add_argument("--recipes")
    arguments.add_argument("--methods", default="cloak", help="'' for the recipe's own, watermark and all")
    arguments.add_argument("--limit", type=int)
    arguments.add_argument("--controls", type=int, help="pictures for the controls")
    options = arguments.parse_args()
    torch.set_num_threads(1)
    butteraugli = shutil.which("butteraugli_main") or sys.exit("butteraugli_main is missing: Debian's libjxl-devtools.")
    recipes = (options.recipes or ("subtle,standard,strong" if options.full else "standard")).split(",")
    transforms = list(measure.TRANSFORMS) if options.full else BARRED
    public = sorted(glob.glob(f"{options.images}/*.png"))
    held = pictures.held_out(options.work)
    count = options.limit or (1000 if options.full else 12)
    paths = [path for pair in zip(held, public) for path in pair][:count] + held[len(public):max(count - 24, 0) + 12]
    paths = paths[:count]
    measuring = networks(options.full)
    folder = os.path.join(options.work, "protected")
    os.makedirs(folder, exist_ok=True)
    missed = []
    for recipe in recipes:
        results, costs, memories, bare, displaced = [], [], [], [], []
        for path in paths:
            image = np.asarray(Image.open(path).convert("RGB"))
            source = os.path.join(folder, "source.png")
            Image.fromarray(image).save(source)
            other, report, seconds, memory, _ = protect(options.fixative, source, folder, recipe, options.methods)
            bare.append(protect(options.fixative, source, folder, recipe, "rights")[2])
            megapixels = image.shape[0] * image.shape[1] / 1e6
            costs.append((seconds - bare[-1]) / megapixels)
            memories.append(memory)
            displaced.append((report.get("cloak") or {}).get("displacement"))
            results.append(compare(image, other, measuring, transforms, butteraugli))
        missed += [f"{recipe}: {line}" for line in show(
            f"{recipe} ({options.methods or 'all methods of the recipe'})", results, measuring, transforms, BAR.get(recipe))]
        worst = min(r["score"] for r in results)
        if recipe in BAR and worst < BAR[recipe]["score"] - 0.5:
            missed.append(f"{recipe}: SSIMULACRA2 {worst:.1f} < {BAR[recipe]['score']}")
        print(f"\nCPU seconds a megapixel, median {median(costs):.1f}, worst {max(costs):.1f}; peak memory {max(memories):.0f} MB")
        if recipe in BAR and median(costs) > BAR[recipe]["seconds"]:
            missed.append(f"{recipe}: {median(costs):.1f} CPU-s a megapixel > {BAR[recipe]['seconds']}")
    if options.full:
        large(options, folder)
    number = options.controls if options.controls is not None else (4 if options.full else 0)
    if number:
        chosen = [np.asarray(Image.open(path).convert("RGB"))[128:384, 128:384] for path in paths[:number]]
        controls([np.ascontiguousarray(i) for i in chosen], measuring, transforms, butteraugli, 72)
    print("\nUnder the bar:" if missed else "\nEvery figure of the bar that was measured is reached.")
    for line in missed:
        print(f"- {line}")


def large(options, folder):
    """A photograph of 12 megapixels with `standard`."""
    photo = Image.open(pictures.held_out(options.work)[0]).convert("RGB")
    path = os.path.join(folder, "large.png")
    photo.resize((4000, 3000), Image.BICUBIC).save(path, compress_level=1)
    _, _, seconds, memory, wall = protect(options.fixative, path, folder, "standard", options.methods)
    print(f"\n12 megapixels with standard: {wall:.0f} s, {seconds:.0f} CPU-s, {memory:.0f} MB")


if __name__ == "__main__":
    main()
