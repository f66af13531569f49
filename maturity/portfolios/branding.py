"""The consultancy's name and logo, as they stand on its plans and on the reports it has made."""

from __future__ import annotations

import base64
import uuid
import warnings
from io import BytesIO
from typing import Any

from PIL import Image, ImageOps
from sqlalchemy.orm import Session

from maturity.audit.service import record
from maturity.clock import Clock
from maturity.errors import Invalid
from maturity.portfolios.models import ConsultancyBrand
from maturity.reports.service import Brand
from maturity.tenancy.models import Tenant

FORMATS = ("PNG", "JPEG")
LARGEST = (600, 200)  # pixels: 5 cm wide in print at 300 dpi
MOST_PIXELS = 20_000_000


class BadLogo(Invalid):
    """The file is no picture we take."""

    def __init__(self) -> None:
        super().__init__("logo_unusable")


def clean_logo(content: bytes) -> bytes:
    """The picture drawn anew as a PNG of at most `LARGEST`: nothing of the file but its pixels goes on."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # a picture that unpacks to very much is a warning of Pillow's
            with Image.open(BytesIO(content), formats=FORMATS) as opened:
                if opened.width * opened.height > MOST_PIXELS:
                    raise BadLogo
                picture = ImageOps.exif_transpose(opened).convert("RGBA")
    except (OSError, ValueError, SyntaxError, Warning, Image.DecompressionBombError) as error:
        raise BadLogo from error
    picture.thumbnail(LARGEST)
    fresh = Image.new("RGBA", picture.size)
    fresh.paste(picture)
    target = BytesIO()
    fresh.save(target, "PNG", optimize=True)
    return target.getvalue()


def save_brand(
    session: Session, tenant: Tenant, name: str, logo: bytes | None, *, keep: bool, actor_id: int, clock: Clock
) -> None:
    """Set name and logo; `keep` leaves the logo that is there."""
    row = session.get(ConsultancyBrand, tenant.id)
    if row is None:
        row = ConsultancyBrand(tenant_id=tenant.id)
        session.add(row)
    row.name, row.changed_at = name, clock.now()
    if not keep:
        row.logo = logo
    record(session, clock, "portfolio.branded", actor_id, tenant.id)
    session.flush()


def brand_row(session: Session, tenant_id: uuid.UUID) -> ConsultancyBrand | None:
    return session.get(ConsultancyBrand, tenant_id)


def brand_of(session: Session, tenant: Tenant) -> Brand:
    """What stands on documents: the consultancy's own name where it has set nothing."""
    row = brand_row(session, tenant.id)
    return Brand(tenant.name) if row is None else Brand(row.name, data_uri(row.logo) if row.logo else "")


def data_uri(logo: bytes) -> str:
    return "data:image/png;base64," + base64.b64encode(logo).decode()


def logo_bytes(brand: Any) -> bytes | None:
    """The picture of a brand again."""
    return base64.b64decode(brand.logo.partition(",")[2]) if brand.logo else None
