"""How fast a GPT's training step is, against transformers' GPT-2 and a plain loop.

    python -m benchmarks.writer_step [--seconds 60] [--json FILE]

All have the Quick preset's shape and batch (4 layers, 4 heads, 128 numbers, 128 tokens, batch 32)
and an alphabet of 65 characters, and take turns within one process on the same tokens. transformers
runs `GPT2LMHeadModel` with SDPA attention and torch's AdamW; the plain loop is a GPT as one writes
it after nanoGPT: LayerNorm, GELU, learned places, SDPA, AdamW, clipped gradients.

*As shipped* is fp32 for them, and for us the precision that a run measures at its start. *Tuned*
gives both peers our choice of precision and the fused optimiser. Our step holds what belongs to it
in a run: Muon, the warm-up, and the average of the weights.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional
from transformers import GPT2Config, GPT2LMHeadModel

from benchmarks.turns import (
    BF16,
    FP32,
    Step,
    asked,
    described,
    fastest,
    machine,
    report,
    take_turns,
    write,
)
from studio.core.media import Modality
from studio.core.recipe import DataSpec
from studio.engine.averaging import Averaging
from studio.engine.runtime import prepare_process
from studio.families.batch import Batch
from studio.families.compute import Compute
from studio.families.text.gpt import GPT
from studio.families.text.gpt_recipe import GPTRecipe

BATCH, LENGTH, WIDTH, DEPTH, HEADS, ALPHABET = 32, 128, 128, 4, 4, 65


def tokens() -> Tensor:
    """Return the same random rows (B, T + 1) for everybody."""
    generator = torch.Generator().manual_seed(0)
    return torch.randint(4, ALPHABET, (BATCH, LENGTH + 1), generator=generator)


def studio(compute: Compute) -> Step:
    """Return our step."""
    family = GPT(GPTRecipe(batch_size=BATCH), compute)
    family.setup(DataSpec(modality=Modality.TEXT, shape=(LENGTH + 1,), vocabulary=ALPHABET))
    averaging = Averaging(family, 0.1)
    batch = Batch(tokens())
    done = 0

    def step() -> None:
        nonlocal done
        family.step = done = done + 1
        family.train_step(batch)
        averaging.update(done)

    return step


def transformers(compute: Compute, fused: bool = True) -> Step:
    """Return the step of transformers' GPT-2."""
    config = GPT2Config(
        vocab_size=ALPHABET,
        n_positions=LENGTH,
        n_embd=WIDTH,
        n_layer=DEPTH,
        n_head=HEADS,
        resid_pdrop=0.0,
        embd_pdrop=0.0,
        attn_pdrop=0.0,
        bos_token_id=1,
        eos_token_id=1,
        attn_implementation="sdpa",
    )
    model = GPT2LMHeadModel(config)
    optimiser = torch.optim.AdamW(model.parameters(), 3e-3, fused=fused)
    rows = tokens()[:, :-1]

    def step() -> None:
        with compute.precision():
            loss = model(input_ids=rows, labels=rows).loss
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()

    return step


class PlainBlock(nn.Module):
    """A block as in GPT-2."""

    def __init__(self) -> None:
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
        self.qkv, self.out = nn.Linear(WIDTH, 3 * WIDTH), nn.Linear(WIDTH, WIDTH)
        self.up, self.down = nn.Linear(WIDTH, 4 * WIDTH), nn.Linear(4 * WIDTH, WIDTH)

    def forward(self, x: Tensor) -> Tensor:
        size = (len(x), LENGTH, HEADS, WIDTH // HEADS)
        q, k, v = (part.view(size).transpose(1, 2) for part in self.qkv(self.norm1(x)).chunk(3, 2))
        found = functional.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.out(found.transpose(1, 2).reshape(x.shape))
        return x + self.down(functional.gelu(self.up(self.norm2(x))))


class PlainGPT(nn.Module):
    """A GPT as one writes it."""

    def __init__(self) -> None:
        super().__init__()
        self.words, self.places = nn.Embedding(ALPHABET, WIDTH), nn.Embedding(LENGTH, WIDTH)
        self.blocks = nn.Sequential(*(PlainBlock() for _ in range(DEPTH)))
        self.norm = nn.LayerNorm(WIDTH)

    def forward(self, rows: Tensor) -> Tensor:
        x = self.words(rows) + self.places(torch.arange(LENGTH))
        return functional.linear(self.norm(self.blocks(x)), self.words.weight)


def plain(compute: Compute, fused: bool = True) -> Step:
    """Return the step of a plain loop."""
    model = PlainGPT()
    optimiser = torch.optim.AdamW(model.parameters(), 3e-3, fused=fused)
    rows = tokens()
    before, after = rows[:, :-1], rows[:, 1:]

    def step() -> None:
        with compute.precision():
            scores = model(before)
        loss = functional.cross_entropy(scores.float().flatten(0, 1), after.flatten())
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()

    return step


def main() -> None:
    """Run the contest."""
    arguments = asked(__doc__, ["step"])
    prepare_process()
    print(f"{machine()}; batch {BATCH}, {LENGTH} tokens, {DEPTH} layers of {WIDTH}")
    ways = (FP32[0], BF16[0])
    ours = fastest(studio, ways)
    contestants: dict[str, Step] = {f"studio, as shipped: {described(ours)}": studio(ours)}
    compared: dict[str, tuple[str, str]] = {}
    for name, make in (("transformers' GPT-2", transformers), ("plain loop", plain)):
        tuned = fastest(make, ways)
        shipped, better = f"{name}, fp32", f"{name}, tuned: {described(tuned)}"
        contestants |= {shipped: make(FP32[0], fused=False), better: make(tuned)}
        first = next(iter(contestants))
        compared |= {f"{name}, as shipped": (shipped, first), f"{name}, tuned": (better, first)}
    times = take_turns(contestants, arguments.seconds)
    results = report("A GPT's step", times, compared, BATCH, "passages")
    write(arguments.json, {"machine": machine(), "step": results})


if __name__ == "__main__":
    main()
