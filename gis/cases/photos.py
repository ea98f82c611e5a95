"""Pictures of a case: drawn anew from their pixels, so that nothing of the camera or its place stays in them."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from gis import audit
from gis.cases.facts import facts
from gis.cases.states import ENDED
from gis.cases.tables import Case, CasePhoto
from gis.database import hold_name
from gis.errors import Conflict, Invalid, NotAllowed, NotFound
from gis.viewer import Viewer
from gis.words import N_

LONGEST_SIDE = 1600
MOST_PIXELS = 60_000_000
MOST_BYTES = 12 * 1024 * 1024
MOST_PHOTOS = 6
QUALITY = 82

Picture = tuple[bytes, int, int]
"""JPEG, width and height."""


def redrawn(data: bytes) -> Picture:
    """Return a picture as JPEG of at most 1600 pixels a side, upright and without metadata, with its width and height.

    Raises Invalid for what is no picture, or one too large to be opened safely.
    """
    from PIL import Image, ImageOps, UnidentifiedImageError  # only who brings a picture needs it

    if len(data) > MOST_BYTES:
        raise Invalid(N_("The picture is too large: at most %(most)s MB."), most=MOST_BYTES // 2**20)
    try:
        with Image.open(io.BytesIO(data), formats=("JPEG", "PNG", "WEBP")) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                raise Invalid(N_("The picture has too many pixels."))
            upright = ImageOps.exif_transpose(opened).convert("RGB")
    except (UnidentifiedImageError, OSError, Image.DecompressionBombError, SyntaxError) as error:
        raise Invalid(N_("This is no picture that can be read: send JPEG, PNG or WebP.")) from error
    upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    fresh = Image.new("RGB", upright.size)
    fresh.paste(upright)
    out = io.BytesIO()
    fresh.save(out, "JPEG", quality=QUALITY)
    return out.getvalue(), fresh.width, fresh.height


def add(session: Session, viewer: Viewer, case_no: str, data: bytes, now: datetime) -> CasePhoto:
    """Store a picture of an open case that the viewer may read; raises Conflict for one that has ended."""
    if not (viewer.may("case.report") or viewer.may("case.handle")):
        viewer.require("case.report")
    columns = (facts.c.id, facts.c.clear, facts.c.status)
    case = session.execute(select(*columns).where(facts.c.case_no == case_no)).first()
    if case is None:
        raise NotFound(N_("There is no case %(number)s in your territory."), number=case_no)
    if not case.clear:
        raise NotAllowed(N_("This case is restricted: only who is assigned to it handles it."))
    if case.status in ENDED:
        raise Conflict(N_("The case has ended: a picture would be no part of what was done."))
    hold_name(session, f"photos/{case_no}")
    if len(listed(session, viewer, case.id)) >= MOST_PHOTOS:
        raise Invalid(N_("A case has at most %(most)s pictures."), most=MOST_PHOTOS)
    return _stored(session, viewer, case.id, case_no, redrawn(data), now)


def bring(session: Session, viewer: Viewer, made: Case, pictures: Sequence[Picture], now: datetime) -> None:
    """Store the pictures that the viewer's report came with, also when it repeats another case; a second time none."""
    viewer.require("case.report")
    if made.reporter_id == viewer.user_id and not listed(session, viewer, made.id):
        for picture in pictures:
            _stored(session, viewer, made.id, made.case_no, picture, now)


def all_redrawn(files: Sequence[bytes]) -> list[Picture]:
    """Return the pictures of a report drawn anew; raises Invalid for too many, or one that is none."""
    if len(files) > MOST_PHOTOS:
        raise Invalid(N_("A case has at most %(most)s pictures."), most=MOST_PHOTOS)
    return [redrawn(data) for data in files]


def _stored(session: Session, viewer: Viewer, case_id: int, case_no: str, picture: Picture, now: datetime) -> CasePhoto:
    image, width, height = picture
    made = CasePhoto(case_id=case_id, added_at=now, added_by=viewer.user_id, width=width, height=height, image=image)
    session.add(made)
    session.flush()
    audit.record(session, viewer, "case.photo", case_no, photo=made.id)
    return made


def listed(session: Session, viewer: Viewer, case_id: int) -> list[Any]:
    """Return number, size and moment of the pictures of a case."""
    viewer.require("case.view")
    columns = (CasePhoto.id, CasePhoto.width, CasePhoto.height, CasePhoto.added_at)
    return list(session.execute(select(*columns).where(CasePhoto.case_id == case_id).order_by(CasePhoto.id)))


def image(session: Session, viewer: Viewer, photo_id: int) -> bytes:
    """Return the bytes of a picture; raises NotFound for one of a case that the viewer may not read."""
    viewer.require("case.view")
    found = session.scalar(select(CasePhoto.image).where(CasePhoto.id == photo_id))
    if found is None:
        raise NotFound(N_("There is no such picture."))
    return bytes(found)
