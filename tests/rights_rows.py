"""What the software has to enforce, row by row: the obligations (L), the platforms' terms (P), the designs for
consent, lifecycle, erasure and log (§2), and the threats (T). `tests/rights_tables.py` finds the tests of each."""

from __future__ import annotations

from msgspec import Struct


class Row(Struct, frozen=True):
    """`untested`: why no test is named after it, told in the table; "" where one has to be."""

    id: str
    what: str
    source: str = ""
    untested: str = ""


UNTESTED: dict[str, str] = {}
"""Why no test is named after a row."""


def _rows(text: str) -> tuple[Row, ...]:
    """A row a line: its name, what it says, and where it comes from."""
    rows = []
    for line in text.strip().splitlines():
        id, what, *source = (cell.strip() for cell in line.split(" | "))
        rows.append(Row(id, what, *source, untested=UNTESTED.get(id, "")))
    return tuple(rows)


OBLIGATIONS = _rows("""
L01 | Separate, explicit consent for each facet, purpose and audience; no blanket grant | PIPL 14, 23, 29
L02 | The record holds which text was shown, by hash | PIPL 17, 30
L03 | A new purpose, place or kind needs a new consent; settings only narrow | PIPL 14(2)
L04 | No detriment for a no, and no second asking | PIPL 16
L05 | Withdrawing is one word: silence everywhere, nobody can undo it | PIPL 15, GDPR 7(3)
L06 | Only what the subject wrote, in the listed sources and days | PIPL 6, 19
L07 | The others in the chats: never quoted, and out when they say so | PIPL 13, GDPR 14, 21
L08 | Identity numbers, cards and the like are taken out at import | PIPL 28, GB/T 45574-2025
L09 | People are not rated, ranked, hired or fired by it; `why` explains | PIPL 24, GDPR 22
L10 | The subject sees, copies and exports what is held | PIPL 45, GDPR 15, 20
L11 | Correct and strike; what is struck stays struck | PIPL 46, GDPR 16
L12 | Erased when the purpose is over, the term ends or consent is withdrawn | PIPL 47, GDPR 17
L13 | After death: silence, and what the subject arranged | PIPL 49
L14 | An impact assessment before going live | PIPL 55, 56
L15 | Whoever outside gets content is named in the record | PIPL 21, 23, 38
L16 | A key for each persona; a breach can be told | PIPL 51, 57
L17 | Name and portrait only as agreed, never without a term | Civil Code 1018–1023
L18 | One owner, one deputy; nobody left means silence | Civil Code 1165; ISO 42001 A.10.2
L19 | No lever for replacing people: cooling-off, not tied to severance | Labour Contract Law 40, 50
L20 | Every message begins with the AI label, whatever is written | 标识办法 4, 深度合成 17
L21 | Files carry the label in their metadata | 标识办法 5, GB 45438-2025
L22 | Nobody gets it without the label, or as the person | 标识办法 8–10
L23 | What people ask never becomes material | 生成式办法 4, 11
L24 | Not offered to the public without filing | 生成式办法 17
L25 | A work assistant, no companion; danger leads to people; a reminder that it is an AI | 拟人化办法 2, 16, 18
L26 | It has no authority: it retrieves, replies, escalates | 智能体意见 2026
L30 | Consent can be proven | GDPR 4(11), 7(1)
L31 | The chat is told before the first answer | GDPR 13, 14
L32 | Restricting freezes without deleting | GDPR 18, 21
L33 | Records of processing come from the live configuration | GDPR 30, 35
L34 | First contact says that it is an AI | AI Act 50(1)
L35 | No inference of emotion, no such facet | AI Act 5(1)(f), 26(7)
L36 | Nothing is trained on a person | EDPB Op. 28/2024
L37 | Provenance of every piece, and the end of a persona | ISO/IEC 42001 A.7.5, NIST MANAGE 2.4
L38 | Uses are specific | Cal. Labor Code 927
""")

TERMS = _rows("""
P1 | No training on API data, no bulk reading beyond the thread at hand | Slack API ToS 2025-10-10
P2 | What comes by the API is not kept as an archive | Slack API ToS 2025-10-10
P3 | Deleted soon after the app is removed | Slack Developer Policy 2024-12-10
P4 | Material is the workspace's own export, handed in | Slack help centre
P5 | Rate limits are kept | Slack rate limits
P6 | The fixed list of permissions, no group history | open.feishu.cn
P7 | An app of the organisation's own, by Stream | DingTalk terms
P8 | The strictest rule holds on every platform | –
""")

DESIGNS = _rows("""
§2A | The consent record: strict reader, signed bytes, one `allow` | ISO/IEC TS 27560
§2B | The lifecycle: no answer outside `live`, nobody un-erases | –
§2C | Erasure: shred, unlink, prove byte by byte, list what is left | NIST SP 800-88r2
§2D | The log: content-free, chained, checkpoints others hold | RFC 6962, C2SP
""")

THREATS = _rows("""
T01 | Orders in a question
T02 | Orders in the material
T03 | Invisible text
T04 | Poisoned, emptied or contradicting material
T05 | Poisoning after going live
T06 | Private text before others' eyes
T07 | Membership that is out of date
T08 | Not knowing who reads is taken for a yes
T09 | Refusals that tell what exists
T10 | Guests, other workspaces, bots
T11 | Secrets in the history
T12 | Secrets split or encoded
T13 | Talking a secret back out
T14 | Claiming to be owner or admin
T15 | Forged requests of Slack
T16 | Forged requests of Feishu
T17 | Forged requests of DingTalk
T18 | Replays, retries, races
T19 | A confirmation used by another, elsewhere or twice
T20 | An answer that commands
T21 | Floods of escalations
T22 | An escalation that is lost or silent
T23 | An escalation that carries a private chat along
T24 | Bots that talk to each other
T25 | Calling everybody by what is quoted
T26 | Leaking by links, pictures, unfurling
T27 | Tokens sent where a file's address points
T28 | Archives that climb
T29 | Archives that burst
T30 | Entities in XML
T31 | Hostile PDF and pictures
T32 | Text that makes reading slow or deep
T33 | Web pages: scripts, forged forms, other people's objects
T34 | Secrets and words in logs
T35 | A forged, replayed or widened consent
T36 | Cheating on licences
T37 | A persona made in secret
T38 | Answers taken for promises; outdated facts
T39 | The prompt leaks
T40 | Running up cost
T41 | The supply chain
T42 | Keeping too long
""")
