"""Eyes: a file of a draft → everything that can be seen in it. Loaded once a process; keeps nothing between files."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial
from typing import Protocol

import numpy as np

from postguard.domain.drafts import Picture, Unchecked
from postguard.domain.evidence import Detection, Passage, Photograph, Region
from postguard.seeing import limits, quality
from postguard.seeing.clip_notes import read_clip_notes
from postguard.seeing.clips import CLIP_SUFFIXES, Sample, open_clip
from postguard.seeing.decoding import PICTURE_SUFFIXES, Frame, Opened, Undecodable, open_picture
from postguard.seeing.detectors import Points
from postguard.seeing.finder import Finder
from postguard.seeing.geometry import Sighting, merged, roll_of
from postguard.seeing.lanes import both, cores, one_heap, opencv_threads
from postguard.seeing.metadata import Metadata, read_metadata
from postguard.seeing.models import SFACE, Models
from postguard.seeing.previews import INSIDE, OTHER_PREVIEW, fit_of, pixels_of, shows_more_faces, without_known
from postguard.seeing.tracks import Tracks
from postguard.seeing.types import Pixels, SeenFace, SeenFrame, Sight, Template

WORDS_NOT_READ = "words inside pictures"
NOT_HEARD = ("what is said in a clip", "words that a clip shows for less than a second")


class ReadsWords(Protocol):
    """What reads the words in a picture (seeing.words.Reader)."""

    def read(self, pixels: Pixels, part: str) -> tuple[tuple[Passage, ...], tuple[Unchecked, ...]]: ...


class FindsFaces(Protocol):
    """What finds faces in pixels, left to right (seeing.finder.Finder)."""

    def find(self, pixels: Pixels) -> tuple[Sighting, ...]: ...

    def rest(self) -> None: ...


class Encodes(Protocol):
    """What makes a template of a face with known landmarks, for a probe or for a gallery (seeing.encoders)."""

    name: str
    weights: str

    def template(self, pixels: Pixels, landmarks: Points) -> Template: ...

    def reference(self, pixels: Pixels, landmarks: Points) -> Template: ...


class Eyes:
    """Looks at the pictures of a draft. Raises EngineError when it is made on a broken installation."""

    def __init__(
        self,
        models: Models,
        *,
        reader: ReadsWords | None = None,
        finder: FindsFaces | None = None,
        encoders: Sequence[Encodes] | None = None,
        threads: int | None = None,
    ) -> None:
        """`threads`: how many cores this process may use, all by default; one where several share the machine."""
        import cv2

        # A network on one core is cheaper than on all, and there are looks enough to keep all busy (0003).
        cv2.setNumThreads(1)
        one_heap()
        self._reader = reader
        self._threads = threads
        self._finder = Finder.of(models, threads=threads) if finder is None else finder
        self._encoders = _encoders(models) if encoders is None else tuple(encoders)

    @property
    def means(self) -> tuple[str, ...]:
        """By which engines this looks, in words for the report."""
        detectors = getattr(self._finder, "detectors", ())
        return (
            f"faces found by {_listed([_NAMES.get(name, name) for name in detectors])}",
            f"compared by {_listed([_NAMES.get(encoder.name, encoder.name) for encoder in self._encoders])}",
        )

    @property
    def encoders(self) -> dict[str, str]:
        """Encoder name to the SHA-256 of the weights it runs on: what a gallery is bound to."""
        return {encoder.name: encoder.weights for encoder in self._encoders}

    def look(self, picture: Picture) -> Sight:
        """Everything seen in one file. Never raises for what is in the file: that is `Sight.unchecked`."""
        if picture.path.suffix.lower() in CLIP_SUFFIXES:
            return self._look_at_clip(picture)
        if picture.path.suffix.lower() not in PICTURE_SUFFIXES:
            return _not_looked_at(picture, "postguard cannot look at this kind of file; save it as JPEG or PNG")
        try:
            opened = open_picture(picture.path)
        except Undecodable as trouble:
            return _not_looked_at(picture, str(trouble))
        metadata = read_metadata(opened.image, opened.data, picture.part)
        frames: list[SeenFrame] = []
        sizes: list[tuple[int, ...]] = []
        passages: list[Passage] = [*metadata.passages]
        unchecked: list[Unchecked] = [*metadata.unchecked]
        try:
            for number, frame in enumerate(opened.frames()):
                part = picture.part if frame.at is None else f"{picture.part}@{frame.at:g}"
                found = self._found(frame)
                if number == 0:
                    words, hidden = self._previews(metadata, frame, found, picture.part)
                    passages += words
                    unchecked += hidden
                self._make_room()
                faces, (words, unread) = both(  # dlib leaves the other cores idle
                    partial(self._seen, found, self._encoders),
                    partial(self._words, frame, picture.part),
                    threads=self._threads,
                )
                frames.append(SeenFrame(part=part, faces=tuple(faces)))
                sizes.append(frame.views[0].shape)
                passages += words
                unchecked += unread
        except Undecodable as trouble:
            unchecked.append(Unchecked(part=picture.part, reason=str(trouble)))
        if opened.format == "MPO":
            frames = _as_one(frames, sizes, picture.part)
        return Sight(
            photograph=_photograph(picture, opened, metadata),
            frames=tuple(frames),
            passages=tuple(dict.fromkeys(passages)),
            unchecked=tuple(dict.fromkeys(unchecked)),
            not_looked_at=() if self._reader is not None else (WORDS_NOT_READ,),
        )

    def faces(self, pixels: Pixels) -> tuple[SeenFace, ...]:
        """The faces of one upright picture, left to right."""
        return self._faces(Frame(at=None, views=(pixels,)))

    def references(self, pixels: Pixels) -> tuple[SeenFace, ...]:
        """The same with the templates that belong into a gallery."""
        found = self._found(Frame(at=None, views=(pixels,)))
        return tuple(self._seen(found, self._encoders, for_gallery=True))

    def _look_at_clip(self, picture: Picture) -> Sight:
        try:
            clip = open_clip(picture.path)
        except Undecodable as trouble:
            return _not_looked_at(picture, str(trouble))
        notes = read_clip_notes(clip.path.read_bytes(), picture.part)
        tracks = Tracks()
        passages: list[Passage] = [*notes.passages]
        unchecked: list[Unchecked] = [*notes.unchecked]
        read_at = -limits.WORDS_SECONDS
        try:
            for sample in clip.samples():
                self._follow(tracks, sample)
                stands = sample.until - sample.at >= limits.STANDS_SECONDS
                if stands or sample.at - read_at >= limits.WORDS_SECONDS:
                    self._make_room()
                    words, unread = self._words(Frame(at=sample.at, views=(sample.pixels,)), picture.part)
                    passages += words
                    unchecked += unread
                    read_at = sample.at
        except Undecodable as trouble:
            unchecked.append(Unchecked(part=picture.part, reason=str(trouble)))
        return Sight(
            photograph=Photograph(
                part=picture.part,
                sha256=clip.sha256,
                width=clip.width,
                height=clip.height,
                size=clip.size,
                format=clip.format,
                frames=clip.frame_count,
                camera=notes.camera,
                place=tuple(dict.fromkeys((*clip.place, *notes.place))),
            ),
            frames=tracks.frames(picture.part),
            passages=tuple(dict.fromkeys(passages)),
            unchecked=tuple(dict.fromkeys(unchecked)),
            not_looked_at=(*NOT_HEARD, *(() if self._reader is not None else (WORDS_NOT_READ,))),
        )

    def _follow(self, tracks: Tracks, sample: Sample) -> None:
        """Following a face takes one encoder; the others are asked for its best sight only."""
        found = [(sample.pixels, seen) for seen in self._finder.find(sample.pixels)]
        faces = self._seen(found, self._encoders[-1:])
        sightings = {id(face): seen for face, seen in zip(faces, found, strict=True)}

        def complete(face: SeenFace) -> SeenFace:
            return self._seen([sightings[id(face)]], self._encoders)[0]

        tracks.add(sample.at, faces, complete, until=sample.until)

    def _faces(self, frame: Frame) -> tuple[SeenFace, ...]:
        return tuple(self._seen(self._found(frame), self._encoders))

    def _found(self, frame: Frame) -> list[tuple[Pixels, Sighting]]:
        """Each face, in the view that shows it best, left to right."""
        found = [(view, seen) for view in frame.views for seen in self._finder.find(view)]
        if len(frame.views) > 1:
            # One face seen in several views is one face; the view that shows it best makes its template.
            owner = {id(seen.best): (view, seen) for view, seen in found}
            found = [owner[id(group.best)] for group in merged(seen.best for _, seen in found)]
            found.sort(key=lambda pair: pair[1].best.centre)
        return found

    def _seen(
        self, found: Sequence[tuple[Pixels, Sighting]], encoders: Sequence[Encodes], *, for_gallery: bool = False
    ) -> list[SeenFace]:
        """What is to be known of each face, with a template by each of these encoders."""
        makers = [encoder.reference if for_gallery else encoder.template for encoder in encoders]
        # One after the other: dlib's holds Python's lock all the time, so that nothing gets on beside it.
        with opencv_threads(self._threads or cores()):
            columns = [_templates(make, found) for make in makers]
        faces = []
        for row, (pixels, seen) in enumerate(found):
            templates = {e.name: column[row] for e, column in zip(encoders, columns, strict=True)}
            faces.append(_face(pixels, seen, {name: t for name, t in templates.items() if t is not None}))
        return faces

    def _previews(
        self, metadata: Metadata, frame: Frame, found: Sequence[tuple[Pixels, Sighting]], part: str
    ) -> tuple[list[Passage], list[Unchecked]]:
        """The words in pictures inside the picture's file, and whether any of those shows anything else, or anybody
        else: what was blurred may still be sharp in there. A map of brightness may show the same faces."""
        known = [seen for _, seen in found]
        passages: list[Passage] = []
        unchecked: list[Unchecked] = []
        for encoded in metadata.embedded:
            preview = pixels_of(encoded)
            fit = None if preview is None else fit_of(preview, frame.views[0])
            if fit is None or shows_more_faces(fit, frame.views[0], self._finder.find(fit.pixels), known):
                return [], [Unchecked(part=part, reason=OTHER_PREVIEW)]
            if self._reader is not None:
                self._make_room()
                words, unread = self._reader.read(fit.pixels, part)
                passages += [replace(passage, part=f"{part}:metadata", field=INSIDE) for passage in words]
                unchecked += unread
        if any(self._shows_others(gain_map, frame) for gain_map in metadata.gain_maps):
            unchecked.append(Unchecked(part=part, reason=OTHER_PREVIEW))
        return passages, unchecked

    def _shows_others(self, gain_map: bytes, frame: Frame) -> bool:
        pixels = pixels_of(gain_map)
        if pixels is None:
            return True
        there = self.faces(pixels)
        if not there:
            return False
        height, width = frame.views[0].shape[:2]
        scale = (width / pixels.shape[1], height / pixels.shape[0])
        return bool(without_known(there, self._faces(frame), scale))

    def _make_room(self) -> None:
        """Reading words takes as much memory as finding faces, and a school's laptop has not enough for both."""
        if self._reader is not None:
            self._finder.rest()

    def _words(self, frame: Frame, part: str) -> tuple[list[Passage], list[Unchecked]]:
        passages: list[Passage] = []
        unchecked: list[Unchecked] = []
        if self._reader is not None:
            for view in frame.views:
                found, unread = self._reader.read(view, part)
                passages += found
                unchecked += unread
        return passages, unchecked


