#!/usr/bin/env python3
"""How far the cloak moves what image networks see, against noise that is equally visible; its cost; and its controls.

Protects pictures with the built `fixative protect`, then, for every network at hand and every transform T, prints
‖E(T(x′)) − E(T(x))‖ / ‖E(T(x))‖ of ours divided by that of the control: the perturbation's own magnitude with random signs,
scaled until SSIMULACRA2 is the same. Where butteraugli's 3-norm of ours is above the control's, the program makes ours again with
a higher target, until it is not (scaling the finished picture would round a second time). Medians over pictures, none of
which was used in training or in choosing anything. The bar is held against the networks that are marked unseen: nothing was trained on them or chosen by them.

Usage: cloak.py FIXATIVE IMAGES --work DIR [--full] [--recipes subtle,standard,strong] [--methods cloak] [--limit N]
"""
import argparse, contextlib, functools, glob, hashlib, json, os, pickle, shutil, statistics, subprocess, sys, tempfile, time

import numpy as np
import torch
from PIL import Image

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "Tools", "cloak-training"))
import descent
import graph as graphs
import images as pictures
import measure
import teachers
import visibility

RESOURCES = os.path.join(HERE, "..", "Sources", "AntiAI", "Resources", "cloak")
BUNDLE = "fixative_AntiAI.resources"
# Autoencoders that nothing was trained or chosen on; the bar is held against each.
UNSEEN = {"unseen autoencoder": "unseen-autoencoder", "unseen autoencoder, 4 channels": "unseen-narrow-autoencoder",
          "unseen autoencoder, 32 channels": "unseen-wide-autoencoder"}
BAR = {  # none, JPEG 75, resize 50 %, non-local means; CPU-s a megapixel
    "subtle": {"score": 85, "autoencoder": (1.3, 1.1, 1.3, 1.0), "recognition": (1.3, 1.2, 1.3, 1.1), "seconds": 3},
    "standard": {"score": 72, "autoencoder": (1.4, 1.2, 1.4, 1.1), "recognition": (1.4, 1.3, 1.4, 1.2), "seconds": 10},
    "strong": {"score": 55, "autoencoder": (1.5, 1.3, 1.5, 1.2), "recognition": (1.6, 1.4, 1.6, 1.3), "seconds": 25},
}
BARRED = ["none", "JPEG 75", "resize 50 %", "non-local means"]
MEMORY = 300
median = statistics.median


def run(arguments):
    """(standard output, CPU seconds, peak memory in MB, wall seconds) of a child process. The peak is the kernel's own mark of
    the program's memory, read until it ends: what `wait4` reports holds this process's size before the program began."""
    begin, peak = time.time(), 0
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(arguments, stdout=output, stderr=errors)
        while True:
            pid, status, usage = os.wait4(process.pid, os.WNOHANG)
            if pid:
                break
            with contextlib.suppress(OSError), open(f"/proc/{process.pid}/status") as file:
                text = file.read()
                if os.path.basename(arguments[0])[:15] == text.split("\n")[0].split("\t")[1] and "VmHWM" in text:
                    peak = int(text.split("VmHWM:")[1].split()[0])
            time.sleep(0.01)
        process.returncode = status
        output.seek(0)
        if status:
            errors.seek(0)
            sys.exit(f"{' '.join(arguments)} failed:\n{errors.read().decode()}")
        return output.read().decode(), usage.ru_utime + usage.ru_stime, peak / 1024, time.time() - begin


def protect(program, path, folder, recipe, methods):
    """The protected pixels, what the process used (CPU seconds, MB, wall seconds), and the cloak's steps."""
    target = os.path.join(folder, f"{os.path.basename(recipe)}-{methods or 'all'}-{os.path.basename(path)}")
    arguments = [program, "protect", path, "-o", target, "--recipe", recipe, "--format", "png", "--json", "--payload",
                 "0123456789abcdef"]
    if os.path.exists(target):
        os.remove(target)
    output, seconds, memory, wall = run(arguments + (["--methods", methods] if methods else []))
    steps = json.loads(output).get("cloak", {}).get("steps")
    return np.asarray(Image.open(target).convert("RGB")), seconds, memory, wall, steps


