"""How long a picture takes beside the SD-1.5 U-Net and a Five-Dollar-style decoder: same CPU, same threads, one run.

    python -m venv PEERS && PEERS/bin/pip install -e . diffusers==0.42.1
    PEERS/bin/python benchmarks/peers_speed.py [--vae]       measures, writes peers_speed.json and peers_speed.md
    python benchmarks/peers_speed.py --page                  only writes the page anew

Ours is the whole call: words in, finished sprites out. Of Stable Diffusion only the U-Net's four LCM steps count, one call a
step (LCM needs no guidance), so its words, its decoder and the snapping to pixels come for free; `--vae` times its decoder
apart. Random weights take the same time as trained ones. The U-Net runs in the fastest of fp32 and bf16, with and without
channels-last memory. Cases take turns, so that a slow minute of the machine falls on all of them.
"""

from __future__ import annotations

import os

os.environ.setdefault("GOMP_SPINCOUNT", "1000")  # as the command line sets it: read when torch is loaded

import argparse
import itertools
import json
import platform
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "experiments" / "baselines"))
JSON, PAGE = HERE / "peers_speed.json", HERE / "peers_speed.md"
PROMPT = "8-bit castle with red flags"
OURS = {"64x64": (64, 1), "64x64, four": (64, 4), "128x128": (128, 1), "256x256": (256, 1)}
GOALS = {"64x64": 0.5, "64x64, four": 1.3, "256x256": 1.5}
SD, FIVE, VAE = "SD-1.5 U-Net, 4 LCM steps, 512x512", "Five-Dollar-style, 64x64", "SD-1.5 VAE decoder, 512x512"
GOAL_RATIO = 50
DIFFUSERS = "diffusers==0.42.1"
Call = Callable[[], object]

