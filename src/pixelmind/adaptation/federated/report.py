"""The report of a simulated federation: quality of the three ways, what privacy it cost, what travelled."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from pixelmind.adaptation.federated.simulation import Simulation


def report(
    run: Simulation,
    base: list[float],
    losses: dict[str, list[float]],
    curve: list[dict[str, Any]],
    stopped: str,
    seconds: float,
) -> dict[str, Any]:
    """What a simulation found so far, ready for JSON.

    Args:
        base: by client, the loss without an adapter.
        losses: by way, the losses by client now.
        curve: a point a round.
        stopped: why no more rounds are done.
    """
    config = run.config

    def gain(over: list[float]) -> dict[str, float]:
        """How much lower the federation's loss is, mean over clients with its 95 % interval (normal, paired by client)."""
        d = np.array(over) - np.array(losses["federated"])
        half = 1.96 * float(d.std(ddof=1)) / math.sqrt(len(d))
        return {"mean": float(d.mean()), "low": float(d.mean()) - half, "high": float(d.mean()) + half}

    quality: dict[str, Any] = {
        "loss": {"base": float(np.mean(base)), **{way: float(np.mean(v)) for way, v in losses.items()}},
        "gain_over_base": gain(base),
    }
    if "central" in losses:
        central = float(np.mean(base) - np.mean(losses["central"]))
        best_alone = min([float(p["local"]) for p in curve if "local" in p], default=None)
        quality |= {
            "gain_over_local": gain(losses["local"]),
            "local_at_its_best_round": best_alone,
            "share_of_central_gain": quality["gain_over_base"]["mean"] / central if central > 0 else None,
        }
    privacy: dict[str, Any] = {"mechanism": config.privacy}
    if run.account is not None:
        shares = config.privacy == "distributed"
        privacy |= {
            "noise": "Skellam, added in shares before masking" if shares else "Gaussian, by the server",
            "unit": "client (zero-out)",
            "epsilon": run.account.epsilon,
            "epsilon_per_round": run.account.rounds,
            "budget": config.epsilon,
            "delta": config.delta,
            "noise_multiplier": run.multiplier,
            "rounds_of_a_client": max(run.took_part.values()),
        }
    privacy |= {"clients": config.clients, "sampling_rate": config.cohort / config.clients}
    plain_up, plain_all = run.plain.up, run.plain.up + run.plain.down
    return {
        "simulated": True,
        "config": {**asdict(config), "pictures": list(config.pictures), "basis": config.basis and str(config.basis)},
        "weights": run.bundle.id,
        "data": run.store.manifest_hash,
        "styles": sorted({c.style for c in run.clients.values()}),
        "numbers": run.trainer.length,
        "finished": len(curve) > config.rounds,
        "stopped": stopped,
        "quality": quality,
        "privacy": privacy,
        "traffic": {
            "up": run.traffic.up,
            "down": run.traffic.down,
            "plain_up": plain_up,
            "plain_down": run.plain.down,
            "ratio_up": run.traffic.up / plain_up if plain_up else None,
            "ratio": (run.traffic.up + run.traffic.down) / plain_all if plain_all else None,
        },
        "sums": {"secure": config.secure, "numbers_that_differ": run.inexact if config.secure else None},
        "clipped": run.clipped / run.sent if run.sent else 0.0,
        "clip": config.clip if run.clip is None else run.clip.norm,
        "curve": curve,
        "seconds": round(seconds, 1),
    }
