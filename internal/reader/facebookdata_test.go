package reader

import (
	"encoding/base64"
	"strings"
	"sync"
	"testing"
	"time"

	"kawaraban/internal/db"
	"kawaraban/internal/papertest"
	"kawaraban/internal/pretend"
	"kawaraban/internal/problem"
)

// TestFacebookDeletion is about those who ask at Facebook that we delete what we
// have from there.
func TestFacebookDeletion(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		a, ctx := newAbroad(t, d), t.Context()
		other := pretend.Person{ID: "20", Name: "Bo"}
		a.face.Set(hanna, other)
		only, err := a.login("facebook", hanna.ID)
		a.check(err)
		_, err = a.Add(ctx, New{Email: "bo@paper.example", Name: "Bo", Role: Member, Password: password})
		a.check(err)
		e, err := a.Login(ctx, "bo@paper.example", password, Browser{})
		a.check(err)
		back, err := a.depart(Going{Provider: "facebook", Aim: ToConnect, Actor: a.actor(e)}, "", other.ID)
		a.check(err)
		_, err = a.arrive(back)
		a.check(err)

		// Whose only way in it was, is going to be erased.
		a.clock.Add(time.Hour)
		request := a.face.SignedRequest(hanna.ID, a.Now())
		code, err := a.DeleteFacebookData(ctx, request)
		a.check(err)
		if len(code) < 16 || strings.Trim(code, "0123456789abcdefghijklmnopqrstuvwxyz") != "" {
			t.Errorf("the code is %q", code)
		}
		r, err := a.ByID(ctx, only.Entry.Reader.ID)
		a.check(err)
		if !r.Leaving.Equal(a.Now().Add(leaveTime)) || r.LeaveHow != KeepComments {
			t.Errorf("the account leaves at %s, %q", r.Leaving, r.LeaveHow)
		}
		if who, err := a.Who(ctx, only.Entry.Token.Reveal()); err != nil || who.Actor != nil {
			t.Error("its session goes on", err)
		}
		got, err := a.Deletion(ctx, code)
		a.check(err)
		if !got.Known || got.Erased || !got.Leaving.Equal(r.Leaving) || !got.Asked.Equal(a.Now()) {
			t.Errorf("the status is %+v", got)
		}

		early := a.Now()

		// The same request again, also when its user has come back, does nothing.
		a.clock.Add(time.Hour)
		again, err := a.login("facebook", hanna.ID)
		a.check(err)
		if !again.New {
			t.Error("the connection was there still")
		}
		before := a.everything()
		if c, err := a.DeleteFacebookData(ctx, request); err != nil || c != code {
			t.Errorf("again: %q, %v", c, err)
		}
		a.check(a.DeauthoriseFacebook(ctx, request))
		if _, err := a.DeleteFacebookData(ctx, a.face.SignedRequest(hanna.ID, a.Now().Add(-30*time.Minute))); err != nil {
			t.Error(err)
		}
		if after := a.everything(); after != before {
			t.Errorf("a replay has changed\n%sto\n%s", before, after)
		}

		// Who has a password stays.
		code, err = a.DeleteFacebookData(ctx, a.face.SignedRequest(other.ID, a.Now()))
		a.check(err)
		got, err = a.Deletion(ctx, code)
		a.check(err)
		if !got.Known || !got.Leaving.IsZero() || a.count(`select count(*) from identity where subject = $1`, other.ID) != 0 {
			t.Errorf("the status is %+v", got)
		}

		// What was announced happens, and the person can see that it has.
		a.clock.Set(early.Add(leaveTime + time.Hour))
		a.check(a.erase(ctx, only.Entry.Reader.ID))
		first, err := a.DeleteFacebookData(ctx, request)
		a.check(err)
		if got, err = a.Deletion(ctx, first); err != nil || !got.Erased {
			t.Errorf("the status is %+v, %v", got, err)
		}
		if n := a.count(`select count(*) from alerts_wanted where reader = $1`, only.Entry.Reader.ID); n != 0 {
			t.Errorf("the address is kept in %d places", n)
		}

		// Of whom we know nothing there is nothing to delete.
		code, err = a.DeleteFacebookData(ctx, a.face.SignedRequest("30", a.Now()))
		a.check(err)
		if got, err = a.Deletion(ctx, code); err != nil || got.Known {
			t.Errorf("the status is %+v, %v", got, err)
		}
		if _, err := a.Deletion(ctx, "nothing"); !problem.Is(err, problem.NotFound) {
			t.Error(err)
		}
	})
}

