"""Documents on paper: HTML as tagged PDF (PDF/UA) by WeasyPrint, which is imported only when one is made."""

from __future__ import annotations

import ctypes.util
import mimetypes
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.contrib.staticfiles import finders
from django.template.loader import render_to_string

INSTALL = "apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
_HERE = "https://documents.invalid/"  # never asked: addresses below it are files of ours


def available() -> bool:
    """Are the libraries here that WeasyPrint opens? Asked without loading it."""
    return ctypes.util.find_library("pango-1.0") is not None


def pdf(template: str, context: dict[str, Any]) -> bytes:
    """A tagged PDF of a template. Nothing but our own static files is fetched, whatever the template names."""
    from weasyprint import HTML

    html = HTML(string=render_to_string(template, context), base_url=_HERE, url_fetcher=_static_only())
    data: bytes = html.write_pdf(pdf_variant="pdf/ua-1")
    return data


class OnlyStaticFiles(ValueError):
    """A document names something else than a static file of ours."""


def static_file(url: str) -> Path:
    """The file behind a static URL of ours; raises `OnlyStaticFiles` for anything else."""
    parts = urlsplit(url)
    path = unquote(parts.path)
    if not url.startswith(_HERE) or not path.startswith(settings.STATIC_URL):
        raise OnlyStaticFiles(url)
    name = path.removeprefix(settings.STATIC_URL)
    if ".." in name.split("/"):
        raise OnlyStaticFiles(url)
    built = Path(settings.STATIC_ROOT) / name
    found = built if built.is_file() else finders.find(name)
    if not found:
        raise OnlyStaticFiles(url)
    return Path(str(found))


def _static_only() -> Any:
    from weasyprint.urls import URLFetcher, URLFetcherResponse

    class StaticOnly(URLFetcher):
        def fetch(self, url: str, headers: Mapping[str, str] | None = None) -> Any:
            path = static_file(url)
            kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
            return URLFetcherResponse(url, path.read_bytes(), {"Content-Type": kind})

    return StaticOnly()
