"""Whatever stands in the files: nothing is passed over in silence, and nothing but our own errors comes out."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from postguard.domain.drafts import TEXT
from postguard.domain.errors import RosterError, SettingsError
from postguard.loading import list_references, load_draft, load_settings
from postguard.loading.files import IGNORED
from postguard.loading.roster import parse_roster

NAMES = st.builds(
    lambda stem, endings: stem + "".join(endings),
    st.sampled_from(
        ["a", "b", "post", ".a", "Aoife", "é", "consent_roster", "faces", "thumbs", "x y", "-", "a@5", "#"]
    ),
    st.lists(st.sampled_from([".jpg", ".JPG", ".txt", ".md", ".yaml", ".db", ".docx", ".mov", ".", ".~"]), max_size=3),
)
YAMLISH = st.lists(
    st.sampled_from([*"abP01 :-[]{},#&*!|>'\"%@`?~\n\n\n  \t", "id: ", "name: ", "consent: ", "\u2028", "\x07", "é"]),
    max_size=60,
).map("".join)


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(NAMES, st.binary(max_size=3) | st.just(b"Hello"), max_size=6), st.sets(NAMES, max_size=2))
def test_every_file_of_a_draft_is_taken_or_told(files: dict[str, bytes], folders: set[str]) -> None:
    with tempfile.TemporaryDirectory() as place:
        draft = Path(place) / "draft"
        draft.mkdir()
        for name, data in files.items():
            (draft / name).write_bytes(data)
        for name in folders - files.keys():
            (draft / name).mkdir()
        loaded = load_draft(draft)
        told = {problem.part for problem in loaded.problems}
        taken = {picture.part for picture in loaded.pictures} | {f"{alt.part}.txt" for alt in loaded.alt}
        left = {entry.name for entry in draft.iterdir()} - told - taken
        left -= {name for name in left if name.casefold() in IGNORED and (draft / name).is_file()}
        if loaded.text is not None or TEXT in told:
            assert len(left) <= 1, left
        else:
            assert not left
        if loaded.text is None and not loaded.pictures:
            assert loaded.problems


@settings(max_examples=250, deadline=None)
@given(
    YAMLISH,
    st.sampled_from(["", "school: S\npupils:\n- ", "school: S\npupils: ", "school: S\npupils:\n- {id: A, name: B}\n"]),
)
@example("? [a]\n: b", "")
@example("- - - -", "school: S\npupils:\n")
def test_no_roster_does_more_than_load_or_be_refused(text: str, head: str) -> None:
    for name in ("roster.yaml", "roster.csv"):
        try:
            roster = parse_roster((head + text).encode(), Path(name))
        except RosterError as error:
            assert error.hint
        else:
            assert all(person.id and person.name for person in roster.people)
            assert roster.people


@settings(max_examples=150, deadline=None)
@given(YAMLISH, st.sampled_from(["---\n", "---\npresent: ", "---\nalt: ", "---\npeople: "]))
def test_no_front_matter_does_more_than_load_or_be_told(text: str, head: str) -> None:
    with tempfile.TemporaryDirectory() as place:
        draft = Path(place) / "draft"
        draft.mkdir()
        (draft / "post.md").write_text(f"{head}{text}\n---\nHello\n", encoding="utf-8")
        loaded = load_draft(draft)
        assert loaded.text is not None
        assert "Hello" in loaded.text


@settings(max_examples=200, deadline=None)
@given(YAMLISH, st.sampled_from(["severities: ", "thresholds: ", "channels: ", "roles: ", ""]))
def test_no_settings_do_more_than_load_or_be_refused(text: str, head: str) -> None:
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "postguard.yaml"
        path.write_text(head + text, encoding="utf-8")
        try:
            load_settings(path)
        except SettingsError as error:
            assert error.hint


@pytest.mark.parametrize("name", ["P01", "..", "-", "é"])
def test_references_never_raise(name: str, tmp_path: Path) -> None:
    roster = parse_roster(b"school: S\npupils:\n- {id: P01, name: B, biometric: granted}\n", Path("roster.yaml"))
    (tmp_path / name / "x").mkdir(parents=True, exist_ok=True)
    assert list_references(tmp_path, roster).problems
