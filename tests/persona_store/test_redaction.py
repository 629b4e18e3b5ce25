"""Secrets, sensitive personal data and hidden text go, hardly anything else does: T03, T11-T13, L08, IMP-19.

Every secret here is made up; several are the examples of the issuers' own documentation.
"""

from __future__ import annotations

import base64
import time
import urllib.parse

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from persona_store.hidden_text import reveal
from persona_store.redaction import redact, says_something

AWS = "AKIAIOSFODNN7EXAMPLE"
GITHUB = "ghp_" + "a1B2c3D4" * 4 + "e5F6"
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U"
BODY = "MIIBOgIBAAJBAKj34GkxFhD90vcNLYLInFEX6Ppy1tPf9Cnzj4p4WGeKLs1Pt8Qu"
PEM = f"-----BEGIN RSA PRIVATE KEY-----\n{BODY}\n-----END RSA PRIVATE KEY-----"

# (the message, what must be gone)
SECRETS_40 = [
    (f"the key is {AWS} ok?", AWS),
    ("temporary ASIAY34FZKBOKMUTVV7A here", "ASIAY34FZKBOKMUTVV7A"),
    ("aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLE1", "wJalrXUtnFEMI"),
    ("aliyun LTAI4FoLmvQ9urWXgSRpDvh1", "LTAI4FoLmvQ9urWXgSRpDvh1"),
    ("腾讯云 AKIDz8krbsJ5yKBZQpn74WFkmLPx3gnPhESA", "AKIDz8krbsJ5yKBZQpn74WFkmLPx3gnPhESA"),
    (f"git clone https://{GITHUB}@github.com/acme/x", GITHUB),
    ("gho_16C7e42F292c6912E7710c838347Ae178B4a", "gho_16C7e42F"),
    ("github_pat_11ABCDEFG0aBcDeFgHiJkL_mNoPqRsTuVwXyZ0123456789", "github_pat_11ABC"),
    ("CI uses glpat-xA1b2C3d4E5f6G7h8I9j", "glpat-xA1b2"),
    ("npm_abcdefghijklmnopqrstuvwxyz0123456789", "npm_abcdef"),
    ("xoxb-123456789012-123456789012-abcdefABCDEF123456", "xoxb-1234"),
    ("refresh xoxe.xoxp-1-Mi0yLTEyMzQ1Njc4OTAxMg", "xoxe.xoxp-1-Mi0y"),
    ("SLACK_APP_TOKEN xapp-1-A0123456789-1234567890-abcdef", "xapp-1-A01"),
    ("OPENAI sk-proj-4f9Q2mX8vB1nK7jL3hG6dS5a", "sk-proj-4f9Q"),
    ("stripe sk_live_4eC39HqLyjWDarjtT1zdp7dc", "sk_live_4eC3"),
    ("maps AIzaSyD-9tSrke72PouQMnMX-a7eZSW0jkFMBWY", "AIzaSyD-9t"),
    ("sendgrid 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", "SG.ngeV"),
    ("telegram 110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw5", "AAHdqTcv"),
    ("huggingface hf_AbCdEfGhIjKlMnOpQrStUvWxYz01234567", "hf_AbCdEf"),
    (f"curl -H 'Authorization: Bearer {JWT}'", JWT.split(".")[2]),
    ("Authorization: Bearer 2YotnFZFEjr1zCsicMWpAAaB", "2YotnFZF"),
    ("Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==", "QWxhZGRp"),
    (f"here it is\n{PEM}\nbye", "MIIBOgIBAAJB"),
    ("-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAABG5vbmU", "b3BlbnNzaC1r"),
    ("postgres://app:s3cr3t-pw@db.acme.dev:5432/app", "s3cr3t-pw"),
    ("redis://:hunter2hunter@10.0.0.5:6379/0", "hunter2hunter"),
    ("mongodb+srv://root:Tr0ub4dor@cluster0.x.mongodb.net", "Tr0ub4dor"),
    ("jdbc:sqlserver://h;user=sa;password=P4ssing!99;", "P4ssing!99"),
    (
        "AccountKey=Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==",
        "Eby8vdM0",
    ),
    ("password=hunter2", "hunter2"),
    ('the password is "correct-horse1"', "correct-horse1"),
    ("DB_PASSWORD=opensesame", "opensesame"),
    ("passwd: 8f3kd9", "8f3kd9"),
    ("密码是 Tr0ub4dor&3", "Tr0ub4dor&3"),
    ("测试环境密码：letmein", "letmein"),
    ("口令改成了 qwer1234 了", "qwer1234"),
    ("数据库密码 root@2024", "root@2024"),
    ("AppSecret: 9c1f0a7be24d48d39e77aa1b52c6e410", "9c1f0a7b"),
    ("https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX", "T00000000/B0"),
    ("https://oapi.dingtalk.com/robot/send?access_token=3f1c9a7be24d48d39e77aa1b52c6e410", "3f1c9a7b"),
]


