"""The blocks of docs/scale.md, in a folder of their own, one after the other."""

import os
import re
import subprocess
from pathlib import Path

DOCUMENT = Path(__file__).parents[2] / "docs" / "scale.md"


def test_the_guide(tmp_path, monkeypatch, object_store):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AWS_ENDPOINT_URL", object_store.endpoint)
    monkeypatch.setenv("PATH", os.pathsep.join([str(Path(os.environ["NPIO"]).parent), os.environ["PATH"]]))
    blocks = re.findall(r"^```(python|sh)\n(.*?)^```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    assert len(blocks) >= 8
    names = {}
    for language, block in blocks:
        if language == "sh":
            subprocess.run(block, shell=True, check=True)
        else:
            exec(compile(block, str(DOCUMENT), "exec"), names)
