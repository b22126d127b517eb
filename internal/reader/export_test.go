package reader

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"

	"kawaraban/internal/db"
	"kawaraban/internal/papertest"
	"kawaraban/internal/problem"
)

// unzip reads the files of an archive.
func unzip(t *testing.T, data []byte) map[string]string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	check(t, err)
	files := map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		check(t, err)
		b, err := io.ReadAll(r)
		check(t, err)
		files[f.Name] = string(b)
	}
	return files
}

func TestExport(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		s, ctx := newStore(t, d), t.Context()
		s.admitted(t, "Bob")
		s.Known = append(s.Known, func(context.Context, string) ([]Table, error) {
			return []Table{{Name: "comments", Columns: []string{"text"}, Rows: [][]string{{"=cmd|'/c calc'!A1"}}}}, nil
		})
		ana := s.admitted(t, "Ana")
		ana = s.logIn(t, ana.Reader.Email, password)
		check(t, s.SetProfile(ctx, ana, Profile{Name: "=1+1", Handle: "ana", Bio: "Baker, \"weir\".\nTwo lines."}))
		check(t, s.SetPortrait(ctx, ana, []byte("a face")))
		check(t, d.Tx(ctx, func(tx *db.Tx) error {
			_, err := tx.Exec(ctx, `insert into identity (issuer, subject, reader, provider, email, created) values ('https://idp.example', '4711', $1, 'idp', 'ana@idp.example', $2)`,
				ana.Reader.ID, db.Time(s.Now()))
			return err
		}))
		stale := *ana
		stale.Session.Proved = s.Now().Add(-ProofLife)
		if err := s.AskExport(ctx, &stale); !problem.Is(err, problem.Forbidden) {
			t.Errorf("without a new proof: %v", err)
		}
		check(t, s.AskExport(ctx, ana))
		s.letters(t)
		runJobs(t, s, exportJob, s.export)
		token := s.letter(t, ExportReady).Token.Reveal()

		for name, a := range map[string]*Actor{"another": s.admitted(t, "Eve"), "no proof": &stale} {
			if _, err := s.OpenExport(ctx, a, token); !problem.Is(err, problem.Forbidden) {
				t.Errorf("%s: %v", name, err)
			}
		}
		for range 2 { // what was fetched may not have arrived
			f, err := s.OpenExport(ctx, ana, token)
			check(t, err)
			data, err := io.ReadAll(f)
			check(t, err)
			check(t, f.Close())
			checkExport(t, unzip(t, data))
		}
		if found := dump(t, d); strings.Contains(found, token) {
			t.Error("the database holds the token")
		}

		check(t, s.AskExport(ctx, ana))
		if err := s.AskExport(ctx, ana); !problem.Is(err, problem.TooMany) {
			t.Errorf("the third on one day: %v", err)
		}
		s.advance(t, exportLife)
		ana.Session.Proved = s.Now()
		if _, err := s.OpenExport(ctx, ana, token); !problem.Is(err, problem.Gone) {
			t.Errorf("after three days: %v", err)
		}
		runJobs(t, s, dropJob, s.drop)
		for _, key := range s.keys(t) {
			if strings.HasPrefix(key, "export/") {
				t.Errorf("%s stays", key)
			}
		}
	})
}

func checkExport(t *testing.T, files map[string]string) {
	t.Helper()
	want := []string{
		"asked-at-facebook.csv", "browsers.csv", "comments.csv", "connections.csv", "everything.json", "links.csv", "log.csv", "news-alerts.csv", "passkeys.csv", "portrait.jpg",
		"profile.csv", "recovery-codes.csv", "sessions.csv",
	}
	if names := slices.Sorted(maps.Keys(files)); !slices.Equal(names, want) {
		t.Errorf("the file holds %q", names)
	}
	var all map[string][]map[string]string
	check(t, json.Unmarshal([]byte(files["everything.json"]), &all))
	if p := all["profile"]; len(p) != 1 || p[0]["email"] != "ana@paper.example" || p[0]["name"] != "=1+1" || p[0]["about"] != "Baker, \"weir\".\nTwo lines." {
		t.Errorf("the profile is %v", p)
	}
	if c := all["connections"]; len(c) != 1 || c[0]["your id there"] != "4711" {
		t.Errorf("the connections are %v", c)
	}
	if len(all["log"]) < 3 || all["log"][0]["by"] != "the paper" || all["log"][1]["by"] != "you" || len(all["sessions"]) != 1 || len(all["browsers"]) != 1 {
		t.Errorf("the log is %v", all["log"])
	}
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(files["profile.csv"], "\ufeff"))).ReadAll()
	check(t, err)
	if len(rows) != 2 || rows[1][2] != "'=1+1" {
		t.Errorf("the CSV of the profile is %q", rows)
	}
	if !strings.Contains(files["comments.csv"], "'=cmd") || files["portrait.jpg"] != "a face" {
		t.Errorf("the comments are %q, the portrait %q", files["comments.csv"], files["portrait.jpg"])
	}
	for name, text := range files {
		for _, secret := range []string{"bob@", "argon2", "$m="} {
			if strings.Contains(text, secret) {
				t.Errorf("%s holds %s", name, secret)
			}
		}
	}
}

func TestTame(t *testing.T) {
	for cell, want := range map[string]string{
		"": "", "Ana": "Ana", "=1": "'=1", "+1": "'+1", "-1": "'-1", "@x": "'@x", "\t=1": "'\t=1", "\r": "'\r", " =1": "' =1",
		"＝1": "'＝1", "\u3000＋1": "'\u3000＋1", "'=1": "'=1", "a=1": "a=1", "|x": "'|x",
	} {
		if got := tame(cell); got != want {
			t.Errorf("tame(%q) = %q, want %q", cell, got, want)
		}
	}
}