// TestFacebookDeauthorise is about those who take the paper out of the list of
// apps at Facebook.
func TestFacebookDeauthorise(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		a, ctx := newAbroad(t, d), t.Context()
		only, err := a.login("facebook", hanna.ID)
		a.check(err)
		a.clock.Add(time.Hour)
		request := a.face.SignedRequest(hanna.ID, a.Now())
		a.check(a.DeauthoriseFacebook(ctx, request))
		if who, err := a.Who(ctx, only.Entry.Token.Reveal()); err != nil || who.Actor != nil {
			t.Error("the session goes on", err)
		}
		a.clock.Add(time.Hour)
		back, err := a.login("facebook", hanna.ID)
		a.check(err)
		if back.New || back.Entry.Reader.ID != only.Entry.Reader.ID {
			t.Error("the account is lost to its owner")
		}
		a.check(a.DeauthoriseFacebook(ctx, request)) // a replay
		a.actor(back.Entry)

		// With another way in, the connection is gone.
		gone, err := a.depart(Going{Provider: "other", Aim: ToConnect, Actor: a.actor(back.Entry)}, "", hanna.ID)
		a.check(err)
		_, err = a.arrive(gone)
		a.check(err)
		a.check(a.DeauthoriseFacebook(ctx, a.face.SignedRequest(hanna.ID, a.Now())))
		if list, err := a.Connections(ctx, only.Entry.Reader.ID); err != nil || len(list) != 1 || list[0].Slug != "other" {
			t.Errorf("connected with %v, %v", list, err)
		}
		if r, err := a.ByID(ctx, only.Entry.Reader.ID); err != nil || !r.Leaving.IsZero() {
			t.Errorf("the account leaves at %s, %v", r.Leaving, err)
		}
	})
}

// TestFacebookForged is about requests that Facebook has not signed.
func TestFacebookForged(t *testing.T) {
	a, ctx := newAbroad(t, papertest.SQLite(t)), t.Context()
	_, err := a.login("facebook", hanna.ID)
	a.check(err)
	good := a.face.SignedRequest(hanna.ID, a.Now())
	signature, content, _ := strings.Cut(good, ".")
	liar := &pretend.Provider{Secret: "another"}
	b, err := base64.RawURLEncoding.DecodeString(content)
	a.check(err)
	before := a.everything()
	forged := []string{
		"", ".", good + "=", good + "A", "A" + good, signature, "." + content, content + "." + signature,
		signature + "." + content + "." + content, signature + "=." + content, signature + "\n." + content,
		signature + "." + base64.RawURLEncoding.EncodeToString([]byte(strings.Replace(string(b), hanna.ID, "20", 1))),
		liar.SignedRequest(hanna.ID, a.Now()), a.face.SignedRequest("", a.Now()), a.face.SignedRequest(hanna.ID, a.Now().Add(time.Hour)),
		a.face.SignedRequest(hanna.ID, time.Unix(0, 0)), strings.Repeat("A", 1<<20) + "." + content,
	}
	for i := range signature {
		c := byte('A')
		if signature[i] == c {
			c = 'B'
		}
		forged = append(forged, signature[:i]+string(c)+signature[i+1:]+"."+content)
	}
	for _, signed := range forged {
		if _, err := a.DeleteFacebookData(ctx, signed); !problem.Is(err, problem.Forbidden) {
			t.Errorf("%.80q: %v", signed, err)
		}
		if err := a.DeauthoriseFacebook(ctx, signed); !problem.Is(err, problem.Forbidden) {
			t.Errorf("%.80q: %v", signed, err)
		}
	}
	if after := a.everything(); after != before || a.count(`select count(*) from facebook_deletion`) != 0 {
		t.Errorf("a forged request has changed\n%sto\n%s", before, after)
	}
	a.Providers = nil
	if _, err := a.DeleteFacebookData(ctx, good); !problem.Is(err, problem.NotFound) {
		t.Errorf("without Facebook in the settings: %v", err)
	}
}

// TestDeletionUnderEight has Facebook send one request eight times at once.
func TestDeletionUnderEight(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		a, ctx := newAbroad(t, d), t.Context()
		_, err := a.login("facebook", hanna.ID)
		a.check(err)
		request := a.face.SignedRequest(hanna.ID, a.Now())
		var codes sync.Map
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				code, err := a.DeleteFacebookData(ctx, request)
				if err != nil {
					t.Error(err)
				}
				codes.Store(code, true)
			})
		}
		wg.Wait()
		n := 0
		codes.Range(func(any, any) bool { n++; return true })
		if n != 1 || a.count(`select count(*) from audit where act = $1`, string(LeaveBegun)) != 1 {
			t.Errorf("%d codes", n)
		}
	})
}

