package config

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"
	"github.com/google/go-cmp/cmp"

	"kawaraban/internal/papertest"
	"kawaraban/internal/problem"
)

// settings has one setting of every type.
type settings struct {
	Addr     string         `name:"addr" default:"127.0.0.1:8080" help:"Where to listen."`
	Workers  int            `name:"workers" default:"2" help:"Jobs at a time."`
	Port     uint16         `name:"port" default:"25" help:"A port."`
	Ratio    float64        `name:"ratio" default:"0.5" help:"A share, 0 | 1."`
	Comments bool           `name:"comments" default:"true" negatable:"" help:"Readers may comment."`
	Idle     time.Duration  `name:"idle" default:"90s" help:"How long to wait."`
	Hosts    []string       `name:"hosts" help:"Names of the paper." example:"paper.example,www.paper.example"`
	Trusted  []netip.Prefix `name:"trusted" help:"Proxies."`
	Origin   *url.URL       `name:"origin" help:"Where readers find the paper."`
	Log      string         `name:"log" default:"text" enum:"text,json" help:"How to log."`
	Mail     mailSettings   `embed:"" prefix:"mail-"`
}

type mailSettings struct {
	Password Secret `name:"password" help:"The password of the mail server."`
}

func writeFile(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestLoadOrder(t *testing.T) {
	path := writeFile(t, "paper.toml", "# ours\naddr = \"file\"\n\nworkers = 3\nidle = \"5m\"\nhosts = [\n  \"a.example\",\n  \"b.example\",\n]\nratio = 1\ncomments = false\n")
	s := settings{Addr: "flag"}
	origins, err := Load(&s, Sources{
		Flags: Given{"addr": "--addr"},
		Environ: []string{
			"HOME=/", "KAWARABAN_ADDR=variable", "KAWARABAN_WORKERS=4", "KAWARABAN_PORT=",
			"KAWARABAN_TRUSTED=10.0.0.0/8, ::1/128", "KAWARABAN_ORIGIN=https://u:p@paper.example/", "KAWARABAN_CONFIG=" + path,
			"KAWARABAN_MAIL_PASSWORD=plain",
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := DescribeValues(&out, &s, origins); err != nil {
		t.Fatal(err)
	}
	papertest.Golden(t, "values.md", strings.ReplaceAll(out.String(), filepath.Dir(path)+"/", ""))
	if got := s.Mail.Password.Reveal(); got != "plain" {
		t.Errorf("password = %q", got)
	}
}

func TestLoadErrors(t *testing.T) {
	key := writeFile(t, "key", "s3cret\n")
	empty := writeFile(t, "empty", "\n")
	for _, test := range []struct{ name, file, variable, want string }{
		{"unknown key", "adr = 'x'", "", "paper.toml line 1: there is no setting adr; the nearest is addr."},
		{"far key", "\nsomething_else_entirely = 1", "", "paper.toml line 2: there is no setting something_else_entirely."},
		{"unknown variable", "", "KAWARABAN_WORKRES=2", "KAWARABAN_WORKRES: there is no such variable; the nearest is KAWARABAN_WORKERS."},
		{"unknown, empty variable", "", "KAWARABAN_HOST=", "KAWARABAN_HOST: there is no such variable; the nearest is KAWARABAN_HOSTS."},
		{"table", "workers = 1\n[mail]\nx = 1", "", "paper.toml line 2: there is no setting mail."},
		{"table for a setting", "\n\n[addr]\nx = 1", "", "paper.toml line 3: addr is to be text, not a table."},
		{"text for a number", "workers = '2'", "", "paper.toml line 1: workers is to be a whole number, not text in quotes."},
		{"number for text", "addr = 8080", "", "paper.toml line 1: addr is to be text, not 8080."},
		{"fraction", "workers = 2.5", "", "paper.toml line 1: workers is to be a whole number, not 2.5."},
		{"date", "idle = 2025-01-01", "", "paper.toml line 1: idle is to be a duration, not a date."},
		{"bool", "comments = 'yes'", "", "paper.toml line 1: comments is to be true or false, not text in quotes."},
		{"range", "port = 70000", "", "paper.toml line 1: port is 70000, which is out of range."},
		{"list item", "hosts = ['a', 2]", "", "paper.toml line 1: hosts item 2 is to be text, not 2."},
		{"text for a list", "hosts = 'a'", "", "paper.toml line 1: hosts is to be a list of text, not text in quotes."},
		{"list for text", "addr = ['a']", "", "paper.toml line 1: addr is to be text, not a list."},
		{"prefix", "trusted = ['300.0.0.0/8']", "", `paper.toml line 1: trusted item 1 is "300.0.0.0/8", which is not a prefix.`},
		{"relative URL", "origin = '/x'", "", `paper.toml line 1: origin is "/x", which is not a URL.`},
		{"enum", "log = 'xml'", "", `paper.toml line 1: log is "xml", and may be one of text, json.`},
		{"duration without unit", "", "KAWARABAN_IDLE=5", `KAWARABAN_IDLE: KAWARABAN_IDLE is "5", which is not a duration.`},
		{"two of a key", "addr = 'a'\naddr = 'b'", "", "paper.toml line 2: this is not TOML, Key 'addr' has already been defined."},
		{"no TOML", "addr = 'a'\nworkers: 2", "", "paper.toml line 2: this is not TOML, expected '.' or '=', but got ':' instead."},
		{"secret twice", "mail_password = 'x'\nmail_password_file = '" + key + "'", "", "paper.toml line 2: set mail_password or mail_password_file, not both."},
		{"secret's file", "mail_password_file = 'gone'", "", "paper.toml line 1: the secret's file DIR/gone cannot be read, no such file or directory."},
		{"empty secret's file", "", "KAWARABAN_MAIL_PASSWORD_FILE=" + empty, "KAWARABAN_MAIL_PASSWORD_FILE: the secret's file " + empty + " is empty."},
		{"secret as a number", "mail_password = 12345", "", "paper.toml line 1: mail_password is to be text in quotes."},
		{"path as a number", "mail_password_file = 1", "", "paper.toml line 1: mail_password_file is the path of a file, in quotes."},
	} {
		t.Run(test.name, func(t *testing.T) {
			path := writeFile(t, "paper.toml", test.file)
			_, err := Load(&settings{}, Sources{File: path, Environ: []string{test.variable}})
			if !problem.Is(err, problem.Invalid) {
				t.Fatalf("error %v is no Problem", err)
			}
			got := strings.ReplaceAll(err.Error(), filepath.Dir(path)+"/paper", "paper")
			got = strings.ReplaceAll(got, filepath.Dir(path), "DIR")
			if got != test.want {
				t.Errorf("\n got %s\nwant %s", got, test.want)
			}
		})
	}
}

func TestLoadNoFile(t *testing.T) {
	_, err := Load(&settings{}, Sources{File: "nowhere.toml"})
	want := "nowhere.toml: the settings file cannot be read, no such file or directory."
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestSecretFileIsRelativeToTheSettings(t *testing.T) {
	path := writeFile(t, "paper.toml", "mail_password_file = 'key'\n")
	if err := os.WriteFile(filepath.Join(filepath.Dir(path), "key"), []byte("word \r\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var s settings
	if _, err := Load(&s, Sources{File: path}); err != nil {
		t.Fatal(err)
	}
	if got := s.Mail.Password.Reveal(); got != "word " {
		t.Errorf("secret = %q", got)
	}
}

func TestSecretIsNeverPrinted(t *testing.T) {
	s := struct{ Key Secret }{NewSecret("hunter2")}
	asJSON, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "key", s.Key, "all", s)
	printed := fmt.Sprintf("%v %+v %#v %s %q %x %d %v %s %s", s, s, s, s.Key, s.Key, s.Key, s.Key, &s, asJSON, log.String())
	if strings.Contains(printed, "hunter2") || strings.Contains(printed, fmt.Sprintf("%x", "hunter2")) {
		t.Errorf("the secret was printed: %s", printed)
	}
}

func TestDescribe(t *testing.T) {
	var out bytes.Buffer
	if err := Describe(&out, &settings{}); err != nil {
		t.Fatal(err)
	}
	papertest.Golden(t, "describe.md", out.String())
}

func TestFieldsOfRefuses(t *testing.T) {
	for _, v := range []any{
		settings{},
		&struct{ A string }{},
		&struct {
			A map[string]string `name:"a"`
		}{},
		&struct {
			A [][]string `name:"a"`
		}{},
		&struct {
			A string `name:"a"`
			B string `name:"a"`
		}{},
	} {
		if _, err := Load(v, Sources{}); err == nil || problem.Of(err) != nil {
			t.Errorf("%T: error %v, want a fault", v, err)
		}
	}
}

// The command line as cmd/kawaraban uses it.
func TestKong(t *testing.T) {
	key := writeFile(t, "key", "from a file\n")
	for _, test := range []struct {
		args    []string
		want    Given
		wantErr string
	}{
		{[]string{"serve"}, Given{}, ""},
		{[]string{"serve", "--addr=:80", "--hosts=a,b", "--no-comments"}, Given{"addr": "--addr", "hosts": "--hosts", "comments": "--comments"}, ""},
		{[]string{"serve", "--mail-password-file", key}, Given{"mail-password": "--mail-password-file"}, ""},
		{[]string{"serve", "--mail-password=x"}, nil, "a secret is not given on the command line, where others can read it; use --mail-password-file, KAWARABAN_MAIL_PASSWORD_FILE or KAWARABAN_MAIL_PASSWORD"},
		{[]string{"serve", "--mail-password-file", "nowhere"}, nil, "the secret's file nowhere cannot be read, no such file or directory"},
	} {
		var cli struct {
			Serve struct {
				Settings settings `embed:""`
			} `cmd:""`
		}
		parser, err := kong.New(&cli, SecretFiles())
		if err != nil {
			t.Fatal(err)
		}
		ctx, err := parser.Parse(test.args)
		if test.wantErr != "" {
			if err == nil || !strings.HasSuffix(err.Error(), test.wantErr) {
				t.Errorf("%v: error %v, want %s", test.args, err, test.wantErr)
			}
			continue
		}
		if err != nil {
			t.Errorf("%v: %v", test.args, err)
			continue
		}
		given := Flags(ctx)
		if diff := cmp.Diff(test.want, given); diff != "" {
			t.Errorf("%v: given (-want +got):\n%s", test.args, diff)
		}
		before := cli.Serve.Settings
		origins, err := Load(&cli.Serve.Settings, Sources{Flags: given, Environ: []string{"KAWARABAN_ADDR=variable", "KAWARABAN_MAIL_PASSWORD=variable"}})
		if err != nil {
			t.Fatal(err)
		}
		for name, flag := range given {
			if got := origins[strings.ReplaceAll(name, "-", "_")]; got != flag {
				t.Errorf("%v: %s is from %s, want %s", test.args, name, got, flag)
			}
		}
		if _, ok := given["addr"]; ok && cli.Serve.Settings.Addr != before.Addr {
			t.Errorf("%v: the variable won over the flag", test.args)
		}
		if _, ok := given["mail-password"]; ok && cli.Serve.Settings.Mail.Password.Reveal() != "from a file" {
			t.Errorf("%v: password is not the file's", test.args)
		}
	}
}

func TestKongHelp(t *testing.T) {
	var cli struct {
		Settings settings `embed:""`
	}
	var out bytes.Buffer
	parser, err := kong.New(&cli, SecretFiles(), kong.Name("kawaraban"), kong.Writers(&out, &out), kong.Exit(func(int) {}))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := parser.Parse([]string{"--help"}); err != nil {
		t.Fatal(err)
	}
	if help := out.String(); !strings.Contains(help, "--mail-password-file=FILE") || strings.Contains(help, "--mail-password=") {
		t.Errorf("help:\n%s", help)
	}
}

func FuzzFile(f *testing.F) {
	f.Add("addr = 'x'\nworkers = 2\n")
	f.Add("[mail]\npassword = 1\n[[mail]]\n")
	f.Add("hosts = [[1], {a = 2}]\ntrusted = [1979-05-27T07:32:00Z]\n")
	f.Fuzz(func(t *testing.T, text string) {
		fields, err := fieldsOf(&settings{})
		if err != nil {
			t.Fatal(err)
		}
		entries, err := readFile(writeFile(t, "paper.toml", text), fields)
		if err != nil && problem.Of(err) == nil {
			t.Fatalf("a fault: %v", err)
		}
		for _, field := range fields {
			if _, err := field.load(nil, nil, entries); err != nil && problem.Of(err) == nil {
				t.Fatalf("a fault: %v", err)
			}
		}
	})
}