def with_part(program, path, folder, recipe, steps, part):
    """The cloak alone, as the recipe makes it, with a part of the allowance that its target leaves."""
    allowance = 100 - BAR[recipe]["score"]
    file = os.path.join(folder, "weaker.toml")
    with open(file, "w") as text:
        # As CloakSettings chooses it for the recipe's own target: a weaker cloak is not one in a smaller box.
        text.write(f'name = "weaker"\nmethods = ["cloak"]\nvisibility = {100 - part * allowance:.2f}\n'
                   f'cloak-steps = {steps}\ncloak-box = {min(max(allowance * 16 / 28, 8), 16):.2f}\n')
    return protect(program, path, folder, file, "cloak")[0]


class Networks:
    """Every network at hand, in the order of the table; with `seen` also those that the bar is not held against."""

    def __init__(self, seen):
        self.answers, self.family = {}, {}
        for name, file in UNSEEN.items():
            path = os.path.join(HERE, "data", f"{file}.safetensors")
            self.add(name, measure.torch_network(graphs.Network(*graphs.load(path)[:2]).eval()), "autoencoder")
        self.add("YOLOv8n (NudeNet)", measure.yolov8n(), "recognition")
        if not seen:
            return
        # Those that training or choices have seen look at the centre only, to save time.
        self.add("ResNet-50 (a surrogate before)", centre(measure.resnet50()))
        if os.path.exists(os.path.join(teachers.TEACHERS, "taef2_encoder.pth")):
            self.add("taef2 (looked at; trained on by nothing shipped)", centre(measure.torch_network(teachers.taef2_encoder())))
        self.add("EfficientNet-Lite0 (its first layers are shipped)", centre(measure.torch_network(teachers.Lite0())))
        self.add("PP-OCRv4 (looked at)", centre(measure.ppocr()))

    def add(self, name, answers, family=None):
        """`family` names the row of the bar that an unseen network is held against."""
        self.answers[name], self.family[name] = answers, family


def centre(network, side=256):
    """A network that looks at the centre of a picture only."""
    def answers(image):
        edge = min(side, *image.shape[:2]) // 8 * 8
        y, x = (image.shape[0] - edge) // 2, (image.shape[1] - edge) // 2
        return network(np.ascontiguousarray(image[y:y + edge, x:x + edge]))
    return answers


class Original:
    """A picture with what every comparison with it needs once."""

    def __init__(self, image, networks, transforms, program):
        self.image, self.networks, self.transforms, self.program = image, networks, transforms, program
        self.metric = visibility.Ssimulacra2(measure.tensor(image))
        self.clean = {kind: measure.TRANSFORMS[kind](image) for kind in transforms}
        self.bases = {(name, kind): answers(self.clean[kind]) for name, answers in networks.answers.items()
                      for kind in transforms}

    def score(self, other):
        with torch.no_grad():
            return float(self.metric(measure.tensor(other)))

    def weakened(self, other, control, weaker):
        """Ours as far as butteraugli's 3-norm is not above the control's, what of the allowance in SSIMULACRA2 that leaves, and
        both 3-norms before."""
        limit, first = (measure.butteraugli(self.program, self.image, picture) for picture in (control, other))
        part, norm = 1.0, first
        for _ in range(6):
            if norm <= limit:
                break
            part *= (0.99 * limit / norm) ** 1.15
            other = weaker(part)
            norm = measure.butteraugli(self.program, self.image, other)
        if norm > limit:
            change = other.astype(np.float32) - self.image
            scale, _ = measure.fair(self.program, self.image, change, control)
            other = measure.rounded(self.image, change, scale)
        return other, part, (first, limit)

    def compare(self, other, weaker=None):
        """{(network, transform): (ours, equally visible noise, noise of the same magnitude)}, and how visible they are.

        `weaker` makes ours again with a part of the allowance that the target leaves; without it the finished picture is scaled.
        """
        image = self.image
        change = other.astype(np.float32) - image
        noise = measure.noise_control(change)
        control = measure.rounded(image, noise, measure.equally_visible(image, noise, self.score, self.score(other)))
        if weaker:
            ours, scale, norms = self.weakened(other, control, weaker)
        else:
            scale, norms = measure.fair(self.program, image, change, control)
            ours = measure.rounded(image, change, scale)
        shown = [ours, control, measure.rounded(image, noise)]
        table = {}
        for kind in self.transforms:
            changed = [measure.TRANSFORMS[kind](p) for p in shown]
            for name, answers in self.networks.answers.items():
                table[name, kind] = tuple(measure.displacement(self.bases[name, kind], answers(p)) for p in changed)
        size = np.sqrt(np.mean((ours.astype(np.float32) - image) ** 2) / (np.mean((control.astype(np.float32) - image) ** 2) + 1e-12))
        return {"table": table, "score": self.score(other), "size": float(size), "scores": [self.score(p) for p in shown], "scale": scale,
                "butteraugli": norms, "psnr": float(-10 * np.log10(np.mean((change / 255) ** 2) + 1e-12))}


