package main

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"kawaraban/internal/article"
	"kawaraban/internal/config"
	"kawaraban/internal/mail"
	"kawaraban/internal/page"
	"kawaraban/internal/problem"
)

// settings are all that an operator can set. Each is a flag, a variable and a
// key of the settings file (package config).
type settings struct {
	ConfigFile string        `name:"config" type:"path" placeholder:"FILE" help:"File with settings (TOML)."`
	Data       string        `name:"data" default:"data" placeholder:"DIR" help:"Folder for everything that the paper keeps."`
	Addr       string        `name:"addr" default:"127.0.0.1:8080" help:"Where to listen, host:port."`
	BaseURL    *url.URL      `name:"base-url" placeholder:"URL" example:"https://paper.example" help:"The address by which readers reach the paper. Without it, the address that is listened on."`
	Hosts      []string      `name:"hosts" placeholder:"HOST" example:"www.paper.example" help:"Further host names that are answered, beside that of the base URL."`
	Database   string        `name:"database" placeholder:"URL" example:"postgres://kawaraban@localhost/kawaraban" help:"PostgreSQL database; without it, SQLite in the data folder."`
	DBPassword config.Secret `name:"database-password" help:"Password for the PostgreSQL database."`
	CacheMB    int           `name:"cache-mb" default:"48" help:"Memory for rendered pages, in MB."`
	RequestLog string        `name:"request-log" default:"-" placeholder:"FILE" help:"Where to write one line per request: a file, - for the standard output, or off."`

	Proxies []string `name:"proxies" placeholder:"NET" example:"10.0.0.0/8" help:"Networks of your own proxies, whose X-Forwarded-For is believed."`

	WireNetworks []string `name:"wire-networks" placeholder:"NET" example:"10.1.2.3" help:"Machines and networks that are not on the public internet and that agencies' copy may be fetched from, such as a receiver in the house: by SFTP, FTP, IMAP and HTTP, on the usual ports."`

	MailFrom        string        `name:"mail-from" example:"paper@paper.example" help:"The paper's address, from which letters come. Without it, paper@ and the host of the base URL."`
	SMTPHost        string        `name:"smtp-host" example:"mail.paper.example" help:"Mail server that takes the paper's letters. Without it they are put into the folder outbox of the data folder."`
	SMTPPort        int           `name:"smtp-port" help:"Its port. Without it, the usual one for the security."`
	SMTPSecurity    string        `name:"smtp-security" default:"starttls" help:"How the connection to it is kept private: starttls, tls or none."`
	SMTPUser        string        `name:"smtp-user" help:"Who logs in there; without it nobody does."`
	SMTPPassword    config.Secret `name:"smtp-password" help:"The password for it."`
	SMTPRate        float64       `name:"smtp-rate" help:"How many letters per second that server may get when there are many, such as 50. Without it, as many as it takes."`
	SMTPConnections int           `name:"smtp-connections" default:"4" help:"How many connections to it there may be for letters to many. Letters that somebody waits for have one of their own."`
	SMTPServers     []string      `name:"smtp-servers" placeholder:"URL" example:"smtps://user@host:465?weight=2&rate=50&connections=8&password-file=/etc/kawaraban/smtp2" help:"Further mail servers: smtp:// (STARTTLS, port 587) or smtps:// (TLS, port 465), with weight, rate, connections, password-file and security=none behind the ?. Letters to many go out over all of them; those that somebody waits for over the first that answers."`
	DKIM            []string      `name:"dkim" placeholder:"SELECTOR:FILE" example:"paper:/etc/kawaraban/dkim.pem" help:"Private keys that sign letters, in PEM, each with the name under which the DNS has its public half: kawaraban mail records prints that."`

	BounceListen       string        `name:"bounce-listen" placeholder:"ADDRESS" example:"unix:/run/kawaraban/bounces.sock" help:"Where mail servers bring what comes back to letters: host:port for SMTP, or unix: and a path for LMTP (docs/operating.md)."`
	BounceDomain       string        `name:"bounce-domain" placeholder:"DOMAIN" example:"bounces.paper.example" help:"The domain of the addresses to which letters come back. Without it, that of mail_from."`
	BounceIMAP         string        `name:"bounce-imap" placeholder:"URL" example:"imaps://bounces%40paper.example@mail.paper.example/INBOX" help:"A mailbox into which the paper looks each minute for what comes back."`
	BounceIMAPPassword config.Secret `name:"bounce-imap-password" help:"The password for it."`
	BounceIMAPDone     string        `name:"bounce-imap-done" placeholder:"FOLDER" help:"The folder to which what was read is moved. Without it, it is marked as seen."`
	MailHooks          config.Secret `name:"mail-hooks" help:"Secrets of those who send for the paper and tell what became of letters, each as provider=SECRET, with spaces or line ends between them: kawaraban, mailgun, postmark, sendgrid (docs/operating.md)."`

	OIDC              []string      `name:"oidc" placeholder:"PROVIDER" example:"google=https://accounts.google.com CLIENT-ID Google" help:"Providers of OpenID Connect with which readers can log in, each as slug=ISSUER CLIENT-ID LABEL (docs/providers.md)."`
	OIDCSecrets       config.Secret `name:"oidc-secrets" help:"The clients' secrets at those providers, each as slug=SECRET, with spaces or line ends between them."`
	OIDCHS256         []string      `name:"oidc-hs256" placeholder:"SLUG" example:"line" help:"Those of the providers that sign with the client's secret and not with a key of their own."`
	FacebookApp       string        `name:"facebook-app" help:"The id of your app at Facebook. Without it readers cannot log in with Facebook."`
	FacebookSecret    config.Secret `name:"facebook-secret" help:"The app's secret."`
	FacebookAuthorize *url.URL      `name:"facebook-authorize" default:"https://www.facebook.com/v23.0/dialog/oauth" placeholder:"URL" help:"Where Facebook asks people who they are."`
	FacebookToken     *url.URL      `name:"facebook-token" default:"https://graph.facebook.com/v23.0/oauth/access_token" placeholder:"URL" help:"Where Facebook exchanges codes."`
	FacebookProfile   *url.URL      `name:"facebook-profile" default:"https://graph.facebook.com/v23.0/me?fields=id,name,email" placeholder:"URL" help:"Where Facebook says who somebody is."`
	ProviderPrivate   []string      `name:"provider-private" placeholder:"ADDRESS" example:"10.0.0.5:8443" help:"Addresses of your own network, with the port, where a provider may be reached, also without https."`

	PaperName  string   `name:"paper-name" default:"Kawaraban" help:"The paper's name. Given, it is fixed; otherwise publishers set it in the newsroom."`
	Edition    string   `name:"edition" help:"A line under the name: a place, a founding year. Given, it is fixed; otherwise publishers set it in the newsroom."`
	Notice     string   `name:"notice" help:"The paper's copyright notice, at the foot of each page. Without it: © year, name. Given, it is fixed; otherwise publishers set it in the newsroom."`
	Language   string   `name:"language" default:"en" help:"Language of the interface: en or ja. Given, it is fixed; otherwise publishers set it in the newsroom."`
	Zone       string   `name:"zone" default:"UTC" example:"Asia/Tokyo" help:"The paper's time zone. Given, it is fixed; otherwise publishers set it in the newsroom."`
	Sections   []string `name:"sections" default:"city=City,world=World,business=Business,culture=Culture,sport=Sport,opinion=Opinion" help:"The sections in order, each as slug=Name. Given, it is fixed; otherwise publishers set it in the newsroom."`
	Accent     string   `name:"accent" help:"The accent colour on light paper, as #rrggbb. Without it, vermilion. Given, it is fixed; otherwise publishers set it in the newsroom."`
	AccentDark string   `name:"accent-dark" help:"The accent colour on dark paper. Given, it is fixed; otherwise publishers set it in the newsroom."`

	Publisher       string   `name:"publisher" help:"The publishing company, for machines that read the pages. Without it, the paper's name. Given, it is fixed; otherwise publishers set it in the newsroom."`
	OwnerDomain     string   `name:"owner-domain" example:"publisher.example" help:"OWNERDOMAIN of ads.txt."`
	AdsTxt          []string `name:"ads-txt" help:"Lines of ads.txt."`
	SecurityContact string   `name:"security-contact" example:"mailto:security@paper.example" help:"Where to report security problems, for security.txt. Without it there is no security.txt."`
}

