"""Money in whole minor units of its currency, and shares in basis points: no floating point touches either.

The codes and the number of decimals are those of ISO 4217, list one, as maintained by SIX
(https://www.six-group.com/en/products-services/financial-information/data-standards.html), without funds, metals
and testing codes.
"""

from __future__ import annotations

import re

from persona_store.errors import Refused

_CODES = """
    AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLP
    CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG
    HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL
    MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR
    RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD
    TZS UAH UGX USD UYU UZS VED VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG
"""
CODES = frozenset(_CODES.split())
_NONE = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF"
_THREE = "BHD IQD JOD KWD LYD OMR TND"
DECIMALS = {code: places for codes, places in ((_NONE, 0), (_THREE, 3)) for code in codes.split()}
"""Where it is not two."""

MOST = 10**12
"""Minor units of one price or one month's revenue: far above what is meant, and sums of them stay exact
anywhere."""
WHOLE = 10_000  # basis points

_AMOUNT = re.compile(r"([0-9]{1,16})(?:\.([0-9]{1,8}))?", re.ASCII)


def decimals(currency: str) -> int:
    """How many digits stand behind the point. Raises Refused CURRENCY for what is no currency."""
    if currency not in CODES:
        raise Refused("CURRENCY", f"{currency[:20]!r} is no currency", "write its ISO 4217 code, such as CNY")
    return DECIMALS.get(currency, 2)


def minor(amount: str, currency: str) -> int:
    """`0.50` CNY is 50 fen, `500` JPY are 500 yen. Raises Refused CURRENCY, AMOUNT: also for more decimals than the
    currency has, because whoever wrote them would find another price in the record."""
    places = decimals(currency)
    found = _AMOUNT.fullmatch(amount.strip())
    behind = (found[2] or "") if found else ""
    if found is None or len(behind) > places:
        example = "0.50" if places else "50"
        what = f"{amount[:40]!r} is no amount of {currency}, which has {places} decimals"
        raise Refused("AMOUNT", what, f"write it with a point and no sign, such as {example}")
    value = int(found[1] + behind.ljust(places, "0"))
    if value > MOST:
        raise Refused("AMOUNT", f"{amount[:40]!r} {currency} is too much to be meant", "check the point")
    return value


def basis_points(percent: str) -> int:
    """`12.5` (or `12.5%`) is 1250. Raises Refused SHARE for what is none of a whole."""
    found = _AMOUNT.fullmatch(percent.strip().removesuffix("%").rstrip())
    behind = (found[2] or "") if found else ""
    points = int(found[1] + behind.ljust(2, "0")) if found and len(behind) <= 2 else -1
    if not 0 <= points <= WHOLE:
        raise Refused("SHARE", f"{percent[:40]!r} is no share", "write a percentage, such as 12.5")
    return points


def share(revenue: int, points: int) -> int:
    """The share of a revenue, both in minor units. The one place where anything is rounded: half a minor unit and
    more goes up, in favour of the Subject."""
    return (revenue * points + WHOLE // 2) // WHOLE


def shown(value: int, currency: str) -> str:
    """`50` fen as `0.50 CNY`."""
    places = decimals(currency)
    digits = str(value).rjust(places + 1, "0")
    return f"{digits[:-places]}.{digits[-places:]} {currency}" if places else f"{digits} {currency}"


def percent(points: int) -> str:
    """`1250` as `12.5%`."""
    return f"{points // 100}.{points % 100:02d}".rstrip("0").rstrip(".") + "%"
