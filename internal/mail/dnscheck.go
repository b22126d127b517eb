package mail

import (
	"cmp"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"time"
)

// dnsTimeout is for everything that CheckDNS asks together.
const dnsTimeout = 30 * time.Second

// A Verdict says whether what stands in the DNS suits.
type Verdict string

const (
	Good    Verdict = "good"
	Doubt   Verdict = "doubt" // letters arrive, or perhaps
	Bad     Verdict = "bad"   // receivers refuse letters for it
	Unknown Verdict = "unknown"
)

// A Finding is what the DNS says about one thing, and what to do.
type Finding struct {
	About   string   `json:"about"` // "SPF", "DKIM", "DMARC", "MX", "PTR"
	Name    string   `json:"name"`  // where it stands in the DNS
	Verdict Verdict  `json:"verdict"`
	Code    string   `json:"code"`            // the sentence below, for programs: "spf-missing"
	Found   []string `json:"found,omitempty"` // the records, as they are
	Says    string   `json:"says"`
	Do      string   `json:"do,omitempty"`    // what to put where; "" when nothing
	Needs   *Record  `json:"needs,omitempty"` // the record that is to be there
}

// A look is one reading of the DNS.
type look struct {
	ctx      context.Context
	resolver *net.Resolver
	domain   string // of the paper's address, and of the envelope's sender
	from     string
	found    []Finding
}

// CheckDNS asks resolver what receivers of our letters ask: who may send for our
// domain, with which keys, what is to become of other letters, where answers go
// and what the sending machines are called. It changes nothing.
func (s *Sender) CheckDNS(ctx context.Context, resolver *net.Resolver) ([]Finding, error) {
	ctx, cancel := context.WithTimeout(ctx, dnsTimeout)
	defer cancel()
	l := &look{ctx: ctx, resolver: resolver, domain: domainOf(s.From), from: s.From}
	records, err := s.Records()
	if err != nil {
		return nil, err
	}
	l.spf(s.hosts())
	l.dkim(records, len(s.Servers) > 0)
	l.dmarc()
	l.mx()
	for _, host := range s.hosts() {
		l.ptr(host)
	}
	return l.found, nil
}

// ResolverAt returns a resolver that asks the DNS server at address, host:port.
func ResolverAt(address string) *net.Resolver {
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, address)
	}}
}

// hosts are the mail servers that letters leave by.
func (s *Sender) hosts() (list []string) {
	for i := range s.Servers {
		if h := s.Servers[i].Host; !slices.Contains(list, h) {
			list = append(list, h)
		}
	}
	return list
}

// add keeps a finding; an empty code leaves it out.
func (l *look) add(f Finding) { l.found = append(l.found, f) }

// unasked is the finding for a question that got no answer.
func (l *look) unasked(about, name string, err error) {
	l.add(Finding{
		About: about, Name: name, Verdict: Unknown, Code: "not-asked",
		Says: "The DNS did not answer: " + words(err.Error()) + ".", Do: "Try again later, or ask another server with --resolver.",
	})
}

// texts are the TXT records of a name that begin with a word; none is no error.
func (l *look) texts(name, begins string) (list []string, err error) {
	all, err := l.resolver.LookupTXT(l.ctx, name+".")
	if isNotFound(err) {
		return nil, nil
	}
	for _, text := range all {
		if word, _, _ := strings.Cut(text, ";"); strings.EqualFold(strings.TrimSpace(word), begins) ||
			len(text) >= len(begins) && strings.EqualFold(text[:len(begins)], begins) && (len(text) == len(begins) || text[len(begins)] == ' ') {
			list = append(list, text)
		}
	}
	return list, err
}

// addresses are those of a host; none is no error.
func (l *look) addresses(host string) ([]netip.Addr, error) {
	if a, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{a.Unmap()}, nil
	}
	list, err := l.resolver.LookupNetIP(l.ctx, "ip", strings.TrimSuffix(host, ".")+".")
	if isNotFound(err) {
		return nil, nil
	}
	for i := range list {
		list[i] = list[i].Unmap()
	}
	slices.SortFunc(list, netip.Addr.Compare)
	return slices.Compact(list), err
}

