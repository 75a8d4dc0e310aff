"""How fast a GPT writes, against transformers' `generate` with its cache, in turns.

    python -m benchmarks.writer_sampling [--seconds 20] [--json FILE]

Both have 4 layers of 128 numbers and 4 heads, an alphabet of 65 characters and a context of 1,024,
and write 256 tokens from one, by temperature alone, one text at a time and sixteen at once. Then
our cost of a token is measured along a text that fills the context.
"""

from __future__ import annotations

import time
import warnings

import torch
from transformers import GPT2Config, GPT2LMHeadModel

from benchmarks.turns import Step, asked, machine, report, take_turns, write
from studio.engine.runtime import prepare_process
from studio.families.layers.choosing import Manner, uniform
from studio.families.layers.transformer import Transformer
from studio.families.writing_on import Wish, write_on

CONTEXT, LENGTH, WIDTH, DEPTH, HEADS, ALPHABET = 1024, 256, 128, 4, 4, 65


def studio(rows: int) -> Step:
    """Return what writes `rows` texts at once with our network."""
    network = Transformer(ALPHABET, WIDTH, DEPTH, HEADS, CONTEXT).eval()
    begin = torch.ones(rows, 1, dtype=torch.int64)
    wish = Wish(Manner(), LENGTH)

    def step() -> None:
        draws = uniform(range(rows), LENGTH, torch.device("cpu"))
        write_on(network, begin, draws, wish, lambda _tokens, _done: None)

    return step


def transformers(rows: int) -> Step:
    """Return what does so with transformers' GPT-2."""
    config = GPT2Config(
        vocab_size=ALPHABET,
        n_positions=CONTEXT,
        n_embd=WIDTH,
        n_layer=DEPTH,
        n_head=HEADS,
        bos_token_id=1,
        eos_token_id=None,
        pad_token_id=0,
    )
    model = GPT2LMHeadModel(config).eval()
    begin = torch.ones(rows, 1, dtype=torch.int64)

    def step() -> None:
        model.generate(
            begin,
            attention_mask=torch.ones_like(begin),
            do_sample=True,
            top_k=0,
            max_new_tokens=LENGTH,
            min_new_tokens=LENGTH,
            use_cache=True,
        )

    return step


def along() -> list[float]:
    """Return the milliseconds that a token costs in each eighth of a context's length."""
    network = Transformer(ALPHABET, WIDTH, DEPTH, HEADS, CONTEXT).eval()
    length = CONTEXT - 1
    moments = [time.perf_counter()]
    write_on(
        network,
        torch.ones(1, 1, dtype=torch.int64),
        uniform([0], length, torch.device("cpu")),
        Wish(Manner(), length),
        lambda _tokens, _done: moments.append(time.perf_counter()),
    )
    eighth = length // 8
    parts = [(moments[(i + 1) * eighth] - moments[i * eighth]) / eighth for i in range(8)]
    return [1000 * part for part in parts]


def main() -> None:
    """Run the contests."""
    warnings.simplefilter("ignore")
    arguments = asked(__doc__, ["1", "16"])
    prepare_process()
    print(f"{machine()}; {LENGTH} tokens")
    results: dict[str, object] = {"machine": machine()}
    for rows in map(int, arguments.only):
        contestants = {"transformers": transformers(rows), "studio": studio(rows)}
        times = take_turns(contestants, arguments.seconds)
        compared = {"cached writing": ("transformers", "studio")}
        results[str(rows)] = report(f"{rows} at once", times, compared, rows * LENGTH, "tokens")
    along()
    results["along"] = parts = along()
    print("ms per token along the context:", " ".join(f"{part:.2f}" for part in parts))
    write(arguments.json, results)


if __name__ == "__main__":
    main()
