package wire

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strings"

	"kawaraban/internal/problem"
)

// Limits of a file with rules.
const (
	maxRuleFile  = 2 << 20
	maxRuleDepth = 12
)

// ExportRules writes rules as people keep and exchange them: sources by their names.
func (s *Store) ExportRules(rules Rules, sources []Source) ([]byte, error) {
	names := map[string]string{}
	for _, src := range sources {
		names[src.ID] = src.Name
	}
	out := slices.Clone(rules)
	for i := range out {
		out[i].When.Sources = slices.Clone(out[i].When.Sources)
		for k, id := range out[i].When.Sources {
			out[i].When.Sources[k] = orElse(names[id], id)
		}
	}
	if out == nil {
		out = Rules{}
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false) // a person reads it
	e.SetIndent("", "  ")
	if err := e.Encode(map[string]Rules{"rules": out}); err != nil {
		return nil, fmt.Errorf("write the rules: %w", err)
	}
	return b.Bytes(), nil
}

// ImportRules reads what ExportRules has written, or somebody by hand. What is wrong is a
// Problem that names each line and field.
func (s *Store) ImportRules(data []byte, sources []Source, known Whereabouts) (Rules, error) {
	if len(data) > maxRuleFile {
		return nil, &problem.Problem{Kind: problem.TooLarge, Detail: "A file of rules has at most 2 MB."}
	}
	root, err := readTree(data)
	if err != nil {
		return nil, err
	}
	r := ruleReader{sources: map[string]string{}, lines: map[string]int{}}
	for _, src := range sources {
		r.sources[src.Name] = src.ID
	}
	rules := r.rules(root)
	if len(r.wrong) == 0 {
		for _, f := range rules.Check(known) {
			path := f.Field
			if f.Rule >= 0 {
				path = fmt.Sprintf("rules[%d].%s", f.Rule, f.Field)
			}
			r.complain(path, r.lineOf(path), f.Detail)
		}
	}
	if len(r.wrong) > 0 {
		return nil, &problem.Problem{Kind: problem.Invalid, Detail: r.told()}
	}
	return rules.tidied(), nil
}

// toldWrong is how much of what is wrong is told at once.
const toldWrong = 20

// A tree is JSON with the lines on which its values stand.
type tree struct {
	line   int
	value  any // nil, bool, string, json.Number
	list   []*tree
	fields map[string]*tree
	isList bool
}

// readTree reads JSON, of which no name stands twice in one object.
func readTree(data []byte) (*tree, error) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	p := treeParser{data: data, d: d}
	root, err := p.value(0)
	if err == nil {
		if _, more := d.Token(); !errors.Is(more, io.EOF) {
			err = errors.New("something stands behind the end")
		}
	}
	if err == nil {
		return root, nil
	}
	line := p.line()
	if syntax := (*json.SyntaxError)(nil); errors.As(err, &syntax) {
		line = 1 + bytes.Count(data[:min(max(int(syntax.Offset)-1, 0), len(data))], []byte("\n"))
	}
	return nil, &problem.Problem{Kind: problem.Invalid, Detail: fmt.Sprintf("Line %d: this is no JSON: %v.", line, err), Err: err}
}

type treeParser struct {
	data []byte
	d    *json.Decoder
	at   int64 // where lines were counted to
	n    int
}

// line is the line that is being read.
func (p *treeParser) line() int {
	off := p.d.InputOffset()
	p.n += bytes.Count(p.data[p.at:off], []byte("\n"))
	p.at = off
	return p.n + 1
}

func (p *treeParser) value(depth int) (*tree, error) {
	t, err := p.d.Token()
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return nil, err
	}
	v := &tree{line: p.line(), value: t}
	open, ok := t.(json.Delim)
	if !ok {
		return v, nil
	}
	if depth > maxRuleDepth {
		return nil, errors.New("it is nested too deep")
	}
	if v.value, v.isList = nil, open == '['; !v.isList {
		v.fields = map[string]*tree{}
	}
	for p.d.More() {
		name := ""
		if !v.isList {
			key, err := p.d.Token()
			if err != nil {
				return nil, err
			}
			if name, ok = key.(string); !ok {
				return nil, errors.New("a name is missing")
			}
			if v.fields[name] != nil {
				return nil, fmt.Errorf("%q stands twice in one object", name)
			}
		}
		inside, err := p.value(depth + 1)
		if err != nil {
			return nil, err
		}
		if v.isList {
			v.list = append(v.list, inside)
		} else {
			v.fields[name] = inside
		}
	}
	_, err = p.d.Token() // the end of it
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return v, err
}

// A ruleReader makes rules of a tree, and says what is wrong, with line and field.
type ruleReader struct {
	sources map[string]string // ids by name
	lines   map[string]int    // by field
	wrong   []complaint
}

// A complaint is what is wrong on a line.
type complaint struct {
	line int
	said string
}

func (r *ruleReader) complain(path string, line int, detail string) {
	r.wrong = append(r.wrong, complaint{line, fmt.Sprintf("Line %d, %s: %s", line, path, detail)})
}

