"""The watermarks that are compared: how each embeds and reads a list of files, with CPU milliseconds for each.

The clock leaves out reading, decoding, encoding and writing files, for all tools alike.
"""
import contextlib, io, json, os, subprocess, tempfile, time, warnings

import cv2
import numpy as np

warnings.filterwarnings("ignore")
BITS = 64


def bits(payload):
    return [int(bit) for bit in f"{int(payload, 16):0{BITS}b}"]


def payload(values):
    return f"{int(''.join('1' if value else '0' for value in values), 2):016x}"


class Fixative:
    """One process for a whole list; the program measures its own time."""

    def __init__(self, program, strength="standard", key=None):
        self.program = program
        self.strength = strength
        self.key = key
        self.name = "fixative" if strength == "standard" else f"fixative, {strength}"

    def batch(self, verb, rows, *options):
        with tempfile.NamedTemporaryFile("w", suffix=".tsv", delete=False) as file:
            file.writelines("\t".join(row) + "\n" for row in rows)
        key = ["--key", self.key] if self.key else []
        output = subprocess.run(
            [self.program, "watermark", verb, "--batch", file.name, *key, *options], capture_output=True, text=True,
            check=True).stdout
        os.unlink(file.name)
        lines = [line.split("\t") for line in output.splitlines() if line.startswith("WM\t")]
        answers = [(line[2], float(line[3])) for line in lines]
        failures = [line for line in lines if line[2].startswith("ERR")]
        if len(answers) != len(rows) or failures:
            raise RuntimeError(f"{verb}: {len(answers)} answers to {len(rows)} files; {failures[:3]}")
        return answers

    def embed(self, rows):
        return self.batch("embed", rows, "--strength", self.strength)

    def embed_known(self, rows):
        """With a gain that is given, so that nothing is solved."""
        return self.batch("embed", rows, "--gain", "2")

    def extract(self, paths):
        return self.batch("extract", [(path,) for path in paths])


class Recipe(Fixative):
    """The mark as a whole recipe makes it, with cloak and noise over it; the time is that of the whole protection."""

    embed_known = None

    def __init__(self, program, recipe):
        super().__init__(program)
        self.name, self.recipe = f"recipe {recipe}", recipe

    def embed(self, rows):
        answers = []
        for source, target, value in rows:
            output = subprocess.run(
                [self.program, "protect", source, "-o", target, "--recipe", self.recipe, "--format", "png", "--json",
                 "--payload", value], capture_output=True, text=True, check=True).stdout
            answers.append(("OK", 1000 * sum(json.loads(output)["seconds"].values())))
        return answers


class Peer:
    """A library that is called from here. `mark` and `read` take and give 8-bit BGR."""

    embed_known = None

    def embed(self, rows):
        answers = []
        for source, target, value in rows:
            image = cv2.imread(source)
            start = time.process_time()
            with contextlib.redirect_stdout(io.StringIO()):
                marked = self.mark(image, bits(value))
            answers.append(("OK", (time.process_time() - start) * 1000))
            cv2.imwrite(target, marked, [cv2.IMWRITE_PNG_COMPRESSION, 1])
        return answers

    def extract(self, paths):
        answers = []
        for path in paths:
            image = cv2.imread(path)
            start = time.process_time()
            try:
                with contextlib.redirect_stdout(io.StringIO()):
                    value = payload(self.read(image))
            except Exception:
                value = "-"
            answers.append((value, (time.process_time() - start) * 1000))
        return answers


class BlindWatermark(Peer):
    name = "blind-watermark"

    def __init__(self):
        import blind_watermark
        blind_watermark.bw_notes.close()

    @staticmethod
    def make():
        import blind_watermark
        return blind_watermark.WaterMark(password_img=1, password_wm=1)

    def mark(self, image, values):
        mark = self.make()
        mark.read_img(img=image)
        mark.read_wm(np.array(values, bool), mode="bit")
        return np.clip(np.rint(mark.embed()), 0, 255).astype(np.uint8)

    def read(self, image):
        return np.asarray(self.make().extract(embed_img=image, wm_shape=BITS, mode="bit")) > 0.5


class InvisibleWatermark(Peer):
    """dwtDct or dwtDctSvd of PyPI's invisible-watermark. Its package imports networks that these do not use."""

    def __init__(self, method):
        import sys, types
        for name in ("torch", "onnxruntime"):
            sys.modules.setdefault(name, types.ModuleType(name))
        from imwatermark import WatermarkDecoder, WatermarkEncoder
        self.encoder, self.decoder = WatermarkEncoder, WatermarkDecoder
        self.name = self.method = method

    def mark(self, image, values):
        encoder = self.encoder()
        encoder.set_watermark("bits", values)
        return encoder.encode(image, self.method)

    def read(self, image):
        return self.decoder("bits", BITS).decode(image, self.method)


def peers():
    return [BlindWatermark(), InvisibleWatermark("dwtDct"), InvisibleWatermark("dwtDctSvd")]