// base is the address of the paper without a slash at the end.
func (s *settings) base() string {
	if s.BaseURL != nil {
		return strings.TrimRight(s.BaseURL.String(), "/")
	}
	host, port, err := net.SplitHostPort(s.Addr)
	if err != nil {
		return "http://" + s.Addr // listen says what is wrong with it
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "localhost"
	}
	return "http://" + net.JoinHostPort(host, port)
}

// hosts are the Host headers that are answered beside that of the base URL.
func (s *settings) hosts() []string {
	hosts := append([]string{s.Addr}, s.Hosts...)
	if _, port, err := net.SplitHostPort(s.Addr); err == nil {
		hosts = append(hosts, "127.0.0.1:"+port, "localhost:"+port, "[::1]:"+port)
	}
	return hosts
}

// proxies reads the networks of the operator's own proxies.
func (s *settings) proxies() ([]netip.Prefix, error) { return networks("proxies", s.Proxies) }

// wireNetworks reads where agencies' copy may come from that is not public.
func (s *settings) wireNetworks() ([]netip.Prefix, error) {
	return networks("wire_networks", s.WireNetworks)
}

// networks reads the networks of a setting.
func networks(setting string, texts []string) (list []netip.Prefix, err error) {
	for _, text := range texts {
		p, err := netip.ParsePrefix(text)
		if err != nil {
			a, errAddr := netip.ParseAddr(text)
			if errAddr != nil {
				return nil, invalid(setting, "%q is no network; write one such as 10.0.0.0/8, or an address", text)
			}
			p = netip.PrefixFrom(a, a.BitLen())
		}
		list = append(list, p.Masked())
	}
	return list, nil
}

