package main

import (
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"syscall"
	"time"

	"kawaraban/internal/config"
	"kawaraban/internal/pretend"
)

const (
	pretendClient = "courier"
	pretendSecret = "no-secret-at-all-the-provider-of-the-demo-is-not-real"
	pretendName   = "Pretend ID"
)

// pretendPeople are the invented people of the demo's provider.
func pretendPeople() []pretend.Person {
	return []pretend.Person{
		{ID: "10224893", Name: "Hanna Vey", Email: "hanna.vey@mail.example", Verified: true},
		{ID: "10224894", Name: "Tomas Aldery"},
	}
}

// A pretender is the provider of the demo on its port: Pretend Facebook, and
// Pretend ID, which speaks OpenID Connect.
type pretender struct {
	*pretend.Provider
	at     netip.AddrPort // where it is reached
	server *http.Server
}

// pretendPorts is how many ports after the sisters' are tried.
const pretendPorts = 20

// startPretender opens the provider on the next free port after the sisters'.
func startPretender(addr, paper, outbox string, log *slog.Logger) (*pretender, error) {
	for i := len(demoPapers); ; i++ {
		at, err := nextPort(addr, i)
		if err != nil {
			return nil, err
		}
		l, err := net.Listen("tcp", at)
		if errors.Is(err, syscall.EADDRINUSE) && i < len(demoPapers)+pretendPorts {
			continue
		}
		if err != nil {
			return nil, err
		}
		p := &pretender{at: here(l)}
		p.Provider = &pretend.Provider{
			URL: "http://" + p.at.String(), Name: pretendName, Client: pretendClient, Secret: pretendSecret,
			Callbacks: []string{paper + "/connect/"}, Outbox: outbox, Now: time.Now,
		}
		p.Set(pretendPeople()...)
		p.server = &http.Server{
			Handler: p.Provider, ReadHeaderTimeout: headerTime, ReadTimeout: readTime, WriteTimeout: writeTime, IdleTimeout: idleTime,
			MaxHeaderBytes: maxHeader, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn),
		}
		go p.server.Serve(l)
		return p, nil
	}
}

// here is the address at which this machine reaches l.
func here(l net.Listener) netip.AddrPort {
	at := l.Addr().(*net.TCPAddr).AddrPort()
	if at.Addr().IsUnspecified() {
		return netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), at.Port())
	}
	return netip.AddrPortFrom(at.Addr().Unmap(), at.Port())
}

func (p *pretender) close() { p.server.Close() }

// joins makes the provider one of a paper's.
func (p *pretender) joins(s *settings) error {
	for _, one := range []struct {
		path string
		to   **url.URL
	}{{"/facebook/dialog", &s.FacebookAuthorize}, {"/facebook/token", &s.FacebookToken}, {"/facebook/me", &s.FacebookProfile}} {
		u, err := url.Parse(p.URL + one.path)
		if err != nil {
			return err
		}
		*one.to = u
	}
	s.FacebookApp, s.FacebookSecret = pretendClient, config.NewSecret(pretendSecret)
	s.OIDC = []string{"pretend=" + p.URL + " " + pretendClient + " " + pretendName}
	s.OIDCSecrets, s.OIDCHS256 = config.NewSecret("pretend="+pretendSecret), nil
	s.ProviderPrivate = append(s.ProviderPrivate, p.at.String())
	return nil
}
