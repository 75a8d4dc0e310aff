"""The newest batch of recordings as small waveforms, each with a button to play it."""

from __future__ import annotations

from collections import OrderedDict
from functools import partial

from PySide6.QtCore import QSize, Slot
from PySide6.QtGui import QPixmap

from studio.ui.asset_source import AssetSource
from studio.ui.pages.generate_batch import BatchList, Small
from studio.ui.side_work import side_work
from studio.ui.views.sound_small import SmallWave, draw_wave, read_small

_KEPT = 256  # waveforms


class SoundList(BatchList):
    """Recordings by their waveforms, which are read when they are in sight."""

    play_buttons = True

    def __init__(self, source: AssetSource) -> None:
        super().__init__(source)
        self._waves: OrderedDict[int, SmallWave | None] = OrderedDict()  # None: cannot be read
        self._reading: dict[int, int] = {}  # asset by ticket
        self._shown = 0
        self._position: float | None = None
        self._plays = False
        side_work().done.connect(self._on_read)

    def name_of(self, row: int) -> str:
        """Return what a row is called."""
        return self.tr("Sound {number}").format(number=row + 1)

    def wave(self, row: int) -> SmallWave | None:
        """Return the waveform of a row; when it is not read yet, that begins now."""
        asset = self._source.asset(row)
        path = self._source.path(row)
        if asset is None or path is None:
            return None
        if asset.id in self._waves:
            self._waves.move_to_end(asset.id)
        elif asset.id not in self._reading.values():
            self._reading[side_work().ask(partial(read_small, path))] = asset.id
        return self._waves.get(asset.id)

    def small(self, row: int) -> Small | None:
        """Return what a row shows."""
        asset, wave = self._source.asset(row), self.wave(row)
        if asset is None or wave is None:
            return None
        position = self._position if asset.id == self._shown else None
        return Small(asset.id, wave.seconds, position)

    def draw_small(self, row: int, size: QSize, ratio: float) -> QPixmap:
        """Return the waveform of a row."""
        wave = self.wave(row)
        assert wave is not None, "only rows that are read are drawn"
        return draw_wave(wave, size, ratio)

    def playing(self, row: int) -> bool:
        """Tell whether a row is what plays now."""
        asset = self._source.asset(row)
        return self._plays and asset is not None and asset.id == self._shown

    def show_playhead(self, asset_id: int, position: float | None, *, plays: bool) -> None:
        """Show where the playhead of the recording is that is seen large."""
        self._shown, self._position, self._plays = asset_id, position, plays
        self.viewport().update()

    @Slot(int, object)
    def _on_read(self, ticket: int, result: object) -> None:
        asset = self._reading.pop(ticket, None)
        if asset is None:
            return
        self._waves[asset] = result if isinstance(result, SmallWave) else None
        while len(self._waves) > _KEPT:
            self._waves.popitem(last=False)
        self.viewport().update()
