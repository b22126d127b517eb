package pretend

import (
	"embed"
	"html/template"
	"net/http"
	"net/url"
)

//go:embed pages.html
var pages embed.FS

// askPage is where somebody chooses who to be.
type askPage struct {
	Name   string
	App    string
	People []choice
	Nobody string
}

// A choice is one person with the address that says so.
type choice struct {
	Person
	To string
}

// postPage sends its fields to the client by itself.
type postPage struct {
	Name   string
	To     string
	Fields url.Values
}

// ask shows the people to choose from.
func (p *Provider) ask(w http.ResponseWriter, r *http.Request) {
	as := func(id string) string {
		q := r.URL.Query()
		q.Set("person", id)
		return r.URL.Path + "?" + q.Encode()
	}
	to, _ := url.Parse(r.FormValue("redirect_uri")) // authorize has looked
	page := askPage{Name: p.calls(r), App: to.Host, Nobody: as("nobody")}
	p.mu.Lock()
	for _, person := range p.people {
		page.People = append(page.People, choice{person, as(person.ID)})
	}
	p.mu.Unlock()
	p.show(w, "ask", page)
}

// calls is what the provider calls itself where it is asked.
func (p *Provider) calls(r *http.Request) string {
	if r.URL.Path == "/facebook/dialog" {
		return "Pretend Facebook"
	}
	return p.Name
}

func (p *Provider) home(w http.ResponseWriter, _ *http.Request) {
	p.show(w, "home", askPage{Name: p.Name})
}

func (p *Provider) show(w http.ResponseWriter, name string, page any) {
	t, err := template.ParseFS(pages, "pages.html")
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Frame-Options", "DENY")
	t.ExecuteTemplate(w, name, page)
}
