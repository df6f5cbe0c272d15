"""Who is cleared that should not be, and who is stopped that need not be: postguard beside what a user would pick.

    python bench/identify.py FOLDER [--references 3] [--splits 100] [--half test] [--cache FILE]

FOLDER holds `<person>/<picture>`. Open set, as a school is: of the people with enough pictures two fifths consent,
two fifths are refused (both enrolled), one fifth are strangers, whom nobody enrolled; drawn anew for each split, and
the references drawn anew among each person's pictures. People with too few pictures to enrol are further strangers.
Every other picture is a probe. The rules, on the same pictures:

- postguard: its own eyes, gallery and decision (`domain.decision.decide`) at the built-in thresholds;
- face_recognition at its defaults: nearest encoding within 0.6;
- dlib alone (nearest within 0.45 and 0.05 nearer than any refused), SFace alone (cosine 0.50, margin 0.08).

Whole drafts of 1, 4 and 10 faces are composed of probes of different people, each measured in its own picture. They
pass when every face is cleared. A face that nobody's detector saw stops nothing, unless `present` and `people:` are
given.
A lying confirm claims that whoever is stopped is somebody present (at random; and the likest of them, at worst).

For the harm the bound is the one that counts: 95 %, Wilson's, over *different pictures*, however often they were drawn.
The range behind a mean is 95 % of splits. --half takes every other person, so that numbers chosen on one half are
reported on the other. --shrink measures the probes again with faces so many pixels high, as in a group picture;
references stay as they are. --children makes the templates as alike as schoolchildren's (bench/children.py says how,
and how far it can be believed); faces that were not seen, and flaws, are then left out.
--cache keeps what was measured (templates: biometric data; delete it afterwards).
"""

import argparse
import io
import random
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from children import as_children
from PIL import Image, ImageOps

from postguard.domain.confirming import verify_claim
from postguard.domain.decision import Standing, decide
from postguard.domain.evidence import Face, Outcome, Region
from postguard.domain.policy import Thresholds
from postguard.matching.gallery import Enrolled, Gallery
from postguard.seeing.eyes import Eyes
from postguard.seeing.models import Models
from postguard.seeing.types import SeenFace

SUFFIXES = (".jpg", ".jpeg", ".png")
CONSENTED, REFUSED, STRANGER = "consented", "refused", "stranger"
DRAFT_SIZES = (1, 4, 10)
SHOWN = {
    "one refused": (REFUSED, False),
    "one refused, without a template": (STRANGER, True),
    "one stranger": (STRANGER, False),
    "all consented": (None, False),
    "all consented, somebody refused has no template": (None, True),
}
"""What a draft shows, to whose picture is the odd one, and whether somebody refused has no template: for the machine
such a person is a stranger, but it knows that there is one."""
CLASS_SIZE = 10
"""`present` names at least this many people, however few are shown."""
SHRUNK = "#shrunk"
DLIB_LENGTH = 1.33
"""Of face_recognition's encodings (median on LFW)."""
ENCODERS = ("dlib", "sface")
CURVE = (0.40, 0.44, 0.47, 0.50, 0.53, 0.56, 0.60, 0.65)


@dataclass(frozen=True)
class Measured:
    """One picture: what postguard's eyes and face_recognition make of the face it is of. None: not seen."""

    person: str
    path: str
    height: int = 0
    flaws: tuple[str, ...] = ()
    templates: dict[str, np.ndarray] = field(default_factory=dict)
    as_reference: dict[str, np.ndarray] = field(default_factory=dict)
    encoding: np.ndarray | None = None

    @property
    def enrollable(self) -> bool:
        return bool(self.templates) and not self.flaws and not self.shrunk

    @property
    def shrunk(self) -> bool:
        return self.path.endswith(SHRUNK)


@dataclass(frozen=True)
class Split:
    """One draw. `probes` are pictures with the role of who is in them."""

    references: tuple[Measured, ...]
    roles: dict[str, str]
    probes: tuple[tuple[Measured, str], ...]

    @property
    def consented(self) -> frozenset[str]:
        return frozenset(person for person, role in self.roles.items() if role == CONSENTED)


# --- Measuring -------------------------------------------------------------------------------------


