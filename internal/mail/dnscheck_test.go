package mail

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"strings"
	"testing"

	"kawaraban/internal/papertest"
)

// resolverOf knows zone and nothing else.
func resolverOf(t *testing.T, zone string) *net.Resolver {
	t.Helper()
	l, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		if err := papertest.ServeDNS(l, zone); !errors.Is(err, net.ErrClosed) {
			t.Errorf("the name server: %v", err)
		}
	}()
	return ResolverAt(l.LocalAddr().String())
}

// codes asks zone for a paper with one server and our keys, and returns the code
// of each finding.
func codes(t *testing.T, zone string, change func(*Sender)) (list []string, found []Finding) {
	t.Helper()
	s := &Sender{From: "post@paper.example", Servers: []Server{{SMTP: SMTP{Host: "mail.paper.example"}}}}
	if change != nil {
		change(s)
	}
	found, err := s.CheckDNS(t.Context(), resolverOf(t, zone))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range found {
		list = append(list, f.Code)
		if f.Says == "" || f.Verdict == "" || f.Name == "" || f.Verdict == Bad && f.Do == "" {
			t.Errorf("a finding says too little: %+v", f)
		}
	}
	return list, found
}

const goodZone = `
paper.example TXT google-site-verification=abc
paper.example TXT v=spf1 mx include:_spf.post.example ip6:2001:db8::/32 ~all
_spf.post.example TXT v=spf1 ip4:203.0.113.0/24 -all
paper.example MX 10 mail.paper.example.
mail.paper.example A 198.51.100.7
7.100.51.198.in-addr.arpa PTR mail.paper.example.
_dmarc.paper.example TXT v=DMARC1; p=quarantine; rua=mailto:post@paper.example
`

func TestCheckDNS(t *testing.T) {
	without := func(part string) string {
		var b strings.Builder
		for line := range strings.Lines(goodZone) {
			if !strings.Contains(line, part) {
				b.WriteString(line)
			}
		}
		return b.String()
	}
	for name, test := range map[string]struct {
		zone   string
		change func(*Sender)
		want   string
	}{
		"all is well":         {goodZone, nil, "spf-good dkim-no-key dmarc-good mx-good ptr-good"},
		"nothing is there":    {"", nil, "spf-missing dkim-no-key dmarc-missing mx-missing host-nowhere"},
		"no server":           {goodZone, func(s *Sender) { s.Servers = nil }, "spf-good dkim-no-key dmarc-good mx-good"},
		"a far server":        {goodZone + "smtp.far.example A 192.0.2.9", func(s *Sender) { s.Servers[0].Host = "smtp.far.example" }, "spf-other dkim-no-key dmarc-good mx-good ptr-missing"},
		"a server beside us":  {goodZone, func(s *Sender) { s.Servers[0].Host = "127.0.0.1" }, "spf-good dkim-no-key dmarc-good mx-good ptr-near"},
		"two SPF records":     {goodZone + "paper.example TXT v=spf1 -all", nil, "spf-several dkim-no-key dmarc-good mx-good ptr-good"},
		"SPF for all":         {without("spf1 mx") + "paper.example TXT v=spf1 +all", nil, "spf-open dkim-no-key dmarc-good mx-good ptr-good"},
		"SPF without an end":  {without("spf1 mx") + "paper.example TXT v=spf1 a:mail.paper.example", nil, "spf-endless dkim-no-key dmarc-good mx-good ptr-good"},
		"SPF that is none":    {without("spf1 mx") + "paper.example TXT v=spf1 ipv4:1.2.3.4 ~all", nil, "spf-broken dkim-no-key dmarc-good mx-good ptr-good"},
		"SPF that redirects":  {without("spf1 mx") + "paper.example TXT v=spf1 redirect=b.example\nb.example TXT v=spf1 ip4:198.51.100.0/24 -all", nil, "spf-good dkim-no-key dmarc-good mx-good ptr-good"},
		"SPF that turns":      {without("spf1 mx") + "paper.example TXT v=spf1 include:paper.example ~all", nil, "spf-long dkim-no-key dmarc-good mx-good ptr-good"},
		"SPF of a network":    {without("spf1 mx") + "paper.example TXT v=spf1 a:mail.paper.example/24 ~all", nil, "spf-good dkim-no-key dmarc-good mx-good ptr-good"},
		"SPF of many":         {without("spf1 mx") + "paper.example TXT v=spf1" + strings.Repeat(" a:mail.paper.example", 11) + " ~all", nil, "spf-long dkim-no-key dmarc-good mx-good ptr-good"},
		"SPF includes nobody": {without("_spf.post.example TXT"), nil, "spf-broken dkim-no-key dmarc-good mx-good ptr-good"},
		"DMARC further up":    {goodZone, func(s *Sender) { s.From = "post@news.paper.example" }, "spf-missing dkim-no-key dmarc-good mx-missing ptr-good"},
		"DMARC without words": {without("_dmarc") + "_dmarc.paper.example TXT v=DMARC1; p=none", nil, "spf-good dkim-no-key dmarc-blind mx-good ptr-good"},
		"DMARC that is none":  {without("_dmarc") + "_dmarc.paper.example TXT v=DMARC1; p=maybe", nil, "spf-good dkim-no-key dmarc-policy mx-good ptr-good"},
		"two DMARC":           {goodZone + "_dmarc.paper.example TXT v=DMARC1; p=none", nil, "spf-good dkim-no-key dmarc-several mx-good ptr-good"},
		"no letters":          {without(" MX ") + "paper.example MX 0 .", nil, "spf-other dkim-no-key dmarc-good mx-none ptr-good"},
		"MX to nowhere":       {goodZone + "paper.example MX 20 gone.paper.example.", nil, "spf-good dkim-no-key dmarc-good mx-nowhere ptr-good"},
		"a name that lies":    {without("PTR") + "7.100.51.198.in-addr.arpa PTR www.other.example.\nwww.other.example A 192.0.2.1", nil, "spf-good dkim-no-key dmarc-good mx-good ptr-missing"},
		"servers that fail":   {"paper.example FAIL\n_dmarc.paper.example FAIL\nmail.paper.example FAIL", nil, "not-asked dkim-no-key not-asked not-asked not-asked"},
	} {
		t.Run(name, func(t *testing.T) {
			if got, found := codes(t, test.zone, test.change); strings.Join(got, " ") != test.want {
				text, _ := json.MarshalIndent(found, "", " ")
				t.Errorf("%q, want %q\n%s", strings.Join(got, " "), test.want, text)
			}
		})
	}
}

