package main

import (
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"kawaraban/internal/fetch"
	"kawaraban/internal/reader"
)

// providerTime is how long a provider may take for one answer. A log-in needs
// up to four of them, and the reader waits.
const providerTime = 5 * time.Second

// providers are whose word on who somebody is the paper takes. Facebook comes
// first, the others as they are listed.
func (s *settings) providers() (list []*reader.Provider, err error) {
	private, err := s.private()
	if err != nil {
		return nil, err
	}
	way := fetch.Settings{Agent: "Kawaraban (" + s.base() + ")", Timeout: providerTime, MaxBytes: 1 << 20, PerHost: 8}
	for _, at := range private {
		way.AllowPrivate = append(way.AllowPrivate, netip.PrefixFrom(at.Addr(), at.Addr().BitLen()))
		way.AllowPorts = append(way.AllowPorts, at.Port())
	}
	client := fetch.New(way)
	if list, err = s.facebook(client, private); err != nil {
		return nil, err
	}
	others, err := s.oidc()
	if err != nil {
		return nil, err
	}
	for _, o := range others {
		if err := reachable("oidc", o.Issuer, private); err != nil {
			return nil, err
		}
		p, err := reader.NewOIDC(o, client, time.Now)
		if err != nil {
			return nil, invalid("oidc_hs256", "%v", err)
		}
		list = append(list, p)
	}
	return list, nil
}

func (s *settings) facebook(client *fetch.Client, private []netip.AddrPort) ([]*reader.Provider, error) {
	switch {
	case s.FacebookApp == "" && s.FacebookSecret.IsZero():
		return nil, nil
	case s.FacebookApp == "":
		return nil, invalid("facebook_app", "there is a facebook_secret, and no app that it belongs to")
	case s.FacebookSecret.IsZero():
		return nil, invalid("facebook_secret", "there is a facebook_app, and no secret for it")
	case strings.ContainsFunc(s.FacebookApp, func(r rune) bool { return r <= ' ' || r > '~' || r == '/' }):
		return nil, invalid("facebook_app", "%q is no id of an app; it is a row of digits", s.FacebookApp)
	}
	f := reader.Facebook{App: s.FacebookApp, Secret: s.FacebookSecret.Reveal()}
	for _, one := range []struct {
		key string
		at  *url.URL
		to  *string
	}{
		{"facebook_authorize", s.FacebookAuthorize, &f.Authorize},
		{"facebook_token", s.FacebookToken, &f.Token},
		{"facebook_profile", s.FacebookProfile, &f.Profile},
	} {
		if one.at == nil {
			return nil, invalid(one.key, "it is empty")
		}
		*one.to = one.at.String()
		if err := reachable(one.key, *one.to, private); err != nil {
			return nil, err
		}
	}
	return []*reader.Provider{reader.NewFacebook(f, client, time.Now)}, nil
}

// oidc reads "slug=ISSUER CLIENT-ID LABEL" and the secrets that belong to them.
func (s *settings) oidc() (list []reader.OIDC, err error) {
	secrets := map[string]string{}
	for _, pair := range strings.Fields(s.OIDCSecrets.Reveal()) {
		slug, text, ok := strings.Cut(pair, "=")
		if !ok || text == "" || !slugForm.MatchString(slug) {
			return nil, invalid("oidc_secrets", "each is to be slug=SECRET, with spaces or line ends between them")
		}
		if secrets[slug] != "" {
			return nil, invalid("oidc_secrets", "there are two for %s", slug)
		}
		secrets[slug] = text
	}
	for _, text := range s.OIDC {
		slug, rest, _ := strings.Cut(text, "=")
		parts := strings.Fields(rest)
		if len(parts) < 3 {
			return nil, invalid("oidc", "%q is to be slug=ISSUER CLIENT-ID LABEL, such as google=https://accounts.google.com CLIENT-ID Google", text)
		}
		o := reader.OIDC{Slug: strings.TrimSpace(slug), Issuer: parts[0], Client: parts[1], Label: strings.Join(parts[2:], " "), Secret: secrets[slug]}
		switch {
		case !slugForm.MatchString(o.Slug) || len(o.Slug) > 40 || o.Slug == "facebook":
			return nil, invalid("oidc", "%q is no slug; it has small letters, digits and hyphens, and facebook has settings of its own", o.Slug)
		case o.Secret == "":
			return nil, invalid("oidc_secrets", "there is none for %s; write %[1]s=SECRET", o.Slug)
		case slices.ContainsFunc(list, func(other reader.OIDC) bool { return other.Slug == o.Slug || other.Issuer == o.Issuer }):
			return nil, invalid("oidc", "the slug %s or its issuer is there twice", o.Slug)
		}
		delete(secrets, o.Slug)
		o.HS256 = slices.Contains(s.OIDCHS256, o.Slug)
		list = append(list, o)
	}
	for slug := range secrets {
		return nil, invalid("oidc_secrets", "there is one for %s, and no such provider in oidc", slug)
	}
	for _, slug := range s.OIDCHS256 {
		if !slices.ContainsFunc(list, func(o reader.OIDC) bool { return o.Slug == slug }) {
			return nil, invalid("oidc_hs256", "there is no provider %s in oidc", slug)
		}
	}
	return list, nil
}

// private reads the addresses of one's own network.
func (s *settings) private() (list []netip.AddrPort, err error) {
	for _, text := range s.ProviderPrivate {
		at, err := netip.ParseAddrPort(text)
		if err != nil {
			return nil, invalid("provider_private", "%q is to be an address with a port, such as 10.0.0.5:8443", text)
		}
		list = append(list, at)
	}
	return list, nil
}

// reachable refuses an address of a provider that is no page of the web, or is
// one that anybody on the way could change.
func reachable(key, address string, private []netip.AddrPort) error {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.User != nil || u.Fragment != "" || u.Scheme != "https" && u.Scheme != "http" {
		return invalid(key, "%q is no address of the web; write one such as https://accounts.google.com", address)
	}
	if u.Scheme == "https" {
		return nil
	}
	if at, err := netip.ParseAddrPort(u.Host); err == nil && slices.Contains(private, at) {
		return nil
	}
	return invalid(key, "%q is without https; only addresses in provider_private may be", address)
}