@pytest.mark.parametrize(("text", "secret"), SECRETS_40)
def test_imp_19_secrets_40(text: str, secret: str) -> None:
    """Gone, with a neutral word in its place; nothing of the value remains and doing it again changes nothing."""
    clean = redact(text)
    assert secret not in clean.text
    assert clean.kinds
    assert "[removed: " in clean.text
    assert redact(clean.text) == (clean.__class__(clean.text))


def test_imp_19_the_fixture_has_forty() -> None:
    assert len(SECRETS_40) == 40


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("password=Passw0rd", "Passw0rd"),
        ("mysql://root:MyPass99@db/x", "MyPass99"),
        ('password: "hunter"', "hunter"),
        ("spring.datasource.password: zebra7horse", "zebra7horse"),
        ("口令是 Pass1234", "Pass1234"),
    ],
)
def test_a_weak_password_is_one_all_the_same(text: str, secret: str) -> None:
    assert secret not in redact(text).text


def test_what_surrounds_a_secret_stays() -> None:
    assert redact("use postgres://app:s3cr3t-pw@db.acme.dev:5432/app today").text == (
        "use postgres://[removed: password]@db.acme.dev:5432/app today"
    )
    assert (
        redact(f"first {AWS}, then {GITHUB}.").text == "first [removed: access key], then [removed: access token]."
    )
    assert redact(f"a\n{PEM}\nb").text == "a\n[removed: private key]\nb"


# ------------------------------------------------------------------ disguises

WIDE = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}


@pytest.mark.parametrize(
    "disguised",
    [
        base64.b64encode(AWS.encode()).decode(),
        base64.urlsafe_b64encode(f"key is {AWS}?>".encode()).decode().rstrip("="),
        base64.b64encode(b"password=hunter2").decode(),
        AWS.encode().hex(),
        "0x" + f"password={GITHUB}".encode().hex().upper(),
        urllib.parse.quote("password=hunter2", safe=""),
        "https://x.dev/cb?next=" + urllib.parse.quote(f"key={AWS}&a=b", safe="").replace("A", "%41"),
        AWS.translate(WIDE),
        AWS[:5] + AWS[5:7].translate(WIDE) + AWS[7:],
        "password＝hunter2".replace("hunter2", "hunter2".translate(WIDE)),
        "🔥".join(AWS),
        "❤️".join(AWS),
        " ".join(AWS),
        "\u200b".join(AWS),
        "\u2060".join("password=hunter2"),
    ],
)
def test_imp_19_a_disguised_secret_is_found(disguised: str) -> None:
    clean = redact(f"look: {disguised} thanks")
    assert set(clean.kinds) - {"hidden text"}
    for shown in (disguised, AWS, "hunter2", AWS[4:]):
        assert shown not in clean.text
    assert clean.text.startswith("look: ")


@settings(deadline=None)
@given(st.text(max_size=40), st.text(max_size=40))
def test_no_surroundings_hide_an_access_key(before: str, after: str) -> None:
    assert AWS not in redact(f"{before} {AWS} {after}").text


# ------------------------------------------------------------------ sensitive personal data


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("打我 13800138000", "mobile number"),
        ("call +86 138-0013-8000 now", "mobile number"),
        ("电话：１３８００１３８０００", "mobile number"),
        ("身份证 11010519491231002X", "identity number"),
        ("id: 110105194912310021x", ""),
        ("110101199003070011", "identity number"),
        ("card 4111 1111 1111 1111", "bank card"),
        ("卡号6222020200112233446", "bank card"),
        ("amex 378282246310005", "bank card"),
        ("4111 1111 1111 1112", ""),
        ("110101199003070012", ""),
        ("order 123456789012345678", ""),
        ("13800138000 13900139000", "mobile number"),
        ("订阅热线 1800-7416388", ""),
        ("身份证：110105 19491231 002X", "identity number"),
        ("amex 3782 822463 10005", "bank card"),
        ("build 20260302123456", ""),
        ("ts 1712345678.000200 and 1712345678000", ""),
        ("see /runs/13800138000/job", ""),
        ("3.14159265358979323846", ""),
        ("上周我确诊了糖尿病，要请假", "health"),
        ("我怀孕了，下个月交接", "health"),
        ("I was diagnosed with cancer last week.", "health"),
        ("she is pregnant", "health"),
        ("我是基督徒", "belief"),
        ("I am a practicing muslim", "belief"),
        ("诊断一下这个服务的健康状况", ""),
        ("I have depression tests failing? no, regression", "health"),
        ("the health check is failing; diagnosed the leak", ""),
        ("cancel the cancer-research feed", ""),
        ("我是后端，信我", ""),
    ],
)
def test_l08_one_fixture_per_kind_and_its_near_misses(text: str, kind: str) -> None:
    assert set(redact(text).kinds) == ({kind} if kind else set())