// TestAlerts is about the invitation to the news alerts: it orders nothing by
// itself, and one comes.
func TestAlerts(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		a, ctx := newAbroad(t, d), t.Context()
		at, err := a.login("facebook", hanna.ID)
		a.check(err)
		letter := Letter{Kind: Alerts, Reader: at.Entry.Reader.ID, Email: hanna.Email, Detail: hanna.Email}
		if n := a.letters(`"kind":"alerts"`, `"Kind":"alerts"`); n != 1 {
			t.Fatalf("%d letters invite", n)
		}
		if n := a.count(`select count(*) from alerts_wanted`); n != 0 {
			t.Fatal("something is ordered")
		}
		post, err := a.Compose(ctx, letter)
		a.check(err)
		if post.To != hanna.Email {
			t.Errorf("the letter goes to %q", post.To)
		}
		token := post.Token.Reveal()
		for range 2 {
			if email, err := a.MayWantAlerts(ctx, token); err != nil || email != hanna.Email {
				t.Errorf("%q, %v", email, err)
			}
		}
		if a.count(`select count(*) from alerts_wanted`) != 0 {
			t.Error("looking at the link orders")
		}
		if email, err := a.WantAlerts(ctx, token); err != nil || email != hanna.Email {
			t.Errorf("%q, %v", email, err)
		}
		if a.count(`select count(*) from alerts_wanted where email = $1`, hanna.Email) != 1 {
			t.Error("nothing is noted")
		}
		if _, err := a.WantAlerts(ctx, token); !problem.Is(err, problem.Gone) {
			t.Errorf("twice: %v", err)
		}
		// The account's address is as unproved as it was.
		if r, err := a.ByID(ctx, at.Entry.Reader.ID); err != nil || r.Email != "" {
			t.Errorf("the address is %q, %v", r.Email, err)
		}

		// The same address is not invited again, an account without one never, and
		// those who come by OpenID Connect are not either.
		a.face.Set(hanna, pretend.Person{ID: "2", Name: "A", Email: hanna.Email}, pretend.Person{ID: "3", Name: "B"}, pretend.Person{ID: "4", Name: "C", Email: "c@mail.example"})
		for provider, id := range map[string]string{"facebook": "2", "id": "4"} {
			_, err := a.login(provider, id)
			a.check(err)
		}
		_, err = a.login("facebook", "3")
		a.check(err)
		_, err = a.login("facebook", hanna.ID)
		a.check(err)
		if n := a.letters(`"kind":"alerts"`, `"Kind":"alerts"`); n != 1 {
			t.Errorf("%d letters invite", n)
		}
	})
}

// letters counts the jobs of letters that hold one of these.
func (a *abroad) letters(holds ...string) (n int) {
	a.t.Helper()
	text := `json(args)` // SQLite keeps them in a form of its own
	if a.DB.Postgres() {
		text = `cast(args as text)`
	}
	rows, err := a.DB.Query(a.t.Context(), `select `+text+` from river_job`)
	a.check(err)
	defer rows.Close()
	for rows.Next() {
		var args string
		a.check(rows.Scan(&args))
		for _, h := range holds {
			n += strings.Count(strings.ReplaceAll(args, ": ", ":"), h)
		}
	}
	a.check(rows.Err())
	return n
}

// FuzzSignedRequest reads what anybody may send: nothing but Facebook's own
// signature makes it believed.
func FuzzSignedRequest(f *testing.F) {
	g := &graph{Facebook{App: clientID, Secret: clientSecret}, nil, time.Now}
	p := &pretend.Provider{Secret: clientSecret}
	f.Add(p.SignedRequest("1", time.Unix(1_700_000_000, 0)))
	f.Add("a.b")
	f.Fuzz(func(t *testing.T, signed string) {
		r, err := g.read(signed)
		if (err == nil) == (r.user == "") {
			t.Errorf("%q, %v", r.user, err)
		}
		if _, content, _ := strings.Cut(signed, "."); err == nil && strings.Trim(content, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") != "" {
			t.Errorf("%q is believed", signed)
		}
	})
}
