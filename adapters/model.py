"""What every chat platform has in common: people, threads, what was said to us and what we say."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct, field


class Person(Struct, frozen=True):
    """Somebody on one platform. `key` (`slack:U1`) is the only thing authority is ever derived from."""

    platform: str
    id: str
    name: str = ""
    tenant: str = ""
    external: bool = False  # guest, Slack Connect stranger, other tenant: gets one polite line and no retrieval
    timezone: str = ""  # IANA name where the platform tells it

    @property
    def key(self) -> str:
        return f"{self.platform}:{self.id}"


class Thread(Struct, frozen=True):
    """Where something was said and where a reply goes; everything a reply days later needs is in here.

    `root` is the id of the message a thread hangs from ("" = the chat itself), `anchor` the latest inbound
    message (platforms that reply *to a message* need it), `direct` is true for a one-to-one chat with the bot.
    """

    platform: str
    chat: str
    tenant: str = ""
    root: str = ""
    anchor: str = ""
    direct: bool = False
    chat_name: str = ""

    @property
    def lane(self) -> str:
        """Messages with the same lane are handled one after the other."""
        return f"{self.platform}:{self.tenant}:{self.chat}:{self.root}"

    @property
    def chat_key(self) -> str:
        return f"{self.platform}:{self.chat}"


class Message(Struct, frozen=True, tag=True):
    """A normalised thing somebody said. `text` is plain text with the bot's own mention removed and other
    people's mentions as `@name`; `addressed` is true for an @ of the bot, a DM or a slash command."""

    id: str
    thread: Thread
    author: Person
    text: str
    at: datetime
    addressed: bool = False
    mentions: tuple[Person, ...] = ()  # people other than the bot, in order
    files: tuple[str, ...] = ()  # names only; contents are never fetched
    command: bool = False  # came as a native slash command: answer so that only the author sees it
    unsigned: bool = False  # the platform does not vouch for the words: nothing may be administered by them

    @property
    def key(self) -> str:
        return f"{self.thread.platform}:{self.thread.tenant}:{self.thread.chat}:{self.id}"


class Press(Struct, frozen=True, tag=True):
    """A button was pressed, or a form that a button opened was submitted (`fields` is then filled)."""

    id: str  # unique per press as far as the platform can tell two presses apart
    thread: Thread  # where the card stands
    author: Person
    action: str
    value: str
    at: datetime
    message_id: str = ""  # the card's own message
    fields: dict[str, str] = field(default_factory=dict)
    trigger: str = ""  # Slack's trigger_id while it lives; never stored
    unsigned: bool = False  # as in Message

    @property
    def key(self) -> str:
        return f"{self.thread.platform}:{self.thread.tenant}:press:{self.id}"


class Gone(Struct, frozen=True, tag=True):
    """A message was deleted (or edited away) on the platform; what was cited from it must go too. `said_at` is
    when it had been said, where the platform tells."""

    id: str
    thread: Thread
    message_id: str
    at: datetime
    said_at: datetime | None = None

    @property
    def key(self) -> str:
        return f"{self.thread.platform}:{self.thread.tenant}:{self.thread.chat}:gone:{self.id}"


class Joined(Struct, frozen=True, tag=True):
    """The bot was added to a chat: a notice is due before the first answer."""

    id: str
    thread: Thread
    at: datetime
    by: Person | None = None

    @property
    def key(self) -> str:
        return f"{self.thread.platform}:{self.thread.tenant}:{self.thread.chat}:joined:{self.id}"


class Opened(Struct, frozen=True, tag=True):
    """Somebody opened the direct chat with the bot for the first time or anew."""

    id: str
    thread: Thread
    author: Person
    at: datetime

    @property
    def key(self) -> str:
        return f"{self.thread.platform}:{self.thread.tenant}:{self.thread.chat}:opened:{self.id}"


class Uninstalled(Struct, frozen=True, tag=True):
    """The app was removed or its tokens revoked for a tenant."""

    id: str
    platform: str
    tenant: str
    at: datetime

    @property
    def key(self) -> str:
        return f"{self.platform}:{self.tenant}:uninstalled:{self.id}"


Inbound = Message | Press | Gone | Joined | Opened | Uninstalled


class Button(Struct, frozen=True):
    """`value` is an opaque id, at most 200 characters; what it stands for is looked up and authorised anew."""

    action: str
    label: str
    value: str = ""
    style: str = ""  # "" | "primary" | "danger"
    opens_form: bool = False  # pressing it asks Host.form(press) for a form before anything is received


class Field(Struct, frozen=True):
    name: str
    label: str
    initial: str = ""
    kind: str = "text"  # "text" | "lines" | "person"
    placeholder: str = ""


class Form(Struct, frozen=True):
    """What a button may open. Submitting it arrives as a Press with `action`, `value` and the fields."""

    action: str
    value: str
    title: str
    submit: str
    cancel: str
    fields: tuple[Field, ...]


class Quote(Struct, frozen=True):
    """One passage shown as evidence. All strings are ready to be read; `url` may be empty."""

    text: str
    author: str
    when: str
    place: str
    url: str = ""


class Card(Struct, frozen=True):
    """What we say, platform-neutral. `label` is the indelible first line; `text` is the Markdown subset of
    adapters/text.py; `notes` are small print below."""

    text: str
    label: str = ""
    title: str = ""
    quotes: tuple[Quote, ...] = ()
    notes: tuple[str, ...] = ()
    buttons: tuple[Button, ...] = ()
    tone: str = "answer"  # answer | asked | owner | notice | admin | error: how a platform may colour it
    links: tuple[str, ...] = ()  # pages of our own that `text` leads to, besides those of the quotes

    @property
    def addresses(self) -> tuple[str, ...]:
        """All that may become a link in `text`; no other address does, whoever wrote it."""
        return (*(quote.url for quote in self.quotes if quote.url), *self.links)


class Post(Struct, frozen=True):
    """Something to be said once. `key` names it for ever: a repeat of the same key must place nothing new
    where the platform (or a look at the thread) can tell."""

    key: str
    card: Card
    mention: tuple[Person, ...] = ()  # people who shall really be notified
    only_for: Person | None = None  # seen by this person alone (ephemeral; where impossible: by DM)
    replaces: str = ""  # message id of ours to be rewritten instead of posting anew, where the platform can


class Receipt(Struct, frozen=True):
    """Proof that a post was placed. `also`: the further messages of one that did not fit into one."""

    message_id: str
    thread: Thread
    also: tuple[str, ...] = ()


class Audience(Struct, frozen=True):
    """Who can read what is said in a thread. `public`: everyone in the team may. Unknown is an error, not this."""

    public: bool
    members: tuple[Person, ...] = ()
    external: bool = False  # people from outside the tenant read along
