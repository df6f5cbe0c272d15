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
_WORD, _NAME, _PROPER, _S, _SHORT = 1.0, 1.01, 1.1, 1.2, 1.3
"""What a piece costs: a word, a name of the roster, a word with a capital, an s behind anything, a very short word."""
_UNKNOWN = 2.5
"""What letters cost that are no word, and one more for each letter."""


class TagSplitter:
    """Cuts a run of letters into dictionary words and the roster's names: as few pieces as possible, words first.

    Letters that are neither make a piece of their own, at a price. The roster's names are put in because no
    dictionary has Aoife.
    """

    def __init__(self, names: frozenset[str]) -> None:
        self._names = names
        words_only = _word_prices()
        self._prices = words_only | {n: _NAME for n in names if len(n) > 2 and words_only.get(n, _PROPER) == _PROPER}
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
        prices, length = self._prices, len(word)
        cost, cut = [0.0] + [math.inf] * length, [0] * (length + 1)
        for start in range(length):
            before = cost[start]
            for end in range(start + 1, min(start + _LONGEST_PIECE, length) + 1):
                if before + _WORD < cost[end]:  # no piece is cheaper than a word
                    price = before + prices.get(word[start:end], _UNKNOWN + end - start)
                    if price < cost[end]:
                        cost[end], cut[end] = price, start
            if start and word[start] == "s" and before + _S < cost[start + 1]:
                cost[start + 1], cut[start + 1] = before + _S, start
        cuts = [len(word)]
        while cuts[-1]:
            cuts.append(cut[cuts[-1]])
        cuts.reverse()
        named = any(word[a:b] in self._names for a, b in pairwise(cuts))
        return tuple(cuts) if named else (0, len(word))

    def _is_known(self, piece: str) -> bool:
        return piece in self._prices or piece == "s"


@cache
def _word_prices() -> dict[str, float]:
    """What a piece costs that is a word. Those of one or two letters are few, for a dictionary has far more."""
    prices = {word: _PROPER for word in proper_words() if len(word) > 3}
    prices |= {word: _WORD for word in words() if len(word) > 2}
    return prices | dict.fromkeys(listed("short_words.txt"), _SHORT)
