"""A generator for the cloak: one pass forward gives the perturbation, as shares of the box.

It learns to move the shipped surrogates as far as a visibility target allows, the way the descent does for one picture:
the mean logarithm of their relative displacements, less a multiple of the distance to the target in SSIMULACRA2 that
grows while a batch is worse than the target. Usage: generator.py FOLDER OUT.safetensors SURROGATE.safetensors…
[--seconds CPU-seconds] [--seed N]
"""
import argparse, time

import numpy as np
import torch

import graph as graphs
import visibility


def design(seed):
    b = graphs.Builder(seed).do("scale", mul=2.0, add=-1.0)
    b.conv(3, 24, 2).do("relu").do("push").conv(24, 48, 2).do("relu").residual(48, 2)
    b.do("upsample2").conv(48, 24).do("add").do("relu").do("upsample2").conv(24, 3, gain=0.7).do("tanh")
    return b.graph, b.tensors


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("folder")
    arguments.add_argument("out")
    arguments.add_argument("surrogates", nargs="+")
    arguments.add_argument("--seconds", type=float, default=600)
    arguments.add_argument("--seed", type=int, default=3)
    arguments.add_argument("--batch", type=int, default=3)
    arguments.add_argument("--box", type=float, default=8)
    arguments.add_argument("--target", type=float, default=76)
    arguments.add_argument("--rate", type=float, default=2e-3)
    options = arguments.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(options.seed)
    draw = np.random.default_rng(options.seed)
    crops = np.load(f"{options.folder}/crops.npy", mmap_mode="r")
    loaded = [graphs.load(path) for path in options.surrogates]
    members = [graphs.Network(*entry[:2]).eval().requires_grad_(False) for entry in loaded]
    weights = [float(entry[2].get("fixative_weight", 1)) for entry in loaded]
    graph, tensors = design(options.seed)
    network = graphs.Network(graph, tensors)
    optimiser = torch.optim.AdamW(network.parameters(), lr=options.rate, weight_decay=1e-4)
    multiplier, steps, report, moved, scores = 0.02, 0, 60, [], []
    begin = time.process_time()
    while (used := time.process_time() - begin) < options.seconds:
        for group in optimiser.param_groups:
            group["lr"] = options.rate * min(1, (steps + 1) / 50) * (0.5 * (1 + np.cos(np.pi * used / options.seconds)) + 0.02)
        rows = np.sort(draw.choice(len(crops), options.batch, replace=False))
        x = torch.from_numpy(crops[rows]).permute(0, 3, 1, 2).float() / 255
        limit = options.box / 255 * torch.cat([visibility.texture_mask(part) for part in x.split(1)])
        with torch.no_grad():
            bases = [member(x) for member in members]
        y = (x + limit * network(x)).clamp(0, 1)
        displacement = 0
        for member, base, weight in zip(members, bases, weights):
            lengths = (member(y) - base).flatten(1).norm(dim=1) / base.flatten(1).norm(dim=1)
            displacement = displacement + weight * (lengths + 1e-4).log().mean()
        score = visibility.Ssimulacra2(x)(y)
        loss = -displacement - multiplier * score
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimiser.step()
        multiplier = min(max(multiplier * (1.02 if float(score.detach()) < options.target else 1 / 1.02), 1e-3), 1)
        steps += 1
        moved.append(float(displacement.detach()))
        scores.append(float(score.detach()))
        if used > report or used > options.seconds - 1:
            line = f"{steps} steps, {used:.0f} CPU-s: displacement {np.mean(moved):.3f} (log), SSIMULACRA2 {np.mean(scores):.1f}"
            print(line, flush=True)
            graphs.save(options.out, graph, network.tensors(), role="generator", weight=1, name="generator",
                        provenance=f"Tools/cloak-training/generator.py, seed {options.seed}, {line}")
            report, moved, scores = report + 60, [], []


if __name__ == "__main__":
    main()