def show(title, results, networks, transforms, bar=None):
    """Prints a table; returns what is under the bar."""
    of = lambda value: median(value(r) for r in results)
    print(f"\n### {title}\n")
    print(f"{len(results)} pictures. SSIMULACRA2 median {of(lambda r: r['score']):.1f}, worst "
          f"{min(r['score'] for r in results):.1f}; PSNR {of(lambda r: r['psnr']):.1f} dB; butteraugli's 3-norm "
          f"{of(lambda r: r['butteraugli'][0]):.2f}, control {of(lambda r: r['butteraugli'][1]):.2f}, what of the allowance ours keeps "
          f"{of(lambda r: r['scale']):.2f} for it. As compared: SSIMULACRA2 of ours {of(lambda r: r['scores'][0]):.1f}, of equally "
          f"visible noise {of(lambda r: r['scores'][1]):.1f}, of noise of the same magnitude {of(lambda r: r['scores'][2]):.1f}; root mean square of "
          f"ours ÷ equally visible noise {of(lambda r: r['size']):.2f}.\n")
    print("Ratio to equally visible noise (displacement of ours / equally visible / same magnitude); * under the bar:\n")
    print("| network | " + " | ".join(transforms) + " |\n|---" + "|---" * len(transforms) + "|")
    missed = []
    for name, family in networks.family.items():
        cells = []
        for kind in transforms:
            triples = [r["table"][name, kind] for r in results]
            ratio, mark = median(a / b for a, b, _ in triples), ""
            if bar and family and kind in BARRED and ratio < bar[family][BARRED.index(kind)]:
                mark = "*"
                missed.append(f"{name}, {kind}: {ratio:.3f} < {bar[family][BARRED.index(kind)]}")
            cells.append(f"**{ratio:.2f}**{mark} ({' / '.join(f'{median(t[i] for t in triples):.2f}' for i in range(3))})")
        print(f"| {name} | " + " | ".join(cells) + " |", flush=True)
    return missed


def with_other_weights(program, folder):
    """A copy of the program beside networks of the same shape whose weights are chance, of each tensor's own deviation."""
    target = os.path.join(folder, "random-weights")
    networks = os.path.join(target, BUNDLE, "cloak")
    os.makedirs(networks, exist_ok=True)
    copy = os.path.join(target, "fixative")
    shutil.copy2(program, copy)
    draw = torch.Generator().manual_seed(5)
    for path in sorted(glob.glob(f"{RESOURCES}/*.safetensors")):
        graph, tensors, metadata = graphs.load(path)
        if metadata.get("fixative_role") != "generator":
            values = {name: torch.randn(t.shape, generator=draw) * (t.std() if t.numel() > 1 else 1)
                      for name, t in tensors.items()}
            graphs.save(os.path.join(networks, os.path.basename(path)), graph, values, role=metadata["fixative_role"],
                        weight=metadata.get("fixative_weight", "1"), views=metadata["fixative_views"], name="random weights")
    return copy


def references(originals, target):
    """The descent in torch with the shipped networks, with its sign reversed, and without a network."""
    loaded = [graphs.load(path) for path in sorted(glob.glob(f"{RESOURCES}/*.safetensors"))]
    loaded = [entry for entry in loaded if entry[2].get("fixative_role") != "generator"]
    members, weights, scales = descent.seats(loaded)
    kinds = {"right sign": (members, 1.0), "wrong sign": (members, -1.0),
             "visibility gradient only, no network": ([], 1.0)}
    results = {title: [] for title in kinds}
    for title, (chosen, sign) in kinds.items():
        for original in originals:
            change = descent.descend(measure.tensor(original.image), chosen, steps=10, box=16 / 255, rate=5, sign=sign,
                                     weights=weights[:len(chosen)], score_weight=0.5, norm=1, color=0.6,
                                     scales=scales[:len(chosen)])
            change = change[0].permute(1, 2, 0).numpy() * 255
            scale = measure.equally_visible(original.image, change, original.score, target)
            results[title].append(original.compare(measure.rounded(original.image, change, scale)))
    return results


