"""The review: what staff look at, in which order, and what their decisions do.

Pure: `effect` (how far a label moves a score), `order` (queue order and slice), `measure` (precision and
recall of a week), `values`. Use-cases, each called with the app and who asks:

    queue.queue(app, user, filter, limit) -> Queue
    card.card(app, user, article_id) -> Card | None
    decide.decide(app, user, article_id, content_hash, seen, given, key) -> Decided | Conflict | Gone | Invalid
    decide.undo(app, user, decision_id, key) -> Decided | Conflict | Gone | NotYours
    decide.last_decision(app, user) -> DecisionMade | None
    hold.look / leave / assign / hand_over / discuss / discussed / skip / unskip
    filters.saved / keep / drop
    why.why(app, user, subject, filter) -> Answer
    estimate.estimates(app, weeks) -> tuple[Estimate, ...]
    refresh.refresh(app) -> Refreshed
"""
