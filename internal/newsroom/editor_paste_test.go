package newsroom

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"kawaraban/internal/papertest"
)

// pastes lets the browser paste what another program has put on the clipboard.
func (d *writer) pastes(html, text string) {
	d.t.Helper()
	data, err := json.Marshal(map[string]string{"text/html": html, "text/plain": text})
	check(d.t, err)
	d.does(`{
		const clipboardData = new DataTransfer();
		for (const [kind, content] of Object.entries(` + string(data) + `)) if (content) clipboardData.setData(kind, content);
		document.querySelector(".story-text").dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
	}`)
}

func (d *writer) empties() {
	d.t.Helper()
	d.at("all")
	d.types(kb.Backspace)
	d.types(kb.Backspace)
	d.holds(`document.querySelector(".story-text").textContent === "" && document.querySelector(".story-text").children.length === 1`)
}

// TestEditorPaste pastes what Word, Google Docs, web pages, PDFs and spreadsheets
// put on the clipboard: testdata/paste, in our own words and their forms.
func TestEditorPaste(t *testing.T) {
	d := edits(t, noStory)
	found, err := filepath.Glob("testdata/paste/*.*")
	check(t, err)
	for _, path := range found {
		name := filepath.Base(path)
		if filepath.Ext(name) == ".json" {
			continue
		}
		content, err := os.ReadFile(path)
		check(t, err)
		d.empties()
		if filepath.Ext(name) == ".html" {
			d.pastes(string(content), "plain")
		} else {
			d.pastes("", string(content))
		}
		t.Run(name, func(t *testing.T) {
			papertest.Golden(t, "paste/"+strings.TrimSuffix(name, filepath.Ext(name))+".json", d.saved())
		})
	}
	d.holds(`document.querySelector("[data-bar=note]").textContent.startsWith("Pictures from elsewhere")`)
}

// TestEditorPasteAddress pastes an address where it means something else: on a
// selection, and alone on a line.
func TestEditorPasteAddress(t *testing.T) {
	d := edits(t, plainStory)
	d.at("all")
	d.pastes("", "https://arl.example/weir")
	if got, want := d.saved(), `{"kind":"paragraph","text":[{"text":"The bridge is closed.","href":"https://arl.example/weir"}]}`+"\n"; got != want {
		t.Errorf("an address on a selection is %s", got)
	}
	d.empties()
	d.pastes("", "https://www.youtube.com/watch?v=abc\n")
	if got, want := d.saved(), `{"kind":"embed","url":"https://www.youtube.com/watch?v=abc","title":"youtube.com/watch"}`+"\n"; got != want {
		t.Errorf("a film is %s", got)
	}
	d.empties()
	d.types("See ")
	d.pastes("", "https://arl.example/weir")
	d.types(" now")
	if got, want := d.saved(), `{"kind":"paragraph","text":[{"text":"See "},{"text":"https://arl.example/weir","href":"https://arl.example/weir"},{"text":" now"}]}`+"\n"; got != want {
		t.Errorf("an address in a line is %s", got)
	}
}

// TestEditorPasteInside pastes into the middle of lines, cells and quotations.
func TestEditorPasteInside(t *testing.T) {
	d := edits(t, plainStory)
	d.at("end")
	d.pastes("<p> And <b>open</b>.</p>", "")
	if got, want := d.saved(), `{"kind":"paragraph","text":[{"text":"The bridge is closed.And "},{"text":"open","strong":true},{"text":"."}]}`+"\n"; got != want {
		t.Errorf("in a line it is %s", got)
	}
	d.empties()
	d.types("> ")
	d.pastes("<p>One</p><ul><li>two</li></ul>", "")
	if got, want := d.saved(), `{"kind":"quote","text":[{"text":"One\ntwo"}]}`+"\n"; got != want {
		t.Errorf("in a quotation it is %s", got)
	}
	d.empties()
	d.types("- a")
	d.pastes("<ul><li>b</li><li>c</li></ul>", "")
	if got, want := d.saved(), `{"kind":"list","items":[[{"text":"ab"}],[{"text":"c"}]]}`+"\n"; got != want {
		t.Errorf("in a list it is %s", got)
	}
	d.empties()
	d.types("```")
	d.pastes("<p>a <b>b</b></p>", "a  b\n\tc")
	if got, want := d.saved(), `{"kind":"preformatted","text":[{"text":"a  b\n\tc"}]}`+"\n"; got != want {
		t.Errorf("in preformatted text it is %s", got)
	}
	d.empties()
	d.does(`document.querySelector("[data-tool=table]").click()`)
	d.pastes("<p>One</p><p>two</p>", "")
	d.types(kb.Tab)
	d.pastes("<table><tr><td>x</td><td>y</td></tr><tr><td>z</td><td>w</td></tr></table>", "")
	want := `{"kind":"table","rows":[{"head":true,"cells":[[{"text":"One\ntwo"}],[{"text":"x"}],[{"text":"y"}]]},{"cells":[[],[{"text":"z"}],[{"text":"w"}]]}]}` + "\n"
	if got := d.saved(); got != want {
		t.Errorf("in a table it is %s", got)
	}
}

// TestEditorCopies copies the whole text and pastes it after itself: nothing of
// our own blocks is lost on the clipboard.
func TestEditorCopies(t *testing.T) {
	const story = `{"kind":"crosshead","text":[{"text":"A head"}]}
{"kind":"quote","text":[{"text":"We go\non."}],"attribution":[{"text":"Ida"}]}
{"kind":"list","ordered":true,"items":[[{"text":"one"}],[{"text":"two","em":true}]]}
{"kind":"table","text":[{"text":"Rain"}],"rows":[{"head":true,"cells":[[{"text":"Town"}],[]]},{"cells":[[{"text":"Arl"}],[{"text":"1"}]]}]}
{"kind":"figure","text":[{"text":"The bridge"}],"picture":"p1","credit":"POOL","alt":"A bridge"}
{"kind":"embed","url":"https://films.example/1","title":"A film"}
{"kind":"preformatted","text":[{"text":"a\n  b"}]}
{"kind":"paragraph","text":[{"text":"The end, "},{"text":"linked","href":"/a"},{"text":"."}]}
`
	d := edits(t, `{"blocks":[`+strings.Join(strings.Split(strings.TrimSpace(story), "\n"), ",")+`]}`)
	d.at("all")
	d.does(`{
		const clipboardData = new DataTransfer();
		document.querySelector(".story-text").dispatchEvent(new ClipboardEvent("cut", { clipboardData, bubbles: true, cancelable: true }));
		window.cut = clipboardData;
	}`)
	d.holds(`document.querySelector(".story-text").textContent === ""`)
	d.does(`document.querySelector(".story-text").dispatchEvent(new ClipboardEvent("paste", { clipboardData: window.cut, bubbles: true, cancelable: true }))`)
	if got := d.saved(); got != story {
		t.Errorf("it comes back as\n%s", got)
	}
}
