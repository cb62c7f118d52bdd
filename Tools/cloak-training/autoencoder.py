"""Autoencoders from scratch, with no teacher: surrogates, those that choices look at, and the unseen ones of the evaluation.

They differ in layers, activations, widths, channels of the latent and seed, and learn their own reconstruction through a
noisy latent. The encoder is written as a network file. Nothing is attacked or chosen by looking at those named unseen.
Usage: autoencoder.py FOLDER OUT.safetensors --design NAME [--seconds N] [--seed N] [--weight W]
"""
import argparse, time

import numpy as np
import torch
import torch.nn.functional as F

import graph as graphs

DEVICE = "cuda" if torch.cuda.is_available() else "cpu"


def residual(builder, channels, blocks):
    for _ in range(blocks):
        builder.do("push").do("leaky", slope=0.1).conv(channels, channels).do("leaky", slope=0.1)
        builder.conv(channels, channels, gain=0.3).do("add")
    return builder


def decoder(seed, latent, channels, blocks):
    d = graphs.Builder(seed + 1).conv(latent, channels)
    residual(d, channels, blocks).do("leaky", slope=0.1).do("upsample2").conv(channels, 48)
    residual(d, 48, 1).do("leaky", slope=0.1).do("upsample2").conv(48, 32).do("leaky", slope=0.1)
    return d.conv(32, 32).do("leaky", slope=0.1).do("upsample2").conv(32, 16).do("leaky", slope=0.1).conv(16, 3, gain=0.3)


def unseen(seed):
    e = graphs.Builder(seed).do("scale", mul=2.0, add=-1.0)
    e.conv(3, 24, 2).do("leaky", slope=0.1).conv(24, 48, 2)
    residual(e, 48, 1).do("leaky", slope=0.1).conv(48, 96, 2)
    residual(e, 96, 3).do("leaky", slope=0.1).conv(96, 16, gain=0.7)
    return e, decoder(seed, 16, 96, 3)


def surrogate(seed):
    e = graphs.Builder(seed).conv(3, 32, 2).do("relu").conv(32, 48, 2).do("relu").conv(48, 64, 2).do("relu")
    e.residual(64, 2).conv(64, 12, gain=0.7)
    return e, decoder(seed, 12, 80, 2)


def chooser(seed):
    e = graphs.Builder(seed).do("scale", mul=2.0, add=-1.0)
    e.conv(3, 16).do("leaky", slope=0.2).conv(16, 24, 2).do("leaky", slope=0.2).conv(24, 48, 2).do("leaky", slope=0.2)
    e.conv(48, 80, 2)
    residual(e, 80, 2).do("leaky", slope=0.1).conv(80, 8, gain=0.7)
    return e, decoder(seed, 8, 80, 2)


def chooser_10(seed):
    e = graphs.Builder(seed).conv(3, 20, 2).do("leaky", slope=0.1).conv(20, 40).do("leaky", slope=0.1).conv(40, 64, 2)
    residual(e, 64, 1).do("leaky", slope=0.1).conv(64, 96, 2)
    residual(e, 96, 1).do("leaky", slope=0.1).conv(96, 10, gain=0.7)
    return e, decoder(seed, 10, 96, 2)


def wide(seed):
    e = graphs.Builder(seed).conv(3, 32, 2).do("relu").conv(32, 64, 2).do("relu").conv(64, 64).do("relu").conv(64, 96, 2).do("relu")
    e.conv(96, 32, gain=0.7)
    return e, decoder(seed, 32, 96, 2)


def chooser_24(seed):
    e = graphs.Builder(seed).do("scale", mul=2.0, add=-1.0).conv(3, 48, 2).do("relu").residual(48, 1).conv(48, 64, 2)
    residual(e, 64, 1).do("leaky", slope=0.1).conv(64, 96, 2)
    residual(e, 96, 1).do("leaky", slope=0.1).conv(96, 24, gain=0.7)
    return e, decoder(seed, 24, 96, 2)


def nested(seed):
    e = graphs.Builder(seed).do("scale", mul=2.0, add=-1.0).conv(3, 32, 2).do("leaky", slope=0.2).conv(32, 48, 2).do("leaky", slope=0.2)
    e.conv(48, 48).do("leaky", slope=0.2).conv(48, 96, 2).do("leaky", slope=0.2).conv(96, 96).do("leaky", slope=0.2)
    return e.conv(96, 24, gain=0.7), decoder(seed, 24, 96, 2)


def unseen_narrow(seed):
    e = residual(graphs.Builder(seed).do("scale", mul=2.0, add=-1.0).conv(3, 28, 2), 28, 1).do("leaky", slope=0.1).conv(28, 56, 2)
    residual(e, 56, 1).do("leaky", slope=0.1).conv(56, 112, 2).do("leaky", slope=0.1).conv(112, 4, gain=0.7)
    return e, decoder(seed, 4, 96, 2)


