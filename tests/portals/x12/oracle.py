"""pyx12 as an independent judge of our reading and writing; a development dependency only."""

import io
import logging
import warnings

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import pyx12.params
    import pyx12.x12n_document

logging.getLogger("pyx12").setLevel(logging.CRITICAL + 1)


def judge(text: str) -> tuple[bool, list[list[str]]]:
    """Whether pyx12 accepts the file, and the segments of its own 999, each split into elements."""
    answer = io.StringIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        accepted = pyx12.x12n_document.x12n_document(pyx12.params.params(), io.StringIO(text), answer, None)
    segments = [line.rstrip("~").split("*") for line in answer.getvalue().splitlines()]
    return bool(accepted) and not any(s[:2] == ["IK5", "R"] for s in segments), segments
