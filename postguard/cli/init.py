"""`postguard init`: a folder for the school to start from."""

from datetime import date
from importlib import resources
from pathlib import Path

import click

from postguard.domain.errors import EXIT_PASS, OutputError, UsageError

_YEAR = 365


@click.command(name="init")
@click.argument("folder", type=click.Path(path_type=Path), default=Path())
@click.option("--school", default="Our School", show_default=True, metavar="NAME", help="The school's name.")
@click.option("--table", is_flag=True, help="Make the roster a CSV table: for more than some thousand people.")
@click.option("--allow-git", is_flag=True, help="Go on although the folder is in a git repository that is shared.")
def command(folder: Path, school: str, table: bool, allow_git: bool) -> int:
    """Make a roster, a folder for reference photos, settings and a first draft.

    What is already there is left as it is.
    """
    from postguard.domain.people import Roster
    from postguard.loading import refuse_git

    if not allow_git:
        refuse_git(folder, Roster(school=school, people=()))
    if "\n" in school or not school.strip():
        raise UsageError("The school's name must be one line.", hint='Say: postguard init --school "Our School"')
    try:
        _make(folder, school.strip(), table)
    except OSError as error:
        raise OutputError(
            f"{error.filename or folder} cannot be made ({error.strerror}).",
            hint="Choose a folder you may write to. What was made before this stays.",
        ) from None
    click.echo(
        "\nNext: write the pupils and what their families allowed into the roster, then `postguard roster check`."
    )
    return EXIT_PASS


def _make(folder: Path, school: str, table: bool) -> None:
    from postguard.loading.roster import NAMES, find_roster
    from postguard.records.files import make_folder, records_folder
    from postguard.records.receipts import school_key

    folder.mkdir(parents=True, exist_ok=True)
    roster = find_roster(folder)
    if roster is not None and roster.parent == folder.resolve():
        _say(roster.name, made=False)
    else:
        name = NAMES[-1] if table else NAMES[0]
        _write(folder / name, _roster_text(name, school), "who is at the school, and what each family allowed", 0o600)
    _write(folder / "postguard.yaml", _starter("postguard.yaml"), "the school's settings")
    _folder(folder / "faces", "reference photos, in a folder named by each person's id")
    _folder(folder / "drafts", "drafts, a folder for each post")
    draft = folder / "drafts" / "first-post"
    if not draft.exists():
        draft.mkdir()
        (draft / "post.md").write_text(_starter("post.md"), encoding="utf-8")
        _say("drafts/first-post/", made=True, about="a first draft: try `postguard check drafts/first-post`")
    records = records_folder(folder / NAMES[0])
    new = not records.exists()
    make_folder(records)
    school_key(records, make=True)
    _say(records.name, made=new, about="postguard's own records, and the key that signs receipts")


def _roster_text(name: str, school: str) -> str:
    from postguard.loading.roster_words import yaml_word

    review = date.fromordinal(date.today().toordinal() + _YEAR).isoformat()
    written = school if name.endswith(".csv") else yaml_word(school)
    return _starter(name).replace("REVIEW", review).replace("SCHOOL", written)


def _starter(name: str) -> str:
    return (resources.files("postguard.cli") / "starter" / name).read_text(encoding="utf-8")


def _write(path: Path, text: str, about: str, mode: int = 0o644) -> None:
    if path.exists():
        _say(path.name, made=False)
        return
    path.touch(mode=mode)
    path.write_text(text, encoding="utf-8")
    _say(path.name, made=True, about=about)


def _folder(path: Path, about: str) -> None:
    new = not path.exists()
    path.mkdir(exist_ok=True)
    _say(f"{path.name}/", made=new, about=about)


def _say(name: str, *, made: bool, about: str = "") -> None:
    click.echo(f"  {name:<22}{about if made else 'is already there and was left as it is'}")
