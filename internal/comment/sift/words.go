package sift

import (
	"strings"
	"unicode/utf8"
)

const (
	// MaxList is how many words a list may have, MaxListSize how many bytes it
	// may be long, and MaxWord how many letters one of them.
	MaxList     = 5000
	MaxListSize = 128 << 10
	MaxWord     = 100
	minWord     = 2 // letters before a "*"
)

// Words is a list of words, made for looking for all of them at once. The zero
// Words has none.
type Words struct {
	list  []string          // as they were written
	next  map[step]int32    // a tree of letters, from node 0
	ends  map[int32]int32   // where a word ends: its place in the list
	heads map[rune]struct{} // the letters with which words begin
}

// A step leads from a node of the tree to the next.
type step struct {
	from int32
	by   rune
}

// Compile reads a list: one word or phrase a line; "*" at the end of a line
// stands for any ending; lines that are empty or begin with "#" are none. bad is
// the first line that cannot be used.
func Compile(list string) (w *Words, bad string) {
	w = &Words{next: map[step]int32{}, ends: map[int32]int32{}, heads: map[rune]struct{}{}}
	if len(list) > MaxListSize {
		return nil, "…"
	}
	for line := range strings.SplitSeq(list, "\n") {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		pattern, ok := pattern(line)
		if !ok || len(w.list) == MaxList {
			return nil, line
		}
		w.add(line, pattern)
	}
	return w, ""
}

// pattern is what is looked for in a Plain text. Where it begins or ends with a
// letter that has borders of words, the border belongs to it.
func pattern(line string) (string, bool) {
	word, open := strings.CutSuffix(line, "*")
	plain := Plain(word)
	p := strings.TrimSpace(plain)
	n := utf8.RuneCountInString(p)
	if n == 0 || n > MaxWord || strings.Contains(word, "*") || open && n < minWord {
		return "", false
	}
	if first, _ := utf8.DecodeRuneInString(p); !dense(first) {
		p = " " + p
	}
	if last, _ := utf8.DecodeLastRuneInString(p); !dense(last) && !open {
		p += " "
	}
	return p, true
}

func (w *Words) add(line, pattern string) {
	node := int32(0)
	for i, r := range pattern {
		if i == 0 {
			w.heads[r] = struct{}{}
		}
		to, ok := w.next[step{node, r}]
		if !ok {
			to = int32(len(w.next) + 1)
			w.next[step{node, r}] = to
		}
		node = to
	}
	if _, ok := w.ends[node]; !ok {
		w.ends[node] = int32(len(w.list))
	}
	w.list = append(w.list, line)
}

// Len is how many words the list has.
func (w *Words) Len() int {
	if w == nil {
		return 0
	}
	return len(w.list)
}

// Find returns up to most different words of the list that stand in a Plain
// text, as the list has them, in the order of the text.
func (w *Words) Find(plain string, most int) (found []string) {
	if w.Len() == 0 {
		return nil
	}
	seen := map[int32]bool{}
	for i, r := range plain {
		if _, ok := w.heads[r]; !ok {
			continue
		}
		node := int32(0)
		for _, r := range plain[i:] {
			to, ok := w.next[step{node, r}]
			if !ok {
				break
			}
			node = to
			if n, ok := w.ends[node]; ok && !seen[n] {
				seen[n] = true
				if found = append(found, w.list[n]); len(found) == most {
					return found
				}
			}
		}
	}
	return found
}