def unseen_wide(seed):
    e = graphs.Builder(seed).conv(3, 16).do("relu").conv(16, 32, 2).do("relu").conv(32, 64, 2).do("relu").residual(64, 1)
    e.conv(64, 128, 2).do("relu").conv(128, 32, gain=0.7)
    return e, decoder(seed, 32, 112, 2)


# Design, seed, deviation of the noise in the latent.
DESIGNS = {"unseen": (unseen, 77, 0.05), "surrogate": (surrogate, 101, 0.1), "chooser": (chooser, 202, 0.05),
           "chooser-10": (chooser_10, 303, 0.08),
           "wide": (wide, 404, 0.05), "chooser-24": (chooser_24, 505, 0.05),
           "unseen-narrow": (unseen_narrow, 808, 0.05), "unseen-wide": (unseen_wide, 909, 0.05),
           "nested": (nested, 606, 0.05)}
# The widths of latents that are trained at once, by drawing one for each picture.
NESTED = {"nested": (6, 12, 24)}


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("folder")
    arguments.add_argument("out")
    arguments.add_argument("--seconds", type=float, default=1200, help="of the processor, or on a GPU of the clock")
    arguments.add_argument("--design", choices=DESIGNS, default="unseen")
    arguments.add_argument("--seed", type=int)
    arguments.add_argument("--weight", type=float, default=1, help="in the ensemble")
    options = arguments.parse_args()
    (design, seed, noisy), widths = DESIGNS[options.design], NESTED.get(options.design)
    options.seed = seed if options.seed is None else options.seed
    torch.set_num_threads(1)
    torch.manual_seed(options.seed)
    crops = np.load(f"{options.folder}/crops.npy", mmap_mode="r")
    e, d = design(options.seed)
    encoder, decoder = graphs.Network(e.graph, e.tensors).to(DEVICE), graphs.Network(d.graph, d.tensors).to(DEVICE)
    parameters = list(encoder.parameters()) + list(decoder.parameters())
    optimiser = torch.optim.AdamW(parameters, lr=8e-4, weight_decay=1e-4)
    draw = np.random.default_rng(options.seed)
    held, trained = np.arange(64), np.arange(64, len(crops))

    # Where the processor has no instructions for bf16 it is some forty times slower than single precision.
    fast = DEVICE == "cuda" or torch.cpu._is_avx512_bf16_supported()

    def batch(rows, side, shift=None):
        y, x = draw.integers(0, crops.shape[1] - side + 1, 2) if shift is None else shift
        return torch.from_numpy(crops[np.sort(rows), y:y + side, x:x + side]).permute(0, 3, 1, 2).float().to(DEVICE) / 255

    def both(x, noise):
        with torch.autocast(DEVICE, dtype=torch.bfloat16, enabled=fast):
            z = encoder(x).float()
            seen = z + noise * torch.randn_like(z)
            if widths and noise:
                width = torch.tensor(draw.choice(widths, len(x)), device=DEVICE)
                seen = seen * (torch.arange(z.shape[1], device=DEVICE) < width[:, None])[:, :, None, None]
            return z, decoder(seen).float() * 0.5 + 0.5

    def pyramid(a, b):
        total = 0
        for _ in range(3):
            total = total + (a - b).abs().mean()
            for dim in (2, 3):
                total = total + (a.diff(dim=dim) - b.diff(dim=dim)).abs().mean()
            a, b = F.avg_pool2d(a, 2), F.avg_pool2d(b, 2)
        return total

    # On a busy processor what counts is its own time.
    clock = time.time if DEVICE == "cuda" else time.process_time
    begin, steps, report = clock(), 0, 60
    while clock() - begin < options.seconds:
        part = (clock() - begin) / options.seconds
        for group in optimiser.param_groups:
            group["lr"] = 8e-4 * min(1, (steps + 1) / 200) * (0.5 * (1 + np.cos(np.pi * part)) * 0.98 + 0.02)
        x = batch(draw.choice(trained, 8, replace=False), 96)
        z, y = both(x, noisy)
        loss = pyramid(y, x) + 4 * F.mse_loss(y, x) + 2e-3 * F.relu(z.square().mean() - 1)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 0.5)
        optimiser.step()
        steps += 1
        if clock() - begin > min(report, options.seconds):
            with torch.no_grad():
                x = batch(held, 128, (16, 16))
                z, y = both(x, 0)
                quality = -10 * torch.log10((y.clamp(0, 1) - x).square().mean((1, 2, 3))).median()
            line = f"{steps} steps, {clock() - begin:.0f} s: reconstruction {quality:.2f} dB, latent σ {z.std():.2f}"
            print(line, flush=True)
            graphs.save(options.out, e.graph, {name: value.cpu() for name, value in encoder.tensors().items()},
                        role="encoder", weight=options.weight, name=f"{options.design}-autoencoder",
                        provenance=f"Tools/cloak-training/autoencoder.py --design {options.design}, seed {options.seed}, {line}")
            report += max(60, options.seconds / 20)


if __name__ == "__main__":
    main()
