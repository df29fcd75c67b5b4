"""An administrator's work with accounts. Each returns the account as it now is, or why it was not done."""

from typing import Literal, get_args

from monitor.app import App
from monitor.db.engine import reading, transaction
from monitor.db.people import account, add_user, find_account, set_disabled, set_password, set_role
from monitor.i18n import LANGUAGES
from monitor.people.names import is_login_name, is_shown_name, login_name, password_problem
from monitor.people.passwords import cost_of, hash_password
from monitor.people.values import ROLES, Account, Role, User

Problem = Literal["name", "shown", "role", "language", "taken", "unknown", "own"]
PROBLEMS: tuple[Problem, ...] = get_args(Problem)


def add(app: App, typed: str, shown: str, role: str, language: str, who: str) -> User | Problem:
    """A new account without a password: a one-time link is its first way in."""
    name = login_name(typed)
    shown = shown.strip() or name
    if not is_login_name(name):
        return "name"
    if not is_shown_name(shown):
        return "shown"
    known = role_named(role)
    if known is None:
        return "role"
    if language not in LANGUAGES:
        return "language"
    with transaction(app.engine) as session:
        made = add_user(session, name, shown, known, language, who=who, at=app.clock())
    return made or "taken"


def give_role(app: App, user_id: int, role: str, who: str) -> User | Problem:
    """Another role. Nobody takes their own away, so an administrator remains."""
    known = role_named(role)
    if known is None:
        return "role"
    with transaction(app.engine) as session:
        found = account(session, user_id)
        problem = _kept(found, who, known == "admin")
        if problem:
            return problem
        return set_role(session, user_id, known, who, app.clock()) or "unknown"


def disable(app: App, user_id: int, disabled: bool, who: str) -> User | Problem:
    """Let a user in no more, or again."""
    with transaction(app.engine) as session:
        found = account(session, user_id)
        problem = _kept(found, who, not disabled)
        if problem:
            return problem
        return set_disabled(session, user_id, disabled, who, app.clock()) or "unknown"


def give_password(app: App, name: str, password: str, who: str) -> User | str:
    """A password set from the command line; otherwise the problem with it."""
    with reading(app.engine) as session:
        found = find_account(session, login_name(name))
    if found is None:
        return "unknown"
    problem = password_problem(password, found.user.name, app.settings.password_least)
    if problem:
        return problem
    hashed = hash_password(password, cost_of(app.settings))
    with transaction(app.engine) as session:
        return set_password(session, found.user.id, hashed, who, app.clock()) or "unknown"


def password_fits(app: App, typed: str, password: str) -> str | None:
    """What is wrong with a password for an account that is about to be made; None where nothing is."""
    return password_problem(password, login_name(typed), app.settings.password_least) or None


def role_named(name: str) -> Role | None:
    """The role of a name."""
    return next((role for role in ROLES if role == name), None)


def _kept(found: Account | None, who: str, stays: bool) -> Problem | None:
    """Why an account may not be changed; `stays`: whether it would be an administrator's still."""
    if found is None:
        return "unknown"
    return "own" if found.user.name == who and not stays else None
