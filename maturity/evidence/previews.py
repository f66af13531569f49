"""A picture of a file, made anew by us: nothing of the uploaded bytes reaches a browser. Runs in `confined`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from maturity.evidence.contents import strict_pillow

#: The longest side of each picture in pixels.
SIZES = {"small": 360, "large": 1600}
_QUALITY = 82
_LARGEST_SCALE = 4.0  # a small page is enlarged no further


def make_previews(path: Path, media_type: str, targets: dict[str, Path]) -> None:
    """Write one WebP for each name of `SIZES`; of a PDF the first page, of a moving picture the first frame."""
    picture = _first_page(path) if media_type == "application/pdf" else _decoded(path)
    for name, side in SIZES.items():
        smaller = picture.copy()
        smaller.thumbnail((side, side))
        smaller.save(targets[name], "WEBP", quality=_QUALITY)


def _decoded(path: Path) -> Any:
    """Turned the way the camera was held, and without what the camera noted."""
    from PIL import ImageOps

    with strict_pillow() as pillow, pillow.open(path) as picture:
        picture.draft("RGB", (SIZES["large"], SIZES["large"]))  # a JPEG is decoded no larger than needed
        turned = ImageOps.exif_transpose(picture)
        mode = "RGBA" if turned.has_transparency_data else "RGB"
        plain = pillow.new(mode, turned.size)
        plain.paste(turned.convert(mode))
        return plain


def _first_page(path: Path) -> Any:
    import pypdfium2

    document = pypdfium2.PdfDocument(path)
    try:
        page = document[0]
        scale = min(SIZES["large"] / max(1.0, *page.get_size()), _LARGEST_SCALE)
        return page.render(scale=scale).to_pil().convert("RGB")
    finally:
        document.close()
