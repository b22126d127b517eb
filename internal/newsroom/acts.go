package newsroom

import (
	"kawaraban/internal/audit"
	"kawaraban/internal/page"
)

// An actGroup is a sort of acts that may be looked for together.
type actGroup struct {
	Value, Name string
	Acts        []string // what they begin with
}

func groups(w *page.Language) []actGroup {
	return []actGroup{
		{"articles", w.Say("audit.group.articles"), []string{"article.", "error.", "live.", "poll."}},
		{"front", w.Say("audit.group.front"), []string{"front.", "breaking.", "network.", "promo."}},
		{"pictures", w.Say("audit.group.pictures"), []string{"picture.", "video."}},
		{"letters", w.Say("audit.group.letters"), []string{"list.", "edition.", "alert.", "suppression.", "subscribers.", "subscription."}},
		{"plan", w.Say("audit.group.plan"), []string{"plan."}},
		{"threads", w.Say("audit.group.threads"), []string{"comment."}},
		{"paper", w.Say("audit.group.paper"), []string{"paper.", "section.", "wire."}},
		{"staff", w.Say("audit.group.staff"), []string{"reader.role", "reader.invited"}},
		{"accounts", w.Say("audit.group.accounts"), []string{"reader."}},
	}
}

// actWord says what was done; an act without words is shown by its name.
func actWord(w *page.Language, a audit.Act) string {
	switch a {
	case "wire.rules-live":
		return w.Say("act.wire.rules-live")
	case "wire.rules-undone":
		return w.Say("act.wire.rules-undone")
	case "list.made":
		return w.Say("act.list.made")
	case "list.changed":
		return w.Say("act.list.changed")
	case "list.retired":
		return w.Say("act.list.retired")
	case "list.reopened":
		return w.Say("act.list.reopened")
	case "edition.began":
		return w.Say("act.edition.began")
	case "edition.asked":
		return w.Say("act.edition.asked")
	case "edition.brought-back":
		return w.Say("act.edition.brought-back")
	case "edition.scheduled":
		return w.Say("act.edition.scheduled")
	case "edition.unscheduled":
		return w.Say("act.edition.unscheduled")
	case "edition.paused":
		return w.Say("act.edition.paused")
	case "edition.resumed":
		return w.Say("act.edition.resumed")
	case "edition.cancelled":
		return w.Say("act.edition.cancelled")
	case "alert.sent":
		return w.Say("act.alert.sent")
	case "suppression.added":
		return w.Say("act.suppression.added")
	case "suppression.lifted":
		return w.Say("act.suppression.lifted")
	case "subscribers.imported":
		return w.Say("act.subscribers.imported")
	case "subscribers.exported":
		return w.Say("act.subscribers.exported")
	case "subscription.ended":
		return w.Say("act.subscription.ended")
	case "reader.joined":
		return w.Say("act.reader.joined")
	case "reader.login":
		return w.Say("act.reader.login")
	case "reader.login-failed":
		return w.Say("act.reader.login-failed")
	case "reader.factor-failed":
		return w.Say("act.reader.factor-failed")
	case "reader.logout":
		return w.Say("act.reader.logout")
	case "reader.step-up":
		return w.Say("act.reader.step-up")
	case "reader.profile":
		return w.Say("act.reader.profile")
	case "reader.password":
		return w.Say("act.reader.password")
	case "reader.email":
		return w.Say("act.reader.email")
	case "reader.email-undo":
		return w.Say("act.reader.email-undo")
	case "reader.factor-added":
		return w.Say("act.reader.factor-added")
	case "reader.factor-removed":
		return w.Say("act.reader.factor-removed")
	case "reader.recovery-code":
		return w.Say("act.reader.recovery-code")
	case "reader.passkey-added":
		return w.Say("act.reader.passkey-added")
	case "reader.passkey-removed":
		return w.Say("act.reader.passkey-removed")
	case "reader.passkey-copied":
		return w.Say("act.reader.passkey-copied")
	case "reader.connected":
		return w.Say("act.reader.connected")
	case "reader.disconnected":
		return w.Say("act.reader.disconnected")
	case "reader.connect-failed":
		return w.Say("act.reader.connect-failed")
	case "reader.role":
		return w.Say("act.reader.role")
	case "reader.invited":
		return w.Say("act.reader.invited")
	case "reader.export":
		return w.Say("act.reader.export")
	case "reader.leaving":
		return w.Say("act.reader.leaving")
	case "reader.leaving-undo":
		return w.Say("act.reader.leaving-undo")
	case "reader.erased":
		return w.Say("act.reader.erased")
	case "article.submitted":
		return w.Say("act.article.submitted")
	case "article.sent-back":
		return w.Say("act.article.sent-back")
	case "article.scheduled":
		return w.Say("act.article.scheduled")
	case "article.unscheduled":
		return w.Say("act.article.unscheduled")
	case "article.published":
		return w.Say("act.article.published")
	case "article.revised":
		return w.Say("act.article.revised")
	case "article.corrected":
		return w.Say("act.article.corrected")
	case "article.withdrawn":
		return w.Say("act.article.withdrawn")
	case "article.returned":
		return w.Say("act.article.returned")
	case "article.rights":
		return w.Say("act.article.rights")
	case "article.sponsor":
		return w.Say("act.article.sponsor")
	case "article.without-credit":
		return w.Say("act.article.without-credit")
	case "derived.settled":
		return w.Say("act.derived.settled")
	case "recall.reported":
		return w.Say("act.recall.reported")
	case "front.published":
		return w.Say("act.front.published")
	case "front.scheduled":
		return w.Say("act.front.scheduled")
	case "front.unscheduled":
		return w.Say("act.front.unscheduled")
	case "front.undone":
		return w.Say("act.front.undone")
	case "front.brought-back":
		return w.Say("act.front.brought-back")
	case "paper.identity":
		return w.Say("act.paper.identity")
	case "paper.sections":
		return w.Say("act.paper.sections")
	case "paper.menu":
		return w.Say("act.paper.menu")
	case "network.sister":
		return w.Say("act.network.sister")
	case "network.offer":
		return w.Say("act.network.offer")
	case "network.rule":
		return w.Say("act.network.rule")
	case "wire.source.add":
		return w.Say("act.wire.source.add")
	case "wire.source.change":
		return w.Say("act.wire.source.change")
	case "wire.source.pause":
		return w.Say("act.wire.source.pause")
	case "wire.source.resume":
		return w.Say("act.wire.source.resume")
	case "wire.source.remove":
		return w.Say("act.wire.source.remove")
	case "wire.source.secret":
		return w.Say("act.wire.source.secret")
	case "promo.booking":
		return w.Say("act.promo.booking")
	case "paper.page":
		return w.Say("act.paper.page")
	case "breaking.raised":
		return w.Say("act.breaking.raised")
	case "breaking.lowered":
		return w.Say("act.breaking.lowered")
	case "picture.rights":
		return w.Say("act.picture.rights")
	case "picture.replaced":
		return w.Say("act.picture.replaced")
	case "picture.deleted":
		return w.Say("act.picture.deleted")
	case "live.removed":
		return w.Say("act.live.removed")
	case "live.restored":
		return w.Say("act.live.restored")
	case "live.edited":
		return w.Say("act.live.edited")
	case "live.corrected":
		return w.Say("act.live.corrected")
	case "live.ended":
		return w.Say("act.live.ended")
	case "live.resumed":
		return w.Say("act.live.resumed")
	case "poll.reworded":
		return w.Say("act.poll.reworded")
	case "poll.closed":
		return w.Say("act.poll.closed")
	case "poll.reopened":
		return w.Say("act.poll.reopened")
	case "video.rights":
		return w.Say("act.video.rights")
	case "video.deleted":
		return w.Say("act.video.deleted")
	case "plan.assigned":
		return w.Say("act.plan.assigned")
	case "error.answered":
		return w.Say("act.error.answered")
	case "comment.approve":
		return w.Say("act.comment.approve")
	case "comment.remove":
		return w.Say("act.comment.remove")
	case "comment.restore":
		return w.Say("act.comment.restore")
	case "comment.edit":
		return w.Say("act.comment.edit")
	case "comment.hold":
		return w.Say("act.comment.hold")
	case "comment.reopen":
		return w.Say("act.comment.reopen")
	case "comment.warn":
		return w.Say("act.comment.warn")
	case "comment.unwarn":
		return w.Say("act.comment.unwarn")
	case "comment.mute":
		return w.Say("act.comment.mute")
	case "comment.suspend":
		return w.Say("act.comment.suspend")
	case "comment.ban":
		return w.Say("act.comment.ban")
	case "comment.lift":
		return w.Say("act.comment.lift")
	case "comment.thread-default":
		return w.Say("act.comment.thread-default")
	case "comment.thread-open":
		return w.Say("act.comment.thread-open")
	case "comment.thread-hold":
		return w.Say("act.comment.thread-hold")
	case "comment.thread-close":
		return w.Say("act.comment.thread-close")
	case "comment.thread-off":
		return w.Say("act.comment.thread-off")
	case "comment.thread-slow":
		return w.Say("act.comment.thread-slow")
	case "comment.section":
		return w.Say("act.comment.section")
	case "comment.appealed":
		return w.Say("act.comment.appealed")
	case "comment.appeal-upheld":
		return w.Say("act.comment.appeal-upheld")
	case "comment.appeal-overturned":
		return w.Say("act.comment.appeal-overturned")
	case "comment.settings":
		return w.Say("act.comment.settings")
	case "comment.rule-added":
		return w.Say("act.comment.rule-added")
	case "comment.rule-changed":
		return w.Say("act.comment.rule-changed")
	case "comment.rule-retired":
		return w.Say("act.comment.rule-retired")
	case "comment.rules-ordered":
		return w.Say("act.comment.rules-ordered")
	case "comment.rules-seeded":
		return w.Say("act.comment.rules-seeded")
	}
	return string(a)
}