// mail is who sends the letters of the paper with this name.
func (s *settings) mail(name string) (*mail.Sender, error) {
	m := &mail.Sender{From: s.MailFrom, FromName: name, Outbox: filepath.Join(s.Data, "outbox")}
	if m.From == "" {
		m.From = "paper@localhost.localdomain"
		if u, err := url.Parse(s.base()); err == nil {
			if a, err := mail.ParseAddress("paper@" + u.Hostname()); err == nil {
				m.From = a
			}
		}
	}
	for _, text := range s.DKIM {
		selector, file, ok := strings.Cut(text, ":")
		if !ok {
			return nil, invalid("dkim", "%q is not SELECTOR:FILE", text)
		}
		content, err := os.ReadFile(file)
		if err != nil {
			return nil, invalid("dkim", "the file cannot be read (%v)", err)
		}
		key, err := mail.ParseKey(selector, content)
		if err != nil {
			return nil, err
		}
		m.Keys = append(m.Keys, key)
	}
	var err error
	if m.Servers, err = s.servers(); err != nil {
		return nil, err
	}
	if err := m.Check(); err != nil {
		return nil, fmt.Errorf("the settings of mail are wrong: %w", err)
	}
	return m, nil
}

// location is the paper's zone.
func (s *settings) location() (*time.Location, error) {
	zone, err := time.LoadLocation(s.Zone)
	if err != nil {
		return nil, invalid("zone", "%q is no time zone that this machine knows; write one such as Asia/Tokyo or Europe/Paris", s.Zone)
	}
	return zone, nil
}

var slugForm = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// sections reads slug=Name pairs.
func (s *settings) sections() (list []article.Section, err error) {
	seen := map[string]bool{}
	for _, pair := range s.Sections {
		slug, name, ok := strings.Cut(pair, "=")
		slug, name = strings.TrimSpace(slug), strings.TrimSpace(name)
		if !ok || name == "" || !slugForm.MatchString(slug) || len(slug) > 40 {
			return nil, invalid("sections", "%q is to be slug=Name, such as world=World; a slug is small letters, digits and hyphens", pair)
		}
		if seen[slug] {
			return nil, invalid("sections", "the slug %q is there twice", slug)
		}
		seen[slug] = true
		list = append(list, article.Section{Slug: slug, Name: name})
	}
	if len(list) == 0 {
		return nil, invalid("sections", "a paper needs at least one section")
	}
	return list, nil
}

// database is what db opens.
func (s *settings) database() (string, error) {
	if s.Database == "" {
		return filepath.Join(s.Data, "kawaraban.db"), nil
	}
	u, err := url.Parse(s.Database)
	if err != nil || u.Scheme != "postgres" && u.Scheme != "postgresql" {
		return "", invalid("database", "it is to be an address such as postgres://user@host:5432/name")
	}
	if !s.DBPassword.IsZero() {
		u.User = url.UserPassword(u.User.Username(), s.DBPassword.Reveal())
	}
	return u.String(), nil
}

// check refuses settings that no paper can be served with, before anything is
// opened or taken.
func (s *settings) check() error {
	zone, err := s.location()
	if err != nil {
		return err
	}
	if _, err := s.sections(); err != nil {
		return err
	}
	if _, err := s.database(); err != nil {
		return err
	}
	if _, err := page.NewLanguage(s.Language, zone); err != nil {
		return err
	}
	if _, err := s.proxies(); err != nil {
		return err
	}
	if _, err := s.wireNetworks(); err != nil {
		return err
	}
	if _, err := s.mail(s.PaperName); err != nil {
		return err
	}
	if _, err := s.providers(); err != nil {
		return err
	}
	if err := s.checkReturns(); err != nil {
		return err
	}
	return s.colours().Check()
}

func (s *settings) colours() page.Colours {
	return page.Colours{Accent: s.Accent, AccentDark: s.AccentDark}
}

// folder makes sure that the data folder is there and can be written.
func (s *settings) folder() error {
	if err := os.MkdirAll(s.Data, 0o700); err != nil {
		return fmt.Errorf("the data folder %s cannot be made (%w); choose another with --data", s.Data, cause(err))
	}
	probe, err := os.CreateTemp(s.Data, ".probe-*")
	if err != nil {
		return fmt.Errorf("the data folder %s cannot be written (%w); change its owner or choose another with --data", s.Data, cause(err))
	}
	probe.Close()
	return os.Remove(probe.Name())
}

func invalid(key, format string, args ...any) error {
	return &problem.Problem{Kind: problem.Invalid, Detail: fmt.Sprintf("The setting "+key+" is wrong: "+format, args...) + "."}
}
