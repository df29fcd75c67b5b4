"""`tilannekuva jobs`: long work that people asked for."""

import getpass
import sys
from typing import TYPE_CHECKING

import click

from monitor.cli.opening import open_app

if TYPE_CHECKING:
    from monitor.db.jobs import Job

_who = click.option("--who", default=getpass.getuser, help="Who does it; you by default.")
_id = click.argument("job_id", metavar="ID", type=click.IntRange(1, 2**31 - 1))


@click.group("jobs")
def jobs_group() -> None:
    """Long work that people asked for on the web page: training, comparing, tagging anew.

    The service works it off on its own; `jobs run` does so without the service.
    """


@jobs_group.command("list")
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True)
def list_command(limit: int) -> None:
    """The newest jobs: number, state, kind, how far, who asked for it and when."""
    from monitor.db.engine import reading
    from monitor.db.jobs import newest_jobs

    app = open_app()
    with reading(app.engine) as session:
        found = newest_jobs(session, limit)
    for job in found:
        click.echo(_line(job))
    if not found:
        click.echo("no jobs; they are asked for on the web page, for instance under Models")


@jobs_group.command("show")
@_id
def show_command(job_id: int) -> None:
    """A job with its parameters, log and result, in English."""
    from monitor.db.engine import reading
    from monitor.db.jobs import find_job
    from monitor.i18n import Translator
    from monitor.jobs.words import error_words, lines, result_lines

    app, t = open_app(), Translator("en")
    with reading(app.engine) as session:
        job = _found(find_job(session, job_id), job_id)
    click.echo(_line(job))
    click.echo(f"parameters: {dict(job.parameters)}")
    for at, said in lines(job, t):
        click.echo(f"{t.moment(at)}  {said}")
    for said in result_lines(job, t):
        click.echo(said)
    if job.error:
        click.echo(f"failed: {error_words(job, t)}")


@jobs_group.command("stop")
@_id
@_who
def stop_command(job_id: int, who: str) -> None:
    """Stop a job: at once where it waits, after its step where it is under way."""
    from monitor.db.engine import transaction
    from monitor.db.jobs import ask_stop

    app = open_app()
    with transaction(app.engine) as session:
        job = _found(ask_stop(session, app.clock(), who, job_id), job_id)
    click.echo(_line(job))


@jobs_group.command("resume")
@_id
@_who
def resume_command(job_id: int, who: str) -> None:
    """Have a stopped or failed job go on; the steps it has done are kept."""
    from monitor.db.engine import transaction
    from monitor.db.jobs import ask_resume

    app = open_app()
    with transaction(app.engine) as session:
        job = _found(ask_resume(session, app.clock(), who, job_id), job_id)
    click.echo(_line(job))


@jobs_group.command("run")
@click.option("--only", metavar="ID", type=click.IntRange(1, 2**31 - 1), help="Only this job.")
def run_command(only: int | None) -> None:
    """Do what waits, one job after the other, and end. Exit code 1 where one failed.

    Ctrl-C gives the job under way back; the next run goes on after its last step.
    """
    from monitor.jobs.run import run_waiting

    ended: list[str] = []

    def announce(job: "Job", how: str | None) -> None:
        click.echo(f"job {job.id} {job.kind}: {how or 'begun'}")
        ended.extend([how] if how else [])

    done = run_waiting(open_app(), announce, only)
    if not done:
        click.echo("nothing waits")
    sys.exit(1 if "failed" in ended else 0)


def _found(job: "Job | None", job_id: int) -> "Job":
    if job is None:
        click.echo(
            f"tilannekuva: there is no job {job_id}; `tilannekuva jobs list` shows all", err=True
        )
        sys.exit(2)
    return job


def _line(job: "Job") -> str:
    from monitor.clock import HELSINKI

    asked = job.asked_at.astimezone(HELSINKI).strftime("%Y-%m-%d %H:%M")
    far = job.progress
    share = f"{far['what']} {far['done']}/{far['total'] or '?'}" if far else ""
    return f"{job.id:5}  {job.state:8}  {job.kind:10}  {share:18}  {job.who}  {asked}"
