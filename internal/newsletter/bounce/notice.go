package bounce

import (
	"encoding/json"
	"regexp"
	"strings"
)

// complaint reads an abuse report (RFC 5965). What reports say that are made by
// programs, about signatures that fail (RFC 6591), touches nobody.
func complaint(m *letter) Report {
	about := parseFields(m.feedback)
	switch strings.ToLower(about.get("feedback-type")) {
	case "abuse", "fraud", "virus", "opt-out", "opt-out-list":
	default:
		return Report{Kind: Other}
	}
	named := append(about.all("original-rcpt-to"), about.all("removal-recipient")...)
	if len(named) == 0 { // the letter came to one reader
		named = []string{m.original.get("to")}
	}
	return of(complainers(named))
}

// complainers are those who complained: at least one, if blacked out.
func complainers(named []string) (list []Recipient) {
	known := map[string]bool{}
	for _, s := range named {
		if a := address(s); a != "" && !known[a] && len(list) < maxRecipients {
			known[a] = true
			list = append(list, Recipient{Address: a, Kind: Complaint})
		}
	}
	if len(list) == 0 {
		list = []Recipient{{Kind: Complaint}}
	}
	return list
}

// microsoft reads the reports of Outlook.com, which are the letter itself with
// a field for who complained.
func microsoft(m *letter) []Recipient {
	if who := m.original.get("x-hmxmroriginalrecipient"); who != "" {
		return complainers([]string{who})
	}
	return nil
}

// enough reads what Apple Mail writes when a reader presses "Unsubscribe".
func enough(m *letter) []Recipient {
	if strings.HasPrefix(strings.TrimSpace(m.text), "Apple Mail sent this email to unsubscribe from the message") {
		return complainers([]string{m.header.get("from")})
	}
	return nil
}

// amazon reads the notices of Amazon SES, which are JSON as text.
func amazon(m *letter) []Recipient {
	if !strings.HasSuffix(bare(m.header.get("from")), "@sns.amazonaws.com") {
		return nil
	}
	var outer struct{ Message string }
	text := strings.TrimSpace(strings.ReplaceAll(m.text, "!\n ", "")) // as sendmail breaks long lines
	if json.NewDecoder(strings.NewReader(text)).Decode(&outer) == nil && outer.Message != "" {
		text = outer.Message
	}
	var told struct {
		Bounce struct {
			BounceType        string
			BouncedRecipients []struct{ EmailAddress, Status, DiagnosticCode string }
		}
		Complaint struct {
			ComplainedRecipients []struct{ EmailAddress string }
		}
	}
	if json.NewDecoder(strings.NewReader(text)).Decode(&told) != nil {
		return nil
	}
	list := []Recipient{}
	for _, b := range told.Bounce.BouncedRecipients {
		if b.Status == "" && told.Bounce.BounceType == "Permanent" {
			b.Status = "5.0.0"
		}
		group := fields{{"final-recipient", b.EmailAddress}, {"status", or(b.Status, "4.0.0")}, {"action", "failed"}, {"diagnostic-code", b.DiagnosticCode}}
		if r, ok := status(group); ok && len(list) < maxRecipients {
			list = append(list, r)
		}
	}
	for _, c := range told.Complaint.ComplainedRecipients {
		if len(list) < maxRecipients {
			list = append(list, Recipient{Address: address(c.EmailAddress), Kind: Complaint})
		}
	}
	return list
}

var (
	failedLine  = regexp.MustCompile(`^<?([^\s<>:,;()]+@[^\s<>:,;()]+?)>?(?:$|:(?:\s|$)|<mailto:| \.\.\. | \((?:expanded|unrecoverable))`)
	failedWords = regexp.MustCompile(`(?i)did not reach the following recipient(?:s|\(s\))?: *<?([^\s<>:,;]+@[^\s<>:,;]+)`)
	senderLine  = regexp.MustCompile(`(?i)(sent by|from)\s*$`)
	delayWords  = regexp.MustCompile(`(?i)warning message only|warning only|not yet been delivered|has been delayed|will be retried|message delayed|\(delay\)`)
)

// A failure is a line of a notice that names an address, and where it stands.
type failure struct {
	address  string
	from, to int // what the notice says about it
}

// notice reads what a server wrote for people, in no form: the address at the
// beginning of a line, and below it why.
func notice(m *letter) (list []Recipient) {
	delayed := delayWords.MatchString(m.text) || delayWords.MatchString(m.header.get("subject"))
	found := failures(m.text)
	if named := m.header.all("x-failed-recipients"); len(named) > 0 {
		found = marked(named, found, len(m.text))
	}
	for _, f := range found {
		if len(list) == maxRecipients {
			break
		}
		r := Recipient{Address: f.address, Kind: Soft, Delayed: delayed}
		why := reason(m.text[f.from:f.to])
		code, enhanced := answer(why)
		r.Status, r.Diagnostic = enhanced, line(why)
		if !delayed {
			r.Kind = Of(code, enhanced, why)
		}
		list = append(list, r)
	}
	return list
}

// failures finds the lines that name an address.
func failures(text string) (list []failure) {
	at, before := 0, ""
	known := map[string]bool{}
	for l := range strings.Lines(text) {
		trimmed := strings.TrimSpace(l)
		hit := failedLine.FindStringSubmatch(trimmed[:min(len(trimmed), 2*maxAddress)])
		if hit == nil {
			hit = failedWords.FindStringSubmatch(trimmed[:min(len(trimmed), 2*maxAddress)])
		}
		if hit != nil && !senderLine.MatchString(before) {
			if a := address(hit[1]); a != "" && !known[a] && len(list) < maxRecipients {
				known[a] = true
				if n := len(list); n > 0 {
					list[n-1].to = at
				}
				list = append(list, failure{a, at, len(text)})
			}
		}
		if at += len(l); trimmed != "" {
			before = trimmed[max(0, len(trimmed)-100):]
		}
	}
	return list
}

// marked are the addresses of the field X-Failed-Recipients, each with what the
// text says about it, or with all of the text.
func marked(named []string, found []failure, size int) (list []failure) {
	for _, s := range named {
		for part := range strings.SplitSeq(s, ",") {
			f := failure{address(part), 0, size}
			for _, g := range found {
				if strings.EqualFold(g.address, f.address) {
					f = g
				}
			}
			if f.address != "" && len(list) < maxRecipients {
				list = append(list, f)
			}
		}
	}
	return list
}

// reason is the paragraph with the other server's answer, or everything when
// there is none: around it stand hints for people that would mislead.
func reason(text string) string {
	for p := range strings.SplitSeq(text, "\n\n") {
		if code, _ := answer(p); code > 0 {
			return p
		}
	}
	return text
}
