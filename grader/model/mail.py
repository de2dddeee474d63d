"""Mail: how an installation sends it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal

SmtpSecurity = Literal["starttls", "ssl", "off"]
SMTP_PORTS: Final[dict[SmtpSecurity, int]] = {"starttls": 587, "ssl": 465, "off": 25}


@dataclass(frozen=True)
class Mail:
    """How mail is sent, and the address that links in it begin with."""

    host: str
    sender: str
    public_url: str
    security: SmtpSecurity = "starttls"
    port: int = 587
    user: str | None = None
    password: str | None = field(default=None, repr=False)
