"""`postguard confirm`: answers through the command, and what `check` makes of them."""

import json

import av
import numpy as np
import pytest
import yaml
from PIL import Image
from staged_faces import CLEAR, UNSURE, refuse, stage

from postguard.domain.answers import CONFIRMATIONS_FILE
from postguard.domain.evidence import Detection

PICTURE = "IMG_1.jpg"
POST = "---\npeople: 2\n---\nA good day for all."


@pytest.fixture
def two_faces(monkeypatch, draft):
    """One face that clears by itself, and one of P07 that does not."""
    stage(monkeypatch, **{PICTURE: [{"P01": CLEAR}, {"P07": UNSURE}]})
    return draft(POST, **{PICTURE: b"bytes"})


def verdict(postguard, folder) -> dict:
    ran = postguard("check", folder, "--format", "json", "--private", "-o", folder.parent / "out.json")
    report = json.loads((folder.parent / "out.json").read_text())["drafts"][0]
    assert (ran.code == 0) == (report["verdict"] == "pass")
    return report


def outcomes(report) -> list[tuple[str, str | None]]:
    return [(face["outcome"], face.get("person")) for face in report["faces"]]


def stops(report) -> list[str]:
    return [f["rule"] for f in report["findings"] if f["severity"] != "note"]


def kept(folder) -> list[str]:
    return [answer["is"] for answer in yaml.safe_load((folder / CONFIRMATIONS_FILE).read_text())["faces"]]


def test_a_claim_that_holds_lets_the_draft_pass(postguard, two_faces):
    assert verdict(postguard, two_faces)["verdict"] == "fail"
    ran = postguard("confirm", two_faces, "--face", "2=P07")
    assert ran.code == 0 and "P07 it is" in ran.out and "Still stopped" not in ran.out
    report = verdict(postguard, two_faces)
    assert report["verdict"] == "pass"
    assert outcomes(report) == [("cleared", "P01"), ("confirmed", "P07")]


def test_what_somebody_else_answers_meanwhile_is_not_lost(postguard, monkeypatch, two_faces):
    """A colleague who knows better answers while the first still thinks."""
    from postguard.answering import Table
    from postguard.records.confirmations import load_confirmations

    weigh = Table.weigh

    def meanwhile(table, asked):
        monkeypatch.setattr(Table, "weigh", weigh)
        assert postguard("confirm", two_faces, "--face", "2=P02").code == 1
        return weigh(table, asked)

    monkeypatch.setattr(Table, "weigh", meanwhile)
    ran = postguard("confirm", two_faces, "--face", "2=P07")
    assert ran.code == 2 and "meanwhile" in ran.err
    assert [c.claim for c in load_confirmations(two_faces)[0].faces] == ["P02"]


def test_a_name_will_do_for_an_id(postguard, two_faces):
    assert postguard("confirm", two_faces, "--face", "2=may sinclair").code == 0
    assert kept(two_faces) == ["P07"]


@pytest.mark.parametrize("claim", ["P03", "P12"])
def test_a_claim_that_does_not_hold_changes_nothing(postguard, two_faces, claim):
    ran = postguard("confirm", two_faces, "--face", f"2={claim}")
    assert ran.code == 1 and "not look enough like" in ran.out and "Still stopped: face 2." in ran.out
    assert not (two_faces / CONFIRMATIONS_FILE).exists()
    assert verdict(postguard, two_faces)["verdict"] == "fail"


def test_a_lie_about_a_refused_child_does_not_pass(postguard, monkeypatch, draft):
    """P02 refused. The poster says P07, who is near enough to verify, but P02 is as near."""
    stage(monkeypatch, **{PICTURE: [{"P02": UNSURE, "P07": UNSURE + 0.01}]})
    folder = draft(POST.replace("2", "1"), **{PICTURE: b"bytes"})
    ran = postguard("confirm", folder, "--face", "1=P07")
    assert ran.code == 1 and "too near to somebody without permission" in ran.out
    assert verdict(postguard, folder)["verdict"] == "fail"


def test_a_claim_does_not_hold_while_the_reference_photos_are_a_refused_pupils_too(postguard, monkeypatch, two_faces):
    monkeypatch.setattr("staged_faces.Stage.alike", lambda self, person: frozenset({"P02"} if person == "P07" else ()))
    ran = postguard("confirm", two_faces, "--face", "2=P07")
    assert ran.code == 1 and "too near to somebody without permission" in ran.out


def test_a_file_written_by_hand_clears_nobody(postguard, monkeypatch, two_faces):
    """The file says that a refused child is P07, in exactly the form postguard writes: the machine is asked again."""
    assert postguard("confirm", two_faces, "--face", "2=P07").code == 0
    stage(monkeypatch, **{PICTURE: [{"P01": CLEAR}, {"P02": CLEAR, "P07": UNSURE}]})
    assert outcomes(verdict(postguard, two_faces))[1] == ("unconsented", "P02")
    stage(monkeypatch, **{PICTURE: [{"P01": CLEAR}, {"P03": UNSURE}]})
    assert outcomes(verdict(postguard, two_faces))[1][0] == "unknown"


