"""Signatures in PDF files after PAdES B-LTA (ETSI EN 319 142-1), which outlive the certificate of their key.

A file gets a certification signature, after which nothing may be changed; a time stamp of it; what proves that the
certificates were good at that moment; and a time stamp over all of that. Signing takes a while, and so happens in no
transaction: `prepare_signer` reads the keys, `Signer.sign` needs no database.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Any

from asn1crypto import crl
from asn1crypto import x509 as asn1
from flask import current_app
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
from pyhanko.sign.signers.constants import ESIC_EXTENSION_1
from pyhanko.sign.signers.pdf_signer import DSSContentSettings, PdfSigningSession, TimestampDSSContentSettings
from pyhanko.sign.timestamps import TimeStamper
from pyhanko_certvalidator import ValidationContext
from sqlalchemy.orm import Session

from maturity.clock import Clock
from maturity.signing.configured import ConfiguredKey, chain_of, configured_key
from maturity.signing.fetching import fetchers_beside
from maturity.signing.keys import FileKey, adopt, file_key, key_id_of, list_of, public_key_in
from maturity.signing.remote import RemoteAuthority, remote_authority
from maturity.signing.stamping import DIGEST, LocalTimeStamper, asn1_certificate, signer_with

if TYPE_CHECKING:
    from config import SigningSettings

FIELD, STAMP_FIELD = "Signature", "Timestamp"
#: What proves the certificates is put in together with the last time stamp, and nothing stands after that.
_STAMP_IS_LAST = DSSContentSettings(
    include_vri=False, next_ts_settings=TimestampDSSContentSettings(include_vri=False, update_before_ts=True)
)
logging.getLogger("pyhanko").setLevel(logging.ERROR)


class NotSigned(RuntimeError):
    """The file could not be signed now: a security module, an authority or its lists did not answer as they should."""


@dataclass(frozen=True, slots=True)
class Signer:
    """What signs files, without a database. Opening gives the library's signer, for as long as a file takes."""

    key_id: str
    name: str
    clock: Clock
    open: Callable[[], AbstractContextManager[signers.Signer]]
    stamper: Callable[[], TimeStamper]
    context: Callable[[], ValidationContext]
    key_usage: frozenset[str]

    def sign(self, pdf: bytes, *, reason: str, location: str, name: str | None = None) -> bytes:
        """The same file with its signature; `NotSigned` where something that it needs does not answer."""
        asked = self._asked(reason, location, name or self.name)
        try:
            with self.open() as key:
                return self._signed(pdf, key, asked)
        except Exception as error:
            raise NotSigned(f"{type(error).__name__}: {error}") from error

    def _signed(self, pdf: bytes, key: signers.Signer, asked: signers.PdfSignatureMetadata) -> bytes:
        signing = _PdfSigner(asked, key, timestamper=self.stamper())
        signing.clock = self.clock
        found: bytes = signing.sign_pdf(IncrementalPdfFileWriter(BytesIO(pdf))).getvalue()
        return found

    def _asked(self, reason: str, location: str, name: str) -> signers.PdfSignatureMetadata:
        return signers.PdfSignatureMetadata(
            field_name=FIELD,
            timestamp_field_name=STAMP_FIELD,
            md_algorithm=DIGEST,
            subfilter=SigSeedSubFilter.PADES,
            certify=True,
            docmdp_permissions=MDPPerm.NO_CHANGES,
            embed_validation_info=True,
            use_pades_lta=True,
            dss_settings=_STAMP_IS_LAST,
            validation_context=self.context(),
            signer_key_usage=set(self.key_usage),
            reason=reason,
            location=location,
            name=name,
        )


class _PdfSigner(signers.PdfSigner):
    """The library's, by our clock, and leaving the file what it is.

    It would call a file with a signature on a NIST curve PDF 2.0, which PDF/A-3 is not. PAdES allows these curves in
    PDF 1.7 as well.
    """

    clock: Clock

    def init_signing_session(self, pdf_out: Any, existing_fields_only: bool = False) -> PdfSigningSession:
        session = super().init_signing_session(pdf_out, existing_fields_only)
        session.system_time = self.clock.now()
        return session

    def register_extensions(self, pdf_out: Any, *, md_algorithm: str) -> None:
        pdf_out.ensure_output_version(version=(1, 7))
        if pdf_out.output_version < (2, 0):
            pdf_out.register_extension(ESIC_EXTENSION_1)


def sign_pdf(
    session: Session, data: bytes, clock: Clock, site: str, *, reason: str, location: str, name: str | None = None
) -> bytes:
    """Both steps at once, for whoever is in no transaction that writes."""
    return prepare_signer(session, clock, site).sign(data, reason=reason, location=location, name=name)


