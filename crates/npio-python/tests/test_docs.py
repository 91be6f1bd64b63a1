"""The examples of docs/python.md, in a folder of their own, one after the other."""

import re
from pathlib import Path

DOCUMENT = Path(__file__).parents[3] / "docs" / "python.md"


def test_the_examples(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"^```python\n(.*?)^```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    assert len(blocks) > 10
    names = {}
    for block in blocks:
        exec(compile(block, str(DOCUMENT), "exec"), names)