@pytest.mark.parametrize("claim", ["P01", "P09", "not-a-face"])
def test_a_face_that_is_not_stopped_needs_no_answer(postguard, two_faces, claim):
    ran = postguard("confirm", two_faces, "--face", f"1={claim}")
    assert "Face 1 is not stopped" in ran.out and "it is." not in ran.out
    assert ran.code == 0 and not (two_faces / CONFIRMATIONS_FILE).exists()


def test_a_face_that_another_answer_would_stop_may_be_answered(postguard, monkeypatch, draft):
    """The machine takes the first for P01; the poster knows that the second is P01 and the first is P03."""
    stage(monkeypatch, **{PICTURE: [{"P01": CLEAR, "P03": UNSURE}, {"P01": UNSURE}]})
    folder = draft(POST, **{PICTURE: b"bytes"})
    assert postguard("confirm", folder, "--face", "2=P01").code == 1
    assert postguard("confirm", folder, "--face", "1=P03", "--face", "2=P01").code == 0
    assert outcomes(verdict(postguard, folder)) == [("confirmed", "P03"), ("confirmed", "P01")]


def test_consent_that_is_withdrawn_ends_a_confirmation(postguard, school, two_faces):
    assert postguard("confirm", two_faces, "--face", "2=P07").code == 0
    refuse(school, "P07")
    assert outcomes(verdict(postguard, two_faces))[1][0] == "unconsented"


def test_another_picture_ends_a_confirmation(postguard, two_faces):
    assert postguard("confirm", two_faces, "--face", "2=P07").code == 0
    (two_faces / PICTURE).write_bytes(b"other bytes")
    assert outcomes(verdict(postguard, two_faces))[1][0] == "unknown"


def test_saying_that_it_is_somebody_refused_stops_the_face_and_is_kept(postguard, two_faces):
    ran = postguard("confirm", two_faces, "--face", "1=P02")
    assert ran.code == 1 and "may not be shown here" in ran.out
    assert outcomes(verdict(postguard, two_faces))[0] == ("unconsented", "P02")
    assert postguard("confirm", two_faces, "--face", "1=nothing").code == 0
    assert outcomes(verdict(postguard, two_faces))[0] == ("cleared", "P01")


def test_two_faces_cannot_be_the_same_child(postguard, monkeypatch, draft):
    stage(monkeypatch, **{PICTURE: [{"P07": UNSURE}, {"P07": UNSURE}]})
    folder = draft(POST, **{PICTURE: b"bytes"})
    ran = postguard("confirm", folder, "--face", "1=P07", "--face", "2=P07")
    assert ran.code == 1 and "same person" in ran.out
    assert verdict(postguard, folder)["verdict"] == "fail"


def test_a_weak_box_is_not_a_face_and_is_not_counted(postguard, monkeypatch, draft):
    staged = stage(monkeypatch, **{PICTURE: [{}]})
    folder = draft("---\npeople: 0\n---\nOur garden.", **{PICTURE: b"bytes"})
    ran = postguard("confirm", folder, "--face", "1=not-a-face")
    assert ran.code == 1 and "sure that there is a face" in ran.out
    staged.detections = (Detection(detector="yunet", score=0.41),)
    assert verdict(postguard, folder)["verdict"] == "fail"
    assert postguard("confirm", folder, "--face", "1=not-a-face").code == 0
    assert verdict(postguard, folder)["verdict"] == "pass"


def test_somebody_marked_by_hand_is_counted_and_stops_until_vouched_for(postguard, monkeypatch, draft):
    stage(monkeypatch, **{PICTURE: [{"P01": CLEAR}]})
    folder = draft(POST, **{PICTURE: b"bytes"})
    assert stops(verdict(postguard, folder)) == ["PG106"]
    ran = postguard("confirm", folder, "--mark", f"{PICTURE}:400,100,60,80")
    assert ran.code == 0 and "must vouch" in ran.out
    report = verdict(postguard, folder)
    assert stops(report) == ["PG104"]
    assert report["faces"][1]["region"] == [400, 100, 60, 80]


@pytest.mark.parametrize(
    "place", ["IMG_1.jpg:900,100,200,80", "IMG_1.jpg:1,2,3", "IMG_1.jpg:1,2,0,4", "IMG_9.jpg:1,2,3,4", "x"]
)
def test_a_mark_that_is_nowhere_is_said(postguard, two_faces, place):
    assert postguard("confirm", two_faces, "--mark", place).code == 2
    assert not (two_faces / CONFIRMATIONS_FILE).exists()


