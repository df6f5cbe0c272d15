"""What a search of the gallery costs, by its size.

    python bench/search.py [--runs 50]

Templates are random directions, three for each person: nobody's faces. Prints the median time of one search (one face
against everybody, both encoders: two products, each person's references put together, two standardisations, people
in order) and the memory that the templates take, beside what a user would write: `face_recognition.face_distance`
over one encoder's templates and the nearest, and the same as one product of numpy.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Callable

import face_recognition
import numpy as np

from postguard.domain.policy import Thresholds
from postguard.matching.gallery import Enrolled, Gallery
from postguard.matching.scores import SCALES

SIZES = (100, 10_000, 100_000)
REFERENCES = 3
DIMENSIONS = 128


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=50)
    runs = parser.parse_args().runs
    chance = np.random.default_rng(1)
    print("command: python bench/search.py " + " ".join(sys.argv[1:]))
    print("| templates | people | postguard, ms | numpy product, ms | face_distance, ms | memory, MB |")
    print("|-|-|-|-|-|-|")
    for size in SIZES:
        matrices = {name: _directions(chance, size) for name in SCALES}
        gallery = Gallery(
            Enrolled(person=f"P{row // REFERENCES:06}", templates={k: m[row] for k, m in matrices.items()})
            for row in range(size)
        )
        probes = {name: _directions(chance, runs) for name in SCALES}
        known = list(matrices["dlib"].astype(np.float64))

        def search(run: int, gallery: Gallery = gallery, probes: dict[str, np.ndarray] = probes) -> None:
            gallery.search({name: rows[run] for name, rows in probes.items()}, Thresholds().floor)

        def product(run: int, matrix: np.ndarray = matrices["dlib"], rows: np.ndarray = probes["dlib"]) -> None:
            (matrix @ rows[run]).argmax()

        def distance(run: int, known: list[np.ndarray] = known, rows: np.ndarray = probes["dlib"]) -> None:
            face_recognition.face_distance(known, rows[run]).argmin()

        times = " | ".join(f"{_median(what, runs):.2f}" for what in (search, product, distance))
        megabytes = sum(matrix.nbytes for matrix in matrices.values()) / 1e6
        print(f"| {size:,} | {len(gallery):,} | {times} | {megabytes:.1f} |", flush=True)


def _median(what: Callable[[int], None], runs: int) -> float:
    times = []
    for run in range(runs):
        begun = time.perf_counter()
        what(run)
        times.append(time.perf_counter() - begun)
    return 1000 * statistics.median(times)


def _directions(chance: np.random.Generator, count: int) -> np.ndarray:
    rows = chance.normal(size=(count, DIMENSIONS)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


if __name__ == "__main__":
    main()