def speed(program, rounds=5, side=512):
    """One pass forward and backward on one thread: {network: milliseconds of ours, torch in single precision, in bf16}."""
    result = {}
    for path in sorted(glob.glob(f"{RESOURCES}/*.safetensors")):
        graph, tensors, metadata = graphs.load(path)
        if metadata.get("fixative_role") == "generator":
            continue
        network = graphs.Network(graph, tensors).eval().requires_grad_(False).to(memory_format=torch.channels_last)
        times = []
        for kind in (torch.float32, torch.bfloat16):
            times.append(float("inf"))
            for _ in range(rounds):
                x = torch.rand(1, 3, side, side).to(memory_format=torch.channels_last).requires_grad_(True)
                begin = time.process_time()
                with torch.autocast("cpu", dtype=torch.bfloat16, enabled=kind == torch.bfloat16):
                    output = network(x)
                torch.autograd.grad(output.float().norm(), x)
                times[-1] = min(times[-1], (time.process_time() - begin) * 1000)
        ours = json.loads(run([program, "cloak-bench", path, "--side", str(side), "--rounds", str(rounds), "--json"])[0])
        result[f"{os.path.basename(path)} ({ours['level']})"] = (ours["stepMilliseconds"], *times)
    return result


def show_speed(steps):
    """Prints the table; returns what is slower than the faster of torch's two."""
    print("\n### One step, forward and backward, 512×512, one thread, CPU milliseconds\n")
    print("| network | ours | torch float32 | torch bf16 | the faster of torch ÷ ours |\n|---|---|---|---|---|")
    for name, times in steps.items():
        print(f"| {name} | {' | '.join(f'{t:.1f}' for t in times)} | {min(times[1:]) / times[0]:.2f} |", flush=True)
    return [f"one step of {name} is slower than torch's" for name, times in steps.items() if min(times[1:]) < times[0]]


def large(program, options, folder):
    """A photograph of 12 megapixels with `standard`: what it takes, and what the cloak adds to the memory."""
    photo = Image.open(pictures.held_out(options.work)[0]).convert("RGB")
    path = os.path.join(folder, "large.png")
    photo.resize((4000, 3000), Image.BICUBIC).save(path, compress_level=1)
    print("\n### 12 megapixels with standard\n")
    figures = {}
    for methods in ("rights", "cloak", ""):
        _, seconds, memory, wall, _ = protect(program, path, folder, "standard", methods)
        figures[methods] = memory
        print(f"- {methods or 'all methods of the recipe'}: {wall:.0f} s on {os.cpu_count()} cores, {seconds:.0f} CPU-s, {memory:.0f} MB",
              flush=True)
    return figures["cloak"] - figures["rights"]


class Records:
    """What was measured so far, in a file: a run that was cut off goes on where it was. Keyed by the bytes of the program, of its
    networks and of the scripts that measure, so that nothing old is taken for new."""

    def __init__(self, folder, program, options):
        state = hashlib.sha256(f"{options.methods} {options.unseen} {sorted(UNSEEN)}".encode())
        scripts = [os.path.abspath(__file__), *sorted(glob.glob(os.path.join(os.path.dirname(measure.__file__), "*.py")))]
        for path in [program, *sorted(glob.glob(f"{os.path.dirname(program)}/{BUNDLE}/cloak/*.safetensors")), *scripts]:
            with open(path, "rb") as file:
                state.update(file.read())
        self.path = os.path.join(folder, f"records-{state.hexdigest()[:16]}.pickle")
        self.records = {}
        if os.path.exists(self.path):
            with open(self.path, "rb") as file:
                self.records = pickle.load(file)

    def get(self, key, make):
        if key not in self.records:
            self.records[key] = make()
            with open(self.path + ".part", "wb") as file:
                pickle.dump(self.records, file)
            os.replace(self.path + ".part", self.path)
        return self.records[key]


