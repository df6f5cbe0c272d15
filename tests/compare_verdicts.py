"""Run the example week as a command and hold each draft's verdict against the intended one.

Exit code 1 alone could be a crash. The rules that stand against each draft must be the expected ones,
no fewer and no more. Run from the top folder: python tests/compare_verdicts.py
"""

import json
import subprocess
import sys
from pathlib import Path

EXPECTED = Path("examples/expected/week.json")


def main() -> int:
    expected = json.loads(EXPECTED.read_text(encoding="utf-8"))
    command = ["postguard", "check", "examples/week", "--date", expected["date"], "--format", "json", "--private"]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    if ran.returncode != expected["exit"]:
        print(f"exit code {ran.returncode}, not {expected['exit']}\n{ran.stderr}", file=sys.stderr)
        return 1
    drafts = {draft["draft"]: draft for draft in json.loads(ran.stdout)["drafts"]}
    wrong = [*(drafts.keys() ^ expected["drafts"].keys())]
    for name, intended in expected["drafts"].items():
        draft = drafts.get(name, {"verdict": "missing", "findings": []})
        stops = {f["rule"] for f in draft["findings"] if f["severity"] != "note"}
        right = draft["verdict"] == intended["verdict"] and stops == {f["rule"] for f in intended["findings"]}
        print(f"{'as intended' if right else 'WRONG':<12} {name}: {draft['verdict']} {', '.join(sorted(stops))}")
        if not right:
            wrong.append(name)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