def measure(pictures: Sequence[tuple[str, Path]], shrink: int | None) -> list[Measured]:
    import face_recognition

    eyes = Eyes(Models.find())

    def look(person: str, name: str, pixels: np.ndarray) -> Measured:
        face = main_face(eyes.faces(pixels), pixels.shape)
        boxes = face_recognition.face_locations(pixels)
        box = min(boxes, key=lambda b: _off_centre((b[1] + b[3]) / 2, (b[0] + b[2]) / 2, pixels.shape), default=None)
        encoding = face_recognition.face_encodings(pixels, [box], model="small")[0] if box else None
        seen = Measured(person, name, encoding=encoding)
        if face is not None:
            seen = replace(seen, height=face.region.height, flaws=face.flaws, templates=dict(face.templates))
        if seen.enrollable and (reference := main_face(eyes.references(pixels), pixels.shape)) is not None:
            seen = replace(seen, as_reference=dict(reference.templates))
        return seen

    measured = []
    for number, (person, path) in enumerate(pictures):
        with Image.open(path) as image:
            upright = ImageOps.exif_transpose(image).convert("RGB")
        measured.append(look(person, str(path), np.asarray(upright)))
        if shrink and measured[-1].height > shrink:
            smaller = ImageOps.scale(upright, shrink / measured[-1].height, Image.Resampling.LANCZOS)
            measured.append(look(person, f"{path}{SHRUNK}", _as_posted(smaller)))
        if number % 100 == 0:
            print(f"measured {number} of {len(pictures)}", flush=True)
    return measured


def _as_posted(image: Image.Image) -> np.ndarray:
    """Through JPEG once more, as a phone's picture is when it is sent on."""
    saved = io.BytesIO()
    image.save(saved, "JPEG", quality=75)
    return np.asarray(Image.open(saved))


def main_face(faces: Sequence[SeenFace], shape: tuple[int, ...]) -> SeenFace | None:
    """The face a portrait is of: large and in the middle; people in the background are not."""

    def size(face: SeenFace) -> float:
        box = face.region
        return box.height - _off_centre(box.x + box.width / 2, box.y + box.height / 2, shape)

    return max(faces, key=size, default=None)


def _off_centre(x: float, y: float, shape: tuple[int, ...]) -> float:
    return abs(x - shape[1] / 2) + abs(y - shape[0] / 2)


def pretended_children(measured: Sequence[Measured]) -> list[Measured]:
    """Each picture once as a reference and once as a probe, with templates as alike as children's."""
    seen = [m for m in measured if m.templates]
    pictures = {name: np.array([m.templates[name] for m in seen], np.float64) for name in ("dlib", "sface")}
    references, probes = as_children([m.person for m in seen], pictures)

    def made(picture: Measured, path: str, templates: dict[str, np.ndarray]) -> Measured:
        encoding = DLIB_LENGTH * templates["dlib"]
        return replace(picture, path=path, flaws=(), encoding=encoding, templates=templates, as_reference=templates)

    def row(columns: dict[str, np.ndarray], at: int) -> dict[str, np.ndarray]:
        return {name: column[at].astype(np.float32) for name, column in columns.items()}

    return [
        made(picture, path, row(columns, at))
        for at, picture in enumerate(seen)
        for path, columns in ((picture.path, references), (picture.path + SHRUNK, probes))
    ]


def load(asked: argparse.Namespace) -> list[Measured]:
    if asked.cache is not None and asked.cache.exists():
        with np.load(asked.cache, allow_pickle=False) as kept:
            return _unpack(kept)
    folder, at_least = asked.folder, asked.references + 1
    people = sorted(p for p in folder.iterdir() if p.is_dir())
    pictures = {p: sorted(f for f in p.iterdir() if f.suffix.lower() in SUFFIXES) for p in people}
    many = [p for p in people if len(pictures[p]) >= at_least]
    few = [p for p in people if 0 < len(pictures[p]) < at_least]
    chance = random.Random(2)
    chance.shuffle(many)
    chance.shuffle(few)
    start, step = {"all": (0, 1), "dev": (0, 2), "test": (1, 2)}[asked.half]
    many, few = many[start::step][: asked.folders], few[start::step][: asked.singles]
    chosen = [(p.name, f) for p in many for f in chance.sample(pictures[p], min(asked.most, len(pictures[p])))]
    measured = measure(chosen + [(p.name, pictures[p][0]) for p in few], asked.shrink)
    if asked.cache is not None:
        np.savez(asked.cache, allow_pickle=False, **_pack(measured))
    return measured


def _pack(measured: Sequence[Measured]) -> dict[str, np.ndarray]:
    none = np.full(128, np.nan)
    return {
        "person": np.array([m.person for m in measured]),
        "path": np.array([m.path for m in measured]),
        "height": np.array([m.height for m in measured]),
        "flaws": np.array(["|".join(m.flaws) for m in measured]),
        "encoding": np.array([none if m.encoding is None else m.encoding for m in measured]),
        **{k: np.array([m.templates.get(k, none) for m in measured], np.float32) for k in ENCODERS},
        **{f"{k} reference": np.array([m.as_reference.get(k, none) for m in measured], np.float32) for k in ENCODERS},
    }