@pytest.mark.parametrize("claim", ["3=P07", "0=P07", "2", "P07", "IMG_1.jpg:2=P07", "2=P99", "2=", "2=Nobody Known"])
def test_a_claim_about_nothing_is_said(postguard, two_faces, claim):
    ran = postguard("confirm", two_faces, "--face", claim)
    assert ran.code == 2 and ran.err
    assert not (two_faces / CONFIRMATIONS_FILE).exists()


def test_a_claim_without_a_person_is_told_so(postguard, two_faces):
    ran = postguard("confirm", two_faces, "--face", "2")
    assert "2 does not say who it is." in ran.err and "--face 2=ID" in ran.err


def test_with_several_pictures_a_face_is_named_with_its_picture(postguard, monkeypatch, draft):
    stage(monkeypatch, **{"a.jpg": [{"P01": UNSURE}], "b.jpg": [{"P07": UNSURE}]})
    folder = draft(POST, **{"a.jpg": b"a", "b.jpg": b"b"})
    listed = postguard("confirm", folder).out
    assert listed.count("a.jpg") == 1 and "face a.jpg:1: nobody who may be shown here" in listed
    assert postguard("confirm", folder, "--face", "1=P07").code == 2
    assert postguard("confirm", folder, "--face", "b.jpg:1=P07", "--face", "a.jpg:1=P01").code == 0
    assert verdict(postguard, folder)["verdict"] == "pass"


def test_answers_add_up_and_later_ones_replace_earlier_ones(postguard, monkeypatch, draft):
    stage(monkeypatch, **{PICTURE: [{"P01": UNSURE, "P03": UNSURE}, {"P07": UNSURE}]})
    folder = draft(POST, **{PICTURE: b"bytes"})
    assert postguard("confirm", folder, "--face", "1=P01").code == 0
    assert postguard("confirm", folder, "--face", "2=P07").code == 0
    assert postguard("confirm", folder, "--face", "1=P03").code == 0
    assert sorted(kept(folder)) == ["P03", "P07"]


def test_without_an_answer_it_lists_what_is_open(postguard, two_faces):
    ran = postguard("confirm", two_faces)
    assert ran.code == 1
    assert "face 2" in ran.out and "face 1" not in ran.out and "--face N=ID" in ran.out
    assert postguard("confirm", two_faces, "--face", "2=P07").code == 0
    assert postguard("confirm", two_faces).code == 0


def test_a_lone_forename_may_be_nobody_of_ours(postguard, draft):
    folder = draft("Well done Grace, our visitor from Norway.")
    assert verdict(postguard, folder)["verdict"] == "fail"
    assert "Grace" in postguard("confirm", folder).out
    assert postguard("confirm", folder, "--name", "1=not-our-pupil").code == 0
    assert verdict(postguard, folder)["verdict"] == "pass"
    (folder / "post.md").write_text("Well done Grace, our visitor from Sweden.")
    assert verdict(postguard, folder)["verdict"] == "fail"


@pytest.mark.parametrize("words", ["2=not-our-pupil", "1=P03", "x"])
def test_an_answer_about_no_forename_is_said(postguard, draft, words):
    assert postguard("confirm", draft("Well done Grace, our visitor."), "--name", words).code == 2


def test_damaged_answers_fail_the_check_and_stop_confirm(postguard, two_faces):
    assert postguard("confirm", two_faces, "--face", "2=P07").code == 0
    path = two_faces / CONFIRMATIONS_FILE
    path.write_text(path.read_text() + "all_fine: yes\n")
    assert verdict(postguard, two_faces)["verdict"] == "fail"
    assert postguard("confirm", two_faces, "--face", "2=P07").code == 2


def test_what_was_confirmed_is_in_the_journal_without_a_name(postguard, school, two_faces, monkeypatch):
    postguard("confirm", two_faces, "--face", "2=P07", "--face", "1=P02")
    lines = [json.loads(line) for line in (school / ".postguard" / "journal.jsonl").read_text().splitlines()]
    assert [(line["event"], line["held"], line["refused"]) for line in lines] == [("confirm", 1, 1)]
    monkeypatch.chdir(school)
    assert postguard("journal", "verify").code == 0
    assert not any(word in str(lines) for word in ("P07", "P03", "IMG_1", "Sinclair"))


