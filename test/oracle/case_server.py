"""Answers cases as they come: a list of them as JSON on each line of stdin, a list of answers on each line of stdout."""

import json
import sys
import tempfile
import traceback
from collections.abc import Callable


def answer_cases(answer: Callable[[dict, str, int], object], fail: Callable[[dict, str], object]) -> None:
    """`answer` gets a case, a folder for its modules and a number of its own; `fail` a case and the error's text."""
    number = 0
    with tempfile.TemporaryDirectory() as folder:
        for line in sys.stdin:
            answers = []
            for case in json.loads(line):
                number += 1
                try:
                    answers.append(answer(case, folder, number))
                except Exception:
                    answers.append(fail(case, traceback.format_exc(limit=-4)))
            print(json.dumps(answers), flush=True)