func isNotFound(err error) bool {
	e, ok := errors.AsType[*net.DNSError](err)
	return ok && e.IsNotFound
}

// tags reads a list such as "v=DKIM1; k=rsa; p=…".
func tags(text string) map[string]string {
	all := map[string]string{}
	for pair := range strings.SplitSeq(text, ";") {
		if key, value, ok := strings.Cut(pair, "="); ok {
			all[strings.TrimSpace(key)] = strings.TrimSpace(value)
		}
	}
	return all
}

// dkim holds the public halves in the DNS against our keys.
func (l *look) dkim(records []Record, sends bool) {
	if len(records) == 0 {
		f := Finding{
			About: "DKIM", Name: "…._domainkey." + l.domain, Verdict: Bad, Code: "dkim-no-key", Says: "We do not sign: there is no key (--dkim).",
			Do: "Make one, name it with --dkim, and put what kawaraban mail records prints into the DNS; or make sure that the mail server signs for " + l.domain + ".",
		}
		if sends {
			f.Verdict = Unknown // the server may sign
		}
		l.add(f)
		return
	}
	for _, r := range records {
		all, err := l.resolver.LookupTXT(l.ctx, r.Name+".")
		if err != nil && !isNotFound(err) {
			l.unasked("DKIM", r.Name, err)
			continue
		}
		f := Finding{About: "DKIM", Name: r.Name, Found: all, Verdict: Bad, Needs: &r, Do: "Put this there instead."}
		switch {
		case len(all) == 0:
			f.Code, f.Says, f.Do = "dkim-missing", "There is no key.", "Put this there."
		case len(all) > 1:
			f.Code, f.Says = "dkim-several", "There are several records; receivers take any of them."
		case !sameKey(all[0], r.Text):
			f.Code, f.Says = "dkim-other", "There is another key than the one that we sign with."
			if tags(all[0])["p"] == "" {
				f.Code, f.Says = "dkim-revoked", "The key is revoked."
			}
		case slices.Contains(strings.Split(tags(all[0])["t"], ":"), "y"):
			f.Verdict, f.Code, f.Says = Doubt, "dkim-testing", "It is our key, marked as a test (t=y): receivers may act as if we did not sign."
		default:
			f.Verdict, f.Code, f.Says, f.Do, f.Needs = Good, "dkim-good", "It is our key, and signs for the domain of our address.", "", nil
		}
		l.add(f)
	}
}

// sameKey reports whether two records publish one key.
func sameKey(a, b string) bool {
	key := func(text string) string {
		all := tags(text)
		raw, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(all["p"]), ""))
		if err != nil {
			return "?" + text
		}
		return cmp.Or(all["k"], "rsa") + " " + string(raw)
	}
	return key(a) == key(b)
}

// dmarc looks for what receivers are to do with letters that are not ours.
func (l *look) dmarc() {
	at := "_dmarc." + l.domain
	want := &Record{Name: at, Text: "v=DMARC1; p=none; rua=mailto:" + l.from}
	for domain := l.domain; strings.Contains(domain, "."); _, domain, _ = strings.Cut(domain, ".") { // up to the organisation's
		name := "_dmarc." + domain
		all, err := l.texts(name, "v=DMARC1")
		if err != nil {
			l.unasked("DMARC", name, err)
			return
		}
		if len(all) == 0 {
			continue
		}
		f := Finding{About: "DMARC", Name: name, Found: all, Verdict: Good, Code: "dmarc-good"}
		t := tags(all[0])
		policy := t["p"]
		if sp := t["sp"]; sp != "" && domain != l.domain {
			policy = sp
		}
		switch {
		case len(all) > 1:
			f.Verdict, f.Code, f.Says, f.Do = Bad, "dmarc-several", "There are several records, which is as good as none.", "Leave one."
		case policy != "none" && policy != "quarantine" && policy != "reject":
			f.Verdict, f.Code, f.Says, f.Do, f.Needs = Bad, "dmarc-policy", "It has no policy that receivers know.", "Write p=none, p=quarantine or p=reject.", want
		case t["rua"] == "":
			f.Verdict, f.Code = Doubt, "dmarc-blind"
			f.Says, f.Do = "The policy is "+policy+", and nobody is told what happens to letters in our name.", "Add rua=mailto: and an address where reports are read."
		case policy == "none":
			f.Says = "The policy is none: receivers only report. Once the reports show none but our own letters, make it quarantine."
		default:
			f.Says = "The policy is " + policy + "."
		}
		if f.Verdict != Bad {
			f.Says += " Envelope and signature have the domain of our address, so that both are aligned with it."
		}
		l.add(f)
		return
	}
	l.add(Finding{
		About: "DMARC", Name: at, Verdict: Bad, Code: "dmarc-missing", Says: "There is no policy; large receivers refuse letters to many without one.",
		Do: "Put this there; reports then come to the address in it.", Needs: want,
	})
}

