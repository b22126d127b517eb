package main

import (
	"context"
	"fmt"
	"net"
	"strings"
	"time"

	"kawaraban/internal/mail"
	"kawaraban/internal/newsletter"
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

// mailHooks are the secrets of providers, by their names.
func (s *settings) mailHooks() (map[string]string, error) {
	hooks := map[string]string{}
	for _, pair := range strings.Fields(s.MailHooks.Reveal()) {
		provider, secret, ok := strings.Cut(pair, "=")
		if !ok { // what it is must not be printed: it may be a secret
			return nil, invalid("mail_hooks", "an entry is not provider=SECRET")
		}
		if err := bounce.CheckSecret(provider, secret); err != nil {
			return nil, invalid("mail_hooks", "%s", strings.TrimSuffix(err.Error(), "."))
		}
		if hooks[provider] != "" {
			return nil, invalid("mail_hooks", "%s is there twice", provider)
		}
		hooks[provider] = secret
	}
	return hooks, nil
}

// checkReturns refuses settings with which nothing can come back.
func (s *settings) checkReturns() error {
	if _, err := mail.ParseAddress("bounces@" + s.BounceDomain); s.BounceDomain != "" && err != nil {
		return invalid("bounce_domain", "%q is no domain; write one such as paper.example", s.BounceDomain)
	}
	if _, err := s.mailHooks(); err != nil {
		return err
	}
	_, err := s.mailbox()
	return err
}

// bounces is the mailbox to which letters come back: with a plus and a token for each
// letter, alone for complaints that mail services send to one address.
const bounces = "bounces"

// A way is how what comes back to letters reaches the paper: by mail to addresses of
// one domain.
type way struct {
	domain  string
	letters *newsletter.Store
}

// token is what an address has after the plus; "" for complaints.
func (w way) token(address string) (token string, ours bool) {
	local, domain, _ := strings.Cut(strings.ToLower(address), "@")
	name, token, plus := strings.Cut(local, "+")
	return token, name == bounces && strings.EqualFold(domain, w.domain) && plus == (token != "")
}

// known reports whether an address is one to which letters come back.
func (w way) known(address string) bool {
	token, ours := w.token(address)
	return ours && (token == "" || w.letters.Known(token))
}

// take does what a mail says that came back.
func (w way) take(ctx context.Context, address string, raw []byte) error {
	if token, _ := w.token(address); token != "" {
		return w.letters.Returned(ctx, token, raw)
	}
	return w.letters.Reported(ctx, raw)
}

// returns prepares all ways by which the paper hears what became of its letters, and
// gives what waits for mail.
func (p *paper) returns() (wait []func(context.Context), err error) {
	s := p.settings
	if p.letters.Hooks, err = s.mailHooks(); err != nil {
		return nil, err
	}
	if len(p.letters.Hooks) > 0 {
		p.house.Hooks = p.letters.Hook
	}
	sender, err := s.mail(p.name())
	if err != nil {
		return nil, err
	}
	w := way{s.bounceDomain(sender), p.letters}
	m, err := s.mailbox()
	if err != nil {
		return nil, err
	}
	if m != nil {
		m.Known, m.Take, m.Log, m.Now = w.known, w.take, p.log, time.Now
		wait = append(wait, m.Run)
	}
	if s.BounceListen != "" {
		l, lmtp, err := mail.ListenMail(s.BounceListen)
		if err != nil {
			return nil, fmt.Errorf("mail cannot come back on %s (%w); write host:port or unix:/path/to/socket with --bounce-listen", s.BounceListen, cause(err))
		}
		r := &mail.Receiver{Domain: w.domain, Known: w.known, Take: w.take, Log: p.log}
		wait = append(wait, func(ctx context.Context) { p.receive(ctx, r, l, lmtp) })
	}
	if len(wait) > 0 {
		p.letters.Return = func(token string) string { return bounces + "+" + token + "@" + w.domain }
	}
	return wait, nil
}

func (p *paper) receive(ctx context.Context, r *mail.Receiver, l net.Listener, lmtp bool) {
	defer l.Close()
	p.log.Info("mail may come back", "listen", l.Addr().String(), "domain", r.Domain)
	if err := r.Serve(ctx, l, lmtp); err != nil {
		p.log.Error("no mail comes back any more; restart the paper", "error", err)
	}
}
