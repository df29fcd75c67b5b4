"""The command line: parses, calls one use-case, shows the result.

Each command lives in a module of its own that is imported only when it is asked for, so that
`tilannekuva --help` does not load classifiers, web servers or the store.
"""

import sys
from importlib import import_module

import click

from monitor.errors import TilannekuvaError

# name -> (module, attribute, one-line help). The help stands here so that --help imports nothing.
COMMANDS = {
    "demo": ("monitor.cli.demo", "demo_command", "Play the sample newsroom end to end."),
    "run": ("monitor.cli.run", "run_command", "The service: feeds.yaml, scheduler and web."),
    "newsroom": ("monitor.cli.newsroom", "newsroom_command", "Serve the sample newsroom."),
    "feeds": ("monitor.cli.feeds", "feeds_group", "Check feeds.yaml, find and look at feeds."),
    "articles": ("monitor.cli.articles", "articles_group", "An article's history, diff, story."),
    "search": ("monitor.cli.search", "search_group", "Search the articles by words and fields."),
    "extract": ("monitor.cli.extract", "extract_command", "Show the article in one saved page."),
    "tag": ("monitor.cli.tag", "tag_command", "Tag a JSONL of articles, without a database."),
    "review": (
        "monitor.cli.review",
        "review_group",
        "The queue, decisions, undo, weekly estimate.",
    ),
    "labels": ("monitor.cli.labels", "labels_group", "Training texts, people's labels, agreement."),
    "train": ("monitor.cli.train", "train_command", "Train the classifiers from labels/."),
    "models": ("monitor.cli.models", "models_group", "List and verify trained versions."),
    "evaluate": ("monitor.cli.models", "evaluate_command", "How good trained versions are."),
    "compare": ("monitor.cli.models", "compare_command", "Two versions side by side."),
    "activate": ("monitor.cli.models", "activate_command", "Put versions in use, past the gate."),
    "rollback": ("monitor.cli.models", "rollback_command", "Back to the version before."),
    "jobs": ("monitor.cli.jobs", "jobs_group", "Long work: list, stop, resume, work off."),
    "readiness": ("monitor.cli.readiness", "readiness_group", "Import and show readiness data."),
    "score": ("monitor.cli.score", "score_group", "Compute, show and explain scores."),
    "replay": ("monitor.cli.replay", "replay_command", "How well alerts and scores work."),
    "summary": ("monitor.cli.summary", "summary_group", "Write and show weekly summaries."),
    "export": ("monitor.cli.export", "export_command", "What programs read, as JSON or CSV."),
    "users": ("monitor.cli.users", "users_group", "Who may sign in to the web page."),
    "keys": ("monitor.cli.keys", "keys_group", "Keys of programs that read the API."),
}


class LazyGroup(click.Group):
    """A group that imports a command when it is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, attribute, _ = COMMANDS[cmd_name]
        command: click.Command = getattr(import_module(module), attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, help_) for name, (_, _, help_) in COMMANDS.items()])


@click.command(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="tilannekuva")
def cli() -> None:
    """Tilannekuva: Finnish and Swedish news in, a weekly regional risk picture out.

    Settings are environment variables that begin with TILANNEKUVA_; see docs/settings.md.
    """


def main() -> None:
    """Entry point. An expected error is a sentence on standard error and exit code 2."""
    try:
        cli()
    except TilannekuvaError as error:
        click.echo(f"tilannekuva: {error.message}", err=True)
        sys.exit(2)
