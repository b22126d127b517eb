package wire

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"kawaraban/internal/fetch"
	"kawaraban/internal/problem"
	"kawaraban/internal/wire/afp"
)

// afpWay searches AFP Core for what is new in some products, and gets each document.
// What is published late, or by a clock that is not ours, is found too: each search
// begins earlier than the last one ended. It logs in with the key of an application and
// a person's password, and is given a token that it keeps in memory alone.
type afpWay struct {
	s *Store

	mu     sync.Mutex
	tokens map[string]afpToken // by source
}

const (
	afpServer = "https://afp-apicore-prod.afp.com"
	afpRows   = 100
	afpFirst  = 2 * time.Hour // how far back a new source looks
	afpLeast  = 5 * time.Minute
	afpMost   = 7 * 24 * time.Hour
)

// An afpToken lets us in until it ends.
type afpToken struct {
	access, refresh string
	ends            time.Time
	account, secret string
}

// An afpPlace is until when everything has been had.
type afpPlace struct {
	Since time.Time `json:"since"`
}

func (a *afpWay) check(w *Way) error {
	if w.Address == "" {
		w.Address = afpServer
	}
	w.Address = strings.TrimSuffix(w.Address, "/")
	if w.Account == "" {
		return invalid("account", "Type the user name that the AFP has given you.")
	}
	if err := needsSecret(w); err != nil {
		return err
	}
	if len(w.Options.Products) > 50 {
		return invalid("products", "These are too many products. Leave the field empty for all.")
	}
	return a.s.checkWeb(w)
}

// login returns a token: the one that we have, a new one for it, or one for the password.
func (a *afpWay) login(ctx context.Context, w *Way) (string, error) {
	a.mu.Lock()
	t := a.tokens[w.Source]
	a.mu.Unlock()
	if t.account != w.Account || t.secret != w.secret {
		t = afpToken{}
	}
	if t.access != "" && a.s.Now().Before(t.ends) {
		return t.access, nil
	}
	key, password, both := strings.Cut(w.secret, " ")
	if !both {
		key, password = "", w.secret
	}
	if t.refresh != "" {
		if got, err := a.token(ctx, w, key, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {t.refresh}}); err == nil {
			return got, nil
		}
	}
	return a.token(ctx, w, key, url.Values{"grant_type": {"password"}, "username": {w.Account}, "password": {password}})
}

