package wire

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"kawaraban/internal/papertest"
)

// TestReadText holds what becomes of each text wire fixture and of each mail,
// whole. What must never reach a reader is marked "canary" in them.
func TestReadText(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("testdata", "text", "*.*"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%d fixtures, %v", len(files), err)
	}
	for _, file := range files {
		name := filepath.Base(file)
		t.Run(name, func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			items, err := Read(name, data)
			if err != nil {
				t.Fatal(err)
			}
			for i := range items {
				it := &items[i]
				checkItem(t, it)
				if shown := it.Headline + it.Standfirst + it.Body.Text() + it.EdNote; strings.Contains(shown, "canary") {
					t.Errorf("%s shows what is not for publication: %q", it.ID, shown)
				}
			}
			var got bytes.Buffer
			e := json.NewEncoder(&got)
			e.SetEscapeHTML(false)
			e.SetIndent("", "  ")
			if err := e.Encode(items); err != nil {
				t.Fatal(err)
			}
			papertest.Golden(t, "text-read/"+name+".golden", got.Bytes())
		})
	}
}

func TestUnsigned(t *testing.T) {
	long := strings.Repeat("A line of the story.\n", 100)
	for _, test := range []struct{ mail, text, signed string }{
		{"It is.\n\n-- \nMara\n", "It is.", "Mara\n"},
		{"It is.\n--\n", "It is.", ""},
		{"It is.", "It is.", ""},
		{"-- \nMara", "", "Mara\n"},
		{"It is.\n--\n" + long, strings.TrimRight("It is.\n--\n"+long, "\n"), ""},
	} {
		if text, signed := unsigned(test.mail); text != test.text || signed != test.signed {
			t.Errorf("unsigned(%.30q) = %.30q, %q", test.mail, text, signed)
		}
	}
}

func TestSlugKey(t *testing.T) {
	for slug, want := range map[string]string{
		"BC-HV--Haven-Night Ferry":  "bc-hv-haven-night-ferry",
		"/Verkehr/Fähren/":          "verkehr-fähren",
		"Emperor's#Cup":             "emperor-s-cup",
		"":                          "",
		strings.Repeat("long ", 90): contentID(strings.TrimSuffix(strings.Repeat("long-", 90), "-")),
	} {
		if got := slugKey(slug); got != want {
			t.Errorf("slugKey(%q) = %q, want %q", slug, got, want)
		}
	}
}

func TestUncapitals(t *testing.T) {
	for name, want := range map[string]string{
		"ANA RUIZ and JON EK-BERG": "Ana Ruiz and Jon Ek-Berg",
		"Ana McRuiz":               "Ana McRuiz",
		"J. EK":                    "J. EK",
	} {
		if got := uncapitals(name); got != want {
			t.Errorf("uncapitals(%q) = %q, want %q", name, got, want)
		}
	}
}

// TestReadTextLosesNothingSilently holds that a text wire's story whose end was
// left out waits for an editor, who is told why.
func TestReadTextLosesNothingSilently(t *testing.T) {
	const many = 2_500
	for name, data := range map[string]string{
		"7901":  "\x01eca0045 2 i 20  x\n\nfog/\n\x02Fog =\n\n" + strings.Repeat("It is.\n\n", many) + "\x03021112 GMT Mar 26\n\x04",
		"zczc":  "ZCZC HPA\n*T\n:Fog\n" + strings.Repeat("It   is\n\n", many) + "NNNN\n",
		"anpa":  "\x16\x16\x01W2870\x1fa\nr i\x13\x11 BC-Fog   03-02 0120\n\x02^BC-Fog<\n^Fog<\n" + strings.Repeat("\tIt is.\n", many) + "\x03HPA-WF-03-02-26 0915GMT<\n\x04",
		"agate": "\x16\x16\x01W2870\x1fa\nr i\x14\x12 BC-Fog   03-02 0120\n\x02^BC-Fog<\n^Fog=\n" + strings.Repeat("\x08It;is\n", many) + "\x03HPA-WF-03-02-26 0915GMT<\n\x04",
	} {
		items, err := Read(name, []byte(data))
		if err != nil || len(items) != 1 {
			t.Errorf("%s: %d items, %v", name, len(items), err)
			continue
		}
		if reason := judge(Source{Publish: Auto, Feeds: true}, &items[0], Ruling{}); !strings.Contains(items[0].Advisory, "The end of the text was left out") || reason == "" {
			t.Errorf("%s: status %s, advisory %q", name, items[0].Status, items[0].Advisory)
		}
	}
}
