"""SSIMULACRA2 as a differentiable function, and the texture mask. x: 1×3×H×W in [0, 1], 256×256 and larger.

Ours; the metric's weights are read from PyPI's package `ssimulacra2`.
"""
import torch
import torch.nn.functional as F
from ssimulacra2.ssimulacra2 import weights

WEIGHTS = torch.tensor(weights).view(3, 6, 2, 3).float()  # channel, scale, norm, (ssim, artifact, lost detail)
OPSIN = torch.tensor([
    [.30, 1 - .078 - .30, .078], [.23, 1 - .078 - .23, .078],
    [.24342268924547819, .20476744424496821, 1 - .24342268924547819 - .20476744424496821]])
BIAS = 0.0037930732552754493
RADIUS = 5
KERNEL = torch.exp(-torch.arange(-RADIUS, RADIUS + 1).float() ** 2 / 4.5)
KERNEL = KERNEL / KERNEL.sum()


def blur(x):
    channels = x.shape[1]
    kernel = KERNEL.expand(channels, 1, -1)
    x = F.conv2d(F.pad(x, (RADIUS, RADIUS, 0, 0)), kernel[:, :, None, :], groups=channels)
    x = torch.cat([x[:, :, :RADIUS].flip(2), x, x[:, :, -RADIUS:].flip(2)], 2)
    return F.conv2d(x, kernel[:, :, :, None], groups=channels)


def linear(x):
    return torch.where(x <= .04045, x / 12.92, ((x.clamp(min=.04) + .055) / 1.055) ** 2.4)


def xyb(x):
    mixed = (torch.einsum("ij,bjhw->bihw", OPSIN, x) + BIAS).clamp(min=1e-9) ** (1 / 3) - BIAS ** (1 / 3)
    opponent, luma = .5 * (mixed[:, 0] - mixed[:, 1]), .5 * (mixed[:, 0] + mixed[:, 1])
    return torch.stack([opponent * 14 + .42, luma + .01, mixed[:, 2] - luma + .55], 1)


class Ssimulacra2:
    """Against one original; the call is differentiable in its argument. 100 is identical."""

    def __init__(self, original):
        self.scales = []
        light = linear(original)
        for scale in range(6):
            if scale:
                light = F.avg_pool2d(light, 2)
            image = xyb(light)
            self.scales.append((image, blur(image), blur(image * image)))

    def __call__(self, other):
        light, total = linear(other.clamp(0, 1)), 0
        for scale, (i1, m1, s11) in enumerate(self.scales):
            if scale:
                light = F.avg_pool2d(light, 2)
            i2 = xyb(light)
            blurred = blur(torch.cat([i2, i2 * i2, i1 * i2], 1))
            m2, s22, s12 = blurred[:, :3], blurred[:, 3:6], blurred[:, 6:]
            structure = 1 - (1 - (m1 - m2) ** 2) * (2 * (s12 - m1 * m2) + 9e-4) / ((s11 - m1 * m1) + (s22 - m2 * m2) + 9e-4)
            edges = (1 + (i2 - m2).abs()) / (1 + (i1 - m1).abs()) - 1
            for kind, map_ in enumerate((structure.clamp(min=0), edges.clamp(min=0), (-edges).clamp(min=0))):
                total = total + (WEIGHTS[:, scale, 0, kind] * map_.mean((0, 2, 3))).sum()
                total = total + (WEIGHTS[:, scale, 1, kind] * ((map_ ** 4).mean((0, 2, 3)) + 1e-14) ** .25).sum()
        total = total * 0.9562382616834844
        total = 2.326765642916932 * total - 0.020884521182843837 * total ** 2 + 6.248496625763138e-05 * total ** 3
        return 100 - 10 * total.clamp(min=1e-6) ** 0.6276336467831387


def texture_mask(x):
    """0.3 on flat areas and clean edges, 1 in texture: from the smaller eigenvalue of the structure tensor."""
    luma = (x * torch.tensor([.299, .587, .114]).view(1, 3, 1, 1)).sum(1, keepdim=True)
    padded = F.pad(luma, (1, 1, 1, 1), mode="reflect")
    gx = (padded[..., 1:-1, 2:] - padded[..., 1:-1, :-2]) / 2
    gy = (padded[..., 2:, 1:-1] - padded[..., :-2, 1:-1]) / 2
    mean = lambda t: F.avg_pool2d(F.pad(t, (4, 4, 4, 4), mode="reflect"), 9, 1)
    a, b, c = mean(gx * gx), mean(gx * gy), mean(gy * gy)
    smaller = (a + c) / 2 - (((a - c) / 2) ** 2 + b * b).clamp(min=0).sqrt()
    return .3 + .7 * (smaller.clamp(min=0).sqrt() / .02).clamp(0, 1)