// token asks for one.
func (a *afpWay) token(ctx context.Context, w *Way, key string, form url.Values) (string, error) {
	o := fetch.Options{Accept: "application/json", Sent: "application/x-www-form-urlencoded", MaxBytes: 1 << 20}
	if key != "" {
		o.Header = http.Header{"Authorization": {"Basic " + key}}
	}
	r, err := a.s.Fetch.Post(ctx, w.Address+"/oauth/token", []byte(form.Encode()), o)
	if r != nil && r.Status == http.StatusBadRequest { // how OAuth says that a password is wrong
		return "", a.refused()
	}
	if r, err = a.s.heard(ctx, r, err); err != nil {
		return "", err
	}
	var given struct {
		Access  string  `json:"access_token"`
		Refresh string  `json:"refresh_token"`
		Seconds float64 `json:"expires_in"`
	}
	if err := json.Unmarshal(r.Body, &given); err != nil || given.Access == "" {
		return "", &problem.Problem{Kind: problem.Unsupported, Detail: "The server does not answer as AFP Core does. Check the address.", Err: err}
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.tokens == nil {
		a.tokens = map[string]afpToken{}
	}
	// It is renewed a little before it ends, and is never kept for long without asking.
	life := time.Duration(min(max(given.Seconds*0.9, 10), 24*3600) * float64(time.Second))
	a.tokens[w.Source] = afpToken{access: given.Access, refresh: given.Refresh, ends: a.s.Now().Add(life), account: w.Account, secret: w.secret}
	return given.Access, nil
}

func (a *afpWay) refused() error {
	return &problem.Problem{Kind: problem.Forbidden, Detail: "The AFP does not let us in. Check the user name, the key of the application and the password, and type them again."}
}

// forget drops a token that is no longer good. What renews it is kept.
func (a *afpWay) forget(w *Way) {
	a.mu.Lock()
	defer a.mu.Unlock()
	t := a.tokens[w.Source]
	t.access = ""
	a.tokens[w.Source] = t
}

// ask asks with a token; once more with a new one, if the one we had is not good.
func (a *afpWay) ask(ctx context.Context, w *Way, path string, body []byte) (r *fetch.Response, err error) {
	for try := range 2 {
		token, err := a.login(ctx, w)
		if err != nil {
			return nil, err
		}
		o := fetch.Options{Accept: "application/json", Header: http.Header{"Authorization": {"Bearer " + token}}, MaxBytes: mostAnswer}
		if body != nil {
			r, err = a.s.Fetch.Post(ctx, w.Address+path, body, o)
		} else {
			r, err = a.s.Fetch.Get(ctx, w.Address+path, o)
		}
		if try == 0 && r != nil && r.Status == http.StatusUnauthorized {
			a.forget(w)
			continue
		}
		return a.s.heard(ctx, r, err)
	}
	return nil, a.refused()
}

// search returns what was published from a moment on, the oldest first.
func (a *afpWay) search(ctx context.Context, w *Way, from time.Time) ([]afp.Part, error) {
	query := map[string]any{
		"maxRows": afpRows, "sortField": "published", "sortOrder": "asc",
		"dateRange": map[string]string{"from": from.UTC().Format(time.RFC3339), "to": "now"},
	}
	if len(w.Options.Products) > 0 {
		query["query"] = map[string]any{"name": "product", "in": w.Options.Products}
	}
	body, err := json.Marshal(query)
	if err != nil {
		return nil, err
	}
	r, err := a.ask(ctx, w, "/v1/api/search", body)
	if err != nil {
		return nil, err
	}
	parts, err := afp.Split(r.Body)
	if err != nil {
		return nil, &problem.Problem{Kind: problem.Unsupported, Detail: "The server does not answer as AFP Core does. Check the address.", Err: err}
	}
	return parts, nil
}

// from is where a search begins: further back than the last one ended, by 2.2 times as
// long as that is ago.
func (a *afpWay) from(w *Way) time.Time {
	var at afpPlace
	if w.Cursor != "" {
		_ = json.Unmarshal([]byte(w.Cursor), &at)
	}
	now := a.s.Now()
	if at.Since.IsZero() {
		return now.Add(-afpFirst)
	}
	return now.Add(-min(max(now.Sub(at.Since)*22/10, afpLeast), afpMost))
}

func (a *afpWay) collect(ctx context.Context, src Source, w *Way, take func(context.Context, Piece) error) (Haul, error) {
	h := Haul{Cursor: w.Cursor}
	began, from := a.s.Now(), a.from(w)
	for page := 0; ; page++ {
		parts, err := a.search(ctx, w, from)
		if err != nil {
			return h, err
		}
		for _, p := range parts {
			if err := a.document(ctx, src, w, p, take); err != nil {
				return h, err
			}
		}
		if len(parts) < afpRows {
			break
		}
		last := parseTime(string(parts[len(parts)-1].Doc.Published), time.UTC)
		if !last.After(from) { // as many in one moment as are told at a time
			last = from.Add(time.Second)
		}
		if from = last; page == mostPages-1 {
			h.More, began = true, from
			break
		}
	}
	text, err := json.Marshal(afpPlace{began})
	h.Cursor = string(text)
	return h, err
}

// document gets a document that is not here yet. One that cannot be had in a while is
// taken as the search has told it.
func (a *afpWay) document(ctx context.Context, src Source, w *Way, p afp.Part, take func(context.Context, Piece) error) error {
	if p.Doc.UNO == "" {
		return nil
	}
	piece := Piece{Name: oneLine(fmt.Sprintf("%s r%s %s.json", p.Doc.UNO, orElse(string(p.Doc.Revision), string(p.Doc.Published)), p.Doc.Status), 200), Data: p.Data, Once: true}
	if came, err := a.s.came(ctx, src, piece.Name); err != nil || came {
		return err
	}
	r, err := a.ask(ctx, w, "/v1/api/get/"+url.PathEscape(string(p.Doc.UNO)), nil)
	switch {
	case err == nil:
		if got, err := afp.Split(r.Body); err == nil && len(got) == 1 && got[0].Doc.UNO == p.Doc.UNO {
			piece.Data = got[0].Data
		}
	case ctx.Err() != nil:
		return err
	case r != nil && (r.Status == http.StatusNotFound || r.Status == http.StatusGone):
	case w.Failures < patience:
		return err
	}
	return take(ctx, piece)
}

func (a *afpWay) look(ctx context.Context, src Source, w *Way) (g Glance, err error) {
	parts, err := a.search(ctx, w, a.from(w))
	if err != nil {
		return g, err
	}
	for _, p := range parts {
		if items, err := Read("", p.Data); err == nil {
			if err := a.s.count(ctx, src, items, &g); err != nil {
				return g, err
			}
		}
	}
	g.More = len(parts) == afpRows
	return g, nil
}
