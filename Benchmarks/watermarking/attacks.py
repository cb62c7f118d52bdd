"""What happens to pictures on their way through the network, as seeded functions from picture to picture.

The names and parameters are those of the study that the bar was set with, so that figures can be compared.
"""
import hashlib, io, math

import cv2
import numpy as np
import pywt
from PIL import Image, ImageFilter

cv2.setNumThreads(1)
Image.MAX_IMAGE_PIXELS = None


def generator(name, size):
    """Random numbers that depend on the attack and the picture's size alone."""
    seed = hashlib.sha256(f"{name}{size}".encode()).digest()[:8]
    return np.random.Generator(np.random.PCG64(int.from_bytes(seed, "little")))


def after(*steps):
    """One attack after the other."""
    def attack(image):
        for step in steps:
            image = step(image)
        return image
    return attack


def coded(format, **options):
    def attack(image):
        buffer = io.BytesIO()
        image.save(buffer, format, **options)
        return Image.open(io.BytesIO(buffer.getvalue())).convert("RGB")
    return attack


def jpeg(quality):
    """With halved chroma, as nearly every site writes it."""
    return coded("JPEG", quality=quality, subsampling=2)


def webp(quality):
    return coded("WEBP", quality=quality, method=4)


def scaled(factor):
    def attack(image):
        width, height = (max(1, round(side * factor)) for side in image.size)
        return image.resize((width, height), Image.LANCZOS)
    return attack


def scaled_and_back(factor):
    return lambda image: scaled(factor)(image).resize(image.size, Image.BICUBIC)


def at_most(edge):
    """Shrunk so that the long edge has that many pixels; smaller pictures stay."""
    def attack(image):
        longest = max(image.size)
        return image if longest <= edge else scaled(edge / longest)(image)
    return attack


def cropped(side, across=0.5, down=0.5):
    """Keeps that part of each side; `across` and `down` say where, 0 for the left and the top."""
    def attack(image):
        width, height = round(image.width * side), round(image.height * side)
        left, top = round((image.width - width) * across), round((image.height - height) * down)
        return image.crop((left, top, left + width, top + height))
    return attack


def turned(degrees):
    return lambda image: image.rotate(degrees, Image.BICUBIC, expand=True)


def toned(function):
    """A function of the samples, 0…255, rounded and clipped."""
    def attack(image):
        samples = function(np.asarray(image).astype(np.float32))
        return Image.fromarray(np.clip(np.rint(samples), 0, 255).astype(np.uint8))
    return attack


def noisy(sigma):
    def attack(image):
        noise = generator(f"n{sigma}", image.size).normal(0, sigma, (image.height, image.width, 3))
        return toned(lambda samples: samples + noise)(image)
    return attack


def peppered(share):
    """That share of the pixels black or white."""
    def attack(image):
        dice = generator("sp", image.size).random((image.height, image.width))
        samples = np.array(image)
        samples[dice < share / 2] = 0
        samples[dice > 1 - share / 2] = 255
        return Image.fromarray(samples)
    return attack


def denoised(image):
    """Non-local means in colour, as photo editors offer it."""
    samples = cv2.cvtColor(np.asarray(image), cv2.COLOR_RGB2BGR)
    cleaned = cv2.fastNlMeansDenoisingColored(samples, None, 5, 5, 7, 15)
    return Image.fromarray(cv2.cvtColor(cleaned, cv2.COLOR_BGR2RGB))


def shrunk_wavelets(plane):
    """BayesShrink with twice its usual threshold and a noise level of at least 2."""
    approximation, *details = pywt.wavedec2(plane, "db4", level=3, mode="symmetric")
    sigma = max(np.median(np.abs(details[-1][2])) / 0.6745, 2.0)
    kept = [approximation]
    for level in details:
        bands = []
        for band in level:
            signal = math.sqrt(max(float(np.mean(band * band)) - sigma * sigma, 1e-3))
            threshold = min(2 * sigma * sigma / max(signal, 1e-3), float(np.abs(band).max()))
            bands.append(pywt.threshold(band, threshold, "soft"))
        kept.append(tuple(bands))
    return pywt.waverec2(kept, "db4", mode="symmetric")[:plane.shape[0], :plane.shape[1]]


def regenerated(image):
    """What an autoencoder does to fine texture, without one: wavelet shrinkage, a bilateral filter, half the picture
    from half its size, JPEG."""
    planes = cv2.cvtColor(np.asarray(image), cv2.COLOR_RGB2YCrCb).astype(np.float32)
    planes = np.stack([shrunk_wavelets(planes[..., channel]) for channel in range(3)], axis=-1)
    smooth = cv2.cvtColor(np.clip(np.rint(planes), 0, 255).astype(np.uint8), cv2.COLOR_YCrCb2RGB)
    smooth = Image.fromarray(cv2.bilateralFilter(smooth, 7, 25, 3))
    return jpeg(70)(Image.blend(smooth, scaled_and_back(0.5)(smooth), 0.5))


ATTACKS = {
    "identity": lambda image: image,
    "jpeg90": jpeg(90), "jpeg75": jpeg(75), "jpeg50": jpeg(50), "jpeg30": jpeg(30),
    "webp80": webp(80), "webp50": webp(50),
    "resize75": scaled(0.75), "resize50": scaled(0.5), "resize150": scaled(1.5), "resize50_back": scaled_and_back(0.5),
    # The area that is kept, from the middle but for the last.
    "crop90": cropped(math.sqrt(0.9)), "crop75": cropped(math.sqrt(0.75)), "crop50": cropped(math.sqrt(0.5)),
    "crop64_off": cropped(0.8, 0.83, 0.21),
    "rot2": turned(2), "rot5": turned(5), "rot90": lambda image: image.transpose(Image.ROTATE_90),
    "hflip": lambda image: image.transpose(Image.FLIP_LEFT_RIGHT),
    "noise5": noisy(5), "noise10": noisy(10),
    "blur1": lambda image: image.filter(ImageFilter.GaussianBlur(1)),
    "blur2": lambda image: image.filter(ImageFilter.GaussianBlur(2)),
    "median3": lambda image: image.filter(ImageFilter.MedianFilter(3)),
    "bright120": toned(lambda samples: samples * 1.2),
    "contrast130": toned(lambda samples: (samples - 128) * 1.3 + 128),
    "gamma08": toned(lambda samples: 255 * (samples / 255) ** 0.8),
    "grey": lambda image: image.convert("L").convert("RGB"),
    "saltpepper1": peppered(0.01),
    "screenshot": after(scaled(0.8), jpeg(80)),
    "social": after(at_most(1080), jpeg(75)),
    "nlm_denoise": denoised,
    "regen_like": regenerated,
    "thumb512": after(at_most(512), jpeg(80)),
}

# The mean that the bar speaks of is over these; the thumbnail has a row of its own.
COUNTED = [name for name in ATTACKS if name != "thumb512"]

GROUPS = {
    "identity, resizes, crops ≥ 64 %, rotations, flip, jpeg ≥ 75, tone changes, screenshot, social": [
        "identity", "jpeg90", "jpeg75", "resize75", "resize50", "resize150", "resize50_back", "crop90", "crop75",
        "crop64_off", "rot2", "rot5", "rot90", "hflip", "bright120", "contrast130", "gamma08", "grey", "screenshot",
        "social"],
    "jpeg50, webp80, crop50": ["jpeg50", "webp80", "crop50"],
    "thumb512": ["thumb512"],
}
