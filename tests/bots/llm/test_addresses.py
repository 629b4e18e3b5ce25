"""Who gets what is sent, and that nothing is sent in clear to somebody else's machine."""

from __future__ import annotations

import pytest

from bots.llm.addresses import is_private, recipient_of, require_safe
from persona_store.errors import Refused


@pytest.mark.parametrize(("url", "name"), [
    ("https://api.deepseek.com", "api.deepseek.com"), ("https://API.DeepSeek.com./v1/", "api.deepseek.com"),
    ("https://dashscope.aliyuncs.com/compatible-mode/v1", "dashscope.aliyuncs.com"),
    ("https://llm.example:8443/v1", "llm.example"), ("http://ollama:11434/v1", "ollama"),
    ("http://127.0.0.1:11434/v1", "localhost"), ("http://127.8.9.1/v1", "localhost"),
    ("http://[::1]:80/v1", "localhost"),
    ("http://localhost:8000/v1", "localhost"), ("http://[::ffff:127.0.0.1]/", "localhost"),
    ("http://10.0.0.7/v1", "10.0.0.7"), ("https://模型.example/v1", "xn--xgs754b.example"),
    ("https://api.deepseek.com@evil.example/v1", "evil.example"),
    ("https://evil.example/api.deepseek.com", "evil.example"),
])  # fmt: skip
def test_the_recipient_is_the_host(url: str, name: str) -> None:
    assert recipient_of(url) == name


@pytest.mark.parametrize("url", [
    "", "api.deepseek.com", "ftp://a.example", "https://", "https://a b/", "http://[::1", "https://a.example:port/",
])  # fmt: skip
def test_what_is_no_web_address_has_none(url: str) -> None:
    with pytest.raises(Refused, match="SETTINGS"):
        recipient_of(url)


@pytest.mark.parametrize("url", [
    "http://127.0.0.1:11434/v1", "http://localhost/v1", "http://[::1]/v1", "http://10.1.2.3/v1", "http://192.168.0.9/v1",
    "http://[fd00::1]/v1", "http://ollama:11434/v1", "http://gpu.lan/v1", "http://x.internal/v1", "https://api.openai.com/v1",
])  # fmt: skip
def test_plain_http_is_for_ones_own_machines(url: str) -> None:
    require_safe(url)


@pytest.mark.parametrize("url", [
    "http://api.deepseek.com/v1", "http://8.8.8.8/v1", "http://[2001:4860:4860::8888]/v1", "http://[::ffff:8.8.8.8]/v1",
    "http://localhost.example/v1", "http://127.0.0.1.example/v1", "http://lan.example/v1",
])  # fmt: skip
def test_others_are_spoken_to_in_secret(url: str) -> None:
    assert not is_private(url)
    with pytest.raises(Refused, match="in clear"):
        require_safe(url)
