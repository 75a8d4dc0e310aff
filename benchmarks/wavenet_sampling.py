"""How fast a WaveNet writes: sixteen clips at once, and against running its whole reach again.

    python -m benchmarks.wavenet_sampling [--seconds 30] [--json FILE]

*One by one* writes a single row with the same cached step. The naive way runs the network over
all samples that it looks back on for every new one (its receptive field), sixteen rows at once.
At last our cost of a sample is measured along 20 seconds of sound.
"""

from __future__ import annotations

import time

import torch

from benchmarks.turns import Step, asked, machine, report, take_turns, write
from studio.engine.runtime import prepare_process
from studio.families.audio.wavenet_networks import WaveNet
from studio.families.audio.wavenet_recipe import WaveNetRecipe
from studio.families.audio.wavenet_sampling import AT_ONCE, Writing, chosen, write_on
from studio.families.layers.choosing import Manner, uniform

QUICK = WaveNetRecipe()
CACHED, NAIVE = 400, 4  # samples of a step of a contest
CPU = torch.device("cpu")


def network() -> WaveNet:
    """Return the network of the preset Quick, not taught."""
    made = WaveNet(QUICK.width, QUICK.skip, QUICK.layers, QUICK.stacks)
    return made.eval().requires_grad_(False)


def cached(rows: int) -> Step:
    """Return what writes `CACHED` samples of so many rows with rings."""
    writing = Writing(net := network(), torch.full((rows, net.reach + 2), 128), None, Manner())
    draws = uniform(range(rows), CACHED, CPU).t().contiguous().unbind(0)

    @torch.inference_mode()
    def step() -> None:
        for draw in draws:
            writing.step(draw)

    return step


def naive(rows: int) -> Step:
    """Return what writes `NAIVE` samples by running the whole reach for each."""
    net = network()
    draws = uniform(range(rows), NAIVE, CPU).t().contiguous().unbind(0)

    @torch.inference_mode()
    def step() -> None:
        codes = torch.full((rows, net.reach + 1), 128)
        for draw in draws:
            code = chosen(net(codes, 1)[0].float(), draw, Manner())
            codes = torch.cat((codes[:, 1:], code[:, None]), dim=1)

    return step


def along(samples: int) -> list[float]:
    """Return the microseconds that a sample costs in each eighth of a long sound."""
    net = network()
    moments: list[tuple[int, float]] = [(0, time.perf_counter())]
    write_on(
        net,
        torch.full((1, net.reach + 2), 128),
        uniform([0], samples, CPU),
        Manner(),
        said=lambda done: moments.append((done, time.perf_counter())),
    )
    parts = []
    for eighth in range(8):
        inside = [
            m for m in moments if eighth * samples // 8 <= m[0] <= (eighth + 1) * samples // 8
        ]
        (first, begin), (last, end) = inside[0], inside[-1]
        parts.append(1e6 * (end - begin) / (last - first))
    return parts


def main() -> None:
    """Run the contests."""
    arguments = asked(__doc__, ["cached", "naive"])
    prepare_process()
    torch.set_num_threads(1)  # as write_on does: sharing out small products costs more
    print(f"{machine()}; {QUICK.layers} × {QUICK.stacks} layers of {QUICK.width}")
    results: dict[str, object] = {"machine": machine()}
    one, many, slow = cached(1), cached(AT_ONCE), naive(AT_ONCE)
    ways = {"one by one": one, f"{AT_ONCE} at once": many, "naive": slow}
    times = take_turns(ways, arguments.seconds)
    # seconds for a sample of one clip
    times["one by one"] = [each / CACHED for each in times["one by one"]]
    times[f"{AT_ONCE} at once"] = [each / CACHED / AT_ONCE for each in times[f"{AT_ONCE} at once"]]
    times["naive"] = [each / NAIVE / AT_ONCE for each in times["naive"]]
    compared = {
        "at once against one by one": ("one by one", f"{AT_ONCE} at once"),
        "cached against naive": ("naive", f"{AT_ONCE} at once"),
    }
    results["sampling"] = report("A sample of one clip", times, compared, 1, "samples")
    results["along"] = parts = along(20 * 8000)
    print("µs per sample along 20 s at 8 kHz:", " ".join(f"{part:.0f}" for part in parts))
    write(arguments.json, results)


if __name__ == "__main__":
    main()
