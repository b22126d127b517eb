package newsletter

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"kawaraban/internal/newsletter/bounce"
	"kawaraban/internal/papertest"
	"kawaraban/internal/problem"
)

const hookSecret = "a secret of the test"

// calls has a provider tell something in our own form.
func (k *kit) calls(raw string) error {
	return k.Hook(k.t.Context(), "kawaraban", bounce.Sign(hookSecret, []byte(raw), k.clock.Now()), []byte(raw))
}

func (k *kit) strikes(id string) (n int) {
	k.t.Helper()
	check(k.t, k.DB.QueryRow(k.t.Context(), `select strikes from subscriber where id = $1`, id).Scan(&n))
	return n
}

func (k *kit) reason(email string) (r Reason) {
	k.t.Helper()
	list, _, err := k.Suppressions(k.t.Context(), k.pat, email, "", 1)
	check(k.t, err)
	if len(list) == 0 {
		return ""
	}
	return list[0].Reason
}

// TestHook is about what providers tell, by the reader's address, by the id of the
// letter and by the address to which it would have come back.
func TestHook(t *testing.T) {
	onBoth(t, func(k *kit) {
		l := k.list(digest(1, 1))
		ana, bo, cy := k.member(l, "ana@example.com"), k.member(l, "bo@example.com"), k.member(l, "cy@example.com")
		k.front = []string{k.story("city", "The bridge")}
		e := k.sends(l)
		call := `{"id":"1","events":[{"kind":"hard","address":"nobody@example.com"}]}`
		if err := k.calls(call); !problem.Is(err, problem.NotFound) {
			t.Errorf("without a secret: %v", err)
		}
		k.Hooks = map[string]string{"kawaraban": hookSecret}
		check(t, k.calls(call))
		if err := k.Hook(t.Context(), "mailgun", http.Header{}, []byte(call)); !problem.Is(err, problem.NotFound) {
			t.Errorf("a provider without a secret: %v", err)
		}
		check(t, k.calls(fmt.Sprintf(`{"id":"2","events":[
			{"kind":"hard","address":"Ana@Example.com","message_id":"<1a.2b@elsewhere.example>"},
			{"kind":"complaint","message_id":"<%x.%s@paper.example>"},
			{"kind":"soft","return_path":"bounces+%s@paper.example"}]}`, e.Code, bo, strings.ToUpper(k.returnToken(e.Code, cy)))))
		if k.reason("ana@example.com") != Hard || k.reason("bo@example.com") != Complaint || k.reason("cy@example.com") != "" || k.strikes(cy) != 1 {
			t.Errorf("ana %s, bo %s, cy %s with %d strikes", k.reason("ana@example.com"), k.reason("bo@example.com"), k.reason("cy@example.com"), k.strikes(cy))
		}
		if e = k.edition(e.ID); e.Bounced != 1 || e.Complained != 1 { // ana's report named no letter of ours
			t.Errorf("%+v", e.Tally)
		}
		_, have, _, err := k.SubscriberByID(t.Context(), k.pat, ana)
		check(t, err)
		if have[0].State != Ended || have[0].Why != ByBounce {
			t.Errorf("%+v", have)
		}
	})
}

// TestHookOnce has the same call come eight times at once, and later again.
func TestHookOnce(t *testing.T) {
	onBoth(t, func(k *kit) {
		k.Hooks = map[string]string{"kawaraban": hookSecret}
		l := k.list(digest(1, 1))
		id := k.member(l, "ana@example.com")
		call := `{"id":"1","events":[{"kind":"soft","address":"ana@example.com"},{"kind":"soft","address":"ana@example.com"}]}`
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				if err := k.calls(call); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		check(t, k.calls(call))
		if n := k.strikes(id); n != 2 {
			t.Errorf("two events are %d strikes", n)
		}
		k.clock.Add(6 * time.Minute)
		check(t, k.calls(strings.Replace(call, `"1"`, `"2"`, 1)))
		if k.strikes(id) != 4 || k.reason("ana@example.com") != Soft {
			t.Errorf("%d strikes, %q", k.strikes(id), k.reason("ana@example.com"))
		}
	})
}

// TestReported is about complaints that come to one address for all letters, and
// about mails there that are none.
func TestReported(t *testing.T) {
	onBoth(t, func(k *kit) {
		l := k.list(digest(1, 1))
		ana, bo := k.member(l, "ana@example.com"), k.member(l, "bo@example.com")
		k.front = []string{k.story("city", "The bridge")}
		e := k.sends(l)
		report := func(kind, of string) []byte {
			return []byte("From: feedback@post.example\nContent-Type: multipart/report; boundary=b\n\n--b\nContent-Type: message/feedback-report\n\nFeedback-Type: " + kind +
				"\nOriginal-Rcpt-To: bo@example.com\n\n--b\nContent-Type: message/rfc822\n\n" + of + "\n\n--b--\n")
		}
		for name, raw := range map[string][]byte{
			"no mail":            nil,
			"an address alone":   report("abuse", "Subject: x"),
			"a forged token":     report("abuse", "Return-Path: <bounces+"+strings.Repeat("a", 45)+"@paper.example>"),
			"not a complaint":    report("auth-failure", "Return-Path: <bounces+"+k.returnToken(e.Code, bo)+"@paper.example>"),
			"no letter of ours":  report("abuse", "Message-ID: <1a.2b@elsewhere.example>"),
			"a bounce elsewhere": []byte("From: MAILER-DAEMON@post.example\n\n<bo@example.com>: 550 user unknown\n"),
		} {
			check(t, k.Reported(t.Context(), raw))
			if r := k.reason("bo@example.com"); r != "" {
				t.Fatalf("%s: bo gets nothing more, because of %s", name, r)
			}
		}
		check(t, k.Reported(t.Context(), report("abuse", "Return-Path: <bounces+"+k.returnToken(e.Code, bo)+"@paper.example>")))
		check(t, k.Reported(t.Context(), report("abuse", fmt.Sprintf("Message-ID: <%x.%s@paper.example>", e.Code, ana))))
		if k.reason("bo@example.com") != Complaint || k.reason("ana@example.com") != Complaint {
			t.Errorf("bo %q, ana %q", k.reason("bo@example.com"), k.reason("ana@example.com"))
		}
		if e = k.edition(e.ID); e.Complained != 2 {
			t.Errorf("%+v", e.Tally)
		}
	})
}