def prepare_signer(session: Session, clock: Clock, site: str) -> Signer:
    """What signs with the keys in force, which are made when they are needed first; the caller commits.

    `ClockSetBack` when the clock shows a time at which these keys were not there; `KeyNotHere` when a key that is
    configured does not answer, or is in force and not configured any more.
    """
    settings: SigningSettings = current_app.config["SIGNING"]
    configured, remote = configured_key(settings), remote_authority(settings)  # before the database is asked anything
    key = _documents(session, configured, clock, site)
    stamps = _stamps(session, remote, clock, site)
    own = _vouching(session, [one for one in (key.own, stamps.own) if one is not None], clock)
    chain = [*chain_of(settings), *key.chain]
    usage = _usage_of(key.certificate)
    return Signer(
        key.key_id, _called(key.certificate), clock, key.open, stamps.make, _context(own, chain, clock), usage
    )


@dataclass(frozen=True, slots=True)
class _Documents:
    """The key for documents, wherever it is; `own` where it is one of ours."""

    key_id: str
    certificate: asn1.Certificate
    chain: tuple[asn1.Certificate, ...]
    open: Callable[[], AbstractContextManager[signers.Signer]]
    own: FileKey | None = None


def _documents(session: Session, configured: ConfiguredKey | None, clock: Clock, site: str) -> _Documents:
    if configured is not None:
        row = adopt(session, "document", configured.source, configured.certificate, clock)
        certificate = asn1_certificate(configured.certificate)
        return _Documents(row.key_id, certificate, configured.chain or (certificate,), configured.open)
    own = file_key(session, "document", clock, site)
    signer = signer_with(own.key, own.certificate, own.root)
    return _Documents(own.key_id, asn1_certificate(own.certificate), (), lambda: nullcontext(signer), own)


@dataclass(frozen=True, slots=True)
class _Stamps:
    """What stamps the time; `own` where it is our own authority."""

    make: Callable[[], TimeStamper]
    own: FileKey | None = None


def _stamps(session: Session, remote: RemoteAuthority | None, clock: Clock, site: str) -> _Stamps:
    if remote is not None:
        adopt(session, "timestamp", "remote", remote.certificate, clock)
        return _Stamps(lambda: remote.stamper)
    own = file_key(session, "timestamp", clock, site)
    signer, name = signer_with(own.key, own.certificate, own.root), asn1_certificate(own.certificate).subject
    return _Stamps(lambda: LocalTimeStamper(signer, name, clock), own)


def _called(certificate: asn1.Certificate) -> str:
    return str(certificate.subject.native.get("common_name") or certificate.subject.human_friendly)


def _usage_of(certificate: asn1.Certificate) -> frozenset[str]:
    """What the certificate has to allow. Authorities differ in which of the two they give to those who sign."""
    allowed = certificate.key_usage_value
    if allowed is None:  # then it allows everything (RFC 5280, 4.2.1.3)
        return frozenset()
    return frozenset({"non_repudiation" if "non_repudiation" in allowed.native else "digital_signature"})


@dataclass(frozen=True, slots=True)
class _Vouching:
    """Authorities of our own, each with its list as of now."""

    roots: tuple[asn1.Certificate, ...]
    lists: tuple[crl.CertificateList, ...]


def _vouching(session: Session, used: Sequence[FileKey], clock: Clock) -> _Vouching:
    roots = {key_id_of(public_key_in(one.root)): one.root for one in used}
    lists = [crl.CertificateList.load(list_of(session, key_id, clock)) for key_id in roots]
    return _Vouching(tuple(map(asn1_certificate, roots.values())), tuple(lists))


def _context(own: _Vouching, chain: Sequence[asn1.Certificate], clock: Clock) -> Callable[[], ValidationContext]:
    """How the certificates are checked before anything is signed. Of ours the lists are here; of other authorities
    they are fetched, and a certificate that names a list which does not answer signs nothing.
    """
    if not any(one.ca for one in chain):
        here: dict[str, Any] = {"trust_roots": [*own.roots, *chain], "crls": own.lists}
        return lambda: ValidationContext(**here, moment=clock.now(), revocation_mode="hard-fail")
    others: dict[str, Any] = {"trust_roots": [*own.roots, *_tops_of(chain)], "other_certs": list(chain)}
    return lambda: ValidationContext(
        **others, allow_fetching=True, fetchers=fetchers_beside(own.lists), revocation_mode="hard-fail"
    )


def _tops_of(chain: Sequence[asn1.Certificate]) -> list[asn1.Certificate]:
    """Where authorities begin; of a chain without its root whatever authority is in it."""
    authorities = [one for one in chain if one.ca]
    return [one for one in authorities if one.self_issued] or authorities
