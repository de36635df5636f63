"""What a training step costs in floating-point operations, and how much of the machine's peak it reaches.

Counted on a real batch by torch's ``FlopCounterMode``: matrix products only, two operations for each
multiply-add; looking up an embedding counts nothing. Forward and backward pass, nothing for recomputation:
"model FLOPs" (Chowdhery et al. 2022, PaLM, appendix B).
"""

from __future__ import annotations

import copy
import time
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from robust.pretrain.objectives.base import Objective

# Dense bfloat16, operations a second, from NVIDIA's data sheets; the first name that fits is taken.
KNOWN_PEAKS = {
    "H100 PCIe": 756e12,
    "H100 NVL": 835e12,
    "H100": 989e12,
    "H200": 989e12,
    "A100": 312e12,
}


@dataclass(frozen=True, slots=True)
class Peak:
    """The most operations a second that a device can do, and where the number comes from."""

    rate: float
    source: str


def flops_per_window(objective: Objective, windows: Tensor) -> float:
    """Return the operations of one forward and backward pass for each of ``windows`` (windows, length).

    Works on a copy (for the moment the weights take twice the memory, and gradients once more) and leaves the
    random states as they were. Attention is computed by plain products meanwhile: on a CPU the fused kernel
    is not counted.
    """
    probe = copy.deepcopy(objective)
    devices = [probe.device] if probe.device.type == "cuda" else []
    with (
        torch.random.fork_rng(devices),
        sdpa_kernel(SDPBackend.MATH),
        FlopCounterMode(display=False) as counter,
    ):
        torch.autograd.backward(probe.outcome(windows, torch.Generator().manual_seed(0)).loss)
    return float(counter.get_total_flops()) / len(windows)


def peak_flops(device: torch.device, dtype: str) -> Peak:
    """Return the device's peak for ``dtype`` (float32 or bfloat16).

    The data sheet's where the GPU is known and computes in bfloat16; else what a short matrix product reaches
    here, so that a utilisation is then the share of this machine's matmul rate.
    """
    if device.type == "cuda" and dtype == "bfloat16":
        name = torch.cuda.get_device_name(device)
        for part, rate in KNOWN_PEAKS.items():
            if part in name:
                return Peak(rate, f"{name}, dense bfloat16 by its data sheet")
    return Peak(_matmul_rate(device, getattr(torch, dtype)), "this machine's matmul rate")


def _matmul_rate(device: torch.device, dtype: torch.dtype) -> float:
    """Return the best of some products of square matrices in operations a second; takes under a second.

    Sizes double until a product takes a fiftieth of a second: some processors are slow in bfloat16.
    """
    random = torch.Generator().manual_seed(0)
    best = 0.0
    for size in (128, 256, 512, 1024, 2048, 4096, 8192):
        factor = torch.randn(size, size, generator=random).to(device, dtype)
        seconds = min(_seconds(factor) for _ in range(3))
        best = max(best, 2 * size**3 / seconds)
        if seconds > 0.02:
            break
    return best


def _seconds(factor: Tensor) -> float:
    """Return what one product of a matrix with itself takes."""
    _wait(factor.device)
    started = time.perf_counter()
    torch.matmul(factor, factor)
    _wait(factor.device)
    return time.perf_counter() - started


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)
