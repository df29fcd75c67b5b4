"""Jobs of weekly summaries: making the files of a version for good, sending it to the distribution list."""

from collections.abc import Mapping
from typing import Any

from monitor.app import App
from monitor.errors import SettingsError
from monitor.jobs.run import JobProgress
from monitor.summary import send as sending
from monitor.summary.publish import publish as make
from monitor.summary.recipients import read_recipients
from monitor.summary.run import Refused


def publish(app: App, parameters: Mapping[str, Any], progress: JobProgress) -> dict[str, Any]:
    """Publish the frozen version of `week` in the name of `who`; begun again, it writes what is missing."""
    week, who = str(parameters["week"]), str(parameters["who"])
    done = make(app.engine, week, who, app.reference, app.settings, app.clock, progress)
    if isinstance(done, Refused):
        return _refused(done)
    version = done.edition.version
    said = ["forms.job.published", {"week": week, "version": version, "n": len(done.files)}]
    return {"page": f"/summary/{week}/edit", "said": [said]}


def send(app: App, parameters: Mapping[str, Any], progress: JobProgress) -> dict[str, Any]:
    """Send the newest published version of `week` to everyone who has not had it; begun again, it goes on.

    Raises SettingsError, InputFileError, MailError.
    """
    week = str(parameters["week"])
    if app.settings.mail_list_file is None:
        raise SettingsError("no distribution list; set TILANNEKUVA_MAIL_LIST_FILE")
    planned = sending.plan(app.engine, week, read_recipients(app.settings.mail_list_file))
    if isinstance(planned, Refused):
        return _refused(planned)
    progress.look()
    done = sending.send(app.engine, planned, app.reference, app.settings, app.clock)
    counts = {state: sum(s.state == state for s in done.tried) for state in ("sent", "refused")}
    said: list[Any] = [["forms.job.sent", {"n": counts["sent"], "already": done.already}]]
    if counts["refused"]:
        said.append(["forms.job.turned", {"n": counts["refused"]}])
    if any(s.state == "unknown" for s in done.tried):
        said.append(["forms.job.unknown", {"n": done.left}])
    return {"page": f"/summary/{week}/send", "said": said}


def _refused(refused: Refused) -> dict[str, Any]:
    said = [f"forms.refused.{refused.why.replace(' ', '_')}", {}]
    return {"page": f"/summary/{refused.week}/edit", "said": [said]}