def evaluated(options):
    """Held-out and public pictures in turn."""
    public = sorted(glob.glob(f"{options.images}/*.png"))
    held = pictures.held_out(options.work)
    mixed = [path for pair in zip(held, public) for path in pair]
    return (mixed + held[len(public):] + public[len(held):])[:options.limit or (1000 if options.full else 12)]


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("fixative")
    arguments.add_argument("images")
    arguments.add_argument("--work", required=True, help="where downloaded packages and protected pictures are kept")
    arguments.add_argument("--full", action="store_true", help="every picture, and more of them for the controls")
    arguments.add_argument("--recipes", default="subtle,standard,strong")
    arguments.add_argument("--methods", default="cloak", help="'' for the recipe's own, watermark and all")
    arguments.add_argument("--limit", type=int, help="pictures")
    arguments.add_argument("--controls", type=int, help="pictures for the controls")
    arguments.add_argument("--unseen", action="store_true", help="only the networks of the bar, which halves the time")
    arguments.add_argument("--no-large", action="store_true", help="leave out the photograph of 12 megapixels")
    options = arguments.parse_args()
    torch.set_num_threads(1)
    butteraugli = shutil.which("butteraugli_main") or sys.exit("butteraugli_main is missing: Debian's libjxl-devtools.")
    program, folder = os.path.abspath(options.fixative), os.path.join(options.work, "protected")
    os.makedirs(folder, exist_ok=True)
    recipes, transforms, networks = options.recipes.split(","), list(measure.TRANSFORMS), Networks(not options.unseen)
    number = options.controls if options.controls is not None else (8 if options.full else 4)
    shuffled = with_other_weights(program, folder) if number else None
    records = Records(options.work, program, options)
    results, random, kept = {recipe: [] for recipe in recipes}, [], []
    costs, memories = {recipe: [] for recipe in recipes}, []
    missed = show_speed(records.get("speed", lambda: speed(program)))
    for index, path in enumerate(evaluated(options)):
        name = os.path.basename(path)
        image = np.asarray(Image.open(path).convert("RGB"))
        source = os.path.join(folder, "source.png")
        Image.fromarray(image).save(source)
        original = functools.cache(lambda: Original(image, networks, transforms, butteraugli))

        def measured(program, recipe, methods):
            other, seconds, memory, _, steps = protect(program, source, folder, recipe, methods)
            alone = methods == "cloak" and recipe in BAR
            weaker = functools.partial(with_part, program, source, folder, recipe, steps) if alone else None
            return original().compare(other, weaker), seconds, memory
        bare, floor = records.get((name, "bare"), lambda: protect(program, source, folder, "standard", "rights")[1:3])
        for recipe in recipes:
            result, seconds, memory = records.get((name, recipe), lambda: measured(program, recipe, options.methods))
            costs[recipe].append((seconds - bare) / (image.shape[0] * image.shape[1] / 1e6))
            memories.append(memory - floor)
            results[recipe].append(result)
        if index < number:
            random.append(records.get((name, "random"), lambda: measured(shuffled, "standard", "cloak"))[0])
            kept.append(np.ascontiguousarray(image[128:384, 128:384]))
        print(f"{index + 1}: {name}", file=sys.stderr, flush=True)
    for recipe in recipes:
        bar = BAR.get(recipe)
        title = f"{recipe} ({options.methods or 'all methods of the recipe'})"
        missed += [f"{recipe}: {line}" for line in show(title, results[recipe], networks, transforms, bar)]
        print(f"\nCPU seconds a megapixel, median {median(costs[recipe]):.1f}, worst {max(costs[recipe]):.1f}")
        worst = min(r["score"] for r in results[recipe])
        if bar and worst < bar["score"] - 0.5:
            missed.append(f"{recipe}: SSIMULACRA2 {worst:.1f} < {bar['score']}")
        if bar and median(costs[recipe]) > bar["seconds"]:
            missed.append(f"{recipe}: {median(costs[recipe]):.1f} CPU-s a megapixel > {bar['seconds']}")
    if number:
        show("control: standard, the program with random weights", random, networks, transforms)
        measured = records.get(("torch", number), lambda: references(
            [Original(image, networks, transforms, butteraugli) for image in kept], 72))
        for title, entries in measured.items():
            show(f"control in torch, 256×256: {title}", entries, networks, transforms)
    if not options.no_large:
        memories.append(large(program, options, folder))
    print(f"\nMemory for the cloak: at most {max(memories):.0f} MB more than without one.")
    if max(memories) > MEMORY:
        missed.append(f"{max(memories):.0f} MB > {MEMORY}")
    print("\nUnder the bar:" if missed else "\nEvery figure of the bar that was measured is reached.")
    for line in missed:
        print(f"- {line}")


if __name__ == "__main__":
    main()
