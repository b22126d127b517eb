package roster

import (
	"strings"
	"time"

	"kawaraban/internal/problem"
)

// A record is one row of a table whose columns have names.
type record struct {
	cells   []string
	columns map[string]int
}

// get returns the first cell of some columns that is not empty.
func (r record) get(names ...string) string {
	for _, name := range names {
		if i, ok := r.columns[name]; ok && i < len(r.cells) {
			if s := strings.TrimSpace(r.cells[i]); s != "" {
				return s
			}
		}
	}
	return ""
}

func (r record) time(names ...string) time.Time { return moment(r.get(names...)) }

// A form is the table of one program.
type form struct {
	name string
	has  [][]string // columns that it must have: one of each list
	read func(record) Row
}

// forms are the programs that we know; the first that fits is it.
var forms = []form{
	{"kawaraban", [][]string{{"address"}, {"state"}}, readOwn},
	{"mailchimp", [][]string{{"email address"}, {"leid", "euid", "optin_time"}}, readMailchimp},
	{"listmonk", [][]string{{"uuid"}, {"email"}, {"status"}}, readListmonk},
	{"ghost", [][]string{{"email"}, {"subscribed_to_emails", "subscribed"}, {"labels", "note", "complimentary_plan", "stripe_customer_id"}}, readGhost},
	{"substack", [][]string{{"email"}, {"email_disabled"}, {"active_subscription", "expiry", "type", "plan"}}, readSubstack},
}

func recognise(columns map[string]int) *form {
	for i := range forms {
		fits := true
		for _, names := range forms[i].has {
			found := false
			for _, name := range names {
				_, ok := columns[name]
				found = found || ok
			}
			fits = fits && found
		}
		if fits {
			return &forms[i]
		}
	}
	return nil
}

// readOwn reads what Write wrote, and tables that people made like it.
func readOwn(r record) Row {
	row := Row{
		Address: unquote(r.get("address")), Since: r.time("since"), Lists: strings.Fields(unquote(r.get("lists"))), Language: unquote(r.get("language")),
		State: State(strings.ToLower(r.get("state"))),
	}
	for _, s := range States() {
		if row.State == s {
			return row
		}
	}
	row.Problem = sentence("The state “%s” is none of subscribed, pending, unsubscribed, bounced and complained.", cut(strings.ToValidUTF8(string(row.State), ""), 40))
	row.State = ""
	return row
}

// readMailchimp reads one of the three tables of an audience: it has a column for
// when somebody was cleaned, or unsubscribed, or neither.
func readMailchimp(r record) Row {
	row := Row{Address: r.get("email address"), State: Subscribed, Lists: tags(r.get("tags")), Language: r.get("language")}
	row.Since = r.time("confirm_time", "optin_time")
	_, cleaned := r.columns["clean_time"]
	_, left := r.columns["unsub_time"]
	switch {
	case cleaned:
		row.State, row.Since = Bounced, r.time("clean_time")
	case left:
		row.State, row.Since = Unsubscribed, r.time("unsub_time")
		if strings.Contains(strings.ToLower(r.get("unsub_reason")), "spam") {
			row.State = Complained
		}
	}
	return row
}

// readListmonk reads listmonk's subscribers. It does not say why it blocks one,
// so such an address is not written to at all.
func readListmonk(r record) Row {
	row := Row{Address: r.get("email"), Since: r.time("created_at"), Lists: tags(r.get("lists")), Language: r.get("lang", "language")}
	switch status := strings.ToLower(r.get("status")); status {
	case "enabled":
		row.State = Subscribed
	case "disabled":
		row.State, row.Since = Unsubscribed, r.time("updated_at")
	case "blocklisted", "blacklisted":
		row.State, row.Since = Bounced, r.time("updated_at")
	default:
		row.Problem = sentence("The status “%s” is none that listmonk has.", cut(strings.ToValidUTF8(status, ""), 40))
	}
	return row
}

// readGhost reads Ghost's members.
func readGhost(r record) Row {
	row := Row{Address: r.get("email"), Since: r.time("created_at"), Lists: tags(r.get("labels"))}
	row.State, row.Problem = flag(r.get("subscribed_to_emails", "subscribed"), Subscribed, Unsubscribed)
	if r.get("deleted_at") != "" {
		row.State, row.Since = Unsubscribed, r.time("deleted_at")
	}
	return row
}

// readSubstack reads Substack's list of addresses, of which there are several
// kinds. Whether somebody pays says nothing about letters.
func readSubstack(r record) Row {
	row := Row{Address: r.get("email"), Since: r.time("created_at"), Lists: tags(r.get("type", "plan"))}
	row.State, row.Problem = flag(r.get("email_disabled"), Unsubscribed, Subscribed)
	return row
}

// flag reads a cell that says yes or no. What is neither is a Problem: to take it
// for yes would write to somebody who said no.
func flag(s string, yes, no State) (State, *problem.Problem) {
	switch strings.ToLower(s) {
	case "true", "1", "yes":
		return yes, nil
	case "false", "0", "no":
		return no, nil
	}
	return "", sentence("“%s” says neither yes nor no to letters.", cut(strings.ToValidUTF8(s, ""), 40))
}

// moment reads a time as programs write it; those without a zone mean UTC. It is
// zero when there is none.
func moment(s string) time.Time {
	if len(s) > 40 {
		return time.Time{}
	}
	for _, layout := range []string{
		time.RFC3339Nano, "2006-01-02 15:04:05", "2006-01-02 15:04:05.999999Z07:00", "2006-01-02 15:04:05Z07", "2006-01-02 15:04:05 -0700 MST", time.DateOnly,
	} {
		if t, err := time.Parse(layout, s); err == nil && t.Year() >= 1990 && t.Year() < 2200 {
			return t.UTC()
		}
	}
	return time.Time{}
}

// tags splits a cell with several names in it: a,b or "a","b".
func tags(s string) (list []string) {
	for part := range strings.SplitSeq(s, ",") {
		if part = strings.Trim(part, "\" \t"); part != "" && len(list) < maxLists {
			list = append(list, part)
		}
	}
	return list
}
