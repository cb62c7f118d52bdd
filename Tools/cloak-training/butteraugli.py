"""Butteraugli as far as the descent needs it, differentiable: luma alone, at full size, linear in the change, masked by the
original. x: 1×3×H×W in [0, 1]. The engine's butteraugli.h computes the same.

Ours; the model and its constants are libjxl 0.7's (lib/jxl/butteraugli, BSD-3-Clause).
"""
import math

import torch
import torch.nn.functional as F

import visibility

ABSORBANCE = torch.tensor([
    [.29956550340058319, .63373087833825936, .077705617820981968], [.22158691104574774, .69391388044116142, .0987313588422]])
BIAS = 1.7557483643287353
BRIGHTNESS = 80.0
ADAPTED, LOW, MIDDLE, HIGH, ACTIVE = 1.2, 7.15593339443, 3.22489901262, 1.56416327805, 2.7
ULTRA_GAIN, HIGH_GAIN = 2.69313763794, 2.155
SCALE = 1 / (17.1984479671 * .79079917404)


def lines(halves):
    """Kernels of 9×9 that add up along a line; each is given by half of its steps, right and down."""
    kernels = torch.zeros(len(halves), 1, 9, 9)
    for kernel, half in zip(kernels, halves):
        kernel[0, 4, 4] = 1
        for x, y in half:
            kernel[0, 4 + y, 4 + x] = kernel[0, 4 - y, 4 - x] = 1
    return kernels


FINE = lines([
    [(1, 0), (2, 0), (3, 0), (4, 0)], [(0, 1), (0, 2), (0, 3), (0, 4)], [(1, 1), (2, 2), (3, 3)], [(-1, 1), (-2, 2), (-3, 3)],
    *2 * [[(0, 1), (-1, 2), (-1, 3), (-1, 4)], [(0, 1), (1, 2), (1, 3), (1, 4)], [(1, 0), (2, 1), (3, 1), (4, 1)],
          [(1, 0), (2, -1), (3, -1), (4, -1)]],
    [(1, 1), (1, 2), (2, 3)], [(-1, 1), (-1, 2), (-2, 3)], [(1, 1), (2, 1), (3, 2)], [(-1, 1), (-2, 1), (-3, 2)]])
COARSE = lines([
    [(2, 0), (4, 0)], [(0, 2), (0, 4)], [(2, 2), (3, 3)], [(-2, 2), (-3, 3)], [(-1, 2), (-1, 4)], [(1, 2), (1, 4)],
    [(2, 1), (4, 1)], [(2, -1), (4, -1)], [(1, 2), (2, 3)], [(-1, 2), (-2, 3)], [(2, 1), (3, 2)], [(-2, 1), (-3, 2)],
    [(-2, 1), (-4, 2)], [(2, 1), (4, 2)], [(1, 2), (2, 4)], [(-1, 2), (-2, 4)]])


def blur(x, sigma):
    """A mean over what lies inside the picture, cut off at 2.25 σ."""
    radius = int(2.25 * sigma)
    kernel = torch.exp(-torch.arange(-radius, radius + 1).float() ** 2 / (2 * sigma * sigma))

    def convolve(x):
        channels = x.shape[1]
        x = F.conv2d(x, kernel.view(1, 1, 1, -1).expand(channels, 1, 1, -1), padding=(0, radius), groups=channels)
        return F.conv2d(x, kernel.view(1, 1, -1, 1).expand(channels, 1, -1, 1), padding=(radius, 0), groups=channels)
    return convolve(x) / convolve(torch.ones(1, 1, *x.shape[2:]))


def bands(x):
    low = blur(x, LOW)
    middle = blur(x - low, MIDDLE)
    above = x - low - middle
    high = blur(above, HIGH)
    return low, middle, high, above - high


def response(v):
    return 19.245013259874995 * torch.log(v + 9.9710635769299145) - 23.16046239805755