// mx looks for where answers and reports of failure go.
func (l *look) mx() {
	all, err := l.resolver.LookupMX(l.ctx, l.domain+".")
	if err != nil && !isNotFound(err) && len(all) == 0 {
		l.unasked("MX", l.domain, err)
		return
	}
	f := Finding{About: "MX", Name: l.domain, Verdict: Good, Code: "mx-good", Says: "Answers, and reports that a letter did not arrive, have a server to go to."}
	for _, m := range all {
		f.Found = append(f.Found, fmt.Sprintf("%d %s", m.Pref, m.Host))
	}
	bad := func(code, says, do string) { f.Verdict, f.Code, f.Says, f.Do = Bad, code, says, do }
	switch {
	case len(all) == 0:
		bad("mx-missing", "Nothing takes letters to "+l.from+": reports that a letter did not arrive get lost, and some receivers refuse senders that cannot be answered.",
			"Put an MX record there that names the server with this mailbox.")
	case all[0].Host == ".":
		bad("mx-none", "The domain says that it takes no letters at all.", "Put an MX record there that names the server with this mailbox, or use --mail-from with another domain.")
	default:
		for _, m := range all {
			addresses, err := l.addresses(m.Host)
			if err != nil {
				l.unasked("MX", m.Host, err)
			} else if len(addresses) == 0 {
				bad("mx-nowhere", "The server "+m.Host+" has no address.", "Give it one, or take it out.")
			}
		}
	}
	l.add(f)
}

// ptr holds the names of a server's addresses against the addresses themselves.
func (l *look) ptr(host string) {
	addresses, err := l.addresses(host)
	if err != nil {
		l.unasked("PTR", host, err)
		return
	}
	if len(addresses) == 0 {
		l.add(Finding{About: "PTR", Name: host, Verdict: Bad, Code: "host-nowhere", Says: "The mail server has no address.", Do: "Look at its name in the settings."})
	}
	for _, a := range addresses {
		l.reverse(host, a)
	}
}

// reverse checks one address.
func (l *look) reverse(host string, a netip.Addr) {
	f := Finding{About: "PTR", Name: a.String(), Verdict: Doubt}
	if a.IsLoopback() || a.IsPrivate() {
		f.Verdict, f.Code = Unknown, "ptr-near"
		f.Says = "The mail server " + host + " is in our own network; what receivers see of it cannot be seen from here."
		l.add(f)
		return
	}
	names, err := l.resolver.LookupAddr(l.ctx, a.String())
	if err != nil && !isNotFound(err) {
		l.unasked("PTR", a.String(), err)
		return
	}
	f.Found = names
	for _, name := range names {
		back, err := l.addresses(name)
		if err == nil && slices.Contains(back, a) {
			f.Verdict, f.Code, f.Says = Good, "ptr-good", "The address is called "+strings.TrimSuffix(name, ".")+", which leads back to it."
			l.add(f)
			return
		}
	}
	f.Code, f.Says = "ptr-missing", "The address of "+host+" has no name that leads back to it. If receivers see this address, they refuse its letters."
	f.Do = "Whoever gives out the address (the hosting company) sets its PTR record; the name's own address must be the same."
	l.add(f)
}
