package page

import "html/template"

// Outlook is what stands around the sheet of a letter for Outlook on Windows, which
// sets letters with Word and knows no max-width: a table of 560 pixels, in comments that
// only it reads. A template cannot write them, as templates leave comments out.
func Outlook(open bool) template.HTML {
	if open {
		return `<!--[if mso]><table role="presentation" width="560" align="center" cellpadding="0" cellspacing="0"><tr><td><![endif]-->`
	}
	return `<!--[if mso]></td></tr></table><![endif]-->`
}
