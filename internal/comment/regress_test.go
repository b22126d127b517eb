package comment

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"kawaraban/internal/problem"
)

// TestReg_R36 (PolarLearn CVE-2026-25126; Rate-my-Post, GHSA-wgh8-h75r-c4qw):
// numbers are what their rows add up to after anything that readers and
// moderators do, many votes of one reader at once are one, and a way to vote is
// read strictly. It was red with neither voter's nor comment's row taken by
// Vote(), with the old vote left in the tally, with ParseWay ending in "return
// Down", with reveal() not counting at the author, and with closeReports() not
// counting the reports down.
func TestReg_R36(t *testing.T) {
	for _, s := range []string{"", "1", "-1", "UP", "up ", "upp", "true", "0", "none\x00", "ｕｐ"} {
		if w, err := ParseWay(s); err == nil {
			t.Errorf("ParseWay(%q) = %d", s, w)
		}
	}
	t.Run("many", func(t *testing.T) {
		onBoth(t, func(k *kit) {
			ana, bo := k.reader("ana"), k.reader("bo")
			c := k.say(ana, "", "The bridge was closed in 1998 too.")
			var all sync.WaitGroup
			for i := range 1000 {
				all.Go(func() {
					if _, err := k.Vote(t.Context(), Ballot{About: k.about, Comment: c.ID, Voter: bo, Way: []Way{Up, Down}[i%2]}); err != nil {
						t.Error(err)
					}
				})
			}
			all.Wait()
			if s := k.now(c.ID).Score; s.Up+s.Down != 1 || k.count(`select count(*) from vote`) != 1 {
				t.Errorf("a thousand votes of one are %s", s)
			}
			k.whole()
		})
	})
	t.Run("anything", func(t *testing.T) {
		onBoth(t, func(k *kit) {
			w := newWorld(k)
			for i := range 500 {
				w.step(t.Context(), i)
				if i%100 == 99 {
					k.whole()
				}
			}
			k.whole()
			// All refused would be easy.
			for _, act := range []Act{ActApprove, ActRemove, ActRestore, ActEdit, ActHold, ActWarn, ActBan, ActLift} {
				if k.count(`select count(*) from decision where act = $1`, act) == 0 {
					t.Errorf("nobody came to %s", act)
				}
			}
			if k.count(`select count(*) from vote`) < 10 || k.count(`select count(*) from report`) < 5 || k.count(`select count(*) from decision where undoes <> ''`) == 0 {
				t.Errorf("little was done: %d votes, %d reports", k.count(`select count(*) from vote`), k.count(`select count(*) from report`))
			}
		})
	})
	t.Run("at once", func(t *testing.T) {
		onBoth(t, func(k *kit) {
			w := newWorld(k)
			for i := range 20 {
				w.step(t.Context(), i)
			}
			var all sync.WaitGroup
			for n := range 8 {
				mine := &world{kit: k, rule: w.rule, rand: rand.New(rand.NewPCG(7, uint64(n))), readers: w.readers, comments: slices.Clone(w.comments)}
				all.Go(func() {
					for i := range 25 {
						mine.step(context.WithoutCancel(t.Context()), 1000*(n+1)+i)
					}
				})
			}
			all.Wait()
			for _, r := range w.readers {
				check(t, k.reverse(t.Context(), r))
			}
			k.whole()
		})
	})
}

// A world is readers and moderators who do anything.
type world struct {
	*kit
	rule      string
	rand      *rand.Rand
	readers   []string
	comments  []string
	decisions []Decision
}

func newWorld(k *kit) *world {
	w := &world{kit: k, rule: k.rule("Insults"), rand: rand.New(rand.NewPCG(36, 36))}
	for i := range 6 {
		w.readers = append(w.readers, k.reader(fmt.Sprint("reader", i)))
	}
	return w
}