// TestReturnedEarly gets a letter back before it is stored that it went out: it is told
// to come again, and then counts.
func TestReturnedEarly(t *testing.T) {
	onBoth(t, func(k *kit) {
		l := k.list(digest(1, 1))
		id := k.member(l, "ana@example.com")
		k.front = []string{k.story("city", "The bridge")}
		raw := []byte("From: f@mx.example.com\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\n")
		var token string
		var early error
		k.over(&papertest.Sink{Play: func(stage papertest.Stage, from, _ string) error {
			if stage == papertest.OnTaken {
				early = k.Returned(t.Context(), token, raw)
			}
			return nil
		}})
		e, err := k.Begin(t.Context(), k.ida, l.ID)
		check(t, err)
		token = k.returnToken(e.Code, id)
		e, err = k.Schedule(t.Context(), k.ida, e.ID, e.Version, time.Time{})
		check(t, err)
		check(t, k.Send(t.Context(), Run{e.ID}))
		if early == nil || k.edition(e.ID).Complained != 0 {
			t.Errorf("%v, %+v", early, k.edition(e.ID).Tally)
		}
		check(t, k.Returned(t.Context(), token, raw))
		if got := k.edition(e.ID); got.Complained != 1 || got.Accepted != 1 || k.reason("ana@example.com") != Complaint {
			t.Errorf("%+v", got.Tally)
		}
	})
}

// TestReturned is about mails that come to the address of one letter.
func TestReturned(t *testing.T) {
	onBoth(t, func(k *kit) {
		l := k.list(digest(1, 1))
		k.front = []string{k.story("city", "The bridge")}
		ids := map[string]string{}
		for _, name := range []string{"hard", "soft", "delayed", "policy", "reply", "complaint", "forwarded", "late"} {
			ids[name] = k.member(l, name+"@example.com")
		}
		e := k.sends(l)
		dsn := func(action, status, said string) string {
			return "From: MAILER-DAEMON@mx.example.com\nContent-Type: multipart/report; boundary=b\n\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx\n\n" +
				"Final-Recipient: rfc822; somebody@example.com\nAction: " + action + "\nStatus: " + status + "\nDiagnostic-Code: smtp; " + said + "\n\n--b--\n"
		}
		comes := func(name, raw string) {
			t.Helper()
			token := strings.ToUpper(k.returnToken(e.Code, ids[name])) // servers on the way may change the case
			if !k.Known(token) {
				t.Errorf("the token of %s is not known", name)
			}
			check(t, k.Returned(t.Context(), token, []byte(raw)))
		}
		comes("hard", dsn("failed", "5.1.1", "550 5.1.1 User unknown"))
		comes("hard", dsn("failed", "5.1.1", "550 5.1.1 User unknown")) // by two servers
		comes("soft", dsn("failed", "5.2.2", "552 5.2.2 Mailbox full"))
		comes("delayed", dsn("delayed", "4.4.1", "connection timed out"))
		comes("policy", dsn("failed", "5.7.1", "550 5.7.1 blocked because of your reputation"))
		comes("reply", "From: ana@example.com\nSubject: Away\nAuto-Submitted: auto-replied\n\n<x@y.example>: 550 5.1.1 User unknown\n")
		comes("complaint", "From: f@mx.example.com\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\n")
		comes("forwarded", dsn("failed", "5.1.1", "550 5.1.1 User unknown")) // of another address: the letter tells whose it was
		for name, want := range map[string]Reason{"hard": Hard, "complaint": Complaint, "forwarded": Hard, "soft": "", "delayed": "", "policy": "", "reply": "", "late": ""} {
			if got := k.reason(name + "@example.com"); got != want {
				t.Errorf("%s: %q; want %q", name, got, want)
			}
		}
		if k.strikes(ids["soft"]) != 1 || k.strikes(ids["delayed"]) != 0 || k.reason("somebody@example.com") != "" {
			t.Errorf("%d and %d strikes, %q", k.strikes(ids["soft"]), k.strikes(ids["delayed"]), k.reason("somebody@example.com"))
		}
		if e = k.edition(e.ID); e.Bounced != 3 || e.Complained != 1 {
			t.Errorf("%+v", e.Tally)
		}
		forged := []byte(k.returnToken(e.Code+1, ids["late"]))
		if last := &forged[44]; *last == 'a' || *last == 'b' { // the last bit of a token means nothing
			*last = 'c'
		} else {
			*last = 'a'
		}
		for _, token := range []string{"", "x", strings.Repeat("a", 45), string(forged)} {
			if k.Known(token) {
				t.Errorf("%q is known", token)
			}
			check(t, k.Returned(t.Context(), token, []byte(dsn("failed", "5.1.1", "550 5.1.1 User unknown"))))
		}
	})
}
