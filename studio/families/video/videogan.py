"""Video GAN: learns what clips show and how they move, each apart, against two critics.

This file is how it learns and how clips are made. Its settings are in `videogan_recipe.py`, the
turns in `families/adversarial.py`, its networks in `videogan_networks.py`, and its texts in
`videogan_info.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from studio.core.family_info import Task
from studio.core.media import Media
from studio.core.recipe import DataSpec
from studio.data.modality import modality_data
from studio.families.adversarial import AdversarialFamily, judged
from studio.families.adversarial_losses import HINGE
from studio.families.base import Losses, SampleRequest, Tick, noise
from studio.families.batch import Batch
from studio.families.video.space_time import as_frames
from studio.families.video.videogan_info import INFO
from studio.families.video.videogan_networks import Animator, Coded, Critics
from studio.families.video.videogan_recipe import PRESETS, VideoGANRecipe, VideoGANSampling

_BATCH = 16  # clips that are made at once
JUDGED = 2  # frames of each clip that the critic of frames sees in a turn
_DRAWN_AGAIN = 4  # frames of each clip that the encoder's codes are drawn of in a step


class VideoGAN(AdversarialFamily[VideoGANRecipe]):
    """A generator against a critic of frames and a critic of clips, and an encoder beside it."""

    info = INFO
    recipe_type = VideoGANRecipe
    presets = PRESETS
    sampling_type = VideoGANSampling
    measured_samples = 64
    generator: Animator
    critic: Critics

    def build(self, spec: DataSpec) -> None:
        """Make generator, critics and their optimisers for clips of `spec.shape`."""
        recipe = self.recipe
        labels = self.label_slots(recipe.conditional)
        self.generator = Animator(recipe.code, recipe.motion, spec.shape, recipe.width, labels)
        self.critic = Critics(spec.shape, recipe.width, labels)
        if not recipe.faithful:
            self.generator.encoder.requires_grad_(False)
        self.add_optimisers(beta2=0.999 if recipe.beta1 else 0.9)

    # ------------------------------------------------------------------------------ learning

    def draws(self, batch: Batch) -> dict[str, Tensor]:
        """Return the noise of the walks, and which frames are looked at."""
        count, length = len(batch), batch.items.shape[2]
        device = batch.items.device
        places = torch.rand(count, 3, length, device=device).argsort(2)
        return {
            "walk": torch.randn(count, length * self.recipe.motion, device=device),
            "real": places[:, 0, :JUDGED],
            "fake": places[:, 1, :JUDGED],
            "again": places[:, 2, :_DRAWN_AGAIN].sort(1).values,
        }

    def critic_loss(self, batch: Batch) -> tuple[Tensor, Losses]:
        """Return how badly both critics tell real from made."""
        with torch.no_grad():
            fake = self._made(batch)
        clips = torch.cat((batch.items.to(fake.dtype), fake))
        places = torch.cat((batch.draws["real"], batch.draws["fake"]))
        labels = None if batch.labels is None else batch.labels.repeat(2)
        frame, clip = self._scores(clips, places, labels)
        (real_frame, fake_frame), (real_clip, fake_clip) = frame.chunk(2), clip.chunk(2)
        loss = HINGE.critic(real_frame, fake_frame) + HINGE.critic(real_clip, fake_clip)
        of_frames = judged(real_frame, fake_frame, HINGE.boundary)
        of_clips = judged(real_clip, fake_clip, HINGE.boundary)
        both = {name: (of_frames[name] + of_clips[name]) / 2 for name in of_frames}
        motion = (of_clips["critic_real"] + of_clips["critic_fake"]) / 2
        return loss, {"loss_critic": loss, "critic_motion": motion} | both

    def generator_loss(self, batch: Batch) -> tuple[Tensor, Losses]:
        """Return how badly made clips pass, and how badly the own clips are drawn again."""
        walked = self._walked(batch.draws["walk"])
        fake = self.generator.drawn(batch.draws["code"], walked, batch.labels)
        frame, clip = self._scores(fake, batch.draws["fake"], batch.labels)
        fooled = HINGE.generator(frame) + self.recipe.clip_weight * HINGE.generator(clip)
        if not self.recipe.faithful:
            return fooled, {"loss_generator": fooled}
        error, coded = self._redrawn(_chosen(batch.items, batch.draws["again"]), batch.labels)
        # what was made of a code is to be read as that code (Chen et al. 2016, InfoGAN)
        seen = self.generator.encode(_chosen(fake.detach(), batch.draws["again"]))
        read = (seen.content.float() - batch.draws["code"]).square().mean()
        apart = _apart(walked, coded.motion.detach(), batch.draws["again"])
        apart = apart + _unlike_drawn(coded.content)
        loss = fooled + self.recipe.faithful * (error + 0.1 * read + 0.1 * apart)
        return loss, {"loss_generator": fooled, "redrawn": error}

    def _made(self, batch: Batch) -> Tensor:
        walked = self._walked(batch.draws["walk"])
        return self.generator.drawn(batch.draws["code"], walked, batch.labels)

    def _walked(self, steps: Tensor) -> Tensor:
        """Return motion codes (B, T, motion) of noise (B, T · motion)."""
        with self.compute.full_precision():  # many small steps, which casting makes longer
            return self.generator.walked(steps)

    def _scores(self, clips: Tensor, places: Tensor, labels: Tensor | None) -> tuple[Tensor, ...]:
        """Return the scores of some frames of each clip and of the clips."""
        frames = as_frames(_chosen(clips, places))
        named = labels.repeat_interleave(places.shape[1]) if labels is not None else None
        return (
            self.critic.of_frames(frames, named).float(),
            self.critic.of_clips(clips, labels).float(),
        )

    def _redrawn(self, clips: Tensor, labels: Tensor | None) -> tuple[Tensor, Coded]:
        """Return E‖G(E(x)) − x‖₁, and the codes E(x) of clips."""
        coded = self.generator.encode(clips)
        drawn = self.generator.drawn(coded.content, coded.motion, labels)
        return functional.l1_loss(drawn.float(), clips.float()), coded

    @torch.no_grad()
    def validate(self, batch: Batch) -> Losses:
        """Measure how many unseen clips the critics take for real, and how they are drawn again."""
        for network in self.networks().values():
            network.eval()
        labels = self.labels_of(batch)
        with self.compute.precision():
            places = torch.arange(batch.items.shape[2], device=batch.items.device)
            scores = self._scores(batch.items, places.expand(len(batch), -1), labels)
            # of both critics, as in training
            passed = [(score > 0).float().mean() for score in scores]
            shown: Losses = {"val_critic_real": torch.stack(passed).mean()}
            if self.recipe.faithful:
                shown["val_redrawn"] = self._redrawn(batch.items, labels)[0]
        return shown

    # ------------------------------------------------------------------------------- making

    def draw(self, seeds: Sequence[int], variety: float, labels: Tensor | None) -> Tensor:
        """Return codes (N, content + T · motion) from N(0, variety²)."""
        return self._codes_of(seeds, variety, self.spec.shape[1])

    def _codes_of(self, seeds: Sequence[int], variety: float, frames: int) -> Tensor:
        """Return codes (N, content + frames · motion) from N(0, variety²)."""
        recipe = self.recipe
        size = (recipe.code + frames * recipe.motion,)
        return variety * noise(seeds, size, self.compute.device)

    def decode(self, codes: Tensor, labels: Tensor | None) -> Tensor:
        """Return clips (N, C, T, H, W) in −1 … 1."""
        self.generator.eval()
        made: Tensor = self.generator(codes, labels)
        return made

    def encode(self, items: Tensor, labels: Tensor | None) -> Tensor:
        """Return what clips show (N, content), to animate it anew."""
        self.generator.eval()
        return self.generator.encode(items).content.float()

    @torch.inference_mode()
    def sample(self, request: SampleRequest, tick: Tick) -> Iterator[Media]:
        """Make clips from seeds, draw own clips again, or animate what they show anew."""
        self.refuse_other_tasks(request)
        asked = request.settings
        wanted = asked.frames if isinstance(asked, VideoGANSampling) else 0
        length = wanted or self.spec.shape[1]
        if request.task is Task.GENERATE:
            asked_labels = self._asked_labels(request)
            facts = self._facts(request.seeds, asked_labels)
            labels = self._tensor(asked_labels)
            yield from self._animated(request, None, length, labels, facts, tick)
            return
        items = self._items(request)
        self.generator.eval()
        with self.compute.precision():
            labels = self._tensor(self._asked_labels(request))
            if self.labelled and labels is None:
                labels = self._guessed(items)
            coded = self.generator.encode(items)
        facts = [{"input": index} for index in range(len(items))]
        if request.task is Task.VARY:
            facts = [{"seed": seed} | fact for seed, fact in zip(request.seeds, facts, strict=True)]
            yield from self._animated(request, coded.content, length, labels, facts, tick)
            return
        data = modality_data(self.spec.modality)
        for start in range(0, len(items), _BATCH):
            part = slice(start, start + _BATCH)
            own = labels[part] if labels is not None else None
            with self.compute.precision():
                drawn = self.generator.drawn(coded.content[part], coded.motion[part], own)
            tick(min(start + _BATCH, len(items)), len(items))
            yield from data.to_media(drawn.float(), facts[part], self.spec)

    def _animated(
        self,
        request: SampleRequest,
        content: Tensor | None,
        length: int,
        labels: Tensor | None,
        facts: list[dict[str, Any]],
        tick: Tick,
    ) -> Iterator[Media]:
        """Yield clips of seeds; with `content` (N, content) they show that."""
        codes = self._codes_of(request.seeds, request.variety, length)
        if content is not None:
            codes = torch.cat((content.float(), codes[:, self.recipe.code :]), dim=1)
        data = modality_data(self.spec.modality)
        for start in range(0, len(codes), _BATCH):
            part = slice(start, start + _BATCH)
            with self.compute.precision():
                clips = self.decode(codes[part], labels[part] if labels is not None else None)
            tick(min(start + _BATCH, len(codes)), len(codes))
            yield from data.to_media(clips.float(), facts[part], self.spec)

    def _guessed(self, clips: Tensor) -> Tensor:
        """Return the labels (N,) with which clips are drawn again best."""
        coded = self.generator.encode(clips)
        errors = []
        for label in range(len(self.spec.labels)):
            labels = torch.full((len(clips),), label, device=clips.device)
            drawn = self.generator.drawn(coded.content, coded.motion, labels)
            errors.append((drawn.float() - clips).abs().flatten(1).mean(1))
        return torch.stack(errors).argmin(0)


def _chosen(clips: Tensor, places: Tensor) -> Tensor:
    """Return some frames of clips (B, C, T, H, W), those at places (B, n): (B, C, n, H, W)."""
    rows = torch.arange(len(clips), device=clips.device)[:, None]
    return clips.transpose(1, 2)[rows, places].transpose(1, 2)


def _apart(walked: Tensor, seen: Tensor, places: Tensor) -> Tensor:
    """Return how far a walk's codes are from those of real clips: their means, how far they are
    spread, and how far they go from one frame to another, squared.

    A walk that keeps to where no real motion is draws frames that stand still.

    Args:
        walked: (B, T, motion).
        seen: (B, n, motion), of real clips at `places` (B, n).
    """
    rows = torch.arange(len(walked), device=walked.device)[:, None]
    walked, seen = walked[rows, places].float(), seen.float()
    gaps = [
        walked.mean((0, 1)) - seen.mean((0, 1)),
        walked.std((0, 1)) - seen.std((0, 1)),
        walked.diff(dim=1).std((0, 1)) - seen.diff(dim=1).std((0, 1)),
    ]
    return torch.stack([gap.square().mean() for gap in gaps]).sum()


def _unlike_drawn(content: Tensor) -> Tensor:
    """Return how far what real clips show (B, content) is from the codes that are drawn, N(0, 1):
    their means and how far they are spread, squared.

    Where no real clip is, the generator draws nothing that it ever had to draw again.
    """
    content = content.float()
    return content.mean(0).square().mean() + (content.std(0) - 1).square().mean()