def _unpack(kept: "np.lib.npyio.NpzFile") -> list[Measured]:
    columns = {name: kept[name] for name in kept.files}
    return [
        Measured(
            person=str(columns["person"][i]),
            path=str(columns["path"][i]),
            height=int(columns["height"][i]),
            flaws=tuple(filter(None, str(columns["flaws"][i]).split("|"))),
            templates={k: columns[k][i] for k in ENCODERS if not np.isnan(columns[k][i]).any()},
            as_reference={
                k: columns[f"{k} reference"][i] for k in ENCODERS if not np.isnan(columns[f"{k} reference"][i]).any()
            },
            encoding=None if np.isnan(columns["encoding"][i]).any() else columns["encoding"][i],
        )
        for i in range(len(columns["person"]))
    ]


# --- Drawing ---------------------------------------------------------------------------------------


def draw(measured: Sequence[Measured], references: int, people: int, chance: random.Random) -> Split:
    by_person: dict[str, list[Measured]] = defaultdict(list)
    for picture in measured:
        by_person[picture.person].append(picture)
    enough = sorted(p for p, own in by_person.items() if sum(m.enrollable for m in own) > references)
    enough = chance.sample(enough, min(people, len(enough)))
    fifth = len(enough) / 5
    roles = {
        person: CONSENTED if i < 2 * fifth else REFUSED if i < 4 * fifth else STRANGER
        for i, person in enumerate(enough)
    }
    few = [p for p in sorted(by_person) if sum(not m.shrunk for m in by_person[p]) <= references]
    shrunk = any(m.shrunk for m in measured)
    enrolled: list[Measured] = []
    probes: list[tuple[Measured, str]] = [(m, STRANGER) for p in few for m in by_person[p] if m.shrunk == shrunk]
    for person, role in roles.items():
        own = by_person[person]
        own_references = chance.sample([m for m in own if m.enrollable], references) if role != STRANGER else []
        enrolled += own_references
        taken = {m.path for m in own_references}
        probes += [(m, role) for m in own if m.shrunk == shrunk and m.path.removesuffix(SHRUNK) not in taken]
    return Split(tuple(enrolled), roles, tuple(probes))


# --- The rules -------------------------------------------------------------------------------------

Rule = Callable[[Split, Sequence[Measured]], list[bool | None]]
"""Cleared or not, for each probe; None where no detector saw the face."""


def gallery_of(split: Split) -> Gallery:
    return Gallery(Enrolled(person=m.person, templates=m.as_reference, photo=m.path) for m in split.references)


def as_face(measured: Measured, number: int, gallery: Gallery, floor: float) -> Face:
    return Face(
        part="composite.jpg",
        number=number,
        region=Region(x=0, y=0, width=measured.height, height=measured.height),
        flaws=measured.flaws or (() if measured.templates else ("could not be measured",)),
        candidates=gallery.search(measured.templates, floor) if measured.templates else (),
    )


def standing_of(split: Split, present: Iterable[str] | None = None, *, unknown: bool = False) -> Standing:
    """`unknown`: whether somebody who may not be shown has no template."""
    clearing = split.consented if present is None else split.consented & frozenset(present)
    return Standing(consented=split.consented, clearing=clearing, strangers_without_template=unknown)


def postguard_rule(thresholds: Thresholds) -> Rule:
    def rule(split: Split, probes: Sequence[Measured]) -> list[bool | None]:
        gallery, standing = gallery_of(split), standing_of(split)
        answers: list[bool | None] = []
        for probe in probes:
            if not probe.height:
                answers.append(None)
                continue
            (decision,) = decide([as_face(probe, 1, gallery, thresholds.floor)], standing, thresholds)
            answers.append(not decision.outcome.stops)
        return answers

    return rule


def nearest_rule(kind: str, within: float, margin: float) -> Rule:
    """Cleared when the nearest person is consented, near enough, and ahead of every refused one by the margin."""

    def rule(split: Split, probes: Sequence[Measured]) -> list[bool | None]:
        references = [m for m in split.references if _vector(m, kind) is not None]
        matrix = np.array([_vector(m, kind) for m in references])
        consented = np.array([split.roles[m.person] == CONSENTED for m in references])
        answers: list[bool | None] = []
        for probe in probes:
            vector = _vector(probe, kind)
            if vector is None:
                answers.append(None)
                continue
            near = -np.linalg.norm(matrix - vector, axis=1) if kind == "encoding" else matrix @ vector
            best = near[consented].max(initial=-9.0)
            answers.append(bool(best >= within and best > near[~consented].max(initial=-9.0) + margin))
        return answers

    return rule


