package newsroom

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"kawaraban/internal/newsletter"
	"kawaraban/internal/page"
	"kawaraban/internal/problem"
	"kawaraban/internal/reader"
)

// subscribersPage is what subscribers.html shows: who gets mail.
type subscribersPage struct {
	lettersPage
	Look string
	Rows []subscriberRow
	Next string
}

type subscriberRow struct{ Path, Email, Since string }

// maxSubscribers is how many stand on a page.
const maxSubscribers = 50

func (d *Desk) showSubscribers(v *visit, a *reader.Actor) (*page.Answer, error) {
	p := subscribersPage{Look: strings.TrimSpace(v.Get("q"))}
	var err error
	if p.lettersPage, err = d.lettersPage(v, a, subscribers, "subs.title"); err != nil {
		return nil, err
	}
	list, next, err := d.Newsletters.Find(v.Context(), a, p.Look, v.Get("after"), maxSubscribers)
	if err != nil {
		return nil, err
	}
	for _, u := range list {
		p.Rows = append(p.Rows, subscriberRow{subscriberAt + "/" + u.ID, u.Email, v.words.Moment(u.Created)})
	}
	if next != "" {
		p.Next = subscribers + "?" + url.Values{"q": {p.Look}, "after": {next}}.Encode()
	}
	return page.Show(v.subscribers.With(p)), nil
}

// subscriberPage is what subscriber.html shows: one address, and what it is known for.
type subscriberPage struct {
	lettersPage
	Action     string
	Email      string
	Since      string
	Account    bool
	Strikes    string
	Suppressed string // why it gets nothing, "" when it gets mail
	Proofs     []proofView
	Letters    []deliveryRow
	Older      string
}

// A proofView is a subscription, with the proof that it was wanted.
type proofView struct {
	List, Name, State string
	Asked, Words      string
	Confirmed, Ended  string
	Open              bool // it can be ended
}

type deliveryRow struct{ Path, Subject, List, What, When, Why string }

func (d *Desk) showSubscriber(v *visit, a *reader.Actor) (*page.Answer, error) {
	p, err := d.subscriberPage(v, a)
	if err != nil {
		return nil, err
	}
	return page.Show(v.subscriber.With(p)), nil
}

func (d *Desk) subscriberPage(v *visit, a *reader.Actor) (p subscriberPage, err error) {
	id, w := v.Path("id"), v.words
	u, have, out, err := d.Newsletters.SubscriberByID(v.Context(), a, id)
	if err != nil {
		return p, err
	}
	if p.lettersPage, err = d.lettersPage(v, a, subscribers, "subs.one"); err != nil {
		return p, err
	}
	p.Title, p.Email, p.Action, p.Since, p.Account = u.Email, u.Email, subscriberAt+"/"+id, w.Moment(u.Created), u.Reader != ""
	if u.Strikes > 0 {
		p.Strikes = w.Count("subs.strikes", u.Strikes)
	}
	if out != nil {
		p.Suppressed = w.Say("subs.suppressed", suppressionWord(w, out.Reason), w.Moment(out.Created))
	}
	lists, err := d.Newsletters.Lists(v.Context())
	if err != nil {
		return p, err
	}
	named := map[string]string{}
	for _, l := range lists {
		named[l.ID] = l.Name
	}
	for _, x := range have {
		p.Proofs = append(p.Proofs, proofOf(w, named[x.List], x))
	}
	letters, older, err := d.Newsletters.Deliveries(v.Context(), a, id, v.Get("before"), maxSubscribers)
	if err != nil {
		return p, err
	}
	if older != "" {
		p.Older = p.Action + "?before=" + older
	}
	for _, x := range letters {
		row := deliveryRow{Path: editionAt + "/" + x.Edition, Subject: x.Subject, List: named[x.List], What: deliveryWord(w, x.State), Why: x.Why}
		if !x.At.IsZero() {
			row.When = w.Moment(x.At)
		}
		p.Letters = append(p.Letters, row)
	}
	return p, nil
}

