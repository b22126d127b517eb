package wire

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"kawaraban/internal/richtext"
)

// Why an entry of digitalwires says otherwise than the same story as NewsML-G2,
// which the dpa's own program made of it.
const (
	noTwin       = "the program has not been run on it"
	toBeShown    = "the notice for those who publish without an editor, which NewsML-G2 leaves out"
	locationKept = "where the picture was taken, which NewsML-G2 leaves out"
)

// digitalwiresDiffers are the fields in which the two differ.
var digitalwiresDiffers = map[string]string{
	"image2.json":                                 noTwin,
	"rubix_multimedia_real.json copyright":        toBeShown,
	"rubix_multimedia_testartikel.json copyright": toBeShown,
	"image.json places":                           locationKept,
}

// TestCorpusDigitalwires compares what becomes of the dpa's entries with what
// becomes of the same stories as NewsML-G2. A difference needs a reason, and a
// reason needs a difference.
func TestCorpusDigitalwires(t *testing.T) {
	folder := shared(t, "wire", "dpa")
	one := func(name string) (Item, bool) {
		t.Helper()
		data, err := os.ReadFile(filepath.Join(folder, filepath.FromSlash(name)))
		if err != nil {
			return Item{}, false
		}
		items, err := try(t, name, data)
		if err != nil || len(items) != 1 {
			t.Fatalf("%s: %d items, %v", name, len(items), err)
		}
		return items[0], true
	}
	differs, compared := map[string]bool{}, 0
	told := func(key, got, want string) {
		t.Helper()
		if compared++; got == want {
			return
		}
		differs[key] = true
		if digitalwiresDiffers[key] == "" {
			t.Errorf("%s: got %q, NewsML-G2 has %q, and no reason is given", key, got, want)
		}
	}
	walk(t, filepath.Join(folder, "digitalwires"), func(name string, _ []byte) {
		is, _ := one("digitalwires/" + name)
		checkReadable(t, name, &is)
		was, ok := one("newsml-g2/" + strings.TrimSuffix(name, ".json") + ".xml")
		if !ok {
			told(name, "no twin", "a twin")
			return
		}
		for _, field := range []struct{ name, is, was string }{
			{"id", is.ID, was.ID},
			{"version", is.Version, was.Version},
			{"class", string(is.Class), string(was.Class)},
			{"status", string(is.Status), string(was.Status)},
			{"embargo", is.Embargo.Format(time.RFC3339), was.Embargo.Format(time.RFC3339)},
			{"urgency", string(rune('0' + is.Urgency)), string(rune('0' + was.Urgency))},
			{"language", is.Language, was.Language},
			{"headline", is.Headline, was.Headline},
			{"standfirst", is.Standfirst, was.Standfirst},
			{"bylines", strings.Join(is.Bylines, "; "), strings.Join(was.Bylines, "; ")},
			{"dateline", is.Dateline, was.Dateline},
			{"text", is.Body.Text(), was.Body.Text()},
			{"blocks", kinds(is.Body), kinds(was.Body)},
			{"credit", is.Credit, was.Credit},
			{"copyright", is.Copyright, was.Copyright},
			{"usage", oneLine(is.UsageTerms, maxNotes), was.UsageTerms},
			{"places", strings.Join(is.Places, "; "), strings.Join(was.Places, "; ")},
			{"updated", is.Updated.Format(time.RFC3339), was.Updated.Format(time.RFC3339)},
			{"pictures", hrefs(is), hrefs(was)},
			{"signals", strings.Join(is.Signals, " "), strings.Join(was.Signals, " ")},
		} {
			told(name+" "+field.name, field.is, field.was)
		}
		// What NewsML-G2 keeps inside is inside here, too, but for how lists break.
		for _, line := range strings.Split(was.Internal, "\n") {
			if squash(line) != "" && line != "Notizblock" && !strings.Contains(squash(is.Internal+is.EdNote), squash(line)) {
				told(name+" note "+line, "", line)
			}
		}
		for _, line := range strings.Split(is.Internal, "\n") {
			if len(line) > 12 && strings.Contains(is.EdNote, line) {
				t.Errorf("%s: %q is for nobody else and stands among the notes to editors", name, line)
			}
		}
	})
	for key, reason := range digitalwiresDiffers {
		if !differs[key] {
			t.Errorf("%s does not differ any more, so the reason is stale: %s", key, reason)
		}
	}
	t.Logf("%d fields compared", compared)
}

// kinds are the kinds of a body's blocks, in turn.
func kinds(d richtext.Doc) string {
	var all []string
	for _, b := range d.Blocks {
		all = append(all, string(b.Kind))
	}
	return strings.Join(all, " ")
}

// hrefs are the addresses of an item's pictures, in no order.
func hrefs(it Item) string {
	var all []string
	for _, p := range it.Pictures {
		all = append(all, p.Href)
	}
	slices.Sort(all)
	return strings.Join(all, " ")
}