def _vector(measured: Measured, kind: str) -> np.ndarray | None:
    return measured.encoding if kind == "encoding" else measured.templates.get(kind)


def rules(thresholds: Thresholds) -> dict[str, Rule]:
    return {
        "postguard": postguard_rule(thresholds),
        "face_recognition, nearest within 0.6": nearest_rule("encoding", -0.6, 0.0),
        "dlib alone, 0.45 and margin 0.05": nearest_rule("encoding", -0.45, 0.05),
        "SFace alone, 0.50 and margin 0.08": nearest_rule("sface", 0.50, 0.08),
    }


# --- Counting --------------------------------------------------------------------------------------


@dataclass
class Tally:
    """A share over splits, and over how many different pictures it was taken."""

    shares: list[float] = field(default_factory=list)
    pictures: set[str] = field(default_factory=set)
    hit: set[str] = field(default_factory=set)

    def add(self, pictures: Sequence[str], hits: Sequence[bool]) -> None:
        if pictures:
            self.shares.append(float(np.mean(hits)))
            self.pictures.update(pictures)
            self.hit.update(p for p, h in zip(pictures, hits, strict=True) if h)

    def __str__(self) -> str:
        if not self.shares:
            return "–"
        low, high = np.percentile(self.shares, [2.5, 97.5])
        mean = float(np.mean(self.shares))
        return f"{100 * mean:.2f} % ({100 * low:.1f}–{100 * high:.1f}; ≤ {100 * wilson(mean, len(self.pictures)):.2f})"


def wilson(share: float, n: int) -> float:
    """Upper end of Wilson's 95 % interval; for a share of nought the rule of three."""
    if share == 0.0:
        return min(1.0, 3.0 / n)
    z = 1.96
    middle = share + z * z / (2 * n)
    spread = z * np.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return float(min(1.0, (middle + spread) / (1 + z * z / n)))


def faces_table(splits: Sequence[Split], thresholds: Thresholds) -> Iterable[str]:
    yield "| rule | refused cleared | strangers cleared | consented stopped | not seen |"
    yield "|-|-|-|-|-|"
    for name, rule in rules(thresholds).items():
        yield f"| {name} | " + " | ".join(map(str, _faces_row(splits, rule))) + " |"


def _faces_row(splits: Sequence[Split], rule: Rule) -> tuple[Tally, Tally, Tally, Tally]:
    refused, stranger, consented, unseen = Tally(), Tally(), Tally(), Tally()
    for split in splits:
        answers = rule(split, [m for m, _ in split.probes])
        unseen.add([m.path for m, _ in split.probes], [a is None for a in answers])
        for tally, role in ((refused, REFUSED), (stranger, STRANGER), (consented, CONSENTED)):
            seen = [(m.path, a) for (m, r), a in zip(split.probes, answers, strict=True) if r == role and a is not None]
            tally.add([p for p, _ in seen], [a if role != CONSENTED else not a for _, a in seen])
    return refused, stranger, consented, unseen


def curve(splits: Sequence[Split], thresholds: Thresholds) -> Iterable[str]:
    yield "| clear at | refused cleared | strangers cleared | consented stopped |"
    yield "|-|-|-|-|"
    for clear in CURVE:
        changed = replace(thresholds, clear=clear, stranger_clear=max(clear, thresholds.stranger_clear))
        row = _faces_row(splits, postguard_rule(changed))[:3]
        yield f"| {clear:.2f} | " + " | ".join(map(str, row)) + " |"


def drafts_table(splits: Sequence[Split], thresholds: Thresholds, draws: int, chance: random.Random) -> Iterable[str]:
    columns = ("at once", "with `present`", "after `confirm`", "lying confirm", "worst lying confirm")
    yield "| faces | what is shown | " + " | ".join(columns) + " | face_recognition |"
    yield "|-|-|" + "-|" * (len(columns) + 1)
    for size in DRAFT_SIZES:
        for shown, (odd, unknown) in SHOWN.items():
            tallies = {column: Tally() for column in (*columns, "face_recognition")}
            for split in splits:
                drafts = _drafts(split, size, odd, draws, thresholds, chance, unknown=unknown)
                for column, (pictures, passed) in drafts.items():
                    tallies[column].add(pictures, passed)
            cells = [str(tallies[c]) if odd or "lying" not in c else "" for c in tallies]
            yield f"| {size} | {shown} | " + " | ".join(cells) + " |"


