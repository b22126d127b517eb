package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"kawaraban/internal/mail"
)

func TestServers(t *testing.T) {
	file := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(file, []byte("hunter2\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := settings{
		SMTPHost: "a.example", SMTPSecurity: "starttls", SMTPRate: 5, SMTPConnections: 2,
		SMTPServers: []string{
			"smtps://paper@b.example:4650?weight=2&rate=0.5&connections=8&password-file=" + file, "smtp://c.example", "smtp://localhost?security=none",
		},
	}
	got, err := s.servers()
	if err != nil || len(got) != 4 {
		t.Fatalf("%v, %v", got, err)
	}
	if a := got[0]; a.Host != "a.example" || a.Rate != 5 || a.Connections != 2 || a.Security != mail.StartTLS {
		t.Errorf("the first is %+v", a)
	}
	if b := got[1]; b.Host != "b.example" || b.Port != 4650 || b.Security != mail.TLS || b.User != "paper" || b.Password != "hunter2" || b.Weight != 2 || b.Rate != 0.5 || b.Connections != 8 {
		t.Errorf("the second is %+v", b)
	}
	if c, d := got[2], got[3]; c.Security != mail.StartTLS || d.Security != mail.Plain {
		t.Errorf("the others are %+v, %+v", c, d)
	}
	for text, says := range map[string]string{
		"b.example":                                              "no address such as",
		"https://b.example":                                      "no address such as",
		"smtp://paper:hunter2@b.example":                         "password in the address",
		"smtp://b.example/hunter2":                               "no address such as",
		"smtp://b.example?rate=fast":                             "rate that is no number",
		"smtp://b.example?speed=1":                               `"speed"`,
		"smtp://b.example?password-file=/nowhere/any":            "cannot be read",
		"smtp://%zz:hunter2@":                                    "no address such as",
		"smtp://b.example?rate=-1":                               "above 0",
		"smtp://b.example?rate=NaN":                              "above 0",
		"smtp://b.example?security=ssl":                          "starttls, tls or none",
		"smtp://a@b.example?security=none&password-file=" + file: "without encryption",
	} {
		s := settings{Addr: ":80", SMTPServers: []string{text}}
		_, err := s.mail("Paper")
		if err == nil || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v, want %q", text, err, says)
		}
	}
}
