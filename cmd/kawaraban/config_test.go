package main

import (
	"bytes"
	"testing"

	"kawaraban/internal/config"
	"kawaraban/internal/papertest"
)

// docs/config.md is what the program says of itself.
func TestConfigDoc(t *testing.T) {
	var b bytes.Buffer
	b.WriteString("# Settings\n\nMade by `kawaraban config describe`; a test keeps it so (`go test ./cmd/kawaraban -run TestConfigDoc -update`).\n\n")
	if err := config.Describe(&b, &settings{}); err != nil {
		t.Fatal(err)
	}
	papertest.GoldenFile(t, "../../docs/config.md", b.String())
}

// A secret in the address of the database is never printed.
func TestDatabaseAddress(t *testing.T) {
	s := settings{Database: "postgres://paper@db.example:5432/paper", DBPassword: config.NewSecret("s3 cret/")}
	got, err := s.database()
	if err != nil {
		t.Fatal(err)
	}
	if want := "postgres://paper:s3%20cret%2F@db.example:5432/paper"; got != want {
		t.Errorf("database() = %q, want %q", got, want)
	}
}

// The paper has an address that a browser can open, whatever it listens on.
func TestBase(t *testing.T) {
	for _, test := range []struct{ addr, want string }{
		{"127.0.0.1:8080", "http://127.0.0.1:8080"},
		{":8080", "http://localhost:8080"},
		{"0.0.0.0:80", "http://localhost:80"},
		{"[::]:8080", "http://localhost:8080"},
		{"[::1]:8080", "http://[::1]:8080"},
		{"paper.example:80", "http://paper.example:80"},
	} {
		s := settings{Addr: test.addr}
		if got := s.base(); got != test.want {
			t.Errorf("base() of %s = %s, want %s", test.addr, got, test.want)
		}
	}
}