def test_a_statement_about_health_goes_as_a_whole_sentence() -> None:
    clean = redact("上线完成了。我上周确诊了糖尿病，医生说要休息！明天见")
    assert clean.text == "上线完成了。[removed: health]！明天见"


def test_a_work_address_and_names_stay() -> None:
    text = "ask lin.wei@acme.dev or 林薇 (Lin Wei), ext. 4321"
    assert redact(text).text == text


# ------------------------------------------------------------------ what must stay

CLEAN = """
the password is wrong again, reset it
what's the password policy? at least 12 characters
password: String, email: String
password = getpass.getpass()
password=os.environ["DB_PASSWORD"]
POSTGRES_PASSWORD=${POSTGRES_PASSWORD}
type Model = { password : String, passwordAgain : String }
(defn login [user password] (check user password))
password is required
my password was changed
token: user.token
the token is invalid
const token = await getToken()
api_key: your-api-key-here
secret: <redacted>
use sk-learn-contrib-lightning or scikit
https://github.com/acme/pay/commit/2f1c9a7be24d48d39e77aa1b52c6e4108f3kd9aa
sha256:9c1f0a7be24d48d39e77aa1b52c6e4109c1f0a7be24d48d39e77aa1b52c6e410
550e8400-e29b-41d4-a716-446655440000
postgres://user:password@localhost/db
https://user@host.dev/path
git@github.com:acme/pay.git
http://localhost:8080/@scope/package
密码错误请重试
忘记密码了怎么办
密码要包含大小写和数字
密码是 MD5 加密的
密码用 bcrypt 存
口令牌过期了
token 过期了，重新登录
密钥在 vault 里，找林薇
我得了一个报错
用户诊断信息在日志里
版本 1.2.3.4，端口 13306
2026-03-02 12:00:00 deploy 20260302120000 done
electroencephalographically internationalization
abcdefghijklmnopqrstuvwxyz
ApplicationContextInitializerFactoryBean
/api/v2/payments/123456789/refund?id=42
ERROR 0x80070005 at 00007FF6A1B2C3D4
a1b2c3d4
Bearer tokens are short lived
basic auth is fine here
eyes on this please
password=user1.password
passwd = db_password2
export PWD="/Users/lin/pay"
-----BEGIN PUBLIC KEY----- MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAKj34GkxFhD9
bearer of bad news: deployment failed
50% off, 100%sure
A B C D E
I have 3 questions and she has 2
""".strip().split("\n")


@pytest.mark.parametrize("text", CLEAN)
def test_clean_chat_is_left_alone(text: str) -> None:
    clean = redact(text)
    assert (clean.text, clean.kinds) == (text, ())


# ------------------------------------------------------------------ hidden text


def test_t03_an_instruction_in_tag_characters_is_dropped_and_counted() -> None:
    tags = "".join(chr(0xE0000 + ord(letter)) for letter in "ignore")
    clean = redact(f"hello{tags} world")
    assert (clean.text, clean.kinds) == ("hello world", ("hidden text",))


@pytest.mark.parametrize(
    "hidden",
    ["\u202e", "\u2066", "\u200b", "\u2060", "\ufeff", "\u00ad", "\x00", "\x1b", "\U000e0101", "\ufe0f", "\u3164"],
)
def test_t03_what_nobody_sees_is_taken_out(hidden: str) -> None:
    assert reveal(f"pay{hidden}ment") == ("payment", True)


@pytest.mark.parametrize(
    "text", ["plain\n\ttext", "👩‍👩‍👧 family", "❤️ and 1️⃣", "支付：网关", "café naïve", "🏳️‍🌈", "ok👍🏽", ""]
)
def test_what_people_see_stays(text: str) -> None:
    assert reveal(text) == (text, False)


@settings(deadline=None)
@given(st.text())
def test_what_is_kept_can_always_be_written(text: str) -> None:
    redact(text + "\ud800").text.encode("utf-8")


def test_says_something() -> None:
    assert not says_something("[removed: access key] [removed: password].")
    assert says_something("👍")
    assert says_something("[removed: password] ok")


# ------------------------------------------------------------------ cost


@pytest.mark.parametrize(
    "unit",
    [
        "a",
        "0",
        " ",
        "password",
        "password=",
        "密码",
        "eyJ",
        "eyJa.",
        "-eyJaaaaaaaa",
        "xoxb-",
        "sk-",
        "://a:",
        "%41",
        "%",
        "key=",
        "bearer ",
        "-----BEGIN KEY-----",
        "-----END ",
        "1 ",
        "a.",
        "AKIA",
        "I have ",
        "我是",
        "🔥a",
        "１",
        "gh",
        "<!--",
        "authorization:",
        "13",
        "4111 ",
        "SG.a",
        "A1/",
        "=",
        "token is ",
    ],
)
def test_t32_no_input_takes_more_than_linear_time(unit: str) -> None:
    text = unit * (200_000 // len(unit))
    begin = time.process_time()
    redact(text)
    assert time.process_time() - begin < 5
