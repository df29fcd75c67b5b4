"""Every setting of the program, typed, from the environment. No module reads the environment itself.

A setting is given as an environment variable with the prefix `TILANNEKUVA_`, for instance
`TILANNEKUVA_DATABASE_URL`. An unknown variable with the prefix is an error, because a misspelt
setting that is silently ignored is worse than a program that does not start.
"""

import os
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from monitor.errors import SettingsError
from monitor.readiness.bands import read_limits

PREFIX = "TILANNEKUVA_"
ROOT = Path(__file__).resolve().parent.parent


class Settings(BaseSettings):
    """Settings with their defaults. `docs/settings.md` lists them; a test keeps the two equal."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid")

    database_url: str = Field(
        "sqlite:///var/tilannekuva.db",
        description="Where the store is: sqlite:///PATH or postgresql+psycopg://USER:PASSWORD@HOST/NAME.",
    )
    feeds_file: Path = Field(ROOT / "feeds.yaml", description="What to poll.")
    labels_dir: Path = Field(
        ROOT / "labels", description="What labels mean, and the training texts."
    )
    models_dir: Path = Field(ROOT / "models", description="Trained versions.")
    output_dir: Path = Field(
        Path("var/summaries"), description="Where weekly summaries are written."
    )
    readiness_sources_file: Path = Field(
        ROOT / "readiness_sources.yaml", description="What `readiness fetch --all` asks for."
    )
    cache_dir: Path = Field(
        Path("var/cache"), description="What can be made anew: vectors of training texts."
    )
    embedding_dir: Path | None = Field(
        None,
        description="Folder of the embedding model, e5-small-q4.bin; without it none is used.",
    )
    contact: str = Field(
        "",
        description="E-mail or web address of the operator; sent in the User-Agent of every request.",
    )
    web_host: str = Field("127.0.0.1", description="Address the web page listens on.")
    web_port: int = Field(
        8765, ge=0, le=65535, description="Port of the web page; 0 picks a free one."
    )
    language: str = Field(
        "fi", pattern="^(fi|sv|en)$", description="Language of the web page at first."
    )
    api_requests_per_minute: int = Field(
        120, ge=1, le=100_000, description="Requests a minute that one API key may make for long."
    )
    api_burst: int = Field(
        60, ge=1, le=100_000, description="Requests that one API key may make at once."
    )
    poll_minutes: int = Field(
        30, ge=5, le=1440, description="Shortest time between two polls of a feed."
    )
    poll_max_hours: int = Field(
        24, ge=1, le=168, description="Longest time between two polls of a feed."
    )
    fetch_concurrency: int = Field(16, ge=1, le=128, description="Requests under way at once.")
    fetch_per_host: int = Field(
        2, ge=1, le=16, description="Requests under way at once to one host."
    )
    fetch_spacing_seconds: float = Field(
        0.25, ge=0, le=60, description="Time between the beginnings of two requests to one host."
    )
    fetch_timeout_seconds: float = Field(
        30, gt=0, le=300, description="Time a whole request may take."
    )
    fetch_max_bytes: int = Field(
        10_000_000, ge=10_000, description="Largest body that is read, after decompression."
    )
    parse_processes: int = Field(
        0,
        ge=0,
        le=64,
        description="Processes that parse feeds when many are due; 0 is one per core, four at most.",
    )
    allow_private_addresses: bool = Field(
        False, description="Allow feeds on loopback and private networks. For tests and intranets."
    )
    extract_processes: int = Field(
        2,
        ge=0,
        le=64,
        description="Processes that read pages; 0 reads them in the program itself, without time limit.",
    )
    extract_seconds: float = Field(
        5,
        gt=0,
        le=600,
        description="Seconds of processor time that reading one page may take.",
    )
    retry_limit: int = Field(
        5, ge=1, le=20, description="Times a page is tried before its feed text is kept instead."
    )
    remove_deleted: bool = Field(
        False,
        description="Take away an article's text when its feed says the entry is deleted (RFC 6721).",
    )
    public_address: str = Field(
        "",
        pattern=r"^(https?://[^\s<>\"]+)?$",
        description="Address readers reach the web page at, for links in feeds and mail.",
    )
    smtp_host: str = Field("", description="Mail server that summaries are sent through.")
    smtp_port: int = Field(587, ge=1, le=65535, description="Its port.")
    smtp_security: str = Field(
        "starttls",
        pattern="^(starttls|tls|none)$",
        description="How the mail server is spoken to: starttls, tls or none.",
    )
    smtp_user: str = Field("", description="User at the mail server; without one none is given.")
    smtp_password: SecretStr = Field(
        SecretStr(""), description="Password at the mail server; only sent over TLS, never shown."
    )
    smtp_sender: str = Field("", description="E-mail address that summaries are sent from.")
    mail_list_file: Path | None = Field(
        None, description="Distribution list: a line per address with its language and level."
    )
    publish_role: str = Field(
        "analyst",
        pattern="^(analyst|admin)$",
        description="Least role that publishes, corrects and sends weekly summaries: analyst or admin.",
    )
    session_hours: int = Field(
        168, ge=1, le=8760, description="Hours after which a person signs in again at the latest."
    )
    session_idle_minutes: int = Field(
        720, ge=5, le=43_200, description="Minutes without a page after which a session ends."
    )
    password_least: int = Field(12, ge=8, le=128, description="Characters a password has at least.")
    password_memory_kib: int = Field(
        65_536,
        ge=8_192,
        le=4_194_304,
        description="Memory of the password hash (argon2id), in KiB; a new value takes effect as people "
        "sign in.",
    )
    password_passes: int = Field(
        3, ge=1, le=100, description="Passes of the password hash over that memory."
    )
    sign_in_tries: int = Field(
        5,
        ge=1,
        le=1000,
        description="Failed attempts to sign in as one name from one network within a quarter of an hour; then it waits.",
    )
    sign_in_tries_name: int = Field(
        50,
        ge=1,
        le=100_000,
        description="The same, as one name from all networks; a browser that has signed in as the name before is not held up by others.",
    )
    sign_in_tries_address: int = Field(
        30, ge=1, le=100_000, description="The same, from one network address."
    )
    oidc_issuer: str = Field(
        "",
        pattern=r"^(https://[^\s<>\"]+|http://(127\.0\.0\.1|localhost)[^\s<>\"]*)?$",
        description="Address of the identity provider (OpenID Connect); without one there is none.",
    )
    oidc_client_id: str = Field("", description="What this program is called there.")
    oidc_client_secret: SecretStr = Field(
        SecretStr(""), description="Its secret there; never shown."
    )
    oidc_scope: str = Field("openid profile email", description="What is asked about a person.")
    oidc_role_claim: str = Field(
        "", description="Claim that decides the role at every sign-in, such as groups."
    )
    oidc_roles: str = Field(
        "",
        description="Which value of the claim gives which role: value=role, separated by commas; viewer "
        "without any.",
    )
    flag_budget: int = Field(120, ge=0, description="Articles a week the section can look at.")
    review_slice_flagged: float = Field(
        0.1,
        ge=0,
        le=1,
        description="Share of the flagged articles that is drawn into the random slice of the review.",
    )
    review_slice_others: float = Field(
        0.01,
        ge=0,
        le=1,
        description="Share of the other articles that is drawn into the random slice of the review.",
    )
    hearing_least: float = Field(
        0.6,
        ge=0,
        le=1,
        description="Share of a region's usual hearing below which a notice is raised.",
    )
    roadmap_bands: Annotated[tuple[float, ...], NoDecode, BeforeValidator(read_limits)] = Field(
        (50, 75, 90),
        description="Limits between the bands of the roadmap matrix, in per cent of finished critical "
        "tasks, the lowest first: one to four of them.",
    )
    roadmap_target: date | None = Field(
        None,
        description="Target day of the roadmap, 2026-12-31; without it the last due day of all tasks "
        "reported.",
    )
    indicators_file: Path | None = Field(
        None,
        description="Table of your own readiness indicators beside the shipped one; docs/readiness.md.",
    )
    draws: int = Field(
        2000, ge=100, le=100_000, description="Monte Carlo draws behind an interval."
    )
    seed: int = Field(20260101, ge=0, lt=2**32, description="Seed of everything random.")
    log_level: str = Field(
        "INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$", description="Least level logged."
    )


def load_settings(environ: Mapping[str, str] | None = None, **overrides: object) -> Settings:
    """Settings from `environ` (the process's own by default), then `overrides`.

    Raises SettingsError naming the variable, its value and what was expected.
    """
    environ = os.environ if environ is None else environ
    given = {k.removeprefix(PREFIX).lower(): v for k, v in environ.items() if k.startswith(PREFIX)}
    unknown = sorted(set(given) - set(Settings.model_fields))
    if unknown:
        names = ", ".join(PREFIX + name.upper() for name in unknown)
        raise SettingsError(f"unknown setting {names}; docs/settings.md lists the settings")
    try:
        return Settings(**{**given, **overrides})  # type: ignore[arg-type]  # pydantic parses the strings
    except ValidationError as error:
        raise SettingsError(_sentence(error)) from error


def _sentence(error: ValidationError) -> str:
    problems = [
        f"{PREFIX}{'_'.join(map(str, e['loc'])).upper()}={e['input']!r}: "
        + e["msg"].removeprefix("Value error, ")
        for e in error.errors()
    ]
    return "; ".join(problems)
