"""One training step: the gradients of its parts, clipped, and the weights moved by them."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from typing import Any

import torch
from torch import Tensor, nn

from robust.pretrain.draws import Part
from robust.pretrain.objectives.base import Ratio
from robust.pretrain.processes import Forward, Processes


class Compute:
    """What is done with the parts of a step; what it finds stays on the device until ``read``."""

    def __init__(
        self,
        forward: Forward,
        weights: nn.Module,
        optimiser: torch.optim.Optimizer,
        team: Processes,
        *,
        dtype: str,
        clip: float,
    ) -> None:
        self._forward, self._weights, self._optimiser, self._team = forward, weights, optimiser, team
        self._half = dtype == "bfloat16"
        self._clip = clip
        self._names: tuple[str, ...] = ()

    def __call__(self, parts: Sequence[Part]) -> Tensor:
        """Move the weights and return every figure as (part, whole), (figures, 2), on the device.

        They are sums over all parts and processes, the loss among them; the last is the gradient's norm.
        """
        self._optimiser.zero_grad(set_to_none=True)
        sums = self._gradients(parts)
        norm = nn.utils.clip_grad_norm_(self._weights.parameters(), self._clip)
        self._optimiser.step()
        return torch.cat([sums, torch.stack([norm, torch.ones_like(norm)]).unsqueeze(0)])

    def read(self, figures: Tensor) -> dict[str, float]:
        """Return figures of the last step by name; this waits for the device."""
        pairs = figures.tolist()
        return {name: part / max(whole, 1e-9) for name, (part, whole) in zip(self._names, pairs, strict=True)}

    def _gradients(self, parts: Sequence[Part]) -> Tensor:
        """Add the gradients of the parts; return loss and figures."""
        device = self._team.device
        recording = device.type == "cuda" and torch.cuda.is_current_stream_capturing()
        sums: dict[str, Any] = {}
        for place, part in enumerate(parts):
            last = place == len(parts) - 1
            with nullcontext() if last else self._team.alone():
                if not recording:  # which has no dropout
                    torch.manual_seed(part.seed)
                with self._precision():
                    outcome = self._forward(*(tensor.to(device) for tensor in part.drawn))
                # parts are summed, but processes average their gradients
                torch.autograd.backward(outcome.loss * (part.share * self._team.size))
            for name, value in {"loss": outcome.loss.detach(), **outcome.figures}.items():
                found = value if isinstance(value, Ratio) else self._mean(value, part.share)
                sums[name] = sums.get(name, 0.0) + torch.stack([one.float() for one in found])
        self._names = (*sums, "gradient")
        return self._team.total(torch.stack([*sums.values()]))

    def _mean(self, value: Tensor, share: float) -> tuple[Tensor, Tensor]:
        value = value.to(self._team.device)
        return value * share, torch.full((), share, device=value.device)

    def _precision(self) -> Any:
        return torch.autocast(self._team.device.type, torch.bfloat16) if self._half else nullcontext()
