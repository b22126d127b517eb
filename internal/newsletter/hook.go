package newsletter

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"

	"kawaraban/internal/newsletter/bounce"
	"kawaraban/internal/problem"
)

// Hook takes a call by which a provider tells what became of letters, once the call
// has proved who made it. A call does its work once, however often it comes; one that
// fails in the middle goes on where it was when it comes again.
func (s *Store) Hook(ctx context.Context, provider string, header http.Header, raw []byte) error {
	id, events, err := bounce.Webhook(provider, header, raw, s.Hooks[provider], s.Now())
	if err != nil {
		return err
	}
	for i, e := range events {
		h := Hearing{
			ID: fmt.Sprintf("%s:%s:%d", provider, id, i), Email: e.Address, Message: e.MessageID, Token: returnToken(e.ReturnPath),
			Kind: e.Kind, Detail: e.Diagnostic,
		}
		if err := s.Heard(ctx, h); err != nil {
			return fmt.Errorf("hear %s: %w", provider, err)
		}
	}
	return nil
}

// returnToken is the token in an address to which a letter comes back: what stands
// after the last plus, or the whole name of the mailbox.
func returnToken(address string) string {
	local, _, _ := strings.Cut(address, "@")
	return local[strings.LastIndexByte(local, '+')+1:]
}

// Reported reads a mail that came to the paper's address for complaints, where mail
// services report to all who send to their readers: it tells only in itself which
// letter it is about. Nothing but a complaint is believed here, for everything else
// comes back to the address of its letter.
func (s *Store) Reported(ctx context.Context, raw []byte) error {
	r, err := bounce.Parse(raw)
	if problem.Of(err) != nil {
		return nil
	}
	if err != nil || r.Kind != bounce.Complaint {
		return err
	}
	d := sha256.Sum256(raw)
	h := Hearing{ID: "mail:" + hex.EncodeToString(d[:16]), Message: r.MessageID, Token: returnToken(r.ReturnPath), Kind: r.Kind}
	if _, _, ours := s.traced(h.Token); !ours && h.Message == "" {
		return nil // an address alone proves nothing: anybody can write one into a mail
	}
	return s.Heard(ctx, h)
}
