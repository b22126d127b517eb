package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"slices"

	"kawaraban/internal/mail"
)

type mailCommands struct {
	Check   mailCheck   `cmd:"" help:"Ask the DNS what receivers of our letters ask, and say what to put where. Changes nothing."`
	Records mailRecords `cmd:"" help:"Print what has to stand in the DNS so that receivers believe our signatures."`
}

type mailRecords struct{}

// Run prints a TXT record for each key.
func (mailRecords) Run(p *process) error {
	m, err := p.settings.mail(p.PaperName)
	if err != nil {
		return err
	}
	if len(m.Keys) == 0 {
		fmt.Fprintln(p.stdout, `Letters are not signed: there is no DKIM key. Make one with "openssl genpkey -algorithm rsa -pkeyopt rsa_keygen_bits:2048 -out dkim.pem"
and name it with --dkim paper:dkim.pem. Leave that if the mail server signs for you.`)
		return nil
	}
	records, err := m.Records()
	if err != nil {
		return err
	}
	for _, r := range records {
		p.printRecord(r, "")
	}
	return nil
}

// printRecord prints a TXT record as a zone file has it.
func (p *process) printRecord(r mail.Record, before string) {
	fmt.Fprintf(p.stdout, "%s%s. TXT", before, r.Name)
	for part := range slices.Chunk([]byte(r.Text), maxText) {
		fmt.Fprintf(p.stdout, " %q", part)
	}
	fmt.Fprintln(p.stdout)
}

// maxText is how long one text of a TXT record may be (RFC 1035, 3.3); receivers
// put several together (RFC 6376, 3.6.2.2).
const maxText = 255

type mailCheck struct {
	JSON     bool   `help:"Print JSON, for programs."`
	Resolver string `placeholder:"HOST:PORT" help:"Ask this DNS server, and not that of this machine."`
}

// Run prints what the DNS says, and fails when something is bad.
func (c mailCheck) Run(ctx context.Context, p *process) error {
	m, err := p.settings.mail(p.PaperName)
	if err != nil {
		return err
	}
	found, err := m.CheckDNS(ctx, c.resolver())
	if err != nil {
		return err
	}
	if c.JSON {
		err = json.NewEncoder(p.stdout).Encode(struct {
			From     string         `json:"from"`
			Findings []mail.Finding `json:"findings"`
		}{m.From, found})
	} else {
		p.printFindings(m, found)
	}
	if err != nil {
		return err
	}
	bad := 0
	for _, f := range found {
		if f.Verdict == mail.Bad {
			bad++
		}
	}
	if bad > 0 {
		return fmt.Errorf("receivers will refuse letters from %s: %d of %d things in the DNS are bad", m.From, bad, len(found))
	}
	return nil
}

// resolver is whom to ask.
func (c mailCheck) resolver() *net.Resolver {
	if c.Resolver == "" {
		return net.DefaultResolver
	}
	return mail.ResolverAt(c.Resolver)
}

// printFindings prints findings for a person.
func (p *process) printFindings(m *mail.Sender, found []mail.Finding) {
	fmt.Fprintf(p.stdout, "Letters come from %s.\n", m.From)
	if len(m.Servers) == 0 {
		fmt.Fprintln(p.stdout, "No mail server is set (--smtp-host): they stay in the outbox.")
	}
	for _, f := range found {
		fmt.Fprintf(p.stdout, "\n%-7s %-5s  %s\n", f.Verdict, f.About, f.Name)
		for _, text := range f.Found {
			fmt.Fprintf(p.stdout, "  found: %s\n", text)
		}
		fmt.Fprintf(p.stdout, "  %s\n", f.Says)
		if f.Do != "" {
			fmt.Fprintf(p.stdout, "  %s\n", f.Do)
		}
		if f.Needs != nil {
			p.printRecord(*f.Needs, "  ")
		}
	}
}
