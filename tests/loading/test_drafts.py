"""Drafts: what is taken, and that nothing odd is passed over in silence."""

import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from postguard.domain.drafts import AltText, Draft, HeadCount, Present, Unchecked, Visitor
from postguard.domain.errors import EXIT_NO_VERDICT, EXIT_NOTHING, NothingToCheck, UsageError
from postguard.domain.people import Person, Roster
from postguard.loading import check_present, draft_from_words, find_drafts, load_draft

ROSTER = Roster(
    school="S",
    people=(Person(id="P01", name="Aoife MacDonald", group="P4"), Person(id="S01", name="Mrs Campbell")),
    channels=("twitter", "website"),
)
JPEG = b"\xff\xd8\xff"


def fill(folder: Path, files: Mapping[str, str | bytes]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


def draft(folder: Path, files: Mapping[str, str | bytes]) -> Draft:
    return load_draft(fill(folder / "monday", files))


def problems(folder: Path, files: Mapping[str, str | bytes]) -> list[tuple[str, str]]:
    return [(p.part, p.reason) for p in draft(folder, files).problems]


def test_a_draft_with_everything(tmp_path: Path) -> None:
    post = """---
channel: website
author: Mrs Campbell
present: {groups: [P4], people: [S01], others: [{name: visiting author, permission: "e-mail, 3 November"}]}
people: {IMG_1.jpg: 10}
alt: {IMG_1.jpg: Children planting a tree}
---
A good day.

---
More.
"""
    loaded = draft(
        tmp_path,
        {
            "post.md": post,
            "IMG_1.jpg": JPEG,
            "IMG_2.PNG": b"x",
            "IMG_2.PNG.txt": "A tree\n",
            ".DS_Store": b"x",
            "Thumbs.db": "",
        },
    )
    assert loaded.problems == ()
    assert (loaded.name, loaded.channel, loaded.author) == ("monday", "website", "Mrs Campbell")
    assert loaded.text == "A good day.\n\n---\nMore.\n"
    assert [p.part for p in loaded.pictures] == ["IMG_1.jpg", "IMG_2.PNG"]
    assert loaded.pictures[0].path == tmp_path / "monday" / "IMG_1.jpg"
    assert loaded.alt == (
        AltText(part="IMG_1.jpg", text="Children planting a tree"),
        AltText(part="IMG_2.PNG", text="A tree\n"),
    )
    assert loaded.present == Present(
        groups=("P4",), people=("S01",), others=(Visitor(name="visiting author", permission="e-mail, 3 November"),)
    )
    assert loaded.head_counts == (HeadCount(part="IMG_1.jpg", people=10),)


@pytest.mark.parametrize("lead", ["", "\n", "\n \n", " "])
@pytest.mark.parametrize("fence", ["---", "----", " --- "])
def test_what_is_told_to_postguard_is_known_however_it_is_set_off(lead: str, fence: str, tmp_path: Path) -> None:
    found = draft(tmp_path, {"post.md": f"{lead}{fence}\nchannel: website\npeople: 3\n{fence}\nHello"})
    assert (found.channel, found.text, found.problems) == ("website", "Hello", ())
    assert [count.people for count in found.head_counts] == [3]


@pytest.mark.parametrize(
    "words",
    [
        "People: thank you!",
        "People: 30 came to our fair.",
        "Present: a bike",
        "Channel: CBeebies",
        "-----\nGreat day\n-----",
        "Author visit today",
        "Today's channel: the Clyde\nA good day",
    ],
)
def test_words_that_only_look_like_it_a_little_are_words(words: str, tmp_path: Path) -> None:
    assert draft(tmp_path, {"post.md": words}).problems == ()


def test_every_kind_of_picture_and_clip_is_taken(tmp_path: Path) -> None:
    kinds = "jpg JPEG png gif webp tif tiff bmp heic HEIF avif mp4 mov m4v webm avi"
    names = [f"a.{kind}" for kind in kinds.split()]
    loaded = draft(tmp_path, dict.fromkeys(names, b"x"))
    assert sorted(p.part for p in loaded.pictures) == sorted(names)
    assert loaded.problems == ()


@pytest.mark.parametrize("name", ["a@5.jpg", "a:alt.jpg", "text.jpg", "Aoife MacDonald's day (1).jpg", "é.jpg"])
def test_names_that_look_like_something_else_stay_names(name: str, tmp_path: Path) -> None:
    loaded = draft(tmp_path, {name: b"x", f"{name}.txt": "words"})
    assert [p.part for p in loaded.pictures] == [a.part for a in loaded.alt] == [name]
    assert loaded.problems == ()


def test_a_file_name_from_a_mac_matches_what_a_keyboard_types(tmp_path: Path) -> None:
    stored, typed = "cafe\u0301.jpg", "café.jpg"
    loaded = draft(
        tmp_path, {stored: b"x", "post.md": f"---\nalt: {{{typed}: Cake}}\npeople: {{{typed}: 2}}\n---\nHello\n"}
    )
    assert (loaded.problems, loaded.alt) == ((), (AltText(part=stored, text="Cake"),))
    assert loaded.head_counts == (HeadCount(part=stored, people=2),)


def test_one_head_count_for_all_pictures(tmp_path: Path) -> None:
    assert draft(tmp_path, {"post.md": "---\npeople: 10\n---\nHello", "a.jpg": b""}).head_counts == (
        HeadCount(part=None, people=10),
    )


def test_front_matter_alone_goes_with_pictures(tmp_path: Path) -> None:
    loaded = draft(tmp_path, {"post.md": "---\npeople: 0\n---\n", "a.jpg": b""})
    assert (loaded.text, loaded.problems) == (None, ())


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_words_keep_every_character(encoding: str, tmp_path: Path) -> None:
    words = "A\u202eo\u200bife \u00e9 \U0001f600\n"
    assert draft(tmp_path, {"post.txt": words.encode(encoding)}).text == words


UNKNOWN = (
    "Nobody here understands this kind of file. Remove it from the draft, "
    "or save it as a picture (jpg, png) or as text (txt)."
)
ROSTER_INSIDE = "This belongs beside the school's roster. A draft never brings its own consent: move it out."
FOLDER = "A folder inside a draft. Move it out; or, if this is a week of drafts, give each post its own folder."
ODD: dict[str, tuple[dict[str, str | bytes], list[tuple[str, str]]]] = {
    "an unknown kind of file": ({"a.jpg": b"", "notes.docx": b""}, [("notes.docx", UNKNOWN)]),
    "a file without an ending": ({"a.jpg": b"", "README": b""}, [("README", UNKNOWN)]),
    "a sub-folder": ({"a.jpg": b"", "more/b.jpg": b""}, [("more", FOLDER)]),
    "a hidden file": (
        {"a.jpg": b"", ".b.jpg": b""},
        [(".b.jpg", "A hidden file. Remove it, or rename it without the dot in front.")],
    ),
    "a roster": ({"a.jpg": b"", "consent_roster.yaml": "x"}, [("consent_roster.yaml", ROSTER_INSIDE)]),
    "a roster as a table": ({"a.jpg": b"", "Consent_Roster.CSV": "x"}, [("Consent_Roster.CSV", ROSTER_INSIDE)]),
    "settings": ({"a.jpg": b"", "postguard.yaml": "x"}, [("postguard.yaml", ROSTER_INSIDE)]),
    "references": ({"a.jpg": b"", "faces/P01/1.jpg": b""}, [("faces", ROSTER_INSIDE)]),
    "waivers": ({"a.jpg": b"", ".postguard/waivers.yaml": b""}, [(".postguard", ROSTER_INSIDE)]),
    "two texts": (
        {"a.txt": "one", "post.md": "two"},
        [("a.txt", "A second text. Keep one as the post, and remove the other.")],
    ),
    "an empty text": ({"post.md": " \n"}, [("text", "An empty text. Write the words, or remove the file.")]),
    "nothing but front matter": (
        {"post.md": "---\nchannel: twitter\n---\n\n"},
        [("draft", "There are no words and no pictures here. Remove the folder or fill it.")],
    ),
    "words in another encoding": (
        {"post.md": "Zoë".encode("cp1252")},
        [
            (
                "text",
                "This is not plain text in UTF-8, so letters such as é or ò could be misread. "
                "Save it again as plain text with the encoding UTF-8.",
            )
        ],
    ),
    "words that are no words": (
        {"post.txt": b"PK\0\0"},
        [("text", "This is not plain text: it holds bytes no text has. Save it again as plain text, encoding UTF-8.")],
    ),
    "words without end": ({"post.txt": b"a" * 2_000_001}, [("text", "This is far too long for a post. Shorten it.")]),
    "an alt text without its picture": (
        {"a.jpg": b"", "b.jpg.txt": "x"},
        [("b.jpg.txt", "An alt text for a picture that is not here. Add the picture, or remove the alt text.")],
    ),
    "an empty alt text": (
        {"a.jpg": b"", "a.jpg.txt": ""},
        [("a.jpg.txt", "An empty text. Write the words, or remove the file.")],
    ),
    "an alt text in front matter without its picture": (
        {"a.jpg": b"", "post.md": "---\nalt: {b.jpg: x}\n---\nHello"},
        [("text", "An alt text for a picture that is not here. Add the picture, or remove the alt text.")],
    ),
    "two alt texts": (
        {"a.jpg": b"", "a.jpg.txt": "x", "post.md": "---\nalt: {a.jpg: y}\n---\nHello"},
        [("a.jpg.txt", "A second alt text for the same picture. Keep one.")],
    ),
    "an unknown key": (
        {"post.md": "---\nchanel: twitter\n---\nHello"},
        [("text", "Line 2: this key is not known here. Did you mean channel?")],
    ),
    "a key twice": (
        {"post.md": "---\npeople: 2\npeople: 3\n---\nHello"},
        [("text", "Line 3: people is already given on line 2. Keep one of the two.")],
    ),
    "front matter that is no YAML": (
        {"post.md": "---\nalt: {a\n---\nHello"},
        [
            (
                "text",
                "Line 2: a bracket is opened here and not closed, or a comma or a colon is missing after it.",
            )
        ],
    ),
    "front matter that are words": (
        {"post.md": "---\nAoife did well\n---\nHello"},
        [
            (
                "text",
                "Line 2: the part between the two lines of --- must be written as keys and values, such as channel: …",
            )
        ],
    ),
    **{
        f"words for postguard outside of the two lines: {line}": (
            {"post.md": f"Hello\n{line}\nA good day."},
            [
                (
                    "text",
                    "Lines at the top look as if they told postguard something, and would be published as they are. "
                    "Put them at the very top, between two lines of ---, or take them out.",
                )
            ],
        )
        for line in (
            "channel: website",
            "Channel = website",
            "**channel:** website",
            "people: 10",
            "present: {groups: [P4]}",
            "author: S01",
        )
    },
    "front matter never closed": (
        {"post.md": "---\nchannel: twitter\nHello"},
        [
            (
                "text",
                "The text begins with --- and the part between two lines of --- is never closed. Add the second line.",
            )
        ],
    ),
    "a head count of no picture": (
        {"post.md": "---\npeople: {b.jpg: 3}\n---\nHello", "a.jpg": b""},
        [("text", "Line 2: people counts a picture that is not here. Write its name as the file's.")],
    ),
    "a head count that is no number": (
        {"post.md": "---\npeople: ten\n---\nHello", "a.jpg": b""},
        [("text", "Line 2: people must be a whole number, as in people: 10.")],
    ),
    "a head count of a million digits": (
        {"post.md": f"---\npeople: {'9' * 1_000_000}\n---\nHello", "a.jpg": b""},
        [("text", "Line 2: people must be a whole number, as in people: 10.")],
    ),
    "a head count below nothing": (
        {"post.md": "---\npeople: {a.jpg: -1}\n---\nHello", "a.jpg": b""},
        [("text", "Line 2: people must be a whole number, as in people: 10.")],
    ),
    "visitors without permission": (
        {"post.md": "---\npresent: {others: [{name: An author}]}\n---\nHello", "a.jpg": b""},
        [("text", "Line 2: each of the others needs a permission.")],
    ),
    "visitors that are no list": (
        {"post.md": "---\npresent: {others: an author}\n---\nHello", "a.jpg": b""},
        [("text", "Line 2: others must be a list, as in others: [{name: visiting author, permission: e-mail}].")],
    ),
}


@pytest.mark.parametrize("oddity", ODD)
def test_every_oddity_is_a_problem(oddity: str, tmp_path: Path) -> None:
    files, expected = ODD[oddity]
    assert problems(tmp_path, files) == expected


@pytest.mark.parametrize("oddity", ODD)
def test_no_reason_names_anybody_or_any_file(oddity: str, tmp_path: Path) -> None:
    files, _ = ODD[oddity]
    for problem in draft(tmp_path, files).problems:
        for word in ("Aoife", "notes.docx", "b.jpg", "a.txt"):
            assert word not in problem.reason


def test_two_texts_are_told_even_when_the_first_cannot_be_read(tmp_path: Path) -> None:
    assert [part for part, _ in problems(tmp_path, {"a.txt": "", "b.txt": "words"})] == ["text", "b.txt"]


def test_bad_front_matter_keeps_all_words_in_sight(tmp_path: Path) -> None:
    loaded = draft(tmp_path, {"post.md": "---\nAoife: did well\n---\nHello"})
    assert loaded.text is not None
    assert "Aoife" in loaded.text


def test_deep_nesting_in_front_matter_is_a_problem_and_no_crash(tmp_path: Path) -> None:
    (found,) = problems(tmp_path, {"post.md": "---\nalt: " + "[" * 100_000 + "\n---\nHello"})
    assert "deeper" in found[1]


def test_links_may_not_leave_the_draft(tmp_path: Path) -> None:
    fill(tmp_path, {"outside.jpg": b"x", "other/a.jpg": b"x"})
    folder = fill(tmp_path / "monday", {"a.jpg": b"x"})
    (folder / "b.jpg").symlink_to(tmp_path / "outside.jpg")
    (folder / "c.jpg").symlink_to(tmp_path / "nowhere.jpg")
    (folder / "d.jpg").symlink_to("d.jpg")
    (folder / "e.jpg").symlink_to("a.jpg")
    (folder / "f").symlink_to(tmp_path / "other")
    (folder / ".DS_Store").symlink_to(tmp_path / "outside.jpg")
    loaded = load_draft(folder)
    assert [p.part for p in loaded.pictures] == ["a.jpg", "e.jpg"]
    assert {p.part for p in loaded.problems} == {".DS_Store", "b.jpg", "c.jpg", "d.jpg", "f"}
    assert all("leads out of the draft, or nowhere" in p.reason for p in loaded.problems)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no pipes with names")
def test_a_pipe_is_a_problem_and_is_never_read(tmp_path: Path) -> None:
    folder = fill(tmp_path / "monday", {"a.jpg": b""})
    os.mkfifo(folder / "post.md")
    assert [(p.part, p.reason) for p in load_draft(folder).problems] == [
        ("post.md", "This is not an ordinary file. Remove it.")
    ]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
@pytest.mark.parametrize("name", [b"a\xff.jpg", b"a\n.jpg"])
def test_names_that_cannot_be_shown(name: bytes, tmp_path: Path) -> None:
    folder = fill(tmp_path / "monday", {"b.jpg": b""})
    (folder / os.fsdecode(name)).write_bytes(b"")
    (problem,) = load_draft(folder).problems
    assert "cannot be shown" in problem.reason
    assert problem.part == "a\ufffd.jpg"


def test_postguards_own_file_is_passed_over_but_not_a_folder_of_that_name(tmp_path: Path) -> None:
    assert problems(tmp_path, {"a.jpg": b"", "postguard-confirmed.yaml": "x"}) == []
    assert problems(tmp_path / "2", {"a.jpg": b"", "postguard-confirmed.yaml/b.jpg": b""})[0][1] == FOLDER
    assert problems(tmp_path / "3", {"a.jpg": b"", ".DS_Store/b.jpg": b""})[0][1] == FOLDER


def test_a_batch_is_its_folders_in_order_and_hidden_ones_too(tmp_path: Path) -> None:
    fill(tmp_path / "week", {"b/post.md": "x", "a/a.jpg": b"", ".c/a.jpg": b"", "d/x": "", ".DS_Store": ""})
    found = find_drafts(tmp_path / "week")
    assert [path.name for path in found] == [".c", "a", "b", "d"]
    (hidden,) = load_draft(found[0]).problems
    assert hidden == Unchecked(part=".c", reason="A hidden folder. Rename it without the dot in front, or remove it.")
    assert [p.reason for p in load_draft(found[3]).problems] == [UNKNOWN]


@pytest.mark.parametrize("loose", ["post.md", "a.jpg", "notes.docx", "postguard.yaml", ".hidden"])
def test_files_beside_the_drafts_of_a_week_fail_it(loose: str, tmp_path: Path) -> None:
    week = fill(tmp_path / "week", {"a/post.md": "x", loose: "x"})
    assert find_drafts(week) == (week,)
    assert ("a", FOLDER) in [(p.part, p.reason) for p in load_draft(week).problems]


def test_the_schools_own_folder_is_no_draft(tmp_path: Path) -> None:
    school = fill(tmp_path, {"drafts/a/post.md": "x", "faces/P01/1.jpg": "x", "consent_roster.yaml": "x"})
    with pytest.raises(UsageError, match="is the school's folder") as caught:
        find_drafts(school)
    assert str(school / "drafts") in caught.value.hint
    fill(school, {"post.md": "x"})
    assert find_drafts(school) == (school,)
    assert ("consent_roster.yaml", ROSTER_INSIDE) in [(p.part, p.reason) for p in load_draft(school).problems]


def test_an_empty_draft_in_a_batch_fails(tmp_path: Path) -> None:
    (tmp_path / "week" / "a").mkdir(parents=True)
    (draft_path,) = find_drafts(tmp_path / "week")
    assert "no words and no pictures" in load_draft(draft_path).problems[0].reason


def test_nothing_to_check(tmp_path: Path) -> None:
    fill(tmp_path, {".DS_Store": ""})
    with pytest.raises(NothingToCheck) as caught:
        find_drafts(tmp_path)
    assert caught.value.exit_code == EXIT_NOTHING


def test_a_mistyped_path_names_the_nearest(tmp_path: Path) -> None:
    fill(tmp_path / "monday-assembly", {"post.md": "x"})
    with pytest.raises(UsageError) as caught:
        find_drafts(tmp_path / "monday-asembly")
    assert caught.value.exit_code == EXIT_NO_VERDICT
    assert "monday-assembly?" in caught.value.hint


@pytest.mark.parametrize("path", ["x" * 5000, "post.md/deeper"])
def test_paths_that_cannot_be(path: str, tmp_path: Path) -> None:
    fill(tmp_path, {"post.md": "x"})
    with pytest.raises(UsageError):
        find_drafts(tmp_path / path)


def test_a_file_is_no_draft(tmp_path: Path) -> None:
    fill(tmp_path, {"a.jpg": b""})
    with pytest.raises(UsageError, match="a draft is a folder") as caught:
        find_drafts(tmp_path / "a.jpg")
    assert "--text" in caught.value.hint


def test_a_folder_that_vanishes_is_a_problem(tmp_path: Path) -> None:
    (problem,) = load_draft(tmp_path / "gone").problems
    assert "cannot be opened" in problem.reason


def test_who_was_there_must_be_on_the_roster(tmp_path: Path) -> None:
    post = "---\npresent: {groups: [P4, P9], people: [P01, Aoife, S01]}\n---\nHello"
    found = check_present(draft(tmp_path, {"post.md": post}), ROSTER)
    assert [p.reason for p in found] == [
        "Group number 2 under `present` is not on the roster. Write it as the roster does.",
        "Person number 2 under `present` is not on the roster. "
        "Write the person's id; who is not on the roster goes to others.",
    ]
    assert check_present(draft(tmp_path / "2", {"post.md": "Hello"}), ROSTER) == ()


def test_words_and_pictures_without_a_folder(tmp_path: Path) -> None:
    fill(tmp_path, {"1/a.jpg": b"", "2/a.jpg": b"", "b.docx": b""})
    loaded = draft_from_words("Hello", [tmp_path / "1/a.jpg", tmp_path / "2/a.jpg", tmp_path / "b.docx"])
    assert (loaded.text, [p.part for p in loaded.pictures]) == ("Hello", ["a.jpg", "a~2.jpg"])
    assert loaded.problems == (Unchecked(part="b.docx", reason=UNKNOWN),)
    assert draft_from_words(" ", [tmp_path / "1/a.jpg"]).text is None


def test_no_two_pictures_without_a_folder_are_one_part(tmp_path: Path) -> None:
    fill(tmp_path, {"a~2.jpg": b"", "1/a.jpg": b"", "2/a.jpg": b"", "3/a.jpg": b""})
    loaded = draft_from_words(None, [tmp_path / name for name in ("a~2.jpg", "1/a.jpg", "2/a.jpg", "3/a.jpg")])
    assert [p.part for p in loaded.pictures] == ["a~2.jpg", "a.jpg", "a~3.jpg", "a~4.jpg"]
    with pytest.raises(UsageError, match="cannot be opened"):
        draft_from_words(None, [tmp_path / ("x" * 5000)])


def test_no_words_and_no_pictures_without_a_folder(tmp_path: Path) -> None:
    with pytest.raises(NothingToCheck):
        draft_from_words(" ", [])
    with pytest.raises(UsageError, match="no picture at"):
        draft_from_words("Hello", [tmp_path / "gone.jpg"])
    with pytest.raises(UsageError, match="is a folder"):
        draft_from_words("Hello", [tmp_path])
