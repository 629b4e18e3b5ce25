"""Erasing a persona: named steps that can be cut off anywhere and run again, and the certificate at their end.

The caller has silenced the persona before (state `erasing`), so nothing is read or said any more. The key goes as
early as it can: once it is shredded, whatever a crash leaves behind cannot be read. Each step destroys what is
there, however little, and finds nothing the second time; so a run after a crash is simply a run.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
from msgspec import Struct

from persona_store import audit, jws, names
from persona_store.certificate import (
    COMMON_RESIDUALS,
    TYP,
    Certificate,
    Item,
    Residual,
    Retained,
    SignedCertificate,
)
from persona_store.consent.book import ConsentBook
from persona_store.errors import Conflict, Refused
from persona_store.licence.book import LedgerBook
from persona_store.model import Persona
from persona_store.personas import Personas, transition
from persona_store.protocols import Batch, Clock, Put, Store
from persona_store.vault import Vault

PROOF_KEPT = timedelta(days=3 * 365 + 1)  # three years: as an assessment (PIPL 56)
PAGE = 500
LEDGER = (
    "the licence ledgers and statements",
    "what is owed outlives the persona (Civil Code 188); none has words",
)


class Request(Struct, frozen=True):
    """Why and since when. `residuals`: what the caller knows to be out of reach besides the usual."""

    trigger: str  # withdrawal | term | retire | death | law
    requested_at: datetime
    suspended_at: datetime
    residuals: tuple[Residual, ...] = ()


class Elsewhere(Struct, frozen=True):
    """What the caller did where we are guests, and could not do."""

    inventory: tuple[Item, ...] = ()
    residuals: tuple[Residual, ...] = ()


class Proof(Struct, frozen=True):
    """What is kept below a prefix of the store once the persona is gone: content-free, and told in the
    certificate."""

    prefix: str
    what: str
    why: str


class Progress(Struct, frozen=True):
    """What the certificate will say, noted before anything is destroyed, as afterwards nobody can tell."""

    cert_id: str
    request: Request
    subject_ref: str
    record_ids: tuple[str, ...]
    key_ids: tuple[str, ...]
    files: int
    keys: int


class Retirement:
    """`forget` closes and unlinks the persona's files below `evidence`; `prefixes` names its keys in the store.
    `proofs` names what stays of it in the store for as long as the certificate does."""

    def __init__(
        self,
        store: Store,
        vault: Vault,
        clock: Clock,
        *,
        evidence: Path,
        forget: Callable[[str], Awaitable[object]],
        prefixes: Callable[[str], Iterable[str]],
        proofs: Callable[[str], Iterable[Proof]] = lambda persona: (),
    ) -> None:
        self._store = store
        self._vault = vault
        self._clock = clock
        self._evidence = evidence
        self._forget = forget
        self._prefixes = prefixes
        self._proofs = proofs
        self._personas = Personas(store)
        self._consents = ConsentBook(store, clock)

    async def erase(self, name: str, request: Request) -> SignedCertificate:
        """Both at once, where nothing was said on any platform."""
        await self.destroy(name, request)
        return await self.certify(name, request)

    async def destroy(self, name: str, request: Request) -> None:
        """Everything that is ours to destroy, or what an earlier run left. Raises Refused ILLEGAL_STATE unless the
        persona was silenced."""
        if await self.certificate(name) is None:
            await self._silenced(name)
            await self._begin(name, request)
            for step in (self._shred_key, self._unlink_files, self._delete_keys):
                await step(name)
        await self._store.sweep()  # a log of the database may still hold what was deleted

    async def certify(
        self,
        name: str,
        request: Request,
        *,
        elsewhere: Elsewhere = Elsewhere(),  # noqa: B008  # frozen and empty
    ) -> SignedCertificate:
        """The proof, once all is destroyed; the same one when asked again. Raises Conflict if something is left."""
        done = await self.certificate(name)
        if done is None:
            persona = await self._silenced(name)
            done = await self._certify(persona, await self._begin(name, request), elsewhere)
        await self._store.sweep()
        return done

    async def certificate(self, name: str) -> SignedCertificate | None:
        stored = await self._store.get(certificate_key(name))
        return None if stored is None else msgspec.json.decode(stored, type=SignedCertificate)

    async def _silenced(self, name: str) -> Persona:
        persona = await self._personas.get(name)
        if persona is None or persona.state != "erasing":
            state = "unknown" if persona is None else persona.state
            raise Refused("ILLEGAL_STATE", f"persona {name!r} is {state}, not erasing", "retire it first")
        return persona

    # -------------------------------------------------------------- the steps

    async def _begin(self, name: str, request: Request) -> Progress:
        """What the first run noted, if there was one: its times and counts are the true ones."""
        key = _progress_key(name)
        stored = await self._store.get(key)
        if stored is not None:
            return msgspec.json.decode(stored, type=Progress)
        try:
            consents = await self._consents.history(name)
        except Refused:  # a record that was tampered with gives no rights, and is no excuse to keep anything
            consents = ()
        progress = Progress(
            cert_id=f"urn:uuid:{uuid.uuid4()}",
            request=request,
            subject_ref=consents[-1].pii_principal_id if consents else "",
            record_ids=tuple(consent.record_id for consent in consents),
            key_ids=(self._vault.key_id(name),) if self._vault.has_key(name) else (),
            files=len(self._files(name)),
            keys=len([key async for key in self._keys(name)]),
        )
        await self._store.commit(Batch(puts=(Put(key, msgspec.json.encode(progress)),), absent=(key,)))
        return progress

    async def _shred_key(self, name: str) -> None:
        self._vault.shred(name)

    async def _unlink_files(self, name: str) -> None:
        await self._forget(name)
        for path in self._files(name):  # what a crash of an earlier run, or a file format before this one, left
            path.unlink(missing_ok=True)

    async def _delete_keys(self, name: str) -> None:
        keys = [key async for key in self._keys(name)]
        for start in range(0, len(keys), PAGE):
            await self._store.commit(Batch(deletes=tuple(keys[start : start + PAGE])))

    async def _certify(self, persona: Persona, progress: Progress, elsewhere: Elsewhere) -> SignedCertificate:
        """Look once more, then let tombstone, certificate and the end of the notes happen as one."""
        name, now = persona.name, self._clock.now().replace(microsecond=0)
        before = await self._personas.raw(name)
        await self._check_gone(name)
        owed = await LedgerBook(self._store).keep_until(name, now + PROOF_KEPT)
        consent_key, consent = await self._consents.key(name)
        until = now + PROOF_KEPT
        proofs = [each for each in self._proofs(name) if [key async for key, _ in self._store.scan(each.prefix)]]
        private = self._vault.signing_key("certificates")
        kept = [Retained(each.what, each.why, until.date().isoformat()) for each in proofs]
        if owed:
            kept.append(Retained(*LEDGER, until.date().isoformat()))
        certificate = _certificate(name, progress, elsewhere, now, until, kept, kept_consent=consent is not None)
        raw = msgspec.json.encode(certificate)
        signed = SignedCertificate(raw, jws.sign(raw, private, TYP), jws.public_bytes(private))
        puts = [
            self._personas.put(_tombstone(persona, now, progress.request.trigger)),
            Put(certificate_key(name), msgspec.json.encode(signed), until),
        ]
        if consent is not None:
            puts.append(Put(consent_key, consent, until))
        for each in proofs:
            puts += [Put(key, value, until) async for key, value in self._store.scan(each.prefix)]
        batch = Batch(
            puts=tuple(puts),
            deletes=(_progress_key(name),),
            unchanged=((Personas.key(name), before),),
            log=(_audit_line(name, progress, now, raw),),
        )
        try:
            await self._store.commit(batch)
        except Conflict:  # another process erased it too and was first: its certificate is the one
            done = await self.certificate(name)
            if done is None:
                raise
            return done
        return signed

    async def _check_gone(self, name: str) -> None:
        left = [key async for key in self._keys(name)]
        if self._vault.has_key(name) or self._files(name) or left:
            raise Conflict(f"something was added to persona {name!r} while it was erased; erase it again")

    # -------------------------------------------------------------- what there is

    def _files(self, name: str) -> list[Path]:
        return sorted(self._evidence.glob(f"{names.checked(name)}.*"))

    async def _keys(self, name: str) -> AsyncIterator[str]:
        for prefix in self._prefixes(name):
            if not prefix.endswith(f"/{name}/"):  # `open/car` would take `open/carlyn/…` along
                raise ValueError(f"the prefix {prefix!r} is not persona {name!r}'s alone")
            async for key, _ in self._store.scan(prefix):
                yield key


def _certificate(
    name: str,
    progress: Progress,
    elsewhere: Elsewhere,
    now: datetime,
    until: datetime,
    proofs: Iterable[Retained],
    *,
    kept_consent: bool,
) -> Certificate:
    keep_until = until.date().isoformat()
    consent = Retained("the signed consent records", "proof that there was consent (GDPR 7(1))", keep_until)
    return Certificate(
        cert_id=progress.cert_id,
        persona=name,
        subject_ref=progress.subject_ref,
        trigger=progress.request.trigger,
        requested_at=progress.request.requested_at,
        suspended_at=progress.request.suspended_at,
        completed_at=now,
        record_ids=progress.record_ids,
        inventory=(
            Item("key", len(progress.key_ids), "shred", "the key folder holds no file of the persona"),
            Item("evidence files", progress.files, "unlink", "the evidence folder holds no file of the persona"),
            Item("store keys", progress.keys, "delete", "a scan of the persona's prefixes finds nothing"),
            *elsewhere.inventory,
        ),
        key_ids_destroyed=progress.key_ids,
        retained=(
            *((consent,) if kept_consent else ()),
            *proofs,
            Retained("this certificate", "proof of the erasure (PIPL 47)", keep_until),
            Retained("the persona's name", "so that it is never given to another one", "the store is deleted"),
            Retained("the audit log", "chained entries cannot be removed; none has words", "the store is deleted"),
        ),
        residuals=COMMON_RESIDUALS + progress.request.residuals + elsewhere.residuals,
    )


def _audit_line(name: str, progress: Progress, now: datetime, certificate: bytes) -> bytes:
    """Binds the certificate into the log by its hash; there is no actor, as nobody decides anything here."""
    return audit.entry(
        at=now,
        actor="",
        action="erased",
        persona=name,
        record_id=progress.record_ids[-1] if progress.record_ids else "",
        decision="done",
        code=progress.request.trigger,
        refs=(hashlib.sha256(certificate).hexdigest(),),
    )


def _tombstone(persona: Persona, now: datetime, trigger: str) -> Persona:
    """Only the name is left of it: no subject, owner, chats or aliases."""
    erased = transition(persona, "erased", now, trigger)
    return Persona(
        name=erased.name,
        display_name=erased.display_name,
        state=erased.state,
        created_at=erased.created_at,
        state_at=erased.state_at,
        reason=erased.reason,
    )


def _progress_key(name: str) -> str:
    return f"retirement/{names.checked(name)}"


def certificate_key(name: str) -> str:
    """Where the certificate of an erased persona is kept."""
    return f"certificate/{names.checked(name)}"