// step does one thing. What is refused is refused; a fault is not.
func (w *world) step(ctx context.Context, i int) {
	if i < 1000 { // with others beside it the clock stands still
		w.clock.Add(time.Minute)
	}
	reader := w.readers[w.rand.IntN(len(w.readers))]
	id := ""
	if len(w.comments) > 0 {
		id = w.comments[w.rand.IntN(len(w.comments))]
	}
	var err error
	var d Decision
	switch n := w.rand.IntN(20); {
	case n < 4 || id == "":
		parent := ""
		if w.rand.IntN(2) == 0 {
			parent = id
		}
		var c Comment
		body := fmt.Sprintf("Number %d.", i)
		if w.rand.IntN(3) == 0 {
			body += " https://one.example https://two.example https://three.example"
		}
		if c, err = w.Post(ctx, New{About: w.about, Author: reader, Parent: parent, Body: body}); err == nil {
			w.comments = append(w.comments, c.ID)
		}
	case n < 9:
		_, err = w.Vote(ctx, Ballot{About: w.about, Comment: id, Voter: reader, Way: Way(w.rand.IntN(3) - 1), Joined: w.Now(), Block: fmt.Sprint(w.rand.IntN(2))})
	case n < 10:
		_, err = w.Edit(ctx, id, New{About: w.about, Author: reader, Body: fmt.Sprintf("Changed %d.", i)})
	case n < 11:
		err = w.Delete(ctx, reader, id)
	case n < 13:
		_, err = w.Report(ctx, Complaint{Comment: id, Reporter: reader, Reason: Spam})
	case n < 17:
		var c Comment
		if c, err = byID(ctx, w.DB, id); err == nil {
			act := []Act{ActApprove, ActRemove, ActRestore, ActEdit, ActHold, ActWarn}[w.rand.IntN(6)]
			d, err = w.Judge(ctx, Judgement{
				Comment: id, Version: c.Version, Act: act, Moderator: "mia", Rule: w.rule, Ground: GroundLaw, Reason: "x",
				Body: fmt.Sprintf("Edited %d.", i), Warn: i%2 == 0,
			})
		}
	case n < 18:
		var m Member
		if m, err = w.Member(ctx, reader); err == nil {
			act := ActLift
			if m.Bar == NoBar && i%3 == 0 {
				act = ActBan
			}
			d, err = w.Sanction(ctx, Sanction{Reader: reader, Act: act, Seen: m.Sanction, Moderator: "mia", Rule: w.rule, Ground: GroundRules, Reason: "x"})
			if err == nil && i%2 == 0 {
				err = w.reverse(ctx, reader)
			}
		}
	case n < 19 && len(w.decisions) > 0:
		d, err = w.Undo(ctx, "mia", w.decisions[len(w.decisions)-1].ID)
	case len(w.decisions) > 0:
		a := w.decisions[w.rand.IntN(len(w.decisions))]
		if _, err = w.Appeal(ctx, a.Reader, a.ID, "x"); err == nil {
			_, err = w.AnswerAppeal(ctx, AppealAnswer{Decision: a.ID, Moderator: "moe", Outcome: AppealOverturned, Text: "x"})
		}
	}
	if err == nil && d.ID != "" {
		w.decisions = append(w.decisions, d)
	}
	if err != nil && problem.Of(err) == nil {
		w.t.Errorf("step %d: %v", i, err)
	}
}

// TestReg_R37 (Discourse CVE-2026-27491): what staff may say is read strictly,
// wherever it is read. It was red with parse() comparing in lower case, and with
// Judge() not looking at the act.
func TestReg_R37(t *testing.T) {
	readers := map[string]func(string) error{
		"act":     func(s string) error { _, err := ParseAct(s); return err },
		"ground":  func(s string) error { _, err := ParseGround(s); return err },
		"reason":  func(s string) error { _, err := ParseReason(s); return err },
		"outcome": func(s string) error { _, err := ParseAppealOutcome(s); return err },
		"queue":   func(s string) error { _, err := ParseQueue(s); return err },
	}
	good := map[string]string{"act": "remove", "ground": "rules", "reason": "off-topic", "outcome": "upheld", "queue": "held"}
	for name, read := range readers {
		word := good[name]
		if err := read(word); err != nil {
			t.Errorf("%s %q: %v", name, word, err)
		}
		for _, bad := range []string{"", "1", "0", "true", strings.ToUpper(word), " " + word, word + " ", word + "\x00", word[:len(word)-1], word + "s", "open"} {
			if err := read(bad); !problem.Is(err, problem.Invalid) && !problem.Is(err, problem.NotFound) {
				t.Errorf("%s %q: %v", name, bad, err)
			}
		}
	}
	onBoth(t, func(k *kit) {
		rule := k.rule("Insults")
		c := k.say(k.reader("ana"), "", "The bridge was closed in 1998 too.")
		for _, act := range []Act{"Remove", "remove ", "1", "true", ActUnwarn, ActReopen, ActMute, ActLift, ActThreadOff, ActSection} {
			if _, err := k.Judge(t.Context(), Judgement{Comment: c.ID, Version: 1, Act: act, Moderator: "mia", Rule: rule, Ground: GroundRules, Reason: "x"}); !problem.Is(err, problem.Invalid) {
				t.Errorf("judging %q: %v", act, err)
			}
			if !act.onBar() {
				if _, err := k.Sanction(t.Context(), Sanction{Reader: "ana", Act: act, Moderator: "mia", Rule: rule, Ground: GroundRules, Reason: "x"}); !problem.Is(err, problem.Invalid) {
					t.Errorf("sanctioning by %q: %v", act, err)
				}
			}
		}
		if n := k.count(`select count(*) from decision`); n != 0 {
			t.Errorf("%d decisions", n)
		}
	})
}

