"""What a training step learns from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from torch import Tensor


@dataclass(frozen=True)
class Batch:
    """Items of a dataset with what is known of them.

    Attributes:
        items: (B, *spec.shape), as the modality's `to_tensor` made them.
        labels: (B,) int64 label numbers; None when the data has no labels.
        captions: (B, spec.caption_length) int64 tokens, 0 where a caption has ended; None when
            the data has no captions.
        partner: (B, *spec.partner_shape), items of the second dataset: those that belong to
            `items` when it is paired, any of them when not; None when there is no such dataset.
        partner_index: (B,) int64 which of the second dataset's `spec.partner_count` items each is.
        draws: Random numbers of the step, one row per item, by what they are for. A step that
            draws them for the whole batch learns the same when it is cut into parts.
    """

    items: Tensor
    labels: Tensor | None = None
    captions: Tensor | None = None
    partner: Tensor | None = None
    partner_index: Tensor | None = None
    draws: dict[str, Tensor] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.items)

    def split(self, parts: int) -> list[Batch]:
        """Cut the batch into `parts` of (almost) equal size, in order."""
        if parts == 1:
            return [self]

        def cut(tensor: Tensor | None) -> Sequence[Tensor | None]:
            return [None] * parts if tensor is None else tensor.tensor_split(parts)

        items = self.items.tensor_split(parts)
        labels, captions = cut(self.labels), cut(self.captions)
        partner, index = cut(self.partner), cut(self.partner_index)
        draws = {name: drawn.tensor_split(parts) for name, drawn in self.draws.items()}
        return [
            Batch(
                items[i],
                labels[i],
                captions[i],
                partner[i],
                index[i],
                {name: drawn[i] for name, drawn in draws.items()},
            )
            for i in range(parts)
            if len(items[i])
        ]