def apart_from_zero(v, width):
    return v.sign() * (v.abs() - width).clamp(min=0)


def softly_cut(v, limit):
    return torch.where(v.abs() >= limit, v.sign() * ((v.abs() - limit) * .724216145665 + limit), v)


def activity(signals):
    """What there is to hide behind, from the opponent signals (red − green, luma)."""
    _, _, high, ultra = bands(signals)
    x, y = (high + ultra).split(1, 1)
    x = x * (46 / (y * y + 46) * (1 - .653020556257) + .653020556257)
    high_x, high_y = blur(x, HIGH), softly_cut(high[:, 1:], 28.4691806922)
    red = (apart_from_zero(x - high_x, .04) + apart_from_zero(high_x, 1.5)) * 8.75000241361
    luma = high_y * HIGH_GAIN
    luma = torch.where(luma.abs() > .132, luma + .132 * luma.sign(), 2 * luma) * .307585098253
    luma = luma + softly_cut(y - high_y, 5.19175294647) * ULTRA_GAIN * .620978104816
    scale, bias = 6.19424080439, 6.19424080439 * 12.61050594197
    return blur((scale * (red * red + luma * luma).sqrt() + bias).sqrt() - math.sqrt(bias), ACTIVE)


def masks(active):
    """For what is finer than the low band, and for that; a smooth place three samples away leaves nothing to hide behind."""
    height, width = active.shape[2:]
    padded = F.pad(active, (3, 3, 3, 3), value=1e9)
    around = [padded[:, :, y:y + height, x:x + width] for y in (0, 3, 6) for x in (0, 3, 6) if (x, y) != (3, 3)]
    least = torch.topk(torch.cat([active, 2 * active, 2 * active, *around], 1), 3, dim=1, largest=False).values
    v = .45 * least[:, :1] + .3 * least[:, 1:2] + .25 * least[:, 2:]
    return ((SCALE * (1 + 2.5485944793 / (.451936922203 * v + .829591754942))) ** 2,
            (SCALE * (1 + .505054525019 / (3.87449418804 * v + .20025578522))) ** 2)


class Butteraugli:
    """Against one original; the call gives the 3-norm of a change, about."""

    def __init__(self, original):
        self.light = visibility.linear(original) * BRIGHTNESS
        here = torch.einsum("ij,bjhw->bihw", ABSORBANCE, self.light) + BIAS
        around = blur(here, ADAPTED)
        self.gain = response(around) / around
        # How the gain follows what lies around.
        self.adaptation = here * (19.245013259874995 / (around + 9.9710635769299145) - self.gain) / around
        signals = here * self.gain
        self.mask, self.low_mask = masks(activity(torch.cat([signals[:, :1] - signals[:, 1:], signals.sum(1, keepdim=True)], 1)))

    def __call__(self, other):
        cones = torch.einsum("ij,bjhw->bihw", ABSORBANCE, visibility.linear(other.clamp(0, 1)) * BRIGHTNESS - self.light)
        signal = (self.gain * cones + self.adaptation * blur(cones, ADAPTED)).sum(1, keepdim=True)
        low, middle, high, ultra = bands(signal)
        high, ultra = high * HIGH_GAIN, ultra * ULTRA_GAIN
        # Lines of the middle band are nearly as long as its waves are wide: 16 sums of 5 samples are about that many times one.
        squares = (.03482376 ** 2 * F.conv2d(ultra, FINE, padding=4).square().sum(1, keepdim=True)
                   + .22016019 ** 2 * F.conv2d(high, COARSE, padding=4).square().sum(1, keepdim=True)
                   + .8 * 1.50815703118 * high ** 2 + (10.6195433239 + .8 * 400 * .09599486) * middle ** 2)
        squares = squares * self.mask + .844626970982 * (14.458268100570 * low) ** 2 * self.low_mask
        distance = (squares + 1e-12).sqrt()
        return sum((distance ** p).mean() ** (1 / p) for p in (3, 6, 12)) / 3