// Our keys in the DNS are found, and what is wrong with them.
func TestCheckDKIM(t *testing.T) {
	keys := keysOf(t)
	sign := func(s *Sender) { s.Keys = keys }
	records, err := (&Sender{From: "post@paper.example", Keys: keys}).Records()
	if err != nil {
		t.Fatal(err)
	}
	for want, zone := range map[string]string{
		"dkim-good dkim-good":       records[0].Name + " TXT " + records[0].Text + "\n" + records[1].Name + " TXT " + strings.ReplaceAll(records[1].Text, "; ", ";"),
		"dkim-missing dkim-testing": records[1].Name + " TXT t=y; " + records[1].Text,
		"dkim-other dkim-revoked":   records[0].Name + " TXT " + records[1].Text + "\n" + records[1].Name + " TXT v=DKIM1; p=",
		"dkim-several dkim-missing": strings.Repeat(records[0].Name+" TXT "+records[0].Text+"\n", 2),
		"not-asked dkim-missing":    records[0].Name + " FAIL",
	} {
		got, found := codes(t, goodZone+zone, sign)
		if strings.Join(got, " ") != "spf-good "+want+" dmarc-good mx-good ptr-good" {
			t.Errorf("%q, want %q", got, want)
		}
		if f := found[1]; f.Code == "dkim-missing" && *f.Needs != records[0] {
			t.Errorf("needs %+v, want %+v", f.Needs, records[0])
		}
	}
}

// FuzzSPF reads any record, without asking anybody.
func FuzzSPF(f *testing.F) {
	for _, s := range []string{
		"v=spf1 mx a/24 a:b.example//64 ip4:1.2.3.4/8 ip6:: include:c redirect=d exp=e ~all", "v=spf1 + - ? exists:%{i}.x ptr", "v=spf1 mx:/ a:/// ip4: :",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, record string) {
		ctx, stop := context.WithCancel(t.Context())
		stop()
		l := &look{ctx: ctx, resolver: &net.Resolver{PreferGo: true}, domain: "paper.example"}
		l.judge(&Finding{Found: []string{"v=spf1 " + record}}, nil)
	})
}
