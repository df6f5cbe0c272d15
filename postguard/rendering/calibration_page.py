"""The page that `postguard calibrate` draws: two distributions, the thresholds, and the numbers. No names, no ids."""

from collections.abc import Sequence

from postguard.rendering.markup import Markup, join, tag

WIDTH, HEIGHT, EDGE = 720, 300, 48
BINS = 40
_SAME, _OTHER = "#0072b2", "#d55e00"  # blue and vermillion of Okabe and Ito: told apart by every eye
_STYLE = "body{font:16px/1.5 sans-serif;max-width:48em;margin:2em auto;padding:0 1em}td{padding:.1em 1em .1em 0}"


def render_calibration(
    *,
    same: Sequence[float],
    strangers: Sequence[float],
    needed: float,
    numbers: Sequence[tuple[str, str]],
    remarks: Sequence[str] = (),
) -> str:
    """A self-contained HTML page. `same` and `strangers`: scores 0 to 1; `numbers`: what, and how much.

    `needed` is the score that clears a face when everybody may. The page loads nothing from anywhere.
    """
    rows = [tag("tr", tag("td", what), tag("td", value)) for what, value in numbers]
    body = tag(
        "body",
        tag("h1", "How well postguard tells this school's people apart"),
        tag(
            "p",
            "Each reference photo was compared with all others. Right is nearer. The further the two hills are "
            "apart, the fewer mistakes: what lies right of the line and is orange would have cleared wrongly, what "
            "lies left of it and is blue would have been stopped needlessly.",
        ),
        _plot(same, strangers, needed),
        tag("table", *rows),
        *(tag("p", remark) for remark in remarks),
    )
    head = tag("head", tag("meta", charset="utf-8"), tag("title", "Calibration"), tag("style", Markup(_STYLE)))
    return f"<!DOCTYPE html>\n{tag('html', head, body, lang='en')}\n"


def _plot(same: Sequence[float], strangers: Sequence[float], needed: float) -> Markup:
    ticks = [
        join(
            _text(f"{tenth / 10:.1f}", x=_x(tenth / 10), y=HEIGHT - EDGE + 18),
            tag("path", d=f"M{_x(tenth / 10):.1f} {HEIGHT - EDGE}v5", stroke="#000"),
        )
        for tenth in range(0, 11, 2)
    ]
    return tag(
        "svg",
        _hill(strangers, _OTHER),
        _hill(same, _SAME),
        tag("path", d=f"M{EDGE} {HEIGHT - EDGE}H{WIDTH - EDGE}", stroke="#000"),
        *ticks,
        tag("path", d=f"M{_x(needed):.1f} {EDGE - 12}V{HEIGHT - EDGE}", stroke="#000", stroke_dasharray="4 3"),
        _text("clears from here", x=_x(needed), y=EDGE - 18),
        _text("score", x=WIDTH / 2, y=HEIGHT - 8),
        _text("■ nearest stranger", x=EDGE + 90, y=14, fill=_OTHER),
        _text("■ same person", x=WIDTH - EDGE - 60, y=14, fill=_SAME),
        viewBox=f"0 0 {WIDTH} {HEIGHT}",
        width="100%",
        role="img",
        aria_label="Scores of the same person's photos, and of the nearest other person's",
        font_size="13",
    )


def _hill(scores: Sequence[float], colour: str) -> Markup:
    """A histogram as an outline, its highest bin at full height."""
    counts = [0] * BINS
    for score in scores:
        counts[min(int(score * BINS), BINS - 1)] += 1
    tallest = max(counts) or 1
    base = HEIGHT - EDGE
    steps = "".join(
        f"V{base - count / tallest * (HEIGHT - 2 * EDGE):.1f}H{_x((i + 1) / BINS):.1f}"
        for i, count in enumerate(counts)
    )
    return tag("path", d=f"M{EDGE} {base}{steps}V{base}Z", fill=colour, fill_opacity="0.45", stroke=colour)


def _x(score: float) -> float:
    return EDGE + score * (WIDTH - 2 * EDGE)


def _text(words: str, *, x: float, y: float, fill: str = "#000") -> Markup:
    return tag("text", words, x=f"{x:.1f}", y=f"{y:.1f}", fill=fill, text_anchor="middle")
