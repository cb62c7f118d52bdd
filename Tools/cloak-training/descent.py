"""The descent of the study and of the program, in torch: the reference of the engine's."""
import json

import torch
import torch.nn.functional as F

import butteraugli
import graph as graphs
import visibility


def unit(gradient):
    return gradient / (gradient.square().mean().sqrt() + 1e-12)


def seats(files):
    """What `graph.load` gave of network files, as (networks, weights, scales): one entry for each view, as the program has it."""
    networks, weights, scales = [], [], []
    for graph, tensors, metadata in files:
        network = graphs.Network(graph, tensors).eval().requires_grad_(False)
        for view in json.loads(metadata.get("fixative_views", '[{"weight":1,"scales":[1,0.88,0.75]}]')):
            networks.append(network)
            weights.append(float(metadata.get("fixative_weight", 1)) * view["weight"])
            scales.append(view["scales"])
    return networks, weights, scales


def resized(x, scale):
    """The picture with its sides multiplied, to multiples of 16."""
    size = [max(16, round(side * scale / 16) * 16) for side in x.shape[-2:]]
    if size == list(x.shape[-2:]):
        return x
    return F.interpolate(x, size=size, mode="bilinear", antialias=scale < 1, align_corners=False)


def displacement(networks, bases, weights, y):
    """Weighted sum over the networks of the relative displacement of their answers."""
    total = 0
    for network, base, weight in zip(networks, bases, weights):
        total = total + weight * (network(y) - base).norm() / base.norm()
    return total


def descend(x, networks, steps=20, box=6 / 255, target=76.0, seed=0, start=None, weights=None, alternate=False,
            sign=1.0, rate=2.5, sharp=0.0, norm=0.0, score_weight=None, color=0.0, scales=None):
    """Sign steps inside a texture-masked box: displacement of the networks' answers plus the gradients of what is seen. Without
    networks it is the optimised-noise control.

    The program's descent: `score_weight` for the gradient of SSIMULACRA2 and `norm` for that of butteraugli, each by its
    direction, `color` to draw colour back to luma, gradients of networks by direction, `scales` of each network for the sizes in
    which it sees the picture, one after the other. Without `score_weight` the descent
    that went before it: SSIMULACRA2 alone, its multiplier growing while the score is under the target, lengths of
    displacements added up."""
    generator = torch.Generator().manual_seed(seed)
    weights = weights or [1.0] * len(networks)
    limit = box * visibility.texture_mask(x)
    metric, multiplier = visibility.Ssimulacra2(x), .5
    visible_lines = butteraugli.Butteraugli(x) if norm else None
    scales = scales or [[1]] * len(networks)
    with torch.no_grad():
        answers = [[network(resized(x, scale)) for scale in own] for network, own in zip(networks, scales)]
    change = (torch.rand(x.shape, generator=generator) * 2 - 1) * limit * .5 if start is None else start
    for step in range(steps):
        change = change.detach().requires_grad_(True)
        y = (x + change).clamp(0, 1)
        if networks:
            chosen = [step % len(networks)] if alternate else range(len(networks))
            bases = [own[step % len(own)] for own in answers]
            seen = [lambda y, i=i: networks[i](resized(y, scales[i][step % len(scales[i])])) for i in range(len(networks))]
            parts = [[part[i] for i in chosen] for part in (seen, bases, weights)]
            if score_weight is None:
                gradient, = torch.autograd.grad(sign * displacement(*parts, y), change, retain_graph=True)
            else:
                gradient = sum(sign * weight * unit(torch.autograd.grad((network(y) - base).norm(), change, retain_graph=True)[0])
                               for network, base, weight in zip(*parts))
        else:
            gradient = change.detach()
        if sharp:
            gradient = gradient - sharp * F.avg_pool2d(F.avg_pool2d(gradient, 5, 1, 2), 5, 1, 2)
        score = metric(y)
        visible, = torch.autograd.grad(score, change, retain_graph=True)
        direction = unit(gradient) + (multiplier if score_weight is None else score_weight) * unit(visible)
        multiplier = min(max(multiplier * 1.25 if float(score) < target else multiplier / 1.25, .05), 3.0)
        if norm:
            direction = direction - norm * unit(torch.autograd.grad(visible_lines(y), change)[0])
        change = change.detach()
        if color:
            luma = (change * torch.tensor([.299, .587, .114]).view(1, 3, 1, 1)).sum(1, keepdim=True)
            direction = direction - color * (change - luma) / limit
        change = change + rate / steps * (1 - .7 * step / steps) * limit * direction.sign()
        change = torch.max(torch.min(change, limit), -limit)
    return change.detach()
