"""`tilannekuva keys`: keys of programs that read the API."""

import getpass
import sys

import click

_who = click.option("--who", default=getpass.getuser, help="Who does it; you by default.")


@click.group("keys")
def keys_group() -> None:
    """Make, list and revoke keys of programs that read the API (docs/api.md)."""


@keys_group.command("add")
@click.argument("name")
@click.option(
    "--role",
    type=click.Choice(["read", "export"]),
    default="read",
    show_default=True,
    help="read: pages of published figures. export: whole selections, CSV and drafts too.",
)
@_who
def add(name: str, role: str, who: str) -> None:
    """Make a key for the program NAME and print it: this once, it is kept nowhere."""
    from monitor.app import make_app
    from monitor.db.engine import transaction
    from monitor.db.keys import add_key
    from monitor.settings import load_settings

    if not name.strip() or not name.isprintable():
        raise click.UsageError("a program's name has letters that can be printed")
    app = make_app(load_settings())
    with transaction(app.engine) as session:
        key, secret = add_key(session, name.strip(), role, who, app.clock())  # type: ignore[arg-type]
    click.echo(f"key {key.id} of {key.name}, role {key.role}; it is shown this once:", err=True)
    click.echo(secret)


@keys_group.command("list")
def list_() -> None:
    """Every key that was ever made: id, state, role, program, when and by whom."""
    from monitor.app import make_app
    from monitor.clock import HELSINKI
    from monitor.db.engine import reading
    from monitor.db.keys import all_keys
    from monitor.settings import load_settings

    app = make_app(load_settings())
    with reading(app.engine) as session:
        keys = all_keys(session)
    for key in keys:
        made = key.created_at.astimezone(HELSINKI).date()
        state = "in use"
        if key.revoked_at:
            state = f"revoked {key.revoked_at.astimezone(HELSINKI).date()}"
        click.echo(f"{key.id:4}  {state:18}  {key.role:6}  {key.name}  ({made}, {key.created_by})")
    if not keys:
        click.echo("no keys; `tilannekuva keys add NAME` makes one")


@keys_group.command("revoke")
@click.argument("key_id", metavar="ID", type=click.IntRange(1, 2**31 - 1))
@_who
def revoke(key_id: int, who: str) -> None:
    """Put the key ID out of use at once and for good."""
    from monitor.app import make_app
    from monitor.db.engine import transaction
    from monitor.db.keys import revoke_key
    from monitor.settings import load_settings

    app = make_app(load_settings())
    with transaction(app.engine) as session:
        key = revoke_key(session, key_id, who, app.clock())
    if key is None:
        click.echo(
            f"tilannekuva: there is no key {key_id}; `tilannekuva keys list` shows all", err=True
        )
        sys.exit(2)
    click.echo(f"key {key.id} of {key.name} is revoked")
