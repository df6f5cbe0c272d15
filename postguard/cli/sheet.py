"""The sheet of stopped faces: one page to look at, and each face as a file, for the poster's eyes only."""

import base64
import html
from collections.abc import Sequence
from pathlib import Path

from postguard.domain.errors import OutputError

_PAGE = """<!doctype html>
<html lang="en-GB"><meta charset="utf-8"><title>Who is this?</title>
<style>
body {{ font: 16px/1.4 system-ui, sans-serif; margin: 2rem; color: #18181b; }}
main {{ display: flex; flex-wrap: wrap; gap: 1.5rem; }}
figure {{ margin: 0; max-width: 16rem; }}
img {{ max-width: 100%; border-radius: 6px; }}
figcaption {{ font-weight: 600; margin-top: .4rem; }}
p.note {{ color: #52525b; max-width: 40rem; }}
</style>
<h1>Who is this?</h1>
<p class="note">These faces stop the post. Answer in the terminal, or with
<code>postguard confirm DRAFT --face N=ID</code>. Delete this page when you are done: it shows children.</p>
<main>
{figures}
</main></html>
"""


def write_sheet(folder: Path, crops: Sequence[tuple[str, bytes | None]]) -> Path:
    """Write the page and the crops into `folder`; returns the page. Raises OutputError."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for label, jpeg in crops:
            if jpeg is not None:
                _private(folder / f"{_file_name(label)}.jpg", jpeg)
        page = folder / "sheet.html"
        _private(page, _PAGE.format(figures="\n".join(_figure(label, jpeg) for label, jpeg in crops)).encode())
    except OSError as error:
        raise OutputError(f"The sheet cannot be written ({error.strerror}).", hint=f"Look at {folder}.") from error
    return page


def _file_name(label: str) -> str:
    return "".join(character if character.isalnum() else "-" for character in label)


def _private(path: Path, data: bytes) -> None:
    path.touch(mode=0o600)
    path.write_bytes(data)


def _figure(label: str, jpeg: bytes | None) -> str:
    caption = f"<figcaption>{html.escape(label)}</figcaption>"
    if jpeg is None:
        return f"<figure><p>(no still to show)</p>{caption}</figure>"
    return f'<figure><img alt="" src="data:image/jpeg;base64,{base64.b64encode(jpeg).decode()}">{caption}</figure>'