// proofOf tells the proof of a subscription in words.
func proofOf(w *page.Language, name string, x newsletter.Subscription) proofView {
	p := proofView{List: x.List, Name: name, State: stateOf(w, x.State), Words: x.Promise, Open: x.State != newsletter.Ended}
	from := func(at time.Time, block, plain, with string) string {
		if at.IsZero() {
			return ""
		}
		if block == "" {
			return w.Say(plain, w.Moment(at))
		}
		return w.Say(with, w.Moment(at), block)
	}
	p.Asked = from(x.Asked, x.AskedBlock, "subs.asked", "subs.asked.from") + " · " + sourceWord(w, x.Source)
	p.Confirmed = from(x.Confirmed, x.ConfirmedBlock, "subs.confirmed", "subs.confirmed.from")
	if strings.HasPrefix(x.Source, "import ") && !x.Confirmed.IsZero() && x.ConfirmedBlock == "" {
		p.Confirmed = w.Say("subs.confirmed.elsewhere", w.Moment(x.Confirmed)) // not by a letter of ours
	}
	if !x.Ended.IsZero() {
		p.Ended = w.Say("subs.ended", w.Moment(x.Ended), whyWord(w, x.Why))
	}
	return p
}

func stateOf(w *page.Language, s newsletter.State) string {
	switch s {
	case newsletter.Asked:
		return w.Say("subs.state.asked")
	case newsletter.Active:
		return w.Say("subs.state.active")
	default:
		return w.Say("subs.state.ended")
	}
}

// sourceWord says where a subscription was asked for.
func sourceWord(w *page.Language, source string) string {
	switch source {
	case "form":
		return w.Say("subs.source.form")
	case "article":
		return w.Say("subs.source.article")
	case "account":
		return w.Say("subs.source.account")
	case "invitation":
		return w.Say("subs.source.invitation")
	}
	if form, ok := strings.CutPrefix(source, "import "); ok {
		return w.Say("subs.source.import", formName(form))
	}
	return source
}

// whyWord says why a subscription ended.
func whyWord(w *page.Language, y newsletter.Why) string {
	switch y {
	case newsletter.ByReader:
		return w.Say("subs.why.reader")
	case newsletter.ByBounce:
		return w.Say("subs.why.bounce")
	case newsletter.ByComplaint:
		return w.Say("subs.why.complaint")
	case newsletter.ByStaff:
		return w.Say("subs.why.staff")
	case newsletter.ByImport:
		return w.Say("subs.why.import")
	case newsletter.ByAccountEnd:
		return w.Say("subs.why.account")
	}
	return string(y)
}

// suppressionWord says why an address gets nothing.
func suppressionWord(w *page.Language, r newsletter.Reason) string {
	switch r {
	case newsletter.Hard:
		return w.Say("supp.reason.hard")
	case newsletter.Soft:
		return w.Say("supp.reason.soft")
	case newsletter.Complaint:
		return w.Say("supp.reason.complaint")
	case newsletter.Import:
		return w.Say("supp.reason.import")
	default:
		return w.Say("supp.reason.staff")
	}
}

func (d *Desk) actOnSubscriber(v *visit, a *reader.Actor) (*page.Answer, error) {
	ctx, id := v.Context(), v.Path("id")
	u, _, _, err := d.Newsletters.SubscriberByID(ctx, a, id)
	if err != nil {
		return nil, err
	}
	done := "ended"
	switch v.Field("act") {
	case "end":
		err = d.Newsletters.RemoveFrom(ctx, a, v.Field("list"), id)
	case "suppress":
		done = "suppressed"
		_, err = d.Newsletters.Suppress(ctx, a, "", u.Email)
	case "lift":
		done = "lifted"
		if err = d.Newsletters.Lift(ctx, a, u.Email); problem.Is(err, problem.NotFound) {
			err = nil // somebody else was faster
		}
	default:
		err = &problem.Problem{Kind: problem.Invalid, Detail: "There is no such act."}
	}
	if err != nil {
		return nil, err
	}
	return page.SeeOther(subscriberAt + "/" + id + "?done=" + done), nil
}

