package newsroom

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"kawaraban/internal/comment"
	"kawaraban/internal/page"
)

// did says what a decision was.
func did(w *page.Language, a comment.Act) string {
	switch a {
	case comment.ActApprove:
		return w.Say("mod.did.approve")
	case comment.ActRemove:
		return w.Say("mod.did.remove")
	case comment.ActRestore:
		return w.Say("mod.did.restore")
	case comment.ActEdit:
		return w.Say("mod.did.edit")
	case comment.ActHold:
		return w.Say("mod.did.hold")
	case comment.ActReopen:
		return w.Say("mod.did.reopen")
	case comment.ActWarn:
		return w.Say("mod.did.warn")
	case comment.ActUnwarn:
		return w.Say("mod.did.unwarn")
	case comment.ActMute:
		return w.Say("mod.did.mute")
	case comment.ActSuspend:
		return w.Say("mod.did.suspend")
	case comment.ActBan:
		return w.Say("mod.did.ban")
	case comment.ActLift:
		return w.Say("mod.did.lift")
	case comment.ActThreadDefault:
		return w.Say("mod.did.thread.section")
	case comment.ActThreadOpen:
		return w.Say("mod.did.thread.open")
	case comment.ActThreadHold:
		return w.Say("mod.did.thread.hold")
	case comment.ActThreadClose:
		return w.Say("mod.did.thread.close")
	case comment.ActThreadOff:
		return w.Say("mod.did.thread.off")
	case comment.ActSlow:
		return w.Say("mod.did.slow")
	case comment.ActSection:
		return w.Say("mod.did.section")
	}
	return string(a)
}

// why says for which reason a comment waits, with what was found.
func why(w *page.Language, h comment.Hold) string {
	switch h.Rule {
	case comment.HeldThread:
		return w.Say("mod.held.thread")
	case comment.HeldFirst:
		return w.Say("mod.held.first")
	case comment.HeldLinks:
		return w.Say("mod.held.links", h.Detail)
	case comment.HeldRepeat:
		return w.Say("mod.held.repeat")
	case comment.HeldRate:
		return w.Say("mod.held.rate", h.Detail)
	case comment.HeldWords:
		return w.Say("mod.held.words", h.Detail)
	case comment.HeldFilter:
		return w.Say("mod.held.filter", h.Detail)
	case comment.HeldByHand:
		return w.Say("mod.held.hand")
	}
	return string(h.Rule)
}

// reason says what somebody finds wrong with a comment.
func reason(w *page.Language, r comment.Reason) string {
	switch r {
	case comment.Insult:
		return w.Say("mod.reason.insult")
	case comment.Spam:
		return w.Say("mod.reason.spam")
	case comment.OffTopic:
		return w.Say("mod.reason.topic")
	case comment.Illegal:
		return w.Say("mod.reason.illegal")
	default:
		return w.Say("mod.reason.other")
	}
}

// crowd says what is striking about the votes on a comment.
func crowd(w *page.Language, c comment.Crowd) string {
	switch c.Kind {
	case comment.CrowdYoung:
		return w.Say("mod.crowd.young", c.Votes, w.Moment(c.At))
	case comment.CrowdBlock:
		return w.Say("mod.crowd.block", c.Votes, w.Moment(c.At))
	default:
		return w.Say("mod.crowd.site", c.Votes, w.Moment(c.At))
	}
}

// state says where a comment stands.
func state(w *page.Language, s comment.State) string {
	switch s {
	case comment.Held:
		return w.Say("mod.state.held")
	case comment.Removed:
		return w.Say("mod.state.removed")
	case comment.Deleted:
		return w.Say("mod.state.deleted")
	default:
		return w.Say("mod.state.visible")
	}
}

// bar says what keeps a member out of the threads, "" for nothing.
func bar(w *page.Language, b comment.Bar, until time.Time) string {
	switch b {
	case comment.Mute:
		return w.Say("mod.bar.mute", w.Moment(until))
	case comment.Suspension:
		return w.Say("mod.bar.suspension", w.Moment(until))
	case comment.Ban:
		return w.Say("mod.bar.ban")
	}
	return ""
}

// setting says what readers may do in a thread.
func setting(w *page.Language, s comment.Switch) string {
	switch s {
	case comment.Open:
		return w.Say("mod.switch.open")
	case comment.OnHold:
		return w.Say("mod.switch.held")
	case comment.Closed:
		return w.Say("mod.switch.closed")
	case comment.Off:
		return w.Say("mod.switch.off")
	default:
		return w.Say("mod.switch.section")
	}
}

// queueName says what waits in a queue.
func queueName(w *page.Language, q comment.Queue) string {
	switch q {
	case comment.QueueReported:
		return w.Say("mod.queue.reported")
	case comment.QueueFlagged:
		return w.Say("mod.queue.flagged")
	case comment.QueueHeld:
		return w.Say("mod.queue.held")
	default:
		return w.Say("mod.queue.appeals")
	}
}

// lasted says how long something has lasted, in its greatest unit.
func lasted(w *page.Language, d time.Duration) string {
	switch {
	case d < time.Hour:
		return w.Count("minutes", max(0, int(d/time.Minute)))
	case d < 48*time.Hour:
		return w.Count("hours", int(d/time.Hour))
	default:
		return w.Count("days", int(d/(24*time.Hour)))
	}
}

// excerpt is the beginning of a text on one line, of about n characters.
func excerpt(text string, n int) string {
	text = strings.Join(strings.Fields(text), " ")
	if utf8.RuneCountInString(text) <= n {
		return text
	}
	cut := string([]rune(text)[:n])
	if i := strings.LastIndexByte(cut, ' '); i > len(cut)/2 {
		cut = cut[:i]
	}
	return cut + "…"
}

// seconds reads a number of seconds, "" for none.
func seconds(s string) (time.Duration, error) {
	if s == "" {
		return 0, nil
	}
	var n int
	_, err := fmt.Sscanf(s, "%d", &n)
	return time.Duration(n) * time.Second, err
}
