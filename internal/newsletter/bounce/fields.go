package bounce

import "strings"

// A field is one line of a header, its name in small letters.
type field struct{ name, value string }

// fields are a header in its order.
type fields []field

// get returns the first field of a name, or "".
func (h fields) get(name string) string {
	for _, f := range h {
		if f.name == name {
			return f.value
		}
	}
	return ""
}

// all returns each field of a name.
func (h fields) all(name string) (list []string) {
	for _, f := range h {
		if f.name == name {
			list = append(list, f.value)
		}
	}
	return list
}

// cutHeader parts a mail at its first empty line.
func cutHeader(s string) (head, body string) {
	if strings.HasPrefix(s, "\n") {
		return "", s[1:]
	}
	head, body, _ = strings.Cut(s, "\n\n")
	return head, body
}

// parseFields reads a header. Lines that are none are passed over, as the first
// line of a mailbox file is.
func parseFields(head string) (list fields) {
	var lines []string // of the field that is being read
	var size int
	flush := func() {
		name, value, ok := strings.Cut(strings.Join(lines, " "), ":")
		if ok && name != "" && !strings.ContainsAny(name, " \t<>@") && len(list) < maxFields {
			list = append(list, field{strings.ToLower(name), strings.TrimSpace(value)})
		}
		lines, size = lines[:0], 0
	}
	for l := range strings.SplitSeq(head, "\n") {
		if l == "" {
			continue
		}
		if folded := l[0] == ' ' || l[0] == '\t'; !folded && len(lines) > 0 {
			flush()
		}
		l = l[:min(len(l), maxField)]
		if size += len(l); size <= maxField {
			lines = append(lines, strings.TrimSpace(l))
		}
	}
	flush()
	return list
}

// mediaType reads the value of a Content-Type. Many of those that come with
// reports are wrong, so nothing is refused.
func mediaType(value string) (kind, boundary string) {
	kind, rest, _ := strings.Cut(value, ";")
	kind = strings.ToLower(strings.TrimSpace(kind))
	for rest != "" {
		name, after, ok := strings.Cut(rest, "=")
		if !ok {
			break
		}
		name = strings.ToLower(strings.TrimSpace(strings.TrimLeft(name, "; \t")))
		after = strings.TrimLeft(after, " \t")
		var v string
		if strings.HasPrefix(after, `"`) {
			v, rest, _ = strings.Cut(after[1:], `"`)
		} else {
			v, rest, _ = strings.Cut(after, ";")
			v = strings.TrimSpace(v)
		}
		if name == "boundary" {
			return kind, v
		}
	}
	return kind, ""
}

// split returns the parts of a body between the lines of its boundary.
func split(body, boundary string) (parts []string) {
	if boundary == "" {
		return nil
	}
	begin, at := -1, 0
	for l := range strings.Lines(body) {
		rest, ok := strings.CutPrefix(strings.TrimRight(l, " \t\n"), "--"+boundary)
		if ok && (rest == "" || rest == "--") {
			if begin >= 0 && len(parts) < maxParts {
				parts = append(parts, body[begin:at])
			}
			if begin = at + len(l); rest == "--" {
				return parts
			}
		}
		at += len(l)
	}
	if begin >= 0 && len(parts) < maxParts {
		parts = append(parts, body[begin:])
	}
	return parts
}