def _templates(
    make: Callable[[Pixels, Points], Template], found: Iterable[tuple[Pixels, Sighting]]
) -> list[Template | None]:
    """One for each face; None where nobody could be known by it."""
    return [
        None
        if seen.best.landmarks is None or seen.best.height < limits.TEMPLATE_HEIGHT
        else make(pixels, seen.best.landmarks)
        for pixels, seen in found
    ]


def _face(pixels: Pixels, seen: Sighting, templates: dict[str, Template]) -> SeenFace:
    best, points = seen.best, seen.best.landmarks
    crop = None if points is None else quality.aligned(pixels, points)
    return SeenFace(
        region=_region(seen, pixels),
        detections=tuple(Detection(detector=name, score=round(s, 3)) for name, s in sorted(seen.scores.items())),
        landmarks=() if points is None else tuple((float(x), float(y)) for x, y in points),
        roll=0.0 if points is None else roll_of(points),
        sharpness=0.0 if crop is None else quality.sharpness(crop, best.height),
        flaws=quality.flaws(height=best.height, weak=seen.weak, landmarks=points, crop=crop),
        templates=templates,
    )


_NAMES = {
    "yunet": "YuNet",
    "centerface": "CenterFace",
    "hog": "face_recognition's HOG detector",
    "dlib": "face_recognition's encoder",
    "sface": "SFace",
}


