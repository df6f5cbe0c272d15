"""What a search of the gallery costs, by its size.

    python bench/search.py [--runs 50]

Templates are random directions, three for each person: nobody's faces. Prints the median time of one search (one face
against everybody, both encoders) and the memory that the templates take.
"""

import argparse
import statistics
import time

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
    print("| templates | people | one search, ms | memory, MB |")
    print("|-|-|-|-|")
    for size in SIZES:
        matrices = {name: _directions(chance, size) for name in SCALES}
        gallery = Gallery(
            Enrolled(person=f"P{row // REFERENCES:06}", templates={k: m[row] for k, m in matrices.items()})
            for row in range(size)
        )
        probes = {name: _directions(chance, runs) for name in SCALES}
        times = []
        for run in range(runs):
            begun = time.perf_counter()
            gallery.search({name: rows[run] for name, rows in probes.items()}, Thresholds().floor)
            times.append(time.perf_counter() - begun)
        megabytes = sum(matrix.nbytes for matrix in matrices.values()) / 1e6
        print(f"| {size:,} | {len(gallery):,} | {1000 * statistics.median(times):.2f} | {megabytes:.1f} |")


def _directions(chance: np.random.Generator, count: int) -> np.ndarray:
    rows = chance.normal(size=(count, DIMENSIONS)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


if __name__ == "__main__":
    main()
