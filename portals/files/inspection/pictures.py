"""Pictures are drawn anew from their pixels: whatever else stood in the file (place and time of the photograph, color
profiles, comments, whatever was appended) is not in the new one."""

from __future__ import annotations

import io
import struct

from PIL import Image

from .verdicts import BROKEN, MOST_BYTES, MOST_PIXELS, MOVING, PIXELS, Refuse

Image.MAX_IMAGE_PIXELS = None  # ours is asked before a pixel is read, and refuses where Pillow's would only warn
_ORIENTATION = 0x0112  # the one entry of EXIF that changes what the eye sees
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_UNREADABLE = (OSError, SyntaxError, ValueError, struct.error, OverflowError, EOFError, IndexError, KeyError, TypeError)


def clean_jpeg(data: bytes) -> bytes:
    """RGB or grey, at a quality that keeps print readable. Of a file with several pictures (as telephones make them)
    the first is kept, which is the one that every program shows."""
    try:
        with Image.open(io.BytesIO(data), formats=["JPEG"]) as image:
            _bounded(image)
            turn = _turn(image)
            image.load()
            drawn = image.convert("L" if image.mode == "L" else "RGB")
    except _UNREADABLE as error:
        raise Refuse(BROKEN) from error
    drawn = drawn.transpose(turn) if turn is not None else drawn
    saved = _saved(drawn, "JPEG", quality=88)
    return saved if len(saved) <= MOST_BYTES else _saved(drawn, "JPEG", quality=70)


def clean_png(data: bytes) -> bytes:
    """8 bits a channel, with transparency where there is some. An animation is refused: only its first picture would
    be kept, and nobody could tell."""
    try:
        with Image.open(io.BytesIO(data), formats=["PNG"]) as image:
            _bounded(image)
            if getattr(image, "is_animated", False):
                raise Refuse(MOVING)
            image.verify()  # every check sum, which reading the pixels does not look at
        with Image.open(io.BytesIO(data), formats=["PNG"]) as image:
            image.load()
            turn = _turn(image)
            drawn = _eight_bits(image)
    except _UNREADABLE as error:
        raise Refuse(BROKEN) from error
    return _saved(drawn.transpose(turn) if turn is not None else drawn, "PNG", compress_level=6)


def _bounded(image: Image.Image) -> None:
    if image.width * image.height > MOST_PIXELS:
        raise Refuse(PIXELS)


def _turn(image: Image.Image) -> Image.Transpose | None:
    try:
        return _TURNS.get(image.getexif().get(_ORIENTATION, 1))
    except _UNREADABLE:
        return None


def _eight_bits(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I"):  # 16 bits of grey
        return image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    if image.mode == "P" or image.info.get("transparency") is not None:
        return image.convert("RGBA" if "transparency" in image.info else "RGB")
    return image if image.mode in ("1", "L", "LA", "RGB", "RGBA") else image.convert("RGB")


def _saved(image: Image.Image, form: str, **options: int) -> bytes:
    image.info = {}
    out = io.BytesIO()
    image.save(out, form, **options)
    return out.getvalue()