// TestReg_R38 (Fat Free CRM CVE-2026-113600, Admidio CVE-2026-111912, Gitea
// CVE-2026-20904): nobody changes or reads what is somebody else's by its id. It
// was red with own() returning nil, with Appeal() and Statement() not looking
// whom the decision concerns, with Undo() not looking whose it is, and with
// Judge() and Sanction() not looking for oneself.
func TestReg_R38(t *testing.T) {
	onBoth(t, func(k *kit) {
		ana, bo, rule := k.reader("ana"), k.reader("bo"), k.rule("Insults")
		k.reader("mia")
		visible := k.say(ana, "", "The bridge was closed in 1998 too.")
		removed := k.say(ana, "", "Who pays?")
		held := k.held(ana, "Look here.")
		report := k.say(bo, "", "Nobody knows.")
		k.report(ana, report.ID, Spam)
		answered := k.judge(report.ID, ActApprove, "")
		d := k.judge(removed.ID, ActRemove, rule)
		own := k.say("mia", "", "A moderator writes too.")
		k.report(ana, own.ID, Spam)
		before := []Comment{k.now(visible.ID), k.now(removed.ID), k.now(held.ID), k.now(own.ID)}
		edit := func(id string) error {
			_, err := k.Edit(t.Context(), id, New{About: k.about, Author: bo, Body: "Mine now."})
			return err
		}
		judge := func(act Act) error { _, err := k.Judge(t.Context(), k.judgement(own.ID, act, rule)); return err }
		for _, test := range []struct {
			name string
			err  error
			want problem.Kind
		}{
			{"editing", edit(visible.ID), problem.Forbidden},
			{"editing what is removed", edit(removed.ID), problem.Forbidden},
			{"editing what waits", edit(held.ID), problem.NotFound},
			{"deleting", k.Delete(t.Context(), bo, visible.ID), problem.Forbidden},
			{"deleting what is removed", k.Delete(t.Context(), bo, removed.ID), problem.Forbidden},
			{"deleting what waits", k.Delete(t.Context(), bo, held.ID), problem.NotFound},
			{"appealing", second(k.Appeal(t.Context(), bo, d.ID, "x")), problem.NotFound},
			{"reading why", second(k.Statement(t.Context(), bo, d.ID)), problem.NotFound},
			{"reading what became of a report", second(k.ReportOutcome(t.Context(), bo, answered.ID)), problem.NotFound},
			{"undoing", second(k.Undo(t.Context(), "moe", d.ID)), problem.Forbidden},
			{"undoing as a reader", second(k.Undo(t.Context(), ana, d.ID)), problem.Forbidden},
			{"sanctioning oneself", second(k.Sanction(t.Context(), Sanction{Reader: "mia", Act: ActLift, Moderator: "mia"})), problem.Forbidden},
			{"approving one's own", judge(ActApprove), problem.Forbidden},
			{"editing one's own as a moderator", judge(ActEdit), problem.Forbidden},
			{"removing one's own", judge(ActRemove), problem.Forbidden},
		} {
			if !problem.Is(test.err, test.want) {
				t.Errorf("%s: %v", test.name, test.err)
			}
		}
		for _, c := range before {
			if now := k.now(c.ID); now.Body != c.Body || now.State != c.State || now.Version != c.Version || now.Reports != c.Reports {
				t.Errorf("it was %+v and is %+v", c, now)
			}
		}
		k.whole()
	})
}

func second[T any](_ T, err error) error { return err }
