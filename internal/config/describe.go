package config

import (
	"fmt"
	"io"
	"strings"
)

// Describe writes a Markdown table of the settings of the struct that v
// points to, for the manual and for people who ask the program.
func Describe(w io.Writer, v any) error {
	fields, err := fieldsOf(v)
	if err != nil {
		return err
	}
	rows := [][]string{{"Key", "Flag", "Variable", "Type", "Default", "Meaning"}}
	for _, f := range fields {
		key, flag, variable := code(f.key()), code("--"+f.name), code(f.variable())
		if f.secret() {
			key += " or " + code(f.key()+"_file")
			flag = code("--" + f.name + "-file")
			variable += " or " + code(f.variable()+"_FILE")
		}
		rows = append(rows, []string{key, flag, variable, sortOf(f.value.Type()), code(f.def), f.meaning()})
	}
	return writeTable(w, rows)
}

// meaning is the help of a setting with what it may be and an example.
func (f field) meaning() string {
	s := f.help
	if f.enum != "" {
		s += " One of `" + strings.ReplaceAll(f.enum, ",", "`, `") + "`."
	}
	if f.example != "" {
		s += " Example: " + code(f.example) + "."
	}
	return s
}

// DescribeValues writes a Markdown table of what each setting is and where it
// came from. Secrets, and passwords in URLs, are not shown.
func DescribeValues(w io.Writer, v any, origins Origins) error {
	fields, err := fieldsOf(v)
	if err != nil {
		return err
	}
	rows := [][]string{{"Key", "Value", "From"}}
	for _, f := range fields {
		rows = append(rows, []string{code(f.key()), code(show(f.value)), origins[f.key()]})
	}
	return writeTable(w, rows)
}

// code quotes text as Markdown code; nothing stays nothing.
func code(text string) string {
	if text == "" {
		return ""
	}
	return "`" + strings.ReplaceAll(text, "`", "'") + "`"
}

// writeTable writes rows as a Markdown table; the first is the heading.
func writeTable(w io.Writer, rows [][]string) error {
	var b strings.Builder
	clean := strings.NewReplacer("|", `\|`, "\n", " ", "\r", " ")
	for i, row := range rows {
		b.WriteString("|")
		for _, cell := range row {
			fmt.Fprintf(&b, " %s |", clean.Replace(cell))
		}
		b.WriteString("\n")
		if i == 0 {
			b.WriteString("|" + strings.Repeat(" --- |", len(row)) + "\n")
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}