// suppressionsPage is what suppressions.html shows: addresses that get nothing.
type suppressionsPage struct {
	lettersPage
	Look      string
	Rows      []suppressionRow
	Older     string
	Typed     string // addresses to add
	Note      string
	TypeError string
}

type suppressionRow struct{ Email, Reason, Detail, When string }

// maxAdded is how many addresses are added at a time.
const maxAdded = 500

func (d *Desk) showSuppressions(v *visit, a *reader.Actor) (*page.Answer, error) {
	p, err := d.suppressionsPage(v, a)
	if err != nil {
		return nil, err
	}
	return page.Show(v.suppressions.With(p)), nil
}

func (d *Desk) suppressionsPage(v *visit, a *reader.Actor) (p suppressionsPage, err error) {
	if p.lettersPage, err = d.lettersPage(v, a, suppressions, "supp.title"); err != nil {
		return p, err
	}
	p.Look = strings.TrimSpace(v.Get("q"))
	list, older, err := d.Newsletters.Suppressions(v.Context(), a, p.Look, v.Get("before"), maxSubscribers)
	if err != nil {
		return p, err
	}
	if older != "" {
		p.Older = suppressions + "?" + url.Values{"q": {p.Look}, "before": {older}}.Encode()
	}
	for _, x := range list {
		p.Rows = append(p.Rows, suppressionRow{x.Email, suppressionWord(v.words, x.Reason), x.Detail, v.words.Moment(x.Created)})
	}
	return p, nil
}

func (d *Desk) actOnSuppressions(v *visit, a *reader.Actor) (*page.Answer, error) {
	ctx := v.Context()
	if v.Field("act") == "lift" {
		if err := d.Newsletters.Lift(ctx, a, v.Field("email")); err != nil && !problem.Is(err, problem.NotFound) {
			return nil, err
		}
		return page.SeeOther(suppressions + "?done=lifted"), nil
	}
	typed := v.Field("emails")
	emails := slices.DeleteFunc(strings.FieldsFunc(typed, func(r rune) bool { return strings.ContainsRune("\r\n,; \t", r) }), func(s string) bool { return s == "" })
	err := d.suppressAll(v, a, emails)
	if err == nil {
		return page.SeeOther(suppressions + "?done=suppressed"), nil
	}
	bad := problem.Of(err)
	if bad == nil {
		return nil, err
	}
	p, err := d.suppressionsPage(v, a)
	if err != nil {
		return nil, err
	}
	p.Typed, p.Note, p.TypeError = typed, v.Field("note"), v.tells(bad)
	return page.Show(v.suppressions.With(p)).Status(bad.Kind.Status()), nil
}

// suppressAll suppresses all of some addresses, or none when one is none.
func (d *Desk) suppressAll(v *visit, a *reader.Actor, emails []string) error {
	switch {
	case len(emails) == 0:
		return &problem.Problem{Kind: problem.Invalid, Detail: "Write at least one address."}
	case len(emails) > maxAdded:
		return &problem.Problem{Kind: problem.Invalid, Detail: "These are too many addresses: 500 at a time."}
	}
	for _, e := range emails {
		if !strings.Contains(e, "@") {
			const format = "%s is not an e-mail address. Correct it, or take it out."
			return &problem.Problem{Kind: problem.Invalid, Detail: strings.Replace(format, "%s", e, 1), Format: format, Args: []any{e}}
		}
	}
	_, err := d.Newsletters.Suppress(v.Context(), a, strings.TrimSpace(v.Field("note")), emails...)
	return err
}
