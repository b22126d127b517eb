// Package bounce reads what comes back when the paper sends letters: reports of
// mail servers, complaints of readers, answers of programs.
//
// It is pure: the bytes of a mail in, what it says out. Parse reads mails, Of
// says what an answer of a mail server means, Webhook reads what providers tell
// over HTTPS. None of them believes anything: that a report is about a letter of
// ours is for the caller to say, who knows to which address it came and whether
// the paper made that address.
//
// What is not understood touches nobody. An address is Hard only when a server
// says that there is nobody, not when it says that it does not like us.
package bounce

import (
	"strings"

	"kawaraban/internal/problem"
)

// A Kind is what a returned mail says about a reader's address.
type Kind string

const (
	Hard      Kind = "hard"      // nobody is there, or never will take mail
	Soft      Kind = "soft"      // not now: full, throttled, unreachable, or given up without a reason
	Policy    Kind = "policy"    // refused because of us: content, reputation, signature, size; the address is not to blame
	Complaint Kind = "complaint" // a reader said that it is spam, or that it is enough
	Reply     Kind = "reply"     // written by a program for a person who is away
	Other     Kind = "other"     // nothing to be learned
)

// A Report is what a mail says.
type Report struct {
	Kind       Kind        // of its recipients, the gravest
	Recipients []Recipient // whom it is about; nobody for Reply and Other

	// Of the letter that came back, where the mail tells; "" otherwise.
	MessageID  string
	FeedbackID string
	ReturnPath string // where it was to be returned to
}

// A Recipient is one address and what happened with it.
type Recipient struct {
	Address    string // "" when it was blacked out: then only the address tells that the report came to
	Kind       Kind
	Status     string // "5.1.1", or ""
	Diagnostic string // what the server said, in one line
	Delayed    bool   // Soft, and its server still tries: another report may follow
}

// Limits of what is read.
const (
	maxMail       = 1 << 20 // bytes; a report about a letter of ours is far smaller
	maxRecipients = 100     // of one report
	maxDiagnostic = 500     // bytes
	maxAddress    = 254     // bytes (RFC 5321)
)

// Parse reads a mail. An error is a Problem: it is too large, or no mail. A mail
// of which it makes nothing is Other.
func Parse(raw []byte) (Report, error) {
	if len(raw) > maxMail {
		return Report{}, &problem.Problem{Kind: problem.TooLarge, Detail: "A mail of more than 1 MB is no report."}
	}
	m := open(string(raw))
	if len(m.header) == 0 {
		return Report{}, &problem.Problem{Kind: problem.Invalid, Detail: "This is no mail: it has no header."}
	}
	r := read(m)
	m.name(&r)
	return r, nil
}

// read asks one form after the other, the surest first.
func read(m *letter) Report {
	if m.feedback != "" {
		return complaint(m)
	}
	if list := microsoft(m); list != nil {
		return of(list)
	}
	if m.status != "" {
		return of(statuses(m.status))
	}
	if list := amazon(m); list != nil {
		return of(list)
	}
	if m.daemon() {
		return of(notice(m))
	}
	if list := enough(m); list != nil {
		return of(list)
	}
	if m.automatic() {
		return Report{Kind: Reply}
	}
	return Report{Kind: Other}
}

// of makes a report of what its recipients say.
func of(list []Recipient) Report {
	r := Report{Kind: Other}
	for _, kind := range []Kind{Complaint, Hard, Soft, Policy} {
		for _, rec := range list {
			if rec.Kind == kind {
				r.Kind, r.Recipients = kind, list
				return r
			}
		}
	}
	return r
}

// name fills in which letter came back.
func (m *letter) name(r *Report) {
	if r.Kind == Reply || r.Kind == Other {
		return
	}
	about := parseFields(m.feedback + "\n" + firstGroup(m.status))
	r.MessageID = bare(or(m.original.get("message-id"), about.get("x-original-message-id"), about.get("message-id")))
	r.FeedbackID = line(m.original.get("feedback-id"))
	r.ReturnPath = bare(or(m.original.get("return-path"), about.get("original-mail-from"), after(about.get("x-postfix-sender"))))
}

// bare is an address or an id without its brackets.
func bare(s string) string {
	s = strings.TrimSpace(s)
	if i, j := strings.IndexByte(s, '<'), strings.LastIndexByte(s, '>'); i >= 0 && j > i {
		s = s[i+1 : j]
	}
	return line(s)
}

// address returns the mail address that s is, with or without brackets, or "".
func address(s string) string {
	s = strings.Trim(bare(s), `'`)
	at := strings.LastIndexByte(s, '@')
	if at < 1 || at == len(s)-1 || len(s) > maxAddress || strings.ContainsAny(s, " <>()[],;:|") {
		return ""
	}
	if strings.EqualFold(s[:at], "redacted") {
		return ""
	}
	return s
}

// line makes one short line of a stranger's text.
func line(s string) string {
	s = strings.ToValidUTF8(s, "�")
	s = strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r <= ' ' || r == 0x7f || 0x80 <= r && r < 0xa0 }), " ")
	if len(s) > maxDiagnostic {
		s = strings.ToValidUTF8(s[:maxDiagnostic], "") + "…"
	}
	return s
}

func or(list ...string) string {
	for _, s := range list {
		if s != "" {
			return s
		}
	}
	return ""
}