// told is what is wrong from the first line on.
func (r *ruleReader) told() string {
	slices.SortFunc(r.wrong, func(a, b complaint) int { return cmp.Or(a.line-b.line, strings.Compare(a.said, b.said)) })
	var lines []string
	for _, c := range r.wrong[:min(len(r.wrong), toldWrong)] {
		lines = append(lines, c.said)
	}
	return strings.Join(lines, "\n")
}

// lineOf is the line of a field, or of what it would stand in.
func (r *ruleReader) lineOf(path string) int {
	for path != "" {
		if line := r.lines[path]; line > 0 {
			return line
		}
		path = path[:max(strings.LastIndexAny(path, ".["), 0)]
	}
	return 1
}

// object are the fields of an object, of which others than these are wrong.
func (r *ruleReader) object(path string, t *tree, names ...string) map[string]*tree {
	if t == nil {
		return nil
	}
	r.lines[path] = t.line
	if t.fields == nil {
		r.complain(orElse(path, "the file"), t.line, "Write an object, in { and }.")
		return nil
	}
	for _, name := range slices.Sorted(maps.Keys(t.fields)) {
		if !slices.Contains(names, name) {
			r.complain(within(path, name), t.fields[name].line, "There is no such field. There are: "+strings.Join(names, ", ")+".")
		}
	}
	return t.fields
}

func within(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

func (r *ruleReader) list(path string, t *tree) []*tree {
	if t == nil {
		return nil
	}
	r.lines[path] = t.line
	if !t.isList {
		r.complain(path, t.line, "Write a list, in [ and ].")
	}
	return t.list
}

func (r *ruleReader) text(path string, t *tree) string {
	if t == nil {
		return ""
	}
	r.lines[path] = t.line
	s, ok := t.value.(string)
	if !ok {
		r.complain(path, t.line, "Write a text, in quotation marks.")
	}
	return s
}

func (r *ruleReader) texts(path string, t *tree) (list []string) {
	for i, inside := range r.list(path, t) {
		list = append(list, r.text(fmt.Sprintf("%s[%d]", path, i), inside))
	}
	return list
}

func (r *ruleReader) number(path string, t *tree) int {
	if t == nil {
		return 0
	}
	r.lines[path] = t.line
	n, ok := t.value.(json.Number)
	i, err := n.Int64()
	if !ok || err != nil || i < math.MinInt32 || i > math.MaxInt32 {
		r.complain(path, t.line, "Write a whole number.")
		return 0
	}
	return int(i)
}

func (r *ruleReader) yes(path string, t *tree) bool {
	if t == nil {
		return false
	}
	r.lines[path] = t.line
	b, ok := t.value.(bool)
	if !ok {
		r.complain(path, t.line, "Write true or false.")
	}
	return b
}

func (r *ruleReader) rules(t *tree) (rules Rules) {
	f := r.object("", t, "rules")
	if f != nil && f["rules"] == nil {
		r.complain("rules", t.line, "The rules are missing.")
	}
	for i, inside := range r.list("rules", f["rules"]) {
		rules = append(rules, r.rule(fmt.Sprintf("rules[%d]", i), inside))
	}
	return rules
}

func (r *ruleReader) rule(path string, t *tree) (rule DeskRule) {
	f := r.object(path, t, "name", "off", "when", "then")
	rule.Name, rule.Off = r.text(path+".name", f["name"]), r.yes(path+".off", f["off"])
	when := path + ".when"
	w := r.object(when, f["when"], "sources", "products", "categories", "topics", "places", "languages", "urgency", "words", "signals", "genres", "hours")
	for name, list := range map[string]*[]string{
		"products": &rule.When.Products, "categories": &rule.When.Categories, "topics": &rule.When.Topics, "places": &rule.When.Places,
		"languages": &rule.When.Languages, "words": &rule.When.Words, "signals": &rule.When.Signals, "genres": &rule.When.Genres,
	} {
		*list = r.texts(when+"."+name, w[name])
	}
	for i, name := range r.texts(when+".sources", w["sources"]) {
		id, ok := r.sources[name]
		if !ok {
			at := fmt.Sprintf("%s.sources[%d]", when, i)
			r.complain(at, r.lineOf(at), "There is no wire source "+name+".")
		}
		rule.When.Sources = append(rule.When.Sources, id)
	}
	if u := r.object(when+".urgency", w["urgency"], "from", "to"); u != nil {
		rule.When.Urgency = Span{r.number(when+".urgency.from", u["from"]), r.number(when+".urgency.to", u["to"])}
		if rule.When.Urgency == (Span{}) {
			r.complain(when+".urgency", w["urgency"].line, "Urgencies go from 1, the highest, to 9. Write the smaller number first.")
		}
	}
	h := r.object(when+".hours", w["hours"], "days", "from", "to")
	rule.When.Hours = Hours{r.texts(when+".hours.days", h["days"]), r.text(when+".hours.from", h["from"]), r.text(when+".hours.to", h["to"])}
	then := path + ".then"
	a := r.object(then, f["then"], "do", "section", "topics", "weight", "alert")
	rule.Then = Actions{
		Do: Do(r.text(then+".do", a["do"])), Section: r.text(then+".section", a["section"]), Topics: r.texts(then+".topics", a["topics"]),
		Weight: r.number(then+".weight", a["weight"]), Alert: Alerting(r.text(then+".alert", a["alert"])),
	}
	return rule
}
