"""Measures one watermark on one picture, and keeps the results so that a long run can be taken up again."""
import hashlib, json, os, re, subprocess, tempfile

from PIL import Image
from ssimulacra2 import compute_ssimulacra2

from .attacks import ATTACKS


def payload_for(path):
    """16 hexadecimal digits that depend on the file's name alone."""
    return hashlib.sha256(os.path.basename(path).rsplit(".", 1)[0].encode()).hexdigest()[:16]


def save(image, path):
    image.save(path, compress_level=1)


def visibility(original, marked):
    """SSIMULACRA2 (90 is visually lossless) and libjxl's butteraugli 3-norm (1 is just visible), at native size."""
    output = subprocess.run(["butteraugli_main", original, marked], capture_output=True, text=True)
    norm = re.search(r"3-norm: ([\d.]+)", output.stdout + output.stderr)
    return float(compute_ssimulacra2(original, marked)), float(norm.group(1))


def measure(tool, picture, attacks):
    """A dictionary for one picture: size, visibility, payloads read after each attack, CPU milliseconds.

    Where `tool` is a list, each of them marks the picture in turn, with a payload of its own, and reads it.
    """
    tools = tool if isinstance(tool, list) else [tool]
    with tempfile.TemporaryDirectory(prefix="watermark-") as folder:
        original = os.path.join(folder, "original.png")
        source = Image.open(picture).convert("RGB")
        save(source, original)
        values = [payload_for(picture + "*" * index) for index in range(len(tools))]
        current, embed = original, 0.0
        for index, (each, value) in enumerate(zip(tools, values)):
            target = os.path.join(folder, f"marked{index}.png")
            (_, milliseconds), = each.embed([(current, target, value)])
            current, embed = target, embed + milliseconds
        score, norm = visibility(original, current)
        known = None
        if tools[0].embed_known:
            (_, known), = tools[0].embed_known([(original, os.path.join(folder, "known.png"), values[0])])
        marked = Image.open(current).convert("RGB")
        paths = []
        for name in attacks:
            paths.append(os.path.join(folder, f"{name}.png"))
            save(ATTACKS[name](marked), paths[-1])
        unmarked = tools[0].extract([original])[0]
        read = []
        for each, value in zip(tools, values):
            answers = each.extract(paths)
            read.append({
                name: {"right": answer == value, "wrong": answer not in ("-", value), "ms": milliseconds}
                for name, (answer, milliseconds) in zip(attacks, answers)})
        return {
            "picture": os.path.basename(picture), "megapixels": source.width * source.height / 1e6,
            "ssimulacra2": score, "butteraugli": norm, "embed_ms": embed, "known_ms": known,
            "unmarked": {"answered": unmarked[0] != "-", "ms": unmarked[1]}, "read": read}


class Store:
    """Results on disk, one file for each tool and picture, so that nothing is measured twice."""

    def __init__(self, folder):
        self.folder = folder
        os.makedirs(folder, exist_ok=True)

    def measured(self, label, tool, picture, attacks):
        place = os.path.join(self.folder, re.sub(r"[^\w.-]+", "_", f"{label}-{os.path.basename(picture)}") + ".json")
        if os.path.exists(place):
            with open(place) as file:
                known = json.load(file)
            if set(attacks) <= set(known["read"][0]):
                return known
        result = measure(tool, picture, attacks)
        with open(place + ".new", "w") as file:
            json.dump(result, file)
        os.replace(place + ".new", place)
        return result
