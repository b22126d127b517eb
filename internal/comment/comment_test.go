package comment

import (
	"testing"

	"kawaraban/internal/problem"
)

func TestThread(t *testing.T) {
	onBoth(t, func(k *kit) {
		ana, bo := k.reader("ana"), k.reader("bo")
		first := k.say(ana, "", "The bridge was closed in 1998 too.")
		reply := k.say(bo, first.ID, "It was 1997.")
		deep := k.say(ana, reply.ID, "So it was.")
		second := k.say(bo, "", "Who pays?")

		l, err := k.List(t.Context(), k.about.Article, Part{})
		check(t, err)
		if got := shape(l); got != "bo:2 ana:1[bo:1 ana:2]" {
			t.Errorf("the newest first: %s", got)
		}
		if l, err = k.List(t.Context(), k.about.Article, Part{Order: Oldest}); err != nil || shape(l) != "ana:1[bo:1 ana:2] bo:2" {
			t.Errorf("the oldest first: %s, %v", shape(l), err)
		}
		if b := l.Branches[0].Below[1]; b.Answered != bo || b.Parent != reply.ID || b.Top != first.ID {
			t.Errorf("an answer to an answer: %+v", b)
		}

		// What its author deletes keeps its place, and nothing else.
		check(t, k.Delete(t.Context(), bo, reply.ID))
		if l, err = k.List(t.Context(), k.about.Article, Part{}); err != nil || shape(l) != "bo:2 ana:1[deleted:1 ana:2]" {
			t.Errorf("after deleting: %s, %v", shape(l), err)
		}
		c, err := k.ByID(t.Context(), reply.ID)
		if err != nil || c.Body != "" || c.Author != "" {
			t.Errorf("of a deleted comment is left %+v, %v", c, err)
		}
		if _, err := k.Post(t.Context(), New{About: k.about, Author: ana, Parent: reply.ID, Body: "Why?"}); !problem.Is(err, problem.Conflict) {
			t.Errorf("an answer to what is gone: %v", err)
		}
		if err := k.Delete(t.Context(), bo, deep.ID); !problem.Is(err, problem.Forbidden) {
			t.Errorf("deleting somebody else's: %v", err)
		}
		counts, err := k.Counts(t.Context(), k.about)
		if err != nil || counts[k.about.Article] != 3 {
			t.Errorf("counted %v, %v", counts, err)
		}
		mine, older, err := k.ByAuthor(t.Context(), bo, "", 10)
		if err != nil || older != "" || len(mine) != 1 || mine[0].ID != second.ID {
			t.Errorf("bo wrote %v, %v", mine, err)
		}
		k.whole()
	})
}

func TestVote(t *testing.T) {
	onBoth(t, func(k *kit) {
		ana, bo := k.reader("ana"), k.reader("bo")
		c := k.say(ana, "", "The bridge was closed in 1998 too.")
		for _, test := range []struct {
			way  Way
			want string
		}{{Up, "1 ( +1 / -0 )"}, {Up, "1 ( +1 / -0 )"}, {Down, "-1 ( +0 / -1 )"}, {Withdraw, "0 ( +0 / -0 )"}, {Withdraw, "0 ( +0 / -0 )"}, {Up, "1 ( +1 / -0 )"}} {
			score, err := k.Vote(t.Context(), Ballot{About: k.about, Comment: c.ID, Voter: bo, Way: test.way})
			if err != nil || score.String() != test.want {
				t.Errorf("voting %d: %s, %v, want %s", test.way, score, err, test.want)
			}
		}
		if _, err := k.Vote(t.Context(), Ballot{About: k.about, Comment: c.ID, Voter: ana, Way: Up}); !problem.Is(err, problem.Forbidden) {
			t.Errorf("one's own: %v", err)
		}
		if _, err := k.Vote(t.Context(), Ballot{About: k.about, Comment: "nope", Voter: bo, Way: Up}); !problem.Is(err, problem.NotFound) {
			t.Errorf("none: %v", err)
		}
		ways, err := k.Votes(t.Context(), bo, []string{c.ID})
		if err != nil || ways[c.ID] != Up {
			t.Errorf("bo voted %v, %v", ways, err)
		}
		check(t, k.Delete(t.Context(), ana, c.ID))
		if _, err := k.Vote(t.Context(), Ballot{About: k.about, Comment: c.ID, Voter: bo, Way: Down}); !problem.Is(err, problem.Conflict) {
			t.Errorf("on what is gone: %v", err)
		}
		k.whole()
	})
}
