"""`tilannekuva users`: who may sign in to the web page."""

import getpass
import sys
from typing import Any

import click

from monitor.cli.opening import open_app

ROLES = ("viewer", "reviewer", "analyst", "admin")
_who = click.option("--who", default=getpass.getuser, help="Who does it; you by default.")
_stdin = click.option(
    "--password-stdin", is_flag=True, help="Read the password from standard input."
)
PROBLEMS = {
    "name": "a user name has letters, digits and . @ + - _, at most 60 of them; no password holds it",
    "shown": "a shown name has at most 80 characters that can be printed",
    "taken": "this user name is taken; `tilannekuva users list` shows all",
    "unknown": "there is no such user; `tilannekuva users list` shows all",
    "short": "the password is too short; TILANNEKUVA_PASSWORD_LEAST says how long it must be",
    "same": "the password has only a few different characters",
    "own": "nobody takes their own rights away",
    "disabled": "this user is disabled; `tilannekuva users enable NAME` lets them in again",
}


@click.group("users")
def users_group() -> None:
    """Make, list and change accounts of the web page."""


@users_group.command("add")
@click.argument("name")
@click.option(
    "--role", type=click.Choice(ROLES), default="viewer", show_default=True,
    help="What the user may; each role may what those before it may.",
)  # fmt: skip
@click.option("--shown", default="", help="The name others see; NAME by default.")
@click.option("--language", type=click.Choice(["fi", "sv", "en"]), default="fi", show_default=True)
@click.option("--no-password", is_flag=True, help="Let them in by a one-time link at first.")
@_stdin
@_who
def add(
    name: str, role: str, shown: str, language: str, no_password: bool, password_stdin: bool,
    who: str,
) -> None:  # fmt: skip
    """Make an account for NAME, and ask for its password."""
    from monitor.people import manage

    app = open_app()
    password = "" if no_password else _password(password_stdin)
    if password:
        _fine(manage.password_fits(app, name, password), app)
    user = _fine(manage.add(app, name, shown, role, language, who), app)
    if password:
        _fine(manage.give_password(app, user.name, password, who), app)
    click.echo(f"user {user.id}, {user.name}, role {user.role}")
    if not password:
        click.echo(f"`tilannekuva users link {user.name}` prints their first way in", err=True)


@users_group.command("list")
def list_() -> None:
    """Every account: id, state, role, name, since when and by whom."""
    from monitor.clock import HELSINKI
    from monitor.db.engine import reading
    from monitor.db.people import accounts

    app = open_app()
    with reading(app.engine) as session:
        found = accounts(session)
    for one in found:
        made, user = one.created_at.astimezone(HELSINKI).date(), one.user
        state = "in use"
        if one.disabled_at:
            state = f"disabled {one.disabled_at.astimezone(HELSINKI).date()}"
        way = "password" if one.password_hash else "provider" if one.subject else "link only"
        click.echo(
            f"{user.id:4}  {state:19}  {user.role:8}  {way:9}  {user.name}  "
            f"({user.shown}; {made}, {one.created_by})"
        )
    if not found:
        click.echo("no users; `tilannekuva users add NAME --role admin` makes the first")


@users_group.command("role")
@click.argument("name")
@click.argument("role", type=click.Choice(ROLES))
@_who
def role_(name: str, role: str, who: str) -> None:
    """Give NAME another role; they sign in again."""
    from monitor.people import manage

    app = open_app()
    user = _fine(manage.give_role(app, _account(app, name).user.id, role, who), app)
    click.echo(f"{user.name} has the role {user.role}")


@users_group.command("password")
@click.argument("name")
@_stdin
@_who
def password_(name: str, password_stdin: bool, who: str) -> None:
    """Set the password of NAME; every session of theirs ends."""
    from monitor.people import manage

    app = open_app()
    _account(app, name)
    user = _fine(manage.give_password(app, name, _password(password_stdin), who), app)
    click.echo(f"the password of {user.name} is set")


@users_group.command("disable")
@click.argument("name")
@_who
def disable(name: str, who: str) -> None:
    """Let NAME in no more; what they did keeps their name."""
    _able(name, True, who)


@users_group.command("enable")
@click.argument("name")
@_who
def enable(name: str, who: str) -> None:
    """Let NAME in again."""
    _able(name, False, who)


@users_group.command("link")
@click.argument("name")
@_who
def link(name: str, who: str) -> None:
    """Print a link that signs NAME in once. It is good for a quarter of an hour."""
    from monitor.people.signin import new_link

    app = open_app()
    found = _account(app, name)
    if found.disabled_at is not None:
        _fine("disabled", app)
    secret = new_link(app, found.user.id, who)
    settings = app.settings
    base = settings.public_address or f"http://{settings.web_host}:{settings.web_port}"
    click.echo(f"{base.rstrip('/')}/login/link/{secret}")


def _able(name: str, disabled: bool, who: str) -> None:
    from monitor.people import manage

    app = open_app()
    user = _fine(manage.disable(app, _account(app, name).user.id, disabled, who), app)
    click.echo(f"{user.name} is {'disabled' if disabled else 'in use again'}")


def _account(app: Any, name: str) -> Any:
    from monitor.db.engine import reading
    from monitor.db.people import find_account
    from monitor.people.names import login_name

    with reading(app.engine) as session:
        found = find_account(session, login_name(name))
    return found or _fine("unknown", app)


def _password(from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    typed: str = click.prompt("password", hide_input=True, confirmation_prompt=True)
    return typed


def _fine(came: Any, app: Any) -> Any:
    """`came`, unless it is a problem: then its sentence, and exit code 2."""
    if not isinstance(came, str):
        return came
    click.echo(f"tilannekuva: {PROBLEMS.get(came, came)}", err=True)
    app.engine.dispose()
    sys.exit(2)
