import base64
import hashlib

import pytest

from launch import assets
from launch.common import LaunchError


def test_a_download_that_is_not_the_locked_file_is_refused(tmp_path) -> None:
    archive = tmp_path / "package.tgz"
    archive.write_bytes(b"as published")
    integrity = "sha512-" + base64.b64encode(hashlib.sha512(b"as published").digest()).decode()
    assets.check_integrity(archive, integrity, "a package")
    archive.write_bytes(b"as published, and something more")
    with pytest.raises(LaunchError, match=r"not the file that package-lock\.json names"):
        assets.check_integrity(archive, integrity, "a package")


def test_the_installed_style_sheet_finds_every_file_it_points_to() -> None:
    sheet = assets.VENDOR / "cmsds" / "css" / "index.css"
    references = assets.REFERENCE.findall(sheet.read_text())
    fonts = [reference for reference in references if not reference.startswith("data:")]
    assert any("opensans-regular" in font for font in fonts)
    assert [font for font in fonts if not (sheet.parent / font).is_file()] == []
