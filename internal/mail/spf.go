package mail

import (
	"fmt"
	"net/netip"
	"strings"
)

// maxLookups is how many questions a receiver asks for one SPF record (RFC 7208,
// 4.6.4).
const maxLookups = 10

// A policy is an SPF record with those that it includes, as far as it can be
// known without a letter.
type policy struct {
	look     *look
	lookups  int
	networks []netip.Prefix
	unknown  bool // macros, or names that do not answer
	trouble  string
}

// spf checks who may send for our domain.
func (l *look) spf(hosts []string) {
	all, err := l.texts(l.domain, "v=spf1")
	if err != nil {
		l.unasked("SPF", l.domain, err)
		return
	}
	f := Finding{About: "SPF", Name: l.domain, Found: all, Verdict: Bad}
	want := "v=spf1"
	for _, h := range hosts {
		if a, err := netip.ParseAddr(h); err == nil {
			want += fmt.Sprintf(" ip%d:%s", map[bool]int{true: 4, false: 6}[a.Is4()], a)
		} else {
			want += " a:" + h
		}
	}
	f.Needs = &Record{Name: l.domain, Text: want + " ~all"}
	switch len(all) {
	case 0:
		f.Code, f.Says = "spf-missing", "The DNS does not say who may send letters for "+l.domain+"."
		f.Do = "Put this there. Where the mail server is not the one that receivers see, its operator says what to include."
	case 1:
		l.judge(&f, hosts)
	default:
		f.Code, f.Says, f.Do, f.Needs = "spf-several", "There are several records, which is an error for receivers.", "Make one of them.", nil
	}
	l.add(f)
}

// judge fills f for a domain with one record.
func (l *look) judge(f *Finding, hosts []string) {
	p := &policy{look: l}
	end := p.read(f.Found[0], 0)
	f.Needs = nil
	switch {
	case p.trouble != "":
		f.Code, f.Says, f.Do = "spf-broken", "Receivers cannot use the record: "+p.trouble+".", "Put that right."
		return
	case p.lookups > maxLookups:
		f.Code, f.Says = "spf-long", fmt.Sprintf("To read the record takes %d questions; after %d receivers give up.", p.lookups, maxLookups)
		f.Do = "Take out what you do not need, or write addresses (ip4:, ip6:) instead of names."
		return
	case end == '+':
		f.Code, f.Says, f.Do = "spf-open", "The record lets everybody send for us.", "Let it end with ~all or -all."
		return
	}
	f.Verdict, f.Code = Good, "spf-good"
	f.Says = fmt.Sprintf("The record lets our mail servers send, and takes %d of %d questions.", p.lookups, maxLookups)
	if end != '-' && end != '~' {
		f.Verdict, f.Code, f.Says, f.Do = Doubt, "spf-endless", "The record does not say what to think of other senders.", "Let it end with ~all or -all."
	}
	for _, host := range hosts {
		addresses, err := l.addresses(host)
		if err != nil || len(addresses) == 0 {
			continue // PTR says so
		}
		for _, a := range addresses {
			if !p.covers(a) && !a.IsLoopback() && !a.IsPrivate() {
				f.Verdict, f.Code = Doubt, "spf-other"
				f.Says = fmt.Sprintf("The address %s of %s is not among those that may send for us.", a, host)
				f.Do = fmt.Sprintf("If receivers see this address, add a:%s before the end of the record. If letters go on from there, their operator says what to include.", host)
				if p.unknown {
					f.Says += " A part of the record depends on the letter, and was not read."
				}
			}
		}
	}
}

func (p *policy) covers(a netip.Addr) bool {
	for _, n := range p.networks {
		if n.Contains(a) {
			return true
		}
	}
	return false
}

// read takes in one record and what it includes, and returns the qualifier of
// its "all": + - ~ ?, or 0 when it has none.
func (p *policy) read(record string, depth int) (end byte) {
	redirect := ""
	for _, term := range strings.Fields(record)[1:] {
		if name, value, ok := strings.Cut(term, "="); ok && !strings.ContainsAny(name, ":/") {
			if strings.EqualFold(name, "redirect") {
				redirect = value
			}
			continue
		}
		qualifier := byte('+')
		if strings.IndexByte("+-~?", term[0]) >= 0 {
			qualifier, term = term[0], term[1:]
		}
		if strings.EqualFold(term, "all") {
			return qualifier // what follows is not looked at
		}
		p.mechanism(term, qualifier == '+', depth)
	}
	if redirect != "" {
		return p.other(redirect, depth, "redirect")
	}
	return 0
}

// mechanism takes in one term; only those that let somebody send count for who
// may.
func (p *policy) mechanism(term string, lets bool, depth int) {
	name, value, _ := strings.Cut(term, ":")
	name, length, cut := strings.Cut(name, "/")
	if value != "" && strings.ToLower(name) != "ip4" && strings.ToLower(name) != "ip6" {
		value, length, cut = strings.Cut(value, "/")
	}
	if !cut {
		length = ""
	}
	if value == "" {
		value = p.look.domain
	}
	switch strings.ToLower(name) {
	case "ip4", "ip6":
		n, err := netip.ParsePrefix(value)
		if a, errAddr := netip.ParseAddr(value); errAddr == nil {
			n, err = netip.PrefixFrom(a, a.BitLen()), nil
		}
		if err != nil {
			p.trouble = words(term) + " is no address"
		} else if lets {
			p.networks = append(p.networks, n.Masked())
		}
	case "include":
		p.other(value, depth, "include")
	case "a":
		p.lookups++
		p.hosts([]string{value}, length, lets)
	case "mx":
		p.lookups++
		all, err := p.look.resolver.LookupMX(p.look.ctx, value+".")
		p.unknown = p.unknown || err != nil
		var names []string
		for _, m := range all {
			names = append(names, m.Host)
		}
		p.hosts(names, length, lets)
	case "ptr", "exists":
		p.lookups++
		p.unknown = true
	default:
		p.trouble = words(term) + " is nothing that SPF knows"
	}
}

// hosts lets the networks around the addresses of hosts send.
func (p *policy) hosts(names []string, length string, lets bool) {
	four, six, _ := strings.Cut(length, "//")
	for _, name := range names {
		if strings.Contains(name, "%") {
			p.unknown = true
			continue
		}
		addresses, err := p.look.addresses(name)
		p.unknown = p.unknown || err != nil
		for _, a := range addresses {
			bits := a.BitLen()
			if text := map[bool]string{true: four, false: six}[a.Is4()]; text != "" {
				if _, err := fmt.Sscanf(text, "%d", &bits); err != nil {
					bits = a.BitLen()
				}
			}
			if n, err := a.Prefix(bits); err == nil && lets {
				p.networks = append(p.networks, n)
			}
		}
	}
}

// other reads the record of another domain.
func (p *policy) other(domain string, depth int, how string) byte {
	p.lookups++
	if p.lookups > 2*maxLookups || depth > maxLookups {
		return 0 // it is too long in any case
	}
	if strings.Contains(domain, "%") {
		p.unknown = true
		return 0
	}
	all, err := p.look.texts(domain, "v=spf1")
	switch {
	case err != nil:
		p.unknown = true
	case len(all) != 1:
		p.trouble = fmt.Sprintf("%s of %s, which has %d records", how, words(domain), len(all))
	default:
		outer := p.look.domain
		p.look.domain = domain // what "a" and "mx" without a name are about
		defer func() { p.look.domain = outer }()
		return p.read(all[0], depth+1)
	}
	return 0
}
