"""The kinds of sound that are made by rule: drums, effects of games, bells, plucked strings, pads.

Each kind is a function of a `Look`: a stream of random numbers, a length, and how bright and how
unusual the sound is to be. `made` finds the kind by name and finishes what it returns.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from studio.data.audio import sounds
from studio.data.audio.sounds import Wave
from studio.data.music.composing.rhythm import euclidean


class Look(NamedTuple):
    """What differs between two sounds of one kind.

    Attributes:
        draw: Where its random numbers come from.
        rate: Samples a second.
        seconds: How long it is.
        bright: 0 dark … 1 as usual … 2 bright.
        wild: How far it strays from the typical sound of its kind: 0 not at all … 1 … 2.
    """

    draw: np.random.Generator
    rate: int
    seconds: float
    bright: float
    wild: float

    @property
    def t(self) -> Wave:
        """The moment of each sample."""
        return sounds.times(self.seconds, self.rate)

    def between(self, low: float, high: float) -> float:
        """Return a number between two others; the middle when nothing may stray.

        Positive numbers are spread evenly by ratio, as pitches and times are heard.
        """
        share = 0.5 + (self.draw.random() - 0.5) * self.wild
        if low > 0:
            return float(low * (high / low) ** share)
        return float(low + (high - low) * share)

    def chance(self, share: float) -> bool:
        """Tell whether something happens that does so with this chance; never for the typical."""
        return bool(self.draw.random() < share * min(self.wild, 1.0))

    def top(self, frequency: float) -> float:
        """Return the highest frequency (Hz) that passes, from the usual one and the brightness."""
        return float(min(frequency * 3 ** (self.bright - 1), 0.49 * self.rate))


def kick(look: Look) -> Wave:
    """A bass drum: a sine that falls to a low tone, with a click."""
    t = look.t
    low, high = look.between(42, 60), look.between(140, 280)
    frequency = low + (high - low) * sounds.decay(t, look.between(0.012, 0.03))
    body = sounds.sine(sounds.phase_of(frequency, len(t), look.rate))
    body *= sounds.decay(t, look.between(0.06, 0.14))
    click = sounds.noise(look.draw, len(t)) * sounds.decay(t, 0.002) * 0.25 * look.bright
    return np.tanh(1.8 * body) + click


def snare(look: Look) -> Wave:
    """A snare drum: two tones of the skin, and the noise of the wires."""
    t = look.t
    tone = look.between(150, 220)
    skin = sum(
        sounds.sine(sounds.phase_of(ratio * tone, len(t), look.rate)) for ratio in (1.0, 1.78)
    ) * sounds.decay(t, look.between(0.02, 0.05))
    wires = sounds.filtered(sounds.noise(look.draw, len(t)), 900, look.top(6000), look.rate)
    return 0.5 * skin + 1.6 * wires * sounds.decay(t, look.between(0.04, 0.1))


def hat(look: Look) -> Wave:
    """A hi-hat: six squares out of tune (as in the TR-808), highs alone; open ones ring on."""
    t = look.t
    base = look.between(36, 46)
    ratios = np.array([2.0, 3.0, 4.16, 5.43, 6.79, 8.21])
    metal = sum(
        np.sign(sounds.sine(sounds.phase_of(7 * base * ratio, len(t), look.rate)))
        for ratio in ratios
    )
    mixed = metal / 6 + 0.5 * sounds.noise(look.draw, len(t))
    highs = sounds.filtered(mixed, 0.3 * look.rate * 0.5, look.top(9000), look.rate, steep=3)
    half = look.between(0.08, 0.16) if look.chance(0.3) else look.between(0.012, 0.03)
    return highs * sounds.decay(t, half)


def drum(look: Look) -> Wave:
    """A tom: a tone that sinks a little while it fades."""
    t = look.t
    pitch = look.between(80, 200)
    frequency = pitch * (1 + 0.6 * sounds.decay(t, 0.03))
    body = sounds.sine(sounds.phase_of(frequency, len(t), look.rate))
    body *= sounds.decay(t, look.between(0.07, 0.16))
    stroke = sounds.filtered(sounds.noise(look.draw, len(t)), 200, look.top(3000), look.rate)
    return body + 0.4 * stroke * sounds.decay(t, 0.008)


def beat(look: Look) -> Wave:
    """A bar of drums: kick, snare and hat, each spread evenly (Euclidean rhythms)."""
    steps = 16 if look.seconds > 1.2 else 8
    length = round(look.seconds * look.rate)
    bar = np.zeros(length)
    kicks = round(look.between(2, 5))
    hats = round(look.between(steps / 2 - 1, steps / 2 + 3))
    snares = {steps // 4, 3 * steps // 4}
    begun = {
        kick: (set(euclidean(kicks, steps)), 1.0),
        snare: (snares | ({steps - 1} if look.chance(0.4) else set()), 0.8),
        hat: (set(euclidean(hats, steps)), 0.45),
    }
    for voice, (places, level) in begun.items():
        one = voice(look._replace(seconds=min(0.3, look.seconds)))
        one = one / max(np.abs(one).max(), 1e-9) * level
        for place in sorted(places):
            first = place * length // steps
            part = one[: length - first]
            bar[first : first + len(part)] += part
    return bar


def coin(look: Look) -> Wave:
    """A coin that is taken: two short high notes, the second one held."""
    t = look.t
    first = look.between(800, 1300)
    change = look.between(0.05, 0.09)
    up = float(look.draw.choice([4, 5, 7])) if look.wild else 5.0
    pitch = np.where(t < change, first, first * sounds.semitones(up))
    wave = sounds.square(sounds.phase_of(pitch, len(t), look.rate), pitch, look.rate)
    after = np.clip(t - change, 0, None)
    return _toned(wave, look, 6000) * sounds.decay(after, look.between(0.05, 0.12))


def jump(look: Look) -> Wave:
    """A jump: a tone that slides up."""
    t = look.t
    low, high = look.between(180, 350), look.between(500, 900)
    pitch = low * (high / low) ** np.clip(t / look.between(0.15, 0.3), 0, 1.2)
    duty = look.between(0.2, 0.5)
    wave = sounds.square(sounds.phase_of(pitch, len(t), look.rate), pitch, look.rate, duty)
    return _toned(wave, look, 3500) * sounds.decay(t, look.between(0.07, 0.14))


def laser(look: Look) -> Wave:
    """A shot: a tone that falls fast."""
    t = look.t
    high, low = look.between(1500, 3200), look.between(120, 350)
    pitch = low + (high - low) * sounds.decay(t, look.between(0.03, 0.07))
    turns = sounds.phase_of(pitch, len(t), look.rate)
    if look.chance(0.5):
        wave = sounds.saw(turns, pitch, look.rate)
    else:
        wave = sounds.square(turns, pitch, look.rate, look.between(0.15, 0.5))
    return _toned(wave, look, 6000) * sounds.decay(t, look.between(0.06, 0.13))


def explosion(look: Look) -> Wave:
    """An explosion: noise whose grain gets coarser, and a rumble below."""
    t = look.t
    grain = look.between(1500, 5000) * sounds.decay(t, look.between(0.1, 0.3)) + 150
    rough = sounds.held_noise(look.draw, grain, len(t), look.rate)
    rumble = sounds.filtered(sounds.noise(look.draw, len(t)), 25, 120, look.rate)
    body = sounds.filtered(rough, 30, look.top(4000), look.rate, steep=1.0)
    shape = np.clip(t / 0.006, 0, 1) * sounds.decay(t, look.between(0.12, 0.25))
    return (body + 3 * rumble) * shape


def hit(look: Look) -> Wave:
    """A blow: a burst of noise over a tone that drops."""
    t = look.t
    pitch = look.between(250, 500) * sounds.decay(t, look.between(0.04, 0.08)) + 50
    body = sounds.saw(sounds.phase_of(pitch, len(t), look.rate), pitch, look.rate)
    burst = sounds.held_noise(look.draw, look.top(4000), len(t), look.rate)
    mixed = body + burst * sounds.decay(t, 0.015)
    return _toned(mixed, look, 4000) * sounds.decay(t, look.between(0.03, 0.07))


def powerup(look: Look) -> Wave:
    """A power-up: the notes of a chord, quickly upwards."""
    t = look.t
    root = look.between(260, 520)
    chord = np.array([0, 4, 7, 12, 16, 19]) if not look.chance(0.4) else np.arange(6) * 5
    place = np.minimum((t / max(look.seconds, 0.1) * 7).astype(int), 5)
    pitch = root * sounds.semitones(chord[place])
    wave = sounds.square(sounds.phase_of(pitch, len(t), look.rate), pitch, look.rate, 0.3)
    wobble = 1 - 0.3 * look.wild * (0.5 + 0.5 * sounds.sine(12 * t))
    return _toned(wave, look, 5000) * wobble * sounds.adsr(t, 0.005, 0.1, 0.7, 0.15)


def blip(look: Look) -> Wave:
    """A choice in a menu: one short note."""
    t = look.t
    pitch = look.between(400, 1100)
    turns = sounds.phase_of(pitch, len(t), look.rate)
    wave = sounds.triangle(turns) if look.chance(0.4) else sounds.square(turns, pitch, look.rate)
    length = look.between(0.04, 0.09)
    return _toned(wave, look, 4000) * np.clip((length - t) / 0.01, 0, 1)


def bell(look: Look) -> Wave:
    """A bell: frequency modulation at a ratio that is no whole number (Chowning 1973)."""
    t = look.t
    ratio = look.between(1.35, 1.45)
    index = 5 * look.bright * sounds.decay(t, look.between(0.15, 0.35))
    wave = sounds.modulated(look.between(300, 900), ratio, index, t)
    return wave * sounds.decay(t, look.between(0.2, 0.45))


def pluck(look: Look) -> Wave:
    """A plucked string: noise that goes round a delay and is smoothed at each turn.

    yₙ = ρ (yₙ₋ₚ + yₙ₋ₚ₋₁) / 2   (Karplus & Strong 1983, equation 2)
    """
    samples = len(look.t)
    period = max(8, round(look.rate / look.between(110, 440)))
    turn = sounds.filtered(sounds.noise(look.draw, period), 0, look.top(5000), look.rate, steep=1.0)
    turn -= turn.mean()
    heard = []
    for _ in range(-(-samples // period)):
        heard.append(turn)
        turn = 0.998 * 0.5 * (turn + np.roll(turn, 1))
    string: Wave = np.concatenate(heard)[:samples]
    return string


def pad(look: Look) -> Wave:
    """A pad: a chord of saws slightly out of tune that swells and fades, behind a filter."""
    t = look.t
    root = look.between(110, 220)
    chord = [0, 7, 12, 15 if look.chance(0.5) else 16]
    wave = np.zeros(len(t))
    for steps in chord:
        for away in (-0.07, 0.0, 0.07):
            pitch = root * float(sounds.semitones(steps + away * (1 + look.draw.random())))
            turns = sounds.phase_of(pitch, len(t), look.rate) + look.draw.random()
            wave += sounds.saw(turns, pitch, look.rate)
    soft = sounds.filtered(wave, 60, look.top(1400), look.rate, steep=1.0)
    swell = look.seconds * 0.3
    return soft * sounds.adsr(t, swell, 0.2, 0.8, swell)


def _toned(wave: Wave, look: Look, top: float) -> Wave:
    return sounds.filtered(wave, 40, look.top(top), look.rate, steep=1.0)


class Kind(NamedTuple):
    """A kind of sound: its rule, what people call it, and the lengths (s) that it usually has."""

    rule: Callable[[Look], Wave]
    words: str
    shortest: float
    longest: float


KINDS: dict[str, Kind] = {
    "coin": Kind(coin, "a coin is taken", 0.25, 0.5),
    "jump": Kind(jump, "a jump", 0.25, 0.45),
    "laser": Kind(laser, "a laser is shot", 0.25, 0.45),
    "explosion": Kind(explosion, "an explosion", 0.6, 1.0),
    "hit": Kind(hit, "a blow", 0.15, 0.35),
    "powerup": Kind(powerup, "a power-up", 0.5, 0.9),
    "blip": Kind(blip, "a choice in a menu", 0.08, 0.15),
    "kick": Kind(kick, "a bass drum", 0.3, 0.5),
    "snare": Kind(snare, "a snare drum", 0.25, 0.45),
    "hat": Kind(hat, "a hi-hat", 0.1, 0.4),
    "drum": Kind(drum, "a tom", 0.35, 0.6),
    "bell": Kind(bell, "a bell", 0.7, 1.0),
    "pluck": Kind(pluck, "a plucked string", 0.6, 1.0),
    "beat": Kind(beat, "a bar of drums", 0.9, 1.0),
    "pad": Kind(pad, "a soft chord", 0.9, 1.0),
}


def usual_seconds(kind: str, seed: int) -> float:
    """Return how long a sound of a kind is where nobody says; a function of the seed."""
    _rule, _words, shortest, longest = KINDS[kind]
    share = np.random.default_rng([seed, 1]).random()
    return float(shortest + (longest - shortest) * share)


def made(
    kind: str,
    seed: int,
    rate: int,
    *,
    seconds: float = 0.0,
    bright: float = 1.0,
    wild: float = 1.0,
) -> npt.NDArray[np.float32]:
    """Return a sound (samples,) in −1 … 1.

    Args:
        kind: One of `KINDS`.
        seed: The same seed makes the same sound.
        rate: Samples a second.
        seconds: Its length; 0 is as long as its kind usually is.
        bright: 0 dark … 1 as usual … 2 bright.
        wild: 0 the typical sound of its kind … 1 as usual … 2 unusual.
    """
    seconds = seconds or usual_seconds(kind, seed)
    look = Look(np.random.default_rng([seed, 0]), rate, seconds, bright, wild)
    return sounds.finished(KINDS[kind].rule(look), rate)
