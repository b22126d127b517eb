package bounce

import (
	"regexp"
	"strconv"
	"strings"
)

// statuses reads a delivery status (RFC 3464, 2): groups of fields, the first
// about the whole, each other about a recipient. Some servers leave out the
// empty lines between, so a field that comes again begins a recipient too.
func statuses(text string) (list []Recipient) {
	var group fields
	flush := func() {
		if r, ok := status(group); ok && len(list) < maxRecipients {
			list = append(list, r)
		}
		group = nil
	}
	for block := range strings.SplitSeq(strings.TrimLeft(text, "\n"), "\n\n") {
		for _, f := range parseFields(block) {
			switch f.name {
			case "original-recipient", "final-recipient", "action", "status", "diagnostic-code":
				if group.get(f.name) != "" {
					flush()
				}
				group = append(group, f)
			}
		}
		flush()
	}
	return list
}

// firstGroup is what a delivery status says about the whole.
func firstGroup(text string) string {
	head, _, _ := strings.Cut(strings.TrimLeft(text, "\n"), "\n\n")
	return head
}

var statusForm = regexp.MustCompile(`^[245]\.\d{1,3}\.\d{1,3}`)

// status is what one group says. The address to which the letter was sent is
// the original one, where a mail server has sent it on to another.
func status(group fields) (r Recipient, ok bool) {
	if group.get("final-recipient") == "" && group.get("original-recipient") == "" {
		return r, false
	}
	r.Address = or(address(after(group.get("original-recipient"))), address(after(group.get("final-recipient"))))
	r.Status = statusForm.FindString(group.get("status"))
	said := line(after(group.get("diagnostic-code")))
	// What the other server said names the status better than the one that
	// returned the letter does.
	code, enhanced := answer(said)
	if r.Status == "" || strings.HasSuffix(r.Status, ".0.0") && enhanced != "" {
		r.Status = or(enhanced, r.Status)
	}
	r.Diagnostic = said
	switch action := strings.ToLower(group.get("action")); {
	case strings.HasPrefix(action, "delayed"):
		r.Kind, r.Delayed = Soft, true
	case strings.HasPrefix(action, "failed"), action == "" && r.Status != "" && r.Status[0] != '2':
		r.Kind = Of(code, r.Status, said)
	default: // delivered, relayed, expanded
		return r, false
	}
	return r, true
}

// after is a value without the word that says of what sort it is: "rfc822; a@b".
func after(value string) string {
	if kind, rest, ok := strings.Cut(value, ";"); ok && !strings.ContainsAny(strings.TrimSpace(kind), " @<") {
		return strings.TrimSpace(rest)
	}
	return value
}

var (
	codeForm     = regexp.MustCompile(`(?:^|[\s'"(:;>])([45]\d\d)(?:[\s:'-]|$)`)
	enhancedForm = regexp.MustCompile(`(?:^|[\s#'"(:;-])([245]\.\d{1,3}\.\d{1,3})(?:[\s:;,.)'-]|$)`)
)

// answer finds the code and the enhanced code in what a server said.
func answer(text string) (code int, enhanced string) {
	if m := codeForm.FindStringSubmatch(text); m != nil {
		code, _ = strconv.Atoi(m[1]) // three digits
	}
	if m := enhancedForm.FindStringSubmatch(text); m != nil {
		enhanced = m[1]
	}
	return code, enhanced
}
