package main

import (
	"fmt"
	"log/slog"
	"testing"

	"kawaraban/internal/audit"
	"kawaraban/internal/newsletter"
	"kawaraban/internal/papertest"
	"kawaraban/internal/reader"
	"kawaraban/internal/wire"
)

// TestRuleSendsAlert has a rule send a news alert in the name of who made it live; one that
// nobody stands for, or that the list will not take, waits for an editor.
func TestRuleSendsAlert(t *testing.T) {
	ctx := t.Context()
	s := &settings{
		Data: t.TempDir(), Addr: "127.0.0.1:8080", CacheMB: 1, PaperName: "The Post", Language: "en", Zone: "UTC", Sections: []string{"city=City"},
		SMTPSecurity: "starttls",
	}
	p, err := openPaper(ctx, s, nil, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer p.close()
	if err := p.open(ctx); err != nil {
		t.Fatal(err)
	}
	id, err := p.readers.Add(ctx, reader.New{Email: "ida@post.example", Name: "Ida", Role: reader.Publisher, Password: "correct horse battery staple"})
	if err != nil {
		t.Fatal(err)
	}
	boss, err := p.readers.ByID(ctx, id)
	if err != nil {
		t.Fatal(err)
	}
	src, err := p.wire.AddSource(ctx, wire.Source{Name: "HPA", Section: "city", Publish: wire.Hold})
	if err != nil {
		t.Fatal(err)
	}
	live := func(who string) {
		t.Helper()
		if err := p.wire.SaveDraft(ctx, who, 0, wire.Rules{{Name: "Flashes", Then: wire.Actions{Do: wire.Release, Alert: wire.SendAlert}}}); err != nil {
			t.Fatal(err)
		}
		if _, err := p.wire.GoLive(ctx, who, 1); err != nil {
			t.Fatal(err)
		}
	}
	sends := func(id, headline string) {
		t.Helper()
		file := fmt.Sprintf(`{"uri":"urn:hpa.example:%s","version":"1","type":"text","pubstatus":"usable","language":"en","headline":%q,"body_html":"<p>It is so.</p>"}`, id, headline)
		results, err := p.wire.Deliver(ctx, src, id, []byte(file), nil)
		if err != nil || results[0].Decision != wire.Released {
			t.Fatal(results, err)
		}
	}
	becomes := func(id string, want wire.AlertState) {
		t.Helper()
		papertest.Eventually(t, func() bool {
			lines, _, err := p.wire.List(ctx, wire.Filter{})
			if err != nil {
				return false
			}
			for _, l := range lines {
				if l.ID == "urn:hpa.example:"+id {
					return l.Alert == want
				}
			}
			return false
		})
	}
	if err := p.jobs.Start(ctx); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := p.jobs.Stop(ctx); err != nil && ctx.Err() == nil {
			t.Error(err)
		}
	}()
	live(boss.ID)
	sends("a", "Bridge shut")
	becomes("a", wire.AlertDone)
	lists, err := p.letters.Lists(ctx)
	if err != nil {
		t.Fatal(err)
	}
	actor := &reader.Actor{Reader: boss}
	for _, l := range alertLists(lists) {
		sent, _, err := p.letters.Editions(ctx, actor, l.ID, "", 10)
		if err != nil || len(sent) != 1 || sent[0].Subject != "Bridge shut" || sent[0].Author != boss.ID {
			t.Errorf("the alerts are %+v (%v)", sent, err)
		}
	}
	// The same words do not go out twice on a day.
	sends("b", "Bridge shut")
	becomes("b", wire.AlertDrafted)
	live(audit.Console)
	sends("c", "Mayor resigns")
	becomes("c", wire.AlertDrafted)
}

// alertLists are the lists of news alerts.
func alertLists(lists []newsletter.List) (alerts []newsletter.List) {
	for _, l := range lists {
		if l.Kind == newsletter.Alert {
			alerts = append(alerts, l)
		}
	}
	return alerts
}
