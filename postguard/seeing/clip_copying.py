"""Making the copy of a clip that may be published: every frame covered, no sound, nothing else in the file.

Frames that an editor marked as cut off and left in the file are not in the copy.
"""

import io
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from postguard.seeing.clips import Clip
from postguard.seeing.copying import Copy
from postguard.seeing.cover import Cover, Style, covered
from postguard.seeing.decoding import Undecodable
from postguard.seeing.film import NO_DECODER

SUFFIX = ".mp4"
QUALITIES = (20, 25, 30)
"""x264's constant rate factors: 20 looks like the original, 30 as on a slow telephone line."""
_TICKS = 90_000
"""A second in the file. Frames keep their own times, for telephones do not film evenly."""


def copy_clip(clip: Clip, covers: Sequence[Cover], style: Style, most_bytes: int | None) -> Copy:
    """The clip for publishing, H.264 in an MP4 without sound. Raises Undecodable with the reason."""
    try:
        import av
    except ImportError:
        raise Undecodable(NO_DECODER) from None
    if not covers and _may_stay(av, clip, most_bytes):
        data = clip.path.read_bytes()
        return Copy(data=data, suffix=SUFFIX, width=clip.width, height=clip.height, as_it_was=True)
    for quality in QUALITIES:
        data = _written(av, clip, covers, style, quality)
        if most_bytes is None or len(data) <= most_bytes:
            return Copy(data=data, suffix=SUFFIX, width=clip.width & ~1, height=clip.height & ~1)
    raise Undecodable("the clip cannot be made small enough for the channel; shorten it")


def _may_stay(av: Any, clip: Clip, most_bytes: int | None) -> bool:
    """Whether the file is a film in H.264 and nothing else: such as a copy that was made before."""
    if clip.format != "MP4" or (most_bytes is not None and clip.size > most_bytes):
        return False
    data = clip.path.read_bytes()
    try:
        return _packed(av, data) == data
    except av.error.FFmpegError:
        return False


def _packed(av: Any, data: bytes) -> bytes:
    """The film of a file packed anew with nothing beside it. What was packed so before comes out the same."""
    out = io.BytesIO()
    with av.open(io.BytesIO(data)) as file, _new(av, out) as packed:
        film = file.streams.video[0]
        stream = packed.add_stream_from_template(film)
        for packet in file.demux(film):
            if packet.dts is not None:
                packet.stream = stream
                packed.mux(packet)
        if film.codec_context.name != "h264":
            return b""
    return out.getvalue()


def _new(av: Any, out: io.BytesIO) -> Any:
    return av.open(out, "w", format="mp4", options={"fflags": "+bitexact"})


def _written(av: Any, clip: Clip, covers: Sequence[Cover], style: Style, quality: int) -> bytes:
    out = io.BytesIO()
    try:
        with _new(av, out) as file:
            stream = file.add_stream("libx264", rate=Fraction(clip.frame_count / clip.seconds).limit_denominator(1001))
            stream.width, stream.height, stream.pix_fmt = clip.width & ~1, clip.height & ~1, "yuv420p"
            stream.codec_context.time_base = Fraction(1, _TICKS)
            stream.options = {"crf": str(quality), "preset": "veryfast"}
            last = -1
            begins = clip.film.shown[0]
            for at, frame in clip.frames():
                now = [cover for cover in covers if cover.since <= at <= cover.until]
                painted = covered(np.ascontiguousarray(frame[: stream.height, : stream.width]), now, style)
                picture = av.VideoFrame.from_ndarray(painted, format="rgb24")
                last = max(last + 1, round((at - begins) * _TICKS))
                picture.pts, picture.time_base = last, Fraction(1, _TICKS)
                file.mux(stream.encode(picture))
            file.mux(stream.encode())
    except av.error.FFmpegError as error:
        raise Undecodable("the clip could not be written anew; export it as MP4 (H.264) and try again") from error
    return _packed(av, out.getvalue())