def _drafts(
    split: Split,
    size: int,
    odd: str | None,
    draws: int,
    thresholds: Thresholds,
    chance: random.Random,
    *,
    unknown: bool,
) -> dict[str, tuple[list[str], list[bool]]]:
    """Column to the odd pictures shown and whether each draft passed. The picture of the odd one out counts."""
    own: dict[str, list[Measured]] = defaultdict(list)
    for picture, role in split.probes:
        if role == CONSENTED:
            own[picture.person].append(picture)
    others = [m for m, role in split.probes if role == odd]
    gallery, everybody = gallery_of(split), standing_of(split, unknown=unknown)
    default = nearest_rule("encoding", -0.6, 0.0)
    result: dict[str, tuple[list[str], list[bool]]] = defaultdict(lambda: ([], []))
    consented = size if odd is None else size - 1
    if len(own) < consented or (odd is not None and not others):
        return result
    for _ in range(draws):
        shown = [chance.choice(own[p]) for p in chance.sample(sorted(own), consented)]
        truth = [m.person for m in shown]
        extra = [chance.choice(others)] if odd is not None else []
        pictures = shown + extra
        absent = sorted(split.consented - set(truth))
        there = truth + chance.sample(absent, min(len(absent), max(0, CLASS_SIZE - len(truth))))
        standing = standing_of(split, there, unknown=unknown)
        seen = [m for m in pictures if m.height]
        faces = [as_face(m, i, gallery, thresholds.floor) for i, m in enumerate(seen, start=1)]
        all_seen = len(seen) == len(pictures)

        def confirmed(claims: Sequence[str | None], faces: list[Face] = faces, standing: Standing = standing) -> bool:
            taken = []
            for decision, claim in zip(decide(faces, standing, thresholds), claims, strict=True):
                if not decision.outcome.stops:
                    taken.append(decision.person)
                    continue
                if decision.outcome is Outcome.UNCONSENTED or claim is None:
                    return False
                if verify_claim(decision.face, claim, standing, thresholds) is not None:
                    return False
                taken.append(claim)
            return len(set(taken)) == len(taken)

        claims: list[str | None] = [m.person if m.person in there else None for m in seen]
        passed = {
            "at once": all(not d.outcome.stops for d in decide(faces, everybody, thresholds)),
            "with `present`": all_seen and all(not d.outcome.stops for d in decide(faces, standing, thresholds)),
            "after `confirm`": all_seen and confirmed(claims),
            "face_recognition": all(a is not False for a in default(split, pictures)),
        }
        if odd is not None:
            free = [p for p in there if p not in truth] or there
            at_random = chance.choice(free)
            passed["lying confirm"] = all_seen and confirmed([c or at_random for c in claims])
            passed["worst lying confirm"] = all_seen and any(confirmed([c or lie for c in claims]) for lie in free)
        marked = (extra or shown)[0].path
        for column, value in passed.items():
            result[column][0].append(marked)
            result[column][1].append(value)
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--references", type=int, default=3, help="references a person")
    parser.add_argument("--people", type=int, default=70, help="people drawn for each split")
    parser.add_argument("--most", type=int, default=6, help="pictures a person at most")
    parser.add_argument("--folders", type=int, default=10_000, help="people measured at most")
    parser.add_argument("--singles", type=int, default=100, help="people with too few pictures, as further strangers")
    parser.add_argument("--splits", type=int, default=100)
    parser.add_argument("--draws", type=int, default=10, help="drafts of each kind for each split")
    parser.add_argument("--half", choices=("all", "dev", "test"), default="all")
    parser.add_argument("--shrink", type=int, help="measure the probes with faces this many pixels high")
    parser.add_argument("--children", action="store_true", help="templates made as alike as children's (children.py)")
    parser.add_argument("--cache", type=Path, help="keep what was measured here (.npz; biometric data)")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    measured = [m for m in load(asked) if (asked.shrink and not asked.children) or not m.shrunk]
    if asked.children:
        measured = pretended_children(measured)
    chance = random.Random(asked.seed)
    splits = [draw(measured, asked.references, asked.people, chance) for _ in range(asked.splits)]
    enrolled = len(gallery_of(splits[0]))
    print(
        f"\n{len(measured)} pictures of {len({m.person for m in measured})} people; {asked.splits} splits, {enrolled} "
        f"people enrolled with {asked.references} references each, {len(splits[0].probes)} probes a split.\n"
        "Mean (95 % of splits; upper bound at 95 % over different pictures)\n"
    )
    thresholds = Thresholds()
    for table in (
        faces_table(splits, thresholds),
        curve(splits, thresholds),
        drafts_table(splits, thresholds, asked.draws, chance),
    ):
        print("\n".join(table), end="\n\n")


if __name__ == "__main__":
    main()
