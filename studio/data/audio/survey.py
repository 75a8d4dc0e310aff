"""What is measured of a recording while it is read once, block by block, and noted of it."""

from __future__ import annotations

import numpy as np

from studio.data.audio.likeness import MOST, SECONDS, Floats, core, perceptual_hash, summary
from studio.data.audio.mel import power

#: Notes on recordings; `NOTES` says each in a sentence.
CLIPPED, QUIET, SHORT, LONG, NOISY = "clipped", "quiet", "short", "long", "noisy"
OFFSET, ONE_BIT, COARSE, SAME = "offset", "two-levels", "8-bit", "same-sides"
CUT, HEADER, REPAIRED, MIXED, SCALED = "cut-off", "header", "repaired", "mixed-down", "scaled"

#: What each note means, for people.
NOTES: dict[str, str] = {
    CLIPPED: "Recorded too loud: the tops of its waves are cut flat.",
    QUIET: "Very quiet: its loudest moment is below 2 % of what fits.",
    SHORT: "Shorter than a tenth of a second.",
    LONG: "Longer than ten minutes.",
    NOISY: "Noise nearly as loud as what is to be heard.",
    OFFSET: "Its waves do not swing around zero (DC offset); this is put right while preparing.",
    ONE_BIT: "Its samples have two levels alone, as one-bit sound has.",
    COARSE: "Samples of 8 bits, which hiss.",
    SAME: "Stereo with the same on both sides.",
    CUT: "Cut off or damaged: it was taken as far as it goes.",
    HEADER: "Its header says something wrong of its length or form; what is there was taken.",
    REPAIRED: "Held numbers that are none (NaN, infinity); there is silence now.",
    MIXED: "Had more than two channels; they were mixed into two.",
    SCALED: "Went beyond full scale; the whole was made softer.",
}

_FULL = 0.99  # of full scale, from which flat tops are clipping
_CLIPPED = 1e-4  # share of the samples
_QUIET, _OFFSET = 0.02, 0.02
_SHORT, _LONG = 0.1, 600.0  # seconds
_NOISE = 15.0  # dB between the softest and the loudest moments
_FLATNESS = 0.25  # of the softest moments' spectrum, from which it is noise: white noise has 0.56
_FINEST = 1 / 250  # seconds of which extremes and level are kept
_FEWEST = 16  # windows, from which loud and soft moments can be told


class Survey:
    """Listens to a recording and remembers what is measured of it.

    Attributes:
        frames: Samples heard so far.
        most: Samples from the beginning that others are compared with.
        lows, highs, powers: Of every 4 ms: the extremes over both channels, and mean square.
    """

    def __init__(self, rate: int) -> None:
        self.rate = rate
        self.frames = 0
        self._size = max(1, round(rate * _FINEST))
        self._parts: list[tuple[Floats, Floats, Floats]] = []
        self._rest = np.zeros((0, 1), np.float32)
        self._sum = 0.0
        self._clipped = 0
        self._same = True
        self._levels: set[float] = set()
        self._few = True
        self._beginning: list[Floats] = []
        self._begun = 0
        self.most = min(MOST, round(SECONDS * rate))

    def add(self, block: Floats) -> None:
        """Listen to the next samples (n, 1 or 2), finite, in -1 … 1."""
        if not len(block):
            return
        self.frames += len(block)
        self._sum += float(block.mean(dtype=np.float64)) * len(block)
        if float(np.abs(block).max()) >= _FULL:
            flat = (block[1:] == block[:-1]) & (np.abs(block[1:]) >= _FULL)
            # four samples at the same level: no wave has so flat a top by itself
            self._clipped += int((flat[2:] & flat[1:-1] & flat[:-2]).any(1).sum())
        if block.shape[1] == 1 or self._same:
            self._same = block.shape[1] == 2 and bool(np.array_equal(block[:, 0], block[:, 1]))
        if self._few:
            for part in (block[:32], block[:4096]):  # most are told by a few samples
                if self._few:
                    self._levels.update(np.unique(part).tolist())
                    self._few = len(self._levels) <= 3
        if self._begun < self.most:
            self._beginning.append(block[: self.most - self._begun].mean(1))
            self._begun += len(self._beginning[-1])
        self._measure(block)

    def _measure(self, block: Floats) -> None:
        table = np.concatenate([self._rest, block]) if len(self._rest) else block
        whole = len(table) - len(table) % self._size
        self._rest = table[whole:].copy()
        if whole:
            self._keep(table[:whole].reshape(-1, self._size, table.shape[1]))

    def _keep(self, windows: Floats) -> None:
        square = np.square(windows).mean(axis=1).max(axis=1)
        self._parts.append((windows.min(axis=(1, 2)), windows.max(axis=(1, 2)), square))

    def finish(self) -> None:
        """Say that the recording is over; what is asked below is known from here on."""
        if len(self._rest):
            self._keep(self._rest[None])
        nothing = np.zeros(0, np.float32)
        parts = zip(*self._parts, strict=True) if self._parts else ([nothing],) * 3
        self.lows, self.highs, self.powers = (np.concatenate(each) for each in parts)
        self._parts = []
        self._sounds = np.concatenate([nothing, *self._beginning])
        self._beginning = []
        self._summary = summary(self._sounds, self.rate)

    # ------------------------------------------------------------------ what is known then

    @property
    def seconds(self) -> float:
        """How long it is."""
        return self.frames / self.rate

    @property
    def peak(self) -> float:
        """The largest sample, 0 … 1."""
        return float(max(-self.lows.min(initial=0.0), self.highs.max(initial=0.0)))

    @property
    def swing(self) -> float:
        """From the lowest to the highest sample, 0 … 2; 0 where nothing changes."""
        return float(self.highs.max() - self.lows.min()) if len(self.lows) else 0.0

    @property
    def perceptual(self) -> int:
        """A hash that is close for recordings that sound alike."""
        return perceptual_hash(self._summary)

    def notes(self) -> tuple[str, ...]:
        """Return words for what is special about it."""
        found = []
        if self._clipped > max(4, _CLIPPED * self.frames):
            found.append(CLIPPED)
        if self.peak < _QUIET:
            found.append(QUIET)
        if self.seconds < _SHORT:
            found.append(SHORT)
        if self.seconds > _LONG:
            found.append(LONG)
        if abs(self._sum / max(1, self.frames)) > _OFFSET:
            found.append(OFFSET)
        if self._few:
            found.append(ONE_BIT)
        elif self._is_noisy():
            found.append(NOISY)
        if self._same:
            found.append(SAME)
        return tuple(found)

    def _is_noisy(self) -> bool:
        """Tell whether the softest moments are near the loudest ones and sound like noise."""
        group = max(1, len(self.powers) * self._size // max(1, round(self.rate * 0.02)))
        if group < _FEWEST:
            return False
        edges = np.arange(group) * len(self.powers) // group
        levels = np.add.reduceat(self.powers, edges)
        soft, loud = np.quantile(levels, (0.1, 0.95))
        if soft <= 0 or 10 * np.log10(loud / soft) > _NOISE:
            return False
        start, end = core(self._sounds, self.rate)
        size = 1 << max(5, round(np.log2(self.rate * 0.02)))
        spectra = power(self._sounds[start:end], size, size, padded=False)
        sums = spectra.sum(1)
        softest = spectra[sums <= np.quantile(sums, 0.2)].mean(0)[2:-2]
        # spectral flatness: geometric over arithmetic mean (Gray and Markel 1974)
        flatness = np.exp(np.log(softest + 1e-20).mean()) / (softest.mean() + 1e-20)
        return bool(flatness > _FLATNESS)
