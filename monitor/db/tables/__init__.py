"""The tables, one file per aggregate. Rows are built and read only in `monitor.db`; they never leave it.

A table class does not validate on construction, so values are checked at the edge before. No
`from __future__ import annotations` in these files: it breaks SQLModel's reading of the annotations.
"""

from monitor.db.tables.api import (
    ApiKeyRow,
)
from monitor.db.tables.articles import (
    ArticleRow,
    OutcomeRow,
    RevisionRow,
    SearchDocumentRow,
)
from monitor.db.tables.claims import (
    ClaimRow,
    FlagRow,
)
from monitor.db.tables.coverage import (
    CoverageRow,
    NoticeRow,
    RegionHearingRow,
    RegionReportRow,
    SourceDayRow,
)
from monitor.db.tables.feeds import (
    LINK_BEGINS,
    REFUSED_ENTRY,
    EntryRow,
    FeedRow,
    PollRow,
    SiteRow,
)
from monitor.db.tables.labels import (
    CodebookVersionRow,
    LabelVerdictRow,
)
from monitor.db.tables.models import (
    ActivationRow,
    DriftRow,
    GateVerdictRow,
    JobRow,
)
from monitor.db.tables.people import (
    AuditRow,
    FeedbackRow,
    SessionRow,
    SignInAttemptRow,
    SignInLinkRow,
    UserRow,
)
from monitor.db.tables.readiness import (
    EventRow,
    FetchRow,
    GrantRow,
    ImportRow,
    ObservationRow,
    OrganiserLinkRow,
    RoadmapTaskRow,
    UploadRow,
)
from monitor.db.tables.review import (
    DecisionRow,
    ReviewDrawRow,
    ReviewEstimateRow,
    ReviewFilterRow,
    ReviewHoldRow,
    ReviewItemRow,
    ReviewKeysRow,
    ReviewLookRow,
    ReviewNoteRow,
    ReviewSkipRow,
    StaleWeekRow,
)
from monitor.db.tables.scores import (
    AlertRow,
    RegionPictureRow,
    ScoreInputRow,
    ScoreRow,
)
from monitor.db.tables.stories import (
    ShingleRow,
    StoryHourRow,
    StoryKeyRow,
    StoryMergeRow,
    StoryRow,
    StoryTraitsRow,
)
from monitor.db.tables.summaries import (
    SummaryCommentRow,
    SummaryFileRow,
    SummaryNoticeRow,
    SummaryRow,
    SummarySendRow,
)

__all__ = [
    "LINK_BEGINS",
    "REFUSED_ENTRY",
    "ActivationRow",
    "AlertRow",
    "ApiKeyRow",
    "ArticleRow",
    "AuditRow",
    "ClaimRow",
    "CodebookVersionRow",
    "CoverageRow",
    "DecisionRow",
    "DriftRow",
    "EntryRow",
    "EventRow",
    "FeedRow",
    "FeedbackRow",
    "FetchRow",
    "FlagRow",
    "GateVerdictRow",
    "GrantRow",
    "ImportRow",
    "JobRow",
    "LabelVerdictRow",
    "NoticeRow",
    "ObservationRow",
    "OrganiserLinkRow",
    "OutcomeRow",
    "PollRow",
    "RegionHearingRow",
    "RegionPictureRow",
    "RegionReportRow",
    "ReviewDrawRow",
    "ReviewEstimateRow",
    "ReviewFilterRow",
    "ReviewHoldRow",
    "ReviewItemRow",
    "ReviewKeysRow",
    "ReviewLookRow",
    "ReviewNoteRow",
    "ReviewSkipRow",
    "RevisionRow",
    "RoadmapTaskRow",
    "ScoreInputRow",
    "ScoreRow",
    "SearchDocumentRow",
    "SessionRow",
    "ShingleRow",
    "SignInAttemptRow",
    "SignInLinkRow",
    "SiteRow",
    "SourceDayRow",
    "StaleWeekRow",
    "StoryHourRow",
    "StoryKeyRow",
    "StoryMergeRow",
    "StoryRow",
    "StoryTraitsRow",
    "SummaryCommentRow",
    "SummaryFileRow",
    "SummaryNoticeRow",
    "SummaryRow",
    "SummarySendRow",
    "UploadRow",
    "UserRow",
]
