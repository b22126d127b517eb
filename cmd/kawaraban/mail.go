package main

import (
	"fmt"
	"slices"
)

type mailCommands struct {
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
		fmt.Fprintf(p.stdout, "%s. TXT", r.Name)
		for part := range slices.Chunk([]byte(r.Text), maxText) {
			fmt.Fprintf(p.stdout, " %q", part)
		}
		fmt.Fprintln(p.stdout)
	}
	return nil
}

// maxText is how long one text of a TXT record may be (RFC 1035, 3.3); receivers
// put several together (RFC 6376, 3.6.2.2).
const maxText = 255
