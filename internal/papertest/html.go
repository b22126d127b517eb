package papertest

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// A Message is what the checker of HTML says about a page.
type Message struct {
	Page    string // the key of the page
	Line    int    // counted from 1
	Type    string // "error", or "info" for advice
	Text    string
	Extract string // the source around it
}

// String is the message in one line.
func (m Message) String() string {
	return fmt.Sprintf("%s:%d: %s: %s (%s)", m.Page, m.Line, m.Type, m.Text, strings.TrimSpace(m.Extract))
}

// HTML checks whole pages, by any name, with the Nu HTML checker and returns
// what it says. Starting Java takes seconds, so give it all pages at once.
func HTML(t testing.TB, pages map[string]string) []Message {
	t.Helper()
	java, err := exec.LookPath("java")
	if err != nil {
		missing(t, "Java", "apt-get install default-jre-headless")
	}
	jar := npmPath(t, "vnu-jar/build/dist/vnu.jar")

	dir := t.TempDir()
	names := slices.Sorted(maps.Keys(pages))
	// The first of Java's two compilers is quick; the second would optimise what
	// ends in a second. The first needs more stack.
	args := []string{"-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xss4m", "-jar", jar, "--format", "json", "--exit-zero-always", "--stdout"}
	files := map[string]string{}
	for i, name := range names {
		file := filepath.Join(dir, fmt.Sprintf("%d.html", i))
		if err := os.WriteFile(file, []byte(pages[name]), 0o600); err != nil {
			t.Fatal(err)
		}
		files["file:"+file] = name
		args = append(args, file)
	}
	out, err := exec.CommandContext(t.Context(), java, args...).Output()
	if err != nil {
		t.Fatalf("run the HTML checker: %v\n%s", err, out)
	}
	var answer struct {
		Messages []struct {
			URL, Type, Message, Extract string
			LastLine                    int
		}
	}
	if err := json.Unmarshal(out, &answer); err != nil {
		t.Fatalf("read the answer of the HTML checker: %v\n%s", err, out)
	}
	var found []Message
	for _, m := range answer.Messages {
		found = append(found, Message{Page: files[m.URL], Line: m.LastLine, Type: m.Type, Text: m.Message, Extract: m.Extract})
	}
	return found
}
