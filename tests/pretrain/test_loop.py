"""The loop learns, stops and goes on as if it had not stopped, and says what is wrong."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from safetensors import SafetensorError, safe_open
from transformers import BertConfig, BertForMaskedLM

from robust.errors import UserError
from robust.pretrain.checkpoints import checkpoint_path, checkpoints, read_rows
from robust.pretrain.loop import PretrainSettings, Step, pretrain
from robust.pretrain.masking import Alphabet
from robust.pretrain.objectives.base import Objective, ObjectiveOutput, Ratio
from robust.pretrain.objectives.mask_proposal import MaskProposal
from robust.pretrain.objectives.masked_lm import MaskedLM
from robust.pretrain.packing import PackReader, pack
from robust.pretrain.recorded import check_recordable
from robust.pretrain.vocabulary import train_vocabulary
from tests.pretrain.corpus import made_documents

SETTINGS = PretrainSettings(lr=3e-3, batch=8, steps=12, warmup=0.2, checkpoint_every=5, peak=1e12)
DOCUMENTS = made_documents(30)


@pytest.fixture(scope="module")
def tokenizer() -> Any:
    return train_vocabulary(DOCUMENTS, "wordpiece", 150)


@pytest.fixture(scope="module")
def windows(tokenizer: Any, tmp_path_factory: pytest.TempPathFactory) -> PackReader:
    return PackReader(pack(DOCUMENTS, tokenizer, tmp_path_factory.mktemp("pack") / "pack", length=24))


def fresh(tokenizer: Any) -> MaskedLM:
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=150,
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=32,
    )
    return MaskedLM(BertForMaskedLM(config), Alphabet.of(tokenizer))


class Clock:
    """A clock of ours, which no busy machine hurries: a hundredth of a second passes with every look."""

    now = 0.0

    def __call__(self) -> float:
        self.now += 0.01
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr("robust.pretrain.loop.time", SimpleNamespace(monotonic=made))
    return made


def losses(rows: list[dict[str, float]]) -> list[float]:
    return [row["loss"] for row in rows]


class Stopped(Exception):
    """What a test stops a run with."""


def stop_at(number: int) -> Any:
    def report(step: Step) -> None:
        if step.number == number:
            raise Stopped

    return report


def test_a_run_that_was_stopped_goes_on_with_the_same_losses(
    tokenizer: Any, windows: PackReader, tmp_path: Path
) -> None:
    whole, stopped = tmp_path / "whole", tmp_path / "stopped"
    model = fresh(tokenizer)
    rows = pretrain(model, windows, SETTINGS, folder=whole)
    with pytest.raises(Stopped):
        pretrain(fresh(tokenizer), windows, SETTINGS, folder=stopped, report=stop_at(8))
    resumed = fresh(tokenizer)
    seen: list[int] = []
    again = pretrain(resumed, windows, SETTINGS, folder=stopped, report=lambda s: seen.append(s.number))
    assert seen == list(range(6, 13))
    assert losses(again) == losses(rows)
    assert [row["step"] for row in again] == list(range(1, 13))
    assert all(
        torch.equal(a, b)
        for a, b in zip(model.state_dict().values(), resumed.state_dict().values(), strict=True)
    )


def test_the_loss_falls_and_the_rate_warms_up_and_falls(
    tokenizer: Any, windows: PackReader, tmp_path: Path
) -> None:
    steps: list[Step] = []
    settings = replace(SETTINGS, steps=60)
    rows = pretrain(fresh(tokenizer), windows, settings, folder=tmp_path, report=steps.append)
    assert sum(losses(rows)[-10:]) < 0.97 * sum(losses(rows)[:10])
    rates = [step.rate for step in steps]
    assert rates[0] == 0.0
    assert max(rates) == pytest.approx(3e-3)
    assert rates.index(max(rates)) == 12
    assert rates[-1] < 0.1 * max(rates)
    assert {"loss", "step", "rate", "seconds", "accuracy"} <= rows[-1].keys()


class NextToken(Objective):
    """An objective without chance: what parts of a batch come to can be compared with the batch."""

    name = "next"

    def __init__(self, width: int = 8) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.embed = torch.nn.Embedding(150, width)
        self.out = torch.nn.Linear(width, 150)

    def draw(self, windows: torch.Tensor, random: torch.Generator) -> tuple[torch.Tensor, ...]:
        return (windows,)

    def forward(self, *drawn: torch.Tensor) -> ObjectiveOutput:
        (windows,) = drawn
        logits = self.out(self.embed(windows[:, :-1]))
        loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), windows[:, 1:].flatten())
        return ObjectiveOutput(loss, {"highest": logits.detach().max()})

    def models(self) -> dict[str, Any]:
        return {}


def test_parts_of_a_batch_make_the_batch(windows: PackReader, tmp_path: Path) -> None:
    whole = pretrain(NextToken(), windows, SETTINGS, folder=tmp_path / "whole")
    # 8 windows in 3 parts: 3, 3 and 2
    parts = pretrain(NextToken(), windows, replace(SETTINGS, accumulate=3), folder=tmp_path / "parts")
    assert losses(parts) == pytest.approx(losses(whole), rel=1e-5)
    assert whole[0]["loss"] == pytest.approx(torch.log(torch.tensor(150.0)).item(), abs=0.5)


def test_every_part_has_masks_of_its_own(tokenizer: Any, windows: PackReader, tmp_path: Path) -> None:
    drawn: list[int] = []

    class Watched(MaskedLM):
        def draw(self, windows: torch.Tensor, random: torch.Generator) -> tuple[torch.Tensor, ...]:
            drawn.append(random.initial_seed())
            return super().draw(windows, random)

    model = Watched(fresh(tokenizer).model, Alphabet.of(tokenizer))
    pretrain(model, windows, replace(SETTINGS, steps=3, accumulate=4), folder=tmp_path)
    assert len(drawn) >= 12
    assert len(set(drawn)) == len(drawn)


def test_a_step_is_recorded_on_cuda_only_and_without_dropout(
    tokenizer: Any, windows: PackReader, tmp_path: Path
) -> None:
    with pytest.raises(UserError, match=r"--cuda-graph: the device is cpu; expected cuda"):
        pretrain(fresh(tokenizer), windows, replace(SETTINGS, cuda_graph=True), folder=tmp_path)
    cuda = torch.device("cuda")
    with pytest.raises(UserError, match=r"a dropout of 0\.1 is drawn anew each step; add --dropout 0"):
        check_recordable(cuda, 1, [0.0, 0.1], ahead=True)
    with pytest.raises(UserError, match=r"masks depend on its weights"):
        check_recordable(cuda, 1, [], ahead=MaskProposal.ahead)
    with pytest.raises(UserError, match=r"2 processes exchange gradients"):
        check_recordable(cuda, 2, [], ahead=True)
    check_recordable(cuda, 1, [0.0], ahead=MaskedLM.ahead)


def test_the_clock_ends_a_run_with_a_budget(
    tokenizer: Any, windows: PackReader, tmp_path: Path, clock: Clock
) -> None:
    settings = replace(SETTINGS, budget=0.6, steps=10**9)
    rows = pretrain(fresh(tokenizer), windows, settings, folder=tmp_path)
    assert rows[-2]["seconds"] < 0.6
    assert clock.now < 0.7
    assert checkpoints(tmp_path)[-1] == checkpoint_path(tmp_path, len(rows))


def test_another_setting_is_named_when_a_run_is_to_go_on(
    tokenizer: Any, windows: PackReader, tmp_path: Path
) -> None:
    pretrain(fresh(tokenizer), windows, SETTINGS, folder=tmp_path)
    other = replace(SETTINGS, lr=1e-3, checkpoint_every=3, keep=1)  # of these only the rate matters
    with pytest.raises(UserError, match=r"other settings or data \(lr: 0\.003 there, 0\.001 here\)"):
        pretrain(fresh(tokenizer), windows, other, folder=tmp_path)


def test_a_loss_that_is_no_number_stops_the_run_and_keeps_the_last_state(
    tokenizer: Any, windows: PackReader, tmp_path: Path
) -> None:
    model = fresh(tokenizer)

    def poison(step: Step) -> None:
        if step.number == 6:
            with torch.no_grad():
                next(model.parameters()).fill_(float("nan"))

    with pytest.raises(UserError, match=r"the loss became nan at step 7 .*step-0000005\.safetensors is kept"):
        pretrain(model, windows, SETTINGS, folder=tmp_path, report=poison)
    assert losses(pretrain(fresh(tokenizer), windows, SETTINGS, folder=tmp_path))[5] > 0


def test_a_gradient_that_is_no_number_stops_the_run_too(windows: PackReader, tmp_path: Path) -> None:
    class Steep(NextToken):
        def forward(self, *drawn: torch.Tensor) -> ObjectiveOutput:
            outcome = super().forward(*drawn)
            # worth nothing, but the slope of a root at zero is infinite
            return ObjectiveOutput(outcome.loss + (self.out.bias[:1] * 0).sqrt().sum(), outcome.figures)

    with pytest.raises(UserError, match=r"the gradient became nan at step 1 .* there is no checkpoint yet"):
        pretrain(Steep(), windows, SETTINGS, folder=tmp_path)


def test_the_last_checkpoints_are_kept_and_a_broken_one_is_passed_over(
    windows: PackReader, tmp_path: Path
) -> None:
    settings = replace(SETTINGS, steps=9, checkpoint_every=2)
    rows = pretrain(NextToken(), windows, settings, folder=tmp_path)
    assert checkpoints(tmp_path) == [checkpoint_path(tmp_path, 8), checkpoint_path(tmp_path, 9)]
    newest = checkpoint_path(tmp_path, 9)
    newest.write_bytes(newest.read_bytes()[:-100])
    lines: list[str] = []
    again = pretrain(NextToken(), windows, settings, folder=tmp_path, notice=lines.append)
    assert lines == [f"{newest}: broken, going on from the checkpoint before it"]
    assert losses(again) == losses(rows)
    assert read_rows(newest) == again
    for path in checkpoints(tmp_path):
        path.write_bytes(b"cut")
    with pytest.raises(
        UserError, match=r"step-0000008\.safetensors: broken, and no whole checkpoint before it"
    ):
        pretrain(NextToken(), windows, settings, folder=tmp_path)


def test_a_full_disk_is_said_and_the_last_checkpoint_stays(
    windows: PackReader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    failures = (
        OSError(28, "No space left on device"),
        SafetensorError("Error while serializing: I/O error: No space left on device (os error 28)"),
    )
    settings = replace(SETTINGS, checkpoint_every=2)
    with pytest.raises(Stopped):
        pretrain(NextToken(), windows, settings, folder=tmp_path, report=stop_at(3))
    for failure in failures:

        def full(tensors: Any, path: Path, metadata: Any, failure: Exception = failure) -> None:
            path.write_bytes(b"half of it")
            raise failure

        with monkeypatch.context() as patched:
            patched.setattr("robust.training.state.save_file", full)
            with pytest.raises(UserError, match=r"step-0000004.*No space left on device\); free space"):
                pretrain(NextToken(), windows, settings, folder=tmp_path)
    assert [path.name for path in (tmp_path / "checkpoints").iterdir()] == ["step-0000002.safetensors"]
    assert len(pretrain(NextToken(), windows, settings, folder=tmp_path)) == 12


def test_a_run_by_the_clock_goes_on_from_the_time_of_its_checkpoint(
    windows: PackReader, tmp_path: Path, clock: Clock
) -> None:
    settings = replace(SETTINGS, budget=0.8, checkpoint_every=1)
    seen: list[Step] = []

    def halfway(step: Step) -> None:
        seen.append(step)
        if step.progress > 0.5:
            raise Stopped

    with pytest.raises(Stopped):
        pretrain(NextToken(), windows, settings, folder=tmp_path, report=halfway)
    clock.now += 1000
    before = len(seen)
    pretrain(NextToken(), windows, settings, folder=tmp_path, report=seen.append)
    progress = [step.progress for step in seen[before:]]
    assert 0.4 < progress[0] < 0.6
    assert 0.9 < progress[-1] < 1
    assert seen[before].rate < max(step.rate for step in seen)  # the schedule goes on too


def test_tied_weights_are_stored_once(tokenizer: Any, windows: PackReader, tmp_path: Path) -> None:
    model = fresh(tokenizer)
    pretrain(model, windows, replace(SETTINGS, steps=1), folder=tmp_path)
    with safe_open(checkpoint_path(tmp_path, 1), framework="pt") as stored:
        shapes = [stored.get_tensor(name).shape for name in stored.keys() if name.startswith("model.")]  # noqa: SIM118
    assert shapes.count((150, 16)) == 1
    weights = model.state_dict()
    assert sum(weight.shape == (150, 16) for weight in weights.values()) == 2


def test_a_step_says_what_it_cost(windows: PackReader, tmp_path: Path) -> None:
    seen: list[Step] = []
    rows = pretrain(NextToken(), windows, SETTINGS, folder=tmp_path, report=seen.append)
    last = seen[-1]
    assert last.tokens == 12 * 8 * 24
    # a linear layer of 8 x 150 over 23 tokens: forward, and back to input and weight
    assert last.flops == 12 * 8 * (3 * 2 * 8 * 150 * 23)
    assert last.flops_per_second == pytest.approx(last.flops / last.seconds)
    assert last.utilisation == pytest.approx(last.flops_per_second / 1e12)
    assert last.tokens_per_second == pytest.approx(last.tokens / last.seconds)
    assert rows[-1] == last.row()
    assert {"step": 12, "highest": last.figures["highest"]}.items() <= last.row().items()


def test_the_step_is_torch_own_adamw_in_float64(windows: PackReader, tmp_path: Path) -> None:
    settings = replace(SETTINGS, warmup=0.0, clip=1e9)
    model = NextToken()
    pretrain(model, windows, settings, folder=tmp_path)
    plain = NextToken().double()
    decayed = [plain.embed.weight, plain.out.weight]
    groups = [{"params": decayed, "weight_decay": 0.01}, {"params": [plain.out.bias], "weight_decay": 0.0}]
    optimiser = torch.optim.AdamW(groups, betas=(0.9, 0.999), eps=1e-6, fused=False, foreach=False)
    for step in range(12):
        for group in optimiser.param_groups:
            group["lr"] = 3e-3 * (1 - step / 12)
        plain(torch.from_numpy(windows.batch(step, 8, 0))).loss.backward()
        optimiser.step()
        optimiser.zero_grad()
    for ours, theirs in zip(model.parameters(), plain.parameters(), strict=True):
        assert torch.allclose(ours.double(), theirs, atol=1e-5)


def test_the_encoder_is_compiled_where_asked(
    tokenizer: Any, windows: PackReader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compiled: list[torch.nn.Module] = []

    def noted(module: torch.nn.Module) -> None:
        compiled.append(module)

    monkeypatch.setattr(torch.nn.Module, "compile", noted)
    model = fresh(tokenizer)
    pretrain(model, windows, replace(SETTINGS, steps=1), folder=tmp_path)
    assert compiled == []
    asked = replace(SETTINGS, steps=1, compile=True)
    with pytest.raises(UserError, match=r"compile: False there, True here"):  # dropout differs
        pretrain(model, windows, asked, folder=tmp_path)
    pretrain(model, windows, asked, folder=tmp_path / "compiled")
    assert compiled == [model.model.bert]


def test_half_precision_computes_in_bfloat16_and_keeps_weights_in_float32(
    tokenizer: Any, windows: PackReader, tmp_path: Path
) -> None:
    kinds: list[torch.dtype] = []
    model = fresh(tokenizer)
    model.model.bert.encoder.layer[0].intermediate.dense.register_forward_hook(
        lambda module, given, result: kinds.append(result.dtype)
    )
    settings = replace(SETTINGS, dtype="bfloat16")
    rows = pretrain(model, windows, settings, folder=tmp_path / "half")
    full = pretrain(fresh(tokenizer), windows, SETTINGS, folder=tmp_path / "full")
    assert kinds[-1] == torch.bfloat16
    assert {parameter.dtype for parameter in model.parameters()} == {torch.float32}
    assert losses(rows) == pytest.approx(losses(full), rel=0.02)


@pytest.mark.parametrize(
    ("change", "line"),
    [
        ({"dtype": "float16"}, "--dtype float16: expected float32 or bfloat16"),
        ({"keep": 0}, "--keep-checkpoints 0: expected a whole number of at least 1"),
        ({"checkpoint_every": 0}, "--checkpoint-every 0: expected a whole number of at least 1"),
    ],
)
def test_settings_that_cannot_be_are_refused(change: dict[str, Any], line: str) -> None:
    with pytest.raises(UserError, match=line):
        PretrainSettings(**change)


def test_ctrl_c_between_steps_loses_none(tokenizer: Any, windows: PackReader, tmp_path: Path) -> None:
    def interrupt(step: Step) -> None:
        if step.number == 3:
            raise KeyboardInterrupt

    settings = replace(SETTINGS, checkpoint_every=100)
    with pytest.raises(KeyboardInterrupt):
        pretrain(fresh(tokenizer), windows, settings, folder=tmp_path, report=interrupt)
    assert [path.name for path in checkpoints(tmp_path)] == ["step-0000003.safetensors"]
    seen: list[int] = []
    pretrain(fresh(tokenizer), windows, settings, folder=tmp_path, report=lambda s: seen.append(s.number))
    assert seen[0] == 4


def test_what_a_killed_write_left_is_swept_away(tokenizer: Any, windows: PackReader, tmp_path: Path) -> None:
    left = tmp_path / "checkpoints" / ".step-0000005.safetensors.99.tmp"
    left.parent.mkdir()
    left.write_bytes(b"half")
    pretrain(fresh(tokenizer), windows, SETTINGS, folder=tmp_path)
    assert not left.exists()


class Counting(Objective):
    """Asks about the tokens below 20: parts of a batch differ in how many these are."""

    name = "counting"

    def __init__(self) -> None:
        super().__init__()
        self.weight = torch.nn.Parameter(torch.zeros(1))
        self.stage = 1

    @property
    def phase(self) -> int:
        return self.stage

    def begin(self, progress: float) -> None:
        self.stage = 1 if progress < 0.5 else 2

    def draw(self, windows: torch.Tensor, random: torch.Generator) -> tuple[torch.Tensor, ...]:
        return (windows,)

    def forward(self, *drawn: torch.Tensor) -> ObjectiveOutput:
        (windows,) = drawn
        asked, even = windows < 20, windows % 2 == 0
        work = torch.ones(8, 8 * self.stage)
        loss = (self.weight * work.T @ work).sum()
        return ObjectiveOutput(loss, {"even": Ratio((asked & even).sum(), asked.sum())})

    def models(self) -> dict[str, Any]:
        return {}


def test_a_share_is_that_of_the_whole_step_in_however_many_parts(windows: PackReader, tmp_path: Path) -> None:
    settings = replace(SETTINGS, steps=2)
    one = pretrain(Counting(), windows, settings, folder=tmp_path / "one")
    eight = pretrain(Counting(), windows, replace(settings, accumulate=8), folder=tmp_path / "eight")
    batch = windows.batch(0, settings.batch, settings.seed)
    asked = batch[batch < 20]
    assert one[0]["even"] == pytest.approx((asked % 2 == 0).mean())
    assert [row["even"] for row in eight] == pytest.approx([row["even"] for row in one])


def test_flops_follow_the_phase_of_the_objective(windows: PackReader, tmp_path: Path) -> None:
    rows = pretrain(Counting(), windows, replace(SETTINGS, steps=4), folder=tmp_path)
    totals = [0.0, *(row["flops"] for row in rows)]
    first, second, third, fourth = (after - before for before, after in pairwise(totals))
    assert first == second > 0
    assert third == fourth == pytest.approx(4 * first)