def _encoders(models: Models) -> tuple[Encodes, ...]:
    from postguard.seeing.encoders import DlibEncoder, SFaceEncoder

    # Without SFace the decision falls back to a stricter rule, and matching says so in the report.
    return (DlibEncoder(models), SFaceEncoder(models)) if models.has(SFACE) else (DlibEncoder(models),)


def _not_looked_at(picture: Picture, reason: str) -> Sight:
    return Sight(photograph=None, unchecked=(Unchecked(part=picture.part, reason=reason),))


def _as_one(frames: Sequence[SeenFrame], sizes: Sequence[tuple[int, ...]], part: str) -> list[SeenFrame]:
    """A phone's picture that holds a second one of the same scene: its first, and what only the others show."""
    if not frames:
        return []
    first = SeenFrame(part=part, faces=frames[0].faces)
    rest = []
    for frame, size in zip(frames[1:], sizes[1:], strict=True):
        scale = (sizes[0][1] / size[1], sizes[0][0] / size[0])
        rest.append(SeenFrame(part=frame.part, faces=tuple(without_known(frame.faces, first.faces, scale))))
    return [first, *(frame for frame in rest if frame.faces)]


def _photograph(picture: Picture, opened: Opened, metadata: Metadata) -> Photograph:
    return Photograph(
        part=picture.part,
        sha256=opened.sha256,
        width=opened.width,
        height=opened.height,
        size=len(opened.data),
        format=opened.format,
        frames=opened.frame_count,
        camera=metadata.camera,
        place=metadata.place,
    )


def _region(seen: Sighting, pixels: Pixels) -> Region:
    """The box in whole pixels, within the picture and never empty."""
    height, width = pixels.shape[:2]
    best = seen.best
    left, top = int(np.clip(round(best.x), 0, width - 1)), int(np.clip(round(best.y), 0, height - 1))
    right = int(np.clip(round(best.x + best.width), left + 1, width))
    bottom = int(np.clip(round(best.y + best.height), top + 1, height))
    return Region(x=left, y=top, width=right - left, height=bottom - top)


def _listed(words: Iterable[str]) -> str:
    *most, last = words
    return f"{', '.join(most)} and {last}" if most else last
