"""Words written together: #welldoneaoife, aoifemacdonald@…, teamrory.jpg."""

import math
from functools import cache
from itertools import pairwise

from postguard.matching.data import listed, proper_words, words
from postguard.matching.splitting import Atom

LONGEST = 140
"""Longer runs of letters are no hashtag but noise."""
_LONGEST_PIECE = 16
_REMEMBERED = 50_000
_UNKNOWN = 2.5
"""What letters cost that are no word, and one more for each letter."""


class TagSplitter:
    """Cuts a run of letters into dictionary words and the roster's names: as few pieces as possible, words first.

    Letters that are neither make a piece of their own, at a price. The roster's names are put in because no
    dictionary has Aoife.
    """

    def __init__(self, names: frozenset[str]) -> None:
        self._names = names
        self._vocabulary = words() | proper_words() | names | _short_words() | {"s"}
        self._known: dict[str, tuple[int, ...]] = {}

    def split(self, atom: Atom) -> tuple[Atom, ...]:
        """The atom in pieces, or as it is. A piece beside letters that nobody knows is `partial`."""
        cuts = self._cuts(atom.low)
        if len(cuts) == 2:
            return (atom,)
        pieces = []
        unknown = [not self._is_known(atom.low[a:b]) for a, b in pairwise(cuts)]
        for number, (a, b) in enumerate(pairwise(cuts)):
            pieces.append(
                Atom(
                    atom.start + a,
                    atom.start + b,
                    atom.text[a:b],
                    atom.low[a:b],
                    atom.gap if number == 0 else "",
                    atom.place,
                    partial=any(unknown),
                )
            )
        return tuple(pieces)

    def _cuts(self, word: str) -> tuple[int, ...]:
        """Where to cut: positions from 0 to the word's length; those two alone when it is better left whole."""
        whole = (0, len(word))
        if len(word) < 5 or len(word) > LONGEST or word in words() or word in proper_words() or word in self._names:
            return whole
        known = self._known.get(word)
        if known is None:
            if len(self._known) > _REMEMBERED:
                self._known.clear()
            known = self._known[word] = self._best(word)
        return known

    def _best(self, word: str) -> tuple[int, ...]:
        """The cheapest cuts: `cost[end]` is the least that the first `end` letters cost, `cut[end]` their last cut."""
        cost, cut = [0.0], [0]
        for end in range(1, len(word) + 1):
            least, where = math.inf, 0
            for start in range(max(0, end - _LONGEST_PIECE), end):
                piece = word[start:end]
                known = piece in self._vocabulary
                price = cost[start] + (self._price(piece, start) if known else _UNKNOWN + end - start)
                if price < least:
                    least, where = price, start
            cost.append(least)
            cut.append(where)
        cuts = [len(word)]
        while cuts[-1]:
            cuts.append(cut[cuts[-1]])
        cuts.reverse()
        named = any(word[a:b] in self._names for a, b in pairwise(cuts))
        return tuple(cuts) if named else (0, len(word))

    def _price(self, piece: str, start: int) -> float:
        if piece not in self._vocabulary:
            return _UNKNOWN + len(piece)
        if piece in _short_words():
            return 1.3
        if len(piece) > 2 and piece in words():
            return 1.0
        if len(piece) > 2 and piece in self._names:
            return 1.01
        if piece == "s" and start:
            return 1.2
        return 1.1 if len(piece) > 3 and piece in proper_words() else _UNKNOWN + len(piece)

    def _is_known(self, piece: str) -> bool:
        return self._price(piece, 1) < 2


@cache
def _short_words() -> frozenset[str]:
    return listed("short_words.txt")
