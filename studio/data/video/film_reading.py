"""Reading films frame by frame, whatever their files claim: in order, in time, with bounds.

FFmpeg's libraries (through PyAV) decode; this module keeps them from what a hostile file would have
them do: open other files or addresses, fill the memory, or run for ever.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import chain
from types import TracebackType
from typing import IO, Self

import av
from av.filter import Graph
from av.video.stream import VideoStream

from studio.core.blobs import Source, open_source
from studio.data.abandoning import still_wanted
from studio.data.entries import unreadable
from studio.data.modality import Rejected
from studio.data.video.film_opening import check_pixels, damaged, open_container

#: Shorter side of the smallest frame that is taken, in pixels.
MIN_SIDE = 8

_SLOWEST, _FASTEST = 0.02, 240.0  # frames a second that a file may claim
_USUAL = 25.0  # frames a second where a file claims nonsense
_SHORTEST_STEP = 1 / (4 * _FASTEST)  # seconds between two frames, else a time stamp is wrong
_LONGEST_STEP = 10.0  # seconds (or 10 usual steps) between two frames, else a time stamp is wrong
_MOST_GLITCHES = 200  # packets that cannot be decoded before a file is given up
_THREADED = 640 * 360  # pixels of a frame from which on several threads decode
_ROTATIONS = (-270, -180, -90, 90, 180, 270)


#: When a frame is shown, in seconds from the first one, and the frame.
Moment = tuple[float, av.VideoFrame]


class FilmReader:
    """A film that is open; use it as a context manager.

    Attributes:
        width, height: Of what is seen: upright, with square pixels.
        rate: Frames a second that the file claims, or a usual number where it claims nonsense.
        kind: FFmpeg's name of the container.
        count: How many frames there are as far as the file claims; 0 when it does not say.
        promised: How many frames its table of contents lists; 0 without one.
        length_known: Whether `seconds` is that of the pictures, not of the whole with its sound.
        seconds: How long the file claims to be; 0 when it does not say.
        has_sound: Whether there is a sound track.
        see_through: Whether parts of frames may be transparent.
        rotation: Degrees counter-clockwise by which frames are turned before they are shown.
        odd_times: Frames so far whose time stamps made no sense.
        glitches: Packets so far that could not be decoded.
        cut_off: Whether the last packet could not be decoded.
        packets: How many there were, once reading ended: nearly always one for each frame.
        end: Seconds from the first packet's time stamp to the last one's, once reading ended.
        notes: Words for what is special, as far as frames were read.
    """

    def __init__(self, source: Source, threads: int = 0) -> None:
        """Open a film's bytes or file.

        Args:
            threads: That decode; 0 leaves it to the size of the frames.

        Raises:
            Rejected: It is none that can be read.
        """
        self.notes: dict[str, None] = {}
        self.odd_times = self.glitches = self.packets = 0
        self.end = 0.0
        self.cut_off = False
        self.rotation = 0
        self.see_through = False
        try:
            self._file: IO[bytes] = open_source(source)
        except OSError as error:
            raise unreadable(error) from error
        try:
            self._container = open_container(self._file)
        except BaseException:
            self._file.close()
            raise
        try:
            self.stream = self._video()
            self._describe(threads)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close it."""
        self._container.close()
        self._file.close()

    @property
    def metadata(self) -> dict[str, str]:
        """What the container says of itself, the names in lower case."""
        return {name.lower(): value for name, value in self._container.metadata.items()}

    def frames(self, *, keys_after: int = 0) -> Iterator[Moment]:
        """Yield every frame in order, at times that only ever grow.

        Args:
            keys_after: With a value, only key frames are decoded after so many frames.

        Raises:
            Rejected: What is left cannot be decoded, or a frame is far too large.
            Abandoned: Nobody waits any more.
        """
        pictures = self._decoded()
        for first in pictures:  # looked at before the others, which all pass the same way
            pictures = chain([first], pictures)
            if first.interlaced_frame:
                self.notes["interlaced"] = None
                pictures = self._progressive(pictures)
            break
        yield from self._timed(pictures, keys_after)

    def _video(self) -> VideoStream:
        streams = [each for each in self._container.streams.video if not _is_cover(each)]
        if not streams:
            raise Rejected(
                "no-pictures",
                "There are no moving pictures in it, only sound or data.",
                "Import it as sound, or leave it out.",
            )
        if streams[0].codec_context is None:
            raise Rejected(
                "unknown-codec",
                "Its pictures are packed in a way that is not known here.",
                "Save it as MP4 with a video program.",
            )
        if any(tag in str(streams[0].codec_context.codec_tag) for tag in ("encv", "drmi")):
            raise Rejected(
                "encrypted",
                "It is locked by copy protection.",
                "Use a film that plays in every player.",
            )
        return streams[0]

    def _describe(self, threads: int) -> None:
        stream, context = self.stream, self.stream.codec_context
        width, height = context.width, context.height
        check_pixels(width, height)
        if min(width, height) < MIN_SIDE:
            raise Rejected(
                "too-small",
                f"Its frames have {width} × {height} pixels.",
                f"Use films of at least {MIN_SIDE} × {MIN_SIDE} pixels.",
            )
        aspect = stream.sample_aspect_ratio
        if aspect and aspect != 1 and 0.1 < aspect < 10:
            width = max(1, round(width * aspect))
            self.notes["stretched-pixels"] = None
        self.width, self.height = width, height
        claimed = float(stream.average_rate or stream.guessed_rate or stream.base_rate or 0)
        self.rate = claimed if _SLOWEST <= claimed <= _FASTEST else _USUAL
        if claimed and claimed != self.rate:
            self.notes["odd-rate"] = None
        own = float((stream.duration or 0) * (stream.time_base or 0))
        self.seconds = max(0.0, own or (self._container.duration or 0) / av.time_base)
        self.promised = max(0, stream.frames)
        self.count = self.promised or round(self.seconds * self.rate)
        self.has_sound = bool(self._container.streams.audio)
        self.length_known = bool(own) or not self.has_sound
        self.kind = self._container.format.name
        single = threads == 1 or (not threads and width * height < _THREADED)
        context.thread_type = "NONE" if single else "AUTO"
        context.thread_count = 1 if single else threads

    def _decoded(self) -> Iterator[av.VideoFrame]:
        """Yield frames as they are decoded; damaged packets are counted and left out."""
        size: tuple[int, int] | None = None
        packets, first, last = 0, math.inf, -math.inf
        try:
            for packet in self._container.demux(self.stream):
                packets += packet.size > 0
                if (stamp := packet.pts) is not None:
                    first = stamp if first == math.inf else first
                    last = max(last, stamp)
                try:
                    pictures = packet.decode()
                except av.FFmpegError:
                    self.glitches += 1
                    self.cut_off = packet.dts is not None or self.cut_off
                    if self.glitches > _MOST_GLITCHES:
                        raise damaged() from None
                    continue
                if packet.dts is not None:
                    self.cut_off = packet.is_corrupt
                for picture in pictures:
                    if (picture.width, picture.height) != size:
                        size = self._sized(picture, size)
                    if picture.is_corrupt:
                        self.notes["glitches"] = None
                    yield picture
        except (av.FFmpegError, OSError, ValueError, MemoryError) as error:
            if size is None:
                raise damaged() from error
            self.cut_off = True
        finally:
            self.packets = packets
            if last >= first:
                self.end = (last - first) * float(self.stream.time_base or 0)

    def _timed(self, pictures: Iterator[av.VideoFrame], keys_after: int) -> Iterator[Moment]:
        """Yield frames with times that only ever grow, whatever their time stamps say."""
        usual = 1 / self.rate
        longest = max(_LONGEST_STEP, 10 * usual)
        time, last = 0.0, None
        for number, picture in enumerate(pictures):
            still_wanted()
            stamp = picture.time
            if number:
                step = usual if stamp is None or last is None else stamp - last
                if not _SHORTEST_STEP <= step <= longest:
                    self.odd_times += stamp is not None
                    step = usual
                time += step
            last = stamp
            if number + 1 == keys_after:
                self.stream.codec_context.skip_frame = "NONKEY"
                longest = math.inf  # between two key frames there may be many seconds
            yield time, picture

    def _sized(self, picture: av.VideoFrame, before: tuple[int, int] | None) -> tuple[int, int]:
        """Note that a frame has another size than the one before; returns its size."""
        check_pixels(picture.width, picture.height)
        if before is None:
            self._remark_first(picture)
        else:
            self.notes["sizes-change"] = None
        return picture.width, picture.height

    def _remark_first(self, picture: av.VideoFrame) -> None:
        rotation = picture.rotation
        if rotation in _ROTATIONS:
            self.rotation = rotation
            self.notes["rotated"] = None
            if rotation % 180:
                self.width, self.height = self.height, self.width
        parts = picture.format.components
        self.see_through = any(part.is_alpha for part in parts) or picture.format.name == "pal8"
        if any(part.bits > 8 for part in parts):
            self.notes["10-bit"] = None

    def _progressive(self, pictures: Iterator[av.VideoFrame]) -> Iterator[av.VideoFrame]:
        """Yield frames, those that hold two half pictures of different times made whole."""
        graph: Graph | None = None
        shape: tuple[int, int, str] | None = None
        for picture in pictures:
            here = (picture.width, picture.height, picture.format.name)
            if here != shape:
                if graph is not None:
                    yield from _flushed(graph)
                graph, shape = _deinterlacer(self.stream, picture), here
            assert graph is not None
            graph.vpush(picture)
            yield from _pulled(graph)
        if graph is not None:
            yield from _flushed(graph)


def _is_cover(stream: VideoStream) -> bool:
    """Tell whether a stream is the picture on the cover of a recording."""
    return bool(stream.disposition & av.stream.Disposition.attached_pic)


def _deinterlacer(stream: VideoStream, picture: av.VideoFrame) -> Graph:
    graph = Graph()
    source = graph.add_buffer(
        width=picture.width,
        height=picture.height,
        format=picture.format,
        time_base=picture.time_base or stream.time_base,
    )
    # Bob Weaver: one whole frame for each two halves, moving parts between the lines guessed
    filters = (source, graph.add("bwdif", "mode=send_frame"), graph.add("buffersink"))
    graph.link_nodes(*filters).configure()
    return graph


def _pulled(graph: Graph) -> Iterator[av.VideoFrame]:
    while True:
        try:
            yield graph.vpull()
        except (av.BlockingIOError, av.error.EOFError):
            return


def _flushed(graph: Graph) -> Iterator[av.VideoFrame]:
    graph.vpush(None)
    yield from _pulled(graph)
