package main

import (
	"context"
	"fmt"
	"net"
	"strings"
	"time"

	"kawaraban/internal/mail"
	"kawaraban/internal/newsletter/bounce"
)

// bounceDomain is the domain of the addresses to which letters come back.
func (s *settings) bounceDomain(sender *mail.Sender) string {
	if s.BounceDomain != "" {
		return s.BounceDomain
	}
	_, domain, _ := strings.Cut(sender.From, "@")
	return domain
}

// mailbox is where letters lie that came back; nil without one.
func (s *settings) mailbox() (*mail.Mailbox, error) {
	if s.BounceIMAP == "" {
		if s.BounceIMAPDone != "" || !s.BounceIMAPPassword.IsZero() {
			return nil, invalid("bounce_imap", "there is a password or a folder for a mailbox, and no mailbox")
		}
		return nil, nil
	}
	m, err := mail.ParseMailbox(s.BounceIMAP)
	if err != nil {
		return nil, err
	}
	if s.BounceIMAPPassword.IsZero() {
		return nil, invalid("bounce_imap", "its password is missing; write it into a file and name that with --bounce-imap-password-file")
	}
	m.Password, m.Done = s.BounceIMAPPassword.Reveal(), s.BounceIMAPDone
	return m, nil
}

// checkReturns refuses settings with which nothing can come back.
func (s *settings) checkReturns() error {
	if _, err := mail.ParseAddress("bounces@" + s.BounceDomain); s.BounceDomain != "" && err != nil {
		return invalid("bounce_domain", "%q is no domain; write one such as paper.example", s.BounceDomain)
	}
	_, err := s.mailbox()
	return err
}

// returns takes the address on which mail comes back and gives what waits for
// it; neither without the settings.
func (p *paper) returns() (wait []func(context.Context), err error) {
	sender, err := p.settings.mail(p.name())
	if err != nil {
		return nil, err
	}
	domain := p.settings.bounceDomain(sender)
	known := func(address string) bool {
		_, of, _ := strings.Cut(address, "@")
		return strings.EqualFold(of, domain) && p.returnsTo(address)
	}
	m, err := p.settings.mailbox()
	if err != nil {
		return nil, err
	}
	if m != nil {
		m.Known, m.Take, m.Log, m.Now = known, p.returned, p.log, time.Now
		wait = append(wait, m.Run)
	}
	if p.settings.BounceListen == "" {
		return wait, nil
	}
	l, lmtp, err := mail.ListenMail(p.settings.BounceListen)
	if err != nil {
		return nil, fmt.Errorf("mail cannot come back on %s (%w); write host:port or unix:/path/to/socket with --bounce-listen", p.settings.BounceListen, cause(err))
	}
	r := &mail.Receiver{Domain: domain, Known: known, Take: p.returned, Log: p.log}
	return append(wait, func(ctx context.Context) { p.receive(ctx, r, l, lmtp) }), nil
}

func (p *paper) receive(ctx context.Context, r *mail.Receiver, l net.Listener, lmtp bool) {
	defer l.Close()
	p.log.Info("mail may come back", "listen", l.Addr().String(), "domain", r.Domain)
	if err := r.Serve(ctx, l, lmtp); err != nil {
		p.log.Error("no mail comes back any more; restart the paper", "error", err)
	}
}

// bouncesTo reports whether an address is one to which letters come back: bounces,
// alone or with a plus and more.
func bouncesTo(address string) bool {
	local, _, _ := strings.Cut(strings.ToLower(address), "@")
	return local == "bounces" || strings.HasPrefix(local, "bounces+")
}

// logReturned says what came back, and keeps nothing.
func (p *paper) logReturned(_ context.Context, address string, raw []byte) error {
	r, err := bounce.Parse(raw)
	if err != nil {
		p.log.Warn("what came back is no mail", "to", address, "error", err)
		return nil // trying again makes no mail of it
	}
	status := ""
	if len(r.Recipients) > 0 {
		status = r.Recipients[0].Status
	}
	p.log.Info("a letter came back", "to", address, "kind", r.Kind, "recipients", len(r.Recipients), "status", status, "letter", r.MessageID)
	return nil
}
