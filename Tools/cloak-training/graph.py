"""The network files of the cloak: safetensors whose metadata hold a small program, and its reference executor.

`fixative_graph` is a JSON array of operations, run in order on an NCHW RGB input in [0, 1]; `weight` and `bias` name
tensors of the file (OIHW; float16 or float32). There is a stack for skips.
"""
import json

import torch
import torch.nn.functional as F
from safetensors import safe_open
from safetensors.torch import save_file


def run(graph, tensors, x, tap=None):
    """The output of `graph`; with `tap`, also the value after that many operations."""
    stack, tapped = [], None

    def conv(op, value, groups=1):
        weight, bias = tensors[op["weight"]], tensors[op["bias"]] if "bias" in op else None
        return F.conv2d(value, weight, bias, stride=op.get("stride", 1), padding=weight.shape[2] // 2, groups=groups)

    for index, op in enumerate(graph):
        if index == tap:
            tapped = x
        match op["op"]:
            case "conv": x = conv(op, x)
            case "depthwise": x = conv(op, x, groups=x.shape[1])
            case "relu": x = F.relu(x)
            case "leaky": x = F.leaky_relu(x, op["slope"])
            case "push": stack.append(x)
            case "pushconv": stack.append(conv(op, x))
            case "add": x = x + stack.pop()
            case "upsample2": x = F.interpolate(x, scale_factor=2, mode="nearest")
            case "maxpool2": x = F.max_pool2d(x, 3, 2, padding=1)
            case "scale": x = x * op["mul"] + op["add"]
            case "tanh": x = torch.tanh(x)
            case "clamp3": x = torch.tanh(x / 3) * 3
            case other: raise ValueError(f"unknown operation {other!r}")
    return x if tap is None else (x, tapped)


def save(path, graph, tensors, **metadata):
    """Writes float16 weights; `metadata`: role, weight, name, provenance."""
    halves = {name: value.detach().to(torch.float16).contiguous() for name, value in tensors.items()}
    save_file(halves, path, {"fixative_graph": json.dumps(graph, separators=(",", ":")),
                             **{f"fixative_{key}": str(value) for key, value in metadata.items()}})


def load(path):
    """(graph, float32 tensors, metadata)"""
    with safe_open(path, "pt") as file:
        metadata = file.metadata()
        tensors = {name: file.get_tensor(name).float() for name in file.keys()}
    return json.loads(metadata["fixative_graph"]), tensors, metadata


class Builder:
    """Writes a graph and its initial weights together."""

    def __init__(self, seed):
        self.graph, self.tensors, self.generator = [], {}, torch.Generator().manual_seed(seed)

    def conv(self, inputs, outputs, stride=1, k=3, bias=True, op="conv", gain=1.0):
        name = f"{sum('weight' in entry for entry in self.graph)}"
        deviation = gain * (2 / (inputs * k * k)) ** 0.5
        self.tensors[f"{name}.weight"] = torch.randn(outputs, inputs, k, k, generator=self.generator) * deviation
        entry = {"op": op, "weight": f"{name}.weight", "stride": stride, "k": k}
        if bias:
            self.tensors[f"{name}.bias"] = torch.zeros(outputs)
            entry["bias"] = f"{name}.bias"
        self.graph.append(entry)
        return self

    def do(self, op, **fields):
        self.graph.append({"op": op, **fields})
        return self

    def residual(self, channels, blocks=1):
        for _ in range(blocks):
            self.do("push").conv(channels, channels).do("relu").conv(channels, channels, gain=0.3).do("add").do("relu")
        return self


class Network(torch.nn.Module):
    """A graph as a trainable module."""

    def __init__(self, graph, tensors, tap=None):
        super().__init__()
        self.graph, self.tap = graph, tap
        self.names = list(tensors)
        self.values = torch.nn.ParameterList([torch.nn.Parameter(tensors[name]) for name in self.names])

    def tensors(self):
        return dict(zip(self.names, self.values))

    def forward(self, x, tap=None):
        return run(self.graph, self.tensors(), x, tap)


def operations(graph, tensors, side=512):
    """Floating point operations of one forward pass over a square of `side` pixels (a multiply-add is two)."""
    total, scale = 0, 1.0
    for op in graph:
        if op["op"] in ("upsample2", "maxpool2"):
            scale *= 2 if op["op"] == "upsample2" else 0.5
        if "weight" in op:
            inner = scale / op.get("stride", 1)
            total += 2 * tensors[op["weight"]].numel() * (side * inner) ** 2
            if op["op"] in ("conv", "depthwise"):
                scale = inner
    return total
