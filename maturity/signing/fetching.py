"""Lists of other authorities, fetched; our own are at hand and not asked for over the network."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from typing import Any

from asn1crypto import crl
from pyhanko_certvalidator.fetchers import Fetchers
from pyhanko_certvalidator.fetchers.api import CRLFetcher
from pyhanko_certvalidator.fetchers.requests_fetchers import RequestsFetcherBackend

#: Seconds that each list or answer may take.
PATIENCE = 10


def fetchers_beside(own: Sequence[crl.CertificateList]) -> Fetchers:
    """Fetches lists and answers (OCSP) of authorities, but of those whose lists are given."""
    fetching = RequestsFetcherBackend(per_request_timeout=PATIENCE).get_fetchers()
    return dataclasses.replace(fetching, crl_fetcher=_Beside(own, fetching.crl_fetcher))


class _Beside(CRLFetcher):
    def __init__(self, own: Sequence[crl.CertificateList], others: CRLFetcher) -> None:
        self._own, self._others = {one.issuer.hashable: one for one in own}, others

    async def fetch(self, cert: Any, *, use_deltas: bool | None = True) -> Iterable[crl.CertificateList]:
        own = self._own.get(cert.issuer.hashable)
        found: Iterable[crl.CertificateList] = (
            [own] if own else await self._others.fetch(cert, use_deltas=bool(use_deltas))
        )
        return found

    def fetched_crls(self) -> Iterable[crl.CertificateList]:
        return [*self._own.values(), *self._others.fetched_crls()]

    def fetched_crls_for_cert(self, cert: Any) -> Iterable[crl.CertificateList]:
        own = self._own.get(cert.issuer.hashable)
        return [own] if own else self._others.fetched_crls_for_cert(cert)