#: The published SD-1.5 configurations (unet/config.json, vae/config.json); what is not named is diffusers' default.
UNET: dict[str, Any] = {
    "sample_size": 64,
    "in_channels": 4,
    "out_channels": 4,
    "down_block_types": ("CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "DownBlock2D"),
    "up_block_types": ("UpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D"),
    "block_out_channels": (320, 640, 1280, 1280),
    "layers_per_block": 2,
    "cross_attention_dim": 768,
    "attention_head_dim": 8,
}
DECODER: dict[str, Any] = {
    "sample_size": 512,
    "latent_channels": 4,
    "down_block_types": ("DownEncoderBlock2D",) * 4,
    "up_block_types": ("UpDecoderBlock2D",) * 4,
    "block_out_channels": (128, 256, 512, 512),
    "layers_per_block": 2,
}
SCHEDULER: dict[str, Any] = {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear"}


@contextmanager
def full_bundle() -> Iterator[tuple[Path, bool]]:
    """The released weights, and whether they have a level 256. Where not: a temporary copy with a random one of the preset `small`."""
    import torch

    from pixelmind.generator.bundle import Bundle, released
    from pixelmind.generator.config import GeneratorConfig
    from pixelmind.generator.denoiser import Denoiser
    from pixelmind.training.config import build, load_preset

    if "level256" in Bundle(released()):
        yield released(), True
        return
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(shutil.copytree(released(), Path(folder) / "weights"))
        network = build(GeneratorConfig, load_preset("small")["generator"], "generator").level256.network
        denoiser = Denoiser(network)
        torch.nn.init.normal_(denoiser.output.weight, std=0.05)  # else its pictures are flat and quick to colour
        bundle = Bundle(copy)
        bundle.put_level(256, {"denoiser": denoiser}, network, bundle.get_level(64)[1])
        yield copy, False


def our_calls(weights: Path, threads: int) -> dict[str, Call]:
    """Whole calls of the pipeline."""
    import pixelmind

    pipe = pixelmind.load(weights, threads=threads)
    seeds = itertools.count()  # another picture each time

    def call(side: int, count: int) -> Call:
        return lambda: pipe(PROMPT, size=(side, side), num_images=count, seed=next(seeds))

    return {name: call(side, count) for name, (side, count) in OURS.items()}


def five_dollar() -> Call:
    """A whole call of the decoder of experiments/baselines (random weights), words included."""
    from five_dollar import FiveDollarModel, FiveDollarPipeline

    from pixelmind.records import Conditioning, GenerationRequest

    pipe = FiveDollarPipeline({"five_dollar": FiveDollarModel(width=192)}, FIVE)
    request = GenerationRequest(conditioning=Conditioning(prompt=PROMPT, height=64, width=64), num_images=1, seed=0)
    return lambda: pipe.generate_batch([request])


def stable_diffusion() -> tuple[Call, dict[str, float]]:
    """Four LCM steps of the U-Net in its fastest form here, and the CPU seconds of one U-Net call in each form."""
    import torch
    from diffusers import LCMScheduler, UNet2DConditionModel
    from diffusers.utils import logging

    logging.set_verbosity_error()  # it warns of every change of type
    net, scheduler = UNet2DConditionModel(**UNET).requires_grad_(False).eval(), LCMScheduler(**SCHEDULER)
    rng = torch.Generator().manual_seed(0)
    noise, words = torch.randn(1, 4, 64, 64, generator=rng), torch.randn(1, 77, 768, generator=rng)

    def shape(dtype: torch.dtype, memory: torch.memory_format) -> None:
        net.to(dtype=dtype, memory_format=memory)

    @torch.inference_mode()
    def step(x: torch.Tensor, t: torch.Tensor | int) -> torch.Tensor:
        dtype = net.dtype
        out: torch.Tensor = net(x.to(dtype), t, encoder_hidden_states=words.to(dtype), return_dict=False)[0]
        return out.float()

    def draw() -> torch.Tensor:
        scheduler.set_timesteps(4)
        x = noise * scheduler.init_noise_sigma
        for t in scheduler.timesteps:
            x = scheduler.step(step(x, t), t, x, generator=rng, return_dict=False)[0]
        return x

    forms = {
        f"{name}{', channels-last' if memory is torch.channels_last else ''}": (dtype, memory)
        for name, dtype in (("fp32", torch.float32), ("bf16", torch.bfloat16))
        for memory in (torch.contiguous_format, torch.channels_last)
    }
    seconds = {}
    print("measuring", flush=True)
    for name, form in forms.items():
        shape(*form)
        step(noise, 999)
        seconds[name] = timed(lambda: step(noise, 999))[1]
        print(f"  one U-Net call, {name}: {seconds[name]:.2f} CPU s", flush=True)
    shape(*forms[min(seconds, key=lambda name: seconds[name])])
    return draw, seconds


def decoder(dtype_name: str) -> Call:
    """SD-1.5's image decoder, in the form that the U-Net runs in."""
    import torch
    from diffusers import AutoencoderKL

    net = AutoencoderKL(**DECODER).requires_grad_(False).eval()
    net.to(dtype=torch.bfloat16 if dtype_name.startswith("bf16") else torch.float32)
    if dtype_name.endswith("channels-last"):
        net.to(memory_format=torch.channels_last)
    latent = torch.randn(1, 4, 64, 64, dtype=net.dtype)

    @torch.inference_mode()
    def call() -> object:
        return net.decode(latent, return_dict=False)[0]

    return call


def timed(call: Call) -> tuple[float, float]:
    """Wall and CPU seconds of a call."""
    wall, cpu = time.perf_counter(), time.process_time()
    call()
    return time.perf_counter() - wall, time.process_time() - cpu


def round_robin(calls: dict[str, Call], rounds: int, slow_rounds: int) -> dict[str, dict[str, float]]:
    """Median, extremes and CPU seconds of each call; `SD` and `VAE` join only the first `slow_rounds` rounds."""
    for call in calls.values():
        call()
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in calls}
    for turn in range(rounds):
        for name, call in calls.items():
            if turn < slow_rounds or name not in (SD, VAE):
                times[name].append(timed(call))
    figures = {}
    for name, pairs in times.items():
        wall, cpu = ([pair[i] for pair in pairs] for i in (0, 1))
        figures[name] = {
            "seconds": statistics.median(wall),
            "least": min(wall),
            "most": max(wall),
            "cpu": statistics.median(cpu),
            "rounds": len(wall),
        }
        print(f"{name:40} {figures[name]['seconds']:8.3f} s (cpu {figures[name]['cpu']:.3f})", flush=True)
    return figures


def processor() -> str:
    """The CPU's name, or the machine's where the system does not tell."""
    info = Path("/proc/cpuinfo")
    names = [line.split(":")[1].strip() for line in info.read_text().splitlines() if line.startswith("model name")]
    return names[0] if names else platform.machine()


def measure(threads: int, rounds: int, slow_rounds: int, vae: bool) -> dict[str, Any]:
    """Everything, in one process. "measuring" is printed when the U-Net is built."""
    import torch

    torch.set_num_threads(threads)
    load_before = os.getloadavg()[0]
    with full_bundle() as (weights, trained256):
        calls = our_calls(weights, threads) | {FIVE: five_dollar()}
        draw, forms = stable_diffusion()
        form = min(forms, key=lambda name: forms[name])
        calls[SD] = draw
        if vae:
            calls[VAE] = decoder(form)
        figures = round_robin(calls, rounds, slow_rounds)
    return {
        "date": time.strftime("%Y-%m-%d"),
        "machine": f"{processor()}, {os.cpu_count()} cores",
        "versions": f"Python {platform.python_version()}, torch {torch.__version__}, {DIFFUSERS}",
        "threads": threads,
        "load": [round(load_before, 1), round(os.getloadavg()[0], 1)],
        "level256": "released" if trained256 else "random weights of the preset small",
        "unet_call": {name: round(seconds, 3) for name, seconds in forms.items()},
        "unet_form": form,
        "figures": {name: {k: round(v, 4) for k, v in row.items()} for name, row in figures.items()},
    }


def page(f: dict[str, Any]) -> str:
    """peers_speed.md from peers_speed.json."""
    figures = f["figures"]
    lines = [
        "# Seconds a picture, beside two peers",
        "",
        "Written by `benchmarks/peers_speed.py` from `benchmarks/peers_speed.json`; nothing here is typed in by hand.",
        f"{f['machine']}, {f['threads']} threads, {f['versions']}, {f['date']}; load of the machine {f['load'][0]} before, "
        f"{f['load'][1]} after.",
        "",
        "| what | seconds, median | least to most | CPU seconds | asked | SD-1.5 takes |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    for name, row in figures.items():
        goal = f"≤ {GOALS[name]}" if name in GOALS else ""
        ratio = "" if name in (SD, VAE) else f"{figures[SD]['seconds'] / row['seconds']:.0f} times"
        label = f"ours, {name}" if name in OURS else name
        spread = f"{row['least']:.3f} to {row['most']:.3f}"
        lines.append(f"| {label} | {row['seconds']:.3f} | {spread} | {row['cpu']:.2f} | {goal} | {ratio} |")
    times = figures[SD]["seconds"] / figures["64x64"]["seconds"]
    calls = ", ".join(f"{k} {v:.1f}" for k, v in f["unet_call"].items())
    five = figures["64x64"]["seconds"] / figures[FIVE]["seconds"]
    lines += [
        "",
        f"A 64x64 sprite takes {times:.0f} times less than the four steps of the SD-1.5 U-Net alone (asked: {GOAL_RATIO}), and "
        f"{five:.0f} times as long as a Five-Dollar-style decoder, which draws 32x32 and enlarges.",
        "",
        "Ours is the whole call, from words to finished sprites: eight first-level candidates ranked by the encoder, two or three",
        f"levels, colours and, where the weights hold one, the region mask. Level 256: {f['level256']}.",
        f"Of Stable Diffusion only the U-Net counts, run as {f['unet_form']} (CPU seconds of one call: {calls}); it draws 512x512,",
        "which is its native size, and still has to be decoded and snapped to pixels. Peers have random weights.",
    ]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Measure, write the figures and the page."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--slow-rounds", type=int, default=3, help="rounds of the U-Net")
    parser.add_argument("--vae", action="store_true", help="time SD-1.5's image decoder too")
    parser.add_argument("--page", action="store_true", help="only write the page anew")
    options = parser.parse_args()
    if not options.page:
        try:
            import diffusers  # noqa: F401
        except ImportError:
            sys.exit(f"diffusers is missing; run: python -m venv PEERS && PEERS/bin/pip install -e . {DIFFUSERS}")
        found = measure(options.threads, options.rounds, options.slow_rounds, options.vae)
        JSON.write_text(json.dumps(found, indent=2) + "\n")
    PAGE.write_text(page(json.loads(JSON.read_text())))
    print(PAGE.read_text())


if __name__ == "__main__":
    main()