def test_a_sheet_shows_the_stopped_faces_and_nobody_else(postguard, monkeypatch, draft, root, tmp_path):
    stage(monkeypatch, **{PICTURE: [{"P01": CLEAR}, {"P07": UNSURE}]})
    folder = draft(POST, **{PICTURE: (root / "tests" / "pictures" / "G1_class.jpg").read_bytes()})
    sheet = tmp_path / "sheet"
    postguard("confirm", folder, "--sheet", sheet)
    assert sorted(p.name for p in sheet.iterdir()) == ["face-2.jpg", "sheet.html"]
    assert (sheet / "face-2.jpg").read_bytes()[:2] == b"\xff\xd8"
    assert all(p.stat().st_mode & 0o777 == 0o600 for p in sheet.iterdir())
    assert postguard("confirm", folder, "--sheet", folder / "sheet").code == 2
    page = (sheet / "sheet.html").read_text()
    assert page.count("<img") == 1 and "http" not in page


def test_a_sheet_shows_the_stopped_faces_of_a_clip_at_their_moments(postguard, monkeypatch, draft, tmp_path):
    faces = {"walk.mp4@0": [{"P01": CLEAR}], "walk.mp4@1": [{"P07": UNSURE}], "walk.mp4@2": [{}, {"P07": UNSURE}]}
    stage(monkeypatch, **faces, **{PICTURE: [{"P07": UNSURE}]})
    colours = [(200, 40, 40), (40, 200, 40), (40, 40, 200)]
    with av.open(str(tmp_path / "walk.mp4"), "w") as file:
        stream = file.add_stream("libx264", rate=10)
        stream.width, stream.height, stream.pix_fmt = 320, 180, "yuv420p"
        for number in range(30):
            picture = av.VideoFrame.from_image(Image.new("RGB", (320, 180), colours[number // 10]))
            file.mux(stream.encode(picture))
        file.mux(stream.encode())
    folder = draft(POST, **{"walk.mp4": (tmp_path / "walk.mp4").read_bytes()}, **{PICTURE: b"not a picture"})
    sheet = tmp_path / "sheet"
    ran = postguard("confirm", folder, "--sheet", sheet)
    shown = {
        "face-walk-mp4-1-1.jpg": colours[1],
        "face-walk-mp4-2-1.jpg": colours[2],
        "face-walk-mp4-2-2.jpg": colours[2],
    }
    assert sorted(p.name for p in sheet.iterdir()) == [*sorted(shown), "sheet.html"], ran.said
    for name, colour in shown.items():
        with Image.open(sheet / name) as crop:
            assert np.abs(np.asarray(crop.convert("RGB")).mean(axis=(0, 1)) - colour).max() < 12
    page = (sheet / "sheet.html").read_text()
    assert page.count("<img") == 3 and page.count("no still to show") == 1
    assert "face walk.mp4@1:1" in page


def test_whoever_seems_to_be_seen_again_in_a_clip_is_said_to_be(postguard, monkeypatch, draft):
    faces = {"a.mp4@1": [{"P07": UNSURE}], "a.mp4@2": [{}], "a.mp4@3": [{}], "b.mp4@1": [{}]}
    staged = stage(monkeypatch, **faces, **{PICTURE: [{}, {}]})
    staged.figures = {"a.mp4@1": 1, "a.mp4@2": 2, "a.mp4@3": 1, "b.mp4@1": 1}
    ran = postguard("confirm", draft(POST, **{"a.mp4": b"a", "b.mp4": b"b"}, **{PICTURE: b"c"}))
    again = [line for line in ran.said.splitlines() if "again" in line]
    assert [line.split(": ")[0] for line in again] == ["face a.mp4@3:1"], ran.said
    assert again[0].endswith("It seems to be face a.mp4@1:1 again.")


def test_a_sheet_shows_the_stopped_face_of_an_animation(postguard, monkeypatch, draft, tmp_path):
    first, second = (Image.new("RGB", (320, 180), colour) for colour in ("red", "blue"))
    first.save(tmp_path / "a.gif", save_all=True, append_images=[second], duration=500)
    stage(monkeypatch, **{"a.gif@0.5": [{"P07": UNSURE}]})
    folder = draft(POST, **{"a.gif": (tmp_path / "a.gif").read_bytes()})
    postguard("confirm", folder, "--sheet", tmp_path / "sheet")
    with Image.open(tmp_path / "sheet" / "face-1.jpg") as crop:
        assert np.asarray(crop.convert("RGB")).mean(axis=(0, 1))[2] > 200


def test_a_person_at_a_terminal_is_asked_and_leaves_no_trace(postguard, monkeypatch, two_faces, tmp_path):
    import io

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr("sys.stdin", Terminal("Somebody Else\nMay Sinclair\n"))
    ran = postguard("confirm", two_faces)
    assert ran.code == 0, ran.said
    assert "Nobody on the roster is Somebody Else" in ran.out and "May Sinclair (P07)" in ran.out
    assert "Jamie Reid" not in ran.out, "who may not be shown is not on offer"
    assert kept(two_faces) == ["P07"]
    assert not list(tmp_path.glob("postguard-*")), "the sheet goes when the answers are given"
