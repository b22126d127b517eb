package bounce

import (
	"regexp"
	"strings"
)

// said are the words by which servers tell why, the first that fit decide. They
// come before the codes, because many servers give one code for everything.
var said = []struct {
	kind Kind
	form *regexp.Regexp
}{
	// A server that does not know itself.
	{Soft, regexp.MustCompile(`may not exist`)},
	{Soft, regexp.MustCompile(`(mailbox|inbox|account|storage).{0,20} full|over ?quota|quota.{0,20} exceed|exceed.{0,20} (quota|storage)|(not enough|insufficient|no).{0,12} (space|storage)|mailbox size limit`)},
	// Microsoft's words for an address that is not in the directory.
	{Hard, regexp.MustCompile(`recipient address rejected: access denied`)},
	{Policy, regexp.MustCompile(`sender.{0,20} (reject|denied|refused|invalid|blocked|not )|(domain of|valid|invalid) sender|not allowed to send|from: ?domain|from: header`)},
	{Hard, regexp.MustCompile(`(user|recipient|mailbox|account|alias|address).{0,8}(unknown|not found|not known)|(unknown|no such|not a (registered|valid|known)) .{0,20}(user|recipient|mailbox|account|alias|address|person)|(user|recipient|mailbox|account|alias|address).{0,50}(does ?n[o']t exist|no longer|does not have)|recipientnotfound|not our customer`)},
	{Policy, regexp.MustCompile(`\b(spf|dkim|dmarc|ptr|rdns|dnsbl|rbl|virus|malware|unsolicited|bulk|junk|reputation|banned|abuse|policy)\b|spam|block(ed|list)|black ?list|deny ?list|reverse dns|bloqu|rejet|(message|mail|size).{0,20}(too (big|large)|exceed)|content (reject|denied)|header error`)},
	// What refused the connection, the sender or the text was not about the address.
	{Policy, regexp.MustCompile(`\b5\d\d\b.*in reply to (ehlo|helo|mail from|end of data)|after (initial connection|end of data|mail from|helo|ehlo).*\b5\d\d\b|refused to talk to me.*\b5\d\d\b`)},
	{Soft, regexp.MustCompile(`try (again|later)|too many (connections|messages|recipients)|rate limit|temporar`)},
	{Hard, regexp.MustCompile(`nxdomain|(host|domain name|domain) not found|no mx record|unknown host|invalid domain|domain.{0,60}(does ?n[o']t exist|could ?n[o']t be found)|null ?mx|does not accept (e-?)?mail`)},
	{Soft, regexp.MustCompile(`socket error|timed? ?out|requests to connect|connection (refused|reset|lost|closed)|not reachable|unreachable|giving up|retry time|multiple retries|lookup fail`)},
}

// weak are words that count when the codes say nothing.
var weak = []struct {
	kind Kind
	form *regexp.Regexp
}{
	{Hard, regexp.MustCompile(`(recipient|address|user|mailbox|account|destinataire).{0,30}(reject|invalid|unavailable|disabled|inactive|suspended|deactivated|closed)|(invalid|disabled|inactive|expired) .{0,10}(recipient|address|user|mailbox|account)`)},
	{Policy, regexp.MustCompile(`denied|reject|refused|not (accepted|permitted|authori[sz]ed|allowed)`)},
}

var (
	addressForm = regexp.MustCompile(`<[^<>\s]*>|[^\s<>]+@[^\s<>]+`)
	wrappedForm = regexp.MustCompile(`unknown address error ([45]\d\d)-'(.*)`)
)

// Of says what an answer of a mail server means: its code (0 when unknown), its
// enhanced code ("5.1.1", or "") and its words. The same table serves for a
// report and for an answer given while we send.
func Of(code int, enhanced, text string) Kind {
	text = strings.ToLower(line(text))
	if m := wrappedForm.FindStringSubmatch(text); m != nil { // IronPort puts one answer into another
		code, enhanced = answer(m[1] + " " + m[2])
		text = m[2]
	}
	text = addressForm.ReplaceAllStringFunc(text, func(s string) string {
		if strings.Contains(s, "@") {
			return "" // spam@example.com says nothing about spam
		}
		return s
	})
	switch class(code, enhanced) {
	case '2':
		return Other
	case '4':
		if code == 0 && strings.Contains(text, "nxdomain") { // no server's answer: there is none
			return Hard
		}
		return Soft
	}
	for _, rule := range said {
		if rule.form.MatchString(text) {
			return rule.kind
		}
	}
	if kind := byStatus(enhanced); kind != "" {
		return kind
	}
	for _, rule := range weak {
		if rule.form.MatchString(text) {
			return rule.kind
		}
	}
	return byCode(code, enhanced)
}

// class is the first digit of an answer: of the code, which the other server
// gave, before the enhanced one, which may be our own server's.
func class(code int, enhanced string) byte {
	switch {
	case code >= 200 && code < 600:
		return byte('0' + code/100)
	case enhanced != "":
		return enhanced[0]
	}
	return 0
}

// byStatus is what an enhanced code means (RFC 3463, 5248, 7505), or "" when it
// leaves that open.
func byStatus(enhanced string) Kind {
	switch enhanced {
	case "5.1.7", "5.1.8", "5.1.9": // the sender's address
		return Policy
	case "5.2.0", "5.2.2", "5.2.4":
		return Soft
	case "5.2.3", "5.3.4": // too large
		return Policy
	case "5.4.4", "5.4.310": // no way to that domain
		return Hard
	}
	for _, row := range []struct {
		prefix string
		kind   Kind
	}{{"5.1.", Hard}, {"5.2.", Hard}, {"5.3.", Soft}, {"5.4.", Soft}, {"5.6.", Policy}, {"5.7.", Policy}} {
		if strings.HasPrefix(enhanced, row.prefix) {
			return row.kind
		}
	}
	return ""
}

// byCode is what is left when neither words nor the enhanced code say why.
func byCode(code int, enhanced string) Kind {
	switch {
	case code == 521, code == 550, code == 551, code == 553, code == 556:
		return Hard
	case code == 552: // full
		return Soft
	case code >= 500 && code < 600: // how or what we sent
		return Policy
	case enhanced == "5.0.0":
		return Hard
	}
	return Soft // it failed, and nobody says why
}
