package main

import (
	"net/url"
	"os"
	"strconv"
	"strings"

	"kawaraban/internal/mail"
)

// servers are the mail servers in order: that of --smtp-host, then the further.
func (s *settings) servers() (list []mail.Server, err error) {
	if s.SMTPHost != "" {
		list = append(list, mail.Server{
			SMTP: mail.SMTP{
				Host: s.SMTPHost, Port: s.SMTPPort, Security: mail.Security(s.SMTPSecurity),
				User: s.SMTPUser, Password: s.SMTPPassword.Reveal(),
			},
			Rate: s.SMTPRate, Connections: s.SMTPConnections,
		})
	}
	for i, text := range s.SMTPServers {
		server, err := readServer(i+1, text)
		if err != nil {
			return nil, err
		}
		list = append(list, server)
	}
	return list, nil
}

// readServer reads a further mail server. What is wrong with it is said without
// repeating it: somebody may have put a password there.
func readServer(n int, text string) (m mail.Server, err error) {
	wrong := func(format string, args ...any) (mail.Server, error) {
		return m, invalid("smtp_servers", "the server no. "+strconv.Itoa(n)+" "+format, args...)
	}
	u, err := url.Parse(text)
	if err != nil || u.Hostname() == "" || u.Scheme != "smtp" && u.Scheme != "smtps" || strings.Trim(u.Path, "/") != "" {
		return wrong("is no address such as smtps://user@host:465?rate=50&password-file=/etc/kawaraban/smtp2")
	}
	if _, given := u.User.Password(); given {
		return wrong("has its password in the address; put it into a file, and name that with password-file=")
	}
	m.Host, m.User, m.Security = u.Hostname(), u.User.Username(), mail.StartTLS
	if u.Scheme == "smtps" {
		m.Security = mail.TLS
	}
	if port := u.Port(); port != "" {
		if m.Port, err = strconv.Atoi(port); err != nil {
			return wrong("has a port that is no number")
		}
	}
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return wrong("has something behind the ? that cannot be read")
	}
	for key := range query {
		value := query.Get(key)
		switch key {
		case "weight":
			m.Weight, err = strconv.Atoi(value)
		case "connections":
			m.Connections, err = strconv.Atoi(value)
		case "rate":
			m.Rate, err = strconv.ParseFloat(value, 64)
		case "security":
			m.Security = mail.Security(value)
		case "password-file":
			content, err := os.ReadFile(value)
			if err != nil {
				return wrong("has a password-file that cannot be read (%v)", cause(err))
			}
			m.Password = strings.TrimRight(string(content), "\r\n")
		default:
			return wrong("has %q behind the ?; there may be weight, rate, connections, security and password-file", key)
		}
		if err != nil {
			return wrong("has a %s that is no number", key)
		}
	}
	return m, nil
}
