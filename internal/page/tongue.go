package page

import "strings"

// A Tongue is a language in which something is written, by the name that it has in
// itself.
type Tongue struct{ Code, Name string }

// Tongues lists languages to choose from.
func Tongues() []Tongue {
	return []Tongue{
		{"en", "English"},
		{"ja", "日本語"},
		{"de", "Deutsch"},
		{"fr", "Français"},
		{"es", "Español"},
		{"it", "Italiano"},
		{"pt", "Português"},
		{"nl", "Nederlands"},
		{"sv", "Svenska"},
		{"da", "Dansk"},
		{"no", "Norsk"},
		{"fi", "Suomi"},
		{"pl", "Polski"},
		{"cs", "Čeština"},
		{"uk", "Українська"},
		{"ru", "Русский"},
		{"el", "Ελληνικά"},
		{"tr", "Türkçe"},
		{"zh", "中文"},
		{"ko", "한국어"},
		{"ar", "العربية"},
	}
}

// TongueOf is the name of a language for those who read it: of one that is not listed,
// its code.
func TongueOf(code string) string {
	main, _, more := strings.Cut(code, "-")
	for _, t := range Tongues() {
		if strings.EqualFold(t.Code, main) {
			if more {
				return t.Name + " (" + code + ")"
			}
			return t.Name
		}
	}
	return code
}
